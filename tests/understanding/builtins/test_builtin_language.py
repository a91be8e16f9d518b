"""The tables of the languages."""

from __future__ import annotations

import pytest

from pytlas_wamp.understanding.builtins import language, tokens
from pytlas_wamp.understanding.builtins.days import holiday_rules


def ends_in(loaded, text):
    """The categories of a phrase of the tables."""
    node = loaded.root
    for key in tokens.phrase(text):
        node = node.words.get(key)
        if node is None:
            return set()
    return {production.category for production in node.productions}


class TestLanguages:
    @pytest.mark.parametrize("code", language.LANGUAGES)
    def test_cldr_gives_months_days_units_and_currencies(self, code):
        # Not the kept one: this test is also to see it being built.
        loaded = language.load.__wrapped__(code)
        names = {
            "de": ("märz", "montag", "stunden", "schwedische krone"),
            "en": ("march", "monday", "hours", "swedish krona"),
            "es": ("marzo", "lunes", "horas", "corona sueca"),
            "fr": ("mars", "lundi", "heures", "couronne suédoise"),
            "it": ("marzo", "lunedì", "ore", "corona svedese"),
            "pt": ("março", "segunda-feira", "horas", "coroa sueca"),
        }[code]
        found = [ends_in(loaded, name) for name in names]
        wanted = ("month", "weekday", "unit", "currency")
        assert all(category in each for category, each in zip(wanted, found, strict=True))

    @pytest.mark.parametrize("code", language.LANGUAGES)
    def test_holidays_have_a_rule(self, code):
        table = language._table(code)
        assert set(table["values"]["holiday"]) <= set(holiday_rules())

    @pytest.mark.parametrize("code", language.LANGUAGES)
    def test_marks_are_those_of_some_rule(self, code):
        table = language._table(code)
        rules = " ".join([*language._table("grammar")["rules"], *table["rules"]])
        unused = {mark for mark in table["marks"] if mark not in rules}
        assert unused == set()

    def test_a_language_is_built_once(self):
        assert language.load("en") is language.load("en")

    def test_an_apostrophe_may_be_left_out(self):
        assert "holiday" in ends_in(language.load("en"), "valentines day")

    def test_a_word_of_ones_own_beats_the_currency_of_cldr(self):
        assert language.load("fr").root.words["euro"].productions[0].action() == "€"

    def test_weekdays_and_parts_are_glued_in_german(self):
        assert "glued" in ends_in(language.load("de"), "montagabend")
        assert ends_in(language.load("en"), "mondayevening") == set()


class TestRules:
    def test_choices_and_what_may_be_missing(self):
        assert list(language.expanded("{a}? <b|c> d")) == [
            ("<b>", "d"),
            ("<c>", "d"),
            ("{a}", "<b>", "d"),
            ("{a}", "<c>", "d"),
        ]

    def test_a_phrase_without_a_letter_is_left_out(self):
        building = language._Building(root=language.Node(), marks=frozenset(), weak=frozenset())
        building.words(".", "nothing", "")
        assert building.root.words == {}
