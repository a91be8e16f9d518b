"""Which days come when."""

from __future__ import annotations

from datetime import date

import pytest

from pytlas_wamp.understanding.builtins import days
from pytlas_wamp.understanding.builtins.values import Cycle, Period

TODAY = date(2018, 2, 14)
HOLIDAYS = [
    ("christmas", 2018, "2018-12-25"),
    ("easter", 2018, "2018-04-01"),
    ("orthodox_easter", 2024, "2024-05-05"),
    ("thanksgiving", 2018, "2018-11-22"),
    ("memorial_day", 2018, "2018-05-28"),
    ("lee_jackson", 2018, "2018-01-12"),
    ("election_day", 2016, "2016-11-08"),
    ("advent_1", 2018, "2018-12-02"),
    ("advent_4", 2023, "2023-12-24"),
    ("grandparents_us", 2020, "2020-09-13"),
    ("mothers_day_fr", 2018, "2018-05-27"),
    ("diwali", 2018, "2018-11-07"),
    ("holi", 2018, "2018-03-02"),
    ("chinese_new_year", 2018, "2018-02-16"),
    ("purim", 2018, "2018-03-01"),
    ("cyber_monday", 2018, "2018-11-26"),
    ("hanukkah", 2018, "2018-12-03"),
    ("good_friday", 2018, "2018-03-30"),
]
UNITS = [
    ("day", 1, "2018-02-15", "2018-02-16"),
    ("week", 0, "2018-02-12", "2018-02-19"),
    ("week", -1, "2018-02-05", "2018-02-12"),
    ("month", 0, "2018-02-01", "2018-03-01"),
    ("month", 11, "2019-01-01", "2019-02-01"),
    ("month", -2, "2017-12-01", "2018-01-01"),
    ("quarter", 0, "2018-01-01", "2018-04-01"),
    ("quarter", -1, "2017-10-01", "2018-01-01"),
    ("year", 1, "2019-01-01", "2020-01-01"),
    ("decade", 0, "2010-01-01", "2020-01-01"),
    ("century", 0, "2000-01-01", "2100-01-01"),
]


@pytest.fixture(autouse=True)
def nothing_is_remembered():
    days.occurrences.cache_clear()
    days.holiday_rules.cache_clear()


def day(text):
    return date.fromisoformat(text)


class TestHolidays:
    @pytest.mark.parametrize(("name", "year", "expected"), HOLIDAYS)
    def test_the_day(self, name, year, expected):
        (found,) = days.occurrences(Cycle("holiday", (name,)), year)
        assert found.start == day(expected)

    def test_every_rule_works(self):
        for name in days.holiday_rules():
            assert len(days.occurrences(Cycle("holiday", (name,)), 2024)) == 1

    def test_a_feast_may_be_younger_than_the_year(self):
        assert days.occurrences(Cycle("holiday", ("muharram",)), 600) == ()


class TestUnits:
    @pytest.mark.parametrize(("unit", "count", "start", "end"), UNITS)
    def test_the_unit_around_a_day(self, unit, count, start, end):
        assert days.shifted(unit, TODAY, count) == Period(day(start), day(end), unit)

    @pytest.mark.parametrize(
        ("nth", "expected"), [(1, "2018-06-04"), (4, "2018-06-25"), (-1, "2018-06-25")]
    )
    def test_the_nth_weekday_of_a_month(self, nth, expected):
        assert days.nth_weekday(2018, 6, 0, nth) == day(expected)

    def test_a_month_may_have_no_fifth_weekday(self):
        with pytest.raises(ValueError, match="month 6 of 2018 has no such weekday"):
            days.nth_weekday(2018, 6, 0, 5)


class TestCycles:
    @pytest.mark.parametrize(
        ("cycle", "start"),
        [
            (Cycle("weekday", (2,)), "2018-02-14"),
            (Cycle("weekday", (1,)), "2018-02-20"),
            (Cycle("weekend"), "2018-02-17"),
            (Cycle("month", (1,)), "2019-01-01"),
            (Cycle("month", (2,)), "2018-02-01"),
            (Cycle("monthday", (2, 29)), "2020-02-29"),
            (Cycle("dom", (31,)), "2018-03-31"),
            (Cycle("weekday_dom", (4, 13)), "2018-04-13"),
            (Cycle("weekday_monthday", (0, 3, 5)), "2018-03-05"),
            (Cycle("nth", (1, 0, 6)), "2018-06-04"),
            (Cycle("season", ("winter",)), "2017-12-21"),
            (Cycle("season", ("summer",)), "2018-06-21"),
        ],
    )
    def test_the_upcoming_one_may_have_begun(self, cycle, start):
        assert days.upcoming(cycle, TODAY).start == day(start)

    def test_the_following_one_has_not_begun(self):
        assert days.following(Cycle("weekday", (2,)), TODAY).start == day("2018-02-21")

    def test_the_previous_one_is_over(self):
        assert days.previous(Cycle("weekday", (2,)), TODAY).start == day("2018-02-07")

    def test_some_things_never_come(self):
        never = Cycle("monthday", (2, 30))
        found = (
            days.upcoming(never, TODAY),
            days.following(never, TODAY),
            days.previous(never, TODAY),
        )
        assert found == (None, None, None)

    def test_the_first_and_the_last_within_a_period(self):
        june = days.shifted("month", date(2018, 6, 1), 0)
        monday = Cycle("weekday", (0,))
        found = [days.within(monday, june, nth) for nth in (1, 2, -1, 9)]
        starts = [each and each.start.day for each in found]
        assert starts == [4, 11, 25, None]
