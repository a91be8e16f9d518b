"""The log of one conversation: numbers, what was said, what is present (spec 5.3, 5.9).

It knows nothing of turns and skills; it says what the next frame's number is, keeps the
last frames at hand for devices that come back, and has everything written behind.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from json.encoder import encode_basestring_ascii as _quoted
from typing import Any

from attrs import define, field
from twisted.internet.defer import Deferred, succeed
from twisted.logger import Logger
from twisted.python.failure import Failure

from pytlas_wamp.assistant.recollection import DIGEST_LENGTH, Recollection
from pytlas_wamp.assistant.snapshots import BadSnapshot, dumps, loads
from pytlas_wamp.assistant.turns import Frame
from pytlas_wamp.assistant.write_behind import WriteBehind
from pytlas_wamp.errors import ClientError
from pytlas_wamp.journal.model import Entry, OpenTurn, Record, Remembered
from pytlas_wamp.wire.codec import decode_server, encode, to_document
from pytlas_wamp.wire.messages import (
    Ask,
    Context,
    Done,
    Message,
    Said,
    Thinking,
)

_log = Logger()

Frames = tuple[Frame, ...]

# With one of these, no question is open any more.
_AFTER_ASK = (Thinking, Done, Said)
# Frames kept in memory for devices that come back at once, and while older ones are read.
_AT_HAND = 64
# `json.dumps` would make one for each message.
_SORTED = json.JSONEncoder(sort_keys=True)
# Numbers that may be used before the next batch says so; more than a batch ever holds.
RESERVE = 20_000


@define(kw_only=True, eq=False)
class ConversationLog:
    """Numbers the frames of a conversation and keeps them.

    Args:
      user_id: whose it is.
      now: seconds since the epoch.
      writer: brings it into the database; None when nothing is kept.
      max_remembered: messages whose repetition is known.

    Attributes:
      seq: the last number used.
      context: the frame that told of the context the conversation is in; None at the root.
      ask: the frame of the pending question, if any.
      language: the user's language as stored.
    """

    user_id: int
    language: str
    _now: Callable[[], float]
    _writer: WriteBehind | None = None
    _max_remembered: int = 1_000
    seq: int = field(init=False, default=0)
    context: Context | None = field(init=False, default=None)
    ask: Ask | None = field(init=False, default=None)
    _last_ask: Ask | None = field(init=False, default=None)
    # All numbers of the last question: it is asked again when something was told in between.
    _asked_as: frozenset[int] = field(init=False, default=frozenset())
    _asks_again: bool = field(init=False, default=False)
    _question: Ask | None = field(init=False, default=None)
    _agent: Mapping[str, Any] = field(init=False, factory=dict)
    _reserved: int = field(init=False, default=0)
    _is_put_away: bool = field(init=False, default=False)
    _at_hand: deque[Frame] = field(init=False, factory=lambda: deque(maxlen=_AT_HAND))
    _remembered: Recollection = field(init=False)
    _open: dict[int, OpenTurn] = field(init=False, factory=dict)
    _wakes: int = field(init=False, default=0)

    @_remembered.default
    def _make_remembered(self) -> Recollection:
        return Recollection(self._max_remembered)

    # What passes to devices

    def add(
        self,
        kind: type[Frame],
        fields: Mapping[str, Any],
        message: Message | None = None,
    ) -> Frame | None:
        """Number a frame and keep it.

        Args:
          kind: the class of the frame.
          fields: all of it but `seq`.
          message: for `said`: the message, which then waits for an outcome.

        Returns:
          the frame; None when there is no number for it, because the database has not
          answered for so long that a number might be used twice after a crash.
        """
        if self._writer is not None and self.seq >= self._reserved:
            return None
        self.seq += 1
        frame = kind(seq=self.seq, **fields)
        self._at_hand.append(frame)
        self._look(frame)
        known = None
        if message is not None:
            self._open[self.seq] = OpenTurn(seq=self.seq, id=message.id)
            known = self._remember(message)
        if self._writer is not None and not self._writer.is_full:
            self._writer.add(self, self._entry(frame, known))
        return frame

    def _look(self, frame: Frame) -> None:
        """See what the frame changes about the present state."""
        if isinstance(frame, _AFTER_ASK):
            self.ask = None
        elif isinstance(frame, Context):
            self.context = None if frame.name is None else frame
        elif isinstance(frame, Ask):
            earlier = self._asked_as if self._asks_again else frozenset()
            self._asked_as, self._asks_again = earlier | {frame.seq}, False
            self.ask = self._last_ask = frame

    def _entry(self, frame: Frame, known: Remembered | None) -> Entry:
        return Entry(
            user_id=self.user_id,
            seq=self.seq,
            at=self._now(),
            kind=frame.TYPE,
            body=encode(frame),
            re=getattr(frame, "re", None),
            message_id=None if known is None else known.id,
            digest=None if known is None else known.digest,
        )

    # Messages

    def _remember(self, message: Message) -> Remembered | None:
        if message.id is None:
            return None
        known = Remembered(id=message.id, digest=digest(message), seq=self.seq)
        self._remembered.add(known)
        return known

    def known(self, id_: str | None) -> Remembered | None:
        """The message that was accepted under this id."""
        return None if id_ is None else self._remembered.find(id_)

    def when_written(self, kept: Callable[[], None], lost: Callable[[Failure], None]) -> None:
        """Call back when all so far is in the database: at once when nothing is kept.

        Args:
          kept: called then.
          lost: called when the database does not take it.
        """
        if self._writer is None:
            kept()
        else:
            self._writer.when_written(kept, lost)

    def ask_again(self, frame: Ask) -> None:
        """Have the next question count as this one, which was asked before."""
        if frame.seq not in self._asked_as:
            self._asked_as = frozenset({frame.seq})
        self._asks_again = True

    def is_pending(self, seq: int) -> bool:
        """Whether the question of this number is open, maybe under another number now."""
        return self.ask is not None and seq in self._asked_as

    @property
    def question(self) -> Ask | None:
        """What was asked last; whether a reply is still awaited, the conversation knows."""
        return self._last_ask

    def begin_turn(self) -> int:
        """Count a turn that no message began among those that need an outcome.

        Returns:
          what it is known by, below 0: no message has such a number.
        """
        self._wakes -= 1
        self._open[self._wakes] = OpenTurn(seq=self._wakes, id=None)
        return self._wakes

    def end_turns(self, seqs: Iterable[int]) -> None:
        """Have the outcome of turns count."""
        if self._open and [seq for seq in seqs if self._open.pop(seq, None) is not None]:
            self.touch()

    def needs_outcome(self, seqs: Iterable[int]) -> bool:
        """Whether one of these turns has none yet."""
        return not self._open.keys().isdisjoint(seqs)

    def reopen_turn(self, seq: int, id_: str | None) -> None:
        """Have a turn need an outcome again, which goes on after all."""
        self._open.setdefault(seq, OpenTurn(seq=seq, id=id_))

    @property
    def is_open(self) -> bool:
        """Whether messages can be kept right now."""
        return self._writer is None or not self._writer.is_full

    @property
    def open_turns(self) -> tuple[OpenTurn, ...]:
        """Those that were begun, or wait, and have no outcome."""
        return tuple(self._open.values())

    # Devices that come back

    def missed(self, after: int, *, max_frames: int, max_bytes: int) -> Deferred[Frames | None]:
        """What a device has missed that has seen the frames up to `after` (spec 5.9).

        Returns:
          the frames, complete at the moment it fires; None when they are not known any more,
          or too many.
        """
        if after == self.seq:
            return succeed(())
        if 0 < self._first_at_hand <= after + 1 <= self.seq:
            newer = self._newer_than(after)
            size = sum(len(encode(frame)) for frame in newer)
            fits = len(newer) <= max_frames and size <= max_bytes
            return succeed(newer if fits else None)
        if self._writer is None or after > self.seq:
            return succeed(None)
        writer, written = self._writer, self.seq
        bounds = {"max_frames": max_frames, "max_bytes": max_bytes}
        return (
            writer.written()
            .addCallback(lambda _: writer.ask(writer.store.after, self.user_id, after, **bounds))
            .addCallback(self._complete, written)
        )

    @property
    def _first_at_hand(self) -> int:
        """The lowest number at hand; 0 when none is."""
        return (self._at_hand[0].seq or 0) if self._at_hand else 0

    def _newer_than(self, seq: int) -> Frames:
        return tuple(frame for frame in self._at_hand if (frame.seq or 0) > seq)

    def _complete(self, read: tuple[Entry, ...] | None, written: int) -> Frames | None:
        """Add what came while it was read, if that is all still at hand."""
        if read is None:
            return None
        last = max(written, read[-1].seq if read else 0)
        newer = self._newer_than(last)
        if len(newer) < self.seq - last:
            return None
        return (*(_read(entry.body) for entry in read), *newer)

    def about(self, known: Remembered) -> Deferred[Frames]:
        """The frames of a message that was accepted before: `said`, and all that it caused."""
        if 0 < self._first_at_hand <= known.seq:
            return succeed(
                tuple(
                    frame
                    for frame in self._newer_than(known.seq - 1)
                    if frame.seq == known.seq or getattr(frame, "re", None) == known.id
                )
            )
        if self._writer is None:
            return succeed(())
        writer = self._writer
        return (
            writer.written()
            .addCallback(lambda _: writer.ask(writer.store.about, self.user_id, known.seq))
            .addCallback(lambda entries: tuple(_read(entry.body) for entry in entries))
        )

    # What is kept

    def keep(self, agent: Mapping[str, Any], *, asking: bool) -> None:
        """Keep what the agent needs to go on, as it is after a turn.

        Args:
          agent: its snapshot.
          asking: whether it waits for a reply to the last question.
        """
        question = self._last_ask if asking else None
        if agent != self._agent or question is not self._question:
            self._agent, self._question = agent, question
            self.touch()

    def drop_queue(self) -> None:
        """Keep no intents any more that waited in the agent: a turn takes them."""
        if "queue" in self._agent:
            self._agent = {name: part for name, part in self._agent.items() if name != "queue"}
            self.touch()

    def forget(self) -> None:
        """Know nothing any more of frames and messages so far; numbers go on."""
        self._at_hand.clear()
        self._remembered.clear()

    def touch(self) -> None:
        """Have the record written, also without a new frame."""
        if self._writer is not None:
            self._writer.add(self)

    def put_away(self) -> Deferred[None]:
        """Write the rest; numbers then go on without a gap."""
        self._is_put_away = True
        self.touch()
        return succeed(None) if self._writer is None else self._writer.written()

    def take_back(self) -> None:
        """Go on after all."""
        self._is_put_away = False
        self.touch()

    def record(self) -> Record:
        """See `write_behind.Source`."""
        return Record(
            user_id=self.user_id,
            seq=self.seq,
            reserved=self.seq if self._is_put_away else self.seq + RESERVE,
            snapshot=self._state(),
            open_turns=self.open_turns,
        )

    def kept(self, record: Record) -> None:
        """See `write_behind.Source`."""
        self._reserved = record.reserved

    def gone(self) -> None:
        """See `write_behind.Source`: the account was deleted, so nothing is kept any more."""
        self._writer = None

    def _state(self) -> str:
        if not self._agent and self._question is None and self.context is None:
            return ""
        frames = {"question": self._question, "context": self.context}
        kept = {name: to_document(frame) for name, frame in frames.items() if frame is not None}
        return dumps({"language": self.language, "agent": self._agent, **kept})

    def open(self) -> Deferred[Mapping[str, Any]]:
        """Go on from what was kept, if anything was, in order or not (spec 5.1).

        Fires when numbers may be used.

        Returns:
          what the agent needs to go on.
        """
        if self._writer is None:
            return succeed({})
        writer, store = self._writer, self._writer.store

        def read() -> tuple[Record | None, tuple[Remembered, ...]]:
            record = store.load(self.user_id)
            if record is None:
                return None, ()
            return record, store.remembered(self.user_id, self._max_remembered)

        def reserve(state: Mapping[str, Any]) -> Deferred[Mapping[str, Any]]:
            self.touch()
            return writer.written().addCallback(lambda _: state)

        return writer.ask(read).addCallback(self._go_on_from).addCallback(reserve)

    def _go_on_from(self, kept: tuple[Record | None, tuple[Remembered, ...]]) -> Mapping[str, Any]:
        record, remembered = kept
        if record is None:
            return {}
        self.seq = record.reserved
        for one in remembered:
            self._remembered.add(one)
        self._open = {one.seq: one for one in record.open_turns}
        try:
            state = loads(record.snapshot) if record.snapshot else {}
            frames = {
                name: _read(json.dumps(state[name]))
                for name in ("question", "context")
                if name in state
            }
        except (BadSnapshot, ClientError) as error:
            text = "user {user}: the conversation starts anew: {error}"
            _log.error(text, user=self.user_id, error=error)
            return {}
        question, context = frames.get("question"), frames.get("context")
        if isinstance(question, Ask):
            self.ask = self._question = self._last_ask = question
            self._asked_as = frozenset({question.seq})
        if isinstance(context, Context):
            self.context = context
        self._agent = state.get("agent", {})
        self.language = state.get("language", self.language)
        return self._agent


def _read(body: str) -> Frame:
    frame = decode_server(body)
    if not isinstance(frame, Frame):
        raise BadSnapshot
    return frame


def digest(message: Message) -> str:
    """What tells a message from another under the same id (spec 5.3)."""
    if message.answers is None and not message.meta:
        # To the letter what the general way makes of it: digests outlive the process.
        body = f"[{_quoted(message.message)}, null, {{}}]"
    else:
        body = _SORTED.encode([message.message, message.answers, message.meta or {}])
    # 96 bits: nobody gains anything by two messages of their own that look the same.
    return hashlib.sha256(body.encode("ascii")).hexdigest()[:DIGEST_LENGTH]
