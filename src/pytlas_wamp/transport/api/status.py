"""`/api/status`: how the server is (spec 6.16)."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from typing import Any, Final, Literal, Protocol

from attrs import field, frozen

from pytlas_wamp import __version__
from pytlas_wamp.assistant.breakers import BreakerState, BreakerStatus
from pytlas_wamp.transport.api.calls import Call
from pytlas_wamp.transport.api.doors import Access, Doors, Routes
from pytlas_wamp.transport.api.times import written_time
from pytlas_wamp.transport.recent_errors import RecentErrors
from pytlas_wamp.transport.replies import Reply, json_reply

# The one of spec/protocol.md; a test holds both equal.
PROTOCOL: Final = "1.3"

Database = Literal["sqlite", "postgresql"]

# As spec 6.16 calls them; a breaker that is closed is not told of.
_BREAKER_STATES: Final = {BreakerState.OPEN: "open", BreakerState.PROBING: "half-open"}

_PARTS: Final = ("pytlas", "twisted", "autobahn")


class InterpreterStatus(Protocol):
    """How well off one language is."""

    @property
    def language(self) -> str:
        """Two letters."""

    @property
    def state(self) -> str:
        """Is "learning", "ready" or "failed"."""

    @property
    def intents(self) -> int:
        """How many are understood."""

    @property
    def trained_seconds(self) -> float | None:
        """How long learning took."""

    @property
    def trained_at(self) -> float | None:
        """When it was done, in seconds since the epoch."""

    @property
    def error(self) -> str | None:
        """Why it failed."""


def _versions() -> Mapping[str, str]:
    return {"python": platform.python_version(), **{part: version(part) for part in _PARTS}}


@frozen(kw_only=True)
class StatusEndpoints:
    """The function behind `/api/status`; all arguments but the first are asked at each request.

    Args:
      doors: let administrators in, and who holds the secret of the server.
      database: which kind of database is in use.
      interpreter: the name of what understands sentences.
      started_at: seconds since the epoch.
      now: returns the same.
      interpreters: returns how each language in use is.
      breakers: returns how each skill is that failed of late, by its name.
      conversations: returns how many there are.
      connections: returns how many are open.
      errors: the last ones.
    """

    doors: Doors
    database: Database
    interpreter: str
    started_at: float
    now: Callable[[], float]
    interpreters: Callable[[], Sequence[InterpreterStatus]]
    conversations: Callable[[], int]
    connections: Callable[[], int]
    errors: RecentErrors
    breakers: Callable[[], Mapping[str, BreakerStatus]] = dict
    _versions: Mapping[str, str] = field(init=False, factory=_versions)

    def routes(self) -> Routes:
        """Returns the path with what is there."""
        return {"/api/status": self.doors.prompt(Access.OPERATOR, {"GET": self._show})}

    def _show(self, _: Call) -> Reply:
        return json_reply(
            {
                "server": {"name": "pytlas-wamp", "version": __version__},
                "protocol": PROTOCOL,
                **self._versions,
                "database": self.database,
                "started_at": written_time(self.started_at),
                # Clocks are set back now and then.
                "uptime_seconds": max(0.0, round(self.now() - self.started_at, 3)),
                "conversations": self.conversations(),
                "connections": self.connections(),
                "interpreter": self.interpreter,
                "interpreters": [_interpreter(status) for status in self.interpreters()],
                "breakers": [
                    _breaker(skill, status)
                    for skill, status in self.breakers().items()
                    if status.state in _BREAKER_STATES
                ],
                "errors": [
                    {"time": written_time(error.time), "text": error.text}
                    for error in self.errors.newest()
                ],
            }
        )


def _interpreter(status: InterpreterStatus) -> dict[str, Any]:
    return {
        "language": status.language,
        "state": status.state,
        "intents": status.intents,
        "trained_seconds": status.trained_seconds,
        "trained_at": written_time(status.trained_at),
        "error": status.error,
    }


def _breaker(skill: str, status: BreakerStatus) -> dict[str, Any]:
    return {
        "skill": skill,
        "state": _BREAKER_STATES[status.state],
        "failures": status.failures,
        "retry_after": round(status.seconds_left, 3),
    }
