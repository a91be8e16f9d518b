"""Frames for all devices of a gateway, and those that join in between."""

from __future__ import annotations

from attrs import Factory, define

from pytlas_wamp.assistant.audience import Presence
from pytlas_wamp.cluster.followers import Follower
from pytlas_wamp.cluster.following import KEPT_FRAMES, Following
from pytlas_wamp.cluster.sayings import Sayings
from pytlas_wamp.wire.messages import Message, Said, Thinking


@define(eq=False)
class Screen:
    got: list = Factory(list)

    def deliver(self, frame):
        self.got.append(frame.seq)


def presence(seq, missed=None):
    return Presence(language="en", seq=seq, context=None, ask=None, missed=missed)


@define(eq=False)
class Ground:
    sayings: Sayings = Factory(Sayings)
    following: Following = Factory(lambda self: Following(self.sayings), takes_self=True)

    def add(self, number, seq=None):
        one = Follower(number=number, device=Screen(), last=None, since=0.0)
        self.following.add(one)
        if seq is not None:
            assert self.following.catch_up(one, presence(seq), 1, 0.0)
        return one

    def take(self, *seqs, device=None):
        for seq in seqs:
            self.following.take(1, Thinking(seq=seq), device, 9.0)


class TestDevices:
    def test_they_are_found_as_long_as_they_are_there(self):
        at = Ground()
        one = at.add(1, 0)
        assert at.following.find(one.device) is one
        assert at.following.find(Screen()) is None
        one.has_left = True
        assert at.following.find(one.device) is None
        assert (at.following.devices, len(at.following)) == (0, 1)
        at.following.remove(one)
        assert one not in at.following

    def test_those_that_have_to_join_wait(self):
        at = Ground()
        one, other = at.add(1, 0), at.add(2)
        assert at.following.waiting == [other]
        other.asked = True
        assert at.following.waiting == []
        at.following.wait(5.0)
        assert at.following.waiting == [one, other]
        assert (one.since, other.since) == (5.0, 0.0)


class TestFrames:
    def test_all_get_them_in_order_and_once(self):
        at = Ground()
        one, other = at.add(1, 0), at.add(2, 1)
        at.take(1, 2, 2, 3)
        assert (one.device.got, other.device.got) == ([1, 2, 3], [2, 3])

    def test_who_misses_one_waits(self):
        at = Ground()
        one, other = at.add(1, 0), at.add(2, 1)
        at.take(2)
        assert (one.follows, one.since, one.device.got) == (False, 9.0, [])
        assert (other.follows, other.device.got) == (True, [2])

    def test_who_said_it_does_not_get_it(self):
        at = Ground()
        one, other = at.add(1, 0), at.add(2, 0)
        at.following.take(1, Said(seq=1, message="hello"), 1, 0.0)
        at.take(2)
        assert (one.device.got, other.device.got) == ([2], [1, 2])


class TestJoining:
    def test_what_is_told_meanwhile_is_got_behind_what_was_missed(self):
        at = Ground()
        at.add(1, 4)
        late = at.add(2)
        at.take(5, 6)
        assert at.following.catch_up(late, presence(5), 1, 0.0)
        assert late.device.got == [6]

    def test_what_was_missed_is_got_once(self):
        at = Ground()
        one = at.add(1, 4)
        at.take(6)
        missed = tuple(Thinking(seq=seq) for seq in (4, 5, 6))
        assert at.following.catch_up(one, presence(6, missed), 1, 0.0)
        at.take(6, 7)
        assert one.device.got == [5, 6, 7]

    def test_what_is_not_known_cannot_be_caught_up_with(self):
        at = Ground()
        one = at.add(1, 4)
        at.take(6)
        assert not at.following.catch_up(one, presence(6), 1, 0.0)

    def test_what_was_told_under_another_epoch_does_not_count(self):
        at = Ground()
        one = at.add(1)
        at.following.keep(1, Thinking(seq=5), None)
        at.following.keep(2, Thinking(seq=6), None)
        at.following.begin(2)
        assert at.following.catch_up(one, presence(5), 2, 0.0)
        assert one.device.got == [6]

    def test_a_gap_in_what_was_told_meanwhile_is_one(self):
        at = Ground()
        one = at.add(1)
        at.following.keep(1, Thinking(seq=7), None)
        assert at.following.catch_up(one, presence(5), 1, 8.0)
        assert (one.follows, one.since, one.device.got) == (False, 8.0, [])

    def test_only_so_much_is_kept(self):
        at = Ground()
        one = at.add(1)
        for seq in range(1, KEPT_FRAMES + 2):
            at.following.keep(1, Thinking(seq=seq), None)
        assert at.following.catch_up(one, presence(0), 1, 0.0)
        assert not one.follows
        late = at.add(2)
        assert at.following.catch_up(late, presence(1), 1, 0.0)
        assert len(late.device.got) == KEPT_FRAMES

    def test_its_own_message_is_known_by_its_text(self):
        at = Ground()
        one, other = at.add(1, 0), at.add(2, 0)
        at.sayings.add(one, Message(message="hello"), None, 0.0)
        at.sayings.send(at.sayings.waiting[0], "link")
        at.following.wait(0.0)
        at.sayings.lost()
        missed = (Said(seq=1, message="hello"), Thinking(seq=2))
        for each in (one, other):
            assert at.following.catch_up(each, presence(2, missed), 1, 0.0)
        assert (one.device.got, other.device.got) == ([2], [1, 2])
        assert at.sayings.waiting == []

    def test_its_own_message_is_known_by_who_told_it_early(self):
        at = Ground()
        one = at.add(1, 0)
        at.sayings.add(one, Message(message="hello"), None, 0.0)
        at.sayings.send(at.sayings.waiting[0], "link")
        at.following.wait(0.0)
        at.following.keep(2, Said(seq=1, message="hello"), 1)
        at.following.begin(2)
        missed = (Said(seq=1, message="hello"),)
        assert at.following.catch_up(one, presence(1, missed), 2, 0.0)
        assert one.device.got == []
