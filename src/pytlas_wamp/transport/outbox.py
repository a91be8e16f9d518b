"""What a peer has not read yet (spec 5.8).

Twisted keeps what is written to a connection until the peer takes it, however much that
is; but it says when to stop, and when to go on (IPushProducer). In between, frames wait
here, where they are counted.
"""

# ruff: noqa: N802 - what Twisted calls has its names

from __future__ import annotations

from typing import Final, Protocol

from attrs import define, field
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer  # type: ignore[import-untyped]  # has none

# What Twisted's transports keep before they say stop (`FileDescriptor.bufferSize`).
_TRANSPORT_BYTES: Final = 65_536


class Wire(Protocol):
    """The WebSocket under an outbox."""

    def write_text(self, payload: bytes) -> None:
        """Write a text frame, unless the peer has closed."""

    def begin_close(self, code: int, reason: str) -> None:
        """Write a close frame, and grant some seconds for the answer."""

    def read_too_slowly(self) -> None:
        """The peer has let too much pile up; nothing more is kept for it."""


@implementer(IPushProducer)
@define(kw_only=True, eq=False)
class Outbox:
    """Frames on their way to one peer; the `Link` of its performer.

    Args:
      wire: the WebSocket; it registers this with its transport as a producer.
      max_bytes: what may wait for the peer, here and in the transport.
    """

    _wire: Wire
    _max_bytes: int
    # A list, since it is empty for nearly all, and an empty deque takes 700 bytes.
    _waiting: list[bytes] = field(init=False, factory=list)
    _waiting_bytes: int = field(init=False, default=0)
    # Written since the transport was known to be empty: it has that much at the most.
    _written_bytes: int = field(init=False, default=0)
    _paused: bool = field(init=False, default=False)
    _over: bool = field(init=False, default=False)

    @property
    def kept_bytes(self) -> int:
        """How much the peer has not read, as far as is known: too much rather than too little."""
        return self._waiting_bytes + self._written_bytes

    def send_text(self, text: str, *, droppable: bool = False) -> None:
        """Send a text frame as soon as the peer can take it.

        Args:
          text: ASCII.
          droppable: whether a peer can do without it that is so slow that half of what
            may wait does.
        """
        payload = text.encode("ascii")
        if self._over:
            return
        if not self._paused:
            self._write(payload)
            return
        kept = self.kept_bytes + len(payload)
        if droppable and kept * 2 > self._max_bytes:
            return
        if kept > self._max_bytes:
            self._overflow()
            return
        self._waiting.append(payload)
        self._waiting_bytes += len(payload)

    def count_control(self, size: int) -> None:
        """Count a control frame; those are written at once, out of turn.

        Args:
          size: of its payload, in bytes.
        """
        self._count(size)
        if self._paused and not self._over and self.kept_bytes > self._max_bytes:
            self._overflow()

    def close(self, code: int, reason: str) -> None:
        """Send what waits, then close; a peer that takes too long for it is cut off."""
        self._over = True
        for payload in self._take_all():
            self._wire.write_text(payload)
        self._wire.begin_close(code, reason)

    # What the transport says

    def pauseProducing(self) -> None:
        """Write nothing for now: the peer is slower than we are."""
        self._paused = True

    def resumeProducing(self) -> None:
        """Write on: the transport is empty."""
        self._paused = False
        self._written_bytes = 0
        waiting = self._take_all()
        written = 0
        while written < len(waiting) and not self._paused:
            self._write(waiting[written])
            written += 1
        self._waiting = waiting[written:]
        self._waiting_bytes = sum(map(len, self._waiting))

    def stopProducing(self) -> None:
        """Keep nothing: the connection is gone."""
        self._over = True
        self._take_all()
        self._written_bytes = 0

    def _write(self, payload: bytes) -> None:
        self._count(len(payload))
        self._wire.write_text(payload)

    def _count(self, size: int) -> None:
        if not self._paused:
            # Nobody has said stop, so there is no more than this by now.
            self._written_bytes = min(self._written_bytes, _TRANSPORT_BYTES)
        self._written_bytes += size

    def _overflow(self) -> None:
        self._over = True
        self._wire.read_too_slowly()

    def _take_all(self) -> list[bytes]:
        waiting, self._waiting = self._waiting, []
        self._waiting_bytes = 0
        return waiting
