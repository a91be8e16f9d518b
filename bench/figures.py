"""Sums and ratios of what was measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

from attrs import frozen


@frozen
class Spread:
    """A figure that was measured in several rounds."""

    middle: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """The median of some values, and how far they are apart."""
        return cls(median(values), min(values), max(values))


def percentile(values: Sequence[float], percent: float) -> float:
    """The least value that so many percent of all do not exceed; NaN of none."""
    if not values:
        return math.nan
    place = math.ceil(len(values) * percent / 100)
    return sorted(values)[max(place, 1) - 1]


def ratio(ours: Sequence[float | None], theirs: Sequence[float | None]) -> Spread | None:
    """How many times more theirs is than ours, round by round; None when no round has both."""
    pairs = [b / a for a, b in zip(ours, theirs, strict=False) if a and b is not None]
    return Spread.of(pairs) if pairs else None


def slope(few: tuple[int, float], many: tuple[int, float]) -> float:
    """How much each one more costs, of two points `(count, cost)`."""
    return (many[1] - few[1]) / (many[0] - few[0])
