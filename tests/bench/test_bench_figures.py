"""Sums and ratios of the benchmark."""

from __future__ import annotations

import math

from bench.figures import Spread, percentile, ratio, slope


class TestSpread:
    def test_it_is_the_median_and_the_ends(self):
        assert Spread.of([3, 1, 10]) == Spread(3, 1, 10)


class TestPercentiles:
    def test_it_is_a_value_that_was_measured(self):
        values = list(range(1, 101))
        assert [percentile(values, percent) for percent in (50, 99, 100)] == [50, 99, 100]

    def test_order_does_not_matter(self):
        assert percentile([9, 1, 5], 50) == 5

    def test_the_least_value_is_the_lowest_percentile(self):
        assert percentile([7, 8], 0) == 7

    def test_of_nothing_there_is_none(self):
        assert math.isnan(percentile([], 99))


class TestRatios:
    def test_rounds_are_compared_with_themselves(self):
        # The machine was half as fast in the second round: both figures doubled.
        assert ratio([100, 200], [600, 1200]) == Spread(6, 6, 6)

    def test_a_round_that_failed_on_either_side_does_not_count(self):
        assert ratio([100, None, 100], [300, 999, None]) == Spread(3, 3, 3)

    def test_without_a_whole_round_there_is_none(self):
        assert ratio([None], [300]) is None
        assert ratio([], [300]) is None


class TestSlopes:
    def test_what_all_have_in_common_does_not_count(self):
        assert slope((200, 1_200.0), (1_000, 2_000.0)) == 1.0
