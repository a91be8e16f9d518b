"""The builtin entities that training data asks for are found, and no others."""

from __future__ import annotations

import pytest

from pytlas_wamp.understanding.statistical.builtin_values import Builtins
from statistical_training import NOW

DATETIME, NUMBER = "snips/datetime", "snips/number"


@pytest.fixture
def builtins():
    return Builtins.of("en", ["room", DATETIME, NUMBER])


class TestNames:
    def test_custom_entities_are_left_out(self, builtins):
        assert builtins.names == [DATETIME, NUMBER]

    def test_data_without_builtin_entities_needs_no_parser(self):
        assert Builtins.of("en", ["room"]) == Builtins(parser=None, names=[])

    def test_entities_that_nothing_can_read_are_no_builtins_here(self):
        assert Builtins.of("en", ["snips/musicArtist"]).names == []

    def test_a_language_without_tables_has_none(self):
        assert Builtins.of("nl", [DATETIME]) == Builtins(parser=None, names=[])

    def test_a_region_has_the_parser_of_its_language(self):
        assert Builtins.of("FR_ca", [NUMBER]).parser is Builtins.of("fr", [NUMBER]).parser


class TestFinding:
    def test_places_are_characters_of_the_text(self, builtins):
        text = "wake me at noon, twice"
        assert [(name, text[a:b]) for name, a, b in builtins.places(text)] == [
            (DATETIME, "at noon")
        ]

    def test_entities_of_different_names_may_overlap(self, builtins):
        found = builtins.found("at 5 pm", NOW)
        assert [(m.entity, m.text, m.value) for m in found] == [
            (DATETIME, "at 5 pm", NOW.replace(hour=17, minute=0)),
            (NUMBER, "5", 5.0),
        ]

    def test_only_what_was_asked_for_is_found(self):
        found = Builtins.of("en", [NUMBER]).found("two tables tomorrow", NOW)
        assert [m.value for m in found] == [2.0]

    def test_a_text_without_any_has_none(self, builtins):
        assert builtins.found("good morrow", NOW) == builtins.places("") == []

    def test_nothing_is_found_where_nothing_can_be_read(self):
        none = Builtins.of("nl", [DATETIME])
        assert (none.places("at 5"), none.found("at 5", NOW)) == ([], [])
        assert none.value("5", NUMBER, NOW) is None


class TestWholeTexts:
    def test_a_text_has_the_value_of_its_entity(self, builtins):
        assert builtins.value("noon", DATETIME, NOW).value == NOW.replace(hour=12, minute=0)
        assert builtins.value("twenty one", NUMBER, NOW).value == 21.0

    def test_a_reply_is_the_entity_or_has_it_in_it(self, builtins):
        for reply in ("noon", "rather at noon"):
            (found,) = builtins.reply(reply, DATETIME, NOW)
            assert found.value == NOW.replace(hour=12, minute=0)
        assert Builtins.of("nl", [DATETIME]).reply("noon", DATETIME, NOW) == []

    def test_a_text_that_is_something_else_has_none(self, builtins):
        assert builtins.value("noon", NUMBER, NOW) is None
