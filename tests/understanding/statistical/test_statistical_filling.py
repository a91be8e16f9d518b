"""Spans become values of slots, as their entities allow."""

from __future__ import annotations

import pytest

from pytlas_wamp.understanding.entities import Entity, read_entities
from pytlas_wamp.understanding.matching import best_match
from pytlas_wamp.understanding.statistical.builtin_values import Builtins
from pytlas_wamp.understanding.statistical.filling import (
    Filled,
    fill,
    filled,
    from_match,
    with_builtins,
)
from pytlas_wamp.understanding.statistical.lexicon import lexicon
from pytlas_wamp.understanding.templates import TemplateIndex, read_templates
from statistical_training import NOW, read, training_data

DATA = training_data("""
%[paint]
  paint the @[room] @[color]
  paint from @[start] to @[end] and @[level] at @[moment]

@[room]
  kitchen
  living room
  the attic

@[color](extensible=false)
  red
  ~[blue]
  dark red

~[blue]
  azure

@[start](type=stop)

@[end](type=stop)

@[stop](extensible=false)
  Rome
  Oslo

@[level](type=number)
  5

@[moment](type=datetime)
  noon
""")
ENTITIES = read_entities(DATA, "en")
SLOTS = {"room": "room", "color": "color"}
BUILTIN_SLOTS = {"moment": "snips/datetime", "room": "room"}
BUILTINS = Builtins.of("en", ENTITIES)


def values(found):
    return [(one.slot, one.value) for one in found]


def filled_with(text, *spans, slots=SLOTS, literal=()):
    """The slots of a text that a model saw in some spans of its tokens."""
    return fill(read(text), spans, slots, ENTITIES, lexicon("en"), frozenset(literal))


def with_values(text, *fillings, slots=BUILTIN_SLOTS, builtins=BUILTINS):
    """The slots of a text after its builtin entities were read."""
    sentence = read(text)
    made = [filled(slot, slots[slot], sentence, start, end, None) for start, end, slot in fillings]
    return with_builtins(text, made, slots, builtins, NOW)


class TestPlaces:
    def test_a_value_says_where_it_stands_and_how_it_was_said(self):
        assert filled_with("paint the  Living-Room red", (2, 4, "room"))[0] == Filled(
            slot="room",
            entity="room",
            value="living room",
            raw="Living-Room",
            start=11,
            end=22,
            known=True,
        )

    def test_an_unknown_value_is_its_text(self):
        (one,) = filled_with("paint the Dungeon", (2, 3, "room"))
        assert (one.value, one.raw, one.known) == ("Dungeon", "Dungeon", False)

    def test_slots_stand_from_left_to_right(self):
        found = filled_with("paint it red in the cellar", (5, 6, "room"), (2, 3, "color"))
        assert values(found) == [("color", "red"), ("room", "cellar")]


class TestSpans:
    @pytest.mark.parametrize(
        ("text", "span", "expected"),
        [
            ("paint azure", (1, 2, "color"), "blue"),
            ("paint it in azure", (2, 4, "color"), "blue"),
            ("paint azure now", (1, 3, "color"), "blue"),
            ("paint in azure now", (1, 4, "color"), "blue"),
            ("paint the attic", (1, 3, "room"), "the attic"),
        ],
    )
    def test_small_words_around_a_known_value_do_not_count(self, text, span, expected):
        assert [one.value for one in filled_with(text, span)] == [expected]

    def test_a_slot_of_another_intent_is_left_out(self):
        assert filled_with("play thriller", (1, 2, "song")) == ()

    def test_words_of_the_templates_are_no_unknown_value(self):
        literal = {lexicon("en").stem("paint")}
        assert filled_with("paint it", (0, 1, "room"), literal=literal) == ()
        assert values(filled_with("paint shop", (0, 2, "room"), literal=literal)) == [
            ("room", "paint shop")
        ]

    def test_a_known_value_may_consist_of_them(self):
        assert values(filled_with("kitchen", (0, 1, "room"), literal={"kitchen"})) == [
            ("room", "kitchen")
        ]


class TestClosedEntities:
    def test_an_unknown_value_is_never_taken(self):
        assert filled_with("paint it beige", (2, 3, "color")) == ()

    @pytest.mark.parametrize("span", [(1, 4, "color"), (2, 4, "color"), (2, 3, "color")])
    def test_the_known_value_in_or_around_a_span_is(self, span):
        assert values(filled_with("paint shiny dark red", span)) == [("color", "dark red")]

    def test_a_value_that_was_not_seen_is_found(self):
        assert values(filled_with("paint the Cave azure", (2, 3, "room"))) == [
            ("room", "Cave"),
            ("color", "blue"),
        ]

    def test_all_that_were_not_seen_are_found_the_longest_first(self):
        assert values(filled_with("paint dark red and blue")) == [
            ("color", "dark red"),
            ("color", "blue"),
        ]

    def test_a_value_that_stands_in_another_slot_is_not(self):
        assert values(filled_with("paint the Red Cave", (2, 4, "room"))) == [("room", "Red Cave")]

    def test_a_slot_that_was_seen_gets_no_more(self):
        found = filled_with("paint it red, not azure", (2, 3, "color"))
        assert values(found) == [("color", "red")]

    def test_a_value_that_two_slots_may_hold_is_left(self):
        slots = {"start": "stop", "end": "stop"}
        assert filled_with("paint Rome", slots=slots) == ()
        assert values(filled_with("paint Rome", slots={"end": "stop"})) == [("end", "Rome")]

    def test_numbers_are_left_to_the_spans(self):
        slots = {"level": "snips/number"}
        assert filled_with("paint 5", slots=slots) == ()
        assert values(filled_with("paint 5", (1, 2, "level"), slots=slots)) == [("level", 5.0)]

    def test_an_open_entity_of_many_sentences_is_left_to_the_spans(self):
        assert filled_with("paint the kitchen") == ()

    def test_an_open_entity_of_few_sentences_takes_a_known_value(self):
        found = filled_with("paint the kitchen", literal=frozenset({"paint"}))
        assert values(found) == [("room", "kitchen")]

    def test_words_of_the_sentences_themselves_are_no_value_that_was_not_seen(self):
        literal = frozenset({"paint", lexicon("en").stem("kitchen")})
        assert filled_with("paint the kitchen", literal=literal) == ()


