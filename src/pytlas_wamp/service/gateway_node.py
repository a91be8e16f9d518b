"""A gateway: HTTP, WebSockets and sessions; the conversations are with workers.

With `processes` it has workers of its own, on this machine and without a router.
"""

from __future__ import annotations

from typing import Any, Final

from attrs import define, field
from twisted.application.service import IService
from twisted.internet.defer import Deferred, succeed

from pytlas_wamp.accounts.sql_journal import SqlJournalStore
from pytlas_wamp.cluster.gateway import RemoteHost
from pytlas_wamp.cluster.heartbeat import BEAT_SECONDS
from pytlas_wamp.cluster.placement import Placement
from pytlas_wamp.service.assembly import CHANGE_INTERVAL_SECONDS, CLEANING_INTERVAL_SECONDS, whole
from pytlas_wamp.service.cluster_numbers import GatewayNumbers
from pytlas_wamp.service.foundation import Foundation
from pytlas_wamp.service.front import Front
from pytlas_wamp.service.node import Place
from pytlas_wamp.service.processes import ENDING_SECONDS, WorkerProcesses
from pytlas_wamp.service.running import AssistantService
from pytlas_wamp.transport.api.history import History

# What a server of one machine calls the process that people connect to.
_OWN_NAME: Final = "gateway"
# Who had to be killed is gone after that.
_DYING_SECONDS: Final = 2.0


@define(kw_only=True, eq=False)
class GatewayNode:
    """All parts of a gateway.

    Args:
      base: what it is built on.
    """

    base: Foundation
    place: Place = field(init=False)
    placement: Placement = field(init=False)
    host: RemoteHost = field(init=False)
    processes: WorkerProcesses | None = field(init=False, default=None)
    front: Front = field(init=False)
    running: AssistantService = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Make each from the ones above it."""
        base = self.base
        config, pools = base.config, base.pools
        self.place = place = Place(base=base, role="gateway", name=config.cluster.name or _OWN_NAME)
        if config.cluster.processes:
            self.processes = WorkerProcesses(config, base.reactor)
        self.placement = Placement(
            store=place.leases, workers=pools.leases, now=base.reactor.seconds
        )
        journal = SqlJournalStore(base.store.database)
        self.host = RemoteHost(
            bus=place.bus,
            placement=self.placement,
            clock=base.reactor,
            workers=pools.accounts,
            erase_frames=journal.erase,
            max_waiting=config.limits.max_queued_messages,
        )
        self.front = Front(
            base=base,
            host=self.host,
            history=History(log=journal, erase=self.host.erase, kept=config.history),
            # Skills fail on workers, each of which switches off its own.
            breakers=dict,
            healthy=lambda: self.running.healthy,
            readiness=base.make_readiness(
                serving=lambda: self.running.healthy,
                needs={
                    "the way to the workers": lambda: place.bus.is_connected,
                    "a worker": lambda: any(one.state == "active" for one in self.placement.living),
                },
            ),
        )
        numbers = GatewayNumbers(host=self.host, placement=self.placement, processes=self.processes)
        base.metrics.watch(numbers)
        place.announce(
            conversations=lambda: len(self.host.conversations),
            details=lambda: {"connections": len(self.front.connections)},
        )
        self.running = AssistantService(
            base=base, connections=self.front.connections, host=self.host, membership=self
        )

    # The membership, see `service.running`

    @property
    def extra_seconds(self) -> float:
        """What workers of its own need at their end, beside the grace for running answers."""
        return 0.0 if self.processes is None else ENDING_SECONDS + _DYING_SECONDS

    def enter(self) -> None:
        """Reach workers."""
        if self.processes is not None:
            self.processes.start()
        self.place.enter(self.host)

    def drain(self) -> Deferred[Any]:
        """Have workers of its own end what runs, while somebody can still hear it."""
        self.host.close()
        return succeed(None) if self.processes is None else self.processes.stop()

    def leave(self) -> Deferred[Any]:
        """Be gone."""
        return self.place.leave()

    def service(self) -> IService:
        """One service for all."""
        tasks = (
            (CHANGE_INTERVAL_SECONDS, self.front.feed.look),
            (CLEANING_INTERVAL_SECONDS, self.base.people.forget_expired),
            (BEAT_SECONDS, self.placement.refresh),
        )
        return whole(self.base, self.running, tasks, self.front.site)
