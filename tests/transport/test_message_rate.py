"""A token bucket, at its limit and one above, and what a clock can do to it."""

from __future__ import annotations

import pytest
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st

from pytlas_wamp.limits import Limits
from pytlas_wamp.transport.message_rate import FLOODING, MessageRate

# Far from zero, as clocks are: sums are a little off there.
START = 1_800_000_000.1


@define
class Setting:
    """A bucket and the clock it looks at."""

    burst: int = 3
    per_second: float = 10.0
    max_warnings: int = 2
    time: float = START
    rate: MessageRate = field(init=False)

    def __attrs_post_init__(self):
        """Make the bucket."""
        self.rate = MessageRate(
            burst=self.burst,
            per_second=self.per_second,
            max_warnings=self.max_warnings,
            now=lambda: self.time,
        )

    def send(self, count=1):
        """What is said of each of so many frames at this moment."""
        return [self.rate.check() for _ in range(count)]


class TestMessageRate:
    def test_a_burst_may_come_at_once_and_one_more_may_not(self):
        assert Setting().send(4) == [None, None, None, pytest.approx(0.1, abs=0.001)]

    def test_the_default_is_sixty_at_once(self):
        limits = Limits()
        setting = Setting(limits.message_burst, limits.message_rate_per_second, 20)
        assert setting.send(60) == [None] * 60
        assert setting.send() == [pytest.approx(0.1, abs=0.001)]

    def test_who_waits_as_long_as_was_said_may_go_on(self):
        setting = Setting()
        wait = setting.send(4)[-1]
        setting.time += wait
        assert setting.send(2)[0] is None

    def test_who_waits_a_little_less_may_not(self):
        setting = Setting()
        wait = setting.send(4)[-1]
        setting.time += wait - 0.003
        assert setting.send() == [pytest.approx(0.003, abs=0.0011)]

    def test_the_time_said_is_rounded_up_to_milliseconds(self):
        assert Setting(burst=1, per_second=3).send(2) == [None, 0.334]

    def test_a_millisecond_too_early_is_in_time(self):
        setting = Setting(burst=1, per_second=3)
        setting.send()
        setting.time += 0.333
        assert setting.send() == [None]

    def test_in_the_long_run_the_rate_is_kept(self):
        setting = Setting(max_warnings=10_000)
        taken = 0
        for _ in range(1_000):
            taken += setting.send().count(None)
            setting.time += 0.01
        assert taken == pytest.approx(3 + 10 * 10, abs=1)

    def test_a_pause_fills_it_up_to_the_burst_and_no_further(self):
        setting = Setting()
        setting.send(3)
        setting.time += 1_000
        assert setting.send(4)[2:] == [None, pytest.approx(0.1, abs=0.001)]

    def test_what_was_refused_is_not_counted(self):
        setting = Setting()
        setting.send(5)
        setting.time += 0.1
        assert setting.send() == [None]


class TestWarnings:
    def test_after_so_many_in_a_row_the_next_one_is_a_flood(self):
        said = Setting(max_warnings=2).send(7)[3:]
        assert [type(one) for one in said[:2]] == [float, float]
        assert said[2:] == [FLOODING, FLOODING]

    def test_one_that_was_taken_between_them_makes_them_forgotten(self):
        setting = Setting(max_warnings=2)
        setting.send(5)
        setting.time += 0.1
        said = setting.send(4)
        assert said[0] is None
        assert FLOODING not in said[:3]
        assert said[3] is FLOODING


class TestClock:
    def test_that_jumps_back_costs_a_burst_at_the_most(self):
        setting = Setting()
        setting.send(1)
        setting.time -= 86_400
        (wait,) = setting.send()
        assert wait == pytest.approx(0.1, abs=0.001)
        setting.time += wait
        assert setting.send() == [None]

    def test_that_jumps_forward_costs_nothing(self):
        setting = Setting()
        setting.send(3)
        setting.time += 86_400
        assert setting.send(3) == [None] * 3

    @given(st.integers(1, 100), st.floats(0.1, 1_000), st.floats(0, 1e10))
    def test_at_any_time_exactly_the_burst_is_taken(self, burst, per_second, time):
        setting = Setting(burst, per_second, 1, time)
        assert setting.send(burst) == [None] * burst
        assert setting.send()[0] is not None
