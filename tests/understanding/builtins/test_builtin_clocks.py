"""Times of day, on Wednesday 14 February 2018 at 10:20:30."""

from __future__ import annotations

import pytest

from builtin_meanings import when

CLOCKS = [
    ("5pm", "2018-02-14 17:00"),
    ("12 am", "2018-02-15"),
    ("12 pm", "2018-02-14 12:00"),
    ("13 am", None),
    ("13 pm", "2018-02-14 13:00"),
    ("5 30 pm", "2018-02-14 17:30"),
    ("5:75", None),
    ("25 o'clock", None),
    ("24 o'clock", "2018-02-15"),
    ("6 o'clock", "2018-02-14 18:00"),
    ("at five thirty", "2018-02-14 17:30"),
    ("at five oh five", "2018-02-14 17:05"),
    ("at five oh thirty", None),
    ("at five five", None),
    ("half past six", "2018-02-14 18:30"),
    ("half past 6:10", None),
    ("quarter to one", "2018-02-14 12:45"),
    ("quarter past twelve", "2018-02-14 12:15"),
    ("quarter to midnight", "2018-02-14 23:45"),
    ("ten to six", "2018-02-14 17:50"),
    ("twenty past seven", "2018-02-14 19:20"),
    ("seventy past seven", None),
    ("seventy to seven", None),
    ("ten past twelve thirty", None),
    ("5 in the morning", "2018-02-15 05:00"),
    ("5 o'clock in the afternoon", "2018-02-14 17:00"),
    ("11 at night", "2018-02-14 23:00"),
    ("2 at night", "2018-02-15 02:00"),
    ("30 in the morning", None),
    ("from 5 to 7 in the evening", "2018-02-14 17:00 .. 2018-02-14 19:00"),
    ("from 9 to 30", None),
    ("early morning", "2018-02-15 06:00 .. 2018-02-15 09:00"),
    ("late afternoon", "2018-02-14 15:00 .. 2018-02-14 18:00"),
]
FRENCH = [
    ("six heures moins dix", "2018-02-15 05:50"),
    ("six heures moins soixante-dix", None),
    ("sept heures et dix minutes", "2018-02-15 07:10"),
    ("vingt heures trente", "2018-02-14 20:30"),
    ("huit heures du soir", "2018-02-14 20:00"),
    ("20 heures du soir", "2018-02-14 20:00"),
    ("midi et demi", "2018-02-14 12:30"),
    ("0h30", "2018-02-15 00:30"),
]


class TestClocks:
    @pytest.mark.parametrize(("text", "expected"), CLOCKS)
    def test_the_next_time_that_clocks_show_it(self, text, expected):
        assert when(text) == expected

    @pytest.mark.parametrize(("text", "expected"), FRENCH)
    def test_the_next_time_in_french(self, text, expected):
        assert when(text, language="fr") == expected
