"""Brings what changed in the accounts to connections and conversations (spec 6.20).

The command line is another process: it writes to the database, and the daemon looks
there twice a second for what is new. What this process writes it looks for at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import define, field
from twisted.internet.defer import Deferred, DeferredList
from twisted.logger import Logger
from twisted.python.failure import Failure

from pytlas_wamp.accounts.model import Change
from pytlas_wamp.accounts.store import KEPT_CHANGES
from pytlas_wamp.assistant.host import Person
from pytlas_wamp.errors import ClientError, OperatorError
from pytlas_wamp.transport.connections import Connections
from pytlas_wamp.transport.hosts import Host
from pytlas_wamp.wire.codes import Ending

# When too much was missed, people connect anew: at once, but not all in the same moment.
_RETRY_AFTER_SECONDS = 1.0

_ABOUT_A_PERSON = ("account", "settings")


@define(kw_only=True, eq=False)
class ChangeFeed:
    """Applies account changes, in order (spec 6.20).

    Args:
      last_change: the number of the newest change.
      changes_since: the changes after a number, oldest first.
      find_person: what is stored about a user now; fails with ClientError if disabled or gone.
      host: the running conversations.
      connections: the open ones.
      skills_changed: called when another process has changed what is in the folder of skills.
    """

    _last_change: Callable[[], Deferred[int]]
    _changes_since: Callable[[int], Deferred[list[Change]]]
    _find_person: Callable[[int], Deferred[Person]]
    _host: Host
    _connections: Connections
    _skills_changed: Callable[[], object]
    _looking: bool = field(init=False, default=False)
    _waiting: list[Deferred[Any]] = field(init=False, factory=list)
    _seen: int | None = field(init=False, default=None)
    _broken: bool = field(init=False, default=False)
    _log: Logger = field(init=False, factory=Logger)

    def look(self) -> Deferred[Any]:
        """Look for what is new by now; never fails.

        One look follows the other, and all who wait for the next one share it.
        """
        done: Deferred[Any] = Deferred()
        self._waiting.append(done)
        self._go_on()
        return done

    def _go_on(self) -> None:
        if self._waiting and not self._looking:
            waiting, self._waiting = self._waiting, []
            self._looking = True
            self._look().addBoth(self._looked, waiting)

    def _looked(self, _: object, waiting: list[Deferred[Any]]) -> None:
        self._looking = False
        self._go_on()
        for done in waiting:
            done.callback(None)

    def _look(self) -> Deferred[Any]:
        if self._seen is None:
            found = self._last_change().addCallback(self._begin)
        else:
            found = self._changes_since(self._seen).addCallback(self._apply)
        return found.addCallbacks(self._mended, self._failed)

    def _begin(self, last: int) -> None:
        self._seen = last

    def _apply(self, changes: list[Change]) -> Deferred[Any]:
        outages: list[Failure] = []
        if self._missed_some(changes):
            self._log.warn("too many accounts have changed at once: everybody connects anew")
            self._connections.begin_anew(_RETRY_AFTER_SECONDS)
        users = dict.fromkeys(one.user_id for one in changes if one.kind in _ABOUT_A_PERSON)
        # Those who were disabled are told that, and not merely that their logins have ended.
        waiting = [one for one in changes if one.kind == "logins" and one.user_id in users]
        for change in changes:
            if change not in waiting:
                self._end_credentials(change)
        if any(change.kind == "skills" for change in changes):
            self._skills_changed()
        updates = [self._update(user_id, waiting).addErrback(outages.append) for user_id in users]
        return DeferredList(updates).addCallback(lambda _: self._advance(changes, outages))

    def _missed_some(self, changes: list[Change]) -> bool:
        """Whether some were forgotten before they were seen: only the newest are kept."""
        return bool(changes) and changes[-1].id - KEPT_CHANGES > (self._seen or 0)

    def _end_credentials(self, change: Change) -> None:
        ending = Ending.AUTHENTICATION_REVOKED
        if change.kind == "token" and change.token_id is not None:
            self._connections.end_token(change.token_id, ending)
        elif change.kind == "login" and change.token_id is not None:
            self._connections.end_login(change.token_id, ending)
        elif change.kind == "login":
            self._connections.end_without_login(change.user_id, ending)
        elif change.kind == "logins":
            self._connections.end_logins(change.user_id, change.token_id, ending)

    def _advance(self, changes: list[Change], outages: list[Failure]) -> Failure | None:
        """Go on behind these changes; after an outage look at all of them again."""
        if outages:
            return outages[0]
        if changes:
            self._seen = changes[-1].id
        return None

    def _update(self, user_id: int, waiting: list[Change]) -> Deferred[Any]:
        found: Deferred[Any] = self._find_person(user_id)
        found.addCallbacks(self._refresh, self._end, errbackArgs=(user_id,))
        return found.addCallback(self._updated, [one for one in waiting if one.user_id == user_id])

    def _updated(self, _: object, waiting: list[Change]) -> None:
        for change in waiting:
            self._end_credentials(change)

    def _refresh(self, person: Person) -> None:
        # Not waited for: a language that nobody spoke so far has to be learnt first, and
        # meanwhile others are disabled.
        self._host.update(person).addErrback(self._not_refreshed)

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
