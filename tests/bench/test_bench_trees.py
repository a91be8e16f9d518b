"""Whether one version of the package is dearer than another."""

from __future__ import annotations

import pytest
from bench.trees import Ratio


class TestRatios:
    def test_rounds_are_compared_with_themselves(self):
        found = Ratio.of([(100, 200), (1_000, 2_000), (50, 100)])
        assert found == Ratio(0.5, 0.5, 0.5, 0.5, 0.5, 0.5)

    def test_more_rounds_make_it_surer(self):
        few = Ratio.of([(90, 100), (100, 100), (110, 100)])
        many = Ratio.of([(90, 100), (100, 100), (110, 100)] * 50)
        assert few.middle == many.middle == 1.0
        assert many.highest - many.lowest < few.highest - few.lowest

    def test_quarters_are_of_the_rounds(self):
        found = Ratio.of([(number, 100) for number in range(1, 100)])
        assert (found.quarter, found.three_quarters) == pytest.approx((0.25, 0.75))

    def test_what_was_disturbed_least_is_compared_by_itself(self):
        rounds = [(100, 100)] * 5 + [(500, 125)] * 10 + [(125, 900)] * 10
        assert Ratio.of(rounds).quiet == 1.0
