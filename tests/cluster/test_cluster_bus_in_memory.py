"""The bus that unit tests use: it has to behave like those of the product."""

from __future__ import annotations

import pytest
from bus_in_memory import Network
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from inboxes import NotedInbox
from pytlas_wamp.cluster.bus import (
    ANSWER_SECONDS,
    MAX_BODY_BYTES,
    Refused,
    TooBig,
    Unanswered,
    Unreachable,
)

G, W, V = "g-00000001", "w-00000001", "v-00000001"


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def network(clock):
    return Network(clock)


@pytest.fixture
def nodes(network, clock):
    """A gateway and two workers that are connected: buses and inboxes by node."""
    made = {}
    for name in (G, W, V):
        inbox = NotedInbox(answer={"by": name})
        bus = network.bus(name)
        made[name] = (bus, inbox)
        bus.start(inbox)
    clock.advance(0)
    for _, inbox in made.values():
        assert inbox.taken() == ["connected"]
    return made


def outcome(deferred):
    """What a Deferred has: a list with the value or the class of the error, or an empty one."""
    found = []
    deferred.addCallbacks(found.append, lambda failure: found.append(failure.type))
    return found


class TestQuestions:
    def test_arrive_and_are_answered_when_time_goes_on(self, nodes, clock):
        (gateway, _), (_, inbox) = nodes[G], nodes[W]
        found = outcome(gateway.ask(W, "join", {"user": 1}))

        assert inbox.taken() == []
        clock.advance(0)

        assert inbox.taken() == [("asked", G, "join", {"user": 1})]
        assert found == [{"by": W}]

    def test_may_be_answered_later(self, nodes, clock):
        (gateway, _), (_, inbox) = nodes[G], nodes[W]
        later = inbox.answer = Deferred()
        found = outcome(gateway.ask(W, "join", {}))
        clock.advance(1)
        assert found == []

        later.callback([1])
        clock.advance(0)

        assert found == [[1]]

    def test_a_refusal_comes_back_as_it_is(self, nodes, clock):
        (gateway, _), (_, inbox) = nodes[G], nodes[W]
        inbox.answer = Refused("moved", "it is not here")
        errors = []
        gateway.ask(W, "join", {}).addErrback(lambda failure: errors.append(failure.value))
        clock.advance(0)

        assert [(error.code, error.text) for error in errors] == [("moved", "it is not here")]

    def test_to_nobody_are_unreachable(self, nodes, clock):
        found = outcome(nodes[G][0].ask("x-00000001", "join", {}))
        clock.advance(0)

        assert found == [Unreachable]

    def test_that_are_not_answered_fail_in_time(self, nodes, clock):
        nodes[W][1].answer = Deferred()
        found = outcome(nodes[G][0].ask(W, "join", {}))
        clock.advance(ANSWER_SECONDS)

        assert found == [Unanswered]

    def test_that_are_too_big_are_not_sent(self, nodes, clock):
        found = outcome(nodes[G][0].ask(W, "join", b"x" * MAX_BODY_BYTES))
        clock.advance(0)

        assert found == [TooBig]
        assert nodes[W][1].taken() == []

    def test_wait_as_long_as_messages_are_delayed(self, nodes, network, clock):
        network.seconds = 0.2
        found = outcome(nodes[G][0].ask(W, "join", {}))
        clock.advance(0.2)
        assert nodes[W][1].taken() == [("asked", G, "join", {})]
        assert found == []

        clock.advance(0.2)

        assert found == [{"by": W}]

    def test_keep_their_order_when_the_delay_changes(self, nodes, network, clock):
        network.seconds = 1
        nodes[W][0].tell(G, 1)
        network.seconds = 0
        nodes[W][0].tell(G, 2)
        clock.advance(0)
        assert nodes[G][1].taken() == []

        clock.advance(1)

        assert nodes[G][1].taken() == [("told", W, 1), ("told", W, 2)]


class TestKill:
    def test_questions_are_unanswered_and_it_has_left(self, nodes, network, clock):
        nodes[W][1].answer = Deferred()
        found = outcome(nodes[G][0].ask(W, "join", {}))
        clock.advance(0)

        network.kill(W)
        clock.advance(0)

        assert found == [Unanswered]
        assert nodes[G][1].taken() == [("left", W)]
        assert nodes[V][1].taken() == []

    def test_what_it_had_sent_still_arrives_before(self, nodes, network, clock):
        nodes[G][0].ask(W, "join", {})
        clock.advance(0)
        nodes[W][0].tell(G, 1)
        network.kill(W)
        nodes[W][0].tell(G, 2)
        clock.advance(0)

        assert nodes[G][1].taken() == [("told", W, 1), ("left", W)]

    def test_a_worker_learns_that_a_gateway_left(self, nodes, network, clock):
        nodes[G][0].ask(W, "join", {})
        clock.advance(0)
        nodes[W][1].taken()
        network.kill(G)
        clock.advance(0)

        assert nodes[W][1].taken() == [("left", G)]

    def test_the_dead_do_nothing(self, nodes, network, clock):
        network.kill(G)
        found = outcome(nodes[G][0].ask(W, "join", {}))
        clock.advance(100)

        assert found == []
        assert nodes[W][1].taken() == []

    def test_a_stop_is_noticed_at_once(self, nodes, network, clock):
        nodes[G][0].ask(W, "join", {})
        clock.advance(0)
        nodes[W][0].stop()
        clock.advance(0)

        assert nodes[G][1].taken() == [("left", W)]


