"""Autobahn's handshake without reading a second time what was read already.

A request to become a WebSocket has been read by twisted.web, and the door has looked at it,
before Autobahn gets its bytes, put together again, and does all of that once more. What is
answered here instead is narrow: the requests that programs and browsers send, which are to
be accepted. Everything else (subprotocols, extensions that are not offered by every browser,
origins that may not come, what breaks a rule) goes to Autobahn, which so words every refusal.
And what Autobahn prepares for the use of others, such as the statistics and the details of
each transport, is not made where nobody looks at it.

As in `quick_frames`: that needs an Autobahn whose methods are, letter by letter, those that
this was written against.
"""

# ruff: noqa: N802, N815 - what is Autobahn's has its names

from __future__ import annotations

import hashlib
import inspect
import re
from base64 import b64encode
from contextlib import suppress
from typing import Any, Final

from autobahn.twisted.resource import WebSocketResource
from autobahn.twisted.websocket import WebSocketServerProtocol
from autobahn.websocket import protocol as common_side
from autobahn.websocket.protocol import TrafficStats
from autobahn.websocket.utf8validator import Utf8Validator

from pytlas_wamp.transport import quick_frames
from pytlas_wamp.transport.quick_frames import QuickServerProtocol

_END_OF_HEAD: Final = b"\r\n\r\n"
# What Autobahn's parts of an address and of a header can be: nothing that it might refuse.
_ADDRESS: Final = re.compile(rb"/[A-Za-z0-9_./-]*(?:\?[A-Za-z0-9_.=&-]*)?")
_HOST: Final = re.compile(rb"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_KEY: Final = re.compile(rb"[A-Za-z0-9+/]{22}==")
_ORIGIN: Final = re.compile(rb"https?://[A-Za-z0-9.-]+(?::[0-9]{1,4})?")
# What browsers offer; nothing comes of it, as nothing is compressed here.
_OFFERED: Final = frozenset({b"permessage-deflate", b"permessage-deflate; client_max_window_bits"})
_ANSWER: Final = (
    b"HTTP/1.1 101 Switching Protocols\r\n%bUpgrade: WebSocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: %b\r\n\r\n"
)
_NOTHING: Any = None


class PromptServerProtocol(QuickServerProtocol):
    """A WebSocket of a server that comes from a request which twisted.web has read.

    Attributes:
      is_prompt: whether all options are the class's, and none of those that need Autobahn:
        limits on connections, statistics, word of proxies, a second kind of handshake. Nor
        may there be further headers, nor anybody who waits for `is_open` or `is_closed`.
      coming: the request that this is made of, once the door has let it pass.
    """

    is_prompt = False
    coming: Any = None

    websocket_version = 13
    peer = autoPingPendingCall = _transport_details = _NOTHING
    is_open = is_closed = quick_frames.NOBODY
    send_queue = quick_frames.NO_QUEUE
    # Counted by Autobahn where it has a part in something, and looked at by nobody.
    trafficStats = TrafficStats()

    def __init__(self) -> None:
        if not self.is_prompt:
            super().__init__()

    def connectionMade(self) -> None:
        """The transport is there, and the whole request: no timer needs to wait for that."""
        if not self.is_prompt:
            super().connectionMade()
            return
        with suppress(AttributeError, OSError):  # that is no TCP
            self.transport.setTcpNoDelay(self.tcpNoDelay)
        self.state = self.STATE_CONNECTING
        self.utf8validator = Utf8Validator()
        self.factory.countConnections += 1

    def processHandshake(self) -> None:
        """Answer a request, of which all is there."""
        request = self.__dict__.pop("coming", None)
        key = _key(request, self) if self.is_prompt and request is not None else None
        if key is None:
            super().processHandshake()
            return
        self.data = self.data.partition(_END_OF_HEAD)[2]
        accept = b64encode(hashlib.sha1(key + self._WS_MAGIC, usedforsecurity=False).digest())
        server = self.factory.server
        named = f"Server: {server}\r\n".encode() if server else b""
        self.transport.write(_ANSWER % (named, accept))
        self.state = self.STATE_OPEN
        if self.autoPingInterval:
            self.autoPingPendingCall = self.factory._batched_timer.call_later(  # noqa: SLF001
                self.autoPingInterval, self._sendAutoPing
            )
        self._see_what_is_plain()
        self.onOpen()
        if self.data:
            self.consumeData()

    def _opened(self) -> None:
        """Tell that it is open; what Autobahn notes about certificates nobody asks for."""
        if self.is_prompt:
            self.onOpen()
        else:
            super()._opened()


def _key(request: Any, protocol: PromptServerProtocol) -> bytes | None:
    """The key of a request that Autobahn would accept for certain; else None."""
    headers = request.requestHeaders

    def only(name: bytes) -> bytes:
        values = headers.getRawHeaders(name, ())
        return values[0] if len(values) == 1 else b""

    if headers.hasHeader(b"Sec-WebSocket-Protocol") or not _ADDRESS.fullmatch(request.uri):
        return None
    if not _HOST.fullmatch(only(b"Host")):
        return None
    offered = headers.getRawHeaders(b"Sec-WebSocket-Extensions")
    if offered is not None and (len(offered) > 1 or offered[0] not in _OFFERED):
        return None
    if headers.hasHeader(b"Origin") and not _may_come(only(b"Origin"), protocol):
        return None
    key = only(b"Sec-WebSocket-Key")
    return key if _KEY.fullmatch(key) else None


def _may_come(origin: bytes, protocol: PromptServerProtocol) -> bool:
    if not _ORIGIN.fullmatch(origin):
        return False
    parts = common_side._url_to_origin(origin.decode())  # noqa: SLF001 - the digest knows it
    allowed = protocol.allowedOriginsPatterns
    return bool(common_side._is_same_origin(parts, None, None, allowed))  # noqa: SLF001


# What is not done here is left out because of what these do; and the digest of their source
# (Autobahn 26.10.2). Those that `quick_frames` knows are in its digest.
_LOOKED_AT: Final = (
    (WebSocketResource, "render"),
    (WebSocketServerProtocol, "succeedHandshake"),
    (WebSocketServerProtocol, "_onOpen"),
    (WebSocketServerProtocol, "_parseExtensionsHeader"),
    (common_side, "_url_to_origin"),
    (common_side, "_is_same_origin"),
    (common_side, "TrafficStats"),
)
_DIGEST: Final = "9402928c2cdebf4cd51d8355015e77d7"


def source_digest() -> str:
    """What Autobahn's handshake looks like; empty when there is no source."""
    try:
        source = "".join(inspect.getsource(getattr(owner, name)) for owner, name in _LOOKED_AT)
    except (AttributeError, OSError):
        return ""
    return hashlib.sha256(source.encode()).hexdigest()[:32]


def choose_protocol(digest: str, otherwise: type[Any]) -> type[Any]:
    """Returns the protocol for an Autobahn whose handshake has this digest.

    Args:
      digest: of the handshake.
      otherwise: what was chosen for the frames; Autobahn's own where they are unknown.
    """
    if digest != _DIGEST or otherwise is not QuickServerProtocol:
        return otherwise
    return PromptServerProtocol


ServerProtocol: Final = choose_protocol(source_digest(), quick_frames.ServerProtocol)
