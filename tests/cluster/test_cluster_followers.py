"""One device, and how far it has followed."""

from __future__ import annotations

from attrs import Factory, define

from pytlas_wamp.assistant.audience import Presence
from pytlas_wamp.cluster.followers import Follower, complaint
from pytlas_wamp.wire.codes import ErrorCode
from pytlas_wamp.wire.messages import Error, Thinking


@define(eq=False)
class Screen:
    got: list = Factory(list)

    def deliver(self, frame):
        self.got.append(frame)

    def repeat(self, frame):
        self.got.append(("again", frame))


def follower(last=None):
    return Follower(number=1, device=Screen(), last=last, since=0.0)


def arrived(seq=4):
    one = follower()
    one.arrive(Presence(language="en", seq=seq, context=None, ask=None))
    return one


def frame(seq):
    return Thinking(seq=seq)


class TestArriving:
    def test_it_is_told_what_is_present_and_follows_from_there(self):
        one, seen = follower(), []
        presence = Presence(language="en", seq=4, context=None, ask=None)
        one.arrived.addCallback(seen.append)
        assert one.is_newcomer
        one.arrive(presence)
        assert seen == [presence]
        assert (one.is_newcomer, one.follows, one.last) == (False, True, 4)

    def test_who_said_nothing_of_what_it_has_has_nothing(self):
        one = follower()
        assert not one.has(frame(1))
        assert one.is_next(frame(1))


class TestFollowing:
    def test_a_frame_up_to_the_last_is_known(self):
        one = arrived(4)
        assert [one.has(frame(seq)) for seq in (3, 4, 5)] == [True, True, False]

    def test_the_next_one_is_the_one_behind_the_last(self):
        one = arrived(4)
        assert [one.is_next(frame(seq)) for seq in (4, 5, 6)] == [False, True, False]

    def test_it_gets_a_frame_unless_that_is_its_own(self):
        one = arrived(4)
        one.take(frame(5), is_own=False)
        one.take(frame(6), is_own=True)
        assert one.device.got == [frame(5)]
        assert one.last == 6

    def test_who_has_left_gets_nothing(self):
        one = arrived(4)
        one.has_left = True
        one.take(frame(5), is_own=False)
        one.answer(frame(6))
        one.repeat(frame(4))
        assert one.device.got == []
        assert one.last == 5

    def test_it_waits_from_when_it_followed_no_more(self):
        one = arrived()
        one.asked = True
        one.wait(7.0)
        one.wait(9.0)
        assert (one.follows, one.asked, one.since) == (False, False, 7.0)

    def test_after_joining_again_it_has_all_up_to_there(self):
        one = arrived(4)
        one.wait(1.0)
        one.come_up_to(9)
        assert (one.follows, one.last) == (True, 9)


class TestRepeats:
    def test_what_is_past_is_told_at_once(self):
        one = arrived(4)
        one.repeat(frame(2))
        assert one.device.got == [("again", frame(2))]

    def test_what_is_not_past_yet_waits_until_it_is(self):
        one = arrived(4)
        one.repeat(frame(3))
        one.repeat(frame(6))
        one.repeat(complaint("1", ErrorCode.BUSY, "later"))
        assert one.device.got == [("again", frame(3))]
        one.take(frame(5), is_own=False)
        one.take(frame(6), is_own=False)
        again = [got for got in one.device.got if isinstance(got, tuple)]
        busy = Error(code="busy", message="later", retryable=True, re="1")
        assert again == [("again", frame(3)), ("again", frame(6)), ("again", busy)]

    def test_who_joins_again_gets_them_behind_what_it_missed(self):
        one = arrived(4)
        one.wait(1.0)
        one.repeat(frame(4))
        assert one.device.got == []
        one.come_up_to(6)
        assert one.device.got == [("again", frame(4))]


class TestComplaints:
    def test_they_name_the_message_and_whether_it_may_be_sent_again(self):
        one = arrived()
        one.complain("7", ErrorCode.INTERNAL_ERROR, "a bug")
        expected = Error(code="internal-error", message="a bug", retryable=True, re="7")
        assert one.device.got == [expected]
