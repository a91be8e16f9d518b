"""The seats that gateways have in the conversations of a worker.

To a conversation, a gateway is one device, however many of the user's devices it has: what
all get crosses to it once. Who of them spoke is a number that means something to the
gateway only.
"""

from __future__ import annotations

from typing import Any, Final

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from pytlas_wamp.assistant.audience import Device
from pytlas_wamp.assistant.conversation import Conversation
from pytlas_wamp.cluster.bus import MAX_BODY_BYTES, Refused
from pytlas_wamp.cluster.tellings import BODY_BYTES, ENTRY_BYTES, Tellings
from pytlas_wamp.wire.codec import encode
from pytlas_wamp.wire.messages import Message, ServerMessage

_log = Logger()

# What a gateway learns that a device alone gets: pairs of a frame, and whether it is old.
Answers = list[list[Any]]

_MAX_ANSWERS_BYTES: Final = MAX_BODY_BYTES - BODY_BYTES


def moved() -> Refused:
    """What a gateway learns that asks for a conversation which is not here."""
    return Refused("moved", "this worker does not have the conversation under this epoch")


@define(eq=False)
class Speaker:
    """One device of a gateway, while it says something: gets what nobody else gets.

    Args:
      gateway: the id of the gateway.
      number: by which the gateway knows it.

    Attributes:
      answered: fires with what it got when nothing more follows; fails with `Refused`.
    """

    gateway: str
    number: int
    answered: Deferred[Answers] = field(init=False, factory=Deferred)
    _answers: Answers = field(init=False, factory=list)
    _bytes: int = field(init=False, default=0)

    def deliver(self, frame: ServerMessage) -> None:
        """Take a complaint."""
        self._keep(frame, is_past=False)

    def repeat(self, frame: ServerMessage) -> None:
        """Take a frame again that was sent before."""
        self._keep(frame, is_past=True)

    def overhear(self, frame: ServerMessage, speaker: Device) -> None:
        """See `Device`: the gateway's seat overhears what others say."""

    def moved(self) -> None:
        """The conversation went away before it took the message."""
        if not self.answered.called:
            self.answered.errback(moved())

    def taken(self) -> None:
        """Nothing more follows about the message."""
        if not self.answered.called:
            self.answered.callback(self._answers)

    def _keep(self, frame: ServerMessage, *, is_past: bool) -> None:
        text = encode(frame)
        before, self._bytes = self._bytes, self._bytes + len(text) + ENTRY_BYTES
        if self._bytes <= _MAX_ANSWERS_BYTES:
            self._answers.append([text, is_past])
        elif before <= _MAX_ANSWERS_BYTES:
            about = {"number": self.number, "gateway": self.gateway}
            _log.error("device {number} of {gateway} asks for more than fits an answer", **about)


@define(eq=False)
class Seat:
    """A gateway, as one conversation sees it.

    Args:
      row: of the gateway.
      user_id: whose conversation.
      tellings: brings frames to the gateway.

    Attributes:
      conversation: set as soon as it has joined that.
      epoch: under which this worker has that.
    """

    _row: Row
    user_id: int
    _tellings: Tellings
    conversation: Conversation = field(init=False)
    epoch: int = field(init=False)
    _speakers: set[Speaker] = field(init=False, factory=set)

    def sit_down(self, conversation: Conversation) -> None:
        """Belong to a conversation, which counts it among its devices already."""
        self.conversation, self.epoch = conversation, conversation.epoch

    def deliver(self, frame: ServerMessage) -> None:
        """Take a frame that all devices get."""
        self._tell(frame, None)

    def repeat(self, frame: ServerMessage) -> None:
        """Take a frame again; each device knows by its number whether it has it."""
        self._tell(frame, None)

    def overhear(self, frame: ServerMessage, speaker: Device) -> None:
        """Take a frame that all devices get but the one that spoke."""
        is_ours = isinstance(speaker, Speaker) and speaker.gateway == self._row.gateway
        self._tell(frame, speaker.number if is_ours else None)  # type: ignore[attr-defined]

    def moved(self) -> None:
        """Have the gateway learn that this is no longer the place."""
        self._row.drop(self)
        self._tellings.moved(self._row.gateway, self.user_id, self.epoch)
        speakers, self._speakers = self._speakers, set()
        for speaker in speakers:
            speaker.moved()

    def say(self, number: int, message: Message) -> Deferred[Answers]:
        """Say something for one of the gateway's devices; see `Speaker.answered`."""
        speaker = Speaker(self._row.gateway, number)
        self._speakers.add(speaker)

        def over(outcome: Any) -> Any:
            self._speakers.discard(speaker)
            return outcome

        answered = speaker.answered.addBoth(over)
        self.conversation.say(speaker, message, speaker.taken)
        return answered

    def _tell(self, frame: ServerMessage, device: int | None) -> None:
        gateway = self._row.gateway
        self._tellings.frame(gateway, self.user_id, self.epoch, encode(frame), device)


