"""Reads the JSON object of a body as an attrs class: exactly, nothing coerced (spec 6.9).

A field may be left out when it has a default. `Absent` in the type of a field tells
being left out from null, which only a type with None accepts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Final, TypeVar, Union, get_args, get_origin

from attrs import asdict, fields, frozen, has
from cattrs import Converter
from cattrs.errors import ClassValidationError, ForbiddenExtraKeysError
from cattrs.gen import make_dict_structure_fn

from pytlas_wamp.errors import ClientError
from pytlas_wamp.transport.bodies import JSON, NO_TEXT, json_object

T = TypeVar("T")


class Absent(Enum):
    """Stands for a field that was left out."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


@frozen
class Shown:
    """A rule for texts that people are shown: so many characters, in one line, none unseen.

    Args:
      low: fewest characters; from 1 on it may not be blank either.
      high: most characters.
    """

    low: int
    high: int

    def complaint(self, text: str) -> str | None:
        """Returns what the text would have to be, None when it is that."""
        if not self.low <= len(text) <= self.high:
            return f"has to be {self.low} to {self.high} characters long"
        if _UNSEEN.search(text):
            return "contains control or invisible characters: leave them out"
        return "may not be blank" if self.low and not text.strip() else None


@frozen
class Length:
    """A rule for texts that nobody is shown, such as passwords.

    Args:
      low: fewest characters.
      high: most characters.
    """

    low: int
    high: int

    def complaint(self, text: str) -> str | None:
        """Returns what the text would have to be, None when it is that."""
        if self.low <= len(text) <= self.high:
            return None
        return f"has to be {self.low} to {self.high} characters long"


# Control, soft hyphen, zero width, direction, line and paragraph separators, byte order
# mark: with them two texts could look the same, or run over others (spec/openapi.yaml).
_UNSEEN = re.compile("[\0-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")

_MAX_SHOWN_CHARACTERS: Final = 100  # of a field's name that the peer made up


def read_object(content: bytes, content_type: str | None, cls: type[T], *, max_depth: int) -> T:
    """Returns what a body says.

    Args:
      content: all of it.
      content_type: the header, or None.
      cls: an attrs class, whose fields are those of the object.
      max_depth: how deep JSON may be nested.

    Raises:
      ClientError: `unsupported-media-type`, `malformed-json` or `invalid-request`; the
        last one with the field it is about, and with what would be right.
    """
    if (content_type or "").partition(";")[0].strip().lower() != JSON:
        raise ClientError("unsupported-media-type", f"The Content-Type has to be {JSON}.")
    document = json_object(content, max_depth)
    # Read once more: a name that stands twice has been lost above.
    json.loads(content.decode(), object_pairs_hook=_each_once)
    _check_texts(document, "")
    try:
        return _CONVERTER.structure(document, cls)
    except ClassValidationError as error:
        raise _complaint(error, "") from None


def present(body: Any) -> dict[str, Any]:
    """Returns the fields of a body that were not left out, by name."""
    found = asdict(body, recurse=False)
    return {name: value for name, value in found.items() if value is not ABSENT}


def invalid(field: str, complaint: str) -> ClientError:
    """Returns the refusal of a field: its name, and what it would have to be."""
    shown = NO_TEXT.sub("\ufffd", field)  # not every reader of JSON takes half a character
    if len(shown) > _MAX_SHOWN_CHARACTERS:
        shown = shown[:_MAX_SHOWN_CHARACTERS] + "…"
    return ClientError("invalid-request", f'"{shown}" {complaint}.', field=shown or None)


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise invalid(name, "is there twice: send it once")
        found[name] = value
    return found


def _check_texts(value: object, path: str) -> None:
    if isinstance(value, str) and NO_TEXT.search(value):
        raise invalid(path, "contains a NUL or half a character")
    if isinstance(value, dict):
        for name, inner in value.items():
            _check_texts(name, _below(path, name))
            _check_texts(inner, _below(path, name))
    if isinstance(value, list):
        for index, inner in enumerate(value):
            _check_texts(inner, _below(path, str(index)))


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _complaint(error: ClassValidationError, path: str) -> ClientError:
    """The first thing that is wrong, and where."""
    noted, others = error.group_exceptions()
    for inner, note in noted:
        place = _below(path, note.name)
        if isinstance(inner, ClassValidationError):
            return _complaint(inner, place)
        return invalid(place, "is missing" if isinstance(inner, KeyError) else str(inner))
    (unknown,) = (other for other in others if isinstance(other, ForbiddenExtraKeysError))
    known = ", ".join(attribute.name for attribute in fields(unknown.cl))
    return invalid(
        _below(path, min(unknown.extra_fields)), f"is no field here: there may be {known}"
    )


def _strict(expected: type, description: str) -> Any:
    def structure(value: object, _: type) -> object:
        if type(value) is not expected:
            raise ValueError(f"has to be {description}")
        return value

    return structure


def _structure_union(union: Any) -> Any:
    members = get_args(union)
    (inner,) = (member for member in members if member not in (NoneType, Absent))
    hook = _CONVERTER.get_structure_hook(inner)

    def structure(value: object, _: type) -> object:
        if value is None and NoneType in members:
            return None
        return hook(value, inner)

    return structure


def _structure_ruled(annotated: Any) -> Any:
    inner, rule = get_args(annotated)
    hook = _CONVERTER.get_structure_hook(inner)

    def structure(value: object, _: type) -> Any:
        text = hook(value, inner)
        complaint = rule.complaint(text)
        if complaint is not None:
            raise ValueError(complaint)
        return text

    return structure


def _structure_class(cls: Any) -> Any:
    build = make_dict_structure_fn(cls, _CONVERTER)

    def structure(value: Any, _: type) -> object:
        if type(value) is not dict:
            raise ValueError("has to be an object")
        return build(value, cls)

    return structure


def _is(*origins: object) -> Callable[[Any], bool]:
    return lambda hint: get_origin(hint) in origins


def _make_converter() -> Converter:
    converter = Converter(detailed_validation=True, forbid_extra_keys=True)
    converter.register_structure_hook(str, _strict(str, "a string"))
    converter.register_structure_hook(bool, _strict(bool, "a boolean"))
    converter.register_structure_hook(int, _strict(int, "a whole number"))
    converter.register_structure_hook_func(_is(dict), _strict(dict, "an object"))
    converter.register_structure_hook_factory(_is(UnionType, Union), _structure_union)
    converter.register_structure_hook_factory(_is(Annotated), _structure_ruled)
    converter.register_structure_hook_factory(has, _structure_class)
    return converter


_CONVERTER: Final = _make_converter()
