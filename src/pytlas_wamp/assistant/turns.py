"""What passes between a conversation and its agent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import Factory, define, field, frozen

from pytlas_wamp.wire.messages import ServerMessage


@define(kw_only=True, eq=False)
class Turn:
    """One piece of work for the agent, told apart by identity.

    Args:
      id: the client's id of the message or cancel, which its frames carry as `re`.
      text: what the user said; None for a turn that no message began.
      meta: what the message carried for the skill.
      reply: whether a question was open when it was said.
      over: set as soon as it has ended or was cancelled, even before a thread took it.
    """

    id: str | None = None
    text: str | None = field(default=None, repr=False)
    meta: Mapping[str, Any] = field(default=Factory(dict), repr=False)
    reply: bool = False
    over: bool = False


@frozen(kw_only=True)
class Emission:
    """A frame in the making: the conversation adds `seq` and `re` (spec 5.3).

    Args:
      turn: what caused it.
      kind: the class of the frame.
      fields: its other fields.
    """

    turn: Turn | None
    kind: type[ServerMessage]
    fields: Mapping[str, Any] = field(repr=False)
