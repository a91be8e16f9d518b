"""`/api/me/history`: what was said in one's conversation (spec 6.21)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

from attrs import frozen
from twisted.internet.defer import Deferred

from pytlas_wamp.errors import ClientError
from pytlas_wamp.journal.model import Entry
from pytlas_wamp.transport.api.calls import Call
from pytlas_wamp.transport.api.doors import Access, Doors, Routes
from pytlas_wamp.transport.api.objects import invalid
from pytlas_wamp.transport.api.times import written_time
from pytlas_wamp.transport.bodies import JSON
from pytlas_wamp.transport.replies import Reply, no_content

DEFAULT_LIMIT: Final = 50
MAX_LIMIT: Final = 200
MAX_SEQ: Final = 2**53 - 1  # the largest number that every reader of JSON keeps exactly

_WHOLE = re.compile(r"0|[1-9][0-9]{0,15}")


class Log(Protocol):
    """Where frames are kept; blocks (see `journal.store`)."""

    def page(self, user_id: int, *, before: int | None, limit: int) -> tuple[Entry, ...]:
        """Returns the newest `limit` entries below a number, oldest first."""


@frozen(kw_only=True)
class History:
    """What is behind the history of people.

    Args:
      log: where it is read.
      erase: deletes all that is kept of what a user said, also what is not written yet.
      kept: whether the operator lets it be kept at all.
    """

    log: Log
    erase: Callable[[int], Deferred[Any]]
    kept: bool = True


@frozen(kw_only=True)
class HistoryEndpoints:
    """The functions behind `/api/me/history`.

    Args:
      doors: lets people in.
      history: what they ask for.
    """

    doors: Doors
    history: History

    def routes(self) -> Routes:
        """Returns the path with what it does."""
        answers = {"GET": self._show, "DELETE": self._delete}
        return {"/api/me/history": self.doors.prompt(Access.PERSON, answers)}

    def _show(self, call: Call) -> Deferred[Reply]:
        self._check()
        limit = _number(call, "limit", 1, MAX_LIMIT)
        before = _number(call, "before", 0, MAX_SEQ)
        most = DEFAULT_LIMIT if limit is None else limit
        return self.doors.run(self._read, call.caller.id, before, most)

    def _read(self, user_id: int, before: int | None, most: int) -> Reply:
        # One more tells whether there is a page before.
        found = self.history.log.page(user_id, before=before, limit=most + 1)
        return _page(found[-most:], more=len(found) > most)

    def _delete(self, call: Call) -> Deferred[Reply]:
        self._check()
        return self.history.erase(call.caller.id).addCallback(lambda _: no_content())

    def _check(self) -> None:
        if not self.history.kept:
            raise ClientError(
                "not-enabled", "No history is kept: set history = yes in [server] of pytlas.ini."
            )


def _number(call: Call, name: str, least: int, most: int) -> int | None:
    text = call.query(name)
    if text is None:
        return None
    if _WHOLE.fullmatch(text) is None or not least <= int(text) <= most:
        raise invalid(name, f"has to be a whole number from {least} to {most}")
    return int(text)


def _page(entries: Sequence[Entry], *, more: bool) -> Reply:
    # The frames are JSON already; reading and writing them again could only change them.
    frames = ",".join(
        f'{{"at":"{written_time(entry.at)}","frame":{entry.body}}}' for entry in entries
    )
    before = str(entries[0].seq) if more else "null"
    body = f'{{"frames":[{frames}],"before":{before}}}'
    return Reply(content_type=JSON, body=body.encode("ascii"))
