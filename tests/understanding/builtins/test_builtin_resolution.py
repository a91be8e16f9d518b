"""From values to moments, on Wednesday 14 February 2018 at 10:20:30 in Paris."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from builtin_meanings import NOW, described, short
from pytlas_wamp.understanding.builtins import resolution
from pytlas_wamp.understanding.builtins.values import (
    Clock,
    Clocks,
    Context,
    Cycle,
    Moment,
    Part,
    Period,
    Range,
)

CONTEXT = Context(NOW, twelve=True)
TODAY = date(2018, 2, 14)
WEDNESDAY = Cycle("weekday", (2,))
JUNE = Period(date(2018, 6, 1), date(2018, 7, 1), "month")
MORNING = Part(360, 720)
NIGHT = Part(1200, 1680)


def start(value, *, past=False):
    found = resolution.resolved(CONTEXT, value, past=past)
    return found and short(described(found.start))


class TestResolved:
    @pytest.mark.parametrize(
        ("value", "future", "past"),
        [
            (WEDNESDAY, "2018-02-14", "2018-02-07"),
            (Cycle("month", (2,)), "2018-02-01", "2018-02-01"),
            (Cycle("month", (3,)), "2018-03-01", "2017-03-01"),
            (Cycle("monthday", (2, 30)), None, None),
            (JUNE, "2018-06-01", "2018-06-01"),
            (Clock(5, twelve=True), "2018-02-14 17:00", "2018-02-14 05:00"),
            (Clock(9), "2018-02-15 09:00", "2018-02-14 09:00"),
            (Moment(NOW), "2018-02-14 10:20:30", "2018-02-14 10:20:30"),
            (MORNING, "2018-02-14 06:00", "2018-02-14 06:00"),
            (Part(300, 420), "2018-02-15 05:00", "2018-02-15 05:00"),
            (Clocks(Clock(11), Clock(12)), "2018-02-14 11:00", "2018-02-14 11:00"),
            (Clocks(Clock(8), Clock(9)), "2018-02-15 08:00", "2018-02-15 08:00"),
            (Range(NOW, None), "2018-02-14 10:20:30", "2018-02-14 10:20:30"),
            ("nothing of time", None, None),
        ],
    )
    def test_the_next_and_the_last_one(self, value, future, past):
        assert (start(value), start(value, past=True)) == (future, past)

    @pytest.mark.parametrize(
        ("value", "interval", "clock"),
        [
            (JUNE, False, False),
            (Cycle("weekend"), True, False),
            (Clock(5), False, True),
            (MORNING, True, True),
        ],
    )
    def test_what_is_an_interval_and_what_a_clock(self, value, interval, clock):
        found = resolution.resolved(CONTEXT, value)
        assert (found.interval, found.is_clock) == (interval, clock)


class TestDays:
    def test_a_month_is_no_day(self):
        assert resolution.day_of(CONTEXT, JUNE) is None

    def test_a_moment_has_its_day(self):
        assert resolution.day_of(CONTEXT, Moment(NOW)) == TODAY

    @pytest.mark.parametrize(
        ("day", "clock", "expected"),
        [
            (WEDNESDAY, Clock(9), "2018-02-21 09:00"),
            (WEDNESDAY, Clock(5, twelve=True), "2018-02-14 17:00"),
            (WEDNESDAY, Clock(10, twelve=True), "2018-02-14 22:00"),
            (Period(TODAY, TODAY + timedelta(days=1)), Clock(9), "2018-02-14 09:00"),
            (
                Period(date(2018, 2, 16), date(2018, 2, 17)),
                Clock(5, twelve=True),
                "2018-02-16 17:00",
            ),
            (
                Period(date(2018, 2, 16), date(2018, 2, 17)),
                Clock(6, twelve=True),
                "2018-02-16 06:00",
            ),
        ],
    )
    def test_a_clock_on_a_day(self, day, clock, expected):
        assert short(described(resolution.moment_on(CONTEXT, day, clock).when)) == expected

    def test_a_clock_on_no_day(self):
        assert resolution.moment_on(CONTEXT, JUNE, Clock(9)) is None

    def test_a_day_that_does_not_come_again_for_decades(self):
        late = Context(datetime(2016, 2, 29, 23, tzinfo=NOW.tzinfo), twelve=False)
        leap_monday = Cycle("weekday_monthday", (0, 2, 29))
        assert resolution.moment_on(late, leap_monday, Clock(9)) is None


class TestParts:
    @pytest.mark.parametrize(
        ("hour", "part", "expected"),
        [
            (5, MORNING, 5),
            (11, MORNING, 11),
            (2, NIGHT, 2),
            (11, NIGHT, 23),
            (7, NIGHT, 19),
            (0, NIGHT, 0),
            (15, NIGHT, 15),
            (12, NIGHT, 0),
        ],
    )
    def test_the_reading_that_lies_in_the_part(self, hour, part, expected):
        assert resolution.in_part(Clock(hour, twelve=True), part).hour == expected


class TestPairs:
    @pytest.mark.parametrize(
        ("first", "second", "expected"),
        [
            (Clock(3, twelve=True), Clock(17), (15, 17)),
            (Clock(9, twelve=True), Clock(17), (9, 17)),
            (Clock(11, twelve=True), Clock(13), (11, 13)),
            (Clock(15), Clock(5, twelve=True), (15, 17)),
            (Clock(3, twelve=True), Clock(5, twelve=True), (15, 17)),
            (Clock(9, twelve=True), Clock(5, twelve=True), (9, 17)),
            (Clock(12), Clock(2), (12, 14)),
            (Clock(22), Clock(2), (22, 2)),
        ],
    )
    def test_one_settles_the_other(self, first, second, expected):
        found = resolution.pair(first, second)
        assert tuple(each.hour for each in found) == expected

    def test_an_interval_may_end_on_the_next_day(self):
        found = resolution.on_day(CONTEXT, TODAY, Clocks(Clock(22), Clock(2)))
        assert short(described((found.start, found.end))) == "2018-02-14 22:00 .. 2018-02-15 02:00"
