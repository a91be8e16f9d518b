"""What a node of a cluster tells Prometheus, and the others, beside its questions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from attrs import define, field, frozen
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from pytlas_wamp.cluster.draining import Draining
from pytlas_wamp.cluster.gateway import RemoteHost
from pytlas_wamp.cluster.placement import Placement
from pytlas_wamp.cluster.seats import Seats
from pytlas_wamp.cluster.tellings import Tellings
from pytlas_wamp.service.processes import WorkerProcesses

_STATES: Final = ("active", "draining", "drained")


@frozen(kw_only=True, eq=False)
class GatewayNumbers:
    """Those of a gateway.

    Args:
      host: reaches the conversations.
      placement: knows the workers.
      processes: those of its own; None when it has none.
    """

    _host: RemoteHost
    _placement: Placement
    _processes: WorkerProcesses | None

    def collect(self) -> Iterator[Metric]:
        """Yields what they are now, as the registry asks for it."""
        conversations = self._host.conversations
        yield GaugeMetricFamily(
            "pytlas_conversations",
            "Conversations that somebody connected here takes part in.",
            value=len(conversations),
        )
        yield GaugeMetricFamily(
            "pytlas_cluster_searching",
            "Conversations of which nobody is known to have them.",
            value=sum(1 for one in conversations if one.state != "live"),
        )
        yield GaugeMetricFamily(
            "pytlas_cluster_unanswered",
            "Messages that no worker has taken yet.",
            value=sum(one.unanswered for one in conversations),
        )
        workers = GaugeMetricFamily(
            "pytlas_cluster_workers", "Workers that are alive.", labels=["state"]
        )
        found = Counter(one.state for one in self._placement.living)
        for state in _STATES:
            workers.add_metric([state], found[state])
        yield workers
        if self._processes is not None:
            yield CounterMetricFamily(
                "pytlas_cluster_restarts",
                "Worker processes that were started again after they had died.",
                value=self._processes.restarts,
            )


@define(kw_only=True, eq=False)
class Rate:
    """How often something happened of late.

    Args:
      count: how often it has happened so far.
      now: seconds of a clock that only goes on.
    """

    _count: Callable[[], int]
    _now: Callable[[], float]
    _before: tuple[int, float] = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Begin to count now."""
        self._before = self._count(), self._now()

    def per_second(self) -> float:
        """Returns how often a second it happened since this was asked last."""
        (count, since), self._before = self._before, (self._count(), self._now())
        seconds = self._before[1] - since
        return round((self._before[0] - count) / seconds, 1) if seconds > 0 else 0.0


@frozen(kw_only=True, eq=False)
class WorkerNumbers:
    """Those of a worker.

    Args:
      seats: those of the gateways.
      draining: gives conversations back.
      tellings: what gateways are told.
      turns: how often turns end.
      lag_seconds: how long the oldest frame waits to be written.
    """

    _seats: Seats
    _draining: Draining
    _tellings: Tellings
    _turns: Rate
    _lag_seconds: Callable[[], float]

    def details(self) -> Mapping[str, float]:
        """What it says of itself, each second."""
        return {
            "turns_per_second": self._turns.per_second(),
            "lag_seconds": round(self._lag_seconds(), 2),
            "seats": len(self._seats),
            "handed_over": self._draining.handed_over,
        }

    def collect(self) -> Iterator[Metric]:
        """Yields what they are now, as the registry asks for it."""
        yield GaugeMetricFamily(
            "pytlas_cluster_seats",
            "Gateways in conversations: one for each of both.",
            value=len(self._seats),
        )
        yield GaugeMetricFamily(
            "pytlas_cluster_draining",
            "1 while it gives its conversations to others, else 0.",
            value=float(self._draining.is_on),
        )
        yield CounterMetricFamily(
            "pytlas_cluster_handed_over",
            "Conversations given to others.",
            value=self._draining.handed_over,
        )
        yield CounterMetricFamily(
            "pytlas_cluster_told_frames", "Frames told gateways.", value=self._tellings.frames
        )
