"""The log of one conversation: numbers, what was said, what is present (spec 5.3, 5.9).

It knows nothing of turns and skills; it says what the next frame's number is, and has
everything written: behind the frames, which devices get at once; or *ahead* of them, where
several processes share the database and only what is written counts.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from attrs import define, field
from twisted.internet.defer import Deferred, succeed
from twisted.logger import Logger
from twisted.python.failure import Failure

from pytlas_wamp.assistant.kept_state import KeptState
from pytlas_wamp.assistant.lookback import Frames, Lookback
from pytlas_wamp.assistant.ownership import HeldElsewhere
from pytlas_wamp.assistant.recollection import Recollection, digest
from pytlas_wamp.assistant.snapshots import BadSnapshot
from pytlas_wamp.assistant.turns import Frame
from pytlas_wamp.assistant.write_behind import WriteBehind
from pytlas_wamp.journal.model import MAX_SEQ, Entry, OpenTurn, Record, Remembered
from pytlas_wamp.wire.codec import encode
from pytlas_wamp.wire.messages import (
    Answer,
    Ask,
    Context,
    Done,
    Message,
    Said,
    Thinking,
)

_log = Logger()

# With one of these, no question is open any more.
_AFTER_ASK = (Thinking, Done, Said)
# What is lost, of what is written ahead, when too much waits: all else says how a turn ends, or
# in what state the conversation is.
_EXPENDABLE = (Answer, Thinking)
# How long the database may be away before messages are not kept waiting for it.
PATIENCE_SECONDS = 10.0
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
      epoch: under which this process has the conversation, so that it is written ahead; None
        when there is one process only.

    Attributes:
      seq: the last number used.
      context: the frame that told of the context the conversation is in; None at the root.
      ask: the frame of the pending question, if any.
      language: the user's language as stored.
      written: the last number in the database, where it is written ahead.
      is_over: whether it is no longer ours to write.
      on_written: told the last number in the database, where it is written ahead.
      on_fenced: told that another process has the conversation.
    """

    user_id: int
    language: str
    _now: Callable[[], float]
    _writer: WriteBehind | None = None
    _max_remembered: int = 1_000
    epoch: int | None = None
    seq: int = field(init=False, default=0)
    written: int = field(init=False, default=0)
    is_over: bool = field(init=False, default=False)
    on_written: Callable[[int], None] = field(init=False, default=lambda _: None)
    on_fenced: Callable[[], None] = field(init=False, default=lambda: None)
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
    _lookback: Lookback = field(init=False)
    # Those of the lookback.
    _at_hand: deque[Frame] = field(init=False)
    _remembered: Recollection = field(init=False)
    _open: dict[int, OpenTurn] = field(init=False, factory=dict)
    _wakes: int = field(init=False, default=0)

    @_lookback.default
    def _make_lookback(self) -> Lookback:
        return Lookback(user_id=self.user_id, seq=lambda: self.seq, writer=self._writer)

    @_at_hand.default
    def _take_at_hand(self) -> deque[Frame]:
        return self._lookback.at_hand

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
          answered for so long that a number might be used twice after a crash, or that too
          much waits to be written ahead.
        """
        writer = self._writer
        if writer is not None and self.seq >= self._reserved:
            return None
        if self.epoch is not None and kind in _EXPENDABLE and writer is not None and writer.is_full:
            return None
        self.seq += 1
        frame = kind(seq=self.seq, **fields)
        self._at_hand.append(frame)
        self._look(frame)
        known = None
        if message is not None:
            self._open[self.seq] = OpenTurn(seq=self.seq, id=message.id)
            known = self._remember(message)
        if writer is not None and (not writer.is_full or self.epoch is not None):
            writer.add(self, self._entry(frame, known))
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
        writer = self._writer
        return writer is None or not (
            writer.is_full or (self.epoch is not None and not self.is_patient)
        )

    @property
    def may_be_undone(self) -> bool:
        """Whether something waits to be written ahead, which counts only then."""
        return self.epoch is not None and self.written < self.seq

    @property
    def is_patient(self) -> bool:
        """Whether messages may wait for the database: it has not been away for long."""
        return self._writer is None or self._writer.lag_seconds < PATIENCE_SECONDS

    @property
    def open_turns(self) -> tuple[OpenTurn, ...]:
        """Those that were begun, or wait, and have no outcome."""
        return tuple(self._open.values())

    # Devices that come back

    def missed(self, after: int, *, max_frames: int, max_bytes: int) -> Deferred[Frames | None]:
        """What a device has missed that has seen the frames up to `after`; see `Lookback`."""
        return self._lookback.missed(after, max_frames=max_frames, max_bytes=max_bytes)

    def about(self, known: Remembered) -> Deferred[Frames]:
        """The frames of a message that was accepted before: `said`, and all that it caused.

        Where frames are written ahead, those that are written.
        """
        if self.epoch is None:
            return self._lookback.about(known)
        return self.secured().addCallback(lambda _: self._lookback.about(known, up_to=self.written))

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

    @property
    def is_written(self) -> bool:
        """Whether nothing waits to be written that is not being written."""
        return self._writer is None or not self._writer.waits(self.user_id)

    def secured(self) -> Deferred[None]:
        """Write the rest ahead, and see by this that the conversation is still ours.

        Returns:
          fires when all so far is in the database; fails with HeldElsewhere when another
          process has the conversation, or another OperatorError when nothing can be written.
        """
        self.touch()
        written = succeed(None) if self._writer is None else self._writer.written()
        return written.addCallback(lambda _: self._refuse_if_over())

    def _refuse_if_over(self) -> None:
        if self.is_over:
            raise HeldElsewhere

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
        gapless = self._is_put_away or self.epoch is not None
        return Record(
            user_id=self.user_id,
            seq=self.seq,
            reserved=self.seq if gapless else self.seq + RESERVE,
            snapshot=self._state(),
            open_turns=self.open_turns,
        )

    def kept(self, record: Record) -> None:
        """See `write_behind.Source`."""
        if self.epoch is None:
            self._reserved = record.reserved
        elif not self.is_over:
            self.written = record.seq
            self.on_written(record.seq)

    def gone(self) -> None:
        """See `write_behind.Source`: the account was deleted, so nothing is kept any more."""
        if self.epoch is None:
            self._writer = self._lookback.writer = None
        else:
            self.fenced()

    def fenced(self) -> None:
        """See `write_behind.Source`: another process has the conversation."""
        if not self.is_over:
            self.end()
            self.on_fenced()

    def end(self) -> None:
        """Write nothing any more, nor say that anything is written."""
        self.is_over = True
        self._writer = self._lookback.writer = None

    def _state(self) -> str:
        if not self._agent and self._question is None and self.context is None:
            # As it is after most turns.
            return ""
        return KeptState(
            language=self.language,
            agent=self._agent,
            question=self._question,
            context=self.context,
        ).text()

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
            if self.epoch is not None:
                # No number is used before it is written.
                self._reserved, self.written = MAX_SEQ, self.seq
                return succeed(state)
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
            state = KeptState.of(record.snapshot, self.language)
        except BadSnapshot as error:
            text = "user {user}: the conversation starts anew: {error}"
            _log.error(text, user=self.user_id, error=error)
            return {}
        if state.question is not None:
            self.ask = self._question = self._last_ask = state.question
            self._asked_as = frozenset({state.question.seq})
        self.context = state.context
        self._agent, self.language = state.agent, state.language
        return self._agent
