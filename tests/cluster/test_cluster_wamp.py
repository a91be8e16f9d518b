"""A bus by way of a WAMP router, which is in memory here."""

from __future__ import annotations

from itertools import pairwise

import pytest
import txaio
from autobahn.wamp import message as wamp
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import globalLogPublisher
from wamp_in_memory import RouterInMemory

from inboxes import NotedInbox
from pytlas_wamp.cluster import parcels
from pytlas_wamp.cluster.bus import (
    ANSWER_SECONDS,
    MAX_BODY_BYTES,
    Refused,
    TooBig,
    Unanswered,
    Unreachable,
)
from pytlas_wamp.cluster.identity import NodeKey, make_key, uris
from pytlas_wamp.cluster.router import UNTRUSTED
from pytlas_wamp.cluster.wamp import WampBus
from pytlas_wamp.cluster.watches import RETURN_SECONDS
from pytlas_wamp.errors import OperatorError

URL = "ws://router.test:8080/ws"
G, W = "g1-00000001", "w1-00000001"
KEYS = {name: NodeKey(bytes([number]) * 32) for number, name in enumerate(("g1", "w1", "w2"))}


@pytest.fixture(autouse=True)
def _own_clock(monkeypatch):
    """Autobahn has one clock for the whole process."""
    monkeypatch.setattr(txaio.config, "loop", None, raising=False)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def router(clock):
    return RouterInMemory(clock, {name: key.public for name, key in KEYS.items()})


@pytest.fixture
def logged():
    """What is logged meanwhile, as text."""
    events = []

    def observe(event):
        if event.get("log_namespace", "").startswith("pytlas_wamp"):
            events.append(event["log_format"].format_map(event))

    globalLogPublisher.addObserver(observe)
    yield events
    globalLogPublisher.removeObserver(observe)


def outcome(deferred):
    found = []
    deferred.addCallbacks(found.append, lambda failure: found.append(failure.value))
    return found


def kinds(found):
    return [type(each) for each in found]


def step(clock):
    """Does the next thing alone, so as to stop in the middle of a turn."""
    if clock.calls and clock.calls[0].time <= clock.seconds():
        call = clock.calls.pop(0)
        call.called = 1
        call.func(*call.args, **call.kw)


class Node:
    """A node at the router."""

    def __init__(self, router, node_id, role=None, key=None):
        self.id, self.router = node_id, router
        name = node_id.partition("-")[0]
        role = role or ("gateway" if name.startswith("g") else "worker")
        self.bus = WampBus(
            URL,
            node_id,
            role,
            key or KEYS[name],
            router.clock,
            random=lambda: 1.0,
            endpoint=router,
        )
        self.inbox = NotedInbox(answer={"by": node_id})
        self.started = outcome(self.bus.start(self.inbox))

    def ask(self, node, body=None):
        return outcome(self.bus.ask(node, "say", body))

    def line(self):
        return self.router.of(self.id.partition("-")[0])


@pytest.fixture
def make(router, clock):
    """Makes nodes that are started."""

    def make(*args, **kwargs):
        node = Node(router, *args, **kwargs)
        clock.advance(0)
        return node

    return make


@pytest.fixture
def pair(make, clock):
    """A gateway and a worker that have been there for a while."""
    gateway, worker = make(G), make(W)
    clock.advance(RETURN_SECONDS)
    assert (gateway.started, worker.started) == ([None], [None])
    assert gateway.inbox.taken() == worker.inbox.taken() == ["connected"]
    return gateway, worker


