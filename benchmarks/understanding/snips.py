"""Snips' custom-intent benchmark of 2017: splits, and the measure of its published figures.

The sentences are in `data/snips-2017.json.xz` (see data/README.md). Per intent there
are 300 of them (`small`) and about 2,000 (`full`).
"""

from __future__ import annotations

import json
import lzma
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from random import Random
from statistics import mean
from typing import Any

from attrs import frozen

from pytlas_wamp.understanding import normalisation

DATA = Path(__file__).parent / "data" / "snips-2017.json.xz"

# What the published runs had as a builtin entity; the other slots are custom ones.
_BUILTINS = {"timeRange": "snips/datetime"}

Slot = tuple[str, str]
Intents = Mapping[str, Mapping[str, Sequence[Sequence[Sequence[str]]]]]


@frozen(kw_only=True)
class Asked:
    """A sentence with what it means.

    Args:
      text: as said.
      intent: its name.
      slots: name and text of each.
    """

    text: str
    intent: str
    slots: tuple[Slot, ...]


@frozen(kw_only=True)
class Split:
    """Training data, and sentences to be tested with that are not in it."""

    data: dict[str, Any]
    tests: tuple[Asked, ...]


@cache
def _sentences() -> Intents:
    return json.loads(lzma.decompress(DATA.read_bytes()))


def time_texts() -> list[str]:
    """The distinct texts that stand for dates and times in the sentences of `full`."""
    return sorted(
        {
            part[0].strip()
            for sizes in _sentences().values()
            for sentence in sizes["full"]
            for part in sentence
            if part[1:] == ["timeRange"]
        }
    )


def splits(size: int, *, draws: int, tests: int) -> Iterator[Split]:
    """Draws with so many training and test sentences per intent.

    Args:
      size: up to 300 they come from `small`, more of them from `full`.
      draws: how many; each has its own seed.
      tests: per intent, always from `full`.
    """
    for draw in range(draws):
        random = Random(1000 + draw)  # noqa: S311 - a fixed seed is what is wanted
        training, tested = {}, []
        for intent, sizes in _sentences().items():
            pool = _distinct(sizes["full"])
            random.shuffle(pool)
            held = {_folded(parts) for parts in pool[:tests]}
            source = pool[tests:]
            if size <= len(sizes["small"]):
                source = [p for p in _distinct(sizes["small"]) if _folded(p) not in held]
                random.shuffle(source)
            training[intent] = source[:size]
            tested.extend(_asked(intent, parts) for parts in pool[:tests])
        yield Split(data=_training_data(training), tests=tuple(tested))


def _text(parts: Sequence[Sequence[str]]) -> str:
    return "".join(part[0] for part in parts)


def _folded(parts: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The words without case and punctuation: equal ones are one sentence."""
    return normalisation.keys(_text(parts))


def _distinct(sentences: Iterable[Sequence[Sequence[str]]]) -> list[Sequence[Sequence[str]]]:
    return list(
        {keys: parts for parts in reversed([*sentences]) if (keys := _folded(parts))}.values()
    )[::-1]


def _asked(intent: str, parts: Sequence[Sequence[str]]) -> Asked:
    slots = tuple((part[1], part[0]) for part in parts if len(part) > 1)
    return Asked(text=_text(parts), intent=intent, slots=slots)


def _training_data(training: Mapping[str, Sequence[Sequence[Sequence[str]]]]) -> dict[str, Any]:
    entities: dict[str, Any] = {}
    intents = {}
    for intent, sentences in training.items():
        utterances = []
        for parts in sentences:
            data: list[dict[str, str]] = []
            for text, *slot in parts:
                if slot:
                    entity = _BUILTINS.get(slot[0], slot[0])
                    entities.setdefault(entity, _declaration(entity))
                    data.append({"text": text, "entity": entity, "slot_name": slot[0]})
                else:
                    data.append({"text": text})
            utterances.append({"data": data})
        intents[intent] = {"utterances": utterances}
    return {"language": "en", "intents": intents, "entities": entities}


def _declaration(entity: str) -> dict[str, Any]:
    if entity.startswith("snips/"):
        return {}
    return {
        "data": [],
        "automatically_extensible": True,
        "matching_strictness": 1.0,
        "use_synonyms": True,
    }


@frozen(kw_only=True)
class Told:
    """What an interpreter made of a sentence: intent (None if refused) and slot texts."""

    intent: str | None
    slots: tuple[Slot, ...]


def slot_scores(pairs: Iterable[tuple[Asked, Told]]) -> dict[tuple[str, str], float]:
    """F1 by intent and slot: found is a slot whose text is equal but for case.

    What was found in a sentence that was taken for another intent counts against that one.
    """
    hits: Counter[tuple[str, str]] = Counter()
    told: Counter[tuple[str, str]] = Counter()
    gold: Counter[tuple[str, str]] = Counter()
    for asked, answer in pairs:
        wanted = Counter((name, text.casefold().strip()) for name, text in asked.slots)
        found = Counter((name, text.casefold().strip()) for name, text in answer.slots)
        for key, number in wanted.items():
            gold[asked.intent, key[0]] += number
            if asked.intent == answer.intent:
                hits[asked.intent, key[0]] += min(number, found[key])
        if answer.intent is not None:
            for key, number in found.items():
                told[answer.intent, key[0]] += number
    return {key: 2 * hits[key] / (told[key] + number) for key, number in gold.items()}


def mean_score(draws: Sequence[Mapping[tuple[str, str], float]]) -> float:
    """The mean over the draws, then over the slots of an intent, then over the intents."""
    by_intent: dict[str, list[float]] = defaultdict(list)
    for key in sorted({key for draw in draws for key in draw}):
        by_intent[key[0]].append(mean(draw[key] for draw in draws if key in draw))
    return mean(mean(scores) for scores in by_intent.values())
