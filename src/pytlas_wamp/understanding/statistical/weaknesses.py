"""Finds what is weak in training data, and says it in sentences for skill authors."""

from __future__ import annotations

from collections import Counter
from functools import cache
from importlib.resources import files
from itertools import combinations
from typing import TYPE_CHECKING, Any

from attrs import define, evolve, field

from pytlas_wamp.understanding.entities import BUILTIN_PREFIX, read_entities
from pytlas_wamp.understanding.statistical.examples import by_intent, read_examples
from pytlas_wamp.understanding.statistical.lexicon import lexicon

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pytlas_wamp.understanding.entities import Entity
    from pytlas_wamp.understanding.statistical.examples import Example
    from pytlas_wamp.understanding.statistical.hints import Keys
    from pytlas_wamp.understanding.statistical.lexicon import Lexicon

FEWEST_SENTENCES = 5

# Of sentences that two intents share; two skills may say hundreds of things alike.
_MOST_SENTENCES = 3
_MOST_PAIRS = 10

# Fewer sentences of an intent are no sign of another language: names and titles are in any.
_FEWEST_FOREIGN = 2

_FUNCTION_WORDS = ".function_words.txt"


def weaknesses(data: Mapping[str, Any]) -> list[str]:
    """What is weak, one line per kind; nothing for sound data.

    Args:
      data: Snips-format training data.
    """
    examples = read_examples(data)
    language = str(data.get("language", ""))
    kinds = (
        _thin(data, examples),
        _alike(data, examples, language),
        _empty_slots(data, examples),
        _undefined(data, examples),
        _foreign(examples, language),
    )
    return [line for kind in kinds for line in kind]


def _thin(data: Mapping[str, Any], examples: Sequence[Example]) -> Iterator[str]:
    counts = Counter(example.intent for example in examples)
    thin = [
        f"{name} ({counts[name]})"
        for name in data.get("intents", {})
        if counts[name] < FEWEST_SENTENCES
    ]
    if thin:
        yield (
            f"{_number(thin, 'intent has', 'intents have')} fewer than {FEWEST_SENTENCES} "
            f"sentences; more would be understood better: {', '.join(thin)}"
        )


@define
class _Pairs:
    """Pairs of intents, with pairs of their sentences."""

    found: dict[tuple[str, str], list[str]] = field(factory=dict)

    def add(self, first: Example, second: Example) -> None:
        """Note two sentences."""
        one, other = first.sentence.text, second.sentence.text
        said = f'"{one}"' if one == other else f'"{one}" and "{other}"'
        self.found.setdefault((first.intent, second.intent), []).append(said)

    def line(self, what: str) -> Iterator[str]:
        """All pairs in one line, if there are any."""
        if self.found:
            named = [
                f"{first} and {second} ({_some(sentences, _MOST_SENTENCES)})"
                for (first, second), sentences in self.found.items()
            ]
            count = _number(named, "pair of intents", "pairs of intents")
            yield f"{count} {what}: {_some(named, _MOST_PAIRS)}"


def _alike(data: Mapping[str, Any], examples: Iterable[Example], language: str) -> Iterator[str]:
    """Intents with sentences that are the same but for the words in their slots, or nearly so."""
    words, entities = lexicon(language), read_entities(data, language)
    same, close = _Pairs(), _Pairs()
    groups: dict[frozenset[str], dict[tuple[str, Keys], Example]] = {}
    for example in examples:
        keys = _bare(example, words)
        stems = frozenset(words.stem(key) for key in keys)
        groups.setdefault(stems, {}).setdefault((example.intent, keys), example)
    for group in groups.values():
        for (one, keys), (other, other_keys) in combinations(group, 2):
            first, second = group[one, keys], group[other, other_keys]
            if one != other and not _slots_differ(first, second, entities):
                (same if keys == other_keys else close).add(first, second)
    yield from same.line("cannot be told apart")
    yield from close.line("with sentences that differ in the order or the endings of words only")


