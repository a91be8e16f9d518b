"""Learns the languages of people when the server starts, so that nobody waits for it later."""

from __future__ import annotations

from typing import Any

from attrs import define, field
from twisted.internet.defer import Deferred, DeferredList
from twisted.logger import Logger

from pytlas_wamp.assistant.interpreters import Interpreters
from pytlas_wamp.errors import OperatorError
from pytlas_wamp.transport.people import People

_log = Logger()


@define(kw_only=True, eq=False)
class Learning:
    """Has interpreters learn what will be asked for first.

    Args:
      interpreters: learn.
      people: whose languages are learnt.
      language: of the server.
      served: two-letter codes, beside which nothing is learnt; None for all.
    """

    _interpreters: Interpreters
    _people: People
    _language: str
    _served: frozenset[str] | None = None
    _learnt: bool = field(init=False, default=False)
    _over: bool = field(init=False, default=False)
    _waiting: list[Deferred[None]] = field(init=False, factory=list)

    def start(self) -> None:
        """Learn in a thread what people speak; what goes wrong is in the log."""
        self._people.languages().addCallback(self._train).addErrback(
            lambda failure: _log.failure("could not look up languages", failure=failure)
        ).addCallback(self._is_over)

    def when_over(self) -> Deferred[None]:
        """Fires when everything is learnt that can be."""
        over: Deferred[None] = Deferred()
        self._waiting.append(over)
        if self._over:
            self._is_over()
        return over

    def _is_over(self, _: object = None) -> None:
        self._over = True
        waiting, self._waiting = self._waiting, []
        for over in waiting:
            over.callback(None)

    @property
    def first(self) -> str:
        """The language without which nobody is served: that of the server, if it is served."""
        own = self._language[:2].lower()
        if self._served is None or own in self._served:
            return own
        return min(self._served)

    @property
    def has_learnt(self) -> bool:
        """Whether the interpreter of the first language can be used."""
        if not self._learnt:
            # It may have been learnt later, because skills or people asked for it.
            self._learnt = any(
                status.language == self.first and status.state == "ready"
                for status in self._interpreters.status()
            )
        return self._learnt

    def _train(self, languages: set[str]) -> Deferred[Any]:
        first = self._interpreters.get(self.first).addCallback(self._trained)
        attempts: list[Deferred[Any]] = [first.addErrback(self._not_trained, self.first)]
        others = languages if self._served is None else languages & self._served
        attempts += [
            self._interpreters.get(language).addErrback(self._not_trained, language)
            for language in sorted(others - {self.first})
        ]
        return DeferredList(attempts)

    def _trained(self, _: object) -> None:
        self._learnt = True

    def _not_trained(self, failure: Any, language: str) -> None:
        if isinstance(failure.value, OperatorError):
            why = failure.getErrorMessage()
            _log.error("no interpreter for {lang!r}: {why}", lang=language, why=why)
        else:
            _log.failure("no interpreter for {lang!r}", failure=failure, lang=language)
