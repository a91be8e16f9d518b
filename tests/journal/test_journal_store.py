"""The protocol of a journal, and the one in memory that other tests take for real."""

from __future__ import annotations

import inspect

import pytest
from attrs import evolve

from journal_memory import MAX_ABOUT, MAX_BEHIND, JournalBroken, MemoryJournal
from pytlas_wamp.errors import OperatorError
from pytlas_wamp.journal import store
from pytlas_wamp.journal.model import Batch, Record, Written
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

        assert journal.write([Batch(record=RECORD, entries=())]) == Written(gone=frozenset({1}))
        assert journal.load(1) is None

    def test_keep_nothing_of_what_others_have(self):
        mine = MemoryJournal(node_id="a-1", leases={1: ("a-1", 3)})
        other = mine.of_node("b-1")
        batch = Batch(record=RECORD, entries=(), epoch=3)
        fenced = Written(fenced=frozenset({1}))

        assert other.write([batch]) == mine.of_node(None).write([batch]) == fenced
        assert mine.write([evolve(batch, epoch=2)]) == fenced
        assert mine.load(1) is None
        assert mine.write([batch]) == Written()
        assert other.load(1) == RECORD
        assert other.write([evolve(batch, epoch=None)]) == Written()
        mine.leases[1] = (None, 3)
        assert mine.write([batch]) == mine.of_node(None).write([batch]) == fenced

    def test_know_the_bound_of_the_protocol(self):
        assert (store.MAX_ABOUT, store.MAX_BEHIND) == (MAX_ABOUT, MAX_BEHIND)
