"""The last things that went wrong, for whoever runs the server from afar (spec 6.16).

The log itself has the traces. Here each event is one line that may be shown over
the network: what an unexpected error says is left out, since it may quote anything,
and what looks like a credential is blotted out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final

from attrs import define, field, frozen
from twisted.logger import ILogObserver, LogEvent, LogLevel, formatEvent
from twisted.python.failure import Failure
from zope.interface import implementer  # type: ignore[import-untyped]  # has none

from pytlas_wamp.errors import OperatorError
from pytlas_wamp.transport.lines import BLOT, plain_line, without_credentials

KEPT: Final = 20
MAX_CHARACTERS: Final = 500

# Work on no more than this of a text: a skill may log a megabyte.
_READ_CHARACTERS: Final = 4 * MAX_CHARACTERS
# What Twisted writes for what it cannot format; the event itself would follow.
_UNSHOWN: Final = ("Unable to format event", "MESSAGE LOST")


@frozen(kw_only=True)
class RecentError:
    """One thing that went wrong.

    Args:
      time: seconds since the epoch.
      text: one line, at most 500 characters.
    """

    time: float
    text: str


def _texts(private: Iterable[str]) -> tuple[str, ...]:
    return tuple(filter(None, private))


@implementer(ILogObserver)
@define(eq=False)
class RecentErrors:
    """An observer of the log that keeps its newest errors; may be called from any thread.

    Args:
      private: texts that must never be shown, such as the key that signs tokens.
    """

    _private: tuple[str, ...] = field(default=(), repr=False, converter=_texts)
    _kept: deque[RecentError] = field(init=False, factory=lambda: deque(maxlen=KEPT))

    def __call__(self, event: LogEvent) -> None:
        """Take an event; those that are no errors are passed over."""
        if event.get("log_level") in {LogLevel.error, LogLevel.critical}:
            self._kept.append(
                RecentError(time=float(event.get("log_time", 0.0)), text=self._text(event))
            )

    def newest(self) -> list[RecentError]:
        """Returns at most 20, the newest last."""
        return list(self._kept)

    def _text(self, event: LogEvent) -> str:
        # A trace begins on the second line at the latest.
        first = next(iter(formatEvent(event).strip().splitlines()), "")
        if not first or first.startswith(_UNSHOWN):
            first = "Something went wrong"
        failure = event.get("log_failure")
        if isinstance(failure, Failure):
            first += f" ({_cause(failure)})"
        for private in self._private:
            first = first.replace(private, BLOT)
        return plain_line(without_credentials(first[:_READ_CHARACTERS]), MAX_CHARACTERS)


def _cause(failure: Failure) -> str:
    error = failure.value
    name = type(error).__name__
    # The texts of these are written for the person who runs the server.
    return f"{name}: {error}" if isinstance(error, OperatorError) else name
