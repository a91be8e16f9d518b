"""Names that are mistaken for one another, and those that are not."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytlas_wamp.accounts.lookalikes import (
    _prototype_by_character,
    may_be_mistaken,
    name_skeleton,
)
from pytlas_wamp.accounts.model import BadName, clean_name


def is_refused(name, other):
    """Whether one cannot have the one name where the other is."""
    same = name_skeleton(name) == name_skeleton(other)
    return same and may_be_mistaken(name, other)


class TestLookalikes:
    @pytest.mark.parametrize(
        ("name", "other"),
        [
            ("Ana", "\u0410na"),  # Cyrillic A
            ("ana", "an\u0430"),  # Cyrillic a
            ("BOB", "\u0412\u041e\u0412"),  # all Cyrillic
            ("Ivan", "\u04c0van"),  # Cyrillic palochka
            ("Ivan", "\u0456van"),  # Cyrillic i
            ("bill", "b\u0131ll"),  # Turkish dotless i
            ("paypal", "\u0440\u0430\u0443\u0440\u0430l"),  # Cyrillic but for the last
            ("Omar", "\u039fmar"),  # Greek Omicron
            ("O'Neil", "O\u2019Neil"),  # a curly apostrophe
            ("\u041e\u043b\u044c\u0433\u0430", "O\u043b\u044c\u0433\u0430"),  # Olga, Latin O
        ],
    )
    def test_are_refused(self, name, other):
        assert is_refused(name, other)
        assert is_refused(other, name)

    def test_of_an_ordinary_household_are_not(self):
        names = [
            *("bill", "b1ll", "Will", "Ana", "Anna", "Bob", "B0b", "Tom", "Torn"),
            *("Zoe", "Zo\u00eb", "Jose", "Jos\u00e9", "Muller", "M\u00fcller", "Emil", "\u00c9mil"),
            *("Ole", "\u00d8le", "Lukasz", "\u0141ukasz", "Bj\u00f6rn 1", "Bj\u00f6rn l"),
            *("S\u00f6\u011f\u00fct", "\u0418\u0432\u0430\u043d", "\u041e\u043b\u044f"),
            *("\u674e", "\u738b", "\u0645\u0631\u064a\u0645", "\u05d3\u05e0\u05d9"),
        ]

        assert [pair for pair in combinations(names, 2) if is_refused(*pair)] == []


@st.composite
def clean_names(draw):
    try:
        return clean_name(draw(st.text(min_size=1, max_size=8)))
    except BadName:
        return "Ana"


class TestPrototypes:
    @pytest.fixture
    def table(self):
        # Made once in a process, maybe for other tests.
        _prototype_by_character.cache_clear()
        return _prototype_by_character()

    @pytest.mark.parametrize(
        ("character", "prototype"),
        [
            ("\u0410", "A"),
            ("A", "A"),
            ("I", "l"),
            ("1", "l"),
            ("0", "O"),
            ("m", "rn"),
            ("\u0661", "l"),  # an Arabic 1, which the data put between marks of direction
        ],
    )
    def test_are_those_of_the_standard(self, table, character, prototype):
        assert table[character] == prototype

    def test_stand_for_themselves(self, table):
        assert [one for one in set(table.values()) if len(one) == 1 and table[one] != one] == []

    def test_have_no_marks_of_direction(self, table):
        assert [one for one in table.values() if set(one) & {"\u200e", "\u200f"}] == []


class TestSkeletons:
    def test_end_with_the_longest_name(self):
        assert name_skeleton("x" * 600 + "a\u0316" * 9000) == "x" * 600

    @pytest.mark.untraced
    @given(clean_names())
    def test_are_made_of_every_name(self, name):
        assert name_skeleton(name)
        assert not is_refused(name, name)

    @given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1), st.data())
    def test_never_refuse_what_a_keyboard_types(self, name, data):
        other = "".join(
            data.draw(st.sampled_from([character, *LIKE.get(character, "")])) for character in name
        )

        assert not is_refused(name, other)


LIKE = {"l": "I1|", "I": "l1|", "1": "lI|", "O": "0", "0": "O", "m": ["rn"], "'": "`"}
