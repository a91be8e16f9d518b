"""Profiles of Hypothesis: `gate` repeats itself exactly, `nightly` explores.

`seeded` is as small as the gate, but with the examples of `--hypothesis-seed`. What the
gate draws also depends on the modules that are imported, so it must pass with any seed.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

# Before any test module: pytlas cannot be imported on its own on a current Python.
import pytlas_wamp.compat  # noqa: F401
from own_coverage import OwnCoverage, is_about_the_whole

settings.register_profile(
    "gate",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("seeded", settings.get_profile("gate"), derandomize=False)
settings.register_profile("nightly", max_examples=5_000, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "gate"))


def pytest_addoption(parser):
    """Let a run with coverage look at each module's own tests."""
    parser.addoption("--own-coverage", action="store_true", help="see tests/own_coverage.py")
    parser.addoption("--about-the-whole", action="store_true", help="only what is not measured")


def pytest_configure(config):
    """Watch over each module's own tests where that was asked for."""
    if config.getoption("--own-coverage"):
        config.pluginmanager.register(OwnCoverage())


def pytest_ignore_collect(collection_path, config):
    """Leave out what the other of the two runs of `make test` has."""
    measured, whole = (config.getoption(name) for name in ("--own-coverage", "--about-the-whole"))
    if measured == whole or not collection_path.name.startswith("test_"):
        return None
    return True if is_about_the_whole(collection_path) == measured else None


@pytest.fixture(scope="session")
def learnt(tmp_path_factory):
    """What one server has learnt of the bundled skills, no other one need learn again.

    All processes of a run share it; who comes too early for it learns for itself.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "learnt"
    folder.mkdir(exist_ok=True)
    return folder
