"""What an interpreter makes of a sentence; one that fails stops no conversation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

from twisted.logger import Logger

from pytlas_wamp import compat, local_time
from pytlas_wamp.assistant.turns import Turn

compat.import_pytlas()

from pytlas.conversing.agent import (  # noqa: E402 - after compat
    STATE_CANCEL,
    STATE_FALLBACK,
    find_match,
)
from pytlas.understanding import Intent  # noqa: E402

_log = Logger()


def zone_of(settings: Any) -> tzinfo | None:
    """The time zone a user has set as `pytlas.timezone`; None is that of the machine.

    Args:
      settings: of the agent, as pytlas keeps them.
    """
    name = settings.get("timezone")
    return local_time.find_zone(str(name)) if name else None


def understood(interpreter: Any, turn: Turn, scopes: Sequence[str] | None) -> list[Any]:
    """The intents of what the user said; the fallback when there are none."""
    try:
        intents = interpreter.parse(turn.text, scopes)
    except Exception:  # noqa: BLE001 - interpreters are plugins
        _log.failure("the interpreter failed on a sentence")
        intents = []
    intents = intents or [Intent(STATE_FALLBACK, text=turn.text)]
    for intent in intents:
        intent.meta.update(turn.meta)
    return list(intents)


def understood_reply(
    interpreter: Any, turn: Turn, intent: str, slot: str, choices: Sequence[str] | None
) -> Any:
    """The values a reply gives to a slot; None leaves it as it is, and the skill asks again."""
    reply = find_match(choices, turn.text) if choices else turn.text
    if not reply:
        return None
    try:
        return interpreter.parse_slot(intent, slot, reply)
    except Exception:  # noqa: BLE001 - interpreters are plugins
        _log.failure("the interpreter failed on a reply")
        return None


def cancel_among(intents: Sequence[Any]) -> Any:
    """The intent to cancel, if it is among these."""
    return next((intent for intent in intents if intent.name == STATE_CANCEL), None)
