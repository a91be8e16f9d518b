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
    def test_examples_are_known_and_given_back_as_said(self):
        data = training_data("%[a]\n  @[when]\n\n@[when](type=datetime)\n  someday or never\n")
        entity = read_entities(data, "en")["snips/datetime"]
        assert found(entity, "well, SOMEDAY or never") == [(1, 4, "SOMEDAY or never")]
        assert entity.accepts_unknown

    def test_what_the_parser_understands_is_known_and_given_back_as_said(self, entities):
        assert (2, 5, "in Two hours") in found(entities["snips/datetime"], "wake me in Two hours")

    def test_parts_are_found_too(self, entities):
        spans = [(start, end) for start, end, _ in found(entities["snips/datetime"], "today at 5")]
        assert {(0, 1), (0, 3)} <= set(spans)

    def test_values_from_a_token_on_are_all_of_those(self, entities):
        sentence = read("at 7 tomorrow")
        assert sentence is not None
        entity = entities["snips/datetime"]
        in_it = list(entity.known_in(sentence))
        assert in_it
        for start in range(3):
            assert list(entity.known_from(sentence, start)) == [
                known for known in in_it if known.start == start
            ]

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("5", (0, 1, 5.0)),
            ("to -2", (1, 2, -2.0)),
            ("five dogs", (0, 1, 5.0)),
            ("by twenty-one.", (1, 3, 21.0)),
            ("1,234.5 metres", (0, 1, 1234.5)),
            ("minus five", (0, 2, -5.0)),
        ],
    )
    def test_numbers_are_floats(self, entities, text, expected):
        assert expected in found(entities[NUMBER], text)

    def test_numbers_in_one_word_of_the_joined_reading_are_found(self, entities):
        sentence = read("twenty-one", joined=True)
        assert sentence is not None
        (known,) = entities[NUMBER].known_in(sentence)
        assert (known.start, known.end, known.value) == (0, 1, 21.0)

    @pytest.mark.parametrize("text", ["10:30", "1.2.3", "dogs", "5" * 400, ""])
    def test_parts_of_tokens_are_no_numbers(self, entities, text):
        assert found(entities[NUMBER], text) == []

    def test_numbers_take_nothing_else(self, entities):
        assert not entities[NUMBER].accepts_unknown

    def test_digits_in_groups_are_found_as_one_number_too(self):
        data = training_data(CHATL, "fr")
        numbers = found(read_entities(data, "fr")[NUMBER], "1 500 m\u00e8tres")
        assert {(0, 2, 1500.0), (0, 1, 1.0)} <= set(numbers)

    def test_a_number_that_ends_inside_of_a_token_is_none(self):
        numbers = read_entities(training_data(CHATL, "fr"), "fr")[NUMBER]
        assert found(numbers, "1 000:30") == [(0, 1, 1.0)]

    def test_a_language_without_tables_has_numbers_in_digits(self):
        dutch = read_entities(training_data(CHATL, "nl"), "nl")
        assert found(dutch[NUMBER], "vijf of 1.500,5") == [(2, 3, 1500.5)]
        assert found(dutch["snips/datetime"], "om 5") == []

    def test_builtin_names_that_nothing_can_read_have_their_examples(self):
        part = {"text": "Abba", "entity": "snips/musicArtist", "slot_name": "who"}
        data = {"intents": {"play": {"utterances": [{"data": [{"text": "play "}, part]}]}}}
        entity = read_entities(data, "en")["snips/musicArtist"]
        assert found(entity, "play ABBA at 5") == [(1, 2, "ABBA")]
