"""What gateways ask workers, read strictly (docs/reference/cluster-protocol.md, section 3).

Both sides are of this program. Who sends something else than what is written there has a
bug, or is somebody else: it is better to say so than to guess.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from attrs import fields, frozen

from pytlas_wamp.errors import ClientError
from pytlas_wamp.wire.codec import decode_client
from pytlas_wamp.wire.messages import Message

T = TypeVar("T")

# The gateway has looked at this with the bound of its configuration, which may be another.
_MAX_DEPTH: Final = 1_000


class Malformed(Exception):
    """A question that does not follow the protocol; the text names what, and no values."""


@frozen(kw_only=True)
class Join:
    """A gateway wants to sit in a conversation.

    Args:
      user: whose.
      after: the last frame that the device has seen for which it asks, if any.
      instead_of: the epoch of an owner that is gone; 0 when none is known to be.
    """

    user: int
    after: int | None
    instead_of: int


@frozen(kw_only=True)
class Say:
    """One of its devices says something.

    Args:
      user: in whose conversation.
      epoch: the one that the gateway knows.
      device: a number that tells the device from the gateway's others.
      message: what it says.
    """

    user: int
    epoch: int
    device: int
    message: Message


@frozen(kw_only=True)
class Cancel:
    """One of its devices cancels.

    Args:
      user: in whose conversation.
      epoch: the one that the gateway knows.
      id: of the cancel.
    """

    user: int
    epoch: int
    id: str | None


@frozen(kw_only=True)
class Leave:
    """It has no device any more in a conversation.

    Args:
      user: in whose.
      epoch: the one that the gateway knows.
    """

    user: int
    epoch: int


@frozen(kw_only=True)
class Forget:
    """Somebody wants what was said to be deleted.

    Args:
      user: who.
      epoch: the one that the gateway knows.
    """

    user: int
    epoch: int


Question = Join | Say | Cancel | Leave | Forget


def _number(value: object) -> int:
    if type(value) is not int or value < 0:
        raise Malformed("must be a whole number from 0 on")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise Malformed("must be a text")
    return value


def _or_none(read: Callable[[object], T]) -> Callable[[object], T | None]:
    return lambda value: None if value is None else read(value)


def _message(value: object) -> Message:
    try:
        message = decode_client(_text(value), max_depth=_MAX_DEPTH)
    except ClientError:
        message = None
    if not isinstance(message, Message):
        raise Malformed("must be the JSON text of a message")
    return message


_READERS: Final[Mapping[str, Callable[[object], Any]]] = {
    "user": _number,
    "epoch": _number,
    "after": _or_none(_number),
    "instead_of": _number,
    "device": _number,
    "message": _message,
    "id": _or_none(_text),
}

_QUESTIONS: Final[Mapping[str, type[Question]]] = {
    "join": Join,
    "say": Say,
    "cancel": Cancel,
    "leave": Leave,
    "forget": Forget,
}


def read_question(what: object, body: object) -> Question:
    """Read what a gateway asks.

    Args:
      what: the name of the question.
      body: what came with it.

    Raises:
      Malformed: when it is no question, or has not just what belongs to it.
    """
    cls = _QUESTIONS.get(what) if isinstance(what, str) else None
    if cls is None:
        raise Malformed("there is no such question")
    names = [attribute.name for attribute in fields(cls)]
    if not isinstance(body, dict) or body.keys() != set(names):
        raise Malformed(f"the body must have {', '.join(names)}, and nothing else")
    return cls(**{name: _read(name, body[name]) for name in names})


def _read(name: str, value: object) -> Any:
    try:
        return _READERS[name](value)
    except Malformed as problem:
        raise Malformed(f'"{name}" {problem}') from None
