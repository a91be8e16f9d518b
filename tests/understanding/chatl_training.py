"""Trains the `patterns` interpreter with chatl text, the way pytlas does it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pytlas_wamp import compat  # noqa: F401 - pychatl does not import without it
from pytlas_wamp.understanding import patterns

import pychatl  # isort: skip
import pychatl.adapters  # isort: skip

if TYPE_CHECKING:
    from pytlas_wamp.understanding.patterns import PatternInterpreter


# A Monday.
NOW = datetime(2026, 11, 23, 10, 30, tzinfo=ZoneInfo("Europe/Paris"))


def training_data(chatl: str, language: str = "en") -> dict[str, Any]:
    """The Snips-format data of a chatl text."""
    return pychatl.adapters.snips(pychatl.parse(chatl), language=language)


def trained(chatl: str, language: str = "en") -> PatternInterpreter:
    """A fitted interpreter, whose clock stands at NOW."""
    interpreter = patterns.PatternInterpreter(language, clock=lambda: NOW)
    interpreter.fit(training_data(chatl, language))
    return interpreter


def understood(interpreter: PatternInterpreter, message: str, scopes: Any = None) -> Any:
    """The intent's name and its slot values, or None: easy to compare."""
    intents = interpreter.parse(message, scopes)
    if not intents:
        return None
    (intent,) = intents
    return intent.name, {name: [v.value for v in found] for name, found in intent.slots.items()}


def utterances(data: dict[str, Any]) -> list[tuple[str, str]]:
    """The intent and the full text of each training sentence."""
    return [
        (intent, "".join(part["text"] for part in utterance["data"]))
        for intent, content in data["intents"].items()
        for utterance in content["utterances"]
    ]
