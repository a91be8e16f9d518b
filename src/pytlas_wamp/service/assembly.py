"""Puts the server together, by hand, with constructor arguments.

Whoever wants to know which object knows which other one begins here, and goes on with
`foundation`, `hosting` and `front`: each part is made from the ones above it. Nothing in here
decides anything about the protocol.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from attrs import define, field, frozen
from twisted.application.internet import TimerService
from twisted.application.service import IService, MultiService
from twisted.internet.defer import Deferred

from pytlas_wamp.assistant.skills import SkillShelf
from pytlas_wamp.config import Config
from pytlas_wamp.service import memory
from pytlas_wamp.service.foundation import Foundation
from pytlas_wamp.service.front import Front
from pytlas_wamp.service.hosting import Hosting
from pytlas_wamp.service.running import AssistantService
from pytlas_wamp.service.signals import StopSignals
from pytlas_wamp.transport.api.history import History
from pytlas_wamp.transport.listeners import Listener

# A change made by the command line shows on a running server within about this time.
CHANGE_INTERVAL_SECONDS = 0.5
# Revoked tokens that have expired take up room, and nothing else.
CLEANING_INTERVAL_SECONDS = 3_600.0
# How often is looked for conversations that nobody uses, at the least.
_UNUSED_INTERVAL_SECONDS = 60.0

Task = tuple[float, Callable[[], object]]


@frozen(kw_only=True)
class Built:
    """The finished server, and what a start has to tell.

    Args:
      service: to be started.
      setup_code: by which the first account is made over HTTP; None when it was made.
      has_people: whether anybody has an account.
      shelf: the skills.
      created: files and folders that did not exist before.
    """

    service: IService
    setup_code: str | None = field(repr=False)
    has_people: bool
    shelf: SkillShelf
    created: tuple[Path, ...]


def build(config: Config, *, reactor: Any) -> Built:
    """Make the whole server from its configuration (blocks for about a second).

    Raises:
      OperatorError: when something it needs is not as it must be.
    """
    base = Foundation(config=config, reactor=reactor)
    service, front = make_parts(base)
    needs_setup = front is not None and front.setup.needed()
    built = Built(
        service=service,
        setup_code=front.setup.code.text if front is not None and needs_setup else None,
        has_people=base.store.count() > 0,
        shelf=base.shelf,
        created=base.directory.created,
    )
    # The daemon forks after this, and connections to a database must not be shared.
    base.store.close()
    return built


def make_parts(base: Foundation) -> tuple[IService, Front | None]:
    """What the role asks for: a service to be started, and what people reach of it, if anything."""
    cluster = base.config.cluster
    # Whoever is no part of a cluster has nothing of it in memory.
    if cluster.role == "worker":
        from pytlas_wamp.service.worker_node import WorkerNode  # noqa: PLC0415

        return WorkerNode(base=base).service(), None
    if cluster.role == "gateway" or cluster.processes:
        from pytlas_wamp.service.gateway_node import GatewayNode  # noqa: PLC0415

        gateway = GatewayNode(base=base)
        return gateway.service(), gateway.front
    alone = Assembly(base=base)
    return alone.service(), alone.front


@define(kw_only=True, eq=False)
class Assembly:
    """A server that is one process.

    Args:
      base: what it is built on.
    """

    base: Foundation
    hosting: Hosting = field(init=False)
    front: Front = field(init=False)
    running: AssistantService = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Make the door to the outside last."""
        base = self.base
        self.hosting = hosting = Hosting(base=base)
        journal, learning = hosting.journal, hosting.learning
        self.front = Front(
            base=base,
            host=hosting.host,
            history=History(log=journal.store, erase=journal.erase, kept=base.config.history),
            breakers=hosting.breakers.status,
            healthy=lambda: self.running.healthy,
            readiness=base.make_readiness(
                serving=lambda: self.running.healthy, needs=hosting.needs()
            ),
        )
        self.running = AssistantService(
            base=base,
            connections=self.front.connections,
            host=hosting.host,
            learning=learning,
        )

    def service(self) -> IService:
        """One service for all."""
        journal, host = self.hosting.journal, self.hosting.host
        tasks = (
            (CHANGE_INTERVAL_SECONDS, self.front.feed.look),
            (CLEANING_INTERVAL_SECONDS, self.base.people.forget_expired),
            (CLEANING_INTERVAL_SECONDS, journal.trim),
            (unused_interval(self.base.config), host.put_away_unused),
        )
        return whole(self.base, self.running, tasks, self.front.site)


def unused_interval(config: Config) -> float:
    """How often is looked for conversations that nobody uses, in seconds."""
    return min(_UNUSED_INTERVAL_SECONDS, config.limits.conversation_idle_seconds / 2)


def whole(
    base: Foundation, running: AssistantService, tasks: Iterable[Task], site: Any
) -> IService:
    """One service; the last child is stopped first, so ports close before all else.

    Args:
      base: what it is built on.
      running: starts and stops the parts.
      tasks: what is done again and again, each with its interval in seconds.
      site: answers at the ports.
    """
    service = MultiService()
    StopSignals(base.reactor).setServiceParent(service)
    running.setServiceParent(service)

    def give_memory_back() -> Deferred[Any]:
        # All accounts may be busy with something else; there is a next time.
        return base.pools.accounts.run(memory.give_back).addErrback(lambda _: None)

    for seconds, task in (*tasks, (memory.INTERVAL_SECONDS, give_memory_back)):
        timer = TimerService(seconds, task)
        timer.clock = base.reactor
        timer.setServiceParent(service)
    for endpoint in base.config.listen:
        listener = Listener(description=endpoint, factory=site, reactor=base.reactor)
        listener.setServiceParent(service)
    return IService(service)
