"""What was told in a conversation, for those who missed it (spec 5.3, 5.9)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from attrs import define, field
from twisted.internet.defer import Deferred, succeed

from pytlas_wamp.assistant.kept_state import frame_of
from pytlas_wamp.assistant.turns import Frame
from pytlas_wamp.assistant.write_behind import WriteBehind
from pytlas_wamp.journal.model import Entry, Remembered
from pytlas_wamp.wire.codec import encode

Frames = tuple[Frame, ...]

# Frames kept in memory for devices that come back at once, and while older ones are read.
_AT_HAND = 64


@define(kw_only=True, eq=False)
class Lookback:
    """Finds frames again: the last ones in memory, older ones in the database.

    Args:
      user_id: whose they are.
      seq: says what the last number is.
      writer: knows the database; None when nothing is kept.

    Attributes:
      at_hand: the last frames; who numbers them adds them.
    """

    user_id: int
    _seq: Callable[[], int]
    writer: WriteBehind | None
    at_hand: deque[Frame] = field(init=False, factory=lambda: deque(maxlen=_AT_HAND))

    def missed(self, after: int, *, max_frames: int, max_bytes: int) -> Deferred[Frames | None]:
        """What a device has missed that has seen the frames up to `after` (spec 5.9).

        Returns:
          the frames, complete at the moment it fires; None when they are not known any more,
          or too many.
        """
        seq = self._seq()
        if after == seq:
            return succeed(())
        if 0 < self._first_at_hand <= after + 1 <= seq:
            newer = self._newer_than(after)
            size = sum(len(encode(frame)) for frame in newer)
            fits = len(newer) <= max_frames and size <= max_bytes
            return succeed(newer if fits else None)
        if self.writer is None or after > seq:
            return succeed(None)
        writer = self.writer
        bounds = {"max_frames": max_frames, "max_bytes": max_bytes}
        return (
            writer.written()
            .addCallback(lambda _: writer.ask(writer.store.after, self.user_id, after, **bounds))
            .addCallback(self._complete, seq)
        )

    @property
    def _first_at_hand(self) -> int:
        """The lowest number at hand; 0 when none is."""
        return (self.at_hand[0].seq or 0) if self.at_hand else 0

    def _newer_than(self, seq: int) -> Frames:
        return tuple(frame for frame in self.at_hand if (frame.seq or 0) > seq)

    def _complete(self, read: tuple[Entry, ...] | None, written: int) -> Frames | None:
        """Add what came while it was read, if that is all still at hand."""
        if read is None:
            return None
        last = max(written, read[-1].seq if read else 0)
        newer = self._newer_than(last)
        if len(newer) < self._seq() - last:
            return None
        return (*(frame_of(entry.body) for entry in read), *newer)

    def about(self, known: Remembered, *, up_to: int | None = None) -> Deferred[Frames]:
        """The frames of a message that was accepted before: `said`, and all that it caused.

        Args:
          known: the message.
          up_to: the last number that devices may know of; None for all.
        """
        if 0 < self._first_at_hand <= known.seq:
            return succeed(
                tuple(
                    frame
                    for frame in self._newer_than(known.seq - 1)
                    if (frame.seq == known.seq or getattr(frame, "re", None) == known.id)
                    and (up_to is None or (frame.seq or 0) <= up_to)
                )
            )
        if self.writer is None:
            return succeed(())
        writer = self.writer
        return (
            writer.written()
            .addCallback(lambda _: writer.ask(writer.store.about, self.user_id, known.seq))
            .addCallback(lambda entries: tuple(frame_of(entry.body) for entry in entries))
        )
