"""Starts and stops everything that is no listening port."""

from __future__ import annotations

from typing import Any

from attrs import define, field
from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.logger import Logger, globalLogPublisher

from pytlas_wamp.accounts.store import AccountStore
from pytlas_wamp.assistant.host import Host
from pytlas_wamp.assistant.interpreters import Interpreters
from pytlas_wamp.errors import OperatorError
from pytlas_wamp.service.pools import Pools
from pytlas_wamp.transport.connections import Connections
from pytlas_wamp.transport.jobs import Jobs
from pytlas_wamp.transport.people import People
from pytlas_wamp.transport.recent_errors import RecentErrors

_log = Logger()

# What clients are told to wait after a shutdown: a restart takes about this long.
_RETRY_AFTER_SECONDS = 2.0


@define(eq=False, slots=False, kw_only=True)
class AssistantService(Service):
    """Starts and stops everything that is no listening port.

    A stop says goodbye to clients, waits for running turns as long as the grace
    allows, and only then takes their threads away.
    """

    _pools: Pools
    _store: AccountStore
    _connections: Connections
    _host: Host
    _interpreters: Interpreters
    _people: People
    _jobs: Jobs
    _errors: RecentErrors
    _reactor: Any
    _language: str
    _grace_seconds: float
    healthy: bool = field(init=False, default=False)

    def startService(self) -> None:  # noqa: N802 - Twisted's name
        """Start the threads, and train what will be asked for first."""
        super().startService()
        globalLogPublisher.addObserver(self._errors)  # type: ignore[arg-type]  # zope has no types
        for pool in self._pools.all:
            pool.start()
        self._people.languages().addCallback(self._train).addErrback(
            lambda failure: _log.failure("could not look up languages", failure=failure)
        )
        self.healthy = True

    def _train(self, languages: set[str]) -> None:
        for language in sorted({self._language[:2].lower(), *languages}):
            self._interpreters.get(language).addErrback(self._not_trained, language)

    def _not_trained(self, failure: Any, language: str) -> None:
        if isinstance(failure.value, OperatorError):
            why = failure.getErrorMessage()
            _log.error("no interpreter for {lang!r}: {why}", lang=language, why=why)
        else:
            _log.failure("no interpreter for {lang!r}", failure=failure, lang=language)

    def stopService(self) -> Deferred[Any]:  # noqa: N802 - Twisted's name
        """Stop in order; fires when all is done."""
        super().stopService()
        self.healthy = False
        self._connections.say_goodbye(_RETRY_AFTER_SECONDS)
        ended = self._idle_or_late()
        ended.addCallback(lambda _: self._jobs.stop())
        # The store closes only connections that no thread is using.
        ended.addCallback(lambda _: self._pools.accounts.when_idle())
        ended.addCallback(lambda _: self._pools.hashing.when_idle())
        return ended.addCallback(lambda _: self._end())

    def _idle_or_late(self) -> Deferred[None]:
        """Fires when no turn runs any more, or when the grace is over."""
        ended: Deferred[None] = Deferred()
        late = self._reactor.callLater(self._grace_seconds, ended.callback, None)

        def idle(_: object) -> None:
            if late.active():
                late.cancel()
                ended.callback(None)

        self._host.when_idle().addCallback(idle)
        return ended

    def _end(self) -> None:
        for pool in self._pools.all:
            pool.stop()
        self._store.close()
        globalLogPublisher.removeObserver(self._errors)  # type: ignore[arg-type]  # zope has no types
