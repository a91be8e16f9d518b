"""What time it is where the user is.

One interpreter serves all users, so it has no time zone of its own. Whoever asks it on
behalf of a user says where that user is, for as long as the call takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from dateutil.tz import tzlocal

_zone: ContextVar[tzinfo | None] = ContextVar("zone", default=None)


def now() -> datetime:
    """The present moment in the zone of `in_zone`, or in that of the machine."""
    return datetime.now(_zone.get() or tzlocal())


@contextmanager
def in_zone(zone: tzinfo | None) -> Iterator[None]:
    """Within this block, in this thread, `now` answers for a zone; None is the machine's."""
    token = _zone.set(zone)
    try:
        yield
    finally:
        _zone.reset(token)


def find_zone(name: str) -> tzinfo | None:
    """The zone of a name such as "Europe/Paris"; None when there is none of that name."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # ZoneInfo raises any of these for words that are no zone: a folder, "../x", "".
        return None
