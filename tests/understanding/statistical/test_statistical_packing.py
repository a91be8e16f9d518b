"""Packed training data comes back as it was, whole or an intent at a time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytlas_wamp.understanding.entities import read_entities
from pytlas_wamp.understanding.statistical.packing import pack, unpack, unpack_lazily
from pytlas_wamp.understanding.templates import read_templates
from statistical_training import training_data

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


class TestPacking:
    @pytest.mark.untraced
    @given(st.dictionaries(st.text(), json_values), st.dictionaries(st.text(), json_values))
    def test_what_was_packed_comes_back_in_its_order(self, rest, intents):
        data = {**rest, "intents": intents}
        assert unpack(pack(data)) == data
        assert list(unpack(pack(data))["intents"]) == list(intents)

    def test_data_without_intents_has_none(self):
        assert unpack(pack({"language": "en"})) == {"language": "en", "intents": {}}

    def test_an_intent_of_many_sentences_is_whole_again(self):
        utterances = [{"data": [{"text": f"number {number}"}]} for number in range(250)]
        data = {"intents": {"count": {"utterances": utterances, "note": 1}, "rest": {}}}
        assert unpack(pack(data)) == data

    def test_it_is_small_and_the_same_every_time(self):
        packed = pack(training_data())
        assert len(packed) < len(str(training_data())) / 2
        assert pack(training_data()) == packed


class TestLazily:
    def test_it_is_the_same_data(self):
        lazy = unpack_lazily(pack(training_data()))
        intents = training_data()["intents"]
        assert {**lazy, "intents": None} == {**training_data(), "intents": None}
        assert dict(lazy["intents"].items()) == intents
        assert list(lazy["intents"].values()) == list(intents.values())

    def test_no_more_than_some_sentences_are_read_at_once(self):
        utterances = [{"data": [{"text": f"number {number}"}]} for number in range(250)]
        lazy = unpack_lazily(pack({"intents": {"count": {"utterances": utterances}}}))
        assert [len(piece["utterances"]) for piece in lazy["intents"].values()] == [100, 100, 50]

    def test_it_can_be_read_as_often_as_needed(self):
        lazy = unpack_lazily(pack(training_data()))
        for _ in range(2):
            assert read_templates(lazy) == read_templates(training_data())
            assert read_entities(lazy, "en") == read_entities(training_data(), "en")
