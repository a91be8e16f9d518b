"""Brings what changed in the accounts to open connections and running conversations.

The command line is another process: it writes to the database, and the daemon
looks there every second for what is new.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import define, field
from twisted.internet.defer import Deferred, DeferredList
from twisted.logger import Logger
from twisted.python.failure import Failure

from pytlas_wamp.accounts.model import Change
from pytlas_wamp.assistant.host import Host, Person
from pytlas_wamp.errors import ClientError, OperatorError
from pytlas_wamp.transport.connections import Connections
from pytlas_wamp.wire.codes import Ending


@define(kw_only=True, eq=False)
class ChangeFeed:
    """Applies account changes, in order.

    Args:
      last_change: the number of the newest change.
      changes_since: the changes after a number, oldest first.
      find_person: what is stored about a user now; fails with ClientError if disabled or gone.
      host: the running conversations.
      connections: the open ones.
    """

    _last_change: Callable[[], Deferred[int]]
    _changes_since: Callable[[int], Deferred[list[Change]]]
    _find_person: Callable[[int], Deferred[Person]]
    _host: Host
    _connections: Connections
    _seen: int | None = field(init=False, default=None)
    _broken: bool = field(init=False, default=False)
    _log: Logger = field(init=False, factory=Logger)

    def look(self) -> Deferred[Any]:
        """Look once for what is new; never fails."""
        if self._seen is None:
            found = self._last_change().addCallback(self._begin)
        else:
            found = self._changes_since(self._seen).addCallback(self._apply)
        return found.addCallbacks(self._mended, self._failed)

    def _begin(self, last: int) -> None:
        self._seen = last

    def _apply(self, changes: list[Change]) -> Deferred[Any]:
        outages: list[Failure] = []
        for change in changes:
            if change.kind == "token" and change.token_id is not None:
                self._connections.end_token(change.token_id, Ending.AUTHENTICATION_REVOKED)
        users = dict.fromkeys(change.user_id for change in changes if change.kind != "token")
        updates = [self._update(user_id).addErrback(outages.append) for user_id in users]
        return DeferredList(updates).addCallback(lambda _: self._advance(changes, outages))

    def _advance(self, changes: list[Change], outages: list[Failure]) -> Failure | None:
        """Go on behind these changes; after an outage look at all of them again."""
        if outages:
            return outages[0]
        if changes:
            self._seen = changes[-1].id
        return None

    def _update(self, user_id: int) -> Deferred[Any]:
        return self._find_person(user_id).addCallbacks(
            self._refresh, self._end, errbackArgs=(user_id,)
        )

    def _refresh(self, person: Person) -> Deferred[Any]:
        return self._host.update(person).addErrback(self._not_refreshed)

    def _not_refreshed(self, failure: Failure) -> None:
        self._log.failure("could not bring a conversation up to date", failure=failure)

    def _end(self, failure: Failure, user_id: int) -> None:
        if not isinstance(failure.value, ClientError):
            failure.raiseException()
        self._connections.end_user(user_id, Ending.ACCOUNT_DISABLED)
        self._host.forget(user_id)

    def _mended(self, _: object) -> None:
        self._broken = False

    def _failed(self, failure: Failure) -> None:
        """Log once per outage: this is asked every second."""
        if isinstance(failure.value, OperatorError):
            if not self._broken:
                self._log.error("{error}", error=failure.value)
            self._broken = True
        else:
            self._log.failure("could not follow the accounts", failure=failure)
