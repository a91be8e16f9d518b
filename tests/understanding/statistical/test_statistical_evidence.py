"""What speaks for an intent is a handful of numbers, finite whatever was said."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest

from pytlas_wamp.understanding.statistical import evidence as module
from pytlas_wamp.understanding.statistical.evidence import (
    COEFFICIENTS,
    Neighbours,
    Vocabulary,
    evidence,
)
from pytlas_wamp.understanding.statistical.intents import Reader, Settings, fit
from pytlas_wamp.understanding.statistical.lexicon import lexicon

ENGLISH = lexicon("en")
LESSONS = (
    ("switch on the lamp", 0),
    ("switch on the radio", 0),
    ("paint the wall", 1),
    ("paint my house", 1),
    ("how is the weather", 2),
)
READER = Reader(lexicon=ENGLISH, settings=Settings())
# Two intents; the last class is what belongs to none.
VOCABULARY = Vocabulary(
    stems=[frozenset({"switch", "lamp", "radio"}), frozenset({"paint", "wall", "!paint"})],
    everywhere=frozenset({"switch", "lamp", "radio", "paint", "wall"}),
    sentences=[2, 2],
    is_open=[False, True],
)


@cache
def weights():
    """What these lessons teach; only the tests need it, and not whoever looks for tests."""
    return fit(
        [READER.read(text.split()) for text, _ in LESSONS],
        [owner for _, owner in LESSONS],
        np.ones(len(LESSONS)),
        count=3,
        rarest=1,
        settings=Settings(),
    )


def vector(text):
    return weights().vector(READER.read(text.split()))


def neighbours(lessons=LESSONS):
    return Neighbours.of(
        weights(), [vector(text) for text, _ in lessons], [owner for _, owner in lessons]
    )


def nearest(text, lessons=LESSONS):
    """Of each intent the nearest sentence by words, and that by meaning."""
    return neighbours(lessons).nearest(weights(), vector(text), 3)


def near(own=0.9, other=0.1):
    return np.array([[own, other], [own, other]], dtype=np.float32)


def told(text, intent=0, scores=(3.0, 0.0, -1.0), valued=()):
    keys = text.split()
    in_value = [key in valued for key in keys]
    return evidence(keys, in_value, intent, np.array(scores), near(), VOCABULARY, ENGLISH)


def confidence(*arguments, **options):
    return float(np.dot(COEFFICIENTS[:-1], told(*arguments, **options))) + COEFFICIENTS[-1]


class TestNeighbours:
    def test_a_training_sentence_is_its_own_neighbour(self):
        words, meanings = nearest("switch on the radio")
        assert words.argmax() == meanings.argmax() == 0
        assert words[0] == pytest.approx(1.0, abs=1e-5)
        assert meanings[0] == pytest.approx(1.0, abs=1e-5)
        assert 0 < words[1] < 0.9

    def test_a_likeness_of_letters_is_none(self):
        assert not nearest("lampxyzzy").any()

    def test_words_that_mean_nearly_the_same_are_near_by_meaning(self):
        words, meanings = nearest("stereo")
        assert not words.any()
        assert meanings[0] > 0

    def test_a_sentence_without_a_known_word_has_none(self):
        assert not nearest("xyzzy").any()
        assert not nearest("").any()

    def test_without_sentences_there_are_none(self):
        assert nearest("switch on", ()).tolist() == [[0.0] * 3] * 2

    def test_sentences_without_features_are_left_out(self):
        assert len(neighbours([("xyzzy", 0), *LESSONS]).owners) == len(LESSONS)

    def test_the_first_of_each_intent_are_kept(self, monkeypatch):
        monkeypatch.setattr(module, "MOST_NEIGHBOURS", 1)
        assert list(neighbours().owners) == [0, 1, 2]
        assert nearest("switch on the radio")[0, 0] < 0.99
        assert nearest("switch on the lamp")[0, 0] > 0.99


class TestLikeness:
    def test_a_word_is_like_those_of_the_intent(self):
        vocabulary = Vocabulary(
            stems=[frozenset({"=lamp", "=the", "lamp"}), frozenset({"lamp"})],
            everywhere=frozenset({"lamp"}),
            sentences=[1, 1],
            is_open=[False, False],
        )
        assert vocabulary.likeness("lamp", 0, ENGLISH) == pytest.approx(1.0, abs=1e-2)
        assert 0 <= vocabulary.likeness("weather", 0, ENGLISH) < 0.9
        assert vocabulary.likeness("xyzzy", 0, ENGLISH) == 0
        assert vocabulary.likeness("lamp", 1, ENGLISH) == 0


class TestEvidence:
    def test_each_number_has_its_weight_and_one_is_constant(self):
        assert len(told("switch lamp")) + 1 == len(COEFFICIENTS)

    @pytest.mark.parametrize("text", ["switch lamp", "the of and", "xyzzy", "a", "paint " * 256])
    @pytest.mark.parametrize("intent", [0, 1])
    @pytest.mark.parametrize(
        "scores", [(3.0, 0.0, -1.0), (1e6, -1e6, 0.0), (-1e6, -1e6, 1e6), (0.0, 0.0, 0.0)]
    )
    def test_numbers_are_finite(self, text, intent, scores):
        assert all(math.isfinite(number) for number in told(text, intent, scores))

    def test_the_only_intent_has_no_rival(self):
        alone = Vocabulary(
            stems=VOCABULARY.stems[:1],
            everywhere=VOCABULARY.everywhere,
            sentences=[2],
            is_open=[False],
        )
        found = evidence(
            ["lamp"], [False], 0, np.array([1.0, 0.0]), np.ones((2, 1)), alone, ENGLISH
        )
        assert all(math.isfinite(number) for number in found)

    def test_words_of_the_intent_speak_for_it(self):
        assert confidence("switch lamp") > confidence("switch xyzzy") > confidence("plugh xyzzy")

    def test_words_that_mean_the_same_speak_for_it(self):
        names = ENGLISH.concepts_of("delete")
        vocabulary = Vocabulary(
            stems=[frozenset("!" + name for name in names)],
            everywhere=frozenset(),
            sentences=[2],
            is_open=[False],
        )

        def known(word):
            scores, nearest_ = np.array([1.0, 0.0]), np.ones((2, 1))
            return evidence([word], [False], 0, scores, nearest_, vocabulary, ENGLISH)

        assert known("remove") != known("xyzzy")

    def test_known_values_speak_for_it(self):
        assert confidence("switch xyzzy", valued=["xyzzy"]) > confidence("switch xyzzy")

    def test_a_clear_score_speaks_for_it(self):
        assert confidence("switch", scores=(4.0, 0.0, -2.0)) > confidence(
            "switch", scores=(0.1, 0.0, 0.0)
        )

    def test_words_of_other_intents_are_not_as_bad_as_strange_ones(self):
        assert told("switch wall") != told("switch xyzzy")

    def test_small_words_alone_say_that_there_is_nothing_else(self):
        assert confidence("the of and") < confidence("switch lamp")
