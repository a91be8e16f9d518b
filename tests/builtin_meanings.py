"""How the tests of builtin entities write values, and the moment at which they speak."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from pytlas_wamp.understanding.builtins import BuiltinParser

from pytlas.understanding import UnitValue  # isort: skip - compat comes first

# A Wednesday.
NOW = datetime(2018, 2, 14, 10, 20, 30, tzinfo=ZoneInfo("Europe/Paris"))
_UNITS = ("years", "months", "days", "hours", "minutes", "seconds")


def described(value):
    """A value in a form that JSON has: times without zone, lengths by unit."""
    if isinstance(value, datetime):
        assert value.tzinfo is not None
        return value.replace(tzinfo=None).isoformat(" ")
    if isinstance(value, tuple):
        return [None if side is None else described(side) for side in value]
    if isinstance(value, relativedelta):
        return {unit: getattr(value, unit) for unit in _UNITS if getattr(value, unit)}
    if isinstance(value, UnitValue):
        return [value.value, value.unit]
    return value


def short(value):
    """The same, without midnights and whole minutes, both sides of an interval in one."""
    if isinstance(value, list):
        return " .. ".join("" if side is None else short(side) for side in value)
    if isinstance(value, str):
        return value.removesuffix(" 00:00:00").removesuffix(":00")
    return value


def meaning(text, entity="snips/datetime", *, language="en", now=NOW):
    """What a whole text means, None if it is not understood."""
    match = BuiltinParser(language).parse_whole(text, entity, now=now)
    return None if match is None else described(match.value)


def when(text, *, language="en", now=NOW):
    """When a whole text is, in short."""
    return short(meaning(text, language=language, now=now))
