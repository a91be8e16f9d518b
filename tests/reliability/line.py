"""A WebSocket of asyncio, as small as can be: hundreds of them fit beside the server."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from attrs import define, field

from wire_devices import HANDSHAKE, frame, text

Document = dict[str, Any]
Address = tuple[str, int]

# What ends a connection without a close frame.
BROKEN = (ConnectionError, asyncio.IncompleteReadError, TimeoutError)
_PATIENCE_SECONDS = 30
_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10


class HandshakeRefusedError(Exception):
    """The server answered with something else than 101."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the handshake got {status}")
        self.status = status


@define(eq=False)
class Line:
    """One connection.

    Args:
      closed: the code and the reason, once the server has closed.
    """

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    closed: tuple[int, str] | None = field(init=False, default=None)

    @classmethod
    async def open(cls, address: Address, *first: Document) -> Line:
        """Connect, shake hands, and send these documents right behind.

        Raises:
          OSError: when nobody listens.
          HandshakeRefusedError: when the server takes no more.
        """
        reader, writer = await asyncio.open_connection(*address)
        line = cls(reader, writer)
        try:
            writer.write(HANDSHAKE + b"".join(map(text, first)))
            async with asyncio.timeout(_PATIENCE_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
        except BaseException:
            line.abort()
            raise
        status = int(head.split(b" ", 2)[1])
        if status != 101:
            line.abort()
            raise HandshakeRefusedError(status)
        return line

    def send(self, document: Document) -> None:
        """Write a document; a connection that is gone shows when it is read."""
        if not self.writer.is_closing():
            self.writer.write(text(document))

    async def next(self) -> Document | None:
        """The next document; None when the connection is closed, see `closed`."""
        while True:
            opcode, payload = await self._frame()
            if opcode == _TEXT:
                return json.loads(payload)
            if opcode == _PING:
                self.writer.write(frame(payload, _PONG))
            elif opcode == _CLOSE:
                self.closed = (int.from_bytes(payload[:2], "big"), payload[2:].decode())
                self.writer.write(frame(payload[:2], _CLOSE))
                return None

    async def _frame(self) -> tuple[int, bytes]:
        head = await self.reader.readexactly(2)
        length = head[1]
        if length > 125:
            long = await self.reader.readexactly(2 if length == 126 else 8)
            length = int.from_bytes(long, "big")
        return head[0] & 0x0F, await self.reader.readexactly(length)

    def abort(self) -> None:
        """Be gone, without a word."""
        self.writer.transport.abort()