class TestPause:
    def test_a_short_one_only_delays(self, nodes, network, clock):
        network.pause(W)
        found = outcome(nodes[G][0].ask(W, "join", {}))
        clock.advance(3)
        assert (found, nodes[W][1].taken()) == ([], [])

        network.resume(W)
        clock.advance(0)

        assert found == [{"by": W}]
        assert nodes[W][1].taken() == [("asked", G, "join", {})]

    def test_a_long_one_is_taken_for_leaving(self, nodes, network, clock):
        nodes[G][0].ask(W, "join", {})
        clock.advance(0)
        nodes[W][1].taken()
        network.pause(W)
        found = outcome(nodes[G][0].ask(W, "say", {}))
        clock.advance(4)
        assert found == [Unanswered]
        assert nodes[G][1].taken() == [("left", W)]
        later = outcome(nodes[G][0].ask(W, "say", {}))
        clock.advance(0)
        assert later == [Unreachable]

        network.resume(W)
        clock.advance(0)

        assert nodes[W][1].taken() == [("asked", G, "say", {}), "disconnected", "connected"]
        assert nodes[G][1].taken() == []
        clock.advance(5)
        assert nodes[W][1].taken() == [("left", G)]


class TestCut:
    def test_mended_quickly_nothing_is_lost(self, nodes, network, clock):
        network.cut(W)
        nodes[W][0].tell(G, 1)
        found = outcome(nodes[G][0].ask(W, "join", {}))
        clock.advance(3)
        network.mend(W)
        clock.advance(0)

        assert nodes[G][1].taken() == [("told", W, 1)]
        assert found == [{"by": W}]

    def test_otherwise_both_sides_notice(self, nodes, network, clock):
        nodes[G][0].ask(W, "join", {})
        clock.advance(0)
        nodes[W][1].taken()
        network.cut(W)
        nodes[W][0].tell(G, 1)
        clock.advance(4)
        assert nodes[G][1].taken() == [("left", W)]
        assert nodes[W][1].taken() == ["disconnected"]
        assert not nodes[W][0].is_connected

        network.mend()
        clock.advance(0)

        assert nodes[W][1].taken() == ["connected"]
        assert nodes[G][1].taken() == []

    def test_a_gateway_that_was_cut_goes_on_with_its_workers(self, nodes, network, clock):
        nodes[G][0].ask(W, "join", {})
        clock.advance(0)
        nodes[W][1].taken()
        network.cut(G)
        clock.advance(4)
        assert nodes[W][1].taken() == [("left", G)]
        network.mend(G)
        clock.advance(10)

        assert nodes[G][1].taken() == ["disconnected", "connected"]
        assert nodes[G][0].reaches(W)

    def test_who_dies_behind_a_cut_is_noticed_late(self, nodes, network, clock):
        nodes[G][0].ask(W, "join", {})
        clock.advance(0)
        network.cut(W)
        network.kill(W)
        clock.advance(3)
        assert nodes[G][1].taken() == []
        clock.advance(1)

        assert nodes[G][1].taken() == [("left", W)]


class TestRouter:
    def test_everybody_is_alone_until_it_is_back(self, nodes, network, clock):
        nodes[G][0].ask(W, "join", {})
        clock.advance(0)
        nodes[W][1].taken()
        network.break_router()
        assert nodes[G][1].taken() == nodes[W][1].taken() == ["disconnected"]
        assert outcome(nodes[G][0].ask(W, "join", {})) == [Unreachable]

        network.restore_router()
        clock.advance(10)

        assert nodes[G][1].taken() == nodes[W][1].taken() == ["connected"]

    def test_who_does_not_come_back_has_left(self, nodes, network, clock):
        for worker in (W, V):
            nodes[G][0].ask(worker, "join", {})
        clock.advance(0)
        network.break_router()
        network.kill(W)
        network.restore_router()
        clock.advance(0)
        clock.advance(5)

        assert nodes[G][1].taken() == ["disconnected", "connected", ("left", W)]

    def test_who_starts_without_one_waits(self, network, clock):
        network.break_router()
        inbox = NotedInbox()
        found = outcome(network.bus("late-00000001").start(inbox))
        clock.advance(1)
        assert found == []

        network.restore_router()
        clock.advance(0)

        assert found == [None]
        assert inbox.taken() == ["connected"]
