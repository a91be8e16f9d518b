"""Hands the configuration to a child process, whole: as one line of text, through a pipe.

So it need not read files that it may no longer read, or that have changed since, and what is
secret is neither among its arguments nor in its environment.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cattrs import Converter

from pytlas_wamp.config import Config


def config_to_line(config: Config) -> str:
    """Returns a configuration as a line; the end of the line is not part of it."""
    return json.dumps(_converter().unstructure(config))


def config_from_line(line: str) -> Config:
    """Returns the configuration that was made a line of."""
    return _converter().structure(json.loads(line), Config)


def _converter() -> Converter:
    converter = Converter()
    converter.register_unstructure_hook(Path, str)
    converter.register_structure_hook(Path, _path)
    return converter


def _path(text: str, _: Any) -> Path:
    return Path(text)
