"""Starts and stops everything that is no listening port."""

from __future__ import annotations

from typing import Any, Protocol

from attrs import define, field, frozen
from twisted.application.service import Service
from twisted.internet.defer import Deferred, DeferredList, succeed
from twisted.logger import Logger, globalLogPublisher
from twisted.python.failure import Failure

from pytlas_wamp.assistant.worker import ThreadWorkers
from pytlas_wamp.service.foundation import Foundation
from pytlas_wamp.service.learning import Learning
from pytlas_wamp.transport.connections import Connections

_log = Logger()

# What clients are told to wait after a shutdown: a restart takes about this long.
_RETRY_AFTER_SECONDS = 2.0
# A batch takes some milliseconds; a database that is not there shall not keep us.
_WRITING_SECONDS = 5.0


class Host(Protocol):
    """Those conversations that end with this process, or its way to others."""

    def close(self) -> None:
        """Take no messages any more; what runs goes on."""

    def when_idle(self) -> Deferred[Any]:
        """Fires when nothing is left to do."""

    def interrupt(self) -> None:
        """Tell of what still runs that it will not end."""

    def put_all_away(self) -> Deferred[Any]:
        """Write everything."""


class Membership(Protocol):
    """What ties this process to others."""

    @property
    def extra_seconds(self) -> float:
        """How much longer than the grace for running answers `drain` may take."""

    def enter(self) -> None:
        """Take one's place among them, as soon as the threads run."""

    def drain(self) -> Deferred[Any]:
        """Let others have what they can go on with; may never fire."""

    def leave(self) -> Deferred[Any]:
        """Be gone; everything is written."""


@frozen
class Alone:
    """The membership of a process that is the whole server."""

    extra_seconds: float = 0.0

    def enter(self) -> None:
        """There is nobody."""

    def drain(self) -> Deferred[Any]:
        """Nobody would go on with anything."""
        return succeed(None)

    def leave(self) -> Deferred[Any]:
        """There was nobody."""
        return succeed(None)


@define(eq=False, slots=False, kw_only=True)
class AssistantService(Service):
    """Starts and stops everything that is no listening port.

    A stop says goodbye to clients, waits for running turns as long as the grace
    allows, and tells of those that it cuts. Then it closes connections, has everything
    written, and only then takes the threads away (spec 3.7).
    """

    _base: Foundation
    _connections: Connections
    _host: Host
    _learning: Learning | None = None
    _membership: Membership = field(factory=Alone)
    healthy: bool = field(init=False, default=False)

    def startService(self) -> None:  # noqa: N802 - Twisted's name
        """Start the threads, and learn what will be asked for first."""
        super().startService()
        globalLogPublisher.addObserver(self._base.errors)  # type: ignore[arg-type]  # zope has no types
        for pool in self._base.pools.all:
            pool.start()
        if self._learning is not None:
            self._learning.start()
        self._membership.enter()
        self.healthy = True

    def stopService(self) -> Deferred[Any]:  # noqa: N802 - Twisted's name
        """Stop in order; fires when all is done."""
        super().stopService()
        self.healthy = False
        self._connections.say_goodbye(_RETRY_AFTER_SECONDS)
        grace = self._base.config.limits.shutdown_grace_seconds + self._membership.extra_seconds
        ended = self._in_time(self._finish(), grace)
        ended.addCallback(lambda _: self._cut())
        ended.addCallback(lambda _: self._in_time(self._leave(), _WRITING_SECONDS))
        ended.addCallback(lambda _: self._base.jobs.stop())
        # The store closes only connections that no thread is using.
        for pool in self._base.pools.asking_the_database:
            ended.addCallback(_when_idle, pool)
        return ended.addCallback(lambda _: self._end())

    def _finish(self) -> Deferred[Any]:
        """Fires when nothing runs any more, here."""
        drained = self._membership.drain()
        drained.addErrback(_not_in_order)
        return drained.addCallback(lambda _: self._close())

    def _close(self) -> Deferred[Any]:
        self._host.close()
        return self._host.when_idle()

    def _cut(self) -> Deferred[None]:
        """Fires when everybody is gone and everything is written, or when that takes too long."""
        self._host.close()
        self._host.interrupt()
        self._connections.close()
        done = [self._host.put_all_away(), self._connections.when_empty()]
        return self._in_time(DeferredList(done, consumeErrors=True), _WRITING_SECONDS)

    def _leave(self) -> Deferred[Any]:
        return self._membership.leave().addErrback(_not_in_order)

    def _in_time(self, event: Deferred[Any], seconds: float) -> Deferred[None]:
        """Fires when something has happened, or when the time for it is over."""
        ended: Deferred[None] = Deferred()
        late = self._base.reactor.callLater(seconds, ended.callback, None)

        def happened(_: object) -> None:
            if late.active():
                late.cancel()
                ended.callback(None)

        event.addCallback(happened)
        return ended

    def _end(self) -> None:
        for pool in self._base.pools.all:
            pool.stop()
        self._base.store.close()
        globalLogPublisher.removeObserver(self._base.errors)  # type: ignore[arg-type]  # zope has no types


def _not_in_order(failure: Failure) -> None:
    _log.failure("the cluster could not be left in order", failure=failure)


def _when_idle(_: object, pool: ThreadWorkers) -> Deferred[None]:
    return pool.when_idle()
