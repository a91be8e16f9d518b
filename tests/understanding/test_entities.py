"""Known values are found as whole words, and given back in the training data's spelling."""

from __future__ import annotations

import pytest
from chatl_training import training_data

from pytlas_wamp.understanding.entities import NUMBER, read_entities
from pytlas_wamp.understanding.normalisation import read

CHATL = """
%[light]
  light in @[room] at @[date] and @[level]

@[room](extensible=false)
  kitchen
  living room
  lounge bar

~[living room]
  lounge
  Lounge-Bar

@[date](type=datetime)
  Tomorrow

@[level](type=number)
  five
"""


@pytest.fixture
def entities():
    return read_entities(training_data(CHATL), "en")


def found(entity, text):
    sentence = read(text)
    assert sentence is not None
    return [(known.start, known.end, known.value) for known in entity.known_in(sentence)]


class TestCustomEntities:
    def test_values_are_found_as_whole_words(self, entities):
        assert found(entities["room"], "KITCHEN, kitchenette or living-room") == [
            (0, 1, "kitchen"),
            (3, 5, "living room"),
        ]

    def test_a_synonym_gives_its_value(self, entities):
        assert found(entities["room"], "lounge") == [(0, 1, "living room")]

    def test_overlapping_values_are_all_found(self, entities):
        assert found(entities["room"], "lounge bar") == [
            (0, 1, "living room"),
            (0, 2, "lounge bar"),
        ]

    def test_a_value_beats_a_synonym_of_the_same_words(self, entities):
        assert (0, 2, "lounge bar") in found(entities["room"], "Lounge-Bar")

    def test_extensible_is_read_from_the_data(self, entities):
        assert not entities["room"].accepts_unknown

    def test_an_entity_is_extensible_by_default(self):
        data = {"entities": {"city": {"data": [{"value": "Paris"}]}}}
        assert read_entities(data, "en")["city"].accepts_unknown

    def test_examples_of_utterances_are_values_even_undeclared(self):
        part = {"text": "New York", "entity": "city", "slot_name": "to"}
        data = {"intents": {"fly": {"utterances": [{"data": [{"text": "to "}, part]}]}}}
        assert found(read_entities(data, "en")["city"], "new york") == [(0, 2, "New York")]

    def test_values_without_a_word_are_left_out(self):
        data = {"entities": {"city": {"data": [{"value": "?!", "synonyms": [""]}]}}}
        assert dict(read_entities(data, "en")["city"].values) == {}


class TestBuiltinEntities:
    def test_examples_are_known_and_given_back_as_said(self, entities):
        assert found(entities["snips/datetime"], "for TOMORROW") == [(1, 2, "TOMORROW")]
        assert entities["snips/datetime"].accepts_unknown

    def test_numbers_are_floats_and_nothing_else(self, entities):
        assert found(entities[NUMBER], "five or 5") == [(2, 3, 5.0)]
        assert not entities[NUMBER].accepts_unknown

    def test_digits_in_groups_are_found_as_one_number_too(self, entities):
        assert (0, 2, 1500.0) in found(entities[NUMBER], "1 500 metres")
