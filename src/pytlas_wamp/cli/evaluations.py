"""Evaluations of skills, as data and as text for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.table import Table

from pytlas_wamp import compat  # noqa: F401 - pytlas does not import without it
from pytlas_wamp.understanding.evaluation import Outcome, Report

import pychatl  # isort: skip - compat comes first
from pytlas.understanding.training import GLOBAL_TRAININGS  # isort: skip


def trees_of(shelf: Any, language: str) -> dict[str, Any]:
    """The sound training data of each skill in a language, as `pychatl.parse` makes it."""
    return {
        name: pychatl.parse(GLOBAL_TRAININGS.get(name, language))
        for name in sorted(shelf.packages(language))
    }


def merged(trees: Iterable[Mapping[str, Any]]) -> Any:
    """The training data of the whole assistant, in the order that pytlas has it."""
    return pychatl.merge({}, *trees)


def as_data(report: Report) -> dict[str, Any]:
    """A report in terms of JSON."""
    return {
        "sentences": len(report.outcomes),
        "accuracy": round(report.accuracy, 4),
        **_counted(report.counts),
        "intents": [
            {"intent": intent, "sentences": counts.total(), **_counted(counts)}
            for intent, counts in report.by_intent.items()
        ],
        "confusions": [
            {"intent": intent, "taken_for": other, "sentences": count}
            for intent, other, count in report.confusions
        ],
        "failures": [_failure(outcome) for outcome in report.failures],
        "untestable": list(report.untestable),
    }


def _counted(counts: Counter[Any]) -> dict[str, int]:
    return {
        "right": counts["right"],
        "wrong_slots": counts["slots"],
        "refused": counts["refused"],
        "wrong_intent": counts["wrong"],
    }


def _failure(outcome: Outcome) -> dict[str, Any]:
    return {
        "text": outcome.text,
        "intent": outcome.intent,
        "taken_for": outcome.taken_for,
        "slots": [list(slot) for slot in outcome.slots],
        "found": [list(slot) for slot in outcome.found],
    }


def table_of(report: Report) -> Table:
    """How well each intent was understood; nothing stands where there is nothing to tell."""
    table = Table("intent", "sentences", "right", "wrong slots", "refused", "wrong intent")
    table.columns[0].overflow = "fold"
    for column in table.columns[1:]:
        column.justify = "right"
    for intent, counts in report.by_intent.items():
        told = [str(each or "") for each in _counted(counts).values()]
        table.add_row(intent, str(counts.total()), *told)
    return table


def lines_of(report: Report, worst: int) -> Iterator[str]:
    """The rest of a report: the whole, what is taken for what, and the worst sentences.

    Args:
      report: which.
      worst: how many sentences at most.
    """
    counts = report.counts
    yield (
        f"{report.accuracy:.0%} of {len(report.outcomes)} sentences understood"
        f" ({counts['slots']} of them with wrong slots);"
        f" {counts['refused']} refused, {counts['wrong']} taken for another intent"
    )
    for name in report.untestable:
        yield f"{name} cannot be tested: it has one sentence"
    if report.confusions:
        yield "Taken for another intent:"
    for intent, other, count in report.confusions:
        yield f"  {count} x {intent} -> {other}"
    if report.failures and worst:
        yield "The worst sentences:"
    for outcome in report.failures[:worst]:
        yield f'  "{outcome.text}" {_what_happened(outcome)}'
    hidden = len(report.failures) - worst
    if hidden > 0:
        yield f"  and {hidden} more"


def _what_happened(outcome: Outcome) -> str:
    if outcome.kind == "slots":
        return f"({outcome.intent}): {_slots(outcome.found)}, not {_slots(outcome.slots)}"
    if outcome.kind == "refused":
        return f"({outcome.intent}): refused"
    return f"({outcome.intent}): {outcome.taken_for}"


def _slots(slots: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(f'{name} "{text}"' for name, text in slots) or "no slot"
