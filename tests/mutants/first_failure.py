"""A plugin of pytest: Hypothesis reports the first failure it finds and makes it no smaller.

Looking for the smallest one takes most of the time, and a planted bug is known.
"""

from __future__ import annotations

import pytest
from hypothesis import Phase, settings


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    """Change the profile that tests/conftest.py has loaded."""
    settings.register_profile(
        "first-failure", settings.default, phases=(Phase.explicit, Phase.generate)
    )
    settings.load_profile("first-failure")