def _bare(example: Example, words: Lexicon) -> Keys:
    """A sentence with a star for each slot, and without politeness."""
    keys, spans = list(example.sentence.keys), list(example.sentence.spans)
    for mark in reversed(example.marks):
        spans[mark.start : mark.end] = [(spans[mark.start][0], spans[mark.end - 1][1])]
        keys[mark.start : mark.end] = ["*"]
    return words.request(evolve(example.sentence, keys=tuple(keys), spans=tuple(spans))).keys


def _slots_differ(first: Example, second: Example, entities: Mapping[str, Entity]) -> bool:
    """Whether the words in the slots tell which sentence it is."""
    return len(first.marks) != len(second.marks) or any(
        _told_apart(entities[one.entity], entities[other.entity])
        for one, other in zip(first.marks, second.marks, strict=True)
    )


def _told_apart(one: Entity, other: Entity) -> bool:
    if one.name == other.name:
        return False
    if one.name.startswith(BUILTIN_PREFIX) or other.name.startswith(BUILTIN_PREFIX):
        return True
    open_ones = one.accepts_unknown or other.accepts_unknown
    return not open_ones and one.values.keys().isdisjoint(other.values)


def _empty_slots(data: Mapping[str, Any], examples: Sequence[Example]) -> Iterator[str]:
    declared = data.get("entities", {})
    texts: dict[tuple[str, str, str], str] = {}
    for example in examples:
        for piece in example.pieces:
            if piece.slot is not None and piece.entity is not None:
                place = (example.intent, piece.slot, piece.entity)
                texts[place] = texts.get(place, "") + piece.text.strip()
    empty = [
        f"{slot} of {intent}"
        for (intent, slot, entity), text in texts.items()
        if not text and not declared.get(entity, {}).get("data", [])
    ]
    if empty:
        yield (
            f"{_number(empty, 'slot has', 'slots have')} no example, so the words that fill "
            f"it cannot be learnt: {', '.join(empty)}"
        )


def _undefined(data: Mapping[str, Any], examples: Sequence[Example]) -> Iterator[str]:
    declared = data.get("entities", {})
    missing: dict[str, str] = {}
    for example in examples:
        for mark in example.marks:
            if mark.entity not in declared and not mark.entity.startswith(BUILTIN_PREFIX):
                missing.setdefault(mark.entity, f"{mark.entity} (of {example.intent})")
    if missing:
        yield (
            f"{_number(missing, 'entity is', 'entities are')} defined nowhere, and taken for "
            f"free text: {', '.join(missing.values())}"
        )


def _foreign(examples: Sequence[Example], language: str) -> Iterator[str]:
    """Intents most of whose sentences have small words of another language, and none of ours."""
    ours = lexicon(language).function_words
    found = []
    # Politeness tells a language as well as anything.
    words = evolve(lexicon(language), polite=())
    for intent, said in by_intent(examples).items() if ours else ():
        for code in _listed():
            theirs = lexicon(code).function_words
            foreign = [one for one in said if _is_foreign(_bare(one, words), ours, theirs)]
            if len(foreign) >= _FEWEST_FOREIGN and 2 * len(foreign) > len(said):
                found.append(f'{intent} ({code}, such as "{foreign[0].sentence.text}")')
                break
    if found:
        yield (
            f"{_number(found, 'intent seems', 'intents seem')} to have sentences of another "
            f"language than {language!r}: {', '.join(found)}"
        )


def _is_foreign(keys: Sequence[str], ours: frozenset[str], theirs: frozenset[str]) -> bool:
    """Whether there are small words that only they have, and none that only we have."""
    return not (theirs - ours).isdisjoint(keys) and (ours - theirs).isdisjoint(keys)


@cache
def _listed() -> tuple[str, ...]:
    """The languages whose small words we have a list of."""
    names = [entry.name for entry in files(__package__).joinpath("words").iterdir()]
    return tuple(
        sorted(name.removesuffix(_FUNCTION_WORDS) for name in names if _FUNCTION_WORDS in name)
    )


def _number(things: Iterable[str], one: str, more: str) -> str:
    count = len(list(things))
    return f"{count} {one if count == 1 else more}"


def _some(things: Sequence[str], most: int) -> str:
    named = "; ".join(things[:most])
    return f"{named} and {len(things) - most} more" if len(things) > most else named
