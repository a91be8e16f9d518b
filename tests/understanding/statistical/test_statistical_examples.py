"""Training sentences are read as tokens, and some of the tokens fill slots."""

from __future__ import annotations

from random import Random

import pytest

from pytlas_wamp.understanding.normalisation import MAX_TOKENS
from pytlas_wamp.understanding.statistical.examples import (
    Marked,
    Piece,
    by_intent,
    example,
    read_examples,
)
from statistical_training import training_data


def slot(text, name="room", entity="place"):
    return {"text": text, "slot_name": name, "entity": entity}


def data(**utterances):
    """Training data of sentences, each a list of texts and slots."""
    return {
        "intents": {
            intent: {
                "utterances": [
                    {"data": [{"text": part} if isinstance(part, str) else part for part in parts]}
                    for parts in sentences
                ]
            }
            for intent, sentences in utterances.items()
        }
    }


def chance():
    return Random(1)  # noqa: S311 - no secret


def only(*parts):
    (found,) = read_examples(data(go=[parts]))
    return found


class TestReading:
    def test_intents_and_sentences_keep_their_order(self):
        found = read_examples(data(b=[["one"], ["two"]], a=[["three"]]))
        assert [(each.intent, each.sentence.text) for each in found] == [
            ("b", "one"),
            ("b", "two"),
            ("a", "three"),
        ]

    def test_a_sentence_counts_once_per_intent(self):
        found = read_examples(data(a=[["one"], ["one"]], b=[["one"]]))
        assert [each.intent for each in found] == ["a", "b"]

    def test_the_same_words_with_another_slot_are_another_sentence(self):
        assert len(read_examples(data(a=[["to Rome"], ["to ", slot("Rome")]]))) == 2

    @pytest.mark.parametrize("text", ["", " ?! ", "a " * (MAX_TOKENS + 1)])
    def test_what_has_no_token_or_too_many_is_left_out(self, text):
        assert read_examples(data(a=[[text]])) == []

    @pytest.mark.parametrize("content", [{}, {"intents": {}}, {"intents": {"a": {}}}])
    def test_no_sentences_are_none(self, content):
        assert read_examples(content) == []

    def test_chatl_is_read_with_its_entities(self):
        found = read_examples(training_data("%[go]\n  go to @[city]\n\n@[city]\n  New York\n"))
        assert [each.sentence.text for each in found] == ["go to New York"]
        assert found[0].marks == (Marked(start=2, end=4, slot="city", entity="city"),)


class TestMarks:
    def test_slots_are_marked_from_left_to_right(self):
        found = only("from ", slot("New York", "a"), " to ", slot("Rome", "b"), " now")
        assert [(mark.slot, mark.start, mark.end) for mark in found.marks] == [
            ("a", 1, 3),
            ("b", 4, 5),
        ]

    def test_a_slot_that_ends_inside_of_a_word_has_the_word(self):
        (mark,) = only("the ", slot("lamp"), "s here").marks
        assert (mark.start, mark.end) == (1, 2)

    def test_a_slot_that_begins_inside_of_a_word_has_the_word(self):
        (mark,) = only("the table", slot("spoon"), " here").marks
        assert (mark.start, mark.end) == (1, 2)

    def test_a_slot_without_a_word_is_not_marked(self):
        assert only("go ", slot("?")).marks == ()

    def test_values_are_entities_and_keys(self):
        found = only("from ", slot("New York"), " to ", slot("Rome", "b", "town"))
        assert list(found.values()) == [("place", ("new", "york")), ("town", ("rome",))]


class TestOtherValues:
    def test_slots_get_another_text_of_their_entity(self):
        made = only("go to ", slot("Rome"), " now").with_values({"place": ["New York"]}, chance())
        assert made.sentence.text == "go to New York now"
        assert (made.intent, list(made.values())) == ("go", [("place", ("new", "york"))])

    def test_texts_are_chosen_by_chance(self):
        found = only("go to ", slot("Rome"))
        values = {"place": ["Rome", "Paris", "Oslo"]}
        random = chance()
        made = {found.with_values(values, random).sentence.text for _ in range(50)}
        assert made == {"go to Rome", "go to Paris", "go to Oslo"}

    @pytest.mark.parametrize("values", [{}, {"place": []}, {"other": ["Oslo"]}])
    def test_a_slot_without_texts_keeps_its_own(self, values):
        found = only("go to ", slot("Rome"))
        assert found.with_values(values, chance()) == found

    def test_a_sentence_that_would_be_empty_stays(self):
        found = only(slot("Rome"))
        assert found.with_values({"place": ["?!"]}, chance()) is found

    def test_a_piece_without_a_slot_is_no_mark(self):
        made = example("go", (Piece(text="Rome", entity="place"), Piece(text=" now")))
        assert made is not None
        assert made.marks == ()


class TestByIntent:
    def test_intents_and_sentences_keep_their_order(self):
        data = {
            "intents": {
                name: {"utterances": [{"data": [{"text": text}]} for text in texts]}
                for name, texts in {"b": ["two", "one"], "a": ["three"]}.items()
            }
        }
        found = by_intent(read_examples(data))
        assert [(name, [each.sentence.text for each in some]) for name, some in found.items()] == [
            ("b", ["two", "one"]),
            ("a", ["three"]),
        ]
