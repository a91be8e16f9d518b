"""What lines of the log are about that are written in a skill's thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any

from pytlas_wamp.assistant.turns import Turn

_ABOUT: ContextVar[Mapping[str, Any]] = ContextVar("about", default=MappingProxyType({}))


def about_turn(user_id: int, turn: Turn) -> dict[str, Any]:
    """Whom and what a line is about: `user`, and `turn`, the `seq` of its message, if it has one.

    Not the id of the message: a client may have made it of what was said.
    """
    return {"user": user_id} if turn.seq is None else {"user": user_id, "turn": turn.seq}


def about_now() -> Mapping[str, Any]:
    """The same for what is logged right now in this thread; empty outside of turns."""
    return _ABOUT.get()


def run_turn(user_id: int, function: Callable[[Turn], None], turn: Turn) -> None:
    """Call `function` with the turn; what is logged meanwhile is about it."""
    token = _ABOUT.set(about_turn(user_id, turn))
    try:
        function(turn)
    finally:
        _ABOUT.reset(token)
