"""Profiles of Hypothesis: `gate` repeats itself exactly, `nightly` explores."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# Before any test module: pytlas cannot be imported on its own on a current Python.
import pytlas_wamp.compat  # noqa: F401
from own_coverage import OwnCoverage

settings.register_profile(
    "gate",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("nightly", max_examples=5_000, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "gate"))


def pytest_configure(config):
    """Watch over each module's own tests when all of them run with coverage."""
    if config.getoption("--cov-context", default=None) == "test":
        config.pluginmanager.register(OwnCoverage())
