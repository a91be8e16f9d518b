"""What time it is where the user is.

One interpreter serves all users, so it has no time zone of its own. Whoever asks it on
behalf of a user says where that user is, for as long as the call takes.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar, Token
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from attrs import define, field
from dateutil.tz import tzlocal

_Find = Callable[[], tzinfo | None]
_zone: ContextVar[_Find | None] = ContextVar("zone", default=None)


def now() -> datetime:
    """The present moment in the zone of `InZone`, or in that of the machine."""
    find = _zone.get()
    return datetime.now((find and find()) or tzlocal())


@define(eq=False)
class InZone:
    """Within this block, in this thread, `now` answers for a zone.

    Args:
      find: tells the zone, None for the machine's; asked when the time is, which most
        sentences do not need.
    """

    _find: _Find
    _before: Token[_Find | None] = field(init=False)

    def __enter__(self) -> None:
        """Begin to answer for it."""
        self._before = _zone.set(self._find)

    def __exit__(self, *_: object) -> None:
        """Answer again for what it was before."""
        _zone.reset(self._before)


def find_zone(name: str) -> tzinfo | None:
    """The zone of a name such as "Europe/Paris"; None when there is none of that name."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # ZoneInfo raises any of these for words that are no zone: a folder, "../x", "".
        return None
