"""What a run of the benchmark needs."""

from __future__ import annotations

import pytest
from bench.rows import Plan


def _plan(*rows, connections=(1, 100), crowd=500):
    return Plan(
        rows=rows, servers=("ours",), connections=connections, crowd=crowd, rounds=1, seconds=1.0
    )


class TestPeople:
    @pytest.mark.parametrize(
        ("plan", "people"),
        [
            (_plan("turns"), 100),
            (_plan("turns", connections=(1, 2_000)), 2_000),
            (_plan("memory"), 1_000),
            (_plan("slow"), 300),
            (_plan("crowd", "memory"), 1_000),
            (_plan("crowd", "memory", crowd=10_000), 10_000),
        ],
    )
    def test_there_are_enough_for_every_row(self, plan, people):
        assert plan.people == people

    def test_a_crowd_does_not_burden_the_other_servers(self):
        assert _plan("crowd", "rate", crowd=10_000).people_together == 100
