"""Rule actions for times of day and parts of the day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve

from pytlas_wamp.understanding.builtins import resolution
from pytlas_wamp.understanding.builtins.values import (
    HOURS_OF_HALF_A_DAY,
    MINUTES_OF_A_DAY,
    Clock,
    Clocks,
    Part,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytlas_wamp.understanding.builtins.values import Context

_LAST_HOUR = 24
_SIXTY = 60


def clock(context: Context, hour: Any, minute: Any = 0, grain: str = "hour") -> Clock | None:
    """A time of day in numbers as they are spoken, None if no clock shows it."""
    if not (0 <= hour <= _LAST_HOUR and 0 <= minute < _SIXTY) or (hour == _LAST_HOUR and minute):
        return None
    twelve = context.twelve and 1 <= hour <= HOURS_OF_HALF_A_DAY
    return Clock(int(hour), int(minute), 0, twelve, grain)


def _hour(context: Context, values: tuple[Any, ...], _: str) -> Any:
    return clock(context, values[0])


def _hour_minute(context: Context, values: tuple[Any, ...], _: str) -> Any:
    hour, minute = values
    return clock(context, hour, minute, "minute")


def _spoken_minutes(context: Context, values: tuple[Any, ...], _: str) -> Any:
    """Reads "Five thirty"; "five five" is no time, "five oh five" has a rule of its own."""
    hour, minute = values
    return clock(context, hour, minute, "minute") if minute >= 10 else None  # noqa: PLR2004


def _spoken_oh(context: Context, values: tuple[Any, ...], _: str) -> Any:
    hour, minute = values
    return clock(context, hour, minute, "minute") if minute < 10 else None  # noqa: PLR2004


def _moved(time: Clock, minutes: float) -> Clock | None:
    """A clock some minutes later; the halves of the day do not matter here."""
    if time.minute and minutes:
        return None
    total = (time.hour * _SIXTY + time.minute + int(minutes)) % MINUTES_OF_A_DAY
    hour, minute = divmod(total, _SIXTY)
    if time.twelve and hour == 0:
        hour = HOURS_OF_HALF_A_DAY
    if time.twelve and hour > HOURS_OF_HALF_A_DAY:
        hour -= HOURS_OF_HALF_A_DAY
    return evolve(time, hour=hour, minute=minute, grain="minute")


def _later(_: Context, values: tuple[Any, ...], argument: str) -> Any:
    return _moved(values[0], int(argument))


def _past(_: Context, values: tuple[Any, ...], __: str) -> Any:
    minutes, time = values
    return _moved(time, minutes) if 0 < minutes < _SIXTY else None


def _to(_: Context, values: tuple[Any, ...], __: str) -> Any:
    minutes, time = values
    return _moved(time, -minutes) if 0 < minutes < _SIXTY else None


def _plus_minutes(_: Context, values: tuple[Any, ...], __: str) -> Any:
    time, minutes = values
    return _moved(time, minutes) if 0 < minutes < _SIXTY else None


def _minus_minutes(_: Context, values: tuple[Any, ...], __: str) -> Any:
    time, minutes = values
    return _moved(time, -minutes) if 0 < minutes < _SIXTY else None


def _meridiem(_: Context, values: tuple[Any, ...], __: str) -> Any:
    time, half = values
    hour = time.hour
    if half == "am":
        if hour > HOURS_OF_HALF_A_DAY:
            return None
        hour %= HOURS_OF_HALF_A_DAY
    elif hour < HOURS_OF_HALF_A_DAY:
        hour += HOURS_OF_HALF_A_DAY
    return evolve(time, hour=hour, twelve=False)


def _hour_meridiem(context: Context, values: tuple[Any, ...], argument: str) -> Any:
    *numbers, half = values
    grain = "minute" if len(numbers) > 1 else "hour"
    time = clock(context, numbers[0], sum(numbers[1:]), grain)
    return time and _meridiem(context, (time, half), argument)


def _in_part(context: Context, values: tuple[Any, ...], _: str) -> Any:
    said, part = values
    time = said if isinstance(said, Clock) else clock(context, said)
    return time and resolution.in_part(time, part)


def _clocks(context: Context, values: tuple[Any, ...], _: str) -> Any:
    start, end = (each if isinstance(each, Clock) else clock(context, each) for each in values)
    if start is None or end is None or start == end:
        return None
    return Clocks(start, end)


def _clocks_in_part(_: Context, values: tuple[Any, ...], __: str) -> Any:
    span, part = values
    return Clocks(resolution.in_part(span.start, part), resolution.in_part(span.end, part))


def _first_half(_: Context, values: tuple[Any, ...], __: str) -> Any:
    part: Part = values[0]
    return Part(part.start, (part.start + part.end) // 2)


def _second_half(_: Context, values: tuple[Any, ...], __: str) -> Any:
    part: Part = values[0]
    return Part((part.start + part.end) // 2, part.end)


ACTIONS: dict[str, Callable[[Context, tuple[Any, ...], str], Any]] = {
    "hour": _hour,
    "hour_minute": _hour_minute,
    "spoken_minutes": _spoken_minutes,
    "spoken_oh": _spoken_oh,
    "later": _later,
    "past": _past,
    "to": _to,
    "plus_minutes": _plus_minutes,
    "minus_minutes": _minus_minutes,
    "meridiem": _meridiem,
    "hour_meridiem": _hour_meridiem,
    "in_part": _in_part,
    "clocks": _clocks,
    "clocks_in_part": _clocks_in_part,
    "first_half": _first_half,
    "second_half": _second_half,
}
