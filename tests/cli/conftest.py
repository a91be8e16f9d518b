"""`pytlas-wamp` called as a person calls it, on a data folder of its own."""

from __future__ import annotations

import pytest

from cheap_hashing import cheap_hashing  # noqa: F401 - a fixture
from command_line import called
from command_line import pytlas_as_new as as_new


@pytest.fixture
def pytlas_as_new():
    """Loads skills into pytlas' global stores, and leaves those as they were."""
    with as_new():
        yield


@pytest.fixture
def call(tmp_path, pytlas_as_new):
    """Calls `pytlas-wamp` with these words."""

    def run(*words: str, typed: str = ""):
        return called("--data-dir", tmp_path / "data", *words, typed=typed)

    return run


@pytest.fixture
def ann(call):
    call("user", "add", "ann", "--password-stdin", typed="correct horse battery\n")
