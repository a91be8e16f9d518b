"""Words that mean the same are near each other."""

import numpy as np
import pytest

from pytlas_wamp.understanding.statistical import meanings as module
from pytlas_wamp.understanding.statistical.lexicon import lexicon
from pytlas_wamp.understanding.statistical.meanings import meanings


def near(language, left, right):
    words = lexicon(language)
    return float(words.meaning(left.split()) @ words.meaning(right.split()))


class TestMeanings:
    @pytest.mark.parametrize(
        ("language", "word", "like", "unlike"),
        [
            ("en", "song", "music", "kitchen"),
            ("fr", "chanson", "musique", "cuisine"),
            ("de", "lied", "musik", "küche"),
            ("es", "lluvia", "nieve", "cocina"),
            ("it", "pioggia", "neve", "cucina"),
            ("pt", "chuva", "neve", "cozinha"),
        ],
    )
    def test_like_words_are_nearer_than_others(self, language, word, like, unlike):
        assert near(language, word, like) > near(language, word, unlike)

    def test_another_form_of_a_word_means_the_same(self):
        assert near("fr", "allumerons", "allume") == pytest.approx(1.0, abs=1e-3)

    def test_a_meaning_has_length_one(self):
        assert np.linalg.norm(lexicon("en").meaning(("play", "the", "song"))) == pytest.approx(1.0)

    @pytest.mark.parametrize("keys", [(), ("",), ("xyzzyplugh",)])
    def test_unknown_words_mean_nothing(self, keys):
        assert not lexicon("en").meaning(keys).any()

    def test_small_words_say_less(self):
        whole = lexicon("en").meaning(("the", "song"))
        assert whole @ lexicon("en").meaning(("song",)) > whole @ lexicon("en").meaning(("the",))

    def test_words_are_known_by_key_or_stem(self):
        found = lexicon("fr").meanings
        assert found.knows("musique", "")
        assert found.knows("", "musiqu")
        assert not found.knows("xyzzy", "xyzzy")

    def test_those_of_english_come_with_the_package(self):
        module._english.cache_clear()
        found = meanings("en", [], str)
        assert {"music", "kitchen"} <= set(found.rows)
        assert found.table.shape == (len(found.rows), found.size)

    def test_a_language_without_a_glossary_knows_none(self):
        assert meanings("xx", [], str).of(["music"], str, frozenset()).shape == (50,)
        assert not meanings("xx", [], str).rows

    def test_lines_without_a_known_english_word_are_left_out(self):
        assert "blah" not in meanings("xx", ["xyzzyplugh: blah"], str).rows

    def test_long_words_that_english_has_too_are_known(self):
        found = meanings("xx", ["music: musik"], str)
        assert "station" in found.rows
        assert "pain" not in found.rows
