"""The protocol of a journal, and the one in memory that other tests take for real."""

from __future__ import annotations

import inspect

import pytest

from journal_memory import MAX_ABOUT, MAX_BEHIND, JournalBroken, MemoryJournal
from pytlas_wamp.errors import OperatorError
from pytlas_wamp.journal import store
from pytlas_wamp.journal.model import Batch, Record
from pytlas_wamp.journal.store import JournalStore

RECORD = Record(user_id=1, seq=2, reserved=2, snapshot="", open_turns=())

METHODS = {
    name: inspect.signature(method)
    for name, method in vars(JournalStore).items()
    if inspect.isfunction(method) and not name.startswith("_")
}


class TestMemoryJournals:
    @pytest.mark.parametrize("name", METHODS)
    def test_are_called_as_the_protocol_says(self, name):
        parameters = inspect.signature(getattr(MemoryJournal, name)).parameters.values()

        assert [(one.name, one.kind) for one in parameters] == [
            (one.name, one.kind) for one in METHODS[name].parameters.values()
        ]

    @pytest.mark.parametrize("name", METHODS)
    def test_fail_when_they_are_told_to(self, name):
        journal = MemoryJournal(failing=True)
        arguments = dict.fromkeys(one for one in METHODS[name].parameters if one != "self")

        with pytest.raises(OperatorError) as caught:
            getattr(journal, name)(**arguments)
        assert type(caught.value) is JournalBroken

    def test_keep_nothing_of_accounts_that_are_gone(self):
        journal = MemoryJournal()
        journal.write([Batch(record=RECORD, entries=())])

        journal.forget(1)

        assert journal.write([Batch(record=RECORD, entries=())]) == {1}
        assert journal.load(1) is None

    def test_know_the_bound_of_the_protocol(self):
        assert (store.MAX_ABOUT, store.MAX_BEHIND) == (MAX_ABOUT, MAX_BEHIND)
