"""What waits for its turn in a conversation, and what is not let in (spec 5.2 to 5.4)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from attrs import define, field
from twisted.python.failure import Failure

from pytlas_wamp.assistant.audience import Audience, Device, log_unless_expected
from pytlas_wamp.assistant.recollection import digest
from pytlas_wamp.assistant.turns import Turn
from pytlas_wamp.wire.codes import ErrorCode
from pytlas_wamp.wire.messages import Message, Said

_NOT_KEPT = "the server cannot keep messages right now"

# What is refused because of something else that was said.
_BY_OTHERS = frozenset({ErrorCode.QUESTION_GONE, ErrorCode.ID_REUSED})


@define(kw_only=True, eq=False)
class Reception:
    """Takes messages in, and has them wait until they are written and it is their turn.

    Args:
      audience: is told what was said, and what is wrong with it.
      max_waiting: messages that may wait behind the one that runs.
      go_on: called when a turn may have become ready.
    """

    _audience: Audience
    _max_waiting: int
    _go_on: Callable[[], None]
    _turns: deque[Turn] = field(init=False, factory=deque)
    _closed: bool = field(init=False, default=False)

    def take(
        self,
        device: Device,
        message: Message,
        *,
        busy: bool,
        taken: Callable[[], None] | None = None,
    ) -> Turn | None:
        """Take what a device says.

        Args:
          device: is told when it is not accepted, or was accepted before.
          message: what it says.
          busy: whether a turn runs.
          taken: called when the device alone is told nothing more about it.

        Returns:
          its turn, if it was accepted.
        """
        known = self._audience.log.known(message.id)
        refusal = self._refusal(message, busy=busy)
        if known is not None and known.digest == digest(message):
            self._audience.say_again(device, known, taken)
            return None
        if known is not None:
            refusal = ErrorCode.ID_REUSED, "another message was sent under this id"
        if refusal is None:
            return self._accept(device, message, taken)
        self._refuse(device, message, refusal, taken)
        return None

    def _refuse(
        self,
        device: Device,
        message: Message,
        refusal: tuple[ErrorCode, str],
        taken: Callable[[], None] | None,
    ) -> None:
        log = self._audience.log

        def refuse(code: ErrorCode, text: str) -> None:
            if log.is_over:
                return
            self._audience.complain(device, message.id, code, text)
            if taken is not None:
                taken()

        if refusal[0] in _BY_OTHERS and log.may_be_undone:
            # What the other one said may be for another process to take, behind this.
            log.when_written(
                lambda: refuse(*refusal), lambda _: refuse(ErrorCode.UNAVAILABLE, _NOT_KEPT)
            )
        else:
            refuse(*refusal)

    def _refusal(self, message: Message, *, busy: bool) -> tuple[ErrorCode, str] | None:
        log = self._audience.log
        if self._closed:
            return ErrorCode.UNAVAILABLE, "the server is about to stop"
        if message.answers is not None and not log.is_pending(message.answers):
            return ErrorCode.QUESTION_GONE, "this question is no longer open"
        if len(self._turns) + busy > self._max_waiting:
            return ErrorCode.BUSY, "too many messages wait for their turn"
        if not log.is_open:
            return ErrorCode.UNAVAILABLE, _NOT_KEPT
        return None

    def _accept(self, device: Device, message: Message, taken: Callable[[], None] | None) -> Turn:
        log = self._audience.log
        turn = Turn(
            id=message.id,
            text=message.message,
            meta=message.meta or {},
            reply=log.ask is not None,
        )
        turn.seq = self._audience.publish(
            Said, without=device, said=message, message=message.message, id=message.id
        )
        if turn.reply:
            # What was said before the question was no reply to it.
            self._turns.appendleft(turn)
        else:
            self._turns.append(turn)
        self._have_written(turn, taken)
        return turn

    def take_wake(self) -> None:
        """Have a turn for the intents that skills have queued while nothing runs."""
        if not self._closed:
            turn = Turn(seq=self._audience.log.begin_turn())
            self._turns.appendleft(turn)
            self._have_written(turn)

    def _have_written(self, turn: Turn, taken: Callable[[], None] | None = None) -> None:
        """Let nothing run that a crash could make forgotten, or run a second time (spec 5.3)."""
        log = self._audience.log
        # The turn takes what waits in the agent's queue: a crash must not bring that back.
        log.drop_queue()
        turn.accepted = False

        def accepted() -> None:
            if log.is_over:
                return
            turn.accepted = True
            self._go_on()
            if taken is not None:
                taken()

        def lost(failure: Failure) -> None:
            if log.is_over:
                return
            # What is written ahead will be written, however long that takes.
            waits = log.epoch is not None and not turn.accepted
            if not (waits and log.is_patient):
                self._not_written(failure, turn)
            if waits:
                log.when_written(accepted, lost)
            elif taken is not None:
                taken()

        log.when_written(accepted, lost)

    def _not_written(self, failure: Failure, turn: Turn) -> None:
        log_unless_expected(failure, "a message could not be kept")
        if self.withdraw(turn):
            log = self._audience.log
            question = log.question if turn.reply or log.ask is not None else None
            self._audience.fail(turn, ErrorCode.UNAVAILABLE, _NOT_KEPT)
            if question is not None:
                # The skill still waits for a reply, and devices take `done` for its end.
                self._audience.ask_again(question)
        self._go_on()

    def withdraw(self, turn: Turn) -> bool:
        """Have a turn wait no longer; False when it does not wait."""
        if turn in self._turns:
            self._turns.remove(turn)
            return True
        return False

    def next(self, *, asking: bool) -> Turn | None:
        """The turn that may run now; it waits no longer.

        Args:
          asking: whether only the reply to a question may.
        """
        return self._taken(accepted=True, asking=asking)

    def unwritten(self, *, asking: bool) -> Turn | None:
        """The turn that would run now, were it written already; it waits no longer."""
        return self._taken(accepted=False, asking=asking)

    def _taken(self, *, accepted: bool, asking: bool) -> Turn | None:
        first = self._turns[0] if self._turns else None
        if first is None or first.accepted != accepted or (asking and not first.reply):
            return None
        return self._turns.popleft()

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not self._turns

    def __len__(self) -> int:
        """How many turns wait."""
        return len(self._turns)

    def drop(self) -> None:
        """Take nothing more, and forget what waits: another process has it now."""
        self._closed = True
        self._turns.clear()

    def close(self) -> None:
        """Take nothing more, and tell of what waits that it will not run."""
        self._closed = True
        waiting, self._turns = self._turns, deque()
        for turn in waiting:
            if turn.text is None:
                # Its intents are still in the agent's queue, and run after the restart.
                self._audience.log.end_turns(turn.open_seqs)
            else:
                self._audience.interrupt(turn)
