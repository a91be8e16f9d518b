"""What passes between a conversation and its agent."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from attrs import Factory, define, field, frozen

from pytlas_wamp.wire.codes import ErrorCode
from pytlas_wamp.wire.messages import (
    Answer,
    Ask,
    Context,
    Done,
    Error,
    Language,
    Said,
    Thinking,
)

# What has a number in a conversation (spec 5.3).
Frame = Thinking | Answer | Ask | Done | Context | Language | Said | Error


class Outcome(StrEnum):
    """What became of a turn."""

    ANSWERED = "answered"
    ASKED = "asked"
    FAILED = "failed"
    TIMEOUT = "timeout"
    # Stopped by a cancel; or itself a cancel that no skill took.
    CANCELLED = "cancelled"
    UNAVAILABLE = "unavailable"
    BUSY = "busy"
    # No skill took it.
    UNHANDLED = "unhandled"

    @classmethod
    def of_error(cls, code: str) -> Outcome:
        """What becomes of a turn in which an error is told."""
        return _OF_ERROR.get(code, cls.FAILED)


_OF_ERROR = {
    ErrorCode.SKILL_TIMEOUT.value: Outcome.TIMEOUT,
    ErrorCode.SKILL_UNAVAILABLE.value: Outcome.UNAVAILABLE,
    ErrorCode.UNAVAILABLE.value: Outcome.UNAVAILABLE,
    ErrorCode.BUSY.value: Outcome.BUSY,
}
_WENT_WRONG = frozenset({Outcome.FAILED, Outcome.TIMEOUT, Outcome.UNAVAILABLE, Outcome.BUSY})


@define(kw_only=True, eq=False)
class Turn:
    """One piece of work for the agent, told apart by identity.

    Args:
      id: the client's id of the message or cancel, which its frames carry as `re`.
      text: what the user said; None for a turn that no message began.
      meta: what the message carried for the skill.
      reply: whether a question was open when it was said.
      seq: the number in the log by which its outcome is known to be open.
      stops: the same of the turns that it cancelled; their outcome is its own.
      accepted: whether it may begin: its message is in the database.
      over: set as soon as it has ended or was cancelled, even before a thread took it.
      outcome: one of `Outcome`, final once it has ended; the first thing that went wrong,
        if anything did. None when it was cancelled before a thread took it.
      skill: the package of the skill the outcome is about; the last one that was called.
    """

    id: str | None = None
    text: str | None = field(default=None, repr=False)
    meta: Mapping[str, Any] = field(default=Factory(dict), repr=False)
    reply: bool = False
    seq: int | None = None
    stops: tuple[int, ...] = ()
    accepted: bool = True
    over: bool = False
    outcome: str | None = None
    skill: str | None = None

    @property
    def open_seqs(self) -> tuple[int, ...]:
        """All numbers whose outcome is its own."""
        return self.stops if self.seq is None else (self.seq, *self.stops)

    def went(self, outcome: Outcome, skill: str | None = None) -> None:
        """Note what has become of it so far."""
        if self.outcome not in _WENT_WRONG:
            self.outcome = outcome
            self.skill = skill or self.skill


@frozen(kw_only=True)
class Emission:
    """A frame in the making: the conversation adds `seq` and `re` (spec 5.3).

    Args:
      turn: what caused it.
      kind: the class of the frame.
      fields: its other fields.
      skill: the package of the skill that it is from or about, if any.
      last: whether it ends its turn, unless that goes on later all the same.
      joined: whether the next one belongs to it, so that both are told at once.
    """

    turn: Turn | None
    kind: type[Frame]
    fields: Mapping[str, Any] = field(repr=False)
    skill: str | None = None
    last: bool = False
    joined: bool = False
