"""Claims and what is given back."""

from __future__ import annotations

import pytest
from twisted.internet.defer import fail, succeed

from nodes_stage import Database, Process
from pytlas_wamp.assistant.holdings import Holdings
from pytlas_wamp.assistant.ownership import HeldElsewhere, LeasedOwnership
from workers_for_tests import InlineWorkers


@pytest.fixture
def database():
    return Database()


@pytest.fixture
def holdings(database):
    Process("one-1", database)
    Process("two-1", database)
    return Holdings(
        LeasedOwnership(store=database.leases, node_id="one-1", workers=InlineWorkers())
    )


def outcome(promise):
    found = []
    promise.addCallbacks(found.append, lambda failure: found.append(failure.type))
    return found[0]


class TestClaims:
    def test_come_before_the_beginning(self, database, holdings):
        assert outcome(holdings.begin(1, 0, succeed)) == 1
        assert database.leases.held == {1: ("one-1", 1)}

    def test_of_what_others_have_fail(self, database, holdings):
        database.leases.claim(1, "two-1")
        assert outcome(holdings.begin(1, 0, succeed)) is HeldElsewhere

    def test_are_given_back_when_nothing_begins(self, database, holdings):
        assert outcome(holdings.begin(1, 0, lambda _: fail(KeyError()))) is KeyError
        assert database.leases.held == {1: (None, 1)}

    def test_are_not_needed_without_others(self):
        alone = Holdings(None)
        assert (outcome(alone.begin(1, 0, succeed)), alone.are_shared) == (None, False)
        assert outcome(alone.give_back([(1, 0)])) is None


class TestReleases:
    def test_of_what_was_put_away_come_together_and_once(self, database, holdings):
        for user_id in (1, 2):
            outcome(holdings.begin(user_id, 0, succeed))
            holdings.put_away(user_id, 1)
        assert database.leases.held[1] == ("one-1", 1)
        holdings.release_put_away()
        holdings.release_put_away()
        assert (database.leases.held, holdings.are_shared) == ({1: (None, 1), 2: (None, 1)}, True)

    def test_that_fail_do_so_only_where_it_matters(self, database, holdings):
        outcome(holdings.begin(1, 0, succeed))
        database.leases.failing = True
        assert outcome(holdings.release([(1, 1)])) is None
        assert outcome(holdings.give_back([(1, 1)])) is not None
