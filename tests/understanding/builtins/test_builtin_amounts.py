"""Numbers with a unit: lengths of time, money, temperatures, percentages."""

from __future__ import annotations

import pytest

from builtin_meanings import NOW, meaning
from pytlas_wamp.understanding.builtins import BuiltinParser

DURATIONS = [
    ("two hours", {"hours": 2}),
    ("an hour", {"hours": 1}),
    ("half an hour", {"minutes": 30}),
    ("an hour and a half", {"hours": 1, "minutes": 30}),
    ("two and a half hours", {"hours": 2, "minutes": 30}),
    ("1.5 months", {"months": 1, "days": 15}),
    ("half a year", {"months": 6}),
    ("two weeks and 3 days", {"days": 17}),
    ("3 days, 4 hours", {"days": 3, "hours": 4}),
    ("1 hour 30", {"hours": 1, "minutes": 30}),
    ("1:30:15", {"hours": 1, "minutes": 30, "seconds": 15}),
    ("a fortnight", {"days": 14}),
    ("two decades and 1 quarter", {"years": 20, "months": 3}),
    ("one century", {"years": 100}),
    ("0 seconds", {}),
    ("3 days and 90", None),
    ("1 day 30", None),
    ("two hours and three hours", None),
    ("1.5 hours and a half", None),
    ("2000000 hours", None),
]
MONEY = [
    ("ten dollars", [10.0, "$"]),
    ("$10", [10.0, "$"]),
    ("10€", [10.0, "€"]),
    ("a dollar", [1.0, "$"]),
    ("ten dollars fifty", [10.5, "$"]),
    ("10 dollars and 5 cents", [10.05, "$"]),
    ("2.5 million euros", [2_500_000.0, "€"]),
    ("50 cents", [50.0, "cent"]),
    ("100 japanese yen", [100.0, "¥"]),
    ("12 CHF", [12.0, "CHF"]),
    ("10 dollars 200", None),
    ("10.5 dollars 20", None),
    ("0 million dollars", None),
]
TEMPERATURES = [
    ("twenty degrees", [20.0, "degree"]),
    ("70 f", [70.0, "fahrenheit"]),
    ("-5°C", [-5.0, "celsius"]),
    ("minus five degrees celsius", [-5.0, "celsius"]),
    ("10 degrees below zero", [-10.0, "degree"]),
    ("minus minus five degrees", None),
]
OTHERS = [
    ("fifteen percent", "snips/percentage", 0.15),
    ("0.5 %", "snips/percentage", 0.005),
    ("three point five", "snips/number", 3.5),
    ("four and a half", "snips/number", 4.5),
    ("two thousand", "snips/number", 2000.0),
    ("twenty-second", "snips/ordinal", 22),
]


class TestAmounts:
    @pytest.mark.parametrize(("text", "expected"), DURATIONS)
    def test_lengths_of_time(self, text, expected):
        assert meaning(text, "snips/duration") == expected

    @pytest.mark.parametrize(("text", "expected"), MONEY)
    def test_money(self, text, expected):
        assert meaning(text, "snips/amountOfMoney") == expected

    @pytest.mark.parametrize(("text", "expected"), TEMPERATURES)
    def test_temperatures(self, text, expected):
        assert meaning(text, "snips/temperature") == expected

    @pytest.mark.parametrize(("text", "entity", "expected"), OTHERS)
    def test_numbers(self, text, entity, expected):
        assert meaning(text, entity) == expected

    @pytest.mark.parametrize(
        ("text", "entity"),
        [
            ("about ten", "snips/number"),
            ("about ten percent", "snips/percentage"),
            ("around 10 dollars", "snips/amountOfMoney"),
            ("roughly two hours", "snips/duration"),
            ("about two hours and 5 minutes", "snips/duration"),
            ("nearly 20 degrees", "snips/temperature"),
        ],
    )
    def test_about_is_approximate(self, text, entity):
        assert BuiltinParser("en").parse_whole(text, entity, now=NOW).precision == "approximate"

    def test_an_hour_and_thirty_in_french(self):
        assert meaning("une minute trente", "snips/duration", language="fr") == {
            "minutes": 1,
            "seconds": 30,
        }

    def test_one_word_may_be_a_length(self):
        assert meaning("Viertelstunde", "snips/duration", language="de") == {"minutes": 15}
