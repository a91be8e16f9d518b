"""The days on which things that come again do so: weekdays, months, seasons, feasts."""

from __future__ import annotations

import json
from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from dateutil.easter import EASTER_ORTHODOX, easter

from pytlas_wamp.understanding.builtins import moons
from pytlas_wamp.understanding.builtins.values import Cycle, Period

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_DAY = timedelta(days=1)
_MONTHS = 12
_SATURDAY = 5
# February 29 stays away for up to eight years.
_YEARS_TO_LOOK = 9
# First day and month of the astronomical seasons of the northern half, and of the next one.
_SEASONS = {
    "spring": ((3, 20), (6, 21)),
    "summer": ((6, 21), (9, 23)),
    "autumn": ((9, 23), (12, 21)),
    "winter": ((12, 21), (3, 20)),
}


@lru_cache(maxsize=1)
def holiday_rules() -> dict[str, list[Any]]:
    """How each feast is found, by its key in the tables of the languages."""
    data = files("pytlas_wamp.understanding.builtins") / "data" / "holidays.json"
    rules: dict[str, list[Any]] = json.loads(data.read_text("utf-8"))
    return rules


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    """The nth such weekday of a month, from its end if negative.

    Raises:
      ValueError: the month has no such day.
    """
    if nth > 0:
        first = date(year, month, 1)
        day = first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))
    else:
        last = date(year, month, monthrange(year, month)[1])
        day = last - timedelta(days=(last.weekday() - weekday) % 7 + 7 * (-nth - 1))
    if day.month != month:
        raise ValueError(f"month {month} of {year} has no such weekday")
    return day


def shifted(unit: str, day: date, count: int) -> Period:
    """The unit of the calendar around a day, or one some units before or after.

    Args:
      unit: "day" to "century"; weeks begin on Monday.
      day: any day.
      count: 0 for the unit around the day, 1 for the next.
    """
    if unit == "day":
        return Period(day + count * _DAY, day + (count + 1) * _DAY)
    if unit == "week":
        start = day - timedelta(days=day.weekday()) + timedelta(weeks=count)
        return Period(start, start + timedelta(weeks=1), unit)
    if unit in ("month", "quarter"):
        length = 1 if unit == "month" else 3
        number = day.year * _MONTHS + (day.month - 1) // length * length + length * count
        return Period(_first_of(number), _first_of(number + length), unit)
    length = {"year": 1, "decade": 10, "century": 100}[unit]
    year = day.year // length * length + length * count
    return Period(date(year, 1, 1), date(year + length, 1, 1), unit)


def _first_of(number: int) -> date:
    year, month = divmod(number, _MONTHS)
    return date(year, month + 1, 1)


def _weekday(year: int, args: tuple[Any, ...]) -> Iterator[Period]:
    first = date(year, 1, 1)
    day = first + timedelta(days=(args[0] - first.weekday()) % 7)
    while day.year == year:
        yield Period(day, day + _DAY)
        day += timedelta(weeks=1)


def _weekend(year: int, _: tuple[Any, ...]) -> Iterator[Period]:
    for saturday in _weekday(year, (_SATURDAY,)):
        yield Period(saturday.start, saturday.start + 2 * _DAY, "days")


def _month(year: int, args: tuple[Any, ...]) -> Iterator[Period]:
    yield shifted("month", date(year, args[0], 1), 0)


def _monthday(year: int, args: tuple[Any, ...]) -> Iterator[Period]:
    month, number = args
    if number <= monthrange(year, month)[1]:
        yield Period(date(year, month, number), date(year, month, number) + _DAY)


def _dom(year: int, args: tuple[Any, ...]) -> Iterator[Period]:
    for month in range(1, _MONTHS + 1):
        yield from _monthday(year, (month, args[0]))


def _weekday_dom(year: int, args: tuple[Any, ...]) -> Iterator[Period]:
    weekday, number = args
    return (day for day in _dom(year, (number,)) if day.start.weekday() == weekday)


