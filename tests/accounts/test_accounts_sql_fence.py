"""A conversation changes hands between two writes, and never during one.

In SQLite there is one writer at a time. In PostgreSQL there are many, so the tests stop one
of them in the middle, and look at who waits.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import pytest
from account_stores import STORES
from attrs import define
from sqlalchemy import event

from pytlas_wamp.accounts import database_postgresql
from pytlas_wamp.accounts.backup import dump, load
from pytlas_wamp.accounts.sql import SqlAccountStore
from pytlas_wamp.accounts.sql_fence import (
    begin_leases_anew,
    end_all_leases,
    end_lease,
    shared_leases,
)
from pytlas_wamp.accounts.sql_journal import SqlJournalStore
from pytlas_wamp.accounts.sql_leases import SqlLeaseStore
from pytlas_wamp.accounts.sql_many import MAX_IDS
from pytlas_wamp.journal.leases import Lease
from pytlas_wamp.journal.model import Batch, Entry, Record, Written

PATIENCE_SECONDS = 15  # of tests; all of it takes milliseconds


def batch(user_id, seq, epoch):
    """The next frame of somebody."""
    nothing = dict.fromkeys(("re", "message_id", "digest"))
    entry = Entry(user_id=user_id, seq=seq, at=1.5, kind="answer", body="{}", **nothing)
    record = Record(user_id=user_id, seq=seq, reserved=seq, snapshot="", open_turns=())
    return Batch(record=record, entries=(entry,), epoch=epoch)


class TestLeases:
    @pytest.fixture
    def leases(self, store, ana, bob):
        made = SqlLeaseStore(store.database)
        made.claim(1, "a-1")
        made.claim(2, "b-1")
        made.release("b-1", [(2, 1)])
        return made

    @pytest.mark.usefixtures("leases")
    def test_are_found_however_many_are_looked_for(self, store):
        odd = (0, -1, 2**63, 2**70)
        with store.database.writing(in_turn=False) as connection:
            for wanted in ([], [1], [2, 1, 9, *odd], range(2 * MAX_IDS + 1)):
                found = shared_leases(connection, wanted)
                held = {1: ("a-1", 1), 2: (None, 1)}
                assert found == {one: held[one] for one in held if one in wanted}

    def test_are_taken_from_whoever_has_them(self, store, leases):
        store.add("eve", "hash", language="en", admin=False)
        with store.database.writing() as connection:
            end_lease(connection, 1)
            end_lease(connection, 3)

        for user_id, epoch in [(1, 2), (2, 1), (3, 1)]:
            assert leases.lease(user_id) == Lease(user_id=user_id, node_id=None, epoch=epoch)

    def test_begin_above_where_they_were(self, store, leases):
        with store.database.writing() as connection:
            epochs = end_all_leases(connection)
            connection.exec_driver_sql("DELETE FROM leases")
            begin_leases_anew(connection, epochs | {77: 9})
            begin_leases_anew(connection, {})

        assert epochs == {1: 1, 2: 1}
        assert [leases.lease(user_id).epoch for user_id in (1, 2)] == [2, 2]
        assert {leases.lease(user_id).node_id for user_id in (1, 2)} == {None}


@define
class Pause:
    """Where a writer was stopped."""

    reached: Event
    over: Event

    def end(self):
        self.over.set()


@contextmanager
def paused_before(store, beginning):
    """Stops the first writer of a store that wants to execute such a statement."""
    pause = Pause(Event(), Event())
    engines = set(store.database._ways_to_write.values())

    def stop(_connection, _cursor, statement, *_others):
        if statement.startswith(beginning) and not pause.reached.is_set():
            pause.reached.set()
            assert pause.over.wait(PATIENCE_SECONDS)

    for engine in engines:
        event.listen(engine, "before_cursor_execute", stop)
    try:
        yield pause
    finally:
        pause.end()
        for engine in engines:
            event.remove(engine, "before_cursor_execute", stop)


@pytest.fixture
def threads():
    with ThreadPoolExecutor(2) as made:
        yield made


@define
class Cluster:
    """Two nodes with a database, each with connections of its own."""

    stores: list
    server: object

    @property
    def journals(self):
        names = ("a-1", "b-1")
        return [
            SqlJournalStore(store.database, node_id=name)
            for store, name in zip(self.stores, names, strict=True)
        ]

    @property
    def leases(self):
        return [SqlLeaseStore(store.database) for store in self.stores]

    def wait_for_a_lock(self):
        """Returns when somebody waits for another one's lock."""
        end = time.monotonic() + PATIENCE_SECONDS
        asked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        while self.server.run(asked) == [(0,)]:
            assert time.monotonic() < end, "nobody waits"


@pytest.fixture
def cluster(postgres, monkeypatch):
    """Node a has the conversations of two people."""
    # A machine that is busy may take its time to stop one writer and look at the others.
    monkeypatch.setattr(database_postgresql, "_IDLE_OUT_OF_TURN_SECONDS", PATIENCE_SECONDS)
    first = STORES["postgresql"](None)
    for name in ("Ana", "Bob"):
        first.add(name, "hash", language="en", admin=False)
    made = Cluster([first, SqlAccountStore(first.database.url)], postgres)
    for user_id in (1, 2):
        made.leases[0].claim(user_id, "a-1")
    yield made
    for store in made.stores:
        store.close()


