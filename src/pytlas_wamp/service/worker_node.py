"""A worker: conversations, skills and interpreters, for gateways that ask."""

from __future__ import annotations

from typing import Any

from attrs import define, field
from twisted.application.service import IService
from twisted.internet.defer import Deferred

from pytlas_wamp.assistant.ownership import LeasedOwnership
from pytlas_wamp.cluster.draining import Draining
from pytlas_wamp.cluster.seats import Seats
from pytlas_wamp.cluster.tellings import Tellings
from pytlas_wamp.cluster.worker_desk import WorkerDesk
from pytlas_wamp.service.assembly import (
    CHANGE_INTERVAL_SECONDS,
    CLEANING_INTERVAL_SECONDS,
    unused_interval,
    whole,
)
from pytlas_wamp.service.cluster_numbers import Rate, WorkerNumbers
from pytlas_wamp.service.foundation import Foundation
from pytlas_wamp.service.hosting import Hosting
from pytlas_wamp.service.node import Place
from pytlas_wamp.service.running import AssistantService
from pytlas_wamp.transport.changes import ChangeFeed
from pytlas_wamp.transport.connections import Connections
from pytlas_wamp.transport.site import Watching, make_watch_site


@define(kw_only=True, eq=False)
class WorkerNode:
    """All parts of a worker.

    Args:
      base: what it is built on.
    """

    base: Foundation
    place: Place = field(init=False)
    hosting: Hosting = field(init=False)
    seats: Seats = field(init=False)
    desk: WorkerDesk = field(init=False)
    draining: Draining = field(init=False)
    feed: ChangeFeed = field(init=False)
    running: AssistantService = field(init=False)
    _tellings: Tellings = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Make each from the ones above it."""
        base = self.base
        cluster = base.config.cluster
        languages = frozenset(cluster.languages)
        self.place = place = Place(base=base, role="worker", name=cluster.name or "")
        self.hosting = Hosting(
            base=base,
            node_id=place.id,
            ownership=LeasedOwnership(
                store=place.leases, node_id=place.id, workers=base.pools.leases
            ),
            languages=languages or None,
        )
        host = self.hosting.host
        self._tellings = Tellings(bus=place.bus, clock=base.reactor, lane=place.lane)
        self.seats = Seats(self._tellings)
        self.draining = Draining(host=host, clock=base.reactor)
        self.desk = WorkerDesk(
            host=host,
            seats=self.seats,
            find_person=base.people.find,
            erase=self.hosting.journal.erase,
            takes=self.draining.takes,
            languages=languages,
        )
        numbers = WorkerNumbers(
            seats=self.seats,
            draining=self.draining,
            tellings=self._tellings,
            turns=Rate(count=lambda: base.metrics.turns, now=base.reactor.seconds),
            lag_seconds=lambda: self.hosting.journal.writer.lag_seconds,
        )
        base.metrics.watch(numbers)
        place.announce(
            conversations=lambda: len(host.conversations),
            details=numbers.details,
            act=self.draining.learn,
            own_state=lambda: self.draining.own_state,
        )
        # Nobody is connected here: those are the gateways' affair.
        nobody = Connections()
        self.feed = ChangeFeed(
            last_change=base.people.last_change,
            changes_since=base.people.changes,
            find_person=base.people.find,
            host=host,
            connections=nobody,
            skills_changed=base.jobs.reload_soon,
        )
        self.running = AssistantService(
            base=base,
            connections=nobody,
            host=host,
            learning=self.hosting.learning,
            membership=self,
        )

    # The membership, see `service.running`

    extra_seconds = 0.0

    def enter(self) -> None:
        """Be there for gateways, as soon as they need not wait for what is being learnt."""
        self.place.enter(self.desk, ready=self.hosting.learning.when_over())

    def drain(self) -> Deferred[Any]:
        """Give other workers what nothing runs in."""
        self.draining.begin(for_good=True)
        return self.draining.when_done()

    def leave(self) -> Deferred[Any]:
        """Be gone; all is written, and told."""
        self.draining.stop()
        self._tellings.tell()
        return self.place.leave()

    def service(self) -> IService:
        """One service for all."""
        tasks = (
            (CHANGE_INTERVAL_SECONDS, self.feed.look),
            (CLEANING_INTERVAL_SECONDS, self.hosting.journal.trim),
            (unused_interval(self.base.config), self.hosting.host.put_away_unused),
        )
        return whole(self.base, self.running, tasks, self._make_site())

    def _make_site(self) -> Any:
        base = self.base
        metrics = base.config.metrics
        return make_watch_site(
            reactor=base.reactor,
            limits=base.config.limits,
            healthy=lambda: self.running.healthy,
            trusted_proxies=base.config.trusted_proxies,
            watching=Watching(
                readiness=base.make_readiness(
                    serving=lambda: self.running.healthy,
                    needs={
                        **self.hosting.needs(),
                        "the way to the gateways": lambda: self.place.bus.is_connected,
                        "the heartbeat": lambda: self.place.is_announced,
                    },
                ),
                metrics=None if metrics == "off" else base.metrics,
                metrics_for_all=metrics == "all",
            ),
        )
