"""The devices of a conversation, and the log that all of them follow (spec 5.8, 5.9)."""

from __future__ import annotations

from typing import Any, Protocol

from attrs import define, field, frozen
from twisted.internet.defer import Deferred, succeed
from twisted.logger import Logger
from twisted.python.failure import Failure

from pytlas_wamp.assistant.log import ConversationLog, Frames
from pytlas_wamp.assistant.turns import Frame, Turn
from pytlas_wamp.errors import OperatorError
from pytlas_wamp.journal.model import Remembered
from pytlas_wamp.wire.codes import ErrorCode
from pytlas_wamp.wire.messages import Ask, Context, Done, Error, Message, ServerMessage

_log = Logger()


class Device(Protocol):
    """One connection of the user, as the conversation sees it."""

    def deliver(self, frame: ServerMessage) -> None:
        """Take a frame; must not raise."""

    def repeat(self, frame: ServerMessage) -> None:
        """Take a frame again that was sent before; must not raise."""


@frozen(kw_only=True)
class Presence:
    """What a device learns when it joins (spec 5.9).

    Args:
      language: the user's language as stored.
      seq: the last number used.
      context: the frame that told of the context it is in; None at the root.
      ask: the frame of the pending question, if any.
      missed: the frames that the device has not seen; None when that cannot be said.
    """

    language: str
    seq: int
    context: Context | None
    ask: Ask | None
    missed: Frames | None = None


@define(kw_only=True, eq=False)
class Audience:
    """Numbers every frame of a conversation, and gives it to all devices.

    Args:
      log: its frames; it knows whose it is and in what language.
      max_resumed_frames: what a device may have missed.
      max_resumed_bytes: the same, as JSON text.
    """

    log: ConversationLog
    _max_resumed_frames: int
    _max_resumed_bytes: int
    _devices: list[Device] = field(init=False, factory=list)

    def join(self, device: Device, after: int | None = None) -> Deferred[Presence]:
        """Count a connection among the devices, as soon as is known what it missed (spec 5.9).

        Args:
          device: gets every frame from the moment on that this fires.
          after: the last frame it has seen, if it says so.
        """
        if after is None:
            return succeed(self._attach(None, device))
        return self.log.missed(
            after, max_frames=self._max_resumed_frames, max_bytes=self._max_resumed_bytes
        ).addCallback(self._attach, device)

    def _attach(self, missed: Frames | None, device: Device) -> Presence:
        self._devices.append(device)
        return Presence(
            language=self.log.language,
            seq=self.log.seq,
            context=self.log.context,
            ask=self.log.ask,
            missed=missed,
        )

    def detach(self, device: Device) -> None:
        """Forget a connection; what runs goes on without it."""
        self._devices.remove(device)

    @property
    def is_empty(self) -> bool:
        """Whether nobody is connected."""
        return not self._devices

    @property
    def count(self) -> int:
        """How many connections take part."""
        return len(self._devices)

    # To one device

    def complain(self, device: Device, id_: str | None, code: ErrorCode, text: str) -> None:
        """Tell a device what is wrong with what it sent."""
        device.deliver(Error(code=code.value, message=text, retryable=code.retryable, re=id_))

    def say_again(self, device: Device, known: Remembered) -> None:
        """Answer a message from the log that comes a second time (spec 5.3)."""

        def repeat(frames: Frames) -> None:
            if device in self._devices:
                for frame in frames:
                    device.repeat(frame)

        def complain(failure: Failure) -> None:
            log_unless_expected(failure, "a message could not be repeated")
            text = "the log cannot be read right now"
            self.complain(device, known.id, ErrorCode.UNAVAILABLE, text)

        self.log.about(known).addCallbacks(repeat, complain)

    # To all devices

    def publish(
        self,
        kind: type[Frame],
        turn: Turn | None = None,
        *,
        without: Device | None = None,
        said: Message | None = None,
        **fields: Any,
    ) -> int | None:
        """Number a frame and give it to all devices (spec 5.3, 5.8); returns the number."""
        if turn is not None and turn.id is not None:
            fields["re"] = turn.id
        frame = self.log.add(kind, fields, said)
        if frame is None:
            _log.error(
                "user {user}: a frame was lost, its number may be used", user=self.log.user_id
            )
            return None
        for device in tuple(self._devices):
            if device is not without:
                device.deliver(frame)
        return self.log.seq

    def ask_again(self, frame: Ask) -> None:
        """Ask a question again that the devices think is gone."""
        self.log.ask_again(frame)
        self.publish(Ask, None if frame.re is None else Turn(id=frame.re), data=frame.data)

    def fail(self, turn: Turn, code: ErrorCode, text: str) -> None:
        """End a turn that the agent can tell nothing of."""
        turn.over = True
        self.publish(Error, turn, code=code.value, message=text, retryable=code.retryable)
        self.publish(Done, turn, require_input=False)
        self.log.end_turns(turn.open_seqs)

    def interrupt(self, turn: Turn) -> None:
        """Tell of a turn that a stop cut off, or kept from beginning (spec 5.7)."""
        self.fail(turn, ErrorCode.INTERRUPTED, "the server stopped before this was done")


def log_unless_expected(failure: Failure, text: str) -> None:
    """Log what went wrong with its trace, unless it is what an operator was told already."""
    if not isinstance(failure.value, OperatorError):
        _log.failure(text, failure=failure)
