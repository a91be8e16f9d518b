"""Where connections go over from HTTP to WebSocket, and how many from one address (spec 3.8)."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from attrs import field, frozen
from autobahn.twisted.resource import WebSocketResource

from pytlas_wamp.transport.addresses import Proxies, client_address
from pytlas_wamp.transport.seats import Seats, neighbourhood
from pytlas_wamp.transport.websocket import AssistantFactory, AssistantProtocol


@frozen
class AssistantResource:
    """Hands a connection over from HTTP, with the frames that came in one go with the handshake.

    Args:
      factory: makes the WebSockets.
      proxies: whose word about addresses is taken.
    """

    _factory: AssistantFactory
    _proxies: Proxies = field(factory=Proxies)
    _seats: Seats = field(init=False)

    @_seats.default
    def _make_seats(self) -> Seats:
        return Seats(self._factory.limits.max_connections_per_address)

    def render(self, request: Any) -> Any:
        """Take the connection over; returns something else than NOT_DONE_YET for lack of room."""
        leave = self._seats.take(neighbourhood(client_address(request, self._proxies)))
        if leave is None:
            return b""
        # Autobahn takes what follows the handshake from here; the channel would keep it.
        request.content = BytesIO(request.channel.clearLineBuffer())
        return WebSocketResource(_Seated(self._factory, leave, request)).render(request)


@frozen
class _Seated:
    """Makes the one WebSocket that an address was granted."""

    _factory: AssistantFactory
    _leave: Callable[[], None]
    _request: Any

    def buildProtocol(self, addr: Any) -> AssistantProtocol | None:  # noqa: N802 - Twisted's name
        """Make it; when there is no room for it after all, nobody counts it."""
        protocol = self._factory.buildProtocol(addr)
        if protocol is None:
            self._leave()
        else:
            protocol.leave = self._leave
            if hasattr(protocol, "coming"):
                protocol.coming = self._request
        return protocol
