"""Training sentences become templates, and an index brings a sentence to few of them."""

from __future__ import annotations

import pytest
from chatl_training import training_data

from pytlas_wamp.understanding.normalisation import read
from pytlas_wamp.understanding.templates import Slot, TemplateIndex, read_templates

ROOM = "\n\n@[room]\n  kitchen\n"
SLOT = Slot(name="room", entity="room")


def elements(chatl):
    return [template.elements for template in read_templates(training_data(chatl))]


class TestTemplates:
    def test_slots_part_the_literals(self):
        assert elements("%[on]\n  Light in the @[room], please!" + ROOM) == [
            (("light", "in", "the"), SLOT, ("please",))
        ]

    def test_optional_parts_and_synonyms_are_written_out(self):
        chatl = "%[on]\n  ~[please?] light the @[room]\n\n~[please]\n  please\n  now" + ROOM
        assert elements(chatl) == [
            (("light", "the"), SLOT),
            (("please", "light", "the"), SLOT),
            (("now", "light", "the"), SLOT),
        ]

    def test_the_joined_reading_is_a_template_of_its_own(self):
        assert elements("%[on]\n  what's on") == [(("what", "s", "on"),), (("whats", "on"),)]

    def test_the_same_sentence_counts_once_per_intent(self):
        assert len(elements("%[a]\n  go!\n  Go\n\n%[b]\n  go")) == 2

    def test_order_is_that_of_the_training_data(self):
        templates = read_templates(training_data("%[a]\n  one\n  two\n\n%[b]\n  three"))
        assert [(template.order, template.intent) for template in templates] == [
            (0, "a"),
            (1, "a"),
            (2, "b"),
        ]

    def test_neighbouring_texts_are_one(self):
        data = [{"text": "what"}, {"text": "ever"}]
        intents = {"a": {"utterances": [{"data": data}]}}
        assert [t.elements for t in read_templates({"intents": intents})] == [(("whatever",),)]

    @pytest.mark.parametrize("text", ["", " ?! ", "a " * 300])
    def test_sentences_without_words_or_with_too_many_are_left_out(self, text):
        intents = {"a": {"utterances": [{"data": [{"text": text}]}]}}
        assert read_templates({"intents": intents}) == []

    def test_a_text_without_words_between_slots_is_no_literal(self):
        chatl = "%[on]\n  @[room], @[room]" + ROOM
        assert elements(chatl) == [(SLOT, SLOT)]


class TestIndexes:
    CHATL = """
%[a]
  hello

%[b]
  light the @[room]

%[c]
  @[room] please

%[d]
  @[room] and @[room]
"""

    @pytest.fixture
    def index(self):
        return TemplateIndex.of(read_templates(training_data(self.CHATL + ROOM)))

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("light the hall", ["b"]),
            ("light and the hall please", ["b", "c", "d"]),
            ("the light", []),
            ("please help", []),
            ("", []),
        ],
    )
    def test_candidates_share_the_words_and_an_edge(self, index, text, expected):
        sentence = read(text)
        assert sentence is not None
        assert [template.intent for template in index.candidates(sentence)] == expected

    def test_sentences_without_slots_are_looked_up(self, index):
        assert [template.intent for template in index.exact[("hello",)]] == ["a"]
