"""Tokens become features, labels become spans, and a field learns to label."""

from __future__ import annotations

import tempfile

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from pytlas_wamp.understanding.statistical.examples import Marked
from pytlas_wamp.understanding.statistical.lexicon import lexicon
from pytlas_wamp.understanding.statistical.slots import (
    SlotModel,
    _without_repeats,
    features,
    labels,
    shape,
    spans,
    train,
)
from statistical_training import read

ENGLISH = lexicon("en")
SENTENCES = (
    ("go to Rome", [(2, 3, "city")]),
    ("go to New York", [(2, 4, "city")]),
    ("go to Oslo now", [(2, 3, "city")]),
    ("go home", []),
    ("please go to Bern", [(3, 4, "city")]),
    ("go home now", []),
)
COMMON = frozenset({"go", "to", "now", "home"})


def seen(text, hints=None, common=COMMON, **options):
    sentence = read(text)
    told = hints or [[] for _ in sentence.keys]
    return features(sentence, told, common, ENGLISH, **options)


def marked(*found):
    return [Marked(start=a, end=b, slot=slot, entity="e") for a, b, slot in found]


def learnt():
    return train(
        [
            (seen(text), labels(len(read(text).keys), marked(*found)))
            for text, found in SENTENCES
            for _ in range(3)
        ],
        most_rounds=50,
    )


@pytest.fixture(scope="module")
def model():
    return SlotModel(crf=learnt(), common=COMMON)


def told(model, text):
    sentence = read(text)
    return model.read(sentence, [[] for _ in sentence.keys], ENGLISH)


class TestShapes:
    @pytest.mark.parametrize(
        ("raw", "expected"),
        [
            ("rome", "xxx"),
            ("Rome", "Xxx"),
            ("ROME", "XXX"),
            ("I", "X"),
            ("McDonald", "xX"),
            ("iPhone", "xX"),
            ("été", "xxx"),
            ("7", "d1"),
            ("1999", "d4"),
            ("123456", "d4"),
            ("%", "%"),
            ("-5", "-"),
            ("10:30", "1"),
        ],
    )
    def test_of_a_token_is(self, raw, expected):
        assert shape(raw) == expected


class TestFeatures:
    def test_each_token_has_its_own(self):
        found = seen("go to Rome, now")
        assert len(found) == 4
        assert len({tuple(token) for token in found}) == 4

    def test_a_sentence_without_tokens_has_none(self):
        assert seen("?!") == []

    def test_upper_case_is_seen_and_may_be_overlooked(self):
        assert seen("go to Rome") != seen("go to rome")
        assert seen("go to Rome", lower=True) == seen("go to rome")

    def test_hints_are_seen_at_their_token_and_from_beside_it(self):
        plain, hinted = seen("go to Rome"), seen("go to Rome", [[], [], ["city=U"]])
        assert hinted[0] == plain[0]
        assert {f for f in hinted[1] if f not in plain[1]} == {"h+city=U"}
        assert {f for f in hinted[2] if f not in plain[2]} == {"hcity=U"}
        before = seen("go to Rome", [["x=U"], [], []])
        assert "h-x=U" in before[1]

    def test_marks_between_tokens_are_seen(self):
        plain, marked_ = seen("go to Rome now"), seen("go to 'Rome' now")
        assert plain[2] != marked_[2]
        assert plain[0] == marked_[0]

    def test_the_ends_of_the_sentence_are_seen(self):
        assert seen("go go go go", common=frozenset())[0] != seen("x go go go")[1]
        first, *_, last = seen("go go go go go go")
        assert first != last

    def test_a_far_word_that_is_not_common_counts_by_its_shape(self):
        assert seen("rome to go now")[2] == seen("bern to go now")[2]
        assert seen("rome to go now")[2] != seen("Bern to go now")[2]
        both = frozenset({"rome", "bern"})
        assert seen("rome to go", common=both)[2] != seen("bern to go", common=both)[2]

    def test_small_words_are_told_apart(self):
        assert "fw" in seen("go to Rome")[1]
        assert "fw" not in seen("go to Rome")[2]


