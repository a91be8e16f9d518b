"""Days and longer, on Wednesday 14 February 2018."""

from __future__ import annotations

from datetime import datetime

import pytest

from builtin_meanings import NOW, when

DATES = [
    ("march 3rd", "2018-03-03"),
    ("3 march", "2018-03-03"),
    ("february 30", None),
    ("march 40", None),
    ("the thirteenth", "2018-03-13"),
    ("the fortieth", None),
    ("march 3rd, 2020", "2020-03-03"),
    ("monday march 5", "2018-03-05"),
    ("friday march 5 2018", "2018-03-05"),
    ("friday the 13th", "2018-04-13"),
    ("friday the 40th", None),
    ("first monday of june", "2018-06-04"),
    ("sixth monday of june", None),
    ("last monday of june", "2018-06-25"),
    ("third friday of next month", "2018-03-16"),
    ("ninth friday of next month", None),
    ("last friday of the month", "2018-02-23"),
    ("twenty sixteen", "2016-01-01"),
    ("fifty sixty", None),
    ("in 1204", "1204-01-01"),
    ("1204", "1204-01-01"),
    ("the eighties", "1980-01-01 .. 1990-01-01"),
    ("the 1980s", "1980-01-01 .. 1990-01-01"),
    ("nineteen thirties", "1930-01-01 .. 1940-01-01"),
    ("nineteen two thousands", None),
    ("the 85s", None),
    ("the 20s", "1920-01-01 .. 1930-01-01"),
    ("the 19th century", "1801-01-01 .. 1901-01-01"),
    ("the day after tomorrow", "2018-02-16"),
    ("next monday", "2018-02-19"),
    ("this monday", "2018-02-19"),
    ("last monday", "2018-02-12"),
    ("monday after next", "2018-02-26"),
    ("next week", "2018-02-12".replace("12", "19")),
    ("last month", "2018-01-01"),
    ("next quarter", "2018-04-01"),
    ("next hour", "2018-02-14 11:00 .. 2018-02-14 12:00"),
    ("this minute", "2018-02-14 10:20:30"),
    ("next minute", "2018-02-14 10:21 .. 2018-02-14 10:22"),
    ("last second", "2018-02-14 10:20:29 .. 2018-02-14 10:20:30"),
    ("the next 3 days", "2018-02-15 .. 2018-02-18"),
    ("the last 3 days", "2018-02-11 .. 2018-02-14"),
    ("the next 3 hours", "2018-02-14 10:20:30 .. 2018-02-14 13:20:30"),
    ("the past 3 hours", "2018-02-14 07:20:30 .. 2018-02-14 10:20:30"),
    ("the next few days", "2018-02-15 .. 2018-02-18"),
    ("the next 0 days", None),
    ("monday of next week", "2018-02-19"),
    ("next week monday", "2018-02-19"),
    ("christmas next year", "2019-12-25"),
    ("monday tomorrow", None),
    ("the first day of next month", "2018-03-01"),
    ("last day of february", "2018-02-28"),
    ("the second week of june", "2018-06-04"),
    ("ninth week of june", None),
    ("second hour of june", None),
    ("monday in two weeks", "2018-03-05"),
    ("monday in two hours", None),
    ("monday week", "2018-02-26"),
    ("the day after christmas", "2018-12-26"),
    ("the day before christmas", "2018-12-24"),
    ("the week of march 5", "2018-03-05"),
    ("the weekend of july 14", "2018-07-14 .. 2018-07-16"),
    ("beginning of june", "2018-06-01 .. 2018-06-11"),
    ("mid june", "2018-06-11 .. 2018-06-21"),
    ("end of june", "2018-06-21 .. 2018-07-01"),
    ("beginning of the year", "2018-01-01 .. 2018-03-03"),
    ("end of the year", "2018-11-01 .. 2019-01-01"),
    ("rest of the week", "2018-02-14 10:20:30 .. 2018-02-19"),
    ("rest of the day", "2018-02-14 10:20:30 .. 2018-02-15"),
    ("rest of last week", None),
    ("rest of june", "2018-06-01 .. 2018-07-01"),
    ("in may", "2018-05-01"),
    ("may", "2018-05-01"),
    ("weekend", "2018-02-17 .. 2018-02-19"),
    ("summer of next year", "2019-06-21 .. 2019-09-23"),
    ("winter", "2017-12-21 .. 2018-03-20"),
    ("next winter", "2018-12-21 .. 2019-03-20"),
]


class TestDates:
    @pytest.mark.parametrize(("text", "expected"), DATES)
    def test_the_day(self, text, expected):
        assert when(text) == expected

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("lundi en huit", "2018-02-26"),
            ("lundi 5", "2018-03-05"),
            ("les années 80", "1980-01-01 .. 1990-01-01"),
            ("la semaine dernière", "2018-02-05"),
        ],
    )
    def test_french_days(self, text, expected):
        assert when(text, language="fr") == expected

    @pytest.mark.parametrize(
        ("today", "text", "expected"),
        [
            ("2020-01-31", "in a month", "2020-02-29 10:20:30"),
            ("2019-01-31", "in a month", "2019-02-28 10:20:30"),
            ("2020-02-29", "in a year", "2021-02-28 10:20:30"),
            ("2018-12-31", "tomorrow", "2019-01-01"),
            ("2018-03-31", "a month ago", "2018-02-28 10:20:30"),
            ("2018-01-31", "next month", "2018-02-01"),
            ("2018-02-28", "the 31st", "2018-03-31"),
            ("2018-11-30", "the next 3 months", "2018-12-01 .. 2019-03-01"),
            ("2018-02-01", "february 29", "2020-02-29"),
        ],
    )
    def test_the_ends_of_months(self, today, text, expected):
        now = datetime.fromisoformat(f"{today} 10:20:30").replace(tzinfo=NOW.tzinfo)
        assert when(text, now=now) == expected

    @pytest.mark.parametrize("text", ["in 99999 years", "9999999 days ago", "in 9000 years"])
    def test_beyond_the_calendar_is_nothing(self, text):
        assert when(text) is None
