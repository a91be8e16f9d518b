"""What the seat of a gateway passes on, and what one of its devices gets that speaks."""

from __future__ import annotations

import gc
from weakref import ref

import pytest
from twisted.internet.task import Clock
from twisted.logger import capturedLogs, formatEvent

from frames import Screen, check_frame, short
from pytlas_wamp.cluster.bus import MAX_BODY_BYTES, Refused
from pytlas_wamp.cluster.parcels import packed
from pytlas_wamp.cluster.seats import Seats, Speaker
from pytlas_wamp.cluster.tellings import Tellings
from pytlas_wamp.wire.codec import encode
from pytlas_wamp.wire.messages import Done, Language, Message

ONE, TWO = "front-00000001", "front-00000002"
FRAME = Language(language="fr-FR", seq=1)


class Bus:
    def __init__(self):
        self.told = []

    def tell(self, node, body, *, key=0):
        self.told.append((node, body))


class Conversation:
    """Takes what is said when the test says so."""

    def __init__(self, epoch=1):
        self.epoch = epoch
        self.devices = []
        self.said = []

    def join(self, seat):
        self.devices.append(seat)

    def detach(self, seat):
        self.devices.remove(seat)

    def say(self, device, message, taken):
        self.said.append((device, message, taken))


@pytest.fixture
def bus():
    return Bus()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def seats(bus, clock):
    return Seats(Tellings(bus=bus, clock=clock))


def sit_down(seats, conversation, gateway=ONE, user=1):
    """Have a gateway join a conversation; its seat, if it is another than before."""
    row = seats.row(gateway)
    seat = row.make(user)
    conversation.join(seat)
    row.sit_down(seat, conversation)
    return seat


def told(bus, clock):
    """What gateways were told since."""
    clock.advance(0)
    told, bus.told = bus.told, []
    return told


class TestFrames:
    def test_all_of_them_are_told(self, seats, bus, clock):
        seat = sit_down(seats, Conversation(epoch=5))
        seat.deliver(FRAME)
        seat.repeat(FRAME)
        entry = [1, 5, encode(FRAME), None]
        assert told(bus, clock) == [(ONE, {"frames": [entry, entry]})]

    def test_the_device_that_spoke_is_named(self, seats, bus, clock):
        seat = sit_down(seats, Conversation())
        seat.overhear(FRAME, Speaker(ONE, 7))
        assert told(bus, clock) == [(ONE, {"frames": [[1, 1, encode(FRAME), 7]]})]

    @pytest.mark.parametrize("speaker", [Speaker(TWO, 7), Screen()])
    def test_not_when_it_is_another_ones(self, seats, bus, clock, speaker):
        seat = sit_down(seats, Conversation())
        seat.overhear(FRAME, speaker)
        assert told(bus, clock) == [(ONE, {"frames": [[1, 1, encode(FRAME), None]]})]

    def test_that_it_moved_comes_after_them(self, seats, bus, clock):
        seat = sit_down(seats, Conversation(epoch=5))
        seat.deliver(FRAME)
        seat.moved()
        ((_, body),) = told(bus, clock)
        assert (len(body["frames"]), body["moved"]) == (1, [[1, 5]])
        assert (seats.find(ONE, 1, 5), len(seats)) == (None, 0)


