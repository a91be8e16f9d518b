"""Tokens: what compares equal, and where it stood."""

from __future__ import annotations

import pytest

from pytlas_wamp.understanding.builtins import tokens


class TestTokens:
    def test_case_and_accents_are_forgotten(self):
        assert tokens.read("Été À Noël ÇA").keys == ("ete", "a", "noel", "ca")

    def test_combining_accents_are_accents(self):
        assert tokens.read("e\u0301te\u0301").keys == ("ete",)

    def test_letters_that_unicode_does_not_decompose(self):
        assert tokens.read("Straße œuf").keys == ("strasse", "oeuf")

    def test_spans_are_of_the_text_as_written(self):
        read = tokens.read("à  17h30")
        assert [read.text[a:b] for a, b in zip(read.starts, read.ends, strict=True)] == [
            "à",
            "17",
            "h",
            "30",
        ]

    @pytest.mark.parametrize("text", ["week-end", "week\u2011end", "l'week end", "week end"])
    def test_hyphens_and_apostrophes_only_part_words(self, text):
        assert tokens.read(text).keys[-2:] == ("week", "end")

    def test_a_dash_between_numbers_counts(self):
        assert tokens.read("3-5 \u2013 \u2212").keys == ("3", "-", "5", "-", "-")

    def test_the_full_stop_of_an_abbreviation_goes(self):
        assert tokens.read("Feb. 3 p.m. now.", frozenset({"feb"})).keys == (
            "feb",
            "3",
            "p",
            "m",
            "now",
            ".",
        )

    def test_only_so_many_are_read(self):
        assert len(tokens.read("a " * 1000).keys) == tokens.MAX_TOKENS

    def test_very_long_words_are_cut(self):
        assert len(tokens.read("é" * 1000).keys[0]) < 100

    def test_marks_that_fold_to_nothing_keep_a_key(self):
        assert all(tokens.read("\u0301 \u200d ½ ² \ud800").keys)

    def test_digits_are_those_of_ascii(self):
        read = tokens.read("5 ½ ²")
        assert [read.is_digits(index) for index in range(3)] == [True, False, False]

    def test_neighbours_touch(self):
        read = tokens.read("5 pm5")
        assert [read.touches(index) for index in range(4)] == [False, False, True, False]

    def test_where_a_token_ends(self):
        read = tokens.read("ab cd")
        assert (read.after(2), read.after(3), read.after(5)) == (1, None, 2)

    def test_phrases_of_the_tables_have_no_full_stops(self):
        assert tokens.phrase("p. m.") == ("p", "m")
