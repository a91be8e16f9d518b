"""All open connections: to say goodbye to, and to end when credentials die."""

from __future__ import annotations

from attrs import define, field

from pytlas_wamp.session import inputs as on
from pytlas_wamp.transport.performer import Performer
from pytlas_wamp.wire.codes import Ending


@define(eq=False)
class Connections:
    """The performers of this process."""

    _open: set[Performer] = field(init=False, factory=set)

    def add(self, performer: Performer) -> None:
        """Count a connection from now on."""
        self._open.add(performer)

    def discard(self, performer: Performer) -> None:
        """Forget a connection that is gone."""
        self._open.discard(performer)

    def __len__(self) -> int:
        """How many are open."""
        return len(self._open)

    def end_user(self, user_id: int, ending: Ending) -> None:
        """Close every connection of a user whose credentials died (spec 3.7)."""
        self._end([one for one in self._open if one.user_id == user_id], ending)

    def end_token(self, token_id: str, ending: Ending) -> None:
        """Close every connection that lives on this token (spec 3.7)."""
        self._end([one for one in self._open if one.token_id == token_id], ending)

    def say_goodbye(self, retry_after: float) -> None:
        """Close all connections because the server stops (spec 3.7)."""
        for performer in tuple(self._open):
            performer.feed(on.ShuttingDown(retry_after=retry_after))

    def _end(self, performers: list[Performer], ending: Ending) -> None:
        for performer in performers:
            performer.feed(on.CredentialsDied(ending=ending))
