"""How fast the frames of one connection may come: a token bucket (spec 3.8)."""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import Enum
from typing import Final, Literal

from attrs import define, field

# Sums of seconds since the epoch are a little off; so much too early is no haste.
_TOLERANCE_SECONDS: Final = 0.001


class Flood(Enum):
    """What is said of a frame that comes too fast after too many warnings."""

    FLOODING = "flooding"


FLOODING: Final = Flood.FLOODING


@define(kw_only=True, eq=False)
class MessageRate:
    """Counts the frames of one connection.

    Args:
      burst: frames that may come at once.
      per_second: frames in the long run.
      max_warnings: frames in a row that are only warned of.
      now: returns seconds; a clock that jumps back costs a burst at the most.
    """

    _burst: int
    _per_second: float
    _max_warnings: int
    _now: Callable[[], float]
    # When the bucket will be full again: all that has to be known of it.
    _full_at: float = field(init=False, default=-math.inf)
    _warnings: int = field(init=False, default=0)

    def check(self) -> float | Literal[Flood.FLOODING] | None:
        """Count a frame that has come.

        Returns:
          None when it may be taken, else it is not counted: the seconds until one may come
          (rounded up to milliseconds), or FLOODING when that was said often enough.
        """
        now = self._now()
        interval = 1 / self._per_second
        full_at = min(max(self._full_at, now), now + self._burst * interval)
        early = full_at - now - (self._burst - 1) * interval
        if early <= min(_TOLERANCE_SECONDS, interval / 2):
            self._full_at = full_at + interval
            self._warnings = 0
            return None
        # Kept, so that a clock that jumped back is forgotten.
        self._full_at = full_at
        if self._warnings >= self._max_warnings:
            return FLOODING
        self._warnings += 1
        return math.ceil(early * 1_000) / 1_000
