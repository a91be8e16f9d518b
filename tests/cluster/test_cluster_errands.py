"""What is said gets to the worker once, in order, and is answered or refused."""

from __future__ import annotations

import pytest
from attrs import Factory, define, field
from twisted.internet.defer import Deferred

from pytlas_wamp.cluster.bus import Refused, TooBig, Unanswered, Unreachable
from pytlas_wamp.cluster.errands import Errands, Link
from pytlas_wamp.cluster.followers import Follower
from pytlas_wamp.wire.codec import encode
from pytlas_wamp.wire.messages import Done, Error, Message, Said

DONE = Done(seq=0, require_input=False, re="1")
BUSY = Error(code="busy", message="later", retryable=True, re="1")


@define(eq=False)
class Screen:
    got: list = Factory(list)

    def deliver(self, frame):
        self.got.append(getattr(frame, "code", None))

    def repeat(self, frame):
        self.got.append(frame)


@define(eq=False)
class Ground:
    asked: list = Factory(list)
    broken: list = Factory(list)
    settled: int = 0
    errands: Errands = field()
    follower: Follower = Factory(lambda: Follower(number=7, device=Screen(), last=0, since=0.0))

    @errands.default
    def _make(self):
        return Errands(user_id=1, ask=self.ask, broken=self.lose, settled=self.settle)

    def ask(self, what, body):
        self.asked.append((what, body, Deferred()))
        return self.asked[-1][2]

    def lose(self, same):
        self.broken.append(same)
        self.errands.lost()

    def settle(self):
        self.settled += 1

    def begin(self, epoch=3):
        self.follower.follows = True
        self.errands.begin(Link(epoch))

    def say(self, text="hello", id_="1"):
        self.errands.say(self.follower, Message(message=text, id=id_), 0.0)

    def answer(self, number=-1, frames=()):
        self.asked[number][2].callback({"frames": list(frames)})

    def refuse(self, error, number=-1):
        self.asked[number][2].errback(error)

    @property
    def texts(self):
        return [body.get("message", what) for what, body, _ in self.asked]

    @property
    def got(self):
        return self.follower.device.got


def text(words, id_="1"):
    return encode(Message(message=words, id=id_))


class TestSending:
    def test_it_waits_for_a_worker_and_goes_in_order(self):
        at = Ground()
        at.say("one")
        at.errands.cancel("2", 0.0)
        at.say("three")
        assert at.asked == []
        at.begin(epoch=3)
        assert [(what, body) for what, body, _ in at.asked] == [
            ("say", {"user": 1, "epoch": 3, "device": 7, "message": text("one")}),
            ("cancel", {"user": 1, "epoch": 3, "id": "2"}),
            ("say", {"user": 1, "epoch": 3, "device": 7, "message": text("three")}),
        ]

    def test_with_a_worker_it_goes_at_once_and_nothing_waits_for_answers(self):
        at = Ground()
        at.begin()
        at.say("one")
        at.say("two")
        assert at.texts == [text("one"), text("two")]

    def test_what_was_on_its_way_waits_until_is_known_whether_it_got_there(self):
        at = Ground()
        at.begin()
        at.say("one")
        at.refuse(Unanswered("lost"))
        at.follower.follows = False
        at.say("two")
        at.errands.begin(Link(4))
        assert at.texts == [text("one")]
        at.follower.follows = True
        at.errands.go_on()
        assert at.texts == [text("one"), text("one"), text("two")]


