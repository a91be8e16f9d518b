"""Many timers on one call of the clock."""

from __future__ import annotations

import random

import pytest
from twisted.internet.task import Clock

from pytlas_wamp.transport.timers import Timers


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def timers(clock):
    return Timers(clock)


@pytest.fixture
def rung():
    return []


class TestTimers:
    def test_ring_when_the_clock_itself_would(self, clock, timers, rung):
        dice = random.Random(1)  # noqa: S311 - no secrets here
        expected = []
        for number in range(300):
            seconds = dice.choice([0, 0.5, 1, 1, dice.random() * 9])
            kept = dice.random() < 0.5
            timer = timers.start(seconds, lambda n: rung.append((n, clock.seconds())), number)
            call = clock.callLater(seconds, lambda n: expected.append((n, clock.seconds())), number)
            if not kept:
                timers.stop(timer)
                call.cancel()
            if number % 7 == 0:
                clock.advance(dice.random())
        for _ in range(100):
            clock.advance(0.1)
        assert sorted(rung) == sorted(expected)
        assert [when for _, when in rung] == [when for _, when in expected]
        assert len(rung) > 100

    def test_of_the_same_moment_ring_in_the_order_they_were_set(self, clock, timers, rung):
        for number in range(5):
            timers.start(1, rung.append, number)
        clock.advance(1)
        assert rung == [0, 1, 2, 3, 4]

    def test_are_one_call_of_the_clock(self, clock, timers, rung):
        for seconds in (5, 3, 9, 4):
            timers.start(seconds, rung.append, seconds)
        assert [call.getTime() for call in clock.getDelayedCalls()] == [3]
        clock.advance(4)
        assert rung == [3, 4]
        assert [call.getTime() for call in clock.getDelayedCalls()] == [5]
        assert len(timers) == 2

    def test_leave_no_call_behind(self, clock, timers, rung):
        first, second = timers.start(1, rung.append, 1), timers.start(2, rung.append, 2)
        timers.stop(second)
        timers.stop(first)
        assert clock.getDelayedCalls() == []
        timers.start(1, rung.append, 3)
        clock.advance(1)
        assert (rung, clock.getDelayedCalls()) == ([3], [])

    def test_that_rang_or_were_stopped_can_be_stopped(self, clock, timers, rung):
        first, second = timers.start(1, rung.append, 1), timers.start(9, rung.append, 2)
        clock.advance(1)
        for timer in (first, first, second, second):
            timers.stop(timer)
        assert (rung, len(timers), clock.getDelayedCalls()) == ([1], 0, [])

    def test_that_were_stopped_are_forgotten_soon(self, clock, timers, rung):
        timers.start(1_000, rung.append, 0)
        for _ in range(1_000):
            timers.stop(timers.start(999, rung.append, 1))
        assert len(timers._heap) < 100
        clock.advance(1_000)
        assert rung == [0]

    def test_can_be_set_and_stopped_by_one_that_rings(self, clock, timers, rung):
        later = []

        def ring():
            rung.append(clock.seconds())
            timers.stop(later[0])
            timers.start(0, rung.append, "at once")
            timers.start(2, rung.append, "later")

        timers.start(1, ring)
        later.append(timers.start(1, rung.append, "never"))
        clock.advance(1)
        assert rung == [1, "at once"]
        assert len(clock.getDelayedCalls()) == 1
        clock.advance(2)
        assert (rung, clock.getDelayedCalls()) == ([1, "at once", "later"], [])

    def test_are_not_late_because_of_rounding(self, clock, timers, rung):
        for number in range(1, 400):
            clock.rightNow = 1e9 / number
            due = clock.seconds() + 0.1 * number
            timers.start(0.1 * number, rung.append, number)
            clock.rightNow += 0.01
            timers._wait()
            clock.advance(due - clock.seconds())
            assert rung[-1] == number

    def test_go_on_when_one_raises(self, clock, timers, rung):
        timers.start(1, lambda: 1 / 0)
        timers.start(1, rung.append, "next")
        with pytest.raises(ZeroDivisionError):
            clock.advance(1)
        clock.advance(0)
        assert rung == ["next"]
