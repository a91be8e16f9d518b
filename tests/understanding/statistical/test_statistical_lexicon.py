"""What is known of a language: stems, small words, words that mean the same, politeness."""

from __future__ import annotations

import pytest

from pytlas_wamp.understanding import normalisation
from pytlas_wamp.understanding.statistical import lexicon as module
from pytlas_wamp.understanding.statistical.lexicon import Stemmer, lexicon, word_lines
from statistical_training import read


class TestStems:
    @pytest.mark.parametrize(
        ("language", "words"),
        [
            ("en", ["switch", "switching", "switched"]),
            ("fr", ["allume", "allumer", "allumez"]),
            ("de", ["lampe", "lampen"]),
        ],
    )
    def test_forms_of_a_word_have_one_stem(self, language, words):
        stem = Stemmer(language=language)
        assert len({stem(word) for word in words}) == 1

    def test_a_language_without_a_stemmer_keeps_its_words(self):
        assert Stemmer(language="xx")("switching") == "switching"

    def test_a_stem_is_the_same_when_asked_again(self):
        stem = Stemmer(language="en")
        assert stem("running") == stem("running") == "run"

    def test_memory_is_bounded(self, monkeypatch):
        monkeypatch.setattr(module, "_REMEMBERED_STEMS", 2)
        stem = Stemmer(language="en")
        assert [stem(word) for word in ("dogs", "cats", "birds", "birds")] == [
            "dog",
            "cat",
            "bird",
            "bird",
        ]
        assert len(stem._stems) == 2


class TestLanguages:
    def test_a_region_has_the_words_of_its_language(self):
        assert lexicon("fr_CA").function_words == lexicon("fr").function_words

    def test_a_lexicon_is_read_once(self):
        assert lexicon("en") is lexicon("en")

    def test_one_without_data_is_nearly_empty(self):
        found = lexicon("xx")
        assert (found.function_words, found.concepts, found.polite) == (frozenset(), {}, ())
        assert found.concepts_of("start") == ()

    @pytest.mark.parametrize("language", ["en", "fr"])
    def test_ours_are_full(self, language):
        found = lexicon(language)
        assert all((found.function_words, found.concepts, found.phrases, found.polite))
        assert all(normalisation.read(text) for text in found.background)
        assert len(found.background) > 50


class TestConcepts:
    def test_words_that_mean_the_same_share_a_name(self):
        found = lexicon("en")
        assert set(found.concepts_of("delete")) & set(found.concepts_of("remove"))

    def test_forms_of_a_word_mean_the_same(self):
        found = lexicon("en")
        assert found.concepts_of("deleting") == found.concepts_of("delete") != ()

    def test_a_word_that_nobody_listed_means_nothing(self):
        assert lexicon("en").concepts_of("xyzzy") == ()

    def test_some_concepts_have_several_words(self):
        found = lexicon("en")
        assert all(len(words) > 1 for words in found.phrases)
        assert found.phrases[tuple(found.stem(word) for word in ("switch", "off"))]


class TestPoliteness:
    @pytest.mark.parametrize(
        "text",
        [
            "please play a song",
            "play a song please",
            "could you please play a song, thank you",
            "Hey, could you play a song please?",
            "play a song",
        ],
    )
    def test_is_cut_off_on_both_sides(self, text):
        request = lexicon("en").request(read(text))
        assert request.keys == ("play", "a", "song")
        assert request.raw(0, 3) == "play a song"

    @pytest.mark.parametrize("text", ["play a song", "thank you", "please", "please please"])
    def test_a_sentence_is_never_cut_to_nothing(self, text):
        assert lexicon("en").request(read(text)).keys

    def test_a_sentence_without_any_is_the_same(self):
        sentence = read("play a song")
        assert lexicon("en").request(sentence) is sentence

    def test_the_text_stays_whole(self):
        sentence = read("please play")
        request = lexicon("en").request(sentence)
        assert (request.text, request.span(0, 1)) == (sentence.text, (7, 11))

    def test_inside_of_a_sentence_it_stays(self):
        sentence = read("say please to anna")
        assert lexicon("en").request(sentence) is sentence


class TestWordLists:
    def test_a_missing_list_has_no_lines(self):
        assert word_lines("xx", "polite") == []
        assert word_lines("en", "nothing") == []

    @pytest.mark.parametrize("name", ["polite", "concepts", "background", "kinds", "time"])
    def test_comments_and_empty_lines_are_left_out(self, name):
        lines = word_lines("en", name)
        assert lines
        assert all(line == line.strip() != "" and line[0] != "#" for line in lines)


class TestAskingNothing:
    @pytest.mark.parametrize("text", ["please", "the", "a", "thank you"])
    def test_is_politeness_or_one_small_word(self, text):
        lexicon_of = lexicon("en")
        assert lexicon_of.asks_nothing(lexicon_of.request(read(text)))

    @pytest.mark.parametrize("text", ["what can you do", "please stop", "lights"])
    def test_is_no_question_and_no_order(self, text):
        lexicon_of = lexicon("en")
        assert not lexicon_of.asks_nothing(lexicon_of.request(read(text)))


class TestLongWords:
    def test_are_neither_cut_nor_kept(self):
        stem = Stemmer(language="en")
        assert stem("walking") == "walk"
        assert stem("ing" * 20) == "ing" * 20
        assert list(stem._stems) == ["walking"]
