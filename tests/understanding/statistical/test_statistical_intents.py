"""Sentences become features, and a linear model tells their intents apart."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pytlas_wamp.understanding.statistical import intents as module
from pytlas_wamp.understanding.statistical.intents import (
    BLOCKS,
    Reader,
    Settings,
    fit,
    word_grams,
)
from pytlas_wamp.understanding.statistical.lexicon import lexicon

# Sentences and their classes; what a and b share tells nothing.
LESSONS = (
    ("switch on the lamp", 0),
    ("switch on the radio", 0),
    ("lamp on", 0),
    ("paint the wall", 1),
    ("paint my house", 1),
    ("paint it red", 1),
    ("how is the weather", 2),
    ("what is the weather like", 2),
)


def reader(**settings):
    return Reader(lexicon=lexicon("en"), settings=Settings(**settings))


def read(text, entities=(), **settings):
    return reader(**settings).read(text.split(), entities)


def block(features, letter):
    return {name for name in features if name[0] == letter}


def learnt(lessons=LESSONS, *, rarest=1, settings=None):
    made = settings or Settings()
    classes = [place for _, place in lessons]
    return fit(
        [read(text) for text, _ in lessons],
        classes,
        np.ones(len(lessons)),
        count=max(classes) + 1,
        rarest=rarest,
        settings=made,
    )


def scores(weights, text):
    return weights.scores(weights.vector(read(text)))


@pytest.fixture(scope="module")
def weights():
    return learnt()


class TestFeatures:
    def test_each_belongs_to_a_block(self):
        found = read("please switch on the lamp", ["room"])
        assert {name[0] for name in found} == set(BLOCKS)

    def test_forms_of_a_word_share_its_stem(self):
        assert block(read("switching"), "w") == block(read("switch"), "w") != set()

    def test_words_that_mean_the_same_share_a_concept(self):
        assert block(read("delete"), "k") & block(read("remove"), "k")
        assert block(read("power off"), "k") & block(read("switch off"), "k")

    def test_a_concept_of_several_words_needs_all_of_them(self):
        found = block(read("switch the lamp"), "k")
        assert block(read("switch off the lamp"), "k") - found

    def test_other_words_may_part_it(self):
        assert block(read("switch lamp off"), "k") == block(read("switch off lamp"), "k")

    def test_words_are_counted(self):
        counts = read("lamp lamp")
        assert [counts[name] for name in block(counts, "w")] == [2.0]

    def test_the_order_of_words_is_seen(self):
        assert read("lamp on") != read("on lamp")
        assert block(read("lamp on"), "w") == block(read("on lamp"), "w")

    def test_a_hidden_token_is_not_looked_at(self):
        hidden = reader().read(["paint", "", "red"])
        assert block(hidden, "w") == block(read("paint red"), "w")
        assert block(hidden, "b") != block(read("paint red"), "b")

    def test_places_of_values_are_named(self):
        assert block(read("paint", ["room", "geo:city"]), "p") == {"proom", "pgeo:city"}

    def test_a_sentence_without_tokens_has_no_words(self):
        assert block(read(""), "w") == block(read(""), "c") == set()

    def test_a_word_has_the_same_features_when_it_comes_again(self):
        once = reader()
        assert once.read(["lamp"]) == once.read(["lamp"]) == read("lamp")

    def test_memory_is_bounded(self, monkeypatch):
        monkeypatch.setattr(module, "_REMEMBERED_WORDS", 1)
        one = reader()
        assert one.read(["lamp", "radio"]) == read("lamp radio")
        assert len(one._words) == 1


class TestWordGrams:
    def test_a_word_has_its_borders(self):
        assert word_grams("on", 2, 3) == ["c o", "con", "cn ", "c on", "con "]

    def test_a_word_may_be_too_short(self):
        assert word_grams("o", 4, 5) == []


class TestVectors:
    def test_each_block_has_the_length_of_its_weight(self):
        settings = Settings(words=1.0, pairs=0.5, chars=2.0, concepts=0.25, places=0.0)
        made = learnt(settings=settings)
        where, values = made.vector(read("switch on the lamp"))
        lengths = {
            letter: math.sqrt(sum(values[made.blocks[where] == place] ** 2))
            for place, letter in enumerate(BLOCKS)
            if letter in "wbckp"
        }
        assert lengths == pytest.approx({"w": 1.0, "b": 0.5, "c": 2.0, "k": 0.25, "p": 0.0})

    def test_features_that_were_not_learnt_do_not_count(self, weights):
        known, strange = weights.vector(read("lamp")), weights.vector({"wxyzzy": 1.0})
        both = weights.vector({**read("lamp"), "wxyzzy": 1.0})
        assert [list(each) for each in both] == [list(each) for each in known]
        assert [len(each) for each in strange] == [0, 0]

    def test_without_any_feature_the_bias_decides(self, weights):
        assert list(weights.scores(weights.vector({}))) == pytest.approx(list(weights.bias))

    def test_rare_features_may_be_left_out(self):
        all_of_them, common = learnt(), learnt(rarest=2)
        assert set(common.ids) < set(all_of_them.ids)
        assert "wlamp" in common.ids
        assert "wradio" in all_of_them.ids
        assert "wradio" not in common.ids


class TestFits:
    def test_lessons_are_learnt(self, weights):
        assert [int(np.argmax(scores(weights, text))) for text, _ in LESSONS] == [
            place for _, place in LESSONS
        ]

    def test_rewordings_are_understood(self, weights):
        assert int(np.argmax(scores(weights, "switch the lamp on now"))) == 0
        assert int(np.argmax(scores(weights, "painting houses"))) == 1

    def test_two_classes_have_a_score_each(self):
        made = learnt([lesson for lesson in LESSONS if lesson[1] < 2])
        assert scores(made, "paint it")[1] > scores(made, "paint it")[0]
        assert scores(made, "lamp on")[0] > scores(made, "lamp on")[1]

    def test_a_class_without_sentences_has_no_weights(self):
        made = learnt([(text, 3 if place == 2 else place) for text, place in LESSONS])
        assert not made.matrix[:, 2].any()
        assert int(np.argmax(scores(made, "the weather"))) == 3

    def test_heavier_sentences_count_more(self):
        lessons = [("lamp", 0), ("lamp", 1)]

        def told(heavy):
            weight = np.array([heavy, 1.0])
            made = fit(
                [read(text) for text, _ in lessons],
                [place for _, place in lessons],
                weight,
                count=2,
                rarest=1,
                settings=Settings(),
            )
            return scores(made, "lamp")

        assert told(3.0)[0] > told(3.0)[1]
        assert told(0.3)[0] < told(0.3)[1]

    def test_the_short_way_leads_to_the_same_optimum(self, weights, monkeypatch):
        monkeypatch.setattr(module, "_MOST_IN_THE_SPAN", 0)
        long = learnt()
        for text in ("switch on the lamp", "paint the weather", "something else"):
            gaps = np.diff(scores(long, text)) - np.diff(scores(weights, text))
            assert np.abs(gaps).max() < 0.1

    def test_the_same_sentences_give_the_same_bytes(self, weights):
        again = learnt()
        assert again.matrix.tobytes() == weights.matrix.tobytes()
        assert again.bias.tobytes() == weights.bias.tobytes()