def _nth(year: int, args: tuple[Any, ...]) -> Iterator[Period]:
    nth, weekday, month = args
    day = nth_weekday(year, month, weekday, nth)
    yield Period(day, day + _DAY)


def _season(year: int, args: tuple[Any, ...]) -> Iterator[Period]:
    (month, day), (next_month, next_day) = _SEASONS[args[0]]
    end = date(year + (1 if next_month < month else 0), next_month, next_day)
    yield Period(date(year, month, day), end, "days")


def _holiday(year: int, args: tuple[Any, ...]) -> Iterator[Period]:
    kind, *numbers = holiday_rules()[args[0]]
    day = _FEASTS[kind](year, *numbers)
    if day is not None:
        yield Period(day, day + _DAY)


def _after_weekday(year: int, month: int, day: int, weekday: int, offset: int) -> date:
    """The first such weekday from a day of the year on, and some days after that."""
    start = date(year, month, day)
    return start + timedelta(days=(weekday - start.weekday()) % 7 + offset)


_FEASTS: dict[str, Callable[..., date | None]] = {
    "fixed": date,
    "easter": lambda year, offset: easter(year) + timedelta(days=offset),
    "orthodox": lambda year, offset: easter(year, EASTER_ORTHODOX) + timedelta(days=offset),
    "nth": nth_weekday,
    "from": _after_weekday,
    "hebrew": moons.hebrew,
    "hanukkah": moons.hanukkah,
    "tu_bishvat": moons.tu_bishvat,
    "tisha_bav": moons.tisha_bav,
    "israel": moons.israel_independence,
    "islamic": moons.islamic,
    "chinese": moons.chinese_new_year,
    "diwali": moons.diwali,
    "holi": moons.holi,
}
_KINDS: dict[str, Callable[[int, tuple[Any, ...]], Iterator[Period]]] = {
    "weekday": _weekday,
    "weekend": _weekend,
    "month": _month,
    "monthday": _monthday,
    "dom": _dom,
    "weekday_dom": _weekday_dom,
    "nth": _nth,
    "season": _season,
    "holiday": _holiday,
}


@lru_cache(maxsize=512)
def occurrences(cycle: Cycle, year: int) -> tuple[Period, ...]:
    """When a cycle begins in a year, in order."""
    if cycle.kind == "weekday_monthday":
        weekday, *rest = cycle.args
        every = occurrences(Cycle("monthday", tuple(rest)), year)
        return tuple(day for day in every if day.start.weekday() == weekday)
    return tuple(_KINDS[cycle.kind](year, cycle.args))


def upcoming(cycle: Cycle, day: date) -> Period | None:
    """The first occurrence that ends after a day begins: the present one counts."""
    for year in range(max(day.year - 1, 1), day.year + _YEARS_TO_LOOK):
        for found in occurrences(cycle, year):
            if found.end > day:
                return found
    return None


def following(cycle: Cycle, day: date) -> Period | None:
    """The first occurrence that begins after a day."""
    for year in range(day.year, day.year + _YEARS_TO_LOOK):
        for found in occurrences(cycle, year):
            if found.start > day:
                return found
    return None


def previous(cycle: Cycle, day: date) -> Period | None:
    """The last occurrence that is over when a day begins."""
    for year in range(day.year, max(day.year - _YEARS_TO_LOOK, 1), -1):
        for found in reversed(occurrences(cycle, year)):
            if found.end <= day:
                return found
    return None


def within(cycle: Cycle, period: Period, nth: int = 1) -> Period | None:
    """The nth occurrence that begins in a period, from its end if negative."""
    years = range(period.start.year, min(period.end.year, period.start.year + 100) + 1)
    found = [
        each
        for year in years
        for each in occurrences(cycle, year)
        if period.start <= each.start < period.end
    ]
    index = nth - 1 if nth > 0 else nth
    return found[index] if -len(found) <= index < len(found) else None
