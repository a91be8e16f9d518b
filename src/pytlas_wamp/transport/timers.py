"""Thousands of timers on one of the reactor's, which takes a kilobyte for each of its own."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import Any, Final

from attrs import define, field

# So many that were stopped may wait for their time, besides as many as there are others.
_TOLERATED: Final = 64
# What adding and subtracting seconds may lose.
_ROUNDING_SECONDS: Final = 1e-6


@define(eq=False)
class Timer:
    """A call that is still to come, or was.

    Args:
      at: when, in seconds of the clock.
      number: of the timer; of two at the same time the one that was set first comes first.
      function: what is to be called; None when it was, or is not to be any more.
      arguments: with what.
    """

    at: float
    number: int
    function: Callable[..., object] | None
    arguments: tuple[Any, ...]

    def __lt__(self, other: Timer) -> bool:
        """Whether it comes before another."""
        return (self.at, self.number) < (other.at, other.number)


@define(eq=False)
class Timers:
    """Calls functions later, at the same moment as the clock itself would.

    Args:
      clock: an IReactorTime; it has one call of this, or none when nothing is to come.
    """

    _clock: Any
    _heap: list[Timer] = field(init=False, factory=list)
    _set: int = field(init=False, default=0)
    _stopped: int = field(init=False, default=0)
    _call: Any = field(init=False, default=None)
    _rings: bool = field(init=False, default=False)

    def __len__(self) -> int:
        """How many are to come."""
        return len(self._heap) - self._stopped

    def start(self, seconds: float, function: Callable[..., object], *arguments: Any) -> Timer:
        """Have a function called in so many seconds."""
        self._set += 1
        timer = Timer(self._clock.seconds() + seconds, self._set, function, arguments)
        heappush(self._heap, timer)
        if self._heap[0] is timer:
            self._wait()
        return timer

    def stop(self, timer: Timer) -> None:
        """Have it not called after all; nothing happens when it was."""
        if timer.function is None:
            return
        timer.function, timer.arguments = None, ()
        self._stopped += 1
        if self._stopped > _TOLERATED + len(self) or not len(self):
            self._heap = [one for one in self._heap if one.function is not None]
            heapify(self._heap)
            self._stopped = 0
            self._wait()

    def _wait(self) -> None:
        """Have the clock call when the first one is due, and never else."""
        if self._rings:
            return  # and does it when all that are due were called
        if self._call is not None and self._call.active():
            self._call.cancel()
        self._call = None
        if self._heap:
            self._call = self._clock.callLater(
                max(0.0, self._heap[0].at - self._clock.seconds()), self._ring
            )

    def _ring(self) -> None:
        self._rings = True
        try:
            while self._heap and self._heap[0].at <= self._clock.seconds() + _ROUNDING_SECONDS:
                timer = heappop(self._heap)
                function, timer.function = timer.function, None
                if function is None:
                    self._stopped -= 1
                else:
                    function(*timer.arguments)
        finally:
            # Even when one raised: the others still want to be called.
            self._rings = False
            self._wait()
