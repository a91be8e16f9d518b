"""What gateways are told together, in what order, and in how many bodies."""

from __future__ import annotations

import pytest
from bus_in_memory import Network
from twisted.internet.task import Clock
from twisted.logger import capturedLogs, formatEvent

from inboxes import NotedInbox
from pytlas_wamp.cluster.bus import MAX_BODY_BYTES, TooBig
from pytlas_wamp.cluster.parcels import packed
from pytlas_wamp.cluster.tellings import BODY_BYTES, ENTRY_BYTES, Tellings

ONE, TWO = "front-00000001", "front-00000002"
LARGEST = 2**63 - 1


class Ways:
    """A bus that keeps what it is told, and can fail."""

    def __init__(self):
        self.told = []
        self.broken = {}

    def tell(self, node, body, *, key=0):
        if node in self.broken:
            raise self.broken[node]
        packed(body)
        self.told.append((node, body, key))

    def bodies(self, node=ONE):
        return [body for to, body, _ in self.told if to == node]


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def bus():
    return Ways()


@pytest.fixture
def tellings(bus, clock):
    return Tellings(bus=bus, clock=clock)


class TestOneTurn:
    def test_nothing_is_told_before_it_ends(self, tellings, bus, clock):
        tellings.frame(ONE, 1, 3, "{}")
        assert bus.told == []
        clock.advance(0)
        assert bus.told == [(ONE, {"frames": [[1, 3, "{}", None]]}, 1)]

    def test_all_of_it_is_one_body_for_each_gateway(self, tellings, bus, clock):
        tellings.frame(ONE, 1, 3, "a", 7)
        tellings.frame(TWO, 1, 3, "a")
        tellings.frame(ONE, 2, 1, "b")
        clock.advance(0)
        assert bus.bodies(ONE) == [{"frames": [[1, 3, "a", 7], [2, 1, "b", None]]}]
        assert bus.bodies(TWO) == [{"frames": [[1, 3, "a", None]]}]
        assert (tellings.frames, tellings.bodies) == (3, 2)

    def test_what_has_moved_comes_with_the_frames(self, tellings, bus, clock):
        tellings.frame(ONE, 1, 3, "a")
        tellings.moved(ONE, 1, 3)
        clock.advance(0)
        assert bus.bodies() == [{"frames": [[1, 3, "a", None]], "moved": [[1, 3]]}]

    def test_or_alone(self, tellings, bus, clock):
        tellings.moved(ONE, 5, 3)
        clock.advance(0)
        assert bus.told == [(ONE, {"moved": [[5, 3]]}, 5)]

    def test_the_next_turn_has_its_own(self, tellings, bus, clock):
        for text in "ab":
            tellings.frame(ONE, 1, 3, text)
            clock.advance(0)
        assert bus.bodies() == [{"frames": [[1, 3, text, None]]} for text in "ab"]

    def test_a_turn_without_anything_tells_nothing(self, tellings, bus, clock):
        clock.advance(10)
        assert (bus.told, clock.getDelayedCalls()) == ([], [])

    def test_it_can_be_told_at_once(self, tellings, bus, clock):
        tellings.frame(ONE, 1, 3, "a")
        tellings.tell()
        assert bus.bodies() == [{"frames": [[1, 3, "a", None]]}]
        assert clock.getDelayedCalls() == []
        tellings.tell()
        assert len(bus.told) == 1

    def test_who_is_gone_is_told_nothing(self, tellings, bus, clock):
        tellings.frame(ONE, 1, 3, "a")
        tellings.frame(TWO, 1, 3, "a")
        tellings.drop(ONE)
        clock.advance(0)
        assert [node for node, _, _ in bus.told] == [TWO]


class TestLanes:
    def test_what_takes_another_way_is_another_body(self, bus, clock):
        tellings = Tellings(bus=bus, clock=clock, lane=lambda user_id: user_id % 2)
        for user_id in (1, 2, 3, 4):
            tellings.frame(ONE, user_id, 1, "a")
        clock.advance(0)
        users = [[frame[0] for frame in body["frames"]] for body in bus.bodies()]
        assert (users, [key for _, _, key in bus.told]) == ([[1, 3], [2, 4]], [1, 2])


class TestSize:
    def test_what_is_too_much_for_one_body_is_several(self, bus, clock):
        tellings = Tellings(bus=bus, clock=clock, max_bytes=BODY_BYTES + 2 * (ENTRY_BYTES + 10))
        for number in range(5):
            tellings.frame(ONE, 1, 3, str(number) * 10)
        tellings.moved(ONE, 1, 3)
        clock.advance(0)
        texts = [[frame[2][0] for frame in body.get("frames", ())] for body in bus.bodies()]
        assert texts == [["0", "1"], ["2", "3"], ["4"]]
        assert ["moved" in body for body in bus.bodies()] == [False, False, True]

    def test_also_of_those_that_moved(self, bus, clock):
        tellings = Tellings(bus=bus, clock=clock, max_bytes=BODY_BYTES + ENTRY_BYTES)
        for user_id in (1, 2):
            tellings.moved(ONE, user_id, 3)
        clock.advance(0)
        assert bus.bodies() == [{"moved": [[1, 3]]}, {"moved": [[2, 3]]}]

    def test_the_estimate_is_never_too_low(self, tellings, bus, clock):
        text = "x" * (MAX_BODY_BYTES // 2 - ENTRY_BYTES - BODY_BYTES)
        for _ in range(3):
            tellings.frame(ONE, LARGEST, LARGEST, text, LARGEST)
        for _ in range(300_000):
            tellings.moved(TWO, LARGEST, LARGEST)
        clock.advance(0)
        assert [len(body["frames"]) for body in bus.bodies(ONE)] == [2, 1]
        assert sum(len(body["moved"]) for body in bus.bodies(TWO)) == 300_000

    def test_one_that_never_fits_is_left_out(self, tellings, bus, clock):
        tellings.frame(ONE, 1, 3, "x" * MAX_BODY_BYTES)
        tellings.frame(ONE, 1, 3, "a")
        clock.advance(0)
        assert bus.bodies() == [{"frames": [[1, 3, "a", None]]}]

    def test_there_may_be_no_room_at_all(self, bus, clock):
        tellings = Tellings(bus=bus, clock=clock, max_bytes=1)
        tellings.moved(ONE, 1, 3)
        assert clock.getDelayedCalls() == []


class TestFailures:
    @pytest.mark.parametrize("error", [TooBig("more than there may be"), RuntimeError("a bug")])
    def test_one_gateway_does_not_keep_another_from_being_told(self, tellings, bus, clock, error):
        bus.broken[ONE] = error
        tellings.frame(ONE, 1, 3, "a")
        tellings.frame(TWO, 1, 3, "a")
        with capturedLogs() as logs:
            clock.advance(0)
        assert [node for node, _, _ in bus.told] == [TWO]
        assert (tellings.frames, tellings.bodies) == (1, 1)
        assert [formatEvent(log).startswith(f"{ONE} was not told") for log in logs] == [True]


class TestOverABus:
    def test_a_gateway_is_told_in_order(self, clock):
        network, inbox = Network(clock), NotedInbox()
        buses = [network.bus(ONE), network.bus("cook-00000001")]
        buses[0].start(inbox)
        buses[1].start(NotedInbox())
        clock.advance(0)
        tellings = Tellings(bus=buses[1], clock=clock)
        for text in "abc":
            tellings.frame(ONE, 1, 3, text)
            clock.advance(0)
        clock.advance(0)
        told = [event for event in inbox.events if event[0] == "told"]
        assert [body["frames"][0][2] for _, _, body in told] == ["a", "b", "c"]
