"""Parts of a cluster die, hang and are cut off, and nobody loses a frame: run_chaos.py, short."""

from __future__ import annotations

import asyncio
from random import Random

import pytest
from cluster_chaos import FAULTS, schedule, suffer
from cluster_stage import Cluster

from postgres import PostgresServer

pytestmark = [pytest.mark.service, pytest.mark.router]

SEED = 7


@pytest.fixture
def postgres():
    """A server that a test may end and start again."""
    server = PostgresServer.start()
    yield server
    server.stop()


@pytest.fixture
def cluster(postgres):
    cluster = Cluster(postgres=postgres, cables=True)
    yield cluster
    cluster.end()
    cluster.remove()


def test_nothing_is_lost_and_nothing_is_told_twice(cluster):
    finding = asyncio.run(suffer(cluster, people=3, count=len(FAULTS), seed=SEED))
    assert finding.verdict.violations == [], "\n".join(finding.told)
    assert finding.verdict.figures["outcome done"] > 0
    assert finding.verdict.figures["changes of owner"] > 0


def test_every_fault_comes_before_one_comes_again():
    once, again = (schedule(Random(SEED), FAULTS, 30) for _ in range(2))  # noqa: S311 - nothing to guess
    assert set(once[: len(FAULTS)]) == set(FAULTS)
    assert once == again
