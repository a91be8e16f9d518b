"""Skills that fail again and again are left alone for a while.

A *breaker* is closed while its skill works, open while nobody calls it, and probing while
one call finds out whether it works again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from enum import StrEnum
from typing import Any

from attrs import define, field, frozen


class BreakerState(StrEnum):
    """Whether a skill is called."""

    CLOSED = "closed"
    OPEN = "open"
    PROBING = "probing"


@frozen(kw_only=True)
class BreakerStatus:
    """One breaker at one moment.

    Args:
      state: whether the skill is called.
      failures: in a row, up to now.
      seconds_left: until the next call may go through; 0 when it may now.
    """

    state: BreakerState
    failures: int
    seconds_left: float


@define
class _Breaker:
    """What is known of a skill that has failed.

    Args:
      failures: in a row.
      state: whether it is called.
      since: when it was opened, or the probe let through.
    """

    failures: int = 0
    state: BreakerState = BreakerState.CLOSED
    since: float = 0.0


@define(kw_only=True, eq=False)
class Breakers:
    """One breaker for each skill, for all users together; any thread may call.

    A success of a call that began before its breaker opened closes nothing: only the
    outcome of a probe counts then. Failures are taken from whomever they come.

    Args:
      now: the time in seconds; may jump.
      guard: a lock; held for moments only.
      failures: in a row, that open a breaker.
      seconds: until one call is let through again, and then until the next one if that
        call never reports back.
    """

    _now: Callable[[], float]
    _guard: AbstractContextManager[Any]
    _failures: int
    _seconds: float
    # Without those that work.
    _breakers: dict[str, _Breaker] = field(init=False, factory=dict)

    def admits(self, skill: str) -> float | None:
        """Whether a skill may be called: None, or else the seconds until the next try.

        Whoever is let through calls `succeeded` or `failed` afterwards, if it can.
        """
        with self._guard:
            breaker = self._breakers.get(skill)
            if breaker is None or breaker.state is BreakerState.CLOSED:
                return None
            left = self._left(breaker)
            if left > 0:
                return left
            breaker.state, breaker.since = BreakerState.PROBING, self._now()
            return None

    def succeeded(self, skill: str) -> None:
        """Count a call that went well."""
        with self._guard:
            breaker = self._breakers.get(skill)
            if breaker is not None and breaker.state is not BreakerState.OPEN:
                del self._breakers[skill]

    def failed(self, skill: str) -> None:
        """Count a call that went wrong."""
        with self._guard:
            breaker = self._breakers.setdefault(skill, _Breaker())
            breaker.failures += 1
            probed = breaker.state is BreakerState.PROBING
            if probed or (
                breaker.state is BreakerState.CLOSED and breaker.failures >= self._failures
            ):
                breaker.state, breaker.since = BreakerState.OPEN, self._now()

    def status(self) -> Mapping[str, BreakerStatus]:
        """All skills whose last call failed, by name; the breakers of the others are closed."""
        with self._guard:
            return {
                skill: BreakerStatus(
                    state=breaker.state, failures=breaker.failures, seconds_left=self._left(breaker)
                )
                for skill, breaker in sorted(self._breakers.items())
            }

    def _left(self, breaker: _Breaker) -> float:
        if breaker.state is BreakerState.CLOSED:
            return 0.0
        now = self._now()
        # A clock that was set back must not keep a skill away for longer.
        breaker.since = min(breaker.since, now)
        return max(0.0, breaker.since + self._seconds - now)
