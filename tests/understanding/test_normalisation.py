"""Tokens compare equal where people would call them the same words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytlas_wamp.understanding import normalisation
from pytlas_wamp.understanding.normalisation import MAX_TOKENS, fold, phrases, read, readings


def keys(text, *, joined=False):
    sentence = read(text, joined=joined)
    assert sentence is not None
    return list(sentence.keys)


class TestTokens:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("Turn ON,  the\tlights!", ["turn", "on", "the", "lights"]),
            ("Quelle heure est-il ?", ["quelle", "heure", "est", "il"]),
            ("l'heure", ["l", "heure"]),
            ("l\u2019heure", ["l", "heure"]),
            ("l\u02bcheure", ["l", "heure"]),
            ("qu'est-ce que c'est", ["qu", "est", "ce", "que", "c", "est"]),
            ("à 20h30", ["a", "20", "h", "30"]),
            ("5pm", ["5", "pm"]),
            ("10:30", ["10:30"]),
            ("1,5 et 2.5.", ["1,5", "et", "2.5"]),
            ("-5 or 3-5", ["-5", "or", "3", "5"]),
            ("\u22125", ["-5"]),
            ("50 % of 20€", ["50", "%", "of", "20", "€"]),
            ("snake_case", ["snake", "case"]),
            ("", []),
            ("\U0001f389 ... \ud800 \x00", []),
        ],
    )
    def test_a_text_splits_into(self, text, expected):
        assert keys(text) == expected

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("what's my e-mail", ["whats", "my", "email"]),
            ("l\u2019heure", ["lheure"]),
            ("rock 'n' roll -5", ["rock", "n", "roll", "-5"]),
        ],
    )
    def test_the_joined_reading_ignores_marks_inside_of_words(self, text, expected):
        assert keys(text, joined=True) == expected

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("ÉTÉ", "ete"),
            ("e\u0301te\u0301", "été"),
            ("Straße", "STRASSE"),
            ("cœur", "Coeur"),
            ("\u0130stanbul", "istanbul"),
            ("\uff48\uff49", "hi"),
        ],
    )
    def test_case_and_accents_do_not_count(self, one, other):
        assert fold(one) == fold(other)

    def test_different_words_stay_different(self):
        assert fold("été") != fold("étée")


class TestSentences:
    def test_raw_text_is_what_was_written(self):
        sentence = read("  Play «Château d'Eau» !")
        assert sentence is not None
        assert sentence.raw(1, 4) == "Château d'Eau"
        assert sentence.span(1, 4) == (8, 21)

    def test_as_many_tokens_as_allowed_are_read(self):
        assert len(keys("a " * MAX_TOKENS)) == MAX_TOKENS

    def test_one_token_more_is_not_read(self):
        assert read("a " * (MAX_TOKENS + 1)) is None
        assert readings("a " * (MAX_TOKENS + 1)) == ()

    def test_a_text_that_is_short_only_when_joined_has_no_reading(self):
        assert readings("a'a " * MAX_TOKENS) == ()

    def test_readings_that_are_equal_come_once(self):
        assert [sentence.keys for sentence in readings("hello there")] == [("hello", "there")]

    def test_phrases_without_a_token_are_none(self):
        assert phrases(" ?! ") == ()
        assert phrases("e-mail") == (("e", "mail"), ("email",))

    @given(st.text(), st.booleans())
    def test_spans_lie_in_the_text_in_order(self, text, joined):
        sentence = normalisation.read(text, joined=joined)
        assert sentence is not None
        edges = [edge for span in sentence.spans for edge in span]
        assert edges == sorted(edges)
        assert all(0 <= edge <= len(text) for edge in edges)
        assert len(sentence.keys) == len(sentence.spans)


class TestKeys:
    def test_are_those_of_the_tokens_in_their_order(self):
        assert normalisation.keys("L'Été, déjà!") == ("l", "ete", "deja")

    def test_there_are_none_without_a_token_or_with_too_many(self):
        assert normalisation.keys("?!") == normalisation.keys("a " * 257) == ()
