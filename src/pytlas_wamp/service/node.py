"""What gateways and workers have in common: an id, leases, a way to the others, a heartbeat."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.logger import Logger
from twisted.python.failure import Failure

from pytlas_wamp import __version__
from pytlas_wamp.accounts.sql_leases import SqlLeaseStore
from pytlas_wamp.cluster.bus import Bus, Inbox, lane_of
from pytlas_wamp.cluster.direct import DirectBus
from pytlas_wamp.cluster.heartbeat import Heartbeat
from pytlas_wamp.cluster.identity import make_node_id, read_key
from pytlas_wamp.cluster.placement import PROTOCOL
from pytlas_wamp.config import Config
from pytlas_wamp.errors import OperatorError
from pytlas_wamp.journal.leases import LeaseStore, Node, NodeState
from pytlas_wamp.service.counted_bus import CountedBus
from pytlas_wamp.service.foundation import Foundation

_log = Logger()

NodeRole = Literal["gateway", "worker"]

# In the data directory: the sockets of the processes of one machine.
RUN_DIRECTORY: Final = "run"


def make_bus(config: Config, node_id: str, role: NodeRole, reactor: Any) -> Bus:
    """Make the way to other nodes: by their routers, or else over sockets in the data directory.

    Raises:
      OperatorError: when this node has no key, or there can be no such way.
    """
    if not config.cluster.routers:
        return DirectBus(config.data_dir / RUN_DIRECTORY, node_id, role, reactor)
    # They bring all of Autobahn's side of WAMP along.
    from pytlas_wamp.cluster.shards import ShardedBus  # noqa: PLC0415
    from pytlas_wamp.cluster.wamp import WampBus  # noqa: PLC0415

    key = read_key(config.cluster.key)
    shards = [WampBus(url, node_id, role, key, reactor) for url in config.cluster.routers]
    return ShardedBus(shards, reactor)


@define(kw_only=True, eq=False)
class Place:
    """This process's place among the nodes of a cluster.

    Args:
      base: what it is built on.
      role: what it does there.
      name: what it is called there.

    Attributes:
      id: who it is, in this start of it.
      leases: who lives, and who has what.
      bus: the way to the others.
    """

    base: Foundation
    role: NodeRole
    name: str
    id: str = field(init=False)
    leases: LeaseStore = field(init=False)
    bus: CountedBus = field(init=False)
    _heartbeat: Heartbeat = field(init=False)
    _has_left: bool = field(init=False, default=False)

    def __attrs_post_init__(self) -> None:
        """Make the way to the others, which may lack its key."""
        self.id = make_node_id(self.name)
        self.leases = SqlLeaseStore(self.base.store.database)
        bus = make_bus(self.base.config, self.id, self.role, self.base.reactor)
        self.bus = CountedBus(bus, self.base.metrics.registry)

    def lane(self, user_id: int) -> int:
        """Which of several routers what is about a user takes, see `Tellings`."""
        routers = max(1, len(self.base.config.cluster.routers))
        return lane_of(user_id, routers)

    def announce(
        self,
        *,
        conversations: Callable[[], int],
        details: Callable[[], Mapping[str, float]],
        act: Callable[[NodeState], object] = lambda _: None,
        own_state: Callable[[], NodeState | None] = lambda: None,
    ) -> None:
        """Know what is said of this node each second, from `enter` on; see `Heartbeat`."""
        cluster = self.base.config.cluster
        self._heartbeat = Heartbeat(
            store=self.leases,
            run=self.base.pools.leases.run,
            clock=self.base.reactor,
            node=Node(
                id=self.id,
                name=self.name,
                role=self.role,
                host=socket.gethostname(),
                address="",
                protocol=PROTOCOL,
                version=__version__,
                languages=frozenset(cluster.languages),
            ),
            conversations=conversations,
            details=details,
            act=act,
            own_state=own_state,
        )

    def enter(self, inbox: Inbox, ready: Deferred[None] | None = None) -> None:
        """Reach others, and let them know.

        Args:
          inbox: takes what comes.
          ready: fires when others may ask for something; None when they may at once.

        Raises:
          SystemExit: when that can never be, with a line that says why.
        """
        refused: list[Failure] = []
        entering = self.bus.start(inbox)
        entering.addCallbacks(lambda _: ready, refused.append)
        entering.addCallback(lambda _: None if refused else self._be_known())
        entering.addErrback(lambda failure: _log.failure("no heartbeat", failure=failure))
        if refused:
            # Not an Exception: it must pass through Twisted's start without a trace.
            raise SystemExit(f"pytlas-wamp: {_sentence(refused[0])}")
        entering.addCallback(lambda _: self._end_if(refused))

    def _be_known(self) -> Deferred[None] | None:
        return None if self._has_left else self._heartbeat.start()

    def _end_if(self, refused: list[Failure]) -> None:
        for failure in refused:
            _log.error("this node cannot be part of the cluster: {why}", why=_sentence(failure))
            self.base.reactor.stop()

    @property
    def is_announced(self) -> bool:
        """Whether the others have heard of it of late."""
        return self._heartbeat.failures == 0

    def leave(self) -> Deferred[Any]:
        """Be gone, for all that others can see."""
        self._has_left = True
        left = self._heartbeat.stop().addCallback(lambda _: self.bus.stop())
        # The process may end on this: not while TLS reads what it was told as the last thing.
        return left.addCallback(lambda _: deferLater(self.base.reactor, 0))


def _sentence(failure: Failure) -> str:
    if not isinstance(failure.value, OperatorError):
        _log.failure("the other nodes cannot be reached", failure=failure)
    return failure.getErrorMessage()
