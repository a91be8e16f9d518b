"""Where a worker answers what gateways ask (docs/reference/cluster-protocol.md, section 3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from pytlas_wamp.assistant.audience import Presence, log_unless_expected
from pytlas_wamp.assistant.conversation import Conversation
from pytlas_wamp.assistant.host import Host, Person
from pytlas_wamp.assistant.ownership import HeldElsewhere
from pytlas_wamp.cluster.bus import Refused
from pytlas_wamp.cluster.questions import (
    Cancel,
    Forget,
    Join,
    Leave,
    Malformed,
    Question,
    Say,
    read_question,
)
from pytlas_wamp.cluster.seats import Answers, Row, Seat, Seats, moved
from pytlas_wamp.errors import ClientError, OperatorError
from pytlas_wamp.wire.codec import encode

_log = Logger()


@define(kw_only=True, eq=False)
class WorkerDesk:
    """The `Inbox` of a worker: what gateways ask is asked of the conversations.

    Args:
      host: has the conversations.
      seats: those of the gateways in them.
      find_person: what is stored about a user now; fails with ClientError if disabled or gone.
      erase: deletes what a user said, and gives how many frames that were.
      takes: whether the worker takes this user's conversation, or has it and keeps it.
      languages: two-letter codes that the worker serves; empty for all.
    """

    _host: Host
    _seats: Seats
    _find_person: Callable[[int], Deferred[Person]]
    _erase: Callable[[int], Deferred[int]]
    _takes: Callable[[int], bool]
    _languages: frozenset[str] = field(default=frozenset())

    def asked(self, sender: str, what: str, body: Any) -> Any:
        """See `Inbox`."""
        try:
            question = read_question(what, body)
        except Malformed as problem:
            text = "{sender} asked {what!r} against the protocol: {problem}"
            _log.error(text, sender=sender, what=what, problem=problem)
            raise Refused("failed", "the question does not follow the protocol") from None
        return _ANSWERS[type(question)](self, sender, question)

    def told(self, sender: str, body: Any) -> None:  # noqa: ARG002 - the interface's
        """See `Inbox`: workers are told nothing."""
        _log.error("{sender} told something, and workers are only asked", sender=sender)

    def connected(self) -> None:
        """See `Inbox`: gateways come by themselves."""

    def disconnected(self) -> None:
        """See `Inbox`."""
        # What they are told is lost, and they may have found another worker by the time we are
        # back, or be gone. Those who have not join again.
        self._seats.all_left()

    def left(self, node: str) -> None:
        """See `Inbox`."""
        self._seats.left(node)

    # One method per question

    def _join(self, sender: str, question: Join) -> Deferred[dict[str, Any]]:
        self._refuse_unless_taken(question.user)
        row = self._seats.row(sender)
        return (
            self._find_person(question.user)
            .addCallback(self._sit_down, row, question)
            .addErrback(_refuse_after, question.user)
        )

    def _sit_down(self, person: Person, row: Row, question: Join) -> Deferred[dict[str, Any]]:
        self._refuse_unless_taken(person.id)
        if self._languages and person.language[:2].lower() not in self._languages:
            self._give_away(person.id)
            raise Refused("language", "this worker does not serve the user's language")
        seat = row.make(person.id)
        return self._host.join(
            person, seat, question.after, instead_of=question.instead_of
        ).addCallback(self._joined, row, seat)

    def _joined(
        self, joined: tuple[Conversation, Presence], row: Row, seat: Seat
    ) -> dict[str, Any]:
        conversation, presence = joined
        row.sit_down(seat, conversation)
        return {
            "epoch": seat.epoch,
            "language": presence.language,
            "seq": presence.seq,
            "context": None if presence.context is None else encode(presence.context),
            "ask": None if presence.ask is None else encode(presence.ask),
            "missed": None if presence.missed is None else list(map(encode, presence.missed)),
        }

    def _refuse_unless_taken(self, user_id: int) -> None:
        if not self._takes(user_id):
            raise Refused("draining", "this worker takes no conversations any more")

    def _give_away(self, user_id: int) -> None:
        """Keep no conversation whose user now speaks what this worker does not."""
        if self._host.find(user_id) is not None:
            self._host.hand_over(user_id).addErrback(
                log_unless_expected, "a conversation could not be given back"
            )

    def _say(self, sender: str, question: Say) -> Deferred[dict[str, Any]]:
        def answer(frames: Answers) -> dict[str, Any]:
            return {"frames": frames}

        seat = self._seat(sender, question)
        return seat.say(question.device, question.message).addCallback(answer)

    def _cancel(self, sender: str, question: Cancel) -> dict[str, Any]:
        self._seat(sender, question).conversation.cancel(question.id)
        return {}

    def _leave(self, sender: str, question: Leave) -> dict[str, Any]:
        self._seats.leave(sender, question.user, question.epoch)
        return {}

    def _forget(self, _sender: str, question: Forget) -> Deferred[dict[str, Any]]:
        # Who deletes a history need not have a device in the conversation.
        conversation = self._host.find(question.user)
        if conversation is None or conversation.epoch != question.epoch:
            raise moved()
        return (
            self._erase(question.user)
            .addCallback(lambda count: {"deleted": count})
            .addErrback(_refuse_after, question.user)
        )

    def _seat(self, sender: str, question: Say | Cancel) -> Seat:
        # Without a seat it would never see what comes of it: it has to join first.
        seat = self._seats.find(sender, question.user, question.epoch)
        if seat is None:
            raise moved()
        return seat


def _refuse_after(failure: Failure, user_id: int) -> Failure:
    """Say what a failure means to a gateway; a bug stays what it is."""
    error = failure.value
    if isinstance(error, HeldElsewhere):
        raise Refused("held", "another worker has the conversation") from None
    if isinstance(error, ClientError) and error.code == "account-disabled":
        raise Refused("account-disabled", "the account is disabled or deleted") from None
    if isinstance(error, OperatorError) and not isinstance(error, Refused):
        _log.error("user {user}: {error}", user=user_id, error=error)
        raise Refused("unavailable", "the conversation cannot be used right now") from None
    return failure


_ANSWERS: Mapping[type[Question], Callable[[WorkerDesk, str, Any], Any]] = {
    Join: WorkerDesk._join,  # noqa: SLF001 - the table stands beside its class
    Say: WorkerDesk._say,  # noqa: SLF001
    Cancel: WorkerDesk._cancel,  # noqa: SLF001
    Leave: WorkerDesk._leave,  # noqa: SLF001
    Forget: WorkerDesk._forget,  # noqa: SLF001
}
