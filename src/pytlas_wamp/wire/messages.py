"""One frozen class per message of the protocol, in the order of spec 4.

The schema of a class is `spec/schema/<TYPE>.schema.json`. A field made by
`absent()` may be left out of the document; None then stands for its absence and
is never sent.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from attrs import Attribute, field, frozen


@frozen
class Bounds:
    """Smallest and largest value of a number."""

    low: float
    high: float | None = None


@frozen
class Length:
    """Smallest and largest number of characters of a text."""

    low: int
    high: int | None = None


# The largest integer that every JSON reader keeps exactly (RFC 8259 6).
Seq = Annotated[int, Bounds(0, 2**53 - 1)]
Id = Annotated[str, Length(1, 128)]
Name = Annotated[str, Length(1)]
Seconds = Annotated[float, Bounds(0)]

_ABSENT = "pytlas_wamp.absent"


def absent() -> Any:
    """A field that a document may lack."""
    return field(default=None, metadata={_ABSENT: True})


def is_absent_allowed(attribute: Attribute[Any]) -> bool:
    """Whether a document may lack this field (and may not say null)."""
    return _ABSENT in attribute.metadata


@frozen(kw_only=True)
class Authenticate:
    """Client: the first frame of a connection, or a fresh token (spec 4.2)."""

    TYPE: ClassVar[str] = "authenticate"
    token: str = field(repr=False)
    after: Seq | None = absent()


@frozen(kw_only=True)
class Message:
    """Client: what the user says; the only one whose `type` may be left out (spec 4.3)."""

    TYPE: ClassVar[str] = "message"
    message: str = field(repr=False)
    id: Id | None = absent()
    answers: Seq | None = absent()
    meta: dict[str, Any] | None = absent()


@frozen(kw_only=True)
class Cancel:
    """Client: stop what the assistant is doing (spec 4.4)."""

    TYPE: ClassVar[str] = "cancel"
    id: Id | None = absent()


@frozen(kw_only=True)
class ServerInfo:
    """Name and version of the server, inside `ready`."""

    name: str
    version: str


@frozen(kw_only=True)
class ReadyLimits:
    """The limits a client can run into, inside `ready` (spec 4.5, 8).

    A server that says no `max_remembered_ids` remembers none (spec 5.3).
    """

    max_message_bytes: Annotated[int, Bounds(1)]
    max_queued_messages: Annotated[int, Bounds(1)]
    turn_deadline_seconds: Annotated[float, Bounds(5e-324)]
    max_remembered_ids: Annotated[int, Bounds(1)] | None = absent()
    message_burst: Annotated[int, Bounds(1)] | None = absent()
    message_rate_per_second: Annotated[float, Bounds(5e-324)] | None = absent()


@frozen(kw_only=True)
class Ready:
    """Server: the token was accepted (spec 4.5)."""

    TYPE: ClassVar[str] = "ready"
    language: str
    seq: Seq
    resumed: bool
    server: ServerInfo
    limits: ReadyLimits


@frozen(kw_only=True)
class Renewed:
    """Server: the fresh token was accepted (spec 4.6)."""

    TYPE: ClassVar[str] = "renewed"
    expires_in: Annotated[int, Bounds(0)]


@frozen(kw_only=True)
class Thinking:
    """Server: a skill has started to work (spec 4.7)."""

    TYPE: ClassVar[str] = "thinking"
    seq: Seq
    re: Id | None = absent()


@frozen(kw_only=True)
class Card:
    """One card of an answer (spec 4.8); every key is sent, null when unset."""

    header: str | None
    raw_header: str | None
    text: str | None
    raw_text: str | None
    subhead: str | None
    raw_subhead: str | None
    header_link: str | None
    media: str | None


@frozen(kw_only=True)
class AnswerData:
    """Body of an answer; `meta` travels flat beside the other keys (spec 4.8)."""

    text: str | None
    raw_text: str | None
    cards: list[Card] | None
    meta: dict[str, Any] = field(factory=dict)


@frozen(kw_only=True)
class Answer:
    """Server: something to show to the user (spec 4.8)."""

    TYPE: ClassVar[str] = "answer"
    seq: Seq
    data: AnswerData = field(repr=False)
    re: Id | None = absent()


@frozen(kw_only=True)
class AskData:
    """Body of a question; `meta` travels flat beside the other keys (spec 4.9)."""

    slot: str
    text: str
    raw_text: str | None
    choices: list[str] | None
    meta: dict[str, Any] = field(factory=dict)


@frozen(kw_only=True)
class Ask:
    """Server: a question; the next message is the reply to it (spec 4.9)."""

    TYPE: ClassVar[str] = "ask"
    seq: Seq
    data: AskData = field(repr=False)
    re: Id | None = absent()


@frozen(kw_only=True)
class Done:
    """Server: the turn is over (spec 4.10)."""

    TYPE: ClassVar[str] = "done"
    seq: Seq
    require_input: bool
    re: Id | None = absent()


@frozen(kw_only=True)
class Context:
    """Server: the conversation entered or left a context (spec 4.11)."""

    TYPE: ClassVar[str] = "context"
    seq: Seq
    name: str | None
    re: Id | None = absent()


@frozen(kw_only=True)
class Language:
    """Server: the user's language changed (spec 4.12)."""

    TYPE: ClassVar[str] = "language"
    seq: Seq
    language: str


@frozen(kw_only=True)
class Said:
    """Server: what the user said on another device (spec 4.13).

    `id` is that of the message, by which a client knows its own in what is replayed.
    """

    TYPE: ClassVar[str] = "said"
    seq: Seq
    message: str = field(repr=False)
    id: Id | None = absent()


@frozen(kw_only=True)
class Error:
    """Server: something went wrong; the connection goes on (spec 4.14)."""

    TYPE: ClassVar[str] = "error"
    code: Name
    message: str
    retryable: bool
    retry_after: Seconds | None = absent()
    re: Id | None = absent()
    seq: Seq | None = absent()


@frozen(kw_only=True)
class Goodbye:
    """Server: a close with 1001 follows (spec 4.15)."""

    TYPE: ClassVar[str] = "goodbye"
    reason: Name
    retry_after: Seconds


ClientMessage = Authenticate | Message | Cancel
ServerMessage = (
    Ready | Renewed | Thinking | Answer | Ask | Done | Context | Language | Said | Error | Goodbye
)

CLIENT_MESSAGES: tuple[type[ClientMessage], ...] = (Authenticate, Message, Cancel)
SERVER_MESSAGES: tuple[type[ServerMessage], ...] = (
    Ready,
    Renewed,
    Thinking,
    Answer,
    Ask,
    Done,
    Context,
    Language,
    Said,
    Error,
    Goodbye,
)
