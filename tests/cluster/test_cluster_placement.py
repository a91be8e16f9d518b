"""Who gets a conversation: least loaded, suitable, and the same answer for the same question."""

from __future__ import annotations

from collections import Counter

import pytest
from attrs import define, evolve, field
from twisted.internet.task import Clock

from pytlas_wamp.cluster.placement import (
    FORGIVEN_SECONDS,
    GONE_AFTER_SECONDS,
    PROTOCOL,
    Choice,
    NoWorker,
    Placement,
)
from pytlas_wamp.errors import OperatorError
from pytlas_wamp.journal.leases import Lease, Node, NodeStatus
from workers_for_tests import Arrivals, InlineWorkers, ManualWorkers, settle


def status(name, *, conversations=0, **changes):
    of_node = {key: changes.pop(key) for key in ("languages", "protocol", "role") if key in changes}
    node = Node(
        id=f"{name}-00000001",
        name=name,
        role=of_node.get("role", "worker"),
        host="here",
        address="",
        protocol=of_node.get("protocol", PROTOCOL),
        version="1",
        languages=of_node.get("languages", frozenset()),
        conversations=conversations,
    )
    found = NodeStatus(node=node, state="active", alive=True, started_at=0.0, seen_at=0.0)
    return evolve(found, **changes)


@define(eq=False)
class Leases:
    nodes: tuple = ()
    leases: dict = field(factory=dict)
    error: Exception | None = None
    looks: int = 0

    def living(self):
        self.looks += 1
        if self.error is not None:
            raise self.error
        return self.nodes

    def lease(self, user_id):
        if self.error is not None:
            raise self.error
        return self.leases.get(user_id)


def held(node, epoch=3, *, alive=True):
    return Lease(user_id=1, node_id=node, epoch=epoch, alive=alive)


@define(eq=False)
class Ground:
    store: Leases
    clock: Clock = field(factory=Clock)
    placement: Placement = field()

    @placement.default
    def _make(self):
        return Placement(store=self.store, workers=InlineWorkers(), now=self.clock.seconds)

    def find(self, **kwargs):
        found = []
        self.placement.find(1, "en", **kwargs).addBoth(found.append)
        return found[0] if isinstance(found[0], Choice) else found[0].value


def ground(*nodes, lease=None):
    made = Ground(Leases(nodes))
    made.store.leases = {1: lease}
    made.placement.refresh()
    return made


class TestChoice:
    def test_the_least_loaded_gets_it(self):
        at = ground(status("a", conversations=5), status("b", conversations=4))
        assert at.placement.choose(1, "en") == Choice(node="b-00000001")

    def test_a_thousand_joins_between_two_looks_are_spread(self):
        at = ground(status("a", conversations=10), status("b"), status("c", conversations=400))
        chosen = Counter(at.placement.choose(user, "en").node[0] for user in range(1_000))
        assert (10 + chosen["a"], chosen["b"], 400 + chosen["c"]) == (470, 470, 470)

    def test_what_was_placed_is_counted_until_the_worker_counts_it_itself(self):
        at = ground(status("a"), status("b", conversations=1))
        assert [at.placement.choose(user, "en").node[0] for user in range(1)] == ["a"]
        at.placement.choose(1, "en", avoid=("b-00000001",))
        at.placement.refresh()
        assert at.placement.choose(1, "en").node == "b-00000001"
        for _ in range(3):
            at.placement.refresh()
        assert at.placement.choose(1, "en").node == "a-00000001"

    def test_among_equals_a_user_gets_always_the_same_and_not_all_users_do(self):
        nodes = [status(name) for name in "abc"]
        first = [ground(*nodes).placement.choose(user, "en").node for user in range(20)]
        second = [ground(*nodes[::-1]).placement.choose(user, "en").node for user in range(20)]
        assert first == second
        assert len(set(first)) == 3

    @pytest.mark.parametrize(
        "unsuitable",
        [
            status("b", state="draining"),
            status("b", state="drained"),
            status("b", alive=False),
            status("b", languages=frozenset({"fr", "it"})),
            status("b", protocol=PROTOCOL + 1),
            status("b", protocol=PROTOCOL - 2),
            status("b", role="gateway"),
        ],
    )
    def test_the_unsuitable_get_nothing(self, unsuitable):
        at = ground(status("a", conversations=99), unsuitable)
        assert at.placement.choose(1, "en").node == "a-00000001"
        assert isinstance(ground(unsuitable).find(), NoWorker)

    @pytest.mark.parametrize(
        "suitable",
        [status("b", languages=frozenset({"fr", "en"})), status("b", protocol=PROTOCOL - 1)],
    )
    def test_the_language_is_that_of_the_first_letters_and_one_version_older_will_do(
        self, suitable
    ):
        assert ground(suitable).placement.choose(1, "EN-gb").node == "b-00000001"

    def test_that_nobody_is_there_is_said_to_the_operator(self):
        with pytest.raises(NoWorker, match="no worker is there for a conversation in 'de'"):
            ground().placement.choose(1, "de")


