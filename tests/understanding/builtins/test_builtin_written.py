"""Dates and times in digits."""

from __future__ import annotations

import pytest

from builtin_meanings import NOW, when
from pytlas_wamp.understanding.builtins import tokens, written
from pytlas_wamp.understanding.builtins.values import Context

WRITTEN = [
    ("2018-09-03", "2018-09-03"),
    ("2018/9/3", "2018-09-03"),
    ("2018-09-03T10:00", "2018-09-03 10:00"),
    ("2018-09-03 10:00:05", "2018-09-03 10:00:05"),
    ("2018-09-03T10:00:00Z", "2018-09-03 12:00"),
    ("2018-09-03T10:00:00.123+05:30", "2018-09-03 06:30"),
    ("2018-09-03T25:00", None),
    ("2018-13-03", None),
    ("4/10/2026", "2026-04-10"),
    ("25/12/2026", "2026-12-25"),
    ("4.10.2026", "2026-10-04"),
    ("4-10-98", "1998-04-10"),
    ("4-10-26", "2026-04-10"),
    ("40/40/2026", None),
    ("12/25", "2018-12-25"),
    ("25/12", None),
    ("24.12.", "2018-12-24"),
    ("40.12.", None),
    ("17:30", "2018-02-14 17:30"),
    ("05:30", "2018-02-15 05:30"),
    ("5:30", "2018-02-14 17:30"),
    ("17:30:15", "2018-02-14 17:30:15"),
    ("24:00", "2018-02-15"),
    ("24:30", None),
    ("12:61", None),
    ("17h30", "2018-02-14 17:30"),
    ("17 h 30", "2018-02-14 17:30"),
    ("17h75", None),
    ("7.30 pm", "2018-02-14 19:30"),
    ("at 7.30", "2018-02-14 19:30"),
    ("1.2.3.4", None),
]


class TestWritten:
    @pytest.mark.parametrize(("text", "expected"), WRITTEN)
    def test_when_it_is(self, text, expected):
        assert when(text) == expected

    def test_other_languages_have_the_day_first(self):
        assert when("4/10/2026", language="fr") == "2026-10-04"

    @pytest.mark.parametrize("text", ["2018-09-031", "17:30pm1", "1:2:33"])
    def test_parts_of_something_longer_are_left_alone(self, text):
        read = tokens.read(text)
        context = Context(NOW, twelve=True)
        found = list(written.seeds(read, 0, context, month_first=True))
        assert all(end <= len(read.keys) for _, end, _ in found)

    def test_a_clock_inside_of_digits_is_none(self):
        read = tokens.read("99:10:20")
        assert list(written.seeds(read, 2, Context(NOW, twelve=True), month_first=True)) == []

    def test_lengths_of_time_in_digits(self):
        read = tokens.read("0h00")
        found = {
            category
            for category, *_ in written.seeds(read, 0, Context(NOW, twelve=True), month_first=True)
        }
        assert found == {"clockseed", "duration"}

    @pytest.mark.parametrize("text", ["2018-09-03T10:00:00abc", "4/10/2026abc", "1:30:99"])
    def test_ends_inside_of_a_token_are_no_ends(self, text):
        assert when(text) is None
