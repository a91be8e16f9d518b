"""What the client knows of the conversation: who, where, what is asked, what is under way.

Nothing here reads or writes a socket or a terminal.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from uuid import uuid4

from attrs import define, field, frozen

from pytlas_wamp.chat.neutral import one_line
from pytlas_wamp.chat.problems import ChatProblem
from pytlas_wamp.chat.texts import Texts
from pytlas_wamp.wire.codec import encode
from pytlas_wamp.wire.messages import (
    Ask,
    Cancel,
    Context,
    Done,
    Error,
    Language,
    Message,
    Ready,
    Said,
    ServerMessage,
    Thinking,
)

# What every server takes until `ready` tells its own (spec 8).
_MAX_MESSAGE_BYTES: Final = 65536


@frozen(kw_only=True)
class Turn:
    """A message of this client whose end has not come yet.

    Args:
      id: of the message.
      text: what was said.
      heard: whether any frame about it has come, so that it did arrive.
    """

    id: str
    text: str = field(repr=False)
    heard: bool = False


def _new_id() -> str:
    return uuid4().hex


@define(kw_only=True)
class Conversation:
    """One user's conversation as this device sees it.

    Args:
      name: of the user, for prompts.
      clock: returns seconds, from wherever.
      new_id: returns an id that no other device uses (spec 5.3).
      texts: in the user's language, once `ready` has told it.

    The other attributes say what holds now: `context` is the one entered,
    `has_left_context` whether the last `context` frame ended one, `ask` the pending
    question, `working_since` when the assistant began, None while it rests, `turns`
    what this client said and has not seen the end of.
    """

    name: str
    clock: Callable[[], float]
    new_id: Callable[[], str] = _new_id
    texts: Texts = field(factory=Texts)
    ready: Ready | None = None
    language: str = ""
    context: str | None = None
    has_left_context: bool = False
    ask: Ask | None = None
    last_seq: int | None = None
    working_since: float | None = None
    turns: dict[str, Turn] = field(factory=dict)
    _running: str | None = None

    @property
    def choices(self) -> list[str]:
        """The answers that the pending question offers, fit to be shown."""
        offered = self.ask.data.choices if self.ask else None
        return [one_line(choice) for choice in offered or ()]

    def say(self, line: str) -> Message:
        """Returns the message for a line, as the reply to the question when one is pending.

        The number of a choice stands for the choice. A reply that picks a choice
        names its question (spec 5.4), so that it cannot answer another one.

        Raises:
          ChatProblem: the server would not take a message of this length.
        """
        choice = self._chosen(line)
        answers = self.ask.seq if self.ask and choice is not None else None
        text = line if choice is None else choice
        message = Message(message=text, id=self.new_id(), answers=answers)
        limit = self.ready.limits.max_message_bytes if self.ready else _MAX_MESSAGE_BYTES
        if len(encode(message)) > limit:
            raise ChatProblem("too-long", limit=limit)
        turn = Turn(id=message.id or "", text=text)
        self.turns[turn.id] = turn
        self.ask = None
        self._start_work()
        return message

    def cancel(self) -> Cancel:
        """Returns the frame that stops whatever is going on."""
        self.ask = None
        return Cancel(id=self.new_id())

    def take(self, frame: ServerMessage) -> None:
        """Learns from a frame of the server."""
        self.last_seq = getattr(frame, "seq", None) or self.last_seq
        self._mark_heard(getattr(frame, "re", None))
        match frame:
            case Ready():
                self._begin(frame)
            case Thinking():
                self.ask = None
                self._running_is(frame.re)
                self._start_work()
            case Done():
                self.ask = None
                self._finish(frame.re)
            case Ask():
                self.ask = frame
            case Said():
                self.ask = None
            case Context():
                # Every cancel says null, also where there was no context (spec 4.11).
                self.has_left_context = frame.name is None and self.context is not None
                self.context = frame.name
            case Language():
                self._speak(frame.language)
            case Error(seq=None, re=str(refused)):
                self._refuse(refused)

    def drop(self) -> tuple[Turn, ...]:
        """Returns the turns whose end cannot come any more, as the connection is gone."""
        unfinished = tuple(self.turns.values())
        self.turns.clear()
        self._running = None
        self.working_since = None
        self.ready = None
        return unfinished

    def _chosen(self, line: str) -> str | None:
        offered = (self.ask.data.choices if self.ask else None) or []
        wanted = one_line(line).casefold()
        for choice, shown in zip(offered, self.choices, strict=True):
            if shown.casefold() == wanted:
                return choice
        if wanted.isascii() and wanted.isdigit() and 1 <= int(wanted[:9]) <= len(offered):
            return offered[int(wanted) - 1]
        return None

    def _begin(self, ready: Ready) -> None:
        # The server repeats what holds (spec 5.9), so what was known before is void.
        self.ready = ready
        self.context = self.context if ready.resumed else None
        self.ask = self.ask if ready.resumed else None
        self._speak(ready.language)

    def _speak(self, language: str) -> None:
        self.language = language
        self.texts = Texts(language)

    def _start_work(self) -> None:
        if self.working_since is None:
            self.working_since = self.clock()

    def _running_is(self, cause: str | None) -> None:
        """Ends the turn that another one has taken over: it was cancelled (spec 5.5)."""
        if cause is not None and self._running not in (None, cause):
            self.turns.pop(self._running or "", None)
        self._running = cause or self._running

    def _finish(self, cause: str | None) -> None:
        self._running_is(cause)
        if cause is not None:
            self.turns.pop(cause, None)
            self._running = None
        self.working_since = None

    def _refuse(self, cause: str) -> None:
        self.turns.pop(cause, None)
        if not self.turns:
            self.working_since = None

    def _mark_heard(self, cause: str | None) -> None:
        turn = self.turns.get(cause or "")
        if turn is not None and not turn.heard:
            self.turns[turn.id] = Turn(id=turn.id, text=turn.text, heard=True)
