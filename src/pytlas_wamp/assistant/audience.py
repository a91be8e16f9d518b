"""The devices of a conversation, and the log that all of them follow (spec 5.8, 5.9)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from typing import Any, Protocol

from attrs import define, field, frozen
from twisted.internet.defer import Deferred, inlineCallbacks, succeed
from twisted.logger import Logger
from twisted.python.failure import Failure

from pytlas_wamp.assistant.log import ConversationLog
from pytlas_wamp.assistant.lookback import Frames
from pytlas_wamp.assistant.ownership import HeldElsewhere
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

    def overhear(self, frame: ServerMessage, speaker: Device) -> None:
        """Take a frame of which the device that spoke has no need; must not raise.

        A device that stands for several passes it on to all but the one that spoke.

        Args:
          frame: what it said.
          speaker: the device that said it; this one, maybe.
        """

    def moved(self) -> None:
        """Learn that the conversation is no longer here: join anew; must not raise."""


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

    At once, unless the log is written ahead: then when it is in the database.

    Args:
      log: its frames; it knows whose it is and in what language.
      max_resumed_frames: what a device may have missed.
      max_resumed_bytes: the same, as JSON text.
    """

    log: ConversationLog
    _max_resumed_frames: int
    _max_resumed_bytes: int
    _devices: list[Device] = field(init=False, factory=list)
    # Frames that are not in the database, and who said what they tell; None when written behind.
    _unwritten: deque[tuple[Frame, Device | None]] | None = field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        """Wait for the database, where it is written ahead of the devices."""
        if self.log.epoch is not None:
            self._unwritten = deque()
            self.log.on_written = self._send_written

    def join(self, device: Device, after: int | None = None) -> Deferred[Presence]:
        """Count a connection among the devices, as soon as is known what it missed (spec 5.9).

        Args:
          device: gets every frame from the moment on that this fires.
          after: the last frame it has seen, if it says so.
        """
        if self._unwritten is not None:
            return self._join_when_written(device, after)
        if after is None:
            return succeed(self._attach(None, device))
        return self._missed(after).addCallback(self._attach, device)

    @inlineCallbacks
    def _join_when_written(
        self, device: Device, after: int | None
    ) -> Generator[Deferred[Any], Any, Presence]:
        while True:
            yield self.log.secured()
            missed = None if after is None else (yield self._missed(after))
            if self.log.is_over:
                raise HeldElsewhere
            # A number that is told has to be in the database.
            if not self._unwritten:
                return self._attach(self._own(missed), device)

    def _own(self, frames: Frames | None) -> Frames | None:
        """Those that are ours: others may have gone on in the database already."""
        seq = self.log.seq
        return frames and tuple(frame for frame in frames if (frame.seq or 0) <= seq)

    def _missed(self, after: int) -> Deferred[Frames | None]:
        return self.log.missed(
            after, max_frames=self._max_resumed_frames, max_bytes=self._max_resumed_bytes
        )

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
        if not self.log.is_over:
            self._devices.remove(device)

    def leave(self) -> None:
        """Tell all devices that the conversation is no longer here."""
        devices, self._devices = self._devices, []
        if self._unwritten is not None:
            self._unwritten.clear()
        for device in devices:
            device.moved()

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

    def say_again(
        self, device: Device, known: Remembered, taken: Callable[[], None] | None = None
    ) -> None:
        """Answer a message from the log that comes a second time (spec 5.3).

        Args:
          device: gets the answer, if it is still connected, or it is to be said when it got it.
          known: the message.
          taken: called when it got it.
        """

        def repeat(frames: Frames) -> None:
            if taken is not None or device in self._devices:
                for frame in frames:
                    device.repeat(frame)

        def complain(failure: Failure) -> None:
            log_unless_expected(failure, "a message could not be repeated")
            if not self.log.is_over:
                text = "the log cannot be read right now"
                self.complain(device, known.id, ErrorCode.UNAVAILABLE, text)

        answered = self.log.about(known).addCallbacks(repeat, complain)
        if taken is not None:
            answered.addCallback(lambda _: None if self.log.is_over else taken())

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
        if self._unwritten is not None:
            self._unwritten.append((frame, without))
        elif without is None:
            for device in tuple(self._devices):
                device.deliver(frame)
        else:
            self._send(frame, without)
        return self.log.seq

    def _send(self, frame: Frame, speaker: Device | None) -> None:
        for device in tuple(self._devices):
            if speaker is None:
                device.deliver(frame)
            else:
                device.overhear(frame, speaker)

    def _send_written(self, seq: int) -> None:
        unwritten = self._unwritten
        while unwritten and (unwritten[0][0].seq or 0) <= seq:
            self._send(*unwritten.popleft())

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
