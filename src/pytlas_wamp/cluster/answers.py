"""Reads what a worker answers and tells (docs/reference/cluster-protocol.md, sections 3 and 4).

Both sides are of this program, but maybe of another version of it: what cannot be read is said
so, and nothing that was read is half a thing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import frozen
from twisted.logger import Logger

from pytlas_wamp.assistant.audience import Presence
from pytlas_wamp.assistant.turns import Frame
from pytlas_wamp.errors import ClientError, OperatorError
from pytlas_wamp.wire.codec import decode_server
from pytlas_wamp.wire.messages import Ask, Context

_log = Logger()


class Unreadable(OperatorError):
    """A worker said something that this gateway does not understand."""


@frozen(kw_only=True)
class Welcome:
    """The answer to `join`.

    Args:
      epoch: under which the worker has the conversation.
      presence: what a new device learns.
    """

    epoch: int
    presence: Presence


@frozen(kw_only=True)
class Told:
    """A frame that a worker tells.

    Args:
      user_id: of whose conversation.
      epoch: under which it was written.
      text: the frame as JSON.
      device: the number of the device whose message it is, if any.
    """

    user_id: int
    epoch: int
    text: str
    device: int | None


def read_frame(text: Any) -> Frame:
    """Read a frame that has a number.

    Raises:
      Unreadable: when it is none.
    """
    try:
        frame = decode_server(text)
    except (ClientError, TypeError, AttributeError) as error:
        raise Unreadable(f"a worker sent a frame that is none: {error}") from error
    if not isinstance(frame, Frame) or frame.seq is None:
        raise Unreadable(f"a worker sent {frame.TYPE!r} without a number")
    return frame


def read_welcome(answer: Any) -> Welcome:
    """Read the answer to `join`.

    What was missed counts as not known when one of its frames cannot be read.

    Raises:
      Unreadable: when it is none.
    """
    try:
        presence = Presence(
            language=_exactly(str, answer["language"]),
            seq=_exactly(int, answer["seq"]),
            context=_frame_or_none(Context, answer["context"]),
            ask=_frame_or_none(Ask, answer["ask"]),
            missed=_read_missed(answer["missed"]),
        )
        return Welcome(epoch=_exactly(int, answer["epoch"]), presence=presence)
    except (LookupError, TypeError) as error:
        raise Unreadable(f"a worker answered {error!r} to join") from error


def read_said(answer: Any) -> list[tuple[Any, bool]]:
    """Read the answer to `say`.

    Returns:
      messages for the one device, and whether each tells of the past.

    Raises:
      Unreadable: when it is none.
    """
    try:
        return [(decode_server(text), bool(past)) for text, past in answer["frames"]]
    except (ClientError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise Unreadable(f"a worker answered {error!r} to say") from error


def read_told(body: Any) -> tuple[list[Told], list[tuple[int, int]]]:
    """Read what a worker tells.

    Returns:
      frames, and (user, epoch) of what has moved; what cannot be read is left out and
      logged: the gap that it makes is seen.
    """
    if not isinstance(body, dict):
        body = {}
    frames = [
        Told(user_id=user, epoch=epoch, text=text, device=device)
        for user, epoch, text, device in _rows(body.get("frames"), (int, int, str, int | None))
    ]
    return frames, [(user, epoch) for user, epoch in _rows(body.get("moved"), (int, int))]


def _rows(rows: Any, kinds: tuple[Any, ...]) -> Iterator[Any]:
    for row in rows if isinstance(rows, list | tuple) else ():
        if (
            isinstance(row, list | tuple)
            and len(row) == len(kinds)
            and all(map(isinstance, row, kinds))
        ):
            yield row
        else:
            _log.error("a worker told something that this gateway does not understand")


def _read_missed(texts: Any) -> tuple[Frame, ...] | None:
    if texts is None:
        return None
    try:
        return tuple(read_frame(text) for text in texts)
    except Unreadable as error:
        _log.error("{error}", error=error)
        return None


def _frame_or_none(kind: type, text: Any) -> Any:
    return None if text is None else _exactly(kind, read_frame(text))


def _exactly(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise TypeError(f"{type(value).__name__} in place of {kind.__name__}")
    return value
