"""Giving memory back, whatever the C library knows of it."""

from __future__ import annotations

import gc

import pytest

from pytlas_wamp.service.memory import give_back, set_apart


class Library:
    """One that trims."""

    def __init__(self, there_was):
        self.there_was = there_was
        self.kept = []

    def malloc_trim(self, kept):
        self.kept.append(kept)
        return int(self.there_was)


@pytest.mark.parametrize("there_was", [True, False])
def test_all_is_given_back(there_was):
    library = Library(there_was)

    assert give_back(library) is there_was
    assert library.kept == [0]


def test_a_library_that_cannot_is_left_alone():
    assert give_back(object()) is False


def test_that_of_the_process_is_asked():
    assert give_back() in (True, False)


def test_what_is_loaded_is_set_apart():
    before = gc.get_freeze_count()
    try:
        set_apart()
        assert gc.get_freeze_count() > before + 1_000
    finally:
        gc.unfreeze()
