"""Who has which conversation: one at a time, under numbers that only rise."""

from __future__ import annotations

import time

import pytest
from account_stores import NOON, ONE_BY_ONE, HandClock
from attrs import evolve
from sqlalchemy import event, insert

from leases_memory import MemoryLeases
from pytlas_wamp.accounts.model import StoreBroken
from pytlas_wamp.accounts.sql_leases import FORGOTTEN_AFTER_SECONDS, SqlLeaseStore
from pytlas_wamp.accounts.sql_many import MAX_IDS
from pytlas_wamp.accounts.tables import LEASES, USERS
from pytlas_wamp.journal.leases import Lease, Node, NodeStatus

ODD_NUMBERS = [0, -1, -(2**63) - 1, 2**63 - 1, 2**63, 2**70]
PROMISE = 3.0

# One that is in no database, and has to keep to the same rules.
MEMORY = "memory"


def made_node(node_id, **others):
    values = {"role": "worker", "host": "attic", "address": f"unix:/{node_id}"}
    values |= {"id": node_id, "name": node_id.partition("-")[0], "protocol": 1, "version": "2.0"}
    return Node(**values | others)


def owned(user_id, node_id, epoch):
    """The lease of a living node as `made_node` makes them."""
    return Lease(
        user_id=user_id, node_id=node_id, epoch=epoch, address=f"unix:/{node_id}", alive=True
    )


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture(params=[*ONE_BY_ONE, MEMORY])
def leases(request, clock, tmp_path):
    """Leases of two people; nobody has any, and there are no nodes."""
    if request.param == MEMORY:
        yield MemoryLeases(clock=clock, gone={*ODD_NUMBERS, 9})
        return
    store = ONE_BY_ONE[request.param](tmp_path)
    for name in ("Ana", "Bob"):
        store.add(name, "hash", language="en", admin=False)
    yield SqlLeaseStore(store.database, clock=clock)
    store.close()


@pytest.fixture
def sql(store, clock, ana, bob):
    return SqlLeaseStore(store.database, clock=clock)


@pytest.fixture
def nodes(leases):
    """Two workers that live."""
    for node_id in ("a-1", "b-1"):
        leases.announce(made_node(node_id), seconds=PROMISE)
    return leases


def ids(statuses):
    return [status.node.id for status in statuses]


class TestAnnounce:
    def test_shows_what_the_node_says(self, leases, clock):
        said = made_node(
            "a-1",
            languages=frozenset({"en", "fr"}),
            conversations=2**40,
            details={"lag": 0.25, "turns": 7},
        )

        assert leases.announce(said, seconds=PROMISE) == "active"

        assert leases.nodes() == (
            NodeStatus(node=said, state="active", alive=True, started_at=NOON, seen_at=NOON),
        )

    def test_again_changes_what_is_said_and_not_since_when(self, leases, clock):
        leases.announce(made_node("a-1"), seconds=PROMISE)
        leases.set_state("a", "draining")
        clock.time += 2.5

        said = made_node("a-1", host="b", address="", version="3", protocol=2, conversations=4)
        assert leases.announce(said, seconds=PROMISE) == "draining"

        assert leases.nodes() == (
            NodeStatus(
                node=said, state="draining", alive=True, started_at=NOON, seen_at=NOON + 2.5
            ),
        )

    def test_lasts_as_long_as_was_promised(self, nodes, clock):
        clock.time += PROMISE - 0.25
        nodes.announce(made_node("a-1"), seconds=PROMISE)
        clock.time += 0.25

        assert ids(nodes.living()) == ["a-1"]
        assert [status.alive for status in nodes.nodes()] == [True, False]

    def test_forgets_who_has_been_dead_for_a_day(self, nodes, clock):
        nodes.claim(1, "a-1")
        clock.time += PROMISE + FORGOTTEN_AFTER_SECONDS
        nodes.announce(made_node("b-1"), seconds=PROMISE)
        assert ids(nodes.nodes()) == ["a-1", "b-1"]

        clock.time += 1
        nodes.announce(made_node("b-1"), seconds=PROMISE)

        assert ids(nodes.nodes()) == ["b-1"]
        assert nodes.lease(1) == Lease(user_id=1, node_id="a-1", epoch=1)
        assert nodes.claim(1, "b-1") == owned(1, "b-1", 2)


