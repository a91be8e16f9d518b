"""Starts and stops everything that is no listening port."""

from __future__ import annotations

from typing import Any

from attrs import define, field
from twisted.application.service import Service
from twisted.internet.defer import Deferred, DeferredList
from twisted.logger import Logger, globalLogPublisher

from pytlas_wamp.accounts.store import AccountStore
from pytlas_wamp.assistant.host import Host
from pytlas_wamp.assistant.interpreters import Interpreters
from pytlas_wamp.assistant.worker import ThreadWorkers
from pytlas_wamp.errors import OperatorError
from pytlas_wamp.service.pools import Pools
from pytlas_wamp.transport.connections import Connections
from pytlas_wamp.transport.jobs import Jobs
from pytlas_wamp.transport.people import People
from pytlas_wamp.transport.recent_errors import RecentErrors

_log = Logger()

# What clients are told to wait after a shutdown: a restart takes about this long.
_RETRY_AFTER_SECONDS = 2.0
# A batch takes some milliseconds; a database that is not there shall not keep us.
_WRITING_SECONDS = 5.0


@define(eq=False, slots=False, kw_only=True)
class AssistantService(Service):
    """Starts and stops everything that is no listening port.

    A stop says goodbye to clients, waits for running turns as long as the grace
    allows, and tells of those that it cuts. Then it closes connections, has everything
    written, and only then takes the threads away (spec 3.7).
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
    _learnt: bool = field(init=False, default=False)

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
        own = self._language[:2].lower()
        self._interpreters.get(own).addCallback(self._trained).addErrback(self._not_trained, own)
        for language in sorted(languages - {own}):
            self._interpreters.get(language).addErrback(self._not_trained, language)

    def _trained(self, _: object) -> None:
        self._learnt = True

    @property
    def has_learnt(self) -> bool:
        """Whether the interpreter of the server's language can be used."""
        if not self._learnt:
            # It may have been learnt later, because skills or people asked for it.
            own = self._language[:2].lower()
            self._learnt = any(
                status.language == own and status.state == "ready"
                for status in self._interpreters.status()
            )
        return self._learnt

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
        self._host.close()
        ended = self._in_time(self._host.when_idle(), self._grace_seconds)
        ended.addCallback(lambda _: self._cut())
        ended.addCallback(lambda _: self._jobs.stop())
        # The store closes only connections that no thread is using.
        for pool in self._pools.asking_the_database:
            ended.addCallback(_when_idle, pool)
        return ended.addCallback(lambda _: self._end())

    def _cut(self) -> Deferred[None]:
        """Fires when everybody is gone and everything is written, or when that takes too long."""
        self._host.interrupt()
        self._connections.close()
        done = [self._host.put_all_away(), self._connections.when_empty()]
        return self._in_time(DeferredList(done, consumeErrors=True), _WRITING_SECONDS)

    def _in_time(self, event: Deferred[Any], seconds: float) -> Deferred[None]:
        """Fires when something has happened, or when the time for it is over."""
        ended: Deferred[None] = Deferred()
        late = self._reactor.callLater(seconds, ended.callback, None)

        def happened(_: object) -> None:
            if late.active():
                late.cancel()
                ended.callback(None)

        event.addCallback(happened)
        return ended

    def _end(self) -> None:
        for pool in self._pools.all:
            pool.stop()
        self._store.close()
        globalLogPublisher.removeObserver(self._errors)  # type: ignore[arg-type]  # zope has no types


def _when_idle(_: object, pool: ThreadWorkers) -> Deferred[None]:
    return pool.when_idle()
