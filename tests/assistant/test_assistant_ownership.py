"""Leases as a process claims them and gives them back."""

from __future__ import annotations

import pytest

from leases_memory import LeasesBroken, MemoryLeases
from nodes_stage import Database, Process
from pytlas_wamp.assistant.ownership import HeldElsewhere, LeasedOwnership
from workers_for_tests import InlineWorkers


@pytest.fixture
def database():
    return Database()


@pytest.fixture
def ownership(database):
    Process("one-1", database)
    Process("two-1", database)
    return LeasedOwnership(store=database.leases, node_id="one-1", workers=InlineWorkers())


def outcome(promise):
    found = []
    promise.addCallbacks(found.append, lambda failure: found.append(failure.type))
    return found[0]


class TestClaims:
    def test_bring_an_epoch(self, ownership):
        assert [outcome(ownership.claim(1, 0)) for _ in range(2)] == [1, 2]

    def test_fail_where_somebody_else_has_it(self, database, ownership):
        database.leases.claim(1, "two-1")
        assert outcome(ownership.claim(1, 0)) is HeldElsewhere
        assert outcome(ownership.claim(1, 1)) == 2

    def test_fail_where_nobody_may_have_it(self, database, ownership):
        database.leases.forget(1)
        assert outcome(ownership.claim(1, 0)) is HeldElsewhere

    def test_fail_with_the_database(self, ownership):
        ownership.store.failing = True
        assert outcome(ownership.claim(1, 0)) is LeasesBroken


class TestReleases:
    def test_give_back_what_is_ours(self, database, ownership):
        outcome(ownership.claim(1, 0))
        outcome(ownership.claim(2, 0))
        database.leases.claim(2, "two-1", instead_of=1)

        assert outcome(ownership.release([(1, 1), (2, 1)])) is None
        assert database.leases.held == {1: (None, 1), 2: ("two-1", 2)}

    def test_are_asked_of_the_store(self):
        assert isinstance(Database().leases, MemoryLeases)
