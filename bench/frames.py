"""The bytes of a WebSocket client that is as cheap as can be."""

from __future__ import annotations

import json
from typing import Final

SENTENCE: Final = "It is 12 degrees in Paris, with some rain."
SLOW_SENTENCE: Final = "Wait for two seconds."
WORKING_SENTENCE: Final = "Work for five milliseconds."
PAUSING_SENTENCE: Final = "Pause for a fifth of a second."

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
# Not zero: servers unmask what comes, as they have to with any client.
_MASK: Final = b"\x37\xfa\x21\x3d"
_ID_DIGITS: Final = 16
_SHORT, _MEDIUM = 126, 65_536

HANDSHAKE: Final = (
    b"GET /ws/assistant/ HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
    b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


def masked(payload: bytes) -> bytes:
    """A payload as it travels, and back."""
    key = (_MASK * (len(payload) // 4 + 1))[: len(payload)]
    mixed = int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")
    return mixed.to_bytes(len(payload), "big")


def frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """A whole frame of a client."""
    length = len(payload)
    if length < _SHORT:
        size = bytes([0x80 | length])
    elif length < _MEDIUM:
        size = bytes([0x80 | 126]) + length.to_bytes(2, "big")
    else:
        size = bytes([0x80 | 127]) + length.to_bytes(8, "big")
    return bytes([0x80 | opcode]) + size + _MASK + masked(payload)


def document(content: object) -> bytes:
    """A text frame with this as JSON."""
    return frame(json.dumps(content, separators=(",", ":")).encode())


def authenticate(token: str) -> bytes:
    """The first frame of a connection."""
    return document({"type": "authenticate", "token": token})


class Messages:
    """Frames that say a sentence, each with an `id` of its own.

    All but the id is made beforehand, so that the client need not do it while it measures.

    Args:
      sentence: what they say.
      first: the first id; another one in every run, as ids are not to be used twice.
    """

    def __init__(self, sentence: str, first: int) -> None:
        mark = "#" * _ID_DIGITS
        content = {"type": "message", "id": mark, "message": sentence}
        plain = json.dumps(content, separators=(",", ":")).encode()
        at = plain.index(mark.encode())
        whole = frame(plain)
        start = len(whole) - len(plain) + at
        self._before, self._behind = whole[:start], whole[start + _ID_DIGITS :]
        self._key = int.from_bytes(masked(b"\0" * len(plain))[at : at + _ID_DIGITS], "big")
        self._first = self._next = first

    @property
    def made(self) -> int:
        """How many there were so far."""
        return self._next - self._first

    def next(self) -> bytes:
        """One more frame."""
        number = self._next
        self._next = number + 1
        mixed = int.from_bytes(b"%016d" % number, "big") ^ self._key
        return self._before + mixed.to_bytes(_ID_DIGITS, "big") + self._behind


def split(data: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """The whole frames of a server at the start of these bytes, and what is left.

    Returns:
      opcodes with payloads, and the beginning of a frame that is not whole yet.
    """
    found = []
    at, size = 0, len(data)
    while size - at > 1:
        length, start = data[at + 1], at + 2
        if length == _SHORT:
            start += 2
            length = int.from_bytes(data[at + 2 : start], "big")
        elif length > _SHORT:
            start += 8
            length = int.from_bytes(data[at + 2 : start], "big")
        end = start + length
        if end > size or start > size:
            break
        found.append((data[at] & 0x0F, data[start:end]))
        at = end
    return found, data[at:]