class TestSpeaking:
    def say(self, seat, number=7):
        outcome = []
        seat.say(number, Message(message="hello")).addBoth(outcome.append)
        return outcome

    def test_it_is_answered_when_it_is_taken(self, seats):
        conversation = Conversation()
        outcome = self.say(sit_down(seats, conversation))
        speaker, message, taken = conversation.said[0]
        assert (speaker.number, message.message, outcome) == (7, "hello", [])
        taken()
        assert outcome == [[]]

    def test_what_it_alone_gets_is_in_the_answer(self, seats):
        conversation = Conversation()
        outcome = self.say(sit_down(seats, conversation))
        speaker, _, taken = conversation.said[0]
        speaker.deliver(FRAME)
        speaker.overhear(FRAME, speaker)
        speaker.repeat(Done(seq=2, require_input=False))
        taken()
        assert [(short(check_frame(text)), past) for text, past in outcome[0]] == [
            ("language fr-FR", False),
            ("done", True),
        ]

    def test_what_is_not_taken_when_it_moves_is_refused(self, seats):
        conversation = Conversation()
        seat = sit_down(seats, conversation)
        outcomes = [self.say(seat), self.say(seat)]
        conversation.said[0][2]()
        seat.moved()
        assert outcomes[0] == [[]]
        error = outcomes[1][0].value
        assert (type(error), error.code) == (Refused, "moved")
        conversation.said[1][2]()
        conversation.said[1][0].moved()
        assert len(outcomes[1]) == 1

    def test_nothing_is_left_of_who_was_answered(self, seats):
        conversation = Conversation()
        self.say(sit_down(seats, conversation))
        speaker, _, taken = conversation.said.pop()
        gone = ref(speaker)
        taken()
        del speaker, taken
        gc.collect()
        assert gone() is None

    def test_there_is_a_bound_to_what_is_repeated(self, seats):
        conversation = Conversation()
        outcome = self.say(sit_down(seats, conversation))
        speaker, _, taken = conversation.said[0]
        frame = Language(language="x" * 200_000, seq=1)
        with capturedLogs() as logs:
            for _ in range(50):
                speaker.repeat(frame)
        taken()
        assert 40 <= len(outcome[0]) < 50
        assert len(packed({"ok": {"frames": outcome[0]}})) <= MAX_BODY_BYTES
        assert [formatEvent(log) for log in logs] == [
            f"device 7 of {ONE} asks for more than fits an answer"
        ]


class TestRows:
    def test_a_gateway_sits_once_in_a_conversation(self, seats):
        conversation = Conversation()
        first = sit_down(seats, conversation)
        sit_down(seats, conversation)
        assert (conversation.devices, seats.find(ONE, 1, 1)) == ([first], first)

    def test_under_another_epoch_it_is_another_conversation(self, seats):
        sit_down(seats, Conversation(1))
        second = sit_down(seats, Conversation(2))
        assert (seats.find(ONE, 1, 1), seats.find(ONE, 1, 2)) == (None, second)
        assert len(seats) == 1

    def test_one_that_has_moved_long_ago_takes_no_other_with_it(self, seats):
        first = sit_down(seats, Conversation(1))
        second = sit_down(seats, Conversation(2))
        first.moved()
        assert seats.find(ONE, 1, 2) is second

    def test_leaving(self, seats):
        conversation = Conversation()
        sit_down(seats, conversation)
        other = sit_down(seats, conversation, TWO)
        seats.leave(ONE, 1, 9)
        assert len(conversation.devices) == 2
        seats.leave(ONE, 1, 1)
        seats.leave("nobody-00000001", 1, 1)
        assert (conversation.devices, seats.gateways) == ([other], 1)

    def test_a_gateway_that_is_gone_leaves_all(self, seats, bus, clock):
        conversations = [Conversation(), Conversation()]
        for user, conversation in enumerate(conversations):
            sit_down(seats, conversation, user=user).deliver(FRAME)
        seats.left(ONE)
        seats.left(ONE)
        assert [conversation.devices for conversation in conversations] == [[], []]
        assert (told(bus, clock), len(seats)) == ([], 0)

    def test_so_do_all_of_them(self, seats):
        conversation = Conversation()
        for gateway in (ONE, TWO):
            sit_down(seats, conversation, gateway)
        seats.all_left()
        assert (conversation.devices, len(seats)) == ([], 0)

    def test_who_was_gone_before_it_sat_down_does_not(self, seats):
        conversation, row = Conversation(), seats.row(ONE)
        seat = row.make(1)
        conversation.join(seat)
        seats.left(ONE)
        with pytest.raises(Refused, match="does not have"):
            row.sit_down(seat, conversation)
        assert (conversation.devices, len(seats)) == ([], 0)
        assert seats.row(ONE) is not row

    def test_nobody_is_found_where_nobody_is(self, seats):
        assert seats.find(ONE, 1, 1) is None
