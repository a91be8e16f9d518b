"""What is at the clients' ends of a wire (see wire_pair.py).

A `Device` is a real WebSocket client of Autobahn; a `RawDevice` writes the bytes that a
test wants. Every frame they see is checked against the published schemas first.
"""

# ruff: noqa: N802, N803 - methods that Twisted and Autobahn call have their names

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from attrs import define, field
from autobahn.twisted.websocket import WebSocketClientProtocol
from twisted.internet.protocol import Protocol
from twisted.test.iosim import FakeTransport, IOPump

from frames import check_frame, short

if TYPE_CHECKING:
    from wire_pair import Wire

HANDSHAKE = (
    b"GET /ws/assistant/ HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
    b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


def frame(payload: bytes, opcode: int = 1, *, fin: bool = True, masked: bool = True) -> bytes:
    """The bytes of a WebSocket frame of a client; the mask is zero, so the payload is as it is."""
    length = len(payload)
    head = bytes([(0x80 if fin else 0) | opcode])
    bit = 0x80 if masked else 0
    if length < 126:
        head += bytes([bit | length])
    elif length < 65_536:
        head += bytes([bit | 126]) + length.to_bytes(2, "big")
    else:
        head += bytes([bit | 127]) + length.to_bytes(8, "big")
    return head + (b"\0\0\0\0" if masked else b"") + payload


def text(document: object) -> bytes:
    """The bytes of a text frame with this document."""
    return frame(json.dumps(document).encode())


@define(eq=False, slots=False)
class Device:
    """What tests do at the client's end.

    Args:
      seen: the documents that came and were not taken yet.
      closed: code and reason as this end sees them; None while it is open.
      opened: whether the handshake succeeded.
      reading: while false, what the server sends stays with the server.
    """

    wire: Wire
    reading: bool = field(init=False, default=True)
    seen: list[dict[str, Any]] = field(init=False, factory=list)
    closed: tuple[int | None, str | None] | None = field(init=False, default=None)
    opened: bool = field(init=False, default=False)
    pongs: list[bytes] = field(init=False, factory=list)
    pinged: int = field(init=False, default=0)
    pump: IOPump = field(init=False, default=None)
    client: Any = field(init=False, default=None)

    def got(self, payload: bytes) -> None:
        document = json.loads(payload.decode("ascii"))
        check_frame(document)
        self.seen.append(document)

    def send(self, *documents: object, settle: bool = True) -> None:
        for document in documents:
            self.send_raw(json.dumps(document).encode(), settle=False)
        if settle:
            self.wire.settle()

    def send_raw(self, payload: bytes, *, binary: bool = False, settle: bool = True) -> None:
        self.client.sendMessage(payload, isBinary=binary)
        if settle:
            self.wire.settle()

    def say(self, message: str, **more: object) -> list[str]:
        """Say something; returns what came of it, see `look`."""
        self.send({"message": message, **more})
        return self.look()

    def take(self) -> list[dict[str, Any]]:
        """The documents that came since the last time."""
        self.wire.settle()
        taken, self.seen = self.seen, []
        return taken

    def look(self) -> list[str]:
        """The same, each as one short text (see frames.py)."""
        return [short(document) for document in self.take()]

    def authenticate(self, token: str, **more: object) -> Device:
        self.send({"type": "authenticate", "token": token, **more})
        return self

    def close(self, code: int | None = 1000, reason: str | None = None) -> None:
        self.client.sendCloseFrame(code, None if reason is None else reason.encode())
        self.wire.settle()

    def flush(self) -> bool:
        """Move what can be moved; says whether there was anything."""
        if self.reading:
            return self.pump.flush()
        self.wire.clock.advance(0)
        sent = self.pump.clientIO.getOutBuffer()
        if sent:
            self.pump.serverIO.bufferReceived(sent)
        return bool(sent)

    def cut(self) -> None:
        """The server's process is gone, and nobody there notices."""
        self.pump.clientIO.reportDisconnect()

    def vanish(self) -> None:
        """The network is gone, without a close frame."""
        self.reading = True
        self.pump.clientIO.loseConnection()
        self.wire.settle()


class ServerEnd(FakeTransport):
    """The server's end of a line on which nothing has room that the client does not read."""

    device: Device
    full = False

    def write(self, data):
        super().write(data)
        if self.producer is not None and not self.device.reading and not self.full:
            self.full = True
            self.producer.pauseProducing()

    def getOutBuffer(self):
        sent = super().getOutBuffer()
        if self.full:
            self.full = False
            if self.producer is not None:
                self.producer.resumeProducing()
        return sent


class Client(WebSocketClientProtocol):
    device: Device

    def onOpen(self):
        self.device.opened = True

    def onMessage(self, payload, isBinary):
        assert not isBinary
        self.device.got(payload)

    def onPing(self, payload):
        self.device.pinged += 1
        if self.device.wire.answer_pings:
            super().onPing(payload)

    def onPong(self, payload):
        self.device.pongs.append(payload)

    def onClose(self, wasClean, code, reason):
        self.device.closed = (code, reason)


class Bytes(Protocol):
    """A peer that is no WebSocket client, but writes what the test wants."""

    device: RawDevice

    def dataReceived(self, data):
        self.device.take_bytes(data)

    def connectionLost(self, reason):
        self.device.lost = True


@define(eq=False, slots=False)
class RawDevice(Device):
    """A device whose bytes are under the test's control.

    Args:
      head: the answer to the handshake.
      lost: whether the connection is gone.
    """

    head: bytes = field(init=False, default=b"")
    lost: bool = field(init=False, default=False)
    _rest: bytes = field(init=False, default=b"")

    def write(self, *parts: bytes) -> None:
        for part in parts:
            self.client.transport.write(part)
            self.wire.settle()

    def take_bytes(self, data: bytes) -> None:
        self._rest += data
        if not self.opened:
            head, end, rest = self._rest.partition(b"\r\n\r\n")
            if not end:
                return
            self.head, self._rest, self.opened = head, rest, head.startswith(b"HTTP/1.1 101")
        while self.opened and self._take_frame():
            pass

    def _take_frame(self) -> bool:
        if len(self._rest) < 2:
            return False
        opcode, length, start = self._rest[0] & 0x0F, self._rest[1], 2
        if length > 125:
            start = 4 if length == 126 else 10
            length = int.from_bytes(self._rest[2:start], "big")
        if len(self._rest) < start + length:
            return False
        payload = self._rest[start : start + length]
        self._rest = self._rest[start + length :]
        if opcode == 1:
            self.got(payload)
        elif opcode == 8:
            self.closed = (int.from_bytes(payload[:2], "big"), payload[2:].decode())
        elif opcode == 10:
            self.pongs.append(payload)
        else:
            assert opcode == 9
            self.pinged += 1
        return True
