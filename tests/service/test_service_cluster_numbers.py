"""Numbers of gateways and workers."""

from __future__ import annotations

import pytest
from attrs import define, field
from prometheus_client import CollectorRegistry

from pytlas_wamp.service.cluster_numbers import GatewayNumbers, Rate, WorkerNumbers


@define
class One:
    """What has some attributes."""

    state: str = "live"
    unanswered: int = 0
    conversations: list = field(factory=list)
    living: list = field(factory=list)
    restarts: int = 0
    is_on: bool = False
    handed_over: int = 0
    frames: int = 0


@pytest.fixture
def registry():
    return CollectorRegistry()


def gateway(**more):
    conversations = [One(), One(state="lost", unanswered=2), One(state="joining", unanswered=1)]
    living = [One(state="active"), One(state="active"), One(state="draining")]
    values = {
        "host": One(conversations=conversations),
        "placement": One(living=living),
        "processes": None,
    }
    return GatewayNumbers(**{**values, **more})


class TestGatewayNumbers:
    @pytest.mark.parametrize(
        ("name", "labels", "expected"),
        [
            ("pytlas_conversations", {}, 3),
            ("pytlas_cluster_searching", {}, 2),
            ("pytlas_cluster_unanswered", {}, 3),
            ("pytlas_cluster_workers", {"state": "active"}, 2),
            ("pytlas_cluster_workers", {"state": "draining"}, 1),
            ("pytlas_cluster_workers", {"state": "drained"}, 0),
            ("pytlas_cluster_restarts_total", {}, None),
        ],
    )
    def test_are_what_is(self, registry, name, labels, expected):
        registry.register(gateway())
        assert registry.get_sample_value(name, labels) == expected

    def test_count_how_often_workers_of_its_own_were_started_again(self, registry):
        registry.register(gateway(processes=One(restarts=4)))
        assert registry.get_sample_value("pytlas_cluster_restarts_total") == 4


def worker():
    return WorkerNumbers(
        seats=["one", "two"],
        draining=One(is_on=True, handed_over=5),
        tellings=One(frames=6),
        turns=Rate(count=lambda: 0, now=lambda: 0.0),
        lag_seconds=lambda: 0.123,
    )


class TestRate:
    def test_is_that_since_it_was_asked_last(self):
        counts, times = iter([10, 25, 25, 26]), iter([100.0, 102.0, 103.0, 103.0])
        rate = Rate(count=lambda: next(counts), now=lambda: next(times))

        assert [rate.per_second() for _ in range(3)] == [7.5, 0.0, 0.0]


class TestWorkerNumbers:
    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("pytlas_cluster_seats", 2),
            ("pytlas_cluster_draining", 1),
            ("pytlas_cluster_handed_over_total", 5),
            ("pytlas_cluster_told_frames_total", 6),
        ],
    )
    def test_are_what_is(self, registry, name, expected):
        registry.register(worker())
        assert registry.get_sample_value(name) == expected

    def test_some_are_for_the_other_nodes(self):
        assert worker().details() == {
            "turns_per_second": 0.0,
            "lag_seconds": 0.12,
            "seats": 2,
            "handed_over": 5,
        }
