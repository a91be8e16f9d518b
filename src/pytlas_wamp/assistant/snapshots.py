"""Values that outlive the process, as JSON text (never pickle: text cannot run code).

Beside what JSON has, these are kept: tuples, dicts with any such values for keys, numbers
that JSON has no word for, `datetime`, `date`, `time`, `timedelta`, `relativedelta`, and
pytlas' `UnitValue`, `SlotValue` and `SlotValues`. Each is an object with one key, its
*tag*, such as `{"$date": "2026-11-23"}`. A dict that has a key with `$` in front, or one
that is no text, is written as `{"$dict": [[key, value], ...]}`, so nothing that a skill
keeps can be taken for a tag.

What is of any other type, subclasses included, is left out: an entry of a dict, an item of
a list, or the whole value that it is an indispensable part of. So is what is nested too
deeply, contains itself, or is too much. The log says where it was and what type it is of,
once, and never what it was.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from attrs import define, field
from dateutil.relativedelta import relativedelta, weekday
from dateutil.tz import tzlocal
from twisted.logger import Logger

from pytlas_wamp import compat
from pytlas_wamp.errors import OperatorError
from pytlas_wamp.local_time import find_zone

compat.import_pytlas()

from pytlas.understanding import SlotValue, SlotValues, UnitValue  # noqa: E402 - after compat

_log = Logger()
_VERSION = 1
# What one value of a skill may take, in characters; a value by itself counts for eight.
_ROOM = 262_144
_VALUE_ROOM = 8
_MAX_DEPTH = 20
# Lines in the log for one such value.
_MAX_NOTES = 10
# A whole text is made of such values, which were bounded before.
_TEXT_ROOM = 64 * _ROOM
_TEXT_DEPTH = 8 * _MAX_DEPTH
# Python reads and writes longer integers in hexadecimal only.
_MAX_DECIMAL_BITS = 14_000
_RELATIVE = ("years", "months", "days", "leapdays", "hours", "minutes", "seconds", "microseconds")
_ABSOLUTE = ("year", "month", "day", "hour", "minute", "second", "microsecond")
# What reading something else than was written comes to.
_DAMAGE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError)
# The name of the zone of the machine; no zone of the database is called so.
_LOCAL = "/local"


class BadSnapshot(OperatorError):
    """A text, or a state, is not what was written; nothing of it can be used."""

    def __init__(self) -> None:
        super().__init__("the snapshot of a conversation is damaged; it begins anew")


def dumps(state: Mapping[str, Any]) -> str:
    """Write a state as text, in ASCII; nothing at all is "".

    Args:
      state: of the types above; it may change meanwhile in another thread.
    """
    packed = _Packing(room=_TEXT_ROOM, max_depth=_TEXT_DEPTH).whole(dict(state), "")
    if not packed:
        return ""
    return json.dumps([_VERSION, packed], separators=(",", ":"), allow_nan=False)


def loads(text: str) -> dict[str, Any]:
    """Read what `dumps` wrote: equal values, of the same types.

    Raises:
      BadSnapshot: it was not written by this version, or is damaged.
    """
    if not text:
        return {}
    try:
        version, packed = json.loads(text)
    except _DAMAGE as error:
        raise BadSnapshot from error
    state = unpack(packed)
    if version != _VERSION or not isinstance(state, dict):
        raise BadSnapshot
    return state


def pack(value: Any, path: str) -> Any:
    """A copy of a value, bounded, in JSON's own types: equal for equal values.

    Args:
      value: of the types above; None when it cannot be kept.
      path: what the log calls the place where it is kept.
    """
    return _Packing(room=_ROOM, max_depth=_MAX_DEPTH).whole(value, path)


def unpack(packed: Any) -> Any:
    """The value that `pack` made this from.

    Raises:
      BadSnapshot: it did not.
    """
    try:
        return _unpacked(packed)
    except _DAMAGE as error:
        raise BadSnapshot from error


class _LeftOut(Exception):
    """A value cannot be kept; its text says why."""


@lru_cache(maxsize=1_000)
def _note(path: str, reason: str) -> None:
    """Tell once: a skill that keeps such a value has it at the end of each turn."""
    _log.warn("not kept over a restart: {path} ({reason})", path=path, reason=reason)


@define
class _Packing:
    """One copy in the making.

    Args:
      room: characters that are left.
      max_depth: how many containers may stand inside each other.
    """

    room: int
    max_depth: int
    _inside: list[int] = field(factory=list)
    _left_out: int = 0

    def whole(self, value: Any, path: str) -> Any:
        """The copy; None, and a line in the log, when the value cannot be kept."""
        kept = []
        with self._leaving_out(path):
            kept.append(self._packed(value, path))
        return kept[0] if kept else None

    @contextmanager
    def _leaving_out(self, path: str) -> Iterator[None]:
        """Go on after the block when a value in it cannot be kept."""
        try:
            yield
        except _LeftOut as left_out:
            self._left_out += 1
            if self._left_out <= _MAX_NOTES:
                _note(path, str(left_out))

    def _packed(self, value: Any, path: str) -> Any:
        kind = type(value)
        taken = _VALUE_ROOM + (_SIZES[kind](value) if kind in _SIZES else 0)
        if taken > self.room:
            raise _LeftOut(f"{kind.__qualname__}, too much")
        self.room -= taken
        if value is None or kind in (bool, str):
            return value
        if kind in _CONTAINERS:
            return self._container(_CONTAINERS[kind], value, path)
        if kind not in _LEAVES:
            raise _LeftOut(kind.__qualname__)
        return _LEAVES[kind](value)

    def _container(self, write: Callable[..., Any], value: Any, path: str) -> Any:
        if id(value) in self._inside:
            raise _LeftOut(f"{type(value).__qualname__} that contains itself")
        if len(self._inside) >= self.max_depth:
            raise _LeftOut(f"{type(value).__qualname__}, nested too deeply")
        self._inside.append(id(value))
        try:
            return write(self, value, path)
        finally:
            self._inside.pop()

    def _dict(self, value: dict[Any, Any], path: str) -> Any:
        # A copy, as everywhere: a skill may change it at this moment, in its own thread.
        pairs = []
        for key, inner in list(value.items()):
            if self.room < _VALUE_ROOM:
                _note(path, "too much")
                break
            here = f"{path}.{key}" if type(key) is str else f"{path}.[{type(key).__qualname__}]"
            here = here.lstrip(".")[:200]
            with self._leaving_out(here):
                pairs.append([self._packed(key, here), self._packed(inner, here)])
        plain = all(type(key) is str and not key.startswith("$") for key, _ in pairs)
        return dict(pairs) if plain else {"$dict": pairs}

    def _items(self, value: list[Any], path: str) -> list[Any]:
        kept = []
        here = f"{path}[]"
        for inner in list(value):
            if self.room < _VALUE_ROOM:
                _note(path, "too much")
                break
            with self._leaving_out(here):
                kept.append(self._packed(inner, here))
        return kept

    def _slot_values(self, value: Any, path: str) -> Any:
        return {"$slots": self._items(value, path)}

    def _tuple(self, value: tuple[Any, ...], path: str) -> Any:
        # None of its items could be left out without moving the others.
        return {"$tuple": [self._packed(inner, path) for inner in value]}

    def _unit_value(self, value: Any, path: str) -> Any:
        return {"$unit": [self._packed(value.value, path), self._packed(value.unit, path)]}

    def _slot_value(self, value: Any, path: str) -> Any:
        return {"$slot": [self._packed(value.value, path), self._packed(value.meta, path)]}

    def _relativedelta(self, value: Any, path: str) -> Any:
        parts = {name: getattr(value, name) for name in _RELATIVE}
        # 0.0 is kept, or it would come back as 0.
        parts = {name: part for name, part in parts.items() if part or type(part) is not int}
        parts |= {name: getattr(value, name) for name in _ABSOLUTE}
        fields = {
            name: self._packed(part, path) for name, part in parts.items() if part is not None
        }
        day = value.weekday
        return {"$relativedelta": [fields, None if day is None else [day.weekday, day.n]]}


def _int(value: int) -> Any:
    return {"$int": hex(value)} if value.bit_length() > _MAX_DECIMAL_BITS else value


def _float(value: float) -> Any:
    return value if math.isfinite(value) else {"$float": repr(value)}


def _datetime(value: datetime) -> Any:
    zone = _zone(value)
    if zone is not None and zone[1] is None:
        raise _LeftOut("datetime in a zone without an offset")
    return {"$datetime": [value.replace(tzinfo=None, fold=0).isoformat(), value.fold, zone]}


def _time(value: time) -> Any:
    zone = _zone(value)
    if zone is not None and zone[1] is None and not zone[0]:
        raise _LeftOut("time in a zone without an offset")
    return {"$time": [value.replace(tzinfo=None, fold=0).isoformat(), value.fold, zone]}


def _zone(value: Any) -> list[Any] | None:
    """Its name in the database, its seconds east and its short name; None without a zone."""
    zone = value.tzinfo
    if zone is None:
        return None
    name = ""
    if type(zone) is ZoneInfo:
        name = zone.key or ""
    elif type(zone) is tzlocal:
        name = _LOCAL
    try:
        offset, short_name = value.utcoffset(), value.tzname()
    except Exception:  # noqa: BLE001 - a zone may be of a skill's own making
        raise _LeftOut(f"a zone that fails: {type(zone).__qualname__}") from None
    # A time of a day has no offset in a zone whose offset changes.
    seconds = None if offset is None else offset.total_seconds()
    return [name, seconds, short_name if type(short_name) is str else None]


_SIZES: dict[type, Callable[[Any], int]] = {str: len, int: lambda value: value.bit_length() // 4}
_CONTAINERS: dict[type, Callable[..., Any]] = {
    dict: _Packing._dict,  # noqa: SLF001 - a table of its own
    list: _Packing._items,  # noqa: SLF001
    tuple: _Packing._tuple,  # noqa: SLF001
    SlotValues: _Packing._slot_values,  # noqa: SLF001
    SlotValue: _Packing._slot_value,  # noqa: SLF001
    UnitValue: _Packing._unit_value,  # noqa: SLF001
    relativedelta: _Packing._relativedelta,  # noqa: SLF001
}
_LEAVES: dict[type, Callable[[Any], Any]] = {
    int: _int,
    float: _float,
    datetime: _datetime,
    time: _time,
    date: lambda value: {"$date": value.isoformat()},
    timedelta: lambda value: {"$timedelta": [value.days, value.seconds, value.microseconds]},
}


def _unpacked(packed: Any) -> Any:
    if isinstance(packed, list):
        return [_unpacked(inner) for inner in packed]
    if not isinstance(packed, dict):
        return packed
    tag = next(iter(packed), "")
    if not tag.startswith("$"):
        return {key: _unpacked(inner) for key, inner in packed.items()}
    (body,) = packed.values()
    return _READERS[tag](body)


def _read_slot_values(body: list[Any]) -> Any:
    return SlotValues([_unpacked(inner) for inner in body])


def _read_slot_value(body: list[Any]) -> Any:
    value, meta = _unpacked(body)
    # Beside the constructor, which does not take every name.
    slot = SlotValue(value)
    slot.meta = meta
    return slot


def _read_relativedelta(body: list[Any]) -> Any:
    fields, day = body
    if not fields.keys() <= {*_RELATIVE, *_ABSOLUTE}:
        raise BadSnapshot
    on = None if day is None else weekday(*day)
    return relativedelta(weekday=on, **_unpacked(fields))


def _read_datetime(body: list[Any]) -> datetime:
    text, fold, zone = body
    naive = datetime.fromisoformat(text).replace(fold=fold)
    if zone is None:
        return naive
    name, seconds, short_name = zone
    moment = naive.replace(tzinfo=_named(name))
    offset = timedelta(seconds=seconds)
    # The moment counts for more than the zone, which may have other rules by now.
    return moment if moment.utcoffset() == offset else _fixed(naive, offset, short_name)


def _read_time(body: list[Any]) -> time:
    text, fold, zone = body
    naive = time.fromisoformat(text).replace(fold=fold)
    if zone is None:
        return naive
    name, seconds, short_name = zone
    if seconds is None or _named(name) is not None:
        return naive.replace(tzinfo=_named(name))
    return _fixed(naive, timedelta(seconds=seconds), short_name)


def _named(name: str) -> tzinfo | None:
    if name == _LOCAL:
        local: tzinfo = tzlocal()
        return local
    return find_zone(name) if name else None


def _fixed(naive: Any, offset: timedelta, short_name: str | None) -> Any:
    zone = timezone(offset) if short_name is None else timezone(offset, short_name)
    return naive.replace(tzinfo=UTC if (zone, short_name) == (UTC, "UTC") else zone)


_READERS: dict[str, Callable[[Any], Any]] = {
    "$dict": lambda body: {_unpacked(key): _unpacked(inner) for key, inner in body},
    "$tuple": lambda body: tuple(_unpacked(inner) for inner in body),
    "$slots": _read_slot_values,
    "$slot": _read_slot_value,
    "$unit": lambda body: UnitValue(*_unpacked(body)),
    "$relativedelta": _read_relativedelta,
    "$int": lambda body: int(body, 16),
    "$float": float,
    "$datetime": _read_datetime,
    "$time": _read_time,
    "$date": date.fromisoformat,
    "$timedelta": lambda body: timedelta(*body),
}
