"""Values on their own: lengths of time and the clocks of a zone."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta

from builtin_meanings import NOW
from pytlas_wamp.understanding.builtins.values import Clock, Context, Duration

PARIS = Context(NOW, twelve=False)


class TestDuration:
    @pytest.mark.parametrize(
        ("parts", "delta"),
        [
            ((("hour", 1.5),), relativedelta(hours=1, minutes=30)),
            ((("year", 0.5),), relativedelta(months=6)),
            ((("week", 2), ("day", 0.25)), relativedelta(days=14, hours=6)),
            ((("century", 1), ("decade", 1), ("quarter", 1)), relativedelta(years=110, months=3)),
            ((("second", 1.6),), relativedelta(seconds=2)),
        ],
    )
    def test_fractions_go_to_the_smaller_units(self, parts, delta):
        assert Duration(parts).delta() == delta

    @pytest.mark.parametrize(("count", "grain"), [(2, "hour"), (0.5, "minute")])
    def test_half_an_hour_is_exact_to_the_minute(self, count, grain):
        assert Duration((("hour", count),)).grain == grain


class TestClock:
    def test_the_other_reading_is_twelve_hours_later(self):
        assert [Clock(hour, 30, twelve=True).later().hour for hour in (1, 11, 12)] == [13, 23, 0]

    def test_minutes_since_midnight(self):
        assert Clock(1, 2, 30).minutes == 62.5


class TestContext:
    def test_a_time_on_a_day(self):
        assert PARIS.at(date(2018, 7, 1), Clock(8)).isoformat() == "2018-07-01T08:00:00+02:00"

    def test_the_midnight_at_the_end_of_a_day(self):
        assert PARIS.at(date(2018, 7, 1), Clock(24)).isoformat() == "2018-07-02T00:00:00+02:00"

    def test_a_time_that_clocks_skip_is_an_hour_later(self):
        found = PARIS.at(date(2018, 3, 25), Clock(2, 30))
        assert found.isoformat() == "2018-03-25T03:30:00+02:00"

    def test_a_time_that_comes_twice_is_the_first(self):
        found = PARIS.at(date(2018, 10, 28), Clock(2, 30))
        assert found.isoformat() == "2018-10-28T02:30:00+02:00"

    def test_minutes_may_reach_into_the_next_day(self):
        found = PARIS.minutes_in(date(2018, 2, 14), 28 * 60)
        assert found.isoformat() == "2018-02-15T04:00:00+01:00"

    def test_days_keep_the_time_of_day_and_hours_are_real(self):
        evening = datetime(2018, 3, 24, 20, tzinfo=ZoneInfo("Europe/Paris"))
        context = Context(evening, twelve=False)
        a_day = context.shifted(evening, Duration((("day", 1),)))
        hours = context.shifted(evening, Duration((("hour", 24),)))
        assert (a_day.hour, hours.hour) == (20, 21)

    def test_backwards(self):
        found = PARIS.shifted(NOW, Duration((("month", 1), ("hour", 1))), -1)
        assert found.isoformat() == "2018-01-14T09:20:30+01:00"

    def test_a_written_offset_is_another_zone(self):
        found = PARIS.in_offset(date(2018, 2, 14), Clock(10), "-05:00")
        assert found.isoformat() == "2018-02-14T16:00:00+01:00"