class TestQuestions:
    def test_are_answered(self, pair, clock):
        gateway, worker = pair
        found = gateway.ask(W, {"user": 1})
        clock.advance(0)

        assert worker.inbox.taken() == [("asked", G, "say", {"user": 1})]
        assert found == [{"by": W}]

    def test_may_be_answered_later(self, pair, clock):
        gateway, worker = pair
        later = worker.inbox.answer = Deferred()
        found = gateway.ask(W)
        clock.advance(1)
        assert found == []
        later.callback(1)
        clock.advance(0)

        assert found == [1]

    def test_may_be_refused(self, pair, clock):
        gateway, worker = pair
        worker.inbox.answer = Refused("moved", "not here")
        found = gateway.ask(W)
        clock.advance(0)

        assert (found[0].code, found[0].text) == ("moved", "not here")

    def test_that_fail_tell_nobody_why(self, pair, clock, router):
        gateway, worker = pair
        worker.inbox.answer = KeyError("the secret path")
        found = gateway.ask(W)
        clock.advance(0)

        assert found[0].code == "failed"
        assert "secret" not in str([message.marshal() for message in router.messages])

    def test_are_arguments_of_one_call(self, pair, clock, router):
        pair[0].ask(W, {"user": 1})
        clock.advance(0)
        (call,) = [
            message
            for message in router.messages
            if isinstance(message, wamp.Call) and message.procedure.endswith(".ask")
        ]

        assert call.procedure == "pytlas.worker.w1.00000001.ask"
        assert (*call.args[:2], parcels.opened(call.args[2])) == (G, "say", {"user": 1})
        assert call.timeout is None

    @pytest.mark.parametrize("node", ["w1-00000002", "w2-00000001", "nobody", "a.b-00000001"])
    def test_to_nobody_are_unreachable(self, pair, clock, node):
        found = pair[0].ask(node)
        clock.advance(0)

        assert kinds(found) == [Unreachable]

    def test_that_are_not_allowed_are_unreachable(self, pair, clock, router):
        router.forbidden = ("pytlas.worker.w1.00000001.ask",)
        found = pair[0].ask(W)
        clock.advance(0)

        assert kinds(found) == [Unreachable]

    def test_that_nobody_answers_fail_in_time(self, pair, clock):
        gateway, worker = pair
        worker.inbox.answer = Deferred()
        found = gateway.ask(W)
        clock.advance(ANSWER_SECONDS - 0.01)
        assert found == []
        clock.advance(0.01)

        assert kinds(found) == [Unanswered]

    def test_are_done_even_if_who_asked_has_gone(self, pair, clock, router):
        gateway, worker = pair
        later = worker.inbox.answer = Deferred()
        gateway.ask(W)
        clock.advance(0)
        gateway.line().abortConnection()
        clock.advance(0)
        assert not later.called
        later.callback(1)
        clock.advance(0)

    def test_are_unanswered_when_the_worker_goes(self, pair, clock):
        gateway, worker = pair
        worker.inbox.answer = Deferred()
        found = gateway.ask(W)
        clock.advance(0)
        worker.line().abortConnection()
        clock.advance(0)

        assert kinds(found) == [Unanswered]
        assert gateway.inbox.taken() == [("left", W)]

    def test_are_unanswered_when_the_own_connection_breaks(self, pair, clock):
        gateway, worker = pair
        worker.inbox.answer = Deferred()
        found = gateway.ask(W)
        clock.advance(0)
        gateway.line().abortConnection()

        assert kinds(found) == [Unanswered]
        assert gateway.inbox.taken() == ["disconnected"]
        assert kinds(gateway.ask(W)) == [Unreachable]

    def test_that_are_too_big_are_not_sent(self, pair):
        assert kinds(pair[0].ask(W, b"x" * MAX_BODY_BYTES)) == [TooBig]

    @pytest.mark.parametrize("answer", [b"\xff", "text", None])
    def test_whose_answer_cannot_be_read_are_unanswered(self, pair, clock, answer, monkeypatch):
        monkeypatch.setattr(parcels, "packed_answer", lambda _: answer)
        found = pair[0].ask(W)
        clock.advance(0)

        assert kinds(found) == [Unanswered]

    @pytest.mark.parametrize(
        "args", [(G, "say", b"\xff"), ("g2-00000001", "say", b"\xf6"), (1, 2, 3)]
    )
    def test_that_cannot_be_read_or_are_forged_reach_nobody(self, pair, clock, args):
        gateway, worker = pair
        found = outcome(gateway.bus._session.call(uris(W).ask, *args))
        clock.advance(0)

        assert worker.inbox.taken() == []
        assert parcels.opened(found[0])["refused"][0] == "failed"


class TestTelling:
    def test_arrives_in_order(self, pair, clock):
        gateway, worker = pair
        for number in range(3):
            worker.bus.tell(G, {"frames": [number]})
        clock.advance(0)

        assert gateway.inbox.taken() == [("told", W, {"frames": [number]}) for number in range(3)]

    def test_is_lost_where_nobody_is(self, pair, clock):
        _, worker = pair
        worker.bus.tell("g1-00000002", 1)
        worker.bus.tell("nobody", 1)
        worker.line().abortConnection()
        worker.bus.tell(G, 1)
        clock.advance(0)

    def test_may_be_too_big(self, pair):
        with pytest.raises(TooBig):
            pair[1].bus.tell(G, b"x" * MAX_BODY_BYTES)

    @pytest.mark.parametrize("args", [(W, b"\xff"), ("w2-00000001", b"\xf6"), (None, b"\xf6")])
    def test_what_cannot_be_read_or_is_forged_reaches_nobody(self, pair, clock, args):
        gateway, worker = pair
        worker.bus._session.publish(uris(G).told, *args)
        clock.advance(0)

        assert gateway.inbox.taken() == []


