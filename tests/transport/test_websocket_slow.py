"""Clients that do not read, from the limit to the end of the connection (spec 5.8)."""

from __future__ import annotations

import pytest

from pytlas_wamp.limits import Limits
from wire_devices import HANDSHAKE, frame, text

SMALL = Limits(max_outbound_bytes=20_000)
SLOW = (1013, "slow-reader")


@pytest.fixture
def pair(make_wire):
    """A device that reads and one that does not, of the same person."""
    wire = make_wire(limits=SMALL)
    reading, slow = wire.ready(), wire.ready()
    slow.reading = False
    return wire, reading, slow


def outbox_of(device):
    return device.pump.serverIO.protocol.outbox


def say(device, size):
    """Some 3 * size bytes: `said` to the other one, and an answer with its text twice."""
    assert device.say("echo " + "x" * size)[-1] == "done"


class TestSlowReader:
    def test_gets_all_of_it_later(self, pair):
        _, reading, slow = pair
        say(reading, 1_000)
        assert slow.seen == []
        slow.reading = True
        assert [one["type"] for one in slow.take()] == ["said", "thinking", "answer", "done"]

    def test_gets_no_thinking_from_half_of_the_limit_on(self, pair):
        _, reading, slow = pair
        for size in (3_400, 1_000):
            say(reading, size)
        slow.reading = True
        heard = [one["type"] for one in slow.take()]
        assert heard == ["said", "thinking", "answer", "done", "said", "answer", "done"]

    def test_beyond_it_is_closed_alone(self, pair):
        wire, reading, slow = pair
        for _ in range(3):
            say(reading, 3_000)
        say(reading, 1)
        assert outbox_of(slow).kept_bytes < 20_000
        slow.reading = True
        wire.settle()
        assert slow.closed == SLOW
        assert wire.host.conversations[0].device_count == 1
        assert reading.closed is None

    def test_gets_the_rest_when_it_comes_back(self, pair):
        wire, reading, slow = pair
        for number in range(5):
            say(reading, 2_000 + number)
        slow.reading = True
        seen = slow.take()
        assert slow.closed == SLOW
        again = wire.dial().authenticate(wire.token(), after=seen[-1]["seq"])
        ready, *rest = again.take()
        assert ready["resumed"] is True
        numbers = [one["seq"] for one in (*seen, *rest)]
        thinking = [seq for seq in range(1, 21) if seq not in numbers]
        assert numbers == sorted(numbers)
        assert numbers[-1] == 20
        assert len(thinking) < 5

    def test_that_reads_nothing_at_all_is_dropped_soon(self, pair):
        wire, reading, slow = pair
        for _ in range(3):
            say(reading, 3_000)
        assert len(wire.connections) == 2
        wire.advance(3)
        slow.reading = True
        wire.settle()
        assert len(wire.connections) == 1
        assert slow.pump.serverIO.disconnecting
        assert outbox_of(slow).kept_bytes == 0

    def test_that_pings_and_does_not_read_is_one_too(self, make_wire):
        wire = make_wire(limits=Limits(max_outbound_bytes=1_024))
        device = wire.dial_raw(HANDSHAKE, text({"type": "authenticate", "token": wire.token()}))
        device.reading = False
        for _ in range(20):
            device.write(frame(b"x" * 125, 9))
        device.reading = True
        wire.settle()
        assert device.closed == SLOW
        assert 0 < len(device.pongs) < 10

    def test_before_ready_is_a_stranger(self, make_wire):
        wire = make_wire(limits=Limits(max_outbound_bytes=1_024))
        device = wire.dial_raw(HANDSHAKE)
        device.reading = False
        for _ in range(20):
            device.write(frame(b"x" * 125, 9))
        device.reading = True
        wire.settle()
        assert device.closed == (1000, "authentication-expected")

    def test_what_it_missed_counts_when_it_joins(self, make_wire):
        """All of a replay is sent at once, and waits for who does not read it."""
        wire = make_wire(limits=SMALL)
        first = wire.ready()
        for _ in range(5):
            say(first, 2_000)
        late = wire.dial()
        late.reading = False
        late.authenticate(wire.token(), after=1)
        late.reading = True
        wire.settle()
        assert late.closed == SLOW
        assert late.seen[0]["type"] == "ready"


class TestHalfOpen:
    def test_is_dropped_in_less_than_a_minute(self, pair):
        """Its ping is written past what waits, and nobody answers."""
        wire, reading, slow = pair
        say(reading, 1_000)
        for _ in range(48):
            wire.advance(1)
        assert slow.pump.serverIO.disconnecting
        slow.reading = True
        wire.settle()
        assert len(wire.connections) == 1
        assert slow.closed[0] == 1006

    def test_is_not_while_it_answers(self, pair):
        wire, reading, slow = pair
        for _ in range(4):
            say(reading, 100)
            wire.advance(20)
            slow.reading = True
            wire.settle()
            slow.reading = False
        assert slow.closed is None
        assert slow.pinged >= 2

    def test_that_has_closed_and_reads_nothing_is_cut_off(self, pair):
        """Twisted waits until all is read before it ends a connection, if need be for ever."""
        wire, reading, slow = pair
        say(reading, 1_000)
        aborted = []
        slow.pump.serverIO.abortConnection = lambda: aborted.append(wire.clock.seconds())
        began = wire.clock.seconds()
        slow.client.sendCloseFrame(1000)
        wire.settle()
        assert outbox_of(slow).kept_bytes > 0
        wire.advance(1.75)
        assert aborted == []
        wire.advance(0.5)
        assert aborted == [began + 2]

    def test_that_is_gone_at_once_leaves_no_timer(self, wire):
        device = wire.ready()
        device.close()
        wire.settle()
        assert wire.clock.getDelayedCalls() == []
