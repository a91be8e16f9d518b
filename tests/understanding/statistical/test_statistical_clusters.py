"""Words of one company share a group, and unknown words have none."""

from __future__ import annotations

import pytest

from pytlas_wamp.understanding.statistical.clusters import clusters


class TestGroups:
    def test_words_of_one_kind_share_their_narrowest_group(self):
        assert clusters("en").of("daniel") == clusters("en").of("peter")

    def test_words_of_different_kinds_share_no_group(self):
        first, other = clusters("en").of("daniel"), clusters("en").of("soup")
        assert not set(first) & set(other)

    def test_the_widest_group_comes_first(self):
        assert [name[0] for name in clusters("en").of("soup")] == ["a", "b", "c"]

    @pytest.mark.parametrize("word", ["qqqqqq", "zzzzzzzzzzzzzzzzzzzzzzzz", "", "caf\xe9", "5"])
    def test_an_unknown_word_has_none(self, word):
        assert clusters("en").of(word) is None

    def test_a_language_without_a_list_has_none(self):
        assert clusters("xx").of("soup") is None

    def test_the_region_of_a_language_does_not_matter(self):
        assert clusters("en-GB").of("soup") == clusters("en").of("soup")


class TestLongWords:
    def test_are_in_no_group_and_cost_nothing(self):
        assert clusters("en").of("a" * 65_536) is None
