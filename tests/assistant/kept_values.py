"""Values that a snapshot keeps, and what it means that two of them are the same."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta, weekday
from dateutil.tz import tzlocal
from hypothesis import strategies as st
from pytlas.understanding import SlotValue, SlotValues, UnitValue

from strategies import texts

ZONES = ("Europe/Paris", "America/St_Johns", "Asia/Tokyo", "UTC", "Africa/Casablanca")
# What a tag looks like, and what only starts like one.
TAGS = ("$", "$date", "$dict", "$slot", "$unknown")

_OFFSETS = st.timedeltas(timedelta(hours=-23), timedelta(hours=23))
_FIXED = st.one_of(
    st.just(UTC),
    _OFFSETS.map(timezone),
    st.builds(timezone, _OFFSETS, texts(min_size=1, max_size=4)),
)
_ZONES = st.one_of(st.sampled_from(ZONES).map(ZoneInfo), st.builds(tzlocal), _FIXED)


def _moments() -> st.SearchStrategy[datetime]:
    # Not at the very ends of time, where a zone leads out of it.
    bounds = {"min_value": datetime(2, 1, 1), "max_value": datetime(9998, 1, 1)}  # noqa: DTZ001 - as Hypothesis wants them
    folded = st.builds(
        lambda moment, fold: moment.replace(fold=fold),
        st.datetimes(**bounds, timezones=st.none() | _ZONES),
        st.integers(0, 1),
    )
    # An hour that is there twice.
    twice = st.builds(
        lambda minute, fold: datetime(
            2026, 10, 25, 2, minute, tzinfo=ZoneInfo("Europe/Paris"), fold=fold
        ),
        st.integers(0, 59),
        st.integers(0, 1),
    )
    return folded | twice


def _times() -> st.SearchStrategy[time]:
    return st.builds(
        lambda moment, zone, fold: moment.replace(tzinfo=zone, fold=fold),
        st.times(),
        st.none() | _ZONES,
        st.integers(0, 1),
    )


_WHOLE = st.integers(-1_000, 1_000)
_RELATIVE = st.builds(
    relativedelta,
    years=_WHOLE,
    months=_WHOLE,
    days=_WHOLE | st.floats(-10, 10),
    hours=_WHOLE | st.floats(-10, 10),
    minutes=_WHOLE,
    seconds=_WHOLE,
    microseconds=_WHOLE,
    leapdays=st.integers(-1, 1),
    year=st.none() | st.integers(1, 9999),
    month=st.none() | st.integers(1, 12),
    day=st.none() | st.integers(1, 31),
    hour=st.none() | st.integers(0, 23),
    minute=st.none() | st.integers(0, 59),
    second=st.none() | st.integers(0, 59),
    microsecond=st.none() | st.integers(0, 999_999),
    weekday=st.none()
    | st.builds(weekday, st.integers(0, 6), st.none() | st.sampled_from([-5, -1, 1, 2])),
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    texts(max_size=10),
    _moments(),
    st.dates(),
    _times(),
    st.timedeltas(),
    _RELATIVE,
)
KEYS = (
    st.sampled_from(TAGS)
    | texts(max_size=5)
    | st.integers()
    | st.none()
    | st.dates()
    | st.tuples(st.integers(), st.text(max_size=2))
)


def _slot_value(value: Any, meta: dict[str, Any]) -> Any:
    slot = SlotValue(value)
    slot.meta = meta
    return slot


def _around(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    named = st.dictionaries(texts(max_size=5), inner, max_size=2)
    slots = st.builds(_slot_value, inner, named)
    return st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(KEYS, inner, max_size=3),
        st.builds(UnitValue, inner, inner),
        slots,
        st.lists(slots, max_size=2).map(SlotValues),
    )


VALUES = st.recursive(SCALARS, _around, max_leaves=6)
STATES = st.dictionaries(texts(max_size=5) | st.sampled_from(TAGS), VALUES, max_size=4)


def shown(value: Any) -> Any:
    """All there is to see of a value, so that what looks the same is the same."""
    kind = type(value)
    if kind in (list, tuple, SlotValues):
        return (kind.__name__, [shown(inner) for inner in value])
    if kind is dict:
        return ("dict", [(shown(key), shown(inner)) for key, inner in value.items()])
    if kind in (SlotValue, UnitValue):
        return (kind.__name__, shown(vars(value)))
    if kind is relativedelta:
        return ("relativedelta", shown({**vars(value), "weekday": repr(value.weekday)}))
    if kind in (datetime, time):
        naive = value.replace(tzinfo=None)
        return (kind.__name__, repr(naive), value.utcoffset(), value.tzname(), _zone(value))
    return (kind.__name__, repr(value))


def _zone(value: Any) -> str:
    return type(value.tzinfo).__name__ + str(getattr(value.tzinfo, "key", ""))
