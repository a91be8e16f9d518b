"""How long a turn may take (spec 5.7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import define, field

from pytlas_wamp.assistant.turns import Turn


@define(kw_only=True, eq=False)
class Deadline:
    """The deadline of the turn that runs, of one conversation.

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
        if self._call is not None and self._call.active():
            self._call.cancel()
        self._call = self._turn = None

    def _start(self, turn: Turn, seconds: float) -> None:
        self.stop()
        self._turn = turn
        self._call = self._clock.callLater(seconds, self._too_late, turn, seconds)
