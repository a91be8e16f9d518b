"""How long a turn may take (spec 5.7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import define, field

from pytlas_wamp.assistant.turns import Turn


@define(kw_only=True, eq=False)
class Deadline:
    """The deadline of the turn that runs, of one conversation.

    The clock's call outlives its turn, so that the next turn can move it: that takes a
    tenth of the time of a new one.

    Args:
      clock: an IReactorTime.
      too_late: told the turn and the seconds it had.
      seconds: for a turn whose skill has none of its own.
      by_skill: seconds for the turns of certain skills.
    """

    _clock: Any
    _too_late: Callable[[Turn, float], None]
    _seconds: float
    _by_skill: Mapping[str, float]
    _call: Any = field(init=False, default=None)
    _turn: Turn | None = field(init=False, default=None)
    _given: float = field(init=False, default=0.0)

    def start(self, turn: Turn) -> None:
        """Give a turn its whole time from now on; another one has none any more."""
        self._start(turn, self._seconds)

    def limit(self, skill: str | None) -> None:
        """Give the turn the time of its skill from now on, if that has one of its own."""
        seconds = None if skill is None else self._by_skill.get(skill)
        if self._turn is not None and seconds is not None:
            self._start(self._turn, seconds)

    def stop(self) -> None:
        """Nothing runs any more."""
        self._turn = None
        if self._given > self._seconds:
            self.forget()

    def forget(self) -> None:
        """Have nothing wait in the clock: nothing runs, and maybe nothing will."""
        self._turn = None
        if self._call is not None:
            self._call.cancel()
            self._call = None

    def _start(self, turn: Turn, seconds: float) -> None:
        if self._call is not None and seconds >= self._given:
            self._call.reset(seconds)
        else:
            # A clock with many calls takes long to have one earlier.
            self.forget()
            self._call = self._clock.callLater(seconds, self._ring)
        self._turn, self._given = turn, seconds

    def _ring(self) -> None:
        self._call = None
        if self._turn is not None:
            self._too_late(self._turn, self._given)
