"""From what a skill says to the bodies of `answer` and `ask` (spec 4.8, 4.9)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from twisted.logger import Logger

from pytlas_wamp import compat
from pytlas_wamp.assistant.plain_text import plain_text
from pytlas_wamp.errors import PytlasWampError
from pytlas_wamp.wire.codec import to_document
from pytlas_wamp.wire.messages import Answer, AnswerData, Ask, AskData, Card

compat.import_pytlas()

from pytlas.datautils import keep_one  # noqa: E402 - after compat

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


# In ASCII, JSON takes at most so many bytes for one character (two halves, six each).
_MAX_CHARACTER_BYTES = 12
# More than the keys and the nulls of a body, and of each of its cards and choices.
_KEY_BYTES = 256


class BodyTooBig(PytlasWampError):
    """A skill said more in one frame than there may be in one."""


def plain(text: str) -> str:
    """A text without its Markdown."""
    return plain_text(text) or ""


def answer_body(
    text: Any, cards: Any, meta: Mapping[str, Any], *, skill: str, max_bytes: int | None = None
) -> AnswerData:
    """Build the body of an answer.

    Args:
      text: what to say, or a list to choose from at random, or None.
      cards: a pytlas Card, a list of them, or None.
      meta: the skill's metadata.
      skill: the skill's package, for the log.
      max_bytes: of the body as JSON; None for any number.

    Raises:
      BodyTooBig: it would have more.
    """
    chosen = _short_text(keep_one(text), max_bytes)
    body = AnswerData(
        text=chosen,
        raw_text=plain_text(chosen),
        cards=_cards(cards),
        meta=_json_only(meta, reserved=("text", "raw_text", "cards"), skill=skill),
    )
    shown = [getattr(card, key) for card in body.cards or () for key in _CARD_KEYS]
    _check_size(Answer, body, [body.text, body.raw_text, *shown], max_bytes)
    return body


def ask_body(
    slot: Any,
    text: Any,
    choices: Iterable[Any] | None,
    meta: Mapping[str, Any],
    *,
    skill: str,
    max_bytes: int | None = None,
) -> AskData | None:
    """Build the body of a question; None when it lacks a slot or a text.

    Raises:
      BodyTooBig: it would have more than `max_bytes`.
    """
    chosen = _short_text(keep_one(text), max_bytes)
    if slot is None or chosen is None:
        return None
    body = AskData(
        slot=str(slot),
        text=chosen,
        raw_text=plain_text(chosen),
        choices=None if choices is None else [str(choice) for choice in choices],
        meta=_json_only(meta, reserved=("slot", "text", "raw_text", "choices"), skill=skill),
    )
    _check_size(Ask, body, [body.slot, chosen, body.raw_text, *(body.choices or ())], max_bytes)
    return body


def context_name(name: Any, *, skill: str, max_bytes: int | None = None) -> str | None:  # noqa: ARG001 - as the others
    """The name of a context as text; None is the root.

    Raises:
      BodyTooBig: it has more than `max_bytes` as JSON.
    """
    text = _short_text(name if name is None else str(name), max_bytes)
    if text is not None and max_bytes is not None and len(json.dumps(text)) > max_bytes:
        raise BodyTooBig
    return text


def _check_size(
    frame: type[Answer | Ask], body: Any, texts: Sequence[str | None], max_bytes: int | None
) -> None:
    """Encode a body only when it may be too big."""
    if max_bytes is None:
        return
    # `repr` has a character for each one of JSON's at least, save for the escapes.
    characters = sum(map(len, filter(None, texts))) + (len(repr(body.meta)) if body.meta else 0)
    if _MAX_CHARACTER_BYTES * characters + _KEY_BYTES * (1 + len(texts)) <= max_bytes:
        return
    document = to_document(frame(seq=1, data=body))["data"]
    if len(json.dumps(document, separators=(",", ":"))) > max_bytes:
        raise BodyTooBig


def _short_text(value: Any, max_bytes: int | None) -> str | None:
    text = _text(value)
    if text is not None and max_bytes is not None and len(text) > max_bytes:
        # Before its Markdown is looked at, which takes long for a long text.
        raise BodyTooBig
    return text


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