class TestWrites:
    def test_in_flight_are_waited_for_by_who_takes_over(self, cluster, threads):
        (ours, theirs), (_, leases) = cluster.journals, cluster.leases
        with paused_before(cluster.stores[0], "INSERT INTO entries") as pause:
            writing = threads.submit(ours.write, [batch(2, 1, 1), batch(1, 1, 1)])
            assert pause.reached.wait(PATIENCE_SECONDS)
            claiming = threads.submit(leases.claim, 1, "b-1", instead_of=1)
            cluster.wait_for_a_lock()
            assert not claiming.done()
            pause.end()

            assert writing.result() == Written()
            assert (claiming.result().node_id, claiming.result().epoch) == ("b-1", 2)

        assert theirs.load(1).seq == 1
        refused = Written(fenced=frozenset({1}))
        assert ours.write([batch(1, 2, 1), batch(2, 2, 1)]) == refused
        assert theirs.write([batch(1, 2, 1)]) == refused
        assert [theirs.load(user_id).seq for user_id in (1, 2)] == [1, 2]
        assert theirs.write([batch(1, 2, 2)]) == Written()

    def test_wait_for_who_is_about_to_take_over(self, cluster, threads):
        (ours, _), (_, leases) = cluster.journals, cluster.leases
        with paused_before(cluster.stores[1], "UPDATE leases") as pause:
            claiming = threads.submit(leases.claim, 1, "b-1", instead_of=1)
            assert pause.reached.wait(PATIENCE_SECONDS)
            writing = threads.submit(ours.write, [batch(1, 1, 1)])
            cluster.wait_for_a_lock()
            pause.end()

            assert claiming.result().epoch == 2
            assert writing.result() == Written(fenced=frozenset({1}))
        assert ours.load(1) is None

    def test_of_others_go_on_meanwhile(self, cluster, threads):
        ours, theirs = cluster.journals
        cluster.leases[1].claim(2, "b-1", instead_of=1)
        with paused_before(cluster.stores[0], "INSERT INTO entries") as pause:
            writing = threads.submit(ours.write, [batch(1, 1, 1)])
            assert pause.reached.wait(PATIENCE_SECONDS)

            assert theirs.write([batch(2, 1, 2)]) == Written()
            with cluster.stores[1].database.writing():
                assert theirs.write([batch(2, 2, 2)]) == Written()
            pause.end()
            assert writing.result() == Written()

    def test_are_waited_for_by_who_deletes_the_account(self, cluster, threads):
        ours, _ = cluster.journals
        ours.write([batch(1, 1, 1)])
        with paused_before(cluster.stores[0], "INSERT INTO conversations") as pause:
            writing = threads.submit(ours.write, [batch(1, 2, 1)])
            assert pause.reached.wait(PATIENCE_SECONDS)
            deleting = threads.submit(cluster.stores[1].delete, 1)
            cluster.wait_for_a_lock()
            pause.end()

            assert (writing.result(), deleting.result()) == (Written(), None)
        assert ours.write([batch(1, 3, 1)]) == Written(gone=frozenset({1}))

    def test_wait_for_who_deletes_the_account(self, cluster, threads):
        ours, _ = cluster.journals
        with paused_before(cluster.stores[1], "DELETE FROM users") as pause:
            deleting = threads.submit(cluster.stores[1].delete, 1)
            assert pause.reached.wait(PATIENCE_SECONDS)
            writing = threads.submit(ours.write, [batch(1, 1, 1), batch(2, 1, 1)])
            cluster.wait_for_a_lock()
            pause.end()

            assert deleting.result() is None
            assert writing.result() == Written(gone=frozenset({1}))
        assert ours.load(2).seq == 1

    def test_are_waited_for_by_who_restores_a_backup(self, cluster, threads):
        (ours, theirs), (_, leases) = cluster.journals, cluster.leases
        ours.write([batch(1, 1, 1)])
        saved = dump(cluster.stores[1].database)
        with paused_before(cluster.stores[0], "INSERT INTO conversations") as pause:
            writing = threads.submit(ours.write, [batch(1, 2, 1), batch(2, 2, 1)])
            assert pause.reached.wait(PATIENCE_SECONDS)
            loading = threads.submit(load, cluster.stores[1].database, saved, replace=True)
            cluster.wait_for_a_lock()
            pause.end()

            assert (writing.result(), loading.result()) == (Written(), 2)
        assert [theirs.load(user_id).seq for user_id in (1, 2)] == [1, 0]
        assert ours.write([batch(1, 2, 1), batch(1, 2, 2)]) == Written(fenced=frozenset({1}))
        assert leases.claim(1, "b-1").epoch == 3

    def test_of_two_in_any_order_do_not_wait_for_each_other(self, cluster, threads):
        """Two of one node, which write what both have in opposite orders."""
        ours, _ = cluster.journals
        ours.write([batch(1, 1, 1), batch(2, 1, 1)])
        with paused_before(cluster.stores[0], "INSERT INTO entries") as pause:
            first = threads.submit(ours.write, [batch(1, 2, 1), batch(2, 2, 1)])
            assert pause.reached.wait(PATIENCE_SECONDS)
            second = threads.submit(ours.write, [batch(2, 3, 1), batch(1, 3, 1)])
            cluster.wait_for_a_lock()
            pause.end()

            assert (first.result(), second.result()) == (Written(), Written())
        assert [ours.load(user_id).seq for user_id in (1, 2)] == [3, 3]