class TestWithdraw:
    def test_gives_back_what_the_node_had(self, nodes):
        nodes.claim(1, "a-1")
        nodes.claim(2, "b-1")

        nodes.withdraw("a-1")

        assert ids(nodes.nodes()) == ["b-1"]
        assert nodes.lease(1) == Lease(user_id=1, node_id=None, epoch=1)
        assert nodes.lease(2) == owned(2, "b-1", 1)

    def test_of_nobody_does_nothing(self, nodes):
        nodes.withdraw("c-1")

        assert ids(nodes.nodes()) == ["a-1", "b-1"]


class TestNodes:
    def test_are_in_order_with_their_leases(self, nodes, clock):
        nodes.announce(made_node("c-1", role="gateway"), seconds=PROMISE)
        nodes.announce(made_node("a-0"), seconds=-1)
        nodes.claim(1, "b-1")
        nodes.claim(2, "b-1")
        nodes.release("b-1", [(2, 1)])
        nodes.claim(2, "b-1")

        found = [(one.node.id, one.alive, one.leases) for one in nodes.nodes()]

        assert found == [
            ("c-1", True, 0),
            ("a-0", False, 0),
            ("a-1", True, 0),
            ("b-1", True, 2),
        ]
        assert ids(nodes.living()) == ["c-1", "a-1", "b-1"]
        assert {one.leases for one in nodes.living()} == {0}

    def test_are_none_at_first(self, leases):
        assert (leases.nodes(), leases.living()) == ((), ())


class TestClaims:
    def test_of_what_nobody_has_are_granted(self, nodes):
        assert nodes.lease(1) is None

        assert nodes.claim(1, "a-1") == owned(1, "a-1", 1)

        assert nodes.lease(1) == owned(1, "a-1", 1)
        assert nodes.lease(2) is None

    def test_of_what_a_living_node_has_are_not(self, nodes, clock):
        nodes.claim(1, "a-1")
        clock.time += PROMISE - 0.25

        assert nodes.claim(1, "b-1") == owned(1, "a-1", 1)
        assert nodes.lease(1) == owned(1, "a-1", 1)

    def test_of_one_s_own_get_a_new_epoch(self, nodes):
        nodes.claim(1, "a-1")

        assert nodes.claim(1, "a-1") == owned(1, "a-1", 2)

    def test_of_what_a_dead_node_had_are_granted(self, nodes, clock):
        nodes.claim(1, "a-1")
        clock.time += PROMISE
        nodes.announce(made_node("b-1"), seconds=PROMISE)

        assert nodes.lease(1) == evolve(owned(1, "a-1", 1), alive=False)
        assert nodes.claim(1, "b-1") == owned(1, "b-1", 2)

    def test_instead_of_an_owner_name_its_epoch(self, nodes):
        nodes.claim(1, "a-1")
        nodes.claim(1, "a-1")

        for instead_of, found in [
            (0, owned(1, "a-1", 2)),
            (1, owned(1, "a-1", 2)),
            (3, owned(1, "a-1", 2)),
            (2, owned(1, "b-1", 3)),
            (2, owned(1, "b-1", 4)),
        ]:
            assert nodes.claim(1, "b-1", instead_of=instead_of) == found
            assert nodes.lease(1) == found

    def test_by_a_node_that_never_said_anything_are_granted(self, nodes):
        assert nodes.claim(1, "c-1") == Lease(user_id=1, node_id="c-1", epoch=1)
        assert nodes.claim(1, "b-1") == owned(1, "b-1", 2)

    def test_of_nobody_s_conversation_are_not(self, nodes):
        for user_id in (*ODD_NUMBERS, 9):
            nobodys = Lease(user_id=user_id, node_id=None, epoch=0)

            assert nodes.claim(user_id, "a-1") == nodes.claim(user_id, "a-1") == nobodys
            assert nodes.lease(user_id) is None


class TestRelease:
    def test_leaves_them_to_whoever_comes_next(self, nodes):
        nodes.claim(1, "a-1")

        nodes.release("a-1", [(1, 1)])

        assert nodes.lease(1) == Lease(user_id=1, node_id=None, epoch=1)
        assert nodes.claim(1, "b-1") == owned(1, "b-1", 2)

    def test_of_others_or_under_another_epoch_does_nothing(self, nodes):
        nodes.claim(1, "a-1")
        nodes.claim(1, "a-1")
        nodes.claim(2, "b-1")

        nodes.release("a-1", [(1, 1), (1, 3), (2, 1), *((odd, 1) for odd in ODD_NUMBERS)])
        nodes.release("b-1", [(1, 2)])
        nodes.release("b-1", [])

        assert (nodes.lease(1), nodes.lease(2)) == (owned(1, "a-1", 2), owned(2, "b-1", 1))


