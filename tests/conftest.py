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
from migrated_once import _migrated_once  # noqa: F401 - a fixture
from own_coverage import OwnCoverage

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


def pytest_configure(config):
    """Watch over each module's own tests where that was asked for."""
    if config.getoption("--own-coverage"):
        config.pluginmanager.register(OwnCoverage())


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Spread the files that start processes, which are the longest, over the first half.

    The processes of a run get whole files, in this order. A long one at the end would leave
    the others with nothing to do; several at once take each other's time to start.
    """
    slow = {item.path: None for item in items if item.get_closest_marker("service")}
    quick = {item.path: None for item in items if item.path not in slow}
    apart = len(quick) / 2 / max(1, len(slow))
    place = {path: number for number, path in enumerate(quick)}
    place |= {path: number * apart - 0.5 for number, path in enumerate(slow)}
    items.sort(key=lambda item: place[item.path])


@pytest.fixture(scope="session")
def learnt(tmp_path_factory):
    """What one server has learnt of the bundled skills, no other one need learn again.

    All processes of a run share it; who comes too early for it learns for itself.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "learnt"
    folder.mkdir(exist_ok=True)
    return folder