class TestLeaving:
    @pytest.fixture
    def joined(self, pair, clock):
        pair[0].ask(W)
        clock.advance(0)
        for node in pair:
            node.inbox.taken()
        return pair

    def test_both_sides_know_of_each_other(self, joined):
        gateway, worker = joined
        assert gateway.bus.reaches(W)
        assert worker.bus.reaches(G)
        assert not worker.bus.reaches(W)

    def test_of_a_gateway_is_told_to_the_worker(self, joined, clock):
        gateway, worker = joined
        gateway.line().abortConnection()
        clock.advance(0)

        assert worker.inbox.taken() == [("left", G)]

    def test_in_order_is_told_to_the_others_alone(self, joined, clock, router):
        gateway, worker = joined
        worker.inbox.answer = Deferred()
        found = gateway.ask(W)
        clock.advance(0)
        worker.inbox.taken()
        stopped = outcome(worker.bus.stop())
        clock.advance(0)

        assert stopped == [None]
        assert kinds(found) == [Unanswered]
        assert gateway.inbox.taken() == [("left", W)]
        assert worker.inbox.taken() == []
        clock.advance(100)
        assert [line.authid for line in router.lines] == ["g1"]

    def test_one_that_cannot_be_told_of_is_left_at_once(self, joined, clock, router):
        _, worker = joined
        router.is_deaf = True
        stopped = outcome(worker.bus.stop())
        clock.advance(1.9)
        assert stopped == []
        clock.advance(0.1)

        assert stopped == [None]

    def test_a_worker_can_be_watched_without_a_question(self, pair, clock):
        gateway = pair[0]
        gateway.bus.watch(W)
        gateway.bus.watch("w1-00000002")
        gateway.bus.watch("nobody")
        clock.advance(0)

        assert gateway.bus.reaches(W)
        assert gateway.inbox.taken() == [("left", "nobody"), ("left", "w1-00000002")]

    def test_nobody_watches_in_the_name_of_another(self, pair, clock):
        gateway, worker = pair
        found = outcome(gateway.bus._session.call(uris(W).watch, "g2-00000001"))
        clock.advance(0)

        assert found == [None]
        assert not worker.bus.reaches("g2-00000001")

    def test_who_watches_need_not_hear_that_it_is_there(self, pair, clock):
        gateway, worker = pair
        gateway.bus._session.call(uris(W).watch, G)
        clock.advance(0)

        assert worker.bus.reaches(G)


class TestConnection:
    def test_comes_back_by_itself(self, pair, clock):
        gateway, worker = pair
        gateway.ask(W)
        clock.advance(0)
        worker.inbox.taken()
        gateway.line().abortConnection()
        clock.advance(0)
        assert worker.inbox.taken() == [("left", G)]
        assert not gateway.bus.is_connected
        clock.advance(0.2)
        clock.advance(0)

        assert gateway.inbox.taken() == ["disconnected", "connected"]
        assert gateway.bus.reaches(W)
        assert worker.bus.reaches(G)

    def test_is_tried_for_ever_not_too_often(self, pair, clock, router):
        router.go_down()
        before, times = router.dialled, []
        for tenth in range(200):
            clock.advance(0.1)
            if router.dialled > before:
                times.append(tenth)
            before = router.dialled

        waits = [late - early for early, late in pairwise(times)]
        assert max(waits) <= 40  # two nodes, two seconds each
        assert 10 < len(times) < 40
        router.is_up = True
        clock.advance(2)
        clock.advance(0)
        assert pair[0].inbox.taken() == ["disconnected", "connected"]

    def test_is_not_begun_again_after_a_stop(self, pair, clock, router):
        router.go_down()
        assert outcome(pair[0].bus.stop()) == [None]
        assert outcome(pair[0].bus.stop()) == [None]
        assert outcome(pair[1].bus.stop()) == [None]
        dialled = router.dialled
        clock.advance(100)

        assert router.dialled == dialled

    def test_a_start_waits_for_the_router(self, clock, router):
        router.is_up = False
        node = Node(router, G)
        clock.advance(5)
        assert node.started == []
        router.is_up = True
        clock.advance(2)
        clock.advance(0)

        assert node.started == [None]

    def test_a_router_that_does_not_answer_is_given_up(self, clock, router):
        router.is_deaf = True
        Node(router, G)
        clock.advance(9)
        assert len(router.lines) == 1
        clock.advance(1)

        assert router.lines == []

    def test_who_has_watched_has_time_to_come_back(self, pair, clock, router):
        gateway, worker = pair
        gateway.ask(W)
        clock.advance(0)
        router.go_down()
        worker.inbox.taken()
        router.is_up = True
        gateway.bus.stop()
        clock.advance(0.2)
        clock.advance(0)
        assert worker.inbox.taken() == ["connected"]
        clock.advance(RETURN_SECONDS)

        assert worker.inbox.taken() == [("left", G)]


