"""What waits for a peer that does not read, at each limit and one byte above."""

from __future__ import annotations

import pytest
from attrs import Factory, define
from twisted.internet.interfaces import IPushProducer
from zope.interface.verify import verifyObject

from pytlas_wamp.transport.outbox import Outbox

MOST = 1_000


@define
class FakeWire:
    """Takes so many frames at once, then says stop, as transports do."""

    takes: int = 1_000_000
    outbox: Outbox | None = None
    written: list[str] = Factory(list)
    closed: tuple[int, str] | None = None
    complaints: int = 0

    def write_text(self, payload):
        self.written.append(payload.decode())
        self.takes -= 1
        if self.takes == 0:
            self.outbox.pauseProducing()

    def begin_close(self, code, reason):
        self.closed = (code, reason)

    def read_too_slowly(self):
        self.complaints += 1

    def read(self, takes=1_000_000):
        """The peer has read everything, and can take so many frames more."""
        self.takes = takes
        self.outbox.resumeProducing()


@pytest.fixture
def wire():
    one = FakeWire()
    one.outbox = Outbox(wire=one, max_bytes=MOST)
    return one


@pytest.fixture
def box(wire):
    return wire.outbox


@pytest.fixture
def stuck(wire):
    """An outbox whose peer does not read."""
    wire.outbox.pauseProducing()
    return wire.outbox


class TestOutbox:
    def test_is_what_transports_want(self, box):
        assert verifyObject(IPushProducer, box)

    def test_writes_at_once_while_the_peer_reads(self, wire, box):
        for _ in range(100):
            box.send_text("x" * MOST)
        assert len(wire.written) == 100

    def test_keeps_the_order_over_a_pause(self, wire, box):
        wire.takes = 2
        for word in "abcdef":
            box.send_text(word)
        assert wire.written == ["a", "b"]
        wire.read(takes=3)
        assert wire.written == ["a", "b", "c", "d", "e"]
        box.send_text("g")
        wire.read()
        assert wire.written == ["a", "b", "c", "d", "e", "f", "g"]
        assert box.kept_bytes == 2

    def test_keeps_nothing_when_the_connection_is_gone(self, wire, stuck):
        stuck.send_text("a")
        stuck.stopProducing()
        stuck.send_text("b")
        wire.read()
        assert (wire.written, stuck.kept_bytes) == ([], 0)


class TestLimit:
    def test_itself_is_not_too_much(self, wire, stuck):
        for _ in range(10):
            stuck.send_text("x" * (MOST // 10))
        assert (wire.complaints, stuck.kept_bytes) == (0, MOST)
        wire.read()
        assert len(wire.written) == 10

    def test_one_byte_more_is(self, wire, stuck):
        stuck.send_text("x" * MOST)
        stuck.send_text("y")
        assert (wire.complaints, stuck.kept_bytes) == (1, MOST)
        stuck.send_text("z")
        assert stuck.kept_bytes == MOST

    def test_so_is_one_frame_that_is_too_long_by_itself(self, wire, stuck):
        stuck.send_text("x" * (MOST + 1))
        assert wire.complaints == 1

    def test_is_told_of_once(self, wire, stuck):
        for _ in range(10):
            stuck.send_text("x" * (MOST + 1))
        stuck.count_control(MOST + 1)
        assert wire.complaints == 1

    @pytest.mark.parametrize(("size", "complaints"), [(700, 0), (701, 1)])
    def test_counts_what_the_transport_still_has(self, wire, box, size, complaints):
        wire.takes = 1
        box.send_text("x" * 300)
        box.send_text("x" * size)
        assert wire.complaints == complaints

    def test_forgets_what_the_transport_has_got_rid_of(self, wire, box):
        wire.takes = 1
        box.send_text("x" * 300)
        wire.read()
        box.pauseProducing()
        box.send_text("x" * MOST)
        assert wire.complaints == 0

    def test_takes_a_transport_that_never_said_stop_for_nearly_empty(self, wire):
        wire.outbox = box = Outbox(wire=wire, max_bytes=200_000)
        for _ in range(100):
            box.send_text("x" * 10_000)
        assert box.kept_bytes == 65_536 + 10_000

    @pytest.mark.parametrize(("size", "complaints"), [(100, 0), (101, 1)])
    def test_counts_control_frames(self, wire, stuck, size, complaints):
        stuck.send_text("x" * 900)
        stuck.count_control(size)
        assert wire.complaints == complaints

    def test_control_frames_do_not_matter_while_the_peer_reads(self, wire, box):
        for _ in range(10_000):
            box.count_control(125)
        assert wire.complaints == 0
        assert box.kept_bytes <= 65_536 + 125


class TestDroppable:
    """`thinking`, which a peer can do without."""

    @pytest.mark.parametrize(("before", "heard"), [(495, 2), (496, 1)])
    def test_is_dropped_from_half_of_the_limit_on(self, wire, stuck, before, heard):
        stuck.send_text("x" * before)
        stuck.send_text("think", droppable=True)
        wire.read()
        assert len(wire.written) == heard

    def test_waits_on_where_it_waits_already(self, wire, stuck):
        stuck.send_text("think", droppable=True)
        stuck.send_text("x" * 900)
        stuck.send_text("think", droppable=True)
        stuck.send_text("b")
        wire.read()
        assert wire.written == ["think", "x" * 900, "b"]

    def test_is_never_too_much(self, wire, stuck):
        stuck.send_text("x" * MOST)
        stuck.send_text("think", droppable=True)
        assert wire.complaints == 0

    def test_is_written_like_any_other_while_the_peer_reads(self, wire, box):
        box.send_text("think", droppable=True)
        assert wire.written == ["think"]


class TestClose:
    def test_comes_after_what_waits(self, wire, stuck):
        stuck.send_text("goodbye")
        stuck.close(1001, "shutdown")
        assert (wire.written, wire.closed) == (["goodbye"], (1001, "shutdown"))
        assert stuck.kept_bytes == 0

    def test_of_a_slow_reader_does_too(self, wire, stuck):
        stuck.send_text("x" * MOST)
        stuck.send_text("y")
        stuck.close(1013, "slow-reader")
        assert (wire.written, wire.closed) == (["x" * MOST], (1013, "slow-reader"))
        assert stuck.kept_bytes == 0

    def test_is_the_last_thing_that_is_sent(self, wire, box):
        box.close(1001, "shutdown")
        box.send_text("late")
        assert wire.written == []
