"""What an endpoint answers, as a value: status, headers and body.

Endpoints are functions that return a `Reply` (or a Deferred of one). Writing it to
the peer happens in one place, `HttpRequest.reply`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType

from attrs import evolve, field, frozen
from twisted.web.http import NO_BODY_CODES

_NOTHING: Mapping[str, str] = MappingProxyType({})


@frozen(kw_only=True)
class Reply:
    """A whole answer to an HTTP request.

    Args:
      status: the status code.
      content_type: the value of that header; None for an empty body.
      body: all of it; left out by itself in answers to HEAD.
      headers: further headers, stronger than those that every answer carries.
    """

    status: int = 200
    content_type: str | None = None
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = _NOTHING

    def fields(self) -> Mapping[str, str]:
        """Returns all headers of this answer itself, those about the body included."""
        fields = dict(self.headers)
        if self.status not in NO_BODY_CODES:
            fields["Content-Length"] = str(len(self.body))
        if self.content_type is not None:
            fields["Content-Type"] = self.content_type
        return fields


def json_reply(document: object, *, content_type: str = "application/json") -> Reply:
    """Returns a 200 with the document as compact JSON, its keys in their order."""
    body = json.dumps(document, separators=(",", ":"), allow_nan=False).encode()
    return Reply(content_type=content_type, body=body)


def no_content(headers: Mapping[str, str] = _NOTHING) -> Reply:
    """Returns a 204, which has no body."""
    return Reply(status=204, headers=headers)


def moved(location: str) -> Reply:
    """Returns a 301 to `location`, which is relative so that it holds behind a proxy, too."""
    return Reply(status=301, headers={"Location": location})


def created(document: object, location: str, *, status: int = 201) -> Reply:
    """Returns what was made, and where it is from now on.

    Args:
      document: as in `json_reply`.
      location: its address, relative to the server.
      status: 201, or 202 when it is still being made.
    """
    return evolve(json_reply(document), status=status, headers={"Location": location})
