"""Stretches of a sentence that speak of time are marked, and numbers are."""

from __future__ import annotations

import pytest

from pytlas_wamp.understanding.statistical import timewords
from pytlas_wamp.understanding.statistical.timewords import time_hints


@pytest.fixture(autouse=True)
def nothing_is_remembered():
    timewords._kinds.cache_clear()


def hints(text, language="en"):
    return time_hints(text.split(), language)


def stretches(text, language="en"):
    """The marked words of each stretch, joined."""
    found = []
    for word, told in zip(text.split(), hints(text, language), strict=True):
        if "time=B" in told:
            found.append(word)
        elif "time=I" in told:
            found[-1] += " " + word
    return found


class TestStretches:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("wake me tomorrow please", ["tomorrow"]),
            ("wake me at 5 on monday please", ["at 5 on monday"]),
            ("rain in the next two weeks", ["in the next two weeks"]),
            ("rain on monday or tuesday", ["on monday", "tuesday"]),
            ("tomorrow", ["tomorrow"]),
            ("play song 5", []),
            ("", []),
        ],
    )
    def test_a_stretch_has_a_word_of_time_and_what_links_to_it(self, text, expected):
        assert stretches(text) == expected

    @pytest.mark.parametrize("text", ["book monday in the", "book monday at"])
    def test_a_stretch_does_not_end_with_a_link(self, text):
        assert stretches(text) == ["monday"]

    def test_links_and_numbers_alone_are_no_time(self):
        assert stretches("in the first of five") == []

    def test_each_language_has_its_own_words(self):
        assert stretches("ce sera demain matin", "fr") == ["demain matin"]
        assert stretches("ce sera demain matin", "en") == []


class TestKindsOfWords:
    def test_words_of_time_and_numbers_are_told_apart(self):
        assert [[h for h in told if h[:2] == "tw"] for told in hints("five dogs monday at 5")] == [
            ["tw=n"],
            [],
            ["tw=a"],
            [],
            ["tw=n"],
        ]

    def test_every_token_has_its_own_list(self):
        found = hints("dogs cats monday")
        assert len({id(told) for told in found}) == len(found) == 3


class TestLanguages:
    def test_a_region_changes_nothing(self):
        assert hints("demain", "fr_CA") == hints("demain", "fr") != [[]]

    def test_one_without_tables_knows_digits(self):
        assert hints("5 tomorrow", "xx") == [["tw=n"], []]