class TestTemplates:
    def test_their_fillings_are_taken_over(self):
        index = TemplateIndex.of(read_templates(DATA))
        match = best_match(read("paint the Cave azure"), index, ENTITIES, lambda _: True)
        assert [
            (one.slot, one.value, one.raw, one.known)
            for one in from_match(match, ENTITIES, lexicon("en"))
        ] == [
            ("room", "Cave", "Cave", False),
            ("color", "blue", "azure", True),
        ]


def room_of(text, *, known="den", literal=frozenset({"paint"})):
    """What a room is called that a model saw in all words but the first."""
    entity = Entity(name="room", accepts_unknown=True, values={tuple(known.split()): known})
    span = (1, len(read(text).keys), "room")
    (room,) = fill(
        read(text), [span], {"room": "room"}, {"room": entity}, lexicon("en"), frozenset(literal)
    )
    return room.value


class TestNames:
    def test_begin_after_small_words(self):
        assert room_of("paint my Cave") == "Cave"

    def test_are_not_small_words_only(self):
        assert room_of("paint the my") == "my"

    def test_of_many_words_are_texts_and_keep_all(self):
        assert room_of("paint the wall behind our bed") == "the wall behind our bed"

    def test_keep_words_that_known_values_begin_with(self):
        assert room_of("paint the Cave", known="the den") == "the Cave"

    def test_are_as_the_field_says_where_it_saw_many_sentences(self):
        assert room_of("paint the Cave", literal=()) == "the Cave"

    def test_begin_so_in_templates_too(self):
        templates = TemplateIndex.of(read_templates(DATA))
        entity = Entity(name="room", accepts_unknown=True, values={("den",): "den"})
        entities = {**ENTITIES, "room": entity}
        match = best_match(read("paint the my Cave azure"), templates, entities, lambda _: True)
        room, _ = from_match(match, entities, lexicon("en"))
        assert (room.value, room.start, room.end) == ("Cave", 13, 17)


class TestBuiltinEntities:
    def test_a_text_becomes_a_value(self):
        (one,) = with_values("paint it at noon", (3, 4, "moment"))
        assert (one.value, one.known) == (NOW.replace(hour=12, minute=0), True)

    def test_what_is_found_around_a_text_counts(self):
        text = "paint it tomorrow at noon please"
        (one,) = with_values(text, (2, 3, "moment"))
        assert one.value == NOW.replace(day=24, hour=12, minute=0)
        assert text[one.start : one.end] == one.raw
        assert one.raw.startswith("tomorrow")

    def test_a_text_that_is_one_only_by_itself_counts(self):
        text = "paint it around 8 or so"
        (one,) = with_values(text, (3, 4, "moment"))
        assert one.value == NOW.replace(hour=20, minute=0)
        assert text[one.start : one.end] == one.raw == "8"

    def test_a_text_that_is_none_is_left_out(self):
        assert with_values("paint it purple", (2, 3, "moment")) == ()

    def test_one_that_nobody_saw_fills_its_slot(self):
        assert values(with_values("paint it at noon")) == [
            ("moment", NOW.replace(hour=12, minute=0))
        ]

    def test_a_slot_takes_one_that_nobody_saw_once(self):
        assert len(with_values("paint at noon, not tomorrow")) == 1

    def test_two_slots_that_may_hold_it_get_none(self):
        slots = {"start": "snips/datetime", "end": "snips/datetime"}
        assert with_values("paint at noon", slots=slots) == ()

    def test_what_stands_in_another_slot_is_left_there(self):
        found = with_values("paint the High Noon", (2, 4, "room"))
        assert values(found) == [("room", "High Noon")]

    def test_one_without_a_slot_is_left_out(self):
        assert with_values("paint at noon", slots={"room": "room"}) == ()

    def test_other_slots_stay_as_they_are(self):
        found = with_values("paint the Cave at noon", (2, 3, "room"), (4, 5, "moment"))
        assert [one.slot for one in found] == ["room", "moment"]
        assert found[0].value == "Cave"

    def test_without_a_parser_texts_stay(self):
        none = Builtins.of("nl", ENTITIES)
        found = with_values("paint at noon", (2, 3, "moment"), builtins=none)
        assert values(found) == [("moment", "noon")]
