"""Frames go out in the name of a turn, and are counted."""

from __future__ import annotations

import pytest
from twisted.logger import globalLogPublisher

from pytlas_wamp.assistant.output import Output, OutputBounds
from pytlas_wamp.assistant.turns import Turn
from pytlas_wamp.wire.messages import Answer, Ask, Done, Error, Thinking


class Frames:
    """An output of two frames a turn, and what went out."""

    def __init__(self, bound=2):
        self.emitted = []
        self.output = Output(
            emit=self.emitted.append, bounds=OutputBounds(max_frames_per_turn=bound)
        )


@pytest.fixture
def frames():
    return Frames()


@pytest.fixture
def lines():
    events = []
    globalLogPublisher.addObserver(events.append)
    yield lambda: [event["reason"] for event in events if "reason" in event]
    globalLogPublisher.removeObserver(events.append)


class TestTelling:
    def test_a_frame_has_a_turn_and_a_skill(self, frames):
        turn = Turn()
        frames.output.begin(turn)
        frames.output.tell(Done, "weather", require_input=False)
        (emission,) = frames.emitted
        assert (emission.turn, emission.kind, emission.skill) == (turn, Done, "weather")
        assert emission.fields == {"require_input": False}

    def test_outside_of_turns_it_has_none(self, frames):
        frames.output.tell(Answer, None, data=1)
        assert [(one.turn, one.skill) for one in frames.emitted] == [(None, None)]

    def test_in_silence_nothing_goes_out(self, frames):
        with frames.output.silence():
            frames.output.tell(Done, None)
        assert frames.emitted == []
        frames.output.tell(Done, None)
        assert len(frames.emitted) == 1

    def test_that_something_was_told_is_known(self, frames):
        assert not frames.output.told
        frames.output.tell(Done, None)
        assert frames.output.told


class TestOutcomes:
    @pytest.mark.parametrize(
        ("kind", "fields", "outcome"),
        [
            (Thinking, {}, "answered"),
            (Ask, {}, "asked"),
            (Error, {"code": "skill-timeout"}, "timeout"),
            (Done, {}, "unhandled"),
        ],
    )
    def test_it_is_what_was_told(self, frames, kind, fields, outcome):
        turn = Turn()
        frames.output.begin(turn)
        frames.output.tell(kind, "weather", **fields)
        assert frames.output.finish() is turn
        assert (turn.outcome, turn.over) == (outcome, True)
        assert turn.skill == (None if outcome == "unhandled" else "weather")

    def test_a_turn_is_finished_once(self, frames):
        frames.output.begin(Turn())
        frames.output.finish()
        assert frames.output.finish() is None


class TestCounting:
    def test_of_a_turn_up_to_the_bound(self, frames):
        frames.output.begin(Turn())
        assert [frames.output.takes_frame(of_turn=True) for _ in range(3)] == [True, True, False]

    def test_of_calls_up_to_the_bound(self, frames):
        frames.output.begin(Turn())
        assert [frames.output.takes_call() for _ in range(3)] == [True, True, False]

    def test_what_no_turn_caused_is_counted_for_itself(self, frames):
        frames.output.begin(Turn())
        frames.output.takes_frame(of_turn=True)
        assert [frames.output.takes_frame(of_turn=False) for _ in range(3)] == [True, True, False]
        assert frames.output.takes_frame(of_turn=True)

    def test_begins_anew_with_the_next_turn(self, frames):
        for _ in range(2):
            frames.output.begin(Turn())
            assert frames.output.takes_frame(of_turn=True)
            assert frames.output.takes_frame(of_turn=True)
            assert frames.output.takes_frame(of_turn=False)
            assert frames.output.takes_call()

    def test_goes_on_when_a_turn_goes_on(self, frames):
        turn = Turn()
        for expected in (True, True, False):
            frames.output.begin(turn)
            assert frames.output.takes_frame(of_turn=True) is expected

    def test_without_bounds_there_is_no_end(self):
        output = Frames(bound=None).output
        assert all(output.takes_frame(of_turn=False) for _ in range(5_000))


class TestDropping:
    def test_it_is_noted_once_between_two_turns(self, frames, lines):
        frames.output.drop("one")
        frames.output.drop("two")
        assert lines() == ["one"]
        frames.output.begin(Turn())
        frames.output.drop("three")
        assert lines() == ["one", "three"]
