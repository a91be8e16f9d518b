"""What an interpreter makes of a sentence, as data and as text for people."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time
from typing import Any

from pytlas_wamp import compat  # noqa: F401 - pytlas does not import without it

from dateutil.relativedelta import relativedelta  # isort: skip - beside pytlas, whose value it is
from pytlas.understanding import UnitValue  # isort: skip - compat comes first

_MOST_SCORES = 5
_PARTS_OF_DURATIONS = ("years", "months", "days", "hours", "minutes", "seconds")


def answer(
    interpreter: Any, text: str, scopes: Sequence[str] | None, *, explain: bool
) -> dict[str, Any]:
    """What a sentence means, ready for JSON.

    Args:
      interpreter: fitted; one without an `explain` of its own explains no more than `parse`.
      text: the sentence.
      scopes: the intents that may be answered.
      explain: whether to say how it was decided.
    """
    understood = interpreter.parse(text, scopes)
    result: dict[str, Any] = {
        "text": text,
        "intent": understood[0].name if understood else None,
        "slots": list(_slots(understood[0], explain=explain)) if understood else [],
    }
    if explain and hasattr(interpreter, "explain"):
        verdict = interpreter.explain(text, scopes)
        result["stage"] = verdict.stage
        # JSON has no word for infinity, which is how sure templates are.
        result["confidence"] = verdict.confidence if math.isfinite(verdict.confidence) else None
        result["scores"] = [
            {"intent": name, "score": score} for name, score in verdict.scores[:_MOST_SCORES]
        ]
        result["reasons"] = list(getattr(verdict, "reasons", ()))
    return result


def _slots(intent: Any, *, explain: bool) -> Iterator[dict[str, Any]]:
    for name, values in intent.slots.items():
        for value in values:
            span = value.meta.get("range") or {}
            slot = {
                "name": name,
                "value": plain_value(value.value),
                "raw": value.meta.get("rawValue"),
                "start": span.get("start"),
                "end": span.get("end"),
            }
            if explain:
                slot["entity"] = value.meta.get("entity")
                slot["known"] = value.meta.get("known")
            yield slot


def plain_value(value: object) -> Any:
    """A slot's value in terms of JSON; an interval is a list whose open end is null."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, (tuple, list)):
        return [plain_value(one) for one in value]
    if isinstance(value, relativedelta):
        parts = {name: getattr(value, name) for name in _PARTS_OF_DURATIONS}
        return {name: amount for name, amount in parts.items() if amount}
    if isinstance(value, UnitValue):
        return {"value": value.value, "unit": value.unit}
    return str(value)


def answer_lines(result: Mapping[str, Any]) -> Iterator[str]:
    """An answer for people: the intent, a line for each slot, and how it was decided."""
    yield result["intent"] or "not understood"
    for slot in result["slots"]:
        yield f"  {slot['name']} = {value_text(slot['value'])}{_origin(slot)}"
    yield from explanation_lines(result)


def value_text(value: Any) -> str:
    """A value of `plain_value`, for people."""
    if isinstance(value, list):
        return " to ".join("…" if one is None else value_text(one) for one in value)
    if isinstance(value, dict) and "unit" in value:
        return f"{value['value']:g} {value['unit']}"
    if isinstance(value, dict):
        return " ".join(f"{amount:g} {name}" for name, amount in value.items()) or "0 seconds"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _origin(slot: Mapping[str, Any]) -> str:
    """From which words the value comes, and what is known about it."""
    facts = []
    if slot["raw"] is not None:
        facts.append(f'"{slot["raw"]}"')
    if slot["start"] is not None:
        facts.append(f"characters {slot['start']} to {slot['end']}")
    if slot.get("entity") is not None:
        facts.append(f"entity {slot['entity']}")
    if slot.get("known") is not None:
        facts.append("known" if slot["known"] else "not known")
    return f"  ({', '.join(facts)})" if facts else ""


def explanation_lines(result: Mapping[str, Any]) -> Iterator[str]:
    """How it was decided, for people; nothing when that was not asked, or cannot be told."""
    if "stage" not in result:
        return
    confidence = result["confidence"]
    sure = "certain" if confidence is None else f"confidence {confidence:.2f}"
    yield f"decided by {result['stage']}, {sure} (understood from 0 on)"
    for reason in result["reasons"]:
        yield f"  {reason}"
    if result["scores"]:
        yield "intents by score:"
    for one in result["scores"]:
        yield f"  {one['score']:7.2f}  {one['intent']}"
