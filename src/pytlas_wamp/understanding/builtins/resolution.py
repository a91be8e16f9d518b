"""From what was said to moments of the reference time's zone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from pytlas_wamp.understanding.builtins import days
from pytlas_wamp.understanding.builtins.values import (
    CLOCK_GRAINS,
    HOURS_OF_HALF_A_DAY,
    Clock,
    Clocks,
    Context,
    Cycle,
    Moment,
    Part,
    Period,
    Range,
)

if TYPE_CHECKING:
    from datetime import date, datetime

# "Tomorrow at five" is the afternoon, "tomorrow at six" the morning.
_LAST_HOUR_NOBODY_MEETS_AT = 5
_DAY = timedelta(days=1)
# Units that a single datetime stands for; "days" (a weekend, a summer) is an interval.
_INTERVALS = frozenset({"days", "decade", "century"})


@frozen(kw_only=True)
class Resolved:
    """When it is.

    Args:
      start: the first moment, or None for an open side.
      end: the moment after the last, or None.
      grain: the unit it is exact to.
      interval: whether it is a stretch of time rather than one unit.
    """

    start: datetime | None
    end: datetime | None
    grain: str
    interval: bool

    @property
    def is_clock(self) -> bool:
        """Whether it says a time of day."""
        return self.grain in CLOCK_GRAINS


def resolved(context: Context, value: Any, *, past: bool = False) -> Resolved | None:
    """The moment or interval that a constituent means.

    Args:
      context: the reference time.
      value: any of the values of time.
      past: whether the last occurrence is meant rather than the next ("since monday").
    """
    if isinstance(value, Cycle):
        found = _past(context, value) if past else days.upcoming(value, context.today)
        return None if found is None else _period(context, found)
    if isinstance(value, Period):
        return _period(context, value)
    if isinstance(value, Clock):
        return _instant(_occurrence(context, value, past=past), value.grain)
    if isinstance(value, Moment):
        return _instant(value.when, value.grain)
    if isinstance(value, Part):
        value = part_on(context, part_day(context, value), value)
    if isinstance(value, Clocks):
        value = on_day(context, None, value)
    if isinstance(value, Range):
        grain = value.grain
        return Resolved(start=value.start, end=value.end, grain=grain, interval=True)
    return None


def _past(context: Context, cycle: Cycle) -> Period | None:
    found = days.upcoming(cycle, context.today)
    if found and found.start <= context.today and found.grain != "day":
        return found
    return days.previous(cycle, context.today)


def _period(context: Context, period: Period) -> Resolved:
    return Resolved(
        start=context.at(period.start),
        end=context.at(period.end),
        grain="day" if period.grain == "days" else period.grain,
        interval=period.grain in _INTERVALS,
    )


def _instant(when: datetime, grain: str) -> Resolved:
    return Resolved(start=when, end=None, grain=grain, interval=False)


def _occurrence(context: Context, clock: Clock, *, past: bool = False) -> datetime:
    """The next or last time that a clock shows this."""
    readings = [clock, clock.later()] if clock.twelve else [clock]
    days_around = [context.today + step * _DAY for step in (-1, 0, 1, 2)]
    moments = sorted(context.at(day, reading) for day in days_around for reading in readings)
    if past:
        return max(moment for moment in moments if moment <= context.now)
    return min(moment for moment in moments if moment > context.now)


def day_of(context: Context, value: Any) -> date | None:
    """The day that a period or a cycle of days means, None if it is longer than one."""
    found = days.upcoming(value, context.today) if isinstance(value, Cycle) else value
    if isinstance(found, Moment):
        return found.when.date()
    if isinstance(found, Period) and found.grain == "day":
        return found.start
    return None


def settled(clock: Clock) -> Clock:
    """The reading that people mean on a day that is not today."""
    if clock.twelve and 1 <= clock.hour <= _LAST_HOUR_NOBODY_MEETS_AT:
        return clock.later()
    return evolve(clock, twelve=False)


def moment_on(context: Context, value: Any, clock: Clock) -> Moment | None:
    """A clock on a day; a weekday that is today moves on once the time has passed."""
    day = day_of(context, value)
    if day is None:
        return None
    readings = [clock, clock.later()] if clock.twelve and day == context.today else [settled(clock)]
    for reading in readings:
        when = context.at(day, reading)
        if day != context.today or when > context.now:
            return Moment(when, clock.grain)
    if isinstance(value, Cycle):
        later = days.following(value, day)
        return Moment(context.at(later.start, settled(clock)), clock.grain) if later else None
    return Moment(context.at(day, readings[-1]), clock.grain)


def part_day(context: Context, part: Part) -> date:
    """Today, or tomorrow once the part of today is over."""
    over = context.minutes_in(context.today, part.end) <= context.now
    return context.today + (_DAY if over else timedelta(0))


def part_on(context: Context, day: date, part: Part) -> Range:
    """The part of a day."""
    start, end = (context.minutes_in(day, minutes) for minutes in (part.start, part.end))
    return Range(start, end, "hour", part, day)


def in_part(clock: Clock, part: Part) -> Clock:
    """The reading of a clock that lies in a part of the day: "5 in the morning"."""
    if clock.hour > HOURS_OF_HALF_A_DAY or clock.hour == 0:
        return evolve(clock, twelve=False)
    first = evolve(clock, hour=clock.hour % HOURS_OF_HALF_A_DAY, twelve=False)
    second = first.later()
    for reading in (first, second):
        for minutes in (reading.minutes, reading.minutes + 24 * 60):
            if part.start <= minutes < part.end:
                return reading
    return first if part.start < HOURS_OF_HALF_A_DAY * 60 else second


def pair(start: Clock, end: Clock) -> tuple[Clock, Clock]:
    """Two clocks of one interval: what is open in one is settled by the other."""
    if end.twelve and not start.twelve:
        end = min(
            (end, end.later()), key=lambda each: (each.minutes <= start.minutes, each.minutes)
        )
    elif start.twelve and not end.twelve:
        readings = (start, start.later())
        start = max(readings, key=lambda each: (each.minutes < end.minutes, each.minutes))
    elif start.twelve:
        start = settled(start)
        return pair(start, end)
    if end.hour <= HOURS_OF_HALF_A_DAY <= start.hour < end.later().hour:
        # "De midi à deux heures": nobody means the night.
        end = end.later()
    return evolve(start, twelve=False), evolve(end, twelve=False)


def on_day(context: Context, day: date | None, clocks: Clocks) -> Range | None:
    """An interval of clocks on a day, by default the next time that it ends."""
    start, end = pair(clocks.start, clocks.end)
    chosen = day or context.today
    later = timedelta(0) if end.minutes > start.minutes else _DAY
    if day is None and context.at(chosen + later, end) <= context.now:
        chosen += _DAY
    grain = max(start.grain, end.grain, key=("hour", "minute", "second").index)
    return Range(context.at(chosen, start), context.at(chosen + later, end), grain)
