"""Autobahn on our side: passes on what happens, decides nothing (spec 2)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from autobahn.twisted.websocket import WebSocketServerFactory

from pytlas_wamp.limits import Limits
from pytlas_wamp.session import inputs as on
from pytlas_wamp.transport.connections import Connections
from pytlas_wamp.transport.outbox import Outbox
from pytlas_wamp.transport.performer import Link, Performer
from pytlas_wamp.transport.quick_handshake import ServerProtocol
from pytlas_wamp.wire.codes import Ending

# For the answer to a close, and for what a peer that has closed has yet to read.
_CLOSING_SECONDS = 2
_UNREADABLE = {
    1002: Ending.PROTOCOL_ERROR,
    1007: Ending.NOT_UTF8,
    1009: Ending.TOO_BIG,
}

# Makes the performer of a new connection from its link and its name in the log.
PerformerFactory = Callable[[Link, str], Performer]


class AssistantProtocol(ServerProtocol):
    """One WebSocket. Autobahn calls the camel-case methods; ours are those of a `Wire`."""

    performer: Performer | None = None
    outbox: Outbox
    leave: Callable[[], None]
    _last_call: Any = None

    def onOpen(self) -> None:  # noqa: N802 - Autobahn's name
        """The handshake is done."""
        self.outbox = Outbox(wire=self, max_bytes=self.factory.limits.max_outbound_bytes)
        self.performer = self.factory.begin(self.outbox)
        self.registerProducer(self.outbox, streaming=True)
        self.performer.feed(on.Opened())

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803, FBT001 - Autobahn's
        """A whole message came."""
        if self.performer is not None:
            self.performer.receive(payload, is_binary=isBinary)

    def onClose(self, _was_clean: bool, _code: int | None, _reason: str | None) -> None:  # noqa: N802, FBT001 - Autobahn's
        """The connection is gone."""
        if self.performer is not None:
            self.performer.feed(on.TransportLost())
            self.outbox.stopProducing()
            self.factory.connections.discard(self.performer)
            self.performer = None

    def connectionLost(self, reason: Any) -> None:  # noqa: N802 - Twisted's name
        """The connection is gone, whether it was a WebSocket already or not."""
        super().connectionLost(reason)
        self.leave()
        if self._last_call is not None and self._last_call.active():
            self._last_call.cancel()

    def dropConnection(self, abort: bool = False) -> None:  # noqa: N802, FBT001, FBT002 - Autobahn's
        """End the connection; a peer that does not read what it still has to is cut off."""
        super().dropConnection(abort)
        if not abort and self._last_call is None:
            self._last_call = self.factory.reactor.callLater(
                _CLOSING_SECONDS, self.transport.abortConnection
            )

    def sendPong(self, payload: bytes | None = None) -> None:  # noqa: N802 - Autobahn's name
        """Answer a ping: that piles up, too, with a peer that pings and does not read."""
        self.outbox.count_control(len(payload or b""))
        super().sendPong(payload)

    def _fail_connection(self, code: int = 1001, reason: str = "going away") -> None:
        """Let the session choose the close code of what Autobahn could not read (spec 3.2)."""
        if self.performer is None or code not in _UNREADABLE:
            super()._fail_connection(code, reason)
        else:
            # From here on Autobahn skips what comes, instead of collecting all of a message
            # that was announced too big.
            self.failedByMe = True
            self.performer.feed(on.Unreadable(ending=_UNREADABLE[code]))

    def write_text(self, payload: bytes) -> None:
        """Write a text frame, unless the peer has closed: `onClose` then is on its way."""
        if self.state == self.STATE_OPEN:
            # Not `sendMessage`: the bound on what peers send is none on what skills answer.
            self.sendFrame(opcode=1, payload=payload)

    def begin_close(self, code: int, reason: str) -> None:
        """Begin the closing handshake; Autobahn's own `sendClose` takes application codes only."""
        self.sendCloseFrame(code=code, reasonUtf8=reason.encode("ascii"))

    def read_too_slowly(self) -> None:
        """The session ends it (spec 5.8)."""
        if self.performer is not None:
            self.performer.feed(on.SlowReader())


class AssistantFactory(WebSocketServerFactory):
    """Makes the WebSockets of the server, with every limit of Autobahn set.

    Args:
      make_performer: makes the performer of a new connection.
      connections: where it is counted.
      limits: bounds on frames, connections and silence.
      allowed_origins: of web pages that may connect; `*` is any. A page gets nothing by
        connecting: it needs a token, and no cookie is ever looked at.
      reactor: for Autobahn's own timers.
    """

    protocol: Any = AssistantProtocol

    def __init__(
        self,
        *,
        make_performer: PerformerFactory,
        connections: Connections,
        limits: Limits,
        allowed_origins: tuple[str, ...],
        reactor: Any,
    ) -> None:
        # No URL: behind a proxy the port a client sees is another than ours.
        super().__init__(url=None, server="pytlas-wamp", reactor=reactor)
        self._make_performer = make_performer
        self.connections = connections
        self.limits = limits
        self._numbers = count(1)
        self.setProtocolOptions(
            maxFramePayloadSize=limits.max_message_bytes,
            maxMessagePayloadSize=limits.max_message_bytes,
            autoPingInterval=limits.ping_interval_seconds,
            autoPingTimeout=limits.ping_timeout_seconds,
            openHandshakeTimeout=limits.auth_deadline_seconds,
            closeHandshakeTimeout=_CLOSING_SECONDS,
            allowedOrigins=[_as_compared(origin) for origin in allowed_origins],
            allowNullOrigin=not {"*", "null"}.isdisjoint(allowed_origins),
            # A drop would look like a lost network; clients are told what was wrong.
            failByDrop=False,
            webStatus=False,
            tcpNoDelay=True,
        )

        # Each connection would otherwise have its own copy of these.
        options = {name: getattr(self, name) for name in ServerProtocol.CONFIG_ATTRS}
        options["perMessageCompressionAccept"] = staticmethod(self.perMessageCompressionAccept)
        options["is_prompt"] = True
        self.protocol = type("AssistantProtocol", (AssistantProtocol,), options)

    def buildProtocol(self, addr: Any) -> AssistantProtocol | None:  # noqa: N802 - Twisted's name
        """Make a WebSocket; None, which becomes a 503, when there is no room (spec 2.1)."""
        if self.countConnections >= self.limits.max_connections or self.connections.is_stopping:
            return None
        protocol: AssistantProtocol = super().buildProtocol(addr)
        return protocol

    def begin(self, link: Link) -> Performer:
        """Start a connection."""
        performer = self._make_performer(link, f"c{next(self._numbers)}")
        self.connections.add(performer)
        return performer


def _as_compared(origin: str) -> str:
    """An allowed origin in the form that Autobahn compares, which always has a port."""
    parts = urlsplit(origin)
    try:
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:  # no number: no browser sends such an origin
        return origin
    return f"{parts.scheme}://{parts.hostname}:{port}" if parts.hostname else origin
