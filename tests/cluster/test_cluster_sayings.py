"""What was said, what the log tells of it, and what has to be said again."""

from __future__ import annotations

from attrs import define

from pytlas_wamp.cluster.sayings import Sayings
from pytlas_wamp.wire.messages import Done, Message, Said, Thinking


@define(eq=False)
class Speaker:
    number: int


def said_by(*speakers, id_=None, text="hello"):
    """Returns sayings that are out, one of each speaker; None cancels."""
    sayings = Sayings()
    for speaker in speakers:
        message = None if speaker is None else Message(message=text, id=id_)
        sayings.add(speaker, message, id_, 0.0)
    for one in sayings.waiting:
        sayings.send(one, "link")
    return sayings


def said(seq=1, text="hello", id_=None):
    return Said(seq=seq, message=text, id=id_)


A, B = Speaker(1), Speaker(2)


class TestOrder:
    def test_what_was_not_sent_waits_in_order(self):
        sayings = Sayings()
        for text in ("one", "two"):
            sayings.add(A, Message(message=text), None, 5.0)
        assert [one.message.message for one in sayings.waiting] == ["one", "two"]
        assert [one.since for one in sayings] == [5.0, 5.0]
        sayings.send(sayings.waiting[0], "link")
        assert [one.message.message for one in sayings.waiting] == ["two"]
        assert len(sayings) == 2

    def test_they_are_known_by_device(self):
        sayings = said_by(A, B, A)
        assert len(sayings.of(A)) == 2
        sayings.drop_all_of(A)
        assert [one.follower for one in sayings] == [B]

    def test_they_can_be_forgotten(self):
        sayings = said_by(A)
        sayings.clear()
        assert len(sayings) == 0


class TestAnswers:
    def test_what_was_taken_is_settled_and_not_said_again(self):
        sayings = said_by(A)
        (one,) = sayings
        sayings.settle(one, taken=True)
        sayings.lost()
        assert (len(sayings), sayings.waiting, one in sayings) == (0, [], False)

    def test_what_was_refused_is_settled(self):
        sayings = said_by(A)
        (one,) = sayings
        sayings.settle(one, taken=False)
        sayings.drop(one)
        assert one not in sayings
        assert not sayings.is_of(said(), A)

    def test_the_log_may_tell_after_the_answer(self):
        sayings = said_by(A)
        sayings.settle(next(iter(sayings)), taken=True)
        assert sayings.is_of(said(1), A)
        assert not sayings.is_of(said(2), A)

    def test_the_log_may_tell_before_the_answer(self):
        sayings = said_by(A)
        (one,) = sayings
        sayings.look_at(said(1), 1)
        assert one in sayings
        sayings.settle(one, taken=True)
        assert len(sayings) == 0
        assert not sayings.is_of(said(2), A)

    def test_of_what_the_log_never_tells_only_some_are_kept(self):
        sayings = said_by(*[A] * 100, id_="1")
        for one in sayings:
            sayings.settle(one, taken=True)
        assert len(sayings._sayings) == 64


class TestLosses:
    def test_what_has_no_answer_waits_again_in_order(self):
        sayings = said_by(A, B)
        sayings.lost()
        assert [one.follower for one in sayings.waiting] == [A, B]
        assert all(one.was_out for one in sayings)

    def test_what_the_log_has_told_of_does_not(self):
        sayings = said_by(A, B)
        sayings.look_at(said(), 2)
        sayings.lost()
        assert [one.follower for one in sayings.waiting] == [A]

    def test_what_the_log_tells_of_afterwards_is_not_said_again(self):
        sayings = said_by(A)
        sayings.lost()
        assert sayings.is_of(said(), A)
        assert sayings.waiting == []
        assert len(sayings) == 0

    def test_what_was_never_sent_cannot_be_in_the_log(self):
        sayings = Sayings()
        sayings.add(A, Message(message="hello"), None, 0.0)
        assert not sayings.is_of(said(), A)
        assert len(sayings.waiting) == 1

    def test_a_cancel_before_something_that_was_taken_is_not_repeated(self):
        sayings = said_by(None, A, None)
        _, message, second = sayings
        sayings.settle(message, taken=True)
        sayings.lost()
        assert sayings.waiting == [second]

    def test_a_cancel_that_the_log_tells_of_is_not_repeated(self):
        sayings = said_by(None, id_="stop")
        sayings.look_at(Thinking(seq=1, re="other"), None)
        assert len(sayings) == 1
        sayings.look_at(Done(seq=2, require_input=False, re="stop"), None)
        sayings.lost()
        assert sayings.waiting == []

    def test_a_cancel_without_an_id_is(self):
        sayings = said_by(None)
        sayings.look_at(Done(seq=2, require_input=False, re="stop"), None)
        sayings.lost()
        assert len(sayings.waiting) == 1

    def test_an_answered_cancel_is_over(self):
        sayings = said_by(None)
        sayings.settle(next(iter(sayings)), taken=True)
        assert len(sayings) == 0


class TestWhoseItIs:
    def test_the_same_text_of_two_devices_is_two_messages(self):
        sayings = said_by(A, B)
        sayings.lost()
        assert sayings.is_of(said(5), A)
        assert not sayings.is_of(said(5), B)
        assert [one.follower for one in sayings.waiting] == [B]
        assert sayings.is_of(said(6), B)

    def test_an_id_has_to_be_the_same(self):
        sayings = said_by(A, id_="1")
        assert not sayings.is_of(said(1, id_="2"), A)
        assert not sayings.is_of(said(2), A)
        assert sayings.is_of(said(3, id_="1"), A)

    def test_what_is_told_to_be_of_somebody_else_is_nobody_elses(self):
        sayings = said_by(A, B)
        sayings.look_at(said(1), None)
        sayings.look_at(said(2), 2)
        assert not sayings.is_of(said(1), A)
        assert not sayings.is_of(said(2), A)
        assert sayings.is_of(said(2), B)
        assert [one.is_told for one in sayings] == [False, True]

    def test_other_frames_are_nobodys(self):
        assert not said_by(A).is_of(Thinking(seq=1), A)

    def test_what_all_know_is_forgotten(self):
        sayings = said_by(A)
        sayings.look_at(said(1), 1)
        sayings.all_know()
        assert not sayings.is_of(said(1), A)

    def test_not_more_is_kept_than_devices_can_lag_behind(self):
        sayings = Sayings()
        for seq in range(1_000):
            sayings.look_at(said(seq), 1)
        assert len(sayings._claims) == 256
