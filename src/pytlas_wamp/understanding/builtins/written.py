"""Dates and times in digits: "2018-09-03", "4/10/2026", "17h30", "00:47:43"."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from pytlas_wamp.understanding.builtins.values import Clock, Cycle, Duration, Moment, Period

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytlas_wamp.understanding.builtins.tokens import Tokens
    from pytlas_wamp.understanding.builtins.values import Context

_ISO = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?![0-9])")
_ISO_TIME = re.compile(
    r"[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?(?:[.,][0-9]{1,6})?(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_DATE = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})(?![0-9])")
_SHORT_DATE = re.compile(r"([0-9]{1,2})/([0-9]{1,2})(?![0-9/])")
_DOTTED_DATE = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.(?![0-9])")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?(?![0-9:])")
_H_CLOCK = re.compile(
    r"([0-9]{1,2}) ?[hH] ?([0-9]{2})(?: ?(?:m|mn|min) ?([0-9]{2})? ?s?)?(?![0-9\w])"
)
_DOT_CLOCK = re.compile(r"([0-9]{1,2})\.([0-9]{2})()(?![0-9])(?!\.[0-9])")
# Of years in two digits, these belong to the past century.
_FIRST_PAST_YEAR = 70
_LAST_HOUR_OF_TWELVE = 12

Seed = tuple[str, int, Any]


def seeds(tokens: Tokens, index: int, context: Context, *, month_first: bool) -> Iterator[Seed]:
    """What is written in digits from a token on: category, token behind it, value."""
    if index and tokens.touches(index) and tokens.keys[index - 1] in ("/", ":", "."):
        return
    yield from _dates(tokens, index, context, month_first=month_first)
    yield from _clocks(tokens, index, context)


def _dates(tokens: Tokens, index: int, context: Context, *, month_first: bool) -> Iterator[Seed]:
    text, start = tokens.text, tokens.starts[index]
    if match := _ISO.match(text, start):
        found = _day(match[1], match[2], match[3])
        time = _ISO_TIME.match(text, match.end())
        if found and time and (end := tokens.after(time.end())):
            yield from _moment(context, found, time, end)
        yield from _seed(tokens, match, "date", found)
    elif match := _DATE.match(text, start):
        yield from _seed(tokens, match, "date", _in_order(match, month_first=month_first))
    elif match := _SHORT_DATE.match(text, start):
        first, second = int(match[1]), int(match[2])
        month, day = (first, second) if month_first else (second, first)
        if _day("2000", month, day):
            yield from _seed(tokens, match, "monthday", Cycle("monthday", (month, day)))
    elif (match := _DOTTED_DATE.match(text, start)) and _day("2000", match[2], match[1]):
        value = Cycle("monthday", (int(match[2]), int(match[1])))
        yield from _seed(tokens, match, "monthday", value)


def _seed(tokens: Tokens, match: re.Match[str], category: str, value: Any) -> Iterator[Seed]:
    end = tokens.after(match.end())
    if end is not None and value is not None:
        yield category, end, value


def _moment(context: Context, day: Period, time: re.Match[str], end: int) -> Iterator[Seed]:
    hour, minute, second = int(time[1]), int(time[2]), int(time[3] or 0)
    if hour < 24 and minute < 60 and second < 60:  # noqa: PLR2004 - what clocks show
        # An offset says the zone; times without one are of the reference zone.
        grain = "second" if time[3] else "minute"
        when = context.at(day.start, Clock(hour, minute, second))
        if time[4]:
            when = context.in_offset(day.start, Clock(hour, minute, second), time[4])
        yield "moment", end, Moment(when, grain)


def _day(year: Any, month: Any, day: Any) -> Period | None:
    try:
        start = date(int(year), int(month), int(day))
        return Period(start, date.fromordinal(start.toordinal() + 1))
    except ValueError:
        return None


def _in_order(match: re.Match[str], *, month_first: bool) -> Period | None:
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    if len(match[4]) == 2:  # noqa: PLR2004 - "98", "26"
        year += 1900 if year >= _FIRST_PAST_YEAR else 2000
    month, day = (first, second) if month_first and match[2] != "." else (second, first)
    # "25/12/2026" has one reading whatever the language's order.
    return _day(year, month, day) or _day(year, day, month)


def _clocks(tokens: Tokens, index: int, context: Context) -> Iterator[Seed]:
    text, start = tokens.text, tokens.starts[index]
    if match := _CLOCK.match(text, start):
        time = _clock(match, twelve=context.twelve and match[1][0] != "0")
        yield from _seed(tokens, match, "clockseed", time)
        if match[3] and int(match[2]) < 60 and int(match[3]) < 60:  # noqa: PLR2004 - h:mm:ss
            yield from _seed(tokens, match, "duration", _length(match))
    elif match := _H_CLOCK.match(text, start):
        yield from _seed(tokens, match, "clockseed", _clock(match, twelve=False))
        if int(match[2]) < 60:  # noqa: PLR2004 - 1h30
            yield from _seed(tokens, match, "duration", _length(match))
    elif match := _DOT_CLOCK.match(text, start):
        time = _clock(match, twelve=context.twelve and match[1][0] != "0")
        yield from _seed(tokens, match, "dotclock", time)


def _clock(match: re.Match[str], *, twelve: bool) -> Clock | None:
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    if hour > 24 or minute > 59 or second > 59 or (hour == 24 and (minute or second)):  # noqa: PLR2004 - what clocks show
        return None
    twelve = twelve and 1 <= hour <= _LAST_HOUR_OF_TWELVE
    return Clock(hour, minute, second, twelve, "second" if match[3] else "minute")


def _length(match: re.Match[str]) -> Duration:
    units = ("hour", "minute", "second")
    said = zip(units, match.groups(), strict=True)
    parts = tuple((unit, int(text)) for unit, text in said if text and int(text))
    return Duration(parts or (("second", 0),))
