"""Feasts of the moon, against the days on which they were kept."""

from __future__ import annotations

from datetime import date

import pytest

from pytlas_wamp.understanding.builtins import moons

NEW_YEARS = [
    (2018, "2018-09-10"),
    (2019, "2019-09-30"),
    (2020, "2020-09-19"),
    (2021, "2021-09-07"),
    (2022, "2022-09-26"),
    (2023, "2023-09-16"),
    (2024, "2024-10-03"),
    (2025, "2025-09-23"),
]


class TestHebrew:
    @pytest.mark.parametrize(("year", "day"), NEW_YEARS)
    def test_the_new_year(self, year, day):
        assert moons.hebrew(year, 1, 0).isoformat() == day

    def test_the_new_year_never_falls_on_three_weekdays(self):
        assert {moons.hebrew(year, 1, 0).weekday() for year in range(1900, 2150)} == {0, 1, 3, 5}

    @pytest.mark.parametrize(("year", "day"), [(2018, "2018-03-31"), (2024, "2024-04-23")])
    def test_passover(self, year, day):
        assert moons.hebrew(year, 7, 14).isoformat() == day

    @pytest.mark.parametrize(
        ("year", "day"),
        [(2018, "2018-12-03"), (2019, "2019-12-23"), (2024, "2024-12-26"), (2025, "2025-12-15")],
    )
    def test_hanukkah_depends_on_the_length_of_the_year(self, year, day):
        assert moons.hanukkah(year, 0).isoformat() == day

    @pytest.mark.parametrize(("year", "day"), [(2021, "2021-01-28"), (2024, "2024-01-25")])
    def test_tu_bishvat(self, year, day):
        assert moons.tu_bishvat(year).isoformat() == day

    @pytest.mark.parametrize(
        ("year", "day"),
        [(2021, "2021-04-15"), (2022, "2022-05-05"), (2024, "2024-05-14"), (2025, "2025-05-01")],
    )
    def test_independence_day_keeps_away_from_the_sabbath(self, year, day):
        assert moons.israel_independence(year, 0).isoformat() == day

    @pytest.mark.parametrize(("year", "day"), [(2018, "2018-07-22"), (2023, "2023-07-27")])
    def test_the_fast_of_av_is_never_on_a_sabbath(self, year, day):
        assert moons.tisha_bav(year).isoformat() == day


class TestIslamic:
    @pytest.mark.parametrize(
        ("year", "month", "day", "expected"),
        [
            (2024, 9, 1, date(2024, 3, 11)),
            (2023, 10, 1, date(2023, 4, 22)),
            (2018, 12, 10, date(2018, 8, 22)),
        ],
    )
    def test_feasts_are_right_to_a_day(self, year, month, day, expected):
        found = moons.islamic(year, month, day)
        assert abs((found - expected).days) <= 1

    def test_there_are_none_before_the_calendar(self):
        assert None not in [moons.islamic(year, 1, 1) for year in range(1990, 2100)]
        assert moons.islamic(600, 1, 1) is None


class TestMoon:
    @pytest.mark.parametrize(
        ("year", "day"),
        [(2018, "2018-02-16"), (2020, "2020-01-25"), (2023, "2023-01-22"), (2026, "2026-02-17")],
    )
    def test_chinese_new_year(self, year, day):
        assert moons.chinese_new_year(year).isoformat() == day

    @pytest.mark.parametrize(
        ("year", "day"),
        [(2019, "2019-10-27"), (2020, "2020-11-14"), (2022, "2022-10-24"), (2025, "2025-10-20")],
    )
    def test_diwali(self, year, day):
        assert moons.diwali(year).isoformat() == day

    @pytest.mark.parametrize(
        ("year", "day"), [(2018, "2018-03-02"), (2021, "2021-03-29"), (2024, "2024-03-25")]
    )
    def test_holi(self, year, day):
        assert moons.holi(year).isoformat() == day