class TestOwners:
    def test_an_owner_that_lives_is_asked(self):
        at = ground(status("a"), status("b"), lease=held("b-00000001"))
        assert at.find() == Choice(node="b-00000001")
        assert at.find(avoid=("b-00000001",)) == Choice(node="b-00000001")

    def test_an_owner_that_has_only_just_started_is_asked(self):
        assert ground(lease=held("new-00000001")).find() == Choice(node="new-00000001")

    def test_what_nobody_has_is_placed(self):
        for lease in (held(None, alive=False), held("b-00000001", alive=False)):
            assert ground(status("a"), lease=lease).find() == Choice(node="a-00000001")

    def test_an_owner_that_left_is_replaced_before_its_lease_ends(self):
        at = ground(status("a", conversations=9), status("b"), lease=held("b-00000001", 7))
        at.placement.left("b-00000001")
        assert at.find() == Choice(node="a-00000001", instead_of=7)

    def test_one_that_came_back_is_asked_again(self):
        at = ground(status("a"), status("b"), lease=held("b-00000001"))
        at.placement.left("b-00000001")
        at.clock.advance(FORGIVEN_SECONDS)
        assert at.find() == Choice(node="b-00000001")
        at.placement.left("b-00000001")
        at.placement.reached("b-00000001")
        assert at.find() == Choice(node="b-00000001")

    def test_one_that_lives_and_that_nobody_reaches_is_as_good_as_gone(self):
        at = ground(status("a", conversations=9), status("b"), lease=held("b-00000001", 7))
        at.placement.unreachable("b-00000001")
        assert at.find() == Choice(node="b-00000001")
        at.clock.advance(GONE_AFTER_SECONDS)
        at.placement.unreachable("b-00000001")
        assert at.find() == Choice(node="a-00000001", instead_of=7)

    def test_not_to_have_been_reached_long_ago_counts_no_more(self):
        at = ground(status("a"), status("b"), lease=held("b-00000001"))
        at.placement.unreachable("b-00000001")
        at.clock.advance(FORGIVEN_SECONDS + 1)
        at.placement.unreachable("b-00000001")
        assert not at.placement.is_gone("b-00000001")
        at.clock.advance(FORGIVEN_SECONDS + 1)
        at.placement.refresh()
        assert at.placement.choose(1, "en").node in ("a-00000001", "b-00000001")

    def test_who_was_not_reached_is_chosen_last(self):
        at = ground(status("a", conversations=9), status("b"))
        at.placement.unreachable("b-00000001")
        assert at.placement.choose(1, "en").node == "a-00000001"
        assert at.placement.choose(1, "en", avoid=("a-00000001",)).node == "b-00000001"

    def test_an_owner_of_a_newer_version_is_not_asked(self):
        at = ground(status("a", protocol=PROTOCOL + 1), lease=held("a-00000001"))
        assert "upgrade the gateway" in str(at.find())

    def test_who_has_it_for_a_history_is_who_lives_and_is_reached(self):
        owners = []
        for lease, gone in (
            (held("a-00000001"), False),
            (held("a-00000001"), True),
            (held("a-00000001", alive=False), False),
            (held(None), False),
            (None, False),
        ):
            at = ground(lease=lease)
            if gone:
                at.placement.left("a-00000001")
            at.placement.owner(1).addCallback(owners.append)
        assert owners == [held("a-00000001"), None, None, None, None]


class TestLooking:
    def test_who_comes_before_the_first_look_waits_for_it(self):
        at = Ground(Leases((status("a"),)))
        assert at.find() == Choice(node="a-00000001")
        assert at.find() == Choice(node="a-00000001")
        assert at.store.looks == 1

    def test_one_look_at_a_time(self):
        arrivals = Arrivals()
        pool = ManualWorkers(arrivals)
        store = Leases((status("a"),))
        placement = Placement(store=store, workers=pool, now=Clock().seconds)
        placement.refresh()
        placement.refresh()
        settle(arrivals, pool)
        assert store.looks == 1

    def test_an_outage_is_logged_once_and_who_lived_before_counts_on(self, capsys):
        at = ground(status("a"))
        at.store.error = OperatorError("no database")
        at.placement.refresh()
        at.placement.refresh()
        assert at.placement.choose(1, "en").node == "a-00000001"
        assert isinstance(at.find(), OperatorError)
        at.store.error = None
        at.placement.refresh()
        assert at.find() == Choice(node="a-00000001")

    def test_a_bug_does_not_end_it(self):
        at = ground(status("a"))
        at.store.error = RuntimeError("a bug")
        at.placement.refresh()
        at.store.error = None
        at.placement.refresh()
        assert at.find() == Choice(node="a-00000001")
