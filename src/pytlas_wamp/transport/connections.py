"""All open connections: to say goodbye to, and to end when credentials die (spec 3.7, 6.20)."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping
from itertools import islice

from attrs import define, field
from twisted.internet.defer import Deferred

from pytlas_wamp.accounts.accounts import Grant
from pytlas_wamp.session import inputs as on
from pytlas_wamp.transport.performer import Performer
from pytlas_wamp.wire.codes import Ending

# Those whose credentials are being checked at this moment: a few at the most.
_REMEMBERED = 10_000


@define(eq=False)
class Connections:
    """The performers of this process.

    Attributes:
      ended_count: how many tokens, logins and such have ended so far.
      is_stopping: whether goodbye was said; nobody is let in any more.
    """

    _open: set[Performer] = field(init=False, factory=set)
    # What has ended of late: each says whether what a token allowed did with it.
    _ended: deque[Callable[[Grant], bool]] = field(
        init=False, factory=lambda: deque(maxlen=_REMEMBERED)
    )
    ended_count: int = field(init=False, default=0)
    is_stopping: bool = field(init=False, default=False)
    _waiting: list[Deferred[None]] = field(init=False, factory=list)

    def add(self, performer: Performer) -> None:
        """Count a connection from now on."""
        self._open.add(performer)

    def discard(self, performer: Performer) -> None:
        """Forget a connection that is gone."""
        self._open.discard(performer)
        self._tell_empty()

    def __len__(self) -> int:
        """How many are open."""
        return len(self._open)

    def states(self) -> Mapping[str, int]:
        """How many there are of each state (spec 3.1)."""
        return Counter(performer.state for performer in self._open)

    def end_user(self, user_id: int, ending: Ending) -> None:
        """Close every connection of a user whose credentials died (spec 3.7)."""
        self._remember(lambda grant: grant.account.id == user_id)
        self._end([one for one in self._open if one.user_id == user_id], ending)

    def end_token(self, token_id: str, ending: Ending) -> None:
        """Close every connection that lives on this token (spec 3.7)."""
        self._remember(lambda grant: grant.token_id == token_id)
        self._end([one for one in self._open if one.token_id == token_id], ending)

    def end_login(self, login_id: str, ending: Ending) -> None:
        """Close every connection that lives on a token of this login (spec 3.7)."""
        self._remember(lambda grant: grant.login_id == login_id)
        self._end([one for one in self._open if one.login_id == login_id], ending)

    def end_without_login(self, user_id: int, ending: Ending) -> None:
        """Close every connection of a user that lives on a token without a login (spec 3.7)."""
        self._remember(lambda grant: grant.account.id == user_id and grant.login_id is None)
        mine = [one for one in self._open if one.user_id == user_id]
        self._end([one for one in mine if one.login_id is None], ending)

    def end_logins(self, user_id: int, kept: str | None, ending: Ending) -> None:
        """Close every connection of a user (spec 3.7) but those of one login.

        Those that live on a token without a login are closed, too.

        Args:
          user_id: whose.
          kept: the login that goes on, None when none does.
          ending: what they are told.
        """

        def is_kept(login_id: str | None) -> bool:
            return login_id is not None and login_id == kept

        self._remember(lambda grant: grant.account.id == user_id and not is_kept(grant.login_id))
        mine = [one for one in self._open if one.user_id == user_id]
        self._end([one for one in mine if not is_kept(one.login_id)], ending)

    def has_ended(self, grant: Grant, since: int) -> bool:
        """Whether what a token allows has ended while the token was looked at.

        Args:
          grant: what the token allowed.
          since: what `ended_count` was before anybody looked.
        """
        meanwhile = self.ended_count - since
        if meanwhile > len(self._ended):
            return True  # too many to remember
        latest = islice(reversed(self._ended), meanwhile)
        return any(was_its(grant) for was_its in latest)

    def say_goodbye(self, retry_after: float) -> None:
        """Tell all connections that the server stops; those that are ready stay (spec 3.7)."""
        self.is_stopping = True
        for performer in tuple(self._open):
            performer.feed(on.ShuttingDown(retry_after=retry_after))

    def close(self) -> None:
        """Close all connections because the server has stopped (spec 3.7)."""
        for performer in tuple(self._open):
            performer.feed(on.Stopped())

    def begin_anew(self, retry_after: float) -> None:
        """Have all clients connect again, although the server goes on (spec 3.7)."""
        for performer in tuple(self._open):
            performer.feed(on.ShuttingDown(retry_after=retry_after))
            performer.feed(on.Stopped())

    def when_empty(self) -> Deferred[None]:
        """Fires when all connections are gone."""
        empty: Deferred[None] = Deferred()
        self._waiting.append(empty)
        self._tell_empty()
        return empty

    def _tell_empty(self) -> None:
        if not self._open:
            waiting, self._waiting = self._waiting, []
            for empty in waiting:
                empty.callback(None)

    def _remember(self, was_its: Callable[[Grant], bool]) -> None:
        self._ended.append(was_its)
        self.ended_count += 1

    def _end(self, performers: list[Performer], ending: Ending) -> None:
        for performer in performers:
            performer.feed(on.CredentialsDied(ending=ending))