class TestStates:
    def test_are_told_to_living_nodes_of_a_name(self, nodes):
        nodes.announce(made_node("a-2"), seconds=PROMISE)
        nodes.announce(made_node("a-0"), seconds=-1)

        assert nodes.set_state("a", "draining") == ("a-1", "a-2")

        assert [(one.node.id, one.state) for one in nodes.nodes()] == [
            ("a-0", "active"),
            ("a-1", "draining"),
            ("a-2", "draining"),
            ("b-1", "active"),
        ]
        assert nodes.announce(made_node("a-2"), seconds=PROMISE) == "draining"

    def test_of_nobody_are_told_to_nobody(self, nodes):
        assert nodes.set_state("c", "drained") == ()


class TestEpochs:
    def test_do_not_fall_when_nobody_has_it(self, nodes):
        found = []
        for node_id in ("a-1", "b-1", "b-1"):
            found.append(nodes.claim(1, node_id).epoch)
            nodes.release(node_id, [(1, found[-1])])
            nodes.withdraw(node_id)

        assert found == [1, 2, 3]


class TestDatabases:
    """What is only in databases."""

    def test_have_clocks_of_their_own(self, store, ana):
        leases = SqlLeaseStore(store.database)
        leases.announce(made_node("a-1"), seconds=3600)
        leases.announce(made_node("b-1"), seconds=-1)

        assert ids(leases.living()) == ["a-1"]
        for status in leases.nodes():
            assert abs(status.seen_at - time.time()) < 3600
        assert leases.claim(1, "b-1").node_id == "b-1"
        assert leases.claim(1, "a-1") == owned(1, "a-1", 2)
        assert leases.claim(1, "b-1") == owned(1, "a-1", 2)

    def test_give_back_more_than_a_statement_takes(self, sql, store):
        many = range(3, 3 + MAX_IDS + 5)
        with store.database.writing() as connection:
            people = [
                {"id": user_id, "name": "p", "name_key": f"p{user_id}", "password_hash": ""}
                | {"language": "en", "active": True, "admin": False}
                for user_id in many
            ]
            connection.execute(insert(USERS), people)
            theirs = [{"user_id": user_id, "node_id": "a-1", "epoch": 5} for user_id in many]
            connection.execute(insert(LEASES), theirs)
        kept = [3, many[-1]]

        sql.release("a-1", [(one, 5) for one in reversed(many) if one not in kept])

        with store.database.reading() as connection:
            left = connection.exec_driver_sql("SELECT user_id FROM leases WHERE node_id = 'a-1'")
            assert sorted(left.scalars()) == kept

    def test_delete_leases_with_their_accounts(self, sql, store):
        sql.claim(1, "a-1")
        sql.claim(2, "a-1")

        store.delete(1)

        assert (sql.lease(1), sql.lease(2).epoch) == (None, 1)

    def test_are_asked_once_for_all_nodes(self, sql, store):
        asked = []
        for node_id in ("a-1", "b-1", "c-1"):
            sql.announce(made_node(node_id), seconds=PROMISE)
        engine = store.database._readers

        @event.listens_for(engine, "before_cursor_execute")
        def _note(connection, cursor, statement, parameters, context, executemany):
            asked.append(statement)

        sql.nodes()
        sql.living()
        event.remove(engine, "before_cursor_execute", _note)

        assert len(asked) == 2
        assert ["leases" in one.partition("FROM")[2] for one in asked] == [True, False]

    def test_that_fail_say_so(self, sql, store):
        with store.database.writing() as connection:
            for table in ("nodes", "leases"):
                connection.exec_driver_sql(f"DROP TABLE {table}")

        for call in (
            lambda: sql.announce(made_node("a-1"), seconds=1),
            lambda: sql.withdraw("a-1"),
            sql.nodes,
            sql.living,
            lambda: sql.lease(1),
            lambda: sql.claim(1, "a-1"),
            lambda: sql.release("a-1", [(1, 1)]),
            lambda: sql.set_state("a", "active"),
        ):
            with pytest.raises(StoreBroken, match="cannot be used"):
                call()

    @pytest.mark.parametrize("store", ["postgresql"], indirect=True)
    def test_of_postgresql_wait_for_no_other_writer(self, sql, store):
        with store.database.writing():
            assert sql.announce(made_node("a-1"), seconds=PROMISE) == "active"
            assert sql.claim(1, "a-1") == owned(1, "a-1", 1)
            sql.release("a-1", [(1, 1)])
            sql.withdraw("a-1")

        assert sql.lease(1) == Lease(user_id=1, node_id=None, epoch=1)
