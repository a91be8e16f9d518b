"""Digits are numbers in the spelling of a language."""

from __future__ import annotations

import pytest

from pytlas_wamp.understanding.numerals import number


class TestNumbers:
    @pytest.mark.parametrize(
        ("text", "language", "expected"),
        [
            ("5", "en", 5.0),
            ("-2", "en", -2.0),
            ("\u22122", "fr", -2.0),
            ("1.5", "en", 1.5),
            ("1,5", "fr", 1.5),
            ("1,5", "en", 1.5),
            ("1,000", "en", 1000.0),
            ("1,000", "fr", 1.0),
            ("1.000", "fr", 1000.0),
            ("1.000", "en-GB", 1.0),
            ("1,234,567.5", "en", 1234567.5),
            ("1.234.567,5", "de", 1234567.5),
            ("1 000", "fr", 1000.0),
            ("1\u202f000,5", "fr", 1000.5),
            ("\u0665", "en", 5.0),
        ],
    )
    def test_a_text_is_the_number(self, text, language, expected):
        assert number(text, language) == expected

    @pytest.mark.parametrize(
        "text", ["", "five", "5 pm", "10:30", "1.2.3", "1 2", "12 00", "5 ", "9" * 400]
    )
    def test_a_text_is_no_number(self, text):
        assert number(text, "en") is None
