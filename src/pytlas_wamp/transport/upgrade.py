"""The door to the WebSocket: lets handshakes pass, and helps others (spec 2.1).

What passes here does not fail in Autobahn, whose refusals would be no problem
documents; but for refusals that are its own matter, such as the Origin.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, Protocol

from attrs import frozen
from twisted.web.server import NOT_DONE_YET

from pytlas_wamp.transport.endpoints import otherwise
from pytlas_wamp.transport.headers import header_values
from pytlas_wamp.transport.http import HttpRequest
from pytlas_wamp.transport.problems import problem, unavailable
from pytlas_wamp.transport.replies import Reply

_VERSION: Final = "13"
_KEY = re.compile(r"[A-Za-z0-9+/]{22}==")
_PORT = re.compile(r"(?:\[[^\]]*\]|[^:]*)(?::[0-9]*)?")


class Takeover(Protocol):
    """What can take a connection over: the part of IResource that is used here."""

    def render(self, request: HttpRequest, /) -> object:
        """Take it over, and return NOT_DONE_YET."""


@frozen
class WebSocketDoor:
    """An address where connections become WebSockets.

    Args:
      resource: takes the connection over, as Autobahn's WebSocketResource does.
      refused: told when there is no room for one more.
    """

    _resource: Takeover
    _refused: Callable[[], object] = lambda: None

    def render(self, request: HttpRequest) -> None:
        """Hand the connection over, or refuse."""
        if request.method not in {b"GET", b"HEAD"}:
            request.reply(otherwise(request, "GET, HEAD, OPTIONS"))
            return
        fault = _fault(request)
        if fault is not None:
            request.reply(fault)
            return
        # The WebSocket has to be able to watch its own writing (twisted.web did so far).
        request.channel.transport.unregisterProducer()
        if self._resource.render(request) is not NOT_DONE_YET:
            self._refused()
            request.reply(unavailable())


def _fault(request: HttpRequest) -> Reply | None:
    asked = request.method == b"GET" and request.clientproto == b"HTTP/1.1"
    if not asked or "websocket" not in _tokens(request, "Upgrade"):
        return _upgrade_required("This address speaks WebSocket only: open it as one.")
    if "upgrade" not in _tokens(request, "Connection"):
        return _invalid('The header Connection has to contain "Upgrade"; a proxy may drop it.')
    if _values(request, "Sec-WebSocket-Version") != [_VERSION]:
        return _upgrade_required(f"The Sec-WebSocket-Version has to be {_VERSION}.")
    if not _matches(_KEY, _values(request, "Sec-WebSocket-Key")):
        return _invalid("The Sec-WebSocket-Key has to be 16 bytes in base64.")
    if not _matches(_PORT, _values(request, "Host")):
        return _invalid("The header Host has to name the server, once.")
    return None


def _values(request: HttpRequest, name: str) -> list[str]:
    return header_values(request.requestHeaders, name)


def _tokens(request: HttpRequest, name: str) -> set[str]:
    return {token.strip().lower() for token in ",".join(_values(request, name)).split(",")}


def _matches(pattern: re.Pattern[str], values: list[str]) -> bool:
    return len(values) == 1 and pattern.fullmatch(values[0]) is not None


def _invalid(detail: str) -> Reply:
    return problem("invalid-request", detail)


def _upgrade_required(detail: str) -> Reply:
    return problem(
        "upgrade-required",
        detail,
        {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": _VERSION},
    )