@define(eq=False)
class Row:
    """The seats of one gateway.

    Args:
      gateway: its id.
      tellings: brings frames to it.

    Attributes:
      is_gone: whether the gateway has left: who is about to sit down must not.
    """

    gateway: str
    _tellings: Tellings
    is_gone: bool = field(init=False, default=False)
    _seats: dict[int, Seat] = field(init=False, factory=dict)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._seats)

    def make(self, user_id: int) -> Seat:
        """A seat that belongs nowhere yet: a device to join a conversation with."""
        return Seat(self, user_id, self._tellings)

    def find(self, user_id: int, epoch: int) -> Seat | None:
        """The seat in a user's conversation, if there is one under this epoch."""
        seat = self._seats.get(user_id)
        return seat if seat is not None and seat.epoch == epoch else None

    def sit_down(self, seat: Seat, conversation: Conversation) -> None:
        """Have the gateway sit in a conversation, to which the seat belongs already.

        It sits there once: if it did so before, the older seat stays, which knows who speaks.

        Raises:
          Refused: when the gateway has left.
        """
        seat.sit_down(conversation)
        present = self._seats.get(seat.user_id)
        if self.is_gone or (present is not None and present.conversation is conversation):
            conversation.detach(seat)
        else:
            self._seats[seat.user_id] = seat
        if self.is_gone:
            raise moved()

    def leave(self, user_id: int, epoch: int) -> None:
        """Give a seat up, if there is one under this epoch; what was said is still answered."""
        seat = self.find(user_id, epoch)
        if seat is not None:
            self.drop(seat)
            seat.conversation.detach(seat)

    def leave_all(self) -> None:
        """The gateway is gone."""
        self.is_gone = True
        self._tellings.drop(self.gateway)
        for seat in tuple(self._seats.values()):
            self.leave(seat.user_id, seat.epoch)

    def drop(self, seat: Seat) -> None:
        """Know a seat no more; it may be another's place by now."""
        if self._seats.get(seat.user_id) is seat:
            del self._seats[seat.user_id]


@define(eq=False)
class Seats:
    """All seats of all gateways.

    Args:
      tellings: brings frames to them.
    """

    _tellings: Tellings
    _rows: dict[str, Row] = field(init=False, factory=dict)

    def row(self, gateway: str) -> Row:
        """The seats of a gateway, which has none at first."""
        row = self._rows.get(gateway)
        if row is None:
            row = self._rows[gateway] = Row(gateway, self._tellings)
        return row

    def find(self, gateway: str, user_id: int, epoch: int) -> Seat | None:
        """See `Row.find`; does not make a row."""
        row = self._rows.get(gateway)
        return None if row is None else row.find(user_id, epoch)

    def leave(self, gateway: str, user_id: int, epoch: int) -> None:
        """See `Row.leave`."""
        row = self._rows.get(gateway)
        if row is not None:
            row.leave(user_id, epoch)

    def left(self, gateway: str) -> None:
        """A gateway is gone: it has no seats any more."""
        row = self._rows.pop(gateway, None)
        if row is not None:
            row.leave_all()

    def all_left(self) -> None:
        """We are cut off: who comes back joins again."""
        for gateway in tuple(self._rows):
            self.left(gateway)

    @property
    def gateways(self) -> int:
        """How many gateways have seats."""
        return sum(1 for row in self._rows.values() if len(row))

    def __len__(self) -> int:
        """How many seats there are."""
        return sum(map(len, self._rows.values()))
