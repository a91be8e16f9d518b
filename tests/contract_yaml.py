"""The YAML files of the contract, each read once in a process.

That is many thousands of lines, and half of all tests need them before the first one runs.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

SPEC = Path(__file__).parents[1] / "spec"
# Both are safe; the one in C takes a tenth of the time.
_LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


@cache
def read_yaml(name: str) -> Any:
    """The document in a YAML file of the contract; nobody changes it."""
    return yaml.load((SPEC / name).read_text(encoding="utf-8"), _LOADER)  # noqa: S506 - it is