class TestAnswers:
    def test_what_is_taken_is_settled(self):
        at = Ground()
        at.begin()
        at.say()
        at.answer()
        assert (len(at.errands.sayings), at.settled, at.got) == (0, 1, [])

    def test_a_cancel_has_an_answer_without_frames(self):
        at = Ground()
        at.begin()
        at.errands.cancel(None, 0.0)
        at.asked[0][2].callback({})
        assert len(at.errands.sayings) == 0

    def test_what_is_for_one_device_gets_there(self):
        at = Ground()
        at.begin()
        at.say()
        at.answer(frames=[[encode(BUSY), False], [encode(DONE), True]])
        assert at.got == ["busy", DONE]

    def test_an_answer_that_is_none_refuses_the_message(self):
        at = Ground()
        at.begin()
        at.say()
        at.asked[0][2].callback({"frames": [["?", False]]})
        assert (at.got, len(at.errands.sayings)) == (["internal-error"], 0)

    def test_a_late_answer_is_as_good(self):
        at = Ground()
        at.begin()
        at.say()
        at.errands.lost()
        at.begin()
        at.answer(0)
        at.answer(1, frames=[[encode(DONE), True]])
        assert (at.got, len(at.errands.sayings)) == ([], 0)

    def test_a_late_complaint_is_not_when_it_was_said_again(self):
        at = Ground()
        at.begin()
        at.say()
        at.errands.lost()
        at.begin()
        at.answer(0, frames=[[encode(BUSY), False]])
        assert (at.got, len(at.errands.sayings)) == ([], 1)
        at.answer(1)
        assert len(at.errands.sayings) == 0


class TestRefusals:
    @pytest.mark.parametrize(
        ("error", "same"),
        [
            (Refused("moved", ""), False),
            (Refused("held", ""), False),
            (Refused("unavailable", ""), True),
            (Unreachable(""), False),
            (Unanswered(""), False),
        ],
    )
    def test_without_a_worker_it_is_said_to_the_next(self, error, same):
        at = Ground()
        at.begin()
        at.say()
        at.refuse(error)
        assert (at.broken, at.got) == ([same], [])
        at.begin()
        assert at.texts == [text("hello")] * 2

    @pytest.mark.parametrize(
        ("error", "code"),
        [
            (Refused("account-disabled", ""), "unavailable"),
            (Refused("failed", ""), "internal-error"),
            (TooBig(""), "internal-error"),
            (RuntimeError(""), "internal-error"),
        ],
    )
    def test_what_will_not_be_better_is_told_to_the_device(self, error, code):
        at = Ground()
        at.begin()
        at.say()
        at.refuse(error)
        assert (at.broken, at.got, len(at.errands.sayings)) == ([], [code], 0)

    def test_a_cancel_can_be_refused_and_nobody_is_told(self):
        at = Ground()
        at.begin()
        at.errands.cancel(None, 0.0)
        at.refuse(Refused("failed", ""))
        assert (at.got, len(at.errands.sayings)) == ([], 0)

    def test_what_counts_no_more_breaks_nothing(self):
        at = Ground()
        at.begin()
        at.say()
        at.errands.lost()
        at.begin()
        at.refuse(Unanswered(""), 0)
        assert at.broken == []
        at.answer(1)
        at.say("two")
        at.errands.sayings.look_at(Said(seq=1, message="two", id="1"), 7)
        at.errands.give_up(at.follower, "")
        at.refuse(Unanswered(""))
        assert at.broken == []


class TestGivingUp:
    def test_who_was_never_heard_is_told_so(self):
        at = Ground()
        at.say()
        at.errands.give_up(at.follower, "nobody is there")
        assert (at.got, len(at.errands.sayings)) == (["unavailable"], 0)

    def test_with_an_id_a_client_finds_out_itself(self):
        at = Ground()
        at.begin()
        at.say()
        at.errands.lost()
        at.errands.give_up(at.follower, "nobody is there")
        assert at.got == []

    def test_without_one_it_is_told_that_nobody_knows(self):
        at = Ground()
        at.begin()
        at.say(id_=None)
        at.errands.lost()
        at.errands.give_up(at.follower, "nobody is there")
        assert at.got == ["unavailable"]

    def test_what_the_log_has_told_of_is_known(self):
        at = Ground()
        at.begin()
        at.say(id_=None)
        at.errands.sayings.look_at(Said(seq=1, message="hello"), 7)
        at.errands.give_up(at.follower, "nobody is there")
        assert at.got == []
