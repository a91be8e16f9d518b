"""Brings what devices say to the worker that has their conversation, once, and in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from attrs import define, field, frozen
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from pytlas_wamp.assistant.audience import log_unless_expected
from pytlas_wamp.cluster.answers import Unreadable, read_said
from pytlas_wamp.cluster.bus import Refused, Unanswered, Unreachable
from pytlas_wamp.cluster.followers import Follower
from pytlas_wamp.cluster.sayings import Saying, Sayings
from pytlas_wamp.wire.codec import encode
from pytlas_wamp.wire.codes import ErrorCode
from pytlas_wamp.wire.messages import Message

# What a worker says when it will not be better with another one.
NO_MORE: Final = "account-disabled"


@frozen(eq=False)
class Link:
    """A worker that has the conversation, for as long as that is so.

    Args:
      epoch: under which it has it.
    """

    epoch: int


@define(kw_only=True, eq=False)
class Errands:
    """What is said in one conversation, on its way.

    Args:
      user_id: whose it is.
      ask: asks the worker.
      broken: called when the worker is not there any more, or does not have it; with
        whether the same one may be asked again.
      settled: called when one is done, whatever became of it.

    Attributes:
      sayings: those under way.
    """

    _user_id: int
    _ask: Callable[[str, dict[str, Any]], Deferred[Any]]
    _broken: Callable[[bool], None]
    _settled: Callable[[], None]
    sayings: Sayings = field(init=False, factory=Sayings)
    _link: Link | None = field(init=False, default=None)

    def say(self, follower: Follower, message: Message, now: float) -> None:
        """Take a message of a device."""
        self.sayings.add(follower, message, message.id, now)
        self.go_on()

    def cancel(self, id_: str | None, now: float) -> None:
        """Take a cancel, whoever it is of."""
        self.sayings.add(None, None, id_, now)
        self.go_on()

    def begin(self, link: Link) -> None:
        """Send all that waits, from now on."""
        self._link = link
        self.go_on()

    def lost(self) -> None:
        """Send nothing more for now, and what has no answer again then."""
        self._link = None
        self.sayings.lost()

    def go_on(self) -> None:
        """Send what waits, unless that has to wait for what a device has missed."""
        while self._link is not None and (waiting := self.sayings.waiting):
            if any(_may_be_told(one) for one in waiting):
                return
            self._send(waiting[0], self._link)

    def _send(self, saying: Saying, link: Link) -> None:
        self.sayings.send(saying, link)
        body: dict[str, Any] = {"user": self._user_id, "epoch": link.epoch}
        if saying.message is None or saying.follower is None:
            answer = self._ask("cancel", {**body, "id": saying.id})
        else:
            text = encode(saying.message)
            answer = self._ask("say", {**body, "device": saying.follower.number, "message": text})
        answer.addCallbacks(
            self._answered,
            self._refused,
            callbackArgs=(saying, link),
            errbackArgs=(saying, link),
        ).addErrback(log_unless_expected, "a message is stuck")

    def _answered(self, answer: Any, saying: Saying, link: Link) -> None:
        if saying not in self.sayings:
            return
        try:
            frames = [] if saying.message is None else read_said(answer)
        except Unreadable as error:
            log_unless_usual(Failure(error), "a message was not understood")
            self._refuse(saying, ErrorCode.INTERNAL_ERROR, "the answer was not understood")
            return
        if frames and link is not saying.sent_by:
            # It was said again since, and has another answer to come.
            return
        self.sayings.settle(saying, taken=not frames)
        if saying.follower is not None:
            for frame, is_past in frames:
                if is_past:
                    saying.follower.repeat(frame)
                else:
                    saying.follower.answer(frame)
        self._settled()

    def _refused(self, failure: Failure, saying: Saying, link: Link) -> None:
        if saying not in self.sayings or link is not self._link:
            return
        error = failure.value
        code = error.code if isinstance(error, Refused) else None
        if code == NO_MORE:
            self._refuse(saying, ErrorCode.UNAVAILABLE, "the account is disabled")
        elif code == "failed" or not isinstance(error, Refused | Unreachable | Unanswered):
            log_unless_usual(failure, "a message could not be said")
            text = "the message was not taken; the server's log says more"
            self._refuse(saying, ErrorCode.INTERNAL_ERROR, text)
        else:
            self._broken(code == "unavailable")

    def _refuse(self, saying: Saying, code: ErrorCode, text: str) -> None:
        self.sayings.drop(saying)
        if saying.follower is not None:
            saying.follower.complain(saying.id, code, text)
        self._settled()

    def give_up(self, follower: Follower, text: str) -> None:
        """Say nothing more of a device, which begins anew, and what that means for it."""
        sayings = self.sayings.of(follower)
        self.sayings.drop_all_of(follower)
        for one in sayings:
            if not one.was_out:
                follower.complain(one.id, ErrorCode.UNAVAILABLE, text)
            elif one.id is None and not one.is_told:
                # With an id, it says it again itself, and learns what became of it.
                doubt = "it is not known whether the last message was taken"
                follower.complain(None, ErrorCode.UNAVAILABLE, doubt)


def log_unless_usual(failure: Failure, text: str) -> None:
    """Log a failure, unless it is one of those that a cluster has every day."""
    if not isinstance(failure.value, Refused | Unreachable | Unanswered):
        log_unless_expected(failure, text)


def _may_be_told(saying: Saying) -> bool:
    """Whether what the device has missed may tell that this was taken."""
    follower = saying.follower
    return saying.was_out and follower is not None and not follower.follows
