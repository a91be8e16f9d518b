"""Rule actions for numbers, lengths of time, money, temperatures and percentages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve

from pytlas_wamp.understanding.builtins.values import ORDER, Amount, Duration

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytlas_wamp.understanding.builtins.values import Context

# Beyond these a length of time leaves the calendar, and a number its precision.
_MAX_COUNT = 1_000_000
_CENTS = 100
_MINUTES = 60


def _same(_: Context, values: tuple[Any, ...], __: str) -> Any:
    return values[0]


def _second(_: Context, values: tuple[Any, ...], __: str) -> Any:
    return values[1]


def _negate(_: Context, values: tuple[Any, ...], __: str) -> Any:
    return -values[0] if values[0] > 0 else None


def _decimal(_: Context, values: tuple[Any, ...], __: str) -> Any:
    whole, decimals = values
    return float(f"{whole}.{decimals}")


def _plus(_: Context, values: tuple[Any, ...], argument: str) -> Any:
    return values[0] + float(argument)


def _times(_: Context, values: tuple[Any, ...], __: str) -> Any:
    count, factor = values
    product = count * int(factor)
    return product if 0 < count < _MAX_COUNT else None


def _duration(_: Context, values: tuple[Any, ...], __: str) -> Any:
    count, unit = values
    return Duration(((unit, count),)) if 0 <= count <= _MAX_COUNT else None


def _unit(_: Context, values: tuple[Any, ...], argument: str) -> Any:
    return Duration(((values[0], float(argument)),))


def _length(_: Context, __: tuple[Any, ...], argument: str) -> Any:
    """A word that is a length of time by itself: "Viertelstunde"."""
    unit, count = argument.split()
    return Duration(((unit, float(count)),))


def _duration_plus(_: Context, values: tuple[Any, ...], argument: str) -> Any:
    """Reads "Two weeks and a half": a part of the last unit more."""
    *before, (unit, count) = values[0].parts
    if count != int(count):
        return None
    return evolve(values[0], parts=(*before, (unit, count + float(argument))))


def _duration_sum(_: Context, values: tuple[Any, ...], __: str) -> Any:
    first, second = values
    if ORDER[first.grain] >= ORDER[second.parts[0][0]]:
        return None
    return Duration((*first.parts, *second.parts), rough=first.rough or second.rough)


def _duration_rest(_: Context, values: tuple[Any, ...], __: str) -> Any:
    """Reads "Une heure trente": the bare number counts the next smaller unit."""
    length, count = values
    smaller = {"hour": "minute", "minute": "second"}.get(length.grain)
    if smaller is None or not 0 < count < _MINUTES or len(length.parts) > 1:
        return None
    return evolve(length, parts=(*length.parts, (smaller, count)))


def _rough(_: Context, values: tuple[Any, ...], __: str) -> Any:
    value = values[0]
    return (
        evolve(value, rough=True)
        if isinstance(value, Amount | Duration)
        else Amount(value, "", rough=True)
    )


def _amount(_: Context, values: tuple[Any, ...], argument: str) -> Any:
    """A number of a unit, which is the rule's argument or the second constituent."""
    return Amount(values[0], argument or values[1])


def _sign_first(_: Context, values: tuple[Any, ...], __: str) -> Any:
    return Amount(values[1], values[0])


def _one(_: Context, values: tuple[Any, ...], __: str) -> Any:
    return Amount(1, values[0])


def _cents_more(_: Context, values: tuple[Any, ...], __: str) -> Any:
    """Reads "Ten dollars fifty"."""
    money, cents, *_unit_word = values
    if money.value != int(money.value) or not 0 < cents < _CENTS or money.unit == "cent":
        return None
    return evolve(money, value=money.value + cents / _CENTS)


def _below_zero(_: Context, values: tuple[Any, ...], __: str) -> Any:
    return evolve(values[0], value=-values[0].value) if values[0].value > 0 else None


ACTIONS: dict[str, Callable[[Context, tuple[Any, ...], str], Any]] = {
    "same": _same,
    "first": _same,
    "second": _second,
    "negate": _negate,
    "decimal": _decimal,
    "plus": _plus,
    "times": _times,
    "duration": _duration,
    "unit": _unit,
    "length": _length,
    "duration_plus": _duration_plus,
    "duration_sum": _duration_sum,
    "duration_rest": _duration_rest,
    "rough": _rough,
    "amount": _amount,
    "sign_first": _sign_first,
    "one": _one,
    "cents_more": _cents_more,
    "below_zero": _below_zero,
}
