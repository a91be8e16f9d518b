"""Rule actions for days and longer units of the calendar."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from attrs import evolve

from pytlas_wamp.understanding.builtins import days, resolution
from pytlas_wamp.understanding.builtins.values import (
    CLOCK_GRAINS,
    SECONDS,
    Cycle,
    Duration,
    Period,
    Range,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytlas_wamp.understanding.builtins.values import Context

_DAY = timedelta(days=1)
_LAST_DAY = 31
_YEARS = range(1000, 3000)
_SPOKEN_YEARS = range(1900, 2100)
_HUNDRED = 100
# Days from which on nobody means a third by "the end of".
_LONG = 100


def _dom(_: Context, values: tuple[Any, ...], __: str) -> Any:
    return int(values[0]) if 1 <= values[0] <= _LAST_DAY else None


def _dom_cycle(_: Context, values: tuple[Any, ...], __: str) -> Any:
    return Cycle("dom", (int(values[0]),)) if 1 <= values[0] <= _LAST_DAY else None


def _month_day(_: Context, values: tuple[Any, ...], __: str) -> Any:
    month, day = values
    return _checked(month.args[0], day)


def _day_month(_: Context, values: tuple[Any, ...], __: str) -> Any:
    day, month = values
    return _checked(month.args[0], day)


def _checked(month: int, day: int) -> Cycle:
    date(2000, month, day)  # a leap year: raises ValueError for "february 30"
    return Cycle("monthday", (month, day))


def _weekday_monthday(_: Context, values: tuple[Any, ...], __: str) -> Any:
    weekday, monthday = values
    return Cycle("weekday_monthday", (*weekday.args, *monthday.args))


def _weekday_dom(_: Context, values: tuple[Any, ...], __: str) -> Any:
    weekday, day = values
    if not 1 <= day <= _LAST_DAY:
        return None
    return Cycle("weekday_dom", (*weekday.args, int(day)))


def _nth_weekday(_: Context, values: tuple[Any, ...], __: str) -> Any:
    nth, weekday, month = values
    # A fifth one is not in every year's month; the search would skip those years.
    return Cycle("nth", (int(nth), *weekday.args, *month.args)) if 1 <= nth <= 4 else None  # noqa: PLR2004


def _last_weekday(_: Context, values: tuple[Any, ...], __: str) -> Any:
    weekday, month = values
    return Cycle("nth", (-1, *weekday.args, *month.args))


def _year(_: Context, values: tuple[Any, ...], __: str) -> Any:
    """Reads "Twenty sixteen", "nineteen hundred", a four-digit number."""
    number = values[0] if len(values) == 1 else values[0] * _HUNDRED + values[1]
    if len(values) > 1 and not (10 <= values[0] <= 20 and 10 <= values[1] < _HUNDRED):  # noqa: PLR2004
        return None
    return number if number in (_YEARS if len(values) > 1 else _SPOKEN_YEARS) else None


def _in_year(_: Context, values: tuple[Any, ...], __: str) -> Any:
    cycle, year = values
    whole = Period(date(year, 1, 1), date(year + 1, 1, 1), "year")
    found = days.within(cycle, whole)
    if found is None and cycle.kind == "weekday_monthday":
        # The weekday does not fit the year; the date is the surer part.
        found = days.within(Cycle("monthday", cycle.args[1:]), whole)
    return found


def _year_period(_: Context, values: tuple[Any, ...], __: str) -> Any:
    return days.shifted("year", date(values[0], 1, 1), 0)


def _decade(context: Context, values: tuple[Any, ...], _: str) -> Any:
    """Reads "The 1980s", "les années 80": of the past century unless that has begun."""
    start = int(values[0])
    if start % 10:
        return None
    if start < _HUNDRED:
        century = context.today.year // _HUNDRED * _HUNDRED
        start += century if century + start <= context.today.year else century - _HUNDRED
    return days.shifted("decade", date(start, 1, 1), 0) if start in _YEARS else None


def _decade_of(_: Context, values: tuple[Any, ...], argument: str) -> Any:
    return int(argument) + values[0] if values[0] < _HUNDRED else None


def _century(_: Context, values: tuple[Any, ...], __: str) -> Any:
    start = (values[0] - 1) * _HUNDRED
    return Period(date(start + 1, 1, 1), date(start + 101, 1, 1), "century")


def _relative_day(context: Context, values: tuple[Any, ...], argument: str) -> Any:
    return days.shifted("day", context.today, int(argument or values[0]))


def _this(context: Context, values: tuple[Any, ...], _: str) -> Any:
    return days.upcoming(values[0], context.today)


def _next(context: Context, values: tuple[Any, ...], _: str) -> Any:
    return days.following(values[0], context.today)


def _last(context: Context, values: tuple[Any, ...], _: str) -> Any:
    return days.previous(values[0], context.today)


def _after_next(context: Context, values: tuple[Any, ...], _: str) -> Any:
    found = days.following(values[0], context.today)
    return found and days.following(values[0], found.start)


def _unit_shift(context: Context, values: tuple[Any, ...], argument: str) -> Any:
    """This, the next or the last unit."""
    unit, count = values[0], int(argument)
    if unit not in CLOCK_GRAINS:
        return days.shifted(unit, context.today, count)
    length = timedelta(seconds=SECONDS[unit])
    start = context.now
    if unit != "second":
        start = start.replace(second=0)
    if unit == "hour":
        start = start.replace(minute=0)
    first, second = (context.real(start + step * length) for step in (count, count + 1))
    return Range(first, second, unit)


def _units(context: Context, values: tuple[Any, ...], argument: str) -> Any:
    """The next or last so many units: from tomorrow on, up to yesterday, but real hours."""
    count, unit = values
    if not 0 < count <= 10_000 or count != int(count):  # noqa: PLR2004 - years of the calendar
        return None
    count, ahead = int(count), argument == "next"
    if unit in CLOCK_GRAINS:
        length = timedelta(seconds=SECONDS[unit] * count)
        other = context.real(context.now + (length if ahead else -length))
        return Range(*((context.now, other) if ahead else (other, context.now)), unit)
    edge = context.today + (_DAY if ahead else timedelta(0))
    far = edge + Duration(((unit, count),)).delta() * (1 if ahead else -1)
    return Period(min(edge, far), max(edge, far), "days")


def _few(context: Context, values: tuple[Any, ...], argument: str) -> Any:
    return _units(context, (3, *values), argument)


def _within(context: Context, values: tuple[Any, ...], argument: str) -> Any:
    """Reads "Monday of next week", "christmas next year"."""
    cycle, whole = values if argument != "reversed" else values[::-1]
    period = days.upcoming(whole, context.today) if isinstance(whole, Cycle) else whole
    if not isinstance(period, Period) or period.grain in ("day", "days"):
        return None
    return days.within(cycle, period)


def _nth_within(context: Context, values: tuple[Any, ...], _: str) -> Any:
    nth, cycle, whole = values
    period = days.upcoming(whole, context.today) if isinstance(whole, Cycle) else whole
    return days.within(cycle, period, int(nth)) if isinstance(period, Period) and nth else None


def _last_within(context: Context, values: tuple[Any, ...], argument: str) -> Any:
    return _nth_within(context, (-1, *values), argument)


def _nth_unit(context: Context, values: tuple[Any, ...], _: str) -> Any:
    """Reads "The first day of next month", "the second week of june"."""
    nth, unit, whole = values
    period = days.upcoming(whole, context.today) if isinstance(whole, Cycle) else whole
    if not isinstance(period, Period) or unit in CLOCK_GRAINS or not nth:
        return None
    edge = period.start if nth > 0 else period.end - _DAY
    found = days.shifted(unit, edge, int(nth) - 1 if nth > 0 else int(nth) + 1)
    return found if found.start < period.end and found.end > period.start else None


def _last_unit(context: Context, values: tuple[Any, ...], argument: str) -> Any:
    return _nth_unit(context, (-1, *values), argument)


def _weeks_on(context: Context, values: tuple[Any, ...], argument: str) -> Any:
    """Reads "Monday in two weeks"."""
    cycle, *rest = values
    if rest and (len(rest[0].parts) != 1 or rest[0].grain not in ("week", "day")):
        return None
    length = rest[0].delta() if rest else timedelta(days=int(argument))
    found = days.upcoming(cycle, context.today)
    return found and Period(found.start + length, found.end + length, found.grain)


def _day_shift(context: Context, values: tuple[Any, ...], argument: str) -> Any:
    day = resolution.day_of(context, values[0])
    return day and days.shifted("day", day, int(argument))


def _week_of(context: Context, values: tuple[Any, ...], _: str) -> Any:
    day = resolution.day_of(context, values[0])
    return day and days.shifted("week", day, 0)


def _weekend_of(context: Context, values: tuple[Any, ...], _: str) -> Any:
    day = resolution.day_of(context, values[0])
    return day and days.upcoming(Cycle("weekend"), day)


def _third(context: Context, values: tuple[Any, ...], argument: str) -> Any:
    """The beginning, middle or end: a third of a month, a sixth of a year."""
    whole = days.upcoming(values[0], context.today) if isinstance(values[0], Cycle) else values[0]
    if not isinstance(whole, Period) or whole.grain == "day":
        return None
    length = (whole.end - whole.start).days
    share = length / (3 if length < _LONG else 6)
    middle = (length - share) / 2
    first = {"0": 0.0, "1": middle, "2": length - share}[argument]
    start = whole.start + timedelta(days=round(first))
    return Period(start, whole.start + timedelta(days=round(first + share)), "days")


def _rest(context: Context, values: tuple[Any, ...], _: str) -> Any:
    whole = days.upcoming(values[0], context.today) if isinstance(values[0], Cycle) else values[0]
    if not isinstance(whole, Period) or whole.end <= context.today:
        return None
    start = max(context.now, context.at(whole.start))
    return Range(start, context.at(whole.end), "day" if whole.grain != "day" else "hour")


def _strong(_: Context, values: tuple[Any, ...], __: str) -> Any:
    return None if getattr(values[0], "weak", False) else values[0]


def _surely(_: Context, values: tuple[Any, ...], __: str) -> Any:
    """Reads "In may" is a month, whatever "may" alone is."""
    return evolve(values[0], weak=False) if isinstance(values[0], Cycle) else values[0]


ACTIONS: dict[str, Callable[[Context, tuple[Any, ...], str], Any]] = {
    "dom": _dom,
    "dom_cycle": _dom_cycle,
    "month_day": _month_day,
    "day_month": _day_month,
    "weekday_monthday": _weekday_monthday,
    "weekday_dom": _weekday_dom,
    "nth_weekday": _nth_weekday,
    "last_weekday": _last_weekday,
    "year": _year,
    "in_year": _in_year,
    "year_period": _year_period,
    "decade": _decade,
    "decade_of": _decade_of,
    "century": _century,
    "relative_day": _relative_day,
    "this": _this,
    "next": _next,
    "last": _last,
    "after_next": _after_next,
    "unit_shift": _unit_shift,
    "units": _units,
    "few": _few,
    "within": _within,
    "nth_within": _nth_within,
    "last_within": _last_within,
    "nth_unit": _nth_unit,
    "last_unit": _last_unit,
    "weeks_on": _weeks_on,
    "day_shift": _day_shift,
    "week_of": _week_of,
    "weekend_of": _weekend_of,
    "third": _third,
    "rest": _rest,
    "strong": _strong,
    "surely": _surely,
}
