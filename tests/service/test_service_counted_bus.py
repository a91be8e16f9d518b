"""What becomes of questions, as Prometheus sees it."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry
from twisted.internet.defer import Deferred, fail, succeed

from pytlas_wamp.cluster.bus import BusError, Refused, TooBig, Unanswered, Unreachable
from pytlas_wamp.service.counted_bus import CountedBus


class Bus:
    """Answers what the test says, and remembers."""

    is_connected = True

    def __init__(self):
        self.answer = None
        self.calls = []

    def start(self, inbox):
        self.inbox = inbox
        return succeed(None)

    def stop(self):
        self.is_connected = False
        return succeed(None)

    def ask(self, node, what, body, *, key=0):
        self.calls.append((node, what, body, key))
        return self.answer

    def tell(self, node, body, *, key=0):
        self.calls.append((node, body, key))


class Inbox:
    def __init__(self):
        self.calls = []

    def asked(self, sender, what, body):
        self.calls.append((sender, what, body))
        if isinstance(body, Exception):
            raise body
        return body

    def told(self, sender, body):
        self.calls.append(("told", sender, body))

    def connected(self):
        self.calls.append("connected")

    def disconnected(self):
        self.calls.append("disconnected")

    def left(self, node):
        self.calls.append(("left", node))


@pytest.fixture
def registry():
    return CollectorRegistry()


@pytest.fixture
def inner():
    return Bus()


@pytest.fixture
def bus(inner, registry):
    return CountedBus(inner, registry)


@pytest.fixture
def inbox(bus):
    inbox = Inbox()
    bus.start(inbox)
    return inbox


def outcome_of(answer):
    outcomes = []
    answer.addBoth(outcomes.append)
    return getattr(outcomes[0], "value", outcomes[0])


class TestAsking:
    def test_asks_the_other_bus(self, bus, inner, registry):
        inner.answer = succeed({"epoch": 3})
        assert outcome_of(bus.ask("w-1", "say", {"user": 7}, key=7)) == {"epoch": 3}
        assert inner.calls == [("w-1", "say", {"user": 7}, 7)]
        labels = {"question": "say", "outcome": "answered"}
        assert registry.get_sample_value("pytlas_cluster_questions_total", labels) == 1

    @pytest.mark.parametrize(
        ("error", "outcome"),
        [
            (Refused("held", "no"), "refused"),
            (Unreachable("nobody"), "unreachable"),
            (Unanswered("silence"), "unanswered"),
            (TooBig("big"), "too-big"),
            (BusError("odd"), "failed"),
        ],
    )
    def test_counts_what_fails_and_passes_it_on(self, bus, inner, registry, error, outcome):
        inner.answer = fail(error)
        assert outcome_of(bus.ask("w-1", "say", {})) is error
        labels = {"question": "say", "outcome": outcome}
        assert registry.get_sample_value("pytlas_cluster_questions_total", labels) == 1

    def test_counts_nothing_while_it_waits(self, bus, inner, registry):
        inner.answer = Deferred()
        bus.ask("w-1", "say", {})
        assert "outcome=" not in str([*registry.collect()])

    def test_counts_conversations_taken_from_the_dead(self, bus, inner, registry):
        for epoch in (0, 4):
            inner.answer = succeed({})
            bus.ask("w-1", "join", {"user": 7, "instead_of": epoch})
        assert registry.get_sample_value("pytlas_cluster_takeovers_total") == 1


class TestTheRest:
    def test_is_as_it_is(self, bus, inner):
        bus.tell("g-1", {"frames": []}, key=3)
        assert inner.calls == [("g-1", {"frames": []}, 3)]
        assert bus.is_connected
        bus.stop()
        assert not bus.is_connected


class TestAnswering:
    def test_passes_on_what_comes(self, inner, inbox):
        inner.inbox.told("w-1", {})
        inner.inbox.connected()
        inner.inbox.disconnected()
        inner.inbox.left("w-1")
        assert inbox.calls == [*(("told", "w-1", {}), "connected", "disconnected", ("left", "w-1"))]

    @pytest.mark.parametrize(
        ("what", "body", "labels"),
        [
            ("join", {"user": 1}, {"question": "join", "outcome": "answered"}),
            ("join", Refused("held", "no"), {"question": "join", "outcome": "refused"}),
            ("say", RuntimeError("a bug"), {"question": "say", "outcome": "failed"}),
            ("dance", {}, {"question": "unknown", "outcome": "answered"}),
        ],
    )
    def test_counts_what_was_answered(self, inner, inbox, registry, what, body, labels):
        answer = outcome_of(inner.inbox.asked("g-1", what, body))
        assert answer is body
        assert inbox.calls == [("g-1", what, body)]
        assert registry.get_sample_value("pytlas_cluster_answers_total", labels) == 1
