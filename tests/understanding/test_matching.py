"""A sentence fits the template that explains most of it."""

from __future__ import annotations

import pytest
from chatl_training import training_data

from pytlas_wamp.understanding.entities import read_entities
from pytlas_wamp.understanding.matching import best_match, longest_values
from pytlas_wamp.understanding.normalisation import read
from pytlas_wamp.understanding.templates import TemplateIndex, read_templates

CHATL = """
%[order]
  bring @[what]
  bring @[what] to @[who]
  bring @[what] @[what]
  send @[who] from @[who] to @[who]

%[room]
  @[who]

%[tea]
  bring tea
  bring @[closed] now
  bring @[what] to go

@[what]
  tea
  green tea
  tea to go

@[who]
  Ann

@[closed](extensible=false)
  coffee
"""


def match(text, allowed=lambda _: True):
    data = training_data(CHATL)
    sentence = read(text)
    assert sentence is not None
    index = TemplateIndex.of(read_templates(data))
    return best_match(sentence, index, read_entities(data, "en"), allowed)


def filled(text):
    found = match(text)
    if found is None:
        return None
    return [
        (found.sentence.raw(f.start, f.end), None if f.known is None else f.known.value)
        for f in found.fillings
    ]


class TestBestMatches:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("bring green tea", [("green tea", "green tea")]),
            ("bring black milk", [("black milk", None)]),
            ("bring black tea", [("black", None), ("tea", "tea")]),
            ("bring green tea to Ann", [("green tea", "green tea"), ("Ann", "Ann")]),
            ("bring tea to go to Bob", [("tea to go", "tea to go"), ("Bob", None)]),
            ("bring milk to milk to Ann", [("milk to milk", None), ("Ann", "Ann")]),
            ("bring black coffee tea", [("black coffee", None), ("tea", "tea")]),
            ("bring tea tea", [("tea", "tea"), ("tea", "tea")]),
            ("bring a b c", [("a b c", None)]),
            ("send a to b from c from d to e", [("a to b", None), ("c from d", None), ("e", None)]),
            ("bring coffee now", [("coffee", "coffee")]),
            ("Ann", [("Ann", "Ann")]),
        ],
    )
    def test_slots_are_filled_with(self, text, expected):
        assert filled(text) == expected

    @pytest.mark.parametrize("text", ["Bob", "Ann Bob", "bring", "send x to y", "tea", ""])
    def test_nothing_fits(self, text):
        assert filled(text) is None

    def test_a_whole_training_sentence_beats_a_slot(self):
        found = match("bring tea")
        assert (found.template.intent, found.fillings) == ("tea", ())

    def test_more_literal_words_win_among_equally_explained(self):
        assert match("bring green tea to go").template.intent == "tea"
        assert match("bring tea to go").template.intent == "tea"

    def test_training_order_decides_last(self):
        found = match("bring x y")
        assert (found.template.order, found.unknown_tokens) == (0, 2)

    def test_intents_that_are_not_allowed_do_not_answer(self):
        assert match("bring tea", lambda intent: intent == "order").template.intent == "order"
        assert match("bring tea", lambda _: False) is None


class TestLongestValues:
    def test_long_ones_come_first_and_nothing_overlaps(self):
        entity = read_entities(training_data(CHATL), "en")["what"]
        sentence = read("tea, then green tea and tea to go")
        assert sentence is not None
        chosen = longest_values(entity.known_in(sentence))
        assert [known.value for known in chosen] == ["tea to go", "green tea", "tea"]
