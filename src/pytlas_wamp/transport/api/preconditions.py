"""Writes that must not undo somebody else's: ETag and If-Match (spec 6.9).

See RFC 9110 8.8.3 and 13.1.1.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from pytlas_wamp.errors import ClientError

_ANY: Final = "*"
# The W/ of a weak tag belongs to it, and so a weak tag never matches (RFC 9110 13.1.1).
_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_TAGS = re.compile(rf"[ \t,]*{_TAG.pattern}(?:[ \t]*,[ \t,]*{_TAG.pattern})*[ \t,]*")


def etag(kind: str, revision: int) -> str:
    """Returns the tag of a revision, "a" for accounts and "s" for settings: `"a12"`."""
    return f'"{kind}{revision}"'


def expected_revision(headers: Sequence[str], kind: str, present: int) -> int | None:
    """Returns the revision that a write has to find; None when any will do.

    Args:
      headers: the values of If-Match, none if there is no such header.
      kind: as in `etag`.
      present: the revision right now.

    Raises:
      ClientError: `precondition-failed` when the header does not name the present revision.
    """
    value = ", ".join(headers)
    if not headers or value == _ANY:
        return None
    if _TAGS.fullmatch(value) and etag(kind, present) in _TAG.findall(value):
        return present
    raise ClientError(
        "precondition-failed",
        f"This is not what If-Match names any more, but {etag(kind, present)}: "
        "get it again, and decide anew.",
    )
