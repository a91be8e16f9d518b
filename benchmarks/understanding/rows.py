"""The rows of the table, each a function that measures when it is called."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from statistics import mean, median
from typing import Any

import snips
import thin
from attrs import define, field, frozen
from memory import memory_of
from snips import Asked, Split, Told

from pytlas_wamp.understanding.builtins import BuiltinParser
from pytlas_wamp.understanding.patterns import PatternInterpreter
from pytlas_wamp.understanding.statistical.model import Model
from pytlas_wamp.understanding.statistical.training import train

DRAWS = 3
TESTS = 100
SEEDS = (1, 2, 3)
NOW = datetime(2018, 2, 14, 10, 20, 30, tzinfo=UTC)


@frozen(kw_only=True)
class Row:
    """One line of the table."""

    what: str
    goal: str = ""
    patterns: str = ""
    statistical: str = ""


def _spread(values: Sequence[float]) -> str:
    return f"{mean(values):.3f} [{min(values):.3f}-{max(values):.3f}]"


def _milliseconds(seconds: Sequence[float]) -> str:
    ordered = sorted(seconds)
    return f"{median(ordered) * 1000:.2f} ms, p99 {ordered[len(ordered) * 99 // 100] * 1000:.1f} ms"


@define
class _Trained:
    """A trained interpreter that is being asked; takes the time of everything."""

    read: Callable[[str], Told]
    best: Callable[[str], str | None]
    seconds: float
    parses: list[float] = field(factory=list)

    def ask(self, tests: Iterable[Asked]) -> list[tuple[Asked, Told]]:
        """What becomes of sentences."""
        return [(one, self.hear(one.text)) for one in tests]

    def hear(self, text: str) -> Told:
        """What becomes of a sentence."""
        begin = time.perf_counter()
        told = self.read(text)
        self.parses.append(time.perf_counter() - begin)
        return told


def _statistical(data: dict[str, Any], language: str) -> _Trained:
    begin = time.perf_counter()
    model: Model = train(data, language)
    seconds = time.perf_counter() - begin

    def read(text: str) -> Told:
        verdict = model.read(text, lambda _: True)
        slots = tuple((one.slot, one.raw) for one in verdict.fillings)
        return Told(intent=verdict.intent, slots=slots)

    def best(text: str) -> str | None:
        verdict = model.read(text, lambda _: True)
        return verdict.intent or next((name for name, _ in verdict.scores), None)

    return _Trained(read, best, seconds)


def _patterns(data: dict[str, Any], language: str) -> _Trained:
    begin = time.perf_counter()
    interpreter = PatternInterpreter(language)
    interpreter.fit(data)
    seconds = time.perf_counter() - begin

    def read(text: str) -> Told:
        for intent in interpreter.parse(text):
            slots = tuple(
                (name, value.meta["rawValue"])
                for name, values in intent.slots.items()
                for value in values
            )
            return Told(intent=intent.name, slots=slots)
        return Told(intent=None, slots=())

    return _Trained(read, lambda text: read(text).intent, seconds)


def _right(pairs: Sequence[tuple[Asked, Told]]) -> float:
    return mean(asked.intent == told.intent for asked, told in pairs)


@define
class _Thick:
    """What seven intents with many sentences come to."""

    scores: list[Mapping[tuple[str, str], float]] = field(factory=list)
    right: list[float] = field(factory=list)
    right_unrefused: list[float] = field(factory=list)
    seconds: list[float] = field(factory=list)
    parses: list[float] = field(factory=list)

    def add(self, trained: _Trained, split: Split) -> None:
        """One more draw."""
        pairs = trained.ask(split.tests)
        self.scores.append(snips.slot_scores(pairs))
        self.right.append(_right(pairs))
        self.right_unrefused.append(
            mean(trained.best(one.text) == one.intent for one in split.tests)
        )
        self.seconds.append(trained.seconds)
        self.parses.extend(trained.parses)

    def f1(self) -> str:
        """Slot F1 over the draws."""
        each = [snips.mean_score([draw]) for draw in self.scores]
        return f"{snips.mean_score(self.scores):.3f} [{min(each):.3f}-{max(each):.3f}]"

    def accuracy(self) -> str:
        """Intent accuracy with refusals, and the mean without."""
        return f"{_spread(self.right)}, refusing nothing {mean(self.right_unrefused):.3f}"


def _thick(size: int, f1_goal: str, intent_goal: str, training_goal: str) -> Iterator[Row]:
    patterns, statistical = _Thick(), _Thick()
    for split in snips.splits(size, draws=DRAWS, tests=TESTS):
        patterns.add(_patterns(split.data, "en"), split)
        statistical.add(_statistical(split.data, "en"), split)
    what = f"7 intents, {size:,} sentences each"
    for title, goal, cell in (
        ("slot F1", f1_goal, _Thick.f1),
        ("intent", intent_goal, _Thick.accuracy),
        ("training, s", training_goal, lambda one: f"{max(one.seconds):.1f}"),
        ("parse p50", "<= 3 ms", lambda one: _milliseconds(one.parses)),
    ):
        yield Row(
            what=f"{title}, {what}",
            goal=goal,
            patterns=cell(patterns),
            statistical=cell(statistical),
        )


@define
class _Thin:
    """What an assistant of many small skills comes to."""

    right: list[float] = field(factory=list)
    right_unrefused: list[float] = field(factory=list)
    refused: list[float] = field(factory=list)
    seconds: list[float] = field(factory=list)
    parses: list[float] = field(factory=list)

    def add(
        self, trained: Sequence[_Trained], splits: Sequence[Split], others: Sequence[str]
    ) -> None:
        """One more dealing of the sentences to folds."""
        pairs, unrefused, refused = [], [], []
        for one, split in zip(trained, splits, strict=True):
            pairs.extend(one.ask(split.tests))
            unrefused.extend(one.best(test.text) == test.intent for test in split.tests)
            refused.extend(one.hear(text).intent is None for text in others)
            self.seconds.append(one.seconds)
            self.parses.extend(one.parses)
        self.right.append(_right(pairs))
        self.right_unrefused.append(mean(unrefused))
        self.refused.append(mean(refused))

    def accuracy(self) -> str:
        """Intent accuracy with refusals, and the mean without."""
        return f"{_spread(self.right)}, refusing nothing {mean(self.right_unrefused):.3f}"


def _thin(language: str, intent_goal: str) -> Iterator[Row]:
    for name, tree in thin.assistants(language).items():
        patterns, statistical = _Thin(), _Thin()
        others = thin.strangers(name, language)
        for seed in SEEDS:
            splits = list(thin.folds(tree, language, seed))
            patterns.add([_patterns(s.data, language) for s in splits], splits, others)
            statistical.add([_statistical(s.data, language) for s in splits], splits, others)
        sentences = sum(len(intent["data"]) for intent in tree["intents"].values())
        what = f"{language} `{name}`: {len(tree['intents'])} intents, {sentences} sentences"
        for title, goal, cell in (
            ("intent", intent_goal, _Thin.accuracy),
            ("refused of others", ">= .85", lambda one: _spread(one.refused)),
            ("training, s", "<= 5", lambda one: f"{max(one.seconds):.1f}"),
            ("parse p50", "<= 1.5 ms", lambda one: _milliseconds(one.parses)),
        ):
            yield Row(
                what=f"{title}, {what}",
                goal=goal,
                patterns=cell(patterns),
                statistical=cell(statistical),
            )


def _times() -> Iterator[Row]:
    texts = snips.time_texts()
    parser = BuiltinParser("en")
    missed = [t for t in texts if parser.parse_whole(t, "snips/datetime", now=NOW) is None]
    yield Row(
        what=f"date and time texts understood, of {len(texts):,}",
        goal=">= 94 %",
        statistical=f"{len(texts) - len(missed):,} ({1 - len(missed) / len(texts):.1%})",
    )


def _memory() -> Iterator[Row]:
    small = next(iter(thin.assistants("en").values()))
    many = next(snips.splits(2_000, draws=1, tests=TESTS))
    for what, data, language in (
        ("resident, thin en", next(thin.folds(small, "en", 1)).data, "en"),
        ("resident, 7 intents, 2,000 each", many.data, "en"),
    ):
        found = memory_of(train(data, language))
        yield Row(what=what, goal="<= 30 MB", statistical=found)


ROWS: dict[str, Callable[[], Iterator[Row]]] = {
    "small": lambda: _thick(70, ">= .82", ">= .97", "<= 60"),
    "thin-en": lambda: _thin("en", ">= .90"),
    "thin-fr": lambda: _thin("fr", ">= .88"),
    "times": _times,
    "memory": _memory,
    "full": lambda: _thick(2_000, ">= .935", "", "<= 60"),
}
