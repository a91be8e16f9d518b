"""Holds every frame that a test sees against the published schemas.

`check_frame` takes what a server sends, as a document, as JSON text or as a
message, and gives the document back. `Screen` is a device that keeps all it gets.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

from pytlas_wamp.wire.codec import encode
from pytlas_wamp.wire.codes import ErrorCode
from pytlas_wamp.wire.messages import CLIENT_MESSAGES, ServerMessage
from wire_schemas import VALIDATORS, client_type

_CODES = {code.value for code in ErrorCode}
_CLIENT_TYPES = {cls.TYPE for cls in CLIENT_MESSAGES}


def check_frame(frame: Any) -> dict[str, Any]:
    """Fail unless this is a frame a server may send; returns its document.

    Args:
      frame: a document, its JSON text (or bytes), or a message of wire/messages.py.

    Raises:
      AssertionError: naming the first thing the schema has against it.
    """
    document = _document(frame)
    kind = document.get("type")
    assert kind in VALIDATORS, f"no schema for the type of {document}"
    assert kind not in _CLIENT_TYPES, f"servers do not send {document}"
    faults = [error.message for error in VALIDATORS[kind].iter_errors(document)]
    assert not faults, f"{document}: {faults[0]}"
    if kind == "error":
        assert document["code"] in _CODES, f"{document}: not a code of spec 7.1"
    return document


def check_client_frame(frame: Any) -> dict[str, Any]:
    """Fail unless this is a frame a client may send; returns its document."""
    document = _document(frame)
    assert client_type(document) is not None, f"{document}: no schema accepts it"
    return document


def _document(frame: Any) -> dict[str, Any]:
    if isinstance(frame, dict):
        # Through text, so that what JSON cannot hold does not pass.
        return json.loads(json.dumps(frame, allow_nan=False))
    text = frame if isinstance(frame, str | bytes) else encode(frame)
    return json.loads(text)


class Screen:
    """A device of a conversation: keeps what it is given, as documents."""

    # A conversation gives the same frame to all devices; it is checked once.
    _latest: ClassVar[tuple[Any, dict[str, Any]]] = (None, {})

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []
        self.moves = 0

    def deliver(self, frame: ServerMessage) -> None:
        """Take a frame, and fail when it is none."""
        if frame is not Screen._latest[0]:
            Screen._latest = (frame, check_frame(frame))
        self.frames.append(Screen._latest[1])

    def repeat(self, frame: ServerMessage) -> None:
        """Take a frame again."""
        self.deliver(frame)

    def overhear(self, frame: ServerMessage, speaker: Any) -> None:
        """Take a frame unless it tells what was said here."""
        if speaker is not self:
            self.deliver(frame)

    def moved(self) -> None:
        """Learn that the conversation is elsewhere."""
        self.moves += 1

    def take(self) -> list[dict[str, Any]]:
        """The frames since the last look, oldest first."""
        taken, self.frames = self.frames, []
        return taken

    def look(self) -> list[str]:
        """The frames since the last look, each as one short text (see `short`)."""
        return [short(frame) for frame in self.take()]


_SHORT = {
    "answer": lambda frame: f" {frame['data']['text']}",
    "ask": lambda frame: f" {frame['data']['slot']}",
    "done": lambda frame: "?" if frame["require_input"] else "",
    "context": lambda frame: f" {frame['name'] or '/'}",
    "said": lambda frame: f" {frame['message']}",
    "language": lambda frame: f" {frame['language']}",
    "error": lambda frame: f" {frame['code']}",
}


def short(frame: dict[str, Any]) -> str:
    """A frame in a few words.

    `m1: answer Hello` is an answer with `re`; `done?` requires input, `context /` is the root.
    """
    prefix = f"{frame['re']}: " if "re" in frame else ""
    return prefix + frame["type"] + _SHORT.get(frame["type"], lambda _: "")(frame)
