"""Which of several ways is taken."""

from __future__ import annotations

from collections import Counter

import pytest

from pytlas_wamp.cluster.bus import lane_of


class TestLanes:
    @pytest.mark.parametrize("count", [1, 2, 3, 7])
    def test_all_are_taken_about_as_often(self, count):
        taken = Counter(lane_of(key, count) for key in range(10_000))
        assert set(taken) == set(range(count))
        assert min(taken.values()) > 0.8 * 10_000 / count

    def test_are_the_same_in_every_process(self):
        # Both sides reckon for themselves, also those of another version.
        assert [lane_of(key, 3) for key in (-1, 0, 1, 2, 3, 2**62)] == [1, 1, 0, 1, 0, 2]
