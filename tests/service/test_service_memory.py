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


class TestWhatIsLoaded:
    @pytest.fixture(autouse=True)
    def _frozen_no_more(self):
        yield
        gc.unfreeze()

    def test_is_set_apart(self):
        before = gc.get_freeze_count()
        with set_apart():
            assert not gc.isenabled()
            assert gc.get_freeze_count() == before
        assert gc.isenabled()
        assert gc.get_freeze_count() > before + 1_000

    def test_is_not_set_apart_when_it_fails(self):
        before = gc.get_freeze_count()
        with pytest.raises(ZeroDivisionError), set_apart():
            raise ZeroDivisionError
        assert gc.isenabled()
        assert gc.get_freeze_count() == before

    def test_leaves_a_collector_alone_that_was_off(self):
        gc.disable()
        try:
            with set_apart():
                pass
            assert not gc.isenabled()
        finally:
            gc.enable()