class TestLabels:
    def test_marks_become_beginnings_and_insides(self):
        found = labels(5, marked((0, 1, "a"), (2, 4, "b")))
        assert found == ["B-a", "O", "B-b", "I-b", "O"]

    @pytest.mark.parametrize(
        ("found", "expected"),
        [
            (["O", "O"], []),
            (["B-a", "I-a", "O", "B-b"], [(0, 2, "a"), (3, 4, "b")]),
            (["B-a", "B-a"], [(0, 1, "a"), (1, 2, "a")]),
            (["I-a", "I-a"], [(0, 2, "a")]),
            (["B-a", "I-b"], [(0, 1, "a"), (1, 2, "b")]),
            (["B-a", "O", "I-a"], [(0, 1, "a"), (2, 3, "a")]),
            ([], []),
        ],
    )
    def test_labels_become_spans(self, found, expected):
        assert spans(found) == expected

    def test_spans_come_back_from_their_labels(self):
        met = set()

        @given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 3), st.sampled_from("ab"))))
        def check(gaps):
            wanted, end = [], 0
            for gap, size, slot in gaps:
                wanted.append((end + gap, end + gap + size, slot))
                end += gap + size
            met.add(min(len(wanted), 3))
            assert spans(labels(end + 1, marked(*wanted))) == wanted

        check()
        assert met == {0, 1, 2, 3}


class TestFields:
    def test_a_training_sentence_is_read_as_it_was_marked(self, model):
        assert [told(model, text) for text, _ in SENTENCES] == [found for _, found in SENTENCES]

    def test_a_new_value_is_read(self, model):
        assert told(model, "go to Bangkok") == [(2, 3, "city")]

    def test_a_sentence_without_tokens_has_no_slots(self, model):
        assert told(model, "?!") == []

    @pytest.mark.parametrize("mark", ["\ud800", "\x00", "\U0001f389", "\n", "\u202e"])
    def test_any_mark_may_stand_between_tokens(self, model, mark):
        assert told(model, f"go{mark}to{mark} Rome") == [(2, 3, "city")]

    def test_certainty_is_the_logarithm_of_a_probability(self, model):
        def certainty(text):
            sentence = read(text)
            return model.certainty(sentence, [[] for _ in sentence.keys], ENGLISH)

        assert -0.7 < certainty("go to Rome") <= 0
        assert certainty("Rome Bern to to home xyz") < certainty("go to Rome")

    def test_the_same_sentences_give_the_same_bytes(self, model):
        assert learnt() == model.crf

    def test_no_file_is_left_behind(self, tmp_path, monkeypatch):
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        assert learnt()
        assert list(tmp_path.iterdir()) == []


class TestSlotsThatStandOnce:
    """A field that has learnt to see a city wherever "to" goes before."""

    def test_stand_once(self, model):
        text = "go to Rome please go to Bern"
        assert [slot for _, _, slot in told(model, text)] == ["city"] * 2
        once = evolve(model, once=frozenset({"city"}))
        assert [slot for _, _, slot in told(once, text)] == ["city"]

    def test_are_joined_where_that_is_likelier(self):
        class Tagger:
            """Finds one span of all words likelier than any other."""

            def labels(self):
                return ["O", "B-city", "I-city"]

            def probability(self, labels):
                return labels.count("I-city")

        joined = _without_repeats(Tagger(), ["B-city", "O", "B-city"], frozenset({"city"}))
        assert joined == ["B-city", "I-city", "I-city"]

    def test_stay_where_the_field_has_no_other_labels(self):
        class Tagger:
            """Knows the beginning of a city and nothing else."""

            def labels(self):
                return ["B-city"]

        found = ["B-city", "B-city"]
        assert _without_repeats(Tagger(), found, frozenset({"city"})) == found

    def test_very_many_are_not_weighed(self):
        class Tagger:
            """Knows all labels, and must not be asked which are likely."""

            def labels(self):
                return ["O", "B-city", "I-city"]

        found = _without_repeats(Tagger(), ["B-city", "O"] * 9, frozenset({"city"}))
        assert found == ["B-city", *["O"] * 17]
