"""From what a skill says to the bodies of `answer` and `ask` (spec 4.8, 4.9)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from twisted.logger import Logger

from pytlas_wamp import compat
from pytlas_wamp.wire.messages import AnswerData, AskData, Card

compat.import_pytlas()

from pytlas.datautils import keep_one, strip_format  # noqa: E402 - after compat

_log = Logger()
# With the two levels around it far below what any JSON reader takes, ours included.
_MAX_DEPTH = 32
_CARD_KEYS = (
    "header",
    "raw_header",
    "text",
    "raw_text",
    "subhead",
    "raw_subhead",
    "header_link",
    "media",
)


def plain(text: str) -> str:
    """A text without its Markdown."""
    return strip_format(text) or ""


def answer_body(text: Any, cards: Any, meta: Mapping[str, Any], *, skill: str) -> AnswerData:
    """Build the body of an answer.

    Args:
      text: what to say, or a list to choose from at random, or None.
      cards: a pytlas Card, a list of them, or None.
      meta: the skill's metadata.
      skill: the skill's package, for the log.
    """
    chosen = _text(keep_one(text))
    return AnswerData(
        text=chosen,
        raw_text=strip_format(chosen),
        cards=_cards(cards),
        meta=_json_only(meta, reserved=("text", "raw_text", "cards"), skill=skill),
    )


def ask_body(
    slot: Any, text: Any, choices: Iterable[Any] | None, meta: Mapping[str, Any], *, skill: str
) -> AskData | None:
    """Build the body of a question; None when it lacks a slot or a text."""
    chosen = _text(keep_one(text))
    if slot is None or chosen is None:
        return None
    return AskData(
        slot=str(slot),
        text=chosen,
        raw_text=strip_format(chosen),
        choices=None if choices is None else [str(choice) for choice in choices],
        meta=_json_only(meta, reserved=("slot", "text", "raw_text", "choices"), skill=skill),
    )


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else str(value)


def _cards(cards: Any) -> list[Card] | None:
    if not cards:
        return None
    given = cards if isinstance(cards, list | tuple) else [cards]
    return [Card(**{key: _text(getattr(card, key)) for key in _CARD_KEYS}) for card in given]


def _as_json(value: Any) -> Any:
    """The value as JSON's own types; raises when JSON, or a reader of ours, cannot hold it."""
    plain = json.loads(json.dumps(value, allow_nan=False))
    level: list[Any] = [[plain]]
    for _ in range(_MAX_DEPTH + 1):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
    if level:
        raise ValueError(f"it is nested more than {_MAX_DEPTH} levels deep")
    return plain


def _json_only(meta: Mapping[str, Any], *, reserved: tuple[str, ...], skill: str) -> dict[str, Any]:
    """The metadata as JSON holds it, without what JSON cannot hold."""
    kept = {}
    for key, value in meta.items():
        if key in reserved:
            _log.warn(
                "skill {skill}: metadata {key!r} would hide a field of the protocol; left out",
                skill=skill,
                key=key,
            )
            continue
        try:
            kept[key] = _as_json(value)
        except Exception as error:  # noqa: BLE001 - a skill's own types may raise anything
            _log.warn(
                "skill {skill}: metadata {key!r} is left out, JSON cannot hold it: {error}",
                skill=skill,
                key=key,
                error=error,
            )
    return kept
