"""Numbers in digits and in words."""

from __future__ import annotations

import pytest

from pytlas_wamp.understanding.builtins import language, tokens
from pytlas_wamp.understanding.builtins.numerals import Numerals, numbers_in_digits


def reader(code):
    table = language._table(code)
    return Numerals(table["numbers"], table["decimal"])


def numerals(text, code):
    """All readings from the first token on: value, tokens, ordinal."""
    read = tokens.read(text)
    found = reader(code).found_at(read, 0)
    return [(each.value, each.end, each.ordinal) for each in found]


def longest(text, code):
    """The value of the reading that takes the whole text."""
    whole = len(tokens.read(text).keys)
    return next((value for value, end, _ in numerals(text, code) if end == whole), None)


WORDS = [
    ("en", "zero", 0),
    ("en", "twenty five", 25),
    ("en", "twenty-five", 25),
    ("en", "one hundred and five", 105),
    ("en", "a hundred", 100),
    ("en", "two thousand sixteen", 2016),
    ("en", "nineteen hundred", 1900),
    ("en", "three million two hundred thousand and one", 3_200_001),
    ("en", "twenty first", 21),
    ("en", "two hundred and third", 203),
    ("en", "fourth", 4),
    ("en", "five hundred thousand", 500_000),
    ("fr", "soixante et onze", 71),
    ("fr", "quatre-vingt-dix-neuf", 99),
    ("fr", "vingt et un", 21),
    ("fr", "deux cents", 200),
    ("fr", "mille neuf cent quatre-vingt", 1980),
    ("fr", "septante-deux", 72),
    ("fr", "deuxième", 2),
    ("fr", "vingt et unième", 21),
    ("fr", "neuvième", 9),
    ("de", "einundzwanzig", 21),
    ("de", "zweihundertdreiundvierzig", 243),
    ("de", "tausendeins", 1001),
    ("de", "fünfundfünfzigtausend", 55_000),
    ("de", "dritte", 3),
    ("de", "einundzwanzigste", 21),
    ("de", "zwölften", 12),
    ("es", "treinta y cinco", 35),
    ("es", "doscientos tres", 203),
    ("es", "mil novecientos", 1900),
    ("es", "tercera", 3),
    ("it", "ventuno", 21),
    ("it", "trentotto", 38),
    ("it", "duecentotre", 203),
    ("it", "duemilasedici", 2016),
    ("it", "ventunesimo", 21),
    ("pt", "vinte e um", 21),
    ("pt", "cento e vinte", 120),
    ("pt", "décimo", 10),
]
DIGITS = [
    ("en", "1,234.5", 1234.5),
    ("en", "1,000,000", 1_000_000),
    ("en", "3.25", 3.25),
    ("en", "-4", -4),
    ("en", "\u22124", -4),
    ("en", "3rd", 3),
    ("en", "1/2", 0.5),
    ("en", "½", 0.5),
    ("en", "¾", 0.75),
    ("fr", "1 234,5", 1234.5),
    ("fr", "1.234,5", 1234.5),
    ("fr", "3,25", 3.25),
    ("fr", "3.25", 3.25),
    ("fr", "2ème", 2),
    ("de", "3.", 3),
    ("de", "1.000", 1000),
    ("es", "1º", 1),
]
NO_NUMBERS = [
    ("en", "and"),
    ("en", "a"),
    ("en", "a dog"),
    ("en", "5" * 400),
    ("en", "twenty eleven"),
    ("en", "zero five"),
    ("en", "2/1"),
    ("de", "hundertquatsch"),
    ("de", "hunderttausendmillionen"),
    ("en", "thousand million"),
    ("en", "one hundred hundred"),
    ("en", "zero hundred"),
    ("en", "twenty and and"),
    ("en", "- 4"),
    ("en", "1" * 14 + "," + "123"),
    ("fr", "1" + " 234" * 9),
]


class TestNumerals:
    @pytest.mark.parametrize(("code", "text", "value"), WORDS)
    def test_numbers_in_words(self, code, text, value):
        assert longest(text, code) == value

    @pytest.mark.parametrize(("code", "text", "value"), DIGITS)
    def test_numbers_in_digits(self, code, text, value):
        assert longest(text, code) == value

    @pytest.mark.parametrize(("code", "text"), NO_NUMBERS)
    def test_what_is_no_number(self, code, text):
        assert longest(text, code) is None

    def test_a_number_may_end_before_its_and(self):
        assert numerals("two hundred and three", "en") == [(200, 2, False), (203, 4, False)]

    def test_an_and_that_leads_nowhere_is_left_out(self):
        assert numerals("twenty and dogs", "en") == [(20, 1, False)]

    def test_a_number_may_be_the_last_word(self):
        assert numerals("soixante-dix", "fr") == [(70, 2, False)]

    def test_ordinals_are_told_from_numbers(self):
        assert numerals("twenty first", "en") == [(21, 2, True)]
        assert numerals("3rd", "en")[0] == (3, 2, True)

    def test_a_full_stop_between_digits_makes_no_ordinal(self):
        assert (3, 2, True) not in numerals("3.5", "de")

    def test_a_suffix_must_touch(self):
        assert numerals("3 rd", "en") == [(3, 1, False)]

    def test_a_dash_between_numbers_is_no_minus(self):
        read = tokens.read("3-5")
        assert list(reader("en").found_at(read, 1)) == []


class TestDigitsWithoutTables:
    @pytest.mark.parametrize(
        ("text", "language", "value"),
        [
            ("5", "nl", 5.0),
            ("-2", "nl", -2.0),
            ("1,5", "nl_BE", 1.5),
            ("1.000", "nl", 1000.0),
            ("1 000", "nl", 1000.0),
            ("1,000.5", "he-IL", 1000.5),
        ],
    )
    def test_the_language_decides_how_they_are_read(self, text, language, value):
        assert (0, len(text), value) in list(numbers_in_digits(text, language))

    def test_they_stand_anywhere(self):
        assert list(numbers_in_digits("van 5 tot 6", "nl")) == [(4, 5, 5.0), (10, 11, 6.0)]

    def test_words_are_not_read(self):
        assert list(numbers_in_digits("vijf five", "nl")) == []
