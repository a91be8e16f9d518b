"""A skill that fails again and again is left alone, and tried again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytlas_wamp.assistant.breakers import Breakers, BreakerStatus


class Guarded:
    """A clock and a guard; time is only asked for under the guard."""

    def __init__(self):
        self.time = 1_000.0
        self.held = 0

    def __enter__(self):
        """Count who holds it."""
        self.held += 1

    def __exit__(self, *_):
        """Count who holds it."""
        self.held -= 1

    def now(self):
        assert self.held == 1
        return self.time


@pytest.fixture
def world():
    return Guarded()


@pytest.fixture
def breakers(world):
    return Breakers(now=world.now, guard=world, failures=3, seconds=60.0)


def fail(breakers, times=3, skill="weather"):
    for _ in range(times):
        assert breakers.admits(skill) is None
        breakers.failed(skill)


class TestClosed:
    def test_a_skill_is_called_up_to_the_last_failure_but_one(self, breakers):
        fail(breakers, 2)
        assert breakers.admits("weather") is None
        assert breakers.status() == {
            "weather": BreakerStatus(state="closed", failures=2, seconds_left=0.0)
        }

    def test_a_success_in_between_forgets_the_failures(self, breakers):
        fail(breakers, 2)
        breakers.succeeded("weather")
        assert breakers.status() == {}
        fail(breakers, 2)
        assert breakers.admits("weather") is None

    def test_a_success_of_a_skill_that_never_failed_is_nothing(self, breakers):
        breakers.succeeded("weather")
        assert breakers.status() == {}


class TestOpen:
    def test_it_opens_after_so_many_failures_in_a_row(self, breakers):
        fail(breakers)
        assert breakers.admits("weather") == 60.0
        assert breakers.status() == {
            "weather": BreakerStatus(state="open", failures=3, seconds_left=60.0)
        }

    def test_other_skills_are_called(self, breakers):
        fail(breakers)
        assert breakers.admits("lights") is None

    def test_it_says_how_long_it_stays(self, breakers, world):
        fail(breakers)
        world.time += 45
        assert breakers.admits("weather") == 15.0

    def test_a_late_success_does_not_close_it(self, breakers):
        fail(breakers)
        breakers.succeeded("weather")
        assert breakers.admits("weather") == 60.0

    def test_a_late_failure_does_not_keep_it_open(self, breakers, world):
        fail(breakers)
        world.time += 30
        breakers.failed("weather")
        assert breakers.admits("weather") == 30.0
        assert breakers.status()["weather"].failures == 4

    def test_a_clock_that_is_set_back_does_not_keep_it_open_for_longer(self, breakers, world):
        fail(breakers)
        world.time -= 10_000
        assert breakers.admits("weather") == 60.0
        world.time += 60
        assert breakers.admits("weather") is None


class TestProbing:
    @pytest.fixture(autouse=True)
    def _open(self, breakers, world):
        fail(breakers)
        world.time += 60

    def test_one_call_is_let_through(self, breakers):
        assert breakers.status()["weather"].seconds_left == 0.0
        assert breakers.admits("weather") is None
        assert breakers.admits("weather") == 60.0
        assert breakers.status() == {
            "weather": BreakerStatus(state="probing", failures=3, seconds_left=60.0)
        }

    def test_its_success_closes_the_breaker(self, breakers):
        breakers.admits("weather")
        breakers.succeeded("weather")
        assert breakers.status() == {}
        assert breakers.admits("weather") is None

    def test_its_failure_opens_it_again(self, breakers, world):
        breakers.admits("weather")
        world.time += 5
        breakers.failed("weather")
        assert breakers.status() == {
            "weather": BreakerStatus(state="open", failures=4, seconds_left=60.0)
        }

    def test_one_that_never_reports_back_is_followed_by_another(self, breakers, world):
        breakers.admits("weather")
        world.time += 59
        assert breakers.admits("weather") == 1.0
        world.time += 1
        assert breakers.admits("weather") is None
        assert breakers.admits("weather") == 60.0


@given(st.lists(st.sampled_from(["admit", "succeed", "fail", "wait"]), max_size=40))
def test_a_skill_is_never_lost_for_good(steps):
    world = Guarded()
    breakers = Breakers(now=world.now, guard=world, failures=2, seconds=10.0)
    admitted = {
        "admit": lambda: breakers.admits("x"),
        "succeed": lambda: breakers.succeeded("x"),
        "fail": lambda: breakers.failed("x"),
    }
    for step in steps:
        if step == "wait":
            world.time += 4
        else:
            admitted[step]()
    wait = breakers.admits("x") or 0.0
    assert 0 <= wait <= 10
    world.time += wait
    assert wait == 0 or breakers.admits("x") is None
