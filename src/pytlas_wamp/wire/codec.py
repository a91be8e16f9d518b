"""Between the text of a frame and a message: accepts what the schema accepts, no more.

`decode_*` raise `ClientError` and nothing else, whatever they are given; the
detail names the place and what would be right there (spec 7.1).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from attrs import fields, has, resolve_types
from cattrs import Converter, transform_error
from cattrs.errors import BaseValidationError
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from pytlas_wamp.errors import ClientError
from pytlas_wamp.wire.codes import ErrorCode
from pytlas_wamp.wire.frequent import JSON, READERS, WRITERS, NotPlain
from pytlas_wamp.wire.messages import (
    CLIENT_MESSAGES,
    SERVER_MESSAGES,
    AnswerData,
    AskData,
    Bounds,
    ClientMessage,
    Length,
    Message,
    ServerMessage,
    is_absent_allowed,
)

T = TypeVar("T")
_Hook = Callable[[Any, Any], Any]


def decode_client(text: str, *, max_depth: int) -> ClientMessage:
    """Read a frame that a client sent.

    Args:
      text: the whole text frame; its size is bounded by the transport.
      max_depth: how many objects and arrays may stand inside each other.

    Raises:
      ClientError: with one of the first five codes of spec 7.1.
    """
    document = parse_json(text, max_depth=max_depth)
    kind = document.get("type", Message.TYPE if "message" in document else None)
    read = READERS.get(kind) if isinstance(kind, str) else None
    message = None if read is None else read(document)
    if message is not None:
        return message
    if kind is None and "type" not in document:
        raise ClientError(
            ErrorCode.INVALID_MESSAGE,
            'a frame needs a "type" ("authenticate", "message" or "cancel"), or a "message"',
        )
    return _decode(document, kind, _CLIENT_BY_TYPE)


def decode_server(text: str, *, max_depth: int = 64) -> ServerMessage:
    """Read a frame that a server sent, as clients and tests do.

    Raises:
      ClientError: with the same codes; a client ignores `unknown-type` (spec 9.1).
    """
    document = parse_json(text, max_depth=max_depth)
    return _decode(document, document.get("type"), _SERVER_BY_TYPE)


def encode(message: ClientMessage | ServerMessage) -> str:
    """Write a message as the text of a frame, ASCII only.

    ASCII because a skill may say a lone surrogate, which JSON can escape and UTF-8
    cannot carry.

    The same message again, as the log and each device want it one after the other, is the
    same text.
    """
    latest, text = _LATEST[0]
    if latest is not message:
        text = _encode(message)
        _LATEST[0] = (message, text)
    return text


def _encode(message: ClientMessage | ServerMessage) -> str:
    write = WRITERS.get(type(message))
    if write is not None:
        try:
            return write(message)
        except (NotPlain, TypeError, ValueError, RecursionError):
            pass  # the general way either can write it or says what is wrong
    return JSON.encode(to_document(message))


# The message that was written last, with its text. One is enough: a frame goes to all who
# want it before there is another.
_LATEST: list[tuple[object, str]] = [(None, "")]


def to_document(message: ClientMessage | ServerMessage) -> dict[str, Any]:
    """The JSON object of a message, `type` first."""
    return {"type": message.TYPE, **_CONVERTER.unstructure(message)}


def parse_json(text: str, *, max_depth: int) -> dict[str, Any]:
    """Read a text as one JSON object.

    Raises:
      ClientError: `malformed-json`, `not-an-object` or `too-deep`.
    """
    try:
        # What `json.loads` says of a byte order mark is clearer.
        document = json.loads(text) if text.startswith("\ufeff") else _READ_JSON(text)
    except RecursionError:
        raise _too_deep(max_depth) from None
    except json.JSONDecodeError as error:
        raise ClientError(ErrorCode.MALFORMED_JSON, f"the frame is not JSON: {error}") from None
    except ValueError:
        raise ClientError(
            ErrorCode.MALFORMED_JSON,
            "the numbers of a frame must be finite, with at most 4300 digits",
        ) from None
    if not isinstance(document, dict):
        raise ClientError(
            ErrorCode.NOT_AN_OBJECT, f"a frame must be a JSON object, not {_name_of(document)}"
        )
    # So many brackets are needed for it at least; most frames have one.
    if text.count("{") + text.count("[") > max_depth and _is_deeper(document, max_depth):
        raise _too_deep(max_depth)
    return document


def _too_deep(max_depth: int) -> ClientError:
    return ClientError(ErrorCode.TOO_DEEP, f"a frame may be nested {max_depth} levels deep")


def _read_float(text: str) -> float:
    # Infinity is what Python makes of 1e999 too, and no JSON writer could send it on.
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


# Made once: to make it takes longer than to read a small frame.
_READ_JSON = json.JSONDecoder(parse_float=_read_float, parse_constant=_read_float).decode


def _is_deeper(document: object, max_depth: int) -> bool:
    level = [document]
    for _ in range(max_depth):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)  # type: ignore[attr-defined]
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def _decode(document: dict[str, Any], kind: object, known: dict[str, type[T]]) -> T:
    cls = known.get(kind) if isinstance(kind, str) else None
    if cls is None:
        expected = ", ".join(f'"{name}"' for name in known)
        code = ErrorCode.UNKNOWN_TYPE if isinstance(kind, str) else ErrorCode.INVALID_MESSAGE
        raise ClientError(code, f'"type" must be one of {expected}, not {_quote(kind)}')
    try:
        return _CONVERTER.structure(document, cls)
    except BaseValidationError as error:
        problem, _, place = transform_error(
            error, path=cls.__name__.lower(), format_exception=_describe
        )[0].partition(" @ ")
        raise ClientError(ErrorCode.INVALID_MESSAGE, f"{place} {problem}") from None


def _describe(error: BaseException, _type: type | None) -> str:
    if isinstance(error, KeyError):
        return "is missing"
    return str(error)


_JSON_NAMES = {
    dict: "an object",
    list: "an array",
    str: "a string",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    NoneType: "null",
}


def _name_of(value: object) -> str:
    return _JSON_NAMES[type(value)]


def _quote(value: object) -> str:
    if isinstance(value, str):
        return json.dumps(value if len(value) <= 40 else value[:40] + "...")  # noqa: PLR2004 - a line of text
    return _name_of(value)


def _strict(expected: type, description: str) -> _Hook:
    def structure(value: object, _: type) -> object:
        if type(value) is not expected:
            raise ValueError(f"must be {description}, not {_name_of(value)}")
        return value

    return structure


def _structure_int(value: object, _: type) -> int:
    # JSON Schema calls 1.0 an integer; Python's reader makes a float of it.
    if type(value) is int:
        return value
    if type(value) is float and value.is_integer():
        return int(value)
    raise ValueError(f"must be an integer, not {_name_of(value)}")


def _structure_float(value: object, _: type) -> float:
    if type(value) is float or type(value) is int:
        return value
    raise ValueError(f"must be a number, not {_name_of(value)}")


def _structure_annotated(annotated: Any) -> _Hook:
    inner, rule = get_args(annotated)[:2]
    plain = _CONVERTER.get_structure_hook(inner)

    def structure(value: object, _: type) -> Any:
        result: Any = plain(value, inner)
        size = len(result) if isinstance(rule, Length) else result
        if size < rule.low or (rule.high is not None and size > rule.high):
            raise ValueError(_rule_text(rule))
        return result

    return structure


def _rule_text(rule: Bounds | Length) -> str:
    unit = " characters long" if isinstance(rule, Length) else ""
    if rule.high is None:
        return f"must be at least {rule.low}{unit}"
    return f"must be {rule.low} to {rule.high}{unit}"


def _structure_nullable(union: Any) -> _Hook:
    (inner,) = (member for member in get_args(union) if member is not NoneType)
    present = _CONVERTER.get_structure_hook(inner)

    def structure(value: object, _: type) -> object:
        return None if value is None else present(value, inner)

    return structure


def _structure_list(hint: Any) -> _Hook:
    (inner,) = get_args(hint)
    item_hook = _CONVERTER.get_structure_hook(inner)

    def structure(value: object, _: type) -> list[Any]:
        if type(value) is not list:
            raise ValueError(f"must be an array, not {_name_of(value)}")
        return [item_hook(item, inner) for item in value]

    return structure


def _structure_class(cls: Any) -> _Hook:
    """Objects must be objects, and what may be absent may still not be null."""
    overrides: dict[str, Any] = {}
    for attribute in fields(resolve_types(cls)):
        if is_absent_allowed(attribute):
            (inner,) = (m for m in get_args(attribute.type) if m is not NoneType)
            hook = _CONVERTER.get_structure_hook(inner)
            overrides[attribute.name] = override(struct_hook=hook)
    build = make_dict_structure_fn(cls, _CONVERTER, **overrides)

    def structure(value: Any, _: type) -> object:
        if type(value) is not dict:
            raise ValueError(f"must be an object, not {_name_of(value)}")
        return build(value, cls)

    return structure


def _structure_open_data(cls: Any) -> _Hook:
    """Bodies whose unknown keys are the skill's metadata (spec 4.8, 4.9)."""
    own = [attribute.name for attribute in fields(cls) if attribute.name != "meta"]
    build = make_dict_structure_fn(resolve_types(cls), _CONVERTER)

    def structure(value: Any, _: type) -> object:
        if type(value) is not dict:
            raise ValueError(f"must be an object, not {_name_of(value)}")
        known = {key: value[key] for key in own if key in value}
        meta = {key: item for key, item in value.items() if key not in own}
        return build({**known, "meta": meta}, cls)

    return structure


