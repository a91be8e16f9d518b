"""How long turns may take, and those of certain skills."""

from __future__ import annotations

import pytest
from twisted.internet.task import Clock

from pytlas_wamp.assistant.deadlines import Deadline
from pytlas_wamp.assistant.turns import Turn


class Desk:
    def __init__(self):
        self.clock = Clock()
        self.late = []
        self.deadline = Deadline(
            clock=self.clock,
            too_late=lambda turn, seconds: self.late.append((turn, seconds)),
            seconds=60.0,
            by_skill={"backup": 600.0, "hello": 1.0},
        )


@pytest.fixture
def desk():
    return Desk()


def test_it_passes_once_and_names_the_turn(desk):
    turn = Turn()
    desk.deadline.start(turn)
    desk.clock.advance(59.9)
    assert desk.late == []

    desk.clock.advance(0.1)
    desk.clock.advance(600)

    assert desk.late == [(turn, 60.0)]


def test_it_starts_anew_for_another_turn(desk):
    first, second = Turn(), Turn()
    desk.deadline.start(first)
    desk.clock.advance(59)
    desk.deadline.start(second)
    desk.clock.advance(59)
    assert desk.late == []

    desk.clock.advance(1)
    assert desk.late == [(second, 60.0)]


@pytest.mark.parametrize(("skill", "seconds"), [("backup", 600.0), ("hello", 1.0)])
def test_a_skill_may_have_its_own(desk, skill, seconds):
    turn = Turn()
    desk.deadline.start(turn)
    desk.clock.advance(50)
    desk.deadline.limit(skill)
    desk.clock.advance(seconds - 0.1)
    assert desk.late == []

    desk.clock.advance(0.2)
    assert desk.late == [(turn, seconds)]


@pytest.mark.parametrize("skill", [None, "weather"])
def test_other_skills_have_none(desk, skill):
    desk.deadline.start(Turn())
    desk.clock.advance(50)
    desk.deadline.limit(skill)
    desk.clock.advance(10)

    assert [seconds for _, seconds in desk.late] == [60.0]


def test_it_stops_with_the_turn(desk):
    desk.deadline.start(Turn())
    desk.deadline.stop()
    desk.deadline.stop()
    desk.deadline.limit("hello")
    desk.clock.advance(600)

    assert desk.late == []


def test_many_turns_have_one_call_of_the_clock(desk):
    for _ in range(3):
        desk.deadline.start(Turn())
        desk.clock.advance(20)
        desk.deadline.stop()
    (call,) = desk.clock.getDelayedCalls()
    assert call.getTime() == 100.0

    desk.clock.advance(600)

    assert (desk.late, desk.clock.getDelayedCalls()) == ([], [])


def test_a_long_one_does_not_outlive_its_turn(desk):
    desk.deadline.start(Turn())
    desk.deadline.limit("backup")
    desk.deadline.stop()

    assert desk.clock.getDelayedCalls() == []


def test_a_turn_after_a_short_one_has_its_whole_time(desk):
    desk.deadline.start(Turn())
    desk.deadline.limit("hello")
    desk.deadline.stop()
    turn = Turn()
    desk.deadline.start(turn)
    desk.clock.advance(59.9)
    assert desk.late == []

    desk.clock.advance(0.2)
    assert desk.late == [(turn, 60.0)]


def test_nothing_of_it_is_left_when_it_is_forgotten(desk):
    desk.deadline.forget()
    desk.deadline.start(Turn())
    desk.deadline.forget()

    assert desk.clock.getDelayedCalls() == []
