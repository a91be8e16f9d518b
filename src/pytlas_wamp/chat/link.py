"""An Autobahn WebSocket as a Link.

Importing this module binds Autobahn to asyncio for the whole process, so only a
process that is a client and nothing else may import it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any, Final

import txaio
from attrs import define
from autobahn.asyncio.websocket import WebSocketClientFactory, WebSocketClientProtocol

from pytlas_wamp.chat.addresses import Address
from pytlas_wamp.chat.client import Closed, Link
from pytlas_wamp.chat.problems import ChatProblem, Unreachable
from pytlas_wamp.chat.tokens import TIMEOUT_SECONDS, explain

# Pictures travel in answers as data URLs; this much is for a person's own machine.
_MAX_FRAME_BYTES: Final = 16 * 1024 * 1024

# A dead connection is noticed within this time, also when nobody speaks.
_PING_INTERVAL_SECONDS: Final = 25
_PING_TIMEOUT_SECONDS: Final = 20
_CLOSE_TIMEOUT_SECONDS: Final = 5

_ABNORMAL: Final = 1006
_UPGRADE_REFUSED: Final = re.compile(r"upgrade failed \[(\d{3})\]")


class Socket(WebSocketClientProtocol):
    """Passes on what Autobahn reports; decides nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.received: asyncio.Queue[str | Closed] = asyncio.Queue()
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.ended: Closed | None = None

    def onOpen(self) -> None:  # noqa: N802 - Autobahn's name
        """The handshake is done."""
        if not self.opened.done():
            self.opened.set_result(None)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: FBT001, N802, N803 - Autobahn's
        """Keeps a text frame; servers of this protocol send no others (spec 2.2)."""
        if not isBinary:
            self.received.put_nowait(payload.decode("utf-8"))

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:  # noqa: FBT001, N802, N803 - Autobahn's
        """Keeps how it ended."""
        # A close frame without a code is no verdict on the credentials (spec 3.7).
        self.ended = Closed(code=code or _ABNORMAL, reason=(reason or "") if wasClean else "")
        self.received.put_nowait(self.ended)
        if not self.opened.done():
            self.opened.set_exception(ConnectionError(reason or ""))


@define
class SocketLink:
    """A Link over an open Socket."""

    _socket: Any

    def send(self, text: str) -> None:
        """Sends a text frame; does nothing when the connection has ended."""
        if self._socket.ended is None:
            self._socket.sendMessage(text.encode("utf-8"))

    async def receive(self) -> str | Closed:
        """Returns the next text frame, or how the connection ended."""
        received: str | Closed = await self._socket.received.get()
        return received

    async def close(self) -> None:
        """Closes it, if it is still open; waits for the other side, not for long."""
        if self._socket.ended is None:
            self._socket.sendClose(1000)
            while not isinstance(await self._socket.received.get(), Closed):
                pass


Connect = Callable[[Any, Address], Any]


async def connect_tcp(factory: Any, address: Address) -> Any:
    """Connects, with TLS when the address says so; returns the Socket."""
    _, socket = await asyncio.get_running_loop().create_connection(
        factory, address.host, address.port, ssl=address.secure or None
    )
    return socket


async def dial(address: Address, connect: Connect = connect_tcp) -> Link:
    """Opens a WebSocket to the conversation of a server.

    Args:
      address: of the server.
      connect: makes the connection below it.

    Raises:
      ChatProblem: why that was not possible.
    """
    socket = None
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            socket = await connect(_factory(address), address)
            await socket.opened
    except TimeoutError:
        if socket is not None:
            socket.dropConnection(abort=True)
        raise Unreachable("timeout", url=address.http, seconds=int(TIMEOUT_SECONDS)) from None
    except OSError as error:
        raise _problem(address, error) from None
    return SocketLink(socket)


def _problem(address: Address, error: OSError) -> ChatProblem:
    refused = _UPGRADE_REFUSED.search(str(error))
    # A proxy says 5xx while the server behind it restarts; 4xx will not get better.
    if refused and not refused[1].startswith("5"):
        return ChatProblem("handshake", url=address.http, detail=f"HTTP {refused[1]}")
    if refused:
        return Unreachable("server-trouble", url=address.http, detail=f"HTTP {refused[1]}")
    return explain(address.http, error)


def _factory(address: Address) -> Any:
    txaio.use_asyncio()
    txaio.config.loop = asyncio.get_running_loop()
    factory = WebSocketClientFactory(address.websocket, loop=asyncio.get_running_loop())
    factory.protocol = Socket
    factory.setProtocolOptions(
        failByDrop=False,
        maxFramePayloadSize=_MAX_FRAME_BYTES,
        maxMessagePayloadSize=_MAX_FRAME_BYTES,
        openHandshakeTimeout=TIMEOUT_SECONDS,
        # A server that is learning answers late; Autobahn would complain after a second.
        closeHandshakeTimeout=_CLOSE_TIMEOUT_SECONDS,
        autoPingInterval=_PING_INTERVAL_SECONDS,
        autoPingTimeout=_PING_TIMEOUT_SECONDS,
    )
    return factory
