"""Reads the fields of a request's body: JSON, or either kind of form (spec 6).

Whatever the bytes are, the outcome is the fields or a ClientError.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from pytlas_wamp.errors import ClientError
from pytlas_wamp.wire.codec import parse_json
from pytlas_wamp.wire.codes import ErrorCode

JSON: Final = "application/json"
_FORM: Final = "application/x-www-form-urlencoded"
_MULTIPART: Final = "multipart/form-data"

# More than any form of ours has; parsing stops there.
_MAX_FIELDS: Final = 100

_BOUNDARY = re.compile(r';\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))', re.IGNORECASE)
_PART_NAME = re.compile(
    rb'^content-disposition:\s*form-data\b[^\r\n]*?;\s*name=(?:"([^"\r\n]*)"|([^\s;"]+))',
    re.IGNORECASE | re.MULTILINE,
)

# Half a character or NUL is no text: neither hashes nor databases take them.
NO_TEXT: Final = re.compile("[\0\ud800-\udfff]")

_NOT_JSON: Final[Mapping[str, str]] = {
    ErrorCode.MALFORMED_JSON: "The body is not JSON.",
    ErrorCode.NOT_AN_OBJECT: "The body has to be a JSON object with the fields.",
    ErrorCode.TOO_DEEP: "The JSON of the body is nested too deep.",
}


def read_fields(
    body: bytes,
    content_type: str | None,
    names: tuple[str, ...],
    *,
    optional: tuple[str, ...] = (),
    max_depth: int,
) -> tuple[str, ...]:
    """Returns the values of the fields, `names` and then `optional`; others are ignored.

    Args:
      body: all of it.
      content_type: the header, or None.
      names: of the fields, each of which has to be a text that is not blank.
      optional: those that may be left out (then they are empty), or be any text.
      max_depth: how deep JSON may be nested.

    Raises:
      ClientError: `malformed-json`, `invalid-request` (the detail names the fields) or
        `unsupported-media-type`.
    """
    fields = dict.fromkeys(optional, "") | dict(_fields(body, content_type, max_depth))
    complaints = {name: _complaint(fields, name) for name in names}
    complaints |= {name: _mistype(fields[name]) for name in optional}
    wrong = {name: complaint for name, complaint in complaints.items() if complaint}
    if wrong:
        detail = ", ".join(f'"{name}" {complaint}' for name, complaint in wrong.items()) + "."
        raise ClientError("invalid-request", detail, field=next(iter(wrong)))
    return tuple(str(fields[name]) for name in (*names, *optional))


def _fields(body: bytes, content_type: str | None, max_depth: int) -> Mapping[str, object]:
    if content_type is None and not body:
        return {}
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind not in {JSON, _FORM, _MULTIPART}:
        raise ClientError(
            "unsupported-media-type",
            f"The Content-Type has to be {JSON}, {_FORM} or {_MULTIPART}.",
        )
    if kind == JSON:
        return json_object(body, max_depth)
    try:
        if kind == _FORM:
            return _form_fields(body)
        return _multipart_fields(body, content_type or "")
    except ValueError as error:
        raise _invalid("The body is not a form in UTF-8 as its Content-Type says.") from error


def json_object(body: bytes, max_depth: int) -> Mapping[str, object]:
    """Returns the JSON object of a body; raises ClientError `malformed-json`."""
    try:
        # UTF-8 whatever a charset says: JSON has no other (RFC 8259 8.1).
        return parse_json(body.decode(), max_depth=max_depth)
    except UnicodeDecodeError as error:
        raise ClientError("malformed-json", "The body is not UTF-8.") from error
    except ClientError as error:
        raise ClientError("malformed-json", _NOT_JSON[error.code]) from error


def _form_fields(body: bytes) -> Mapping[str, object]:
    return dict(
        parse_qsl(
            body.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS
        )
    )


def _multipart_fields(body: bytes, content_type: str) -> Mapping[str, object]:
    boundary = _BOUNDARY.search(content_type)
    if boundary is None:
        raise ValueError("no boundary")
    delimiter = b"\r\n--" + (boundary[1] or boundary[2]).encode()
    # The first delimiter may stand at the very beginning, without a line before it.
    _, *parts = (b"\r\n" + body).split(delimiter, _MAX_FIELDS)
    fields: dict[str, object] = {}
    for part in parts:
        if part.startswith(b"--"):
            return fields
        name, value = _part(part)
        fields[name] = value
    raise ValueError("no end")


def _part(part: bytes) -> tuple[str, str]:
    # The padding behind a delimiter is part of it (RFC 2046 5.1.1).
    head, blank_line, content = part.lstrip(b" \t").partition(b"\r\n\r\n")
    name = _PART_NAME.search(head)
    if not head.startswith(b"\r\n") or not blank_line or name is None:
        raise ValueError("no part of a form")
    return (name[1] or name[2] or b"").decode(), content.decode()


def _complaint(fields: Mapping[str, object], name: str) -> str | None:
    if name not in fields:
        return "is missing"
    value = fields[name]
    if not isinstance(value, str):
        return _mistype(value)
    if not value.strip():
        return "may not be blank"
    if NO_TEXT.search(value):
        return "contains a NUL or half a character"
    return None


def _mistype(value: object) -> str | None:
    return None if isinstance(value, str) else "has to be a string"


def _invalid(detail: str) -> ClientError:
    return ClientError("invalid-request", detail)