def _unstructure_class(cls: Any) -> Callable[[Any], dict[str, Any]]:
    omitted: dict[str, Any] = {
        attribute.name: override(omit_if_default=True)
        for attribute in fields(cls)
        if is_absent_allowed(attribute)
    }
    return make_dict_unstructure_fn(cls, _CONVERTER, **omitted)


def _unstructure_open_data(cls: Any) -> Callable[[Any], dict[str, Any]]:
    plain = make_dict_unstructure_fn(cls, _CONVERTER)

    def unstructure(body: Any) -> dict[str, Any]:
        document = plain(body)
        meta = document.pop("meta")
        return {**meta, **document}

    return unstructure


def _origin(hint: Any) -> Any:
    return get_origin(hint)


def _is_dict(hint: Any) -> bool:
    return _origin(hint) is dict


def _is_list(hint: Any) -> bool:
    return _origin(hint) is list


def _is_union(hint: Any) -> bool:
    return _origin(hint) in (UnionType, Union)


def _is_ruled(hint: Any) -> bool:
    return _origin(hint) is Annotated


def _is_open_data(hint: Any) -> bool:
    return hint in (AnswerData, AskData)


def _make_converter() -> Converter:
    converter = Converter(detailed_validation=True)
    converter.register_structure_hook(str, _strict(str, "a string"))
    converter.register_structure_hook(bool, _strict(bool, "a boolean"))
    converter.register_structure_hook(int, _structure_int)
    converter.register_structure_hook(float, _structure_float)
    converter.register_structure_hook_func(_is_dict, _strict(dict, "an object"))
    converter.register_structure_hook_factory(_is_list, _structure_list)
    converter.register_structure_hook_factory(_is_union, _structure_nullable)
    converter.register_structure_hook_factory(_is_ruled, _structure_annotated)
    converter.register_structure_hook_factory(has, _structure_class)
    converter.register_structure_hook_factory(_is_open_data, _structure_open_data)
    converter.register_unstructure_hook_factory(has, _unstructure_class)
    converter.register_unstructure_hook_factory(_is_open_data, _unstructure_open_data)
    return converter


_CONVERTER = _make_converter()
_CLIENT_BY_TYPE: dict[str, type[ClientMessage]] = {cls.TYPE: cls for cls in CLIENT_MESSAGES}
_SERVER_BY_TYPE: dict[str, type[ServerMessage]] = {cls.TYPE: cls for cls in SERVER_MESSAGES}

# Made now rather than for the first frame of each kind, which somebody waits for.
for _cls in (*CLIENT_MESSAGES, *SERVER_MESSAGES):
    _CONVERTER.get_structure_hook(_cls)
    _CONVERTER.get_unstructure_hook(_cls)