class TestRights:
    def test_a_wrong_key_fails_the_start(self, make, clock, router):
        key = make_key()
        node = make(G, key=key)

        assert kinds(node.started) == [OperatorError]
        assert "does not let 'g1' in (wamp.error.not_authorized)" in str(node.started[0])
        assert key.public in str(node.started[0])
        clock.advance(100)
        assert (router.dialled, router.lines) == (1, [])
        assert node.inbox.taken() == []

    def test_an_unknown_name_fails_the_start(self, make):
        assert kinds(make("nobody-00000001", key=make_key(), role="gateway").started) == [
            OperatorError
        ]

    @pytest.mark.parametrize(
        ("node_id", "forbidden", "text"),
        [
            (G, "pytlas.gateway.", "subscribe to what begins with 'pytlas.gateway.g1.'"),
            (W, "pytlas.worker.w1.00000001.ask", "register what begins with 'pytlas.worker.w1.'"),
        ],
    )
    def test_a_role_without_rights_fails_the_start(self, make, router, node_id, forbidden, text):
        router.forbidden = (forbidden,)
        node = make(node_id)

        assert kinds(node.started) == [OperatorError]
        assert text in str(node.started[0])

    def test_a_router_that_lets_anybody_in_fails_the_start(self, make, router, clock):
        router.anybody = True
        node = make(G)

        assert "lets anybody in without a key" in str(node.started[0])
        assert node.inbox.taken() == []
        clock.advance(100)
        assert router.lines == []

    def test_one_that_asks_for_no_key_as_well(self, make, router):
        router.without_auth = True

        assert "lets anybody in without a key" in str(make(G).started[0])

    def test_one_that_knows_no_keys_as_well(self, make, router, monkeypatch):
        monkeypatch.setattr(
            RouterInMemory,
            "_on_hello",
            lambda _, line, __: line.deliver(wamp.Abort("wamp.error.no_auth_method")),
        )

        assert "does not ask for a key" in str(make(G).started[0])

    def test_a_router_that_is_not_trusted_fails_the_start(self, router, clock):
        node = Node(router, G)
        clock.advance(0)
        other = Node(router, W)
        router.lines[-1].factory.attempt.on_end(UNTRUSTED)

        assert node.started == [None]
        assert "the certificate of the router at ws://router.test" in str(other.started[0])

    def test_strangers_are_tried_once(self, pair, clock, router):
        assert router.dialled == 4
        pair[0].line().abortConnection()
        clock.advance(0.2)
        clock.advance(0)

        assert router.dialled == 5

    def test_the_try_is_repeated_when_it_comes_to_nothing(self, router, clock):
        node = Node(router, G)
        while len(router.lines) < 2:
            step(clock)
        router.lines[1].abortConnection()
        clock.advance(0)
        assert node.started == []
        clock.advance(1)
        clock.advance(0)

        assert node.started == [None]

    def test_a_refusal_later_is_a_complaint_and_tried_again(self, pair, clock, router, logged):
        gateway, _ = pair
        public = router.keys.pop("g1")
        gateway.line().abortConnection()
        for _ in range(10):
            clock.advance(2)
        complaints = [line for line in logged if "does not let 'g1' in" in line]
        assert len(complaints) == 1
        assert complaints[0].endswith("; this is tried again")
        router.keys["g1"] = public
        clock.advance(2)
        clock.advance(0)

        assert gateway.bus.is_connected

    def test_a_start_that_fails_may_be_followed_by_a_stop(self, router, clock):
        node = Node(router, G, key=make_key())
        stopped = []
        node.bus._starting.addErrback(lambda _: stopped.extend(outcome(node.bus.stop())))
        clock.advance(0)

        assert outcome(node.bus.stop()) == [None]

    def test_a_stop_during_the_start_is_quiet(self, router, clock):
        for calls in range(12):
            node = Node(router, G)
            for _ in range(calls):
                step(clock)
            stopped = outcome(node.bus.stop())
            clock.advance(0)
            clock.advance(10)

            assert stopped == [None]
            assert router.lines == []

    def test_a_bug_of_ours_ends_in_another_try(self, router, clock, monkeypatch):
        calls = []

        def broken(*_, **__):
            calls.append(1)
            raise ZeroDivisionError

        node = Node(router, G)
        monkeypatch.setattr(WampBus, "_check_strangers", broken)
        clock.advance(0)
        clock.advance(1)
        clock.advance(0)

        assert len(calls) > 1
        assert node.started == []


class TestAddress:
    @pytest.mark.parametrize("url", ["", "http://router.test", "router.test:8080"])
    def test_of_no_router_is_refused(self, url, clock):
        with pytest.raises(OperatorError, match="is not the address of a router"):
            WampBus(url, G, "gateway", KEYS["g1"], clock)
