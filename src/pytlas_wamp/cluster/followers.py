"""The devices of a gateway in one conversation, and how far each has followed its log.

What makes a device miss nothing, and get nothing twice, is the number of the last frame that it
has got (docs/reference/cluster-protocol.md, section 5).
"""

from __future__ import annotations

from attrs import define, field
from twisted.internet.defer import Deferred

from pytlas_wamp.assistant.audience import Device, Presence
from pytlas_wamp.assistant.turns import Frame
from pytlas_wamp.wire.codes import ErrorCode
from pytlas_wamp.wire.messages import Error, ServerMessage


@define(kw_only=True, eq=False)
class Follower:
    """A device, as its conversation sees it.

    Args:
      number: what the worker knows it by.
      device: the connection.
      last: the number of the last frame that it has; None when it did not say.
      since: the moment from which on it waits.

    Attributes:
      arrived: fires when it has joined, with what it learns.
      is_newcomer: whether it has not joined yet, ever.
      follows: whether it has all that was told, and so takes what is told next.
      asked: whether it is part of a `join` that is not answered yet.
      has_left: whether only what it said is left of it.
    """

    number: int
    device: Device
    last: int | None
    since: float
    arrived: Deferred[Presence] = field(init=False, factory=Deferred)
    is_newcomer: bool = field(init=False, default=True)
    follows: bool = field(init=False, default=False)
    asked: bool = field(init=False, default=False)
    has_left: bool = field(init=False, default=False)
    # What tells of a past that it has not seen yet, and up to which number that goes.
    _early: list[tuple[int, ServerMessage]] = field(init=False, factory=list)

    def wait(self, now: float) -> None:
        """Follow no more, until it has joined again."""
        if self.follows:
            self.follows, self.since = False, now
        self.asked = False

    def arrive(self, presence: Presence) -> None:
        """Have joined for the first time."""
        self.last, self.is_newcomer, self.follows = presence.seq, False, True
        self.arrived.callback(presence)

    def come_up_to(self, seq: int) -> None:
        """Have joined again, and got all up to a number."""
        self.last, self.follows = max(seq, self.last or 0), True
        self._catch_up()

    def is_next(self, frame: Frame) -> bool:
        """Whether nothing is missing between what it has and this frame."""
        return _number(frame) == (self.last or 0) + 1

    def has(self, frame: Frame) -> bool:
        """Whether it has this frame already, or had no need of it."""
        return self.last is not None and _number(frame) <= self.last

    def take(self, frame: Frame, *, is_own: bool) -> None:
        """Get the next frame.

        Args:
          frame: it.
          is_own: whether it only tells what this device said itself.
        """
        self.last = _number(frame)
        if not (is_own or self.has_left):
            self.device.deliver(frame)
        self._catch_up()

    def repeat(self, frame: ServerMessage) -> None:
        """Get a frame that tells of the past, as soon as it is past for this device, too."""
        seq = getattr(frame, "seq", None) or 0
        self._early.append((seq, frame))
        self._catch_up()

    def _catch_up(self) -> None:
        while self.follows and self._early and self._early[0][0] <= (self.last or 0):
            _, frame = self._early.pop(0)
            if not self.has_left:
                self.device.repeat(frame)

    def answer(self, frame: ServerMessage) -> None:
        """Get what is for this device alone."""
        if not self.has_left:
            self.device.deliver(frame)

    def complain(self, id_: str | None, code: ErrorCode, text: str) -> None:
        """Be told what is wrong with what it sent."""
        self.answer(complaint(id_, code, text))


def complaint(id_: str | None, code: ErrorCode, text: str) -> Error:
    """An error about a message that was not accepted."""
    return Error(code=code.value, message=text, retryable=code.retryable, re=id_)


def _number(frame: Frame) -> int:
    return frame.seq or 0
