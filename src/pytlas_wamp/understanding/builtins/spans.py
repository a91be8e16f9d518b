"""Rule actions for moments and for intervals, closed and open."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from pytlas_wamp.understanding.builtins import days, resolution
from pytlas_wamp.understanding.builtins.clocks import clock as clock_of
from pytlas_wamp.understanding.builtins.values import (
    CLOCK_GRAINS,
    MINUTES_OF_A_DAY,
    Clock,
    Clocks,
    Context,
    Cycle,
    Duration,
    Moment,
    Part,
    Period,
    Range,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytlas_wamp.understanding.builtins.resolution import Resolved

_DAY = timedelta(days=1)


def _now(context: Context, _: tuple[Any, ...], __: str) -> Any:
    return Moment(context.now, "second")


def _ahead(context: Context, values: tuple[Any, ...], _: str) -> Any:
    return Moment(context.shifted(context.now, values[0]), values[0].grain)


def _back(context: Context, values: tuple[Any, ...], _: str) -> Any:
    return Moment(context.shifted(context.now, values[0], -1), values[0].grain)


def _offset(context: Context, values: tuple[Any, ...], argument: str) -> Any:
    """Reads "Two days after christmas", "an hour before noon"."""
    length, point = values
    found = resolution.resolved(context, point)
    if found is None or found.start is None:
        return None
    grain = length.grain if found.is_clock or length.grain in CLOCK_GRAINS else "day"
    return Moment(context.shifted(found.start, length, int(argument)), grain)


def _at(context: Context, values: tuple[Any, ...], argument: str) -> Any:
    day, clock = values if argument != "reversed" else values[::-1]
    return resolution.moment_on(context, day, clock)


def _moment_at(context: Context, values: tuple[Any, ...], argument: str) -> Any:
    """Reads "In two weeks at 5 pm"."""
    moment, clock = values if argument != "reversed" else values[::-1]
    if moment.grain in CLOCK_GRAINS:
        return None
    return resolution.moment_on(context, moment, clock)


def _same_time(context: Context, values: tuple[Any, ...], _: str) -> Any:
    """Reads "This time tomorrow"."""
    clock = Clock(context.now.hour, context.now.minute, context.now.second, grain="second")
    return resolution.moment_on(context, values[0], clock)


def _moment_part(context: Context, values: tuple[Any, ...], _: str) -> Any:
    moment, part = values
    if moment.grain in CLOCK_GRAINS:
        return None
    return resolution.part_on(context, moment.when.date(), part)


def _at_part(context: Context, values: tuple[Any, ...], argument: str) -> Any:
    """Reads "This evening at eight"."""
    span, clock = values if argument != "reversed" else values[::-1]
    reading = resolution.in_part(clock, span.part)
    when = context.at(span.day, reading)
    if reading.minutes < span.part.start and span.part.end >= MINUTES_OF_A_DAY:
        when = context.at(span.day + _DAY, reading)
    return Moment(when, clock.grain)


def _day_part(context: Context, values: tuple[Any, ...], argument: str) -> Any:
    day, part = values if argument != "reversed" else values[::-1]
    found = resolution.day_of(context, day)
    if found is None:
        return None
    span = resolution.part_on(context, found, part)
    if isinstance(day, Cycle) and span.end is not None and span.end <= context.now:
        later = days.following(day, found)
        return later and resolution.part_on(context, later.start, part)
    return span


def _glued(context: Context, values: tuple[Any, ...], _: str) -> Any:
    """Reads "Montagabend": weekday and part in one word."""
    return _day_part(context, values[0], "")


def _day_end(context: Context, values: tuple[Any, ...], _: str) -> Any:
    """Reads "The end of the day": from five on."""
    return _day_part(context, (values[0], Part(17 * 60, 24 * 60)), "")


def _part(context: Context, values: tuple[Any, ...], argument: str) -> Any:
    """A part of today, of a day relative to it, or the next one there is."""
    day = context.today + int(argument) * _DAY if argument else None
    return resolution.part_on(context, day or resolution.part_day(context, values[0]), values[0])


def _day_clocks(context: Context, values: tuple[Any, ...], argument: str) -> Any:
    day, clocks = values if argument != "reversed" else values[::-1]
    found = resolution.day_of(context, day)
    return found and resolution.on_day(context, found, clocks)


def _part_clocks(context: Context, values: tuple[Any, ...], argument: str) -> Any:
    span, clocks = values if argument != "reversed" else values[::-1]
    start, end = (resolution.in_part(each, span.part) for each in (clocks.start, clocks.end))
    return resolution.on_day(context, span.day, Clocks(start, end))


def _last_moment(found: Resolved) -> Any:
    """Where an interval that ends with this ends: days count whole, times do not."""
    return found.end if not found.is_clock or found.interval else found.start


def _span(context: Context, values: tuple[Any, ...], _: str) -> Any:
    """From one point to another."""
    first, second = values
    if isinstance(first, Clock) and isinstance(second, Moment) and second.grain in CLOCK_GRAINS:
        return _until_moment(context, first, second)
    start = _start_of(context, first, second)
    if start is None or start.start is None:
        return None
    after = _context_at(context, start) if isinstance(second, Cycle | Clock | Part) else context
    end = resolution.resolved(after, second)
    if end is None or (stop := _last_moment(end)) is None or stop <= start.start:
        return None
    return Range(start.start, stop, _finer(start.grain, end.grain))


def _until_moment(context: Context, first: Clock, second: Moment) -> Range | None:
    """Reads "From 14:00 to 15:30 on thursday": both are on that day if they can be."""
    last = Clock(second.when.hour, second.when.minute, second.when.second, grain=second.grain)
    start, end = resolution.pair(first, last)
    earlier = _DAY if start.minutes >= end.minutes else timedelta(0)
    return resolution.on_day(context, second.when.date() - earlier, Clocks(start, end))


def _finer(first: str, second: str) -> str:
    """The grain of an interval: of the clock if one side has one."""
    grains = [grain for grain in (first, second) if grain in CLOCK_GRAINS]
    return max(grains, key=("hour", "minute", "second").index) if grains else "day"


def _context_at(context: Context, start: Resolved) -> Context:
    """The context in which the end of an interval is looked for."""
    return Context(start.start or context.now, context.twelve)


def _start_of(context: Context, first: Any, second: Any) -> Resolved | None:
    if isinstance(first, Cycle) and isinstance(second, Period):
        # "From sept 3 to sept 5 2018": the year was only said once.
        before = days.previous(first, second.end)
        upcoming = days.upcoming(first, context.today)
        if before and (
            upcoming is None
            or upcoming.start >= second.end
            or before.start >= upcoming.start
            or second.end <= context.today
        ):
            return resolution.resolved(context, before)
    if isinstance(first, Clock) and first.twelve:
        first = resolution.settled(first)
    return resolution.resolved(context, first)


def _dom_span(context: Context, values: tuple[Any, ...], _: str) -> Any:
    """Reads "Du 3 au 5 mars": the first day is of the month of the second."""
    number, last = values
    found = days.upcoming(last, context.today) if isinstance(last, Cycle) else last
    if not isinstance(found, Period) or found.grain != "day" or number >= found.start.day:
        return None
    return Period(found.start.replace(day=number), found.end, "days")


def _monthday_span(context: Context, values: tuple[Any, ...], _: str) -> Any:
    """Reads "March 3 to 5"."""
    first, number, *year = values
    found = days.upcoming(first, context.today)
    if year:
        found = days.within(first, Period(date(year[0], 1, 1), date(year[0] + 1, 1, 1), "year"))
    if not found or number <= found.start.day:
        return None
    return Period(found.start, found.start.replace(day=number) + _DAY, "days")


def _since(context: Context, values: tuple[Any, ...], _: str) -> Any:
    found = resolution.resolved(context, values[0], past=True)
    return found and found.start and Range(found.start, None, _open_grain(found))


def _from_on(context: Context, values: tuple[Any, ...], _: str) -> Any:
    found = resolution.resolved(context, values[0])
    return found and found.start and Range(found.start, None, _open_grain(found))


def _after(context: Context, values: tuple[Any, ...], _: str) -> Any:
    """After a time of day it begins at once, after a day or an interval when that is over."""
    found = resolution.resolved(context, values[0])
    return found and (stop := _last_moment(found)) and Range(stop, None, _open_grain(found))


def _before(context: Context, values: tuple[Any, ...], _: str) -> Any:
    found = resolution.resolved(context, values[0])
    return found and found.start and Range(None, found.start, _open_grain(found))


def _until(context: Context, values: tuple[Any, ...], _: str) -> Any:
    """Until a day includes the day."""
    found = resolution.resolved(context, values[0])
    return found and (stop := _last_moment(found)) and Range(None, stop, _open_grain(found))


def _after_hour(context: Context, values: tuple[Any, ...], argument: str) -> Any:
    time = clock_of(context, values[0])
    return time and _after(context, (time,), argument)


def _before_hour(context: Context, values: tuple[Any, ...], argument: str) -> Any:
    time = clock_of(context, values[0])
    return time and _before(context, (time,), argument)


def _moment_clock(context: Context, values: tuple[Any, ...], _: str) -> Any:
    """Reads "Tomorrow from 3 pm to 5"."""
    moment, said = values
    time: Clock | None = said if isinstance(said, Clock) else clock_of(context, said)
    if time is None or moment.grain not in CLOCK_GRAINS:
        return None
    start = Clock(moment.when.hour, moment.when.minute)
    end = resolution.pair(start, time)[1]
    when = context.at(moment.when.date(), end)
    return Range(moment.when, when, _finer(moment.grain, end.grain)) if when > moment.when else None


def _within_unit(context: Context, values: tuple[Any, ...], argument: str) -> Any:
    return _for(context, (Duration(((values[0], 1),)),), argument)


def _open_grain(found: Resolved) -> str:
    return found.grain if found.is_clock else "day"


def _for(context: Context, values: tuple[Any, ...], _: str) -> Any:
    end = context.shifted(context.now, values[0])
    return Range(context.now, end, values[0].grain) if end > context.now else None


def _for_past(context: Context, values: tuple[Any, ...], _: str) -> Any:
    start = context.shifted(context.now, values[0], -1)
    return Range(start, context.now, values[0].grain) if start < context.now else None


def _hour_or_year(context: Context, values: tuple[Any, ...], _: str) -> Any:
    """A bare number as the answer to "when?": an hour, else nothing."""
    number = values[0]
    if not 0 <= number <= 24:  # noqa: PLR2004 - hours of a day
        return None
    return Clock(number, twelve=context.twelve and 1 <= number <= 12)  # noqa: PLR2004


def _recent(context: Context, _: tuple[Any, ...], argument: str) -> Any:
    """Reads "Recently", "soon": so many days back or ahead."""
    reach = timedelta(days=int(argument))
    other = context.real(context.now + reach)
    return Range(min(context.now, other), max(context.now, other), "day")


def _moment_span(context: Context, values: tuple[Any, ...], argument: str) -> Any:
    """Reads "From 3 pm for two hours"."""
    point, length = values if argument != "reversed" else values[::-1]
    found = resolution.resolved(context, point)
    if found is None or found.start is None:
        return None
    end = context.shifted(found.start, length)
    return Range(found.start, end, _finer(found.grain, length.grain)) if end > found.start else None


ACTIONS: dict[str, Callable[[Context, tuple[Any, ...], str], Any]] = {
    "now": _now,
    "ahead": _ahead,
    "back": _back,
    "offset": _offset,
    "at": _at,
    "moment_at": _moment_at,
    "same_time": _same_time,
    "moment_part": _moment_part,
    "at_part": _at_part,
    "day_part": _day_part,
    "glued": _glued,
    "day_end": _day_end,
    "part": _part,
    "day_clocks": _day_clocks,
    "part_clocks": _part_clocks,
    "span": _span,
    "dom_span": _dom_span,
    "monthday_span": _monthday_span,
    "since": _since,
    "from_on": _from_on,
    "after": _after,
    "before": _before,
    "until": _until,
    "for": _for,
    "after_hour": _after_hour,
    "before_hour": _before_hour,
    "moment_clock": _moment_clock,
    "within_unit": _within_unit,
    "for_past": _for_past,
    "hour_or_year": _hour_or_year,
    "recent": _recent,
    "moment_span": _moment_span,
}
