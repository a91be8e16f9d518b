"""Learns a language from the sentences of the skills.

The same data gives the same model, bit for bit: no order of a set matters, chance comes
from a fixed seed, and algebra runs in one thread.
"""

from __future__ import annotations

import math
from collections import Counter
from random import Random
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import evolve, frozen

from pytlas_wamp.understanding import normalisation
from pytlas_wamp.understanding.matching import best_match
from pytlas_wamp.understanding.statistical import intents, slots
from pytlas_wamp.understanding.statistical.evidence import COEFFICIENTS, Neighbours, Vocabulary
from pytlas_wamp.understanding.statistical.examples import by_intent, read_examples
from pytlas_wamp.understanding.statistical.hints import Hints, names_of
from pytlas_wamp.understanding.statistical.lexicon import lexicon
from pytlas_wamp.understanding.statistical.model import Knowledge, Model
from pytlas_wamp.understanding.statistical.packing import pack
from pytlas_wamp.understanding.statistical.slots import SlotModel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pytlas_wamp.understanding.statistical.examples import Example
    from pytlas_wamp.understanding.statistical.hints import Keys
    from pytlas_wamp.understanding.statistical.lexicon import Lexicon

_SEED = 7

# What one intent may weigh in sentences; pychatl writes out every combination of
# synonyms, which tells nothing new after some hundreds.
_MOST_SENTENCES = 2_500

# An intent may have so many sentences, or so many times what others have; see `_varied`.
_ENOUGH = 300
_UNEVEN = 4

# With so many sentences, what only one of them has teaches nothing.
_MANY = 3_000

# Of the slot stage: intents with fewer sentences repeat each this often with other
# values; this part of the known values is hidden, of the upper case overlooked, and of
# the words of values unread. Intents with fewer than `_TELLING` sentences do not tell what
# cannot be said.
_REPEATED = 500
_FEWEST_COPIES, _MOST_COPIES = 2, 15
_DROPPED = 0.3
_LOWERED = 0.1
_UNREAD = 0.2
_TELLING = 30


@frozen(kw_only=True)
class _Course:
    """Everything that the steps of a training share."""

    by_intent: Mapping[str, Sequence[Example]]
    knowledge: Knowledge
    hints: Hints
    lexicon: Lexicon
    texts: Mapping[str, Sequence[str]]
    lone_values: frozenset[tuple[str, Keys]]

    @property
    def names(self) -> list[str]:
        """The intents that have examples, in their order."""
        return list(self.by_intent)

    @property
    def examples(self) -> list[Example]:
        """All examples, intent by intent."""
        return [example for found in self.by_intent.values() for example in found]

    def hidden(self, example: Example) -> Callable[[str, Keys], bool]:
        """Hides the values that only this example shows: at parse time they would be unknown."""
        own = {value for value in example.values() if value in self.lone_values}
        return lambda name, keys: (name, keys) in own


def train(
    data: Mapping[str, Any], language: str, progress: Callable[[str, int, int], None] | None = None
) -> Model:
    """A model of Snips-format training data.

    Args:
      data: as `pychatl.adapters.snips` makes it.
      language: as pytlas names it.
      progress: told the step, how much of it is done, and of how much.
    """
    course = _course(data, language)
    tell = progress or (lambda _step, _done, _total: None)
    tell("intents", 0, 1)
    weights, reader, vectors, classes = _intent_stage(course)
    tell("intents", 1, 1)
    return Model(
        language=language,
        packed=pack(data),
        names=course.names,
        weights=weights,
        reader=reader,
        neighbours=Neighbours.of(weights, vectors, classes),
        vocabulary=_vocabulary(course),
        slot_models=_slot_stage(course, tell),
        coefficients=np.array(COEFFICIENTS),
    )


def _course(data: Mapping[str, Any], language: str) -> _Course:
    knowledge = Knowledge.of(data, language)
    found = by_intent(read_examples(data))
    thinned = {name: _thinned(examples) for name, examples in found.items()}
    examples = [example for each in thinned.values() for example in each]
    declared = _declared_texts(data)
    texts: dict[str, dict[str, None]] = {
        name: dict.fromkeys(found) for name, found in declared.items()
    }
    for example in examples:
        for piece in example.pieces:
            if piece.entity is not None:
                texts.setdefault(piece.entity, {})[piece.text] = None
    counts = Counter(value for example in examples for value in dict.fromkeys(example.values()))
    listed = {
        (name, keys)
        for name, found in declared.items()
        for text in found
        for keys in normalisation.phrases(text)
    }
    return _Course(
        by_intent=thinned,
        knowledge=knowledge,
        hints=knowledge.hints(language),
        lexicon=lexicon(language),
        texts={name: list(found) for name, found in texts.items()},
        lone_values=frozenset(
            value for value, count in counts.items() if count == 1 and value not in listed
        ),
    )


def _chance() -> Random:
    """The same chance every time."""
    return Random(_SEED)  # noqa: S311 - training data holds no secrets


def _thinned(examples: Sequence[Example]) -> list[Example]:
    """Some of an intent's examples where it has too many; evenly taken."""
    surplus = len(examples) > _MOST_SENTENCES
    return _chance().sample(examples, _MOST_SENTENCES) if surplus else list(examples)


def _declared_texts(data: Mapping[str, Any]) -> dict[str, list[str]]:
    return {
        name: [
            text
            for item in content.get("data", [])
            for text in (item["value"], *item.get("synonyms", []))
        ]
        for name, content in data.get("entities", {}).items()
    }


def _settings(sentences: Sequence[int]) -> intents.Settings:
    """What to look at: of few sentences, the meaning tells more than the spelling."""
    typical = median(sentences)
    thick = min(1.0, max(0.0, math.log(typical / 6) / math.log(60 / 6)))
    return intents.Settings(
        words=1.4 - 0.4 * thick,
        pairs=0.5,
        chars=0.8 + 0.2 * thick,
        concepts=1.4 - 0.9 * thick,
        places=1.15 - 0.65 * thick,
        meanings=1.2 - 0.7 * thick,
        strength=60.0 - 30.0 * thick,
    )


def _varied(examples: Sequence[Example], most: int) -> Sequence[Example]:
    """So many of the examples that differ most from each other.

    pychatl writes out all combinations of optional words and synonyms; an intent of one
    such sentence is no likelier to be meant than one of three plain sentences.
    """
    if len(examples) <= most:
        return examples
    left = dict(enumerate(examples))
    seen: Counter[str] = Counter()
    kept: list[int] = []
    while len(kept) < most:
        place = max(left, key=lambda at: _newness(left[at].sentence.keys, seen))
        kept.append(place)
        seen.update(left.pop(place).sentence.keys)
    return [examples[place] for place in sorted(kept)]


def _newness(keys: Sequence[str], seen: Mapping[str, int]) -> float:
    return sum(1 / (1 + seen[key]) for key in keys) / (len(keys) + 1)


def _intent_stage(course: _Course) -> tuple[Any, Any, list[Any], list[int]]:
    sizes = [len(examples) for examples in course.by_intent.values()]
    settings = _settings(sizes)
    most = max(_ENOUGH, _UNEVEN * int(median(sizes)))
    reader = intents.Reader(lexicon=course.lexicon, settings=settings)
    documents, classes, shares = [], [], []
    for place, examples in enumerate(course.by_intent.values()):
        chosen = _varied(examples, most)
        for example in chosen:
            hints = course.hints.of(example.sentence, course.hidden(example))
            documents.append(reader.read(example.sentence.keys, names_of(hints)))
            classes.append(place)
            shares.append(1 / math.sqrt(len(chosen)))
    own = len(documents)
    for sentence in _background(course):
        documents.append(reader.read(sentence.keys, names_of(course.hints.of(sentence))))
        classes.append(len(course.by_intent))
        shares.append(1.0)
    weight = np.array(shares) * (len(shares) / sum(shares))
    weights = intents.fit(
        documents,
        classes,
        weight,
        count=len(course.by_intent) + 1,
        rarest=1 if own < _MANY else 2,
        settings=settings,
    )
    return (
        weights,
        reader,
        [weights.vector(document) for document in documents[:own]],
        classes[:own],
    )


def _background(course: _Course) -> Iterator[Any]:
    """Sentences of no skill, without those that this assistant's skills do ask for."""
    for text in course.lexicon.background:
        sentence = normalisation.read(text)
        if sentence is None:
            continue
        match = best_match(
            sentence, course.knowledge.templates, course.knowledge.entities, lambda _: True
        )
        if match is None or match.unknown_tokens > match.template.literal_tokens:
            yield sentence


def _vocabulary(course: _Course) -> Vocabulary:
    stems: dict[str, set[str]] = {name: set() for name in course.by_intent}
    for example in course.examples:
        inside = {place for mark in example.marks for place in range(mark.start, mark.end)}
        found = stems[example.intent]
        for place, key in enumerate(example.sentence.keys):
            if place not in inside:
                stem = course.lexicon.stem(key)
                found.update((stem, "=" + key))
                found.update("!" + name for name in course.lexicon.concepts_of(key))
    entities = course.knowledge.entities
    return Vocabulary(
        stems=[frozenset(found) for found in stems.values()],
        everywhere=frozenset().union(*stems.values()),
        sentences=[len(examples) for examples in course.by_intent.values()],
        is_open=[
            any(
                entities[entity].accepts_unknown and entity not in course.hints.builtins.names
                for entity in course.knowledge.slot_entities.get(name, {}).values()
            )
            for name in course.by_intent
        ],
    )


def _slot_stage(course: _Course, tell: Callable[[str, int, int], None]) -> dict[str, SlotModel]:
    wanted = {
        name: found for name, found in course.by_intent.items() if any(e.marks for e in found)
    }
    models = {}
    for done, (name, found) in enumerate(wanted.items()):
        tell("slots", done, len(wanted))
        models[name] = _slot_model(course, found)
    tell("slots", len(wanted), len(wanted))
    return models


def _slot_model(course: _Course, examples: Sequence[Example]) -> SlotModel:
    counts = Counter(key for example in examples for key in set(example.sentence.keys))
    common = (
        frozenset(key for key, count in counts.items() if count > 1) | course.lexicon.function_words
    )
    return SlotModel(
        crf=slots.train(
            _sequences(course, examples, common),
            most_rounds=200 if len(examples) < _REPEATED else 80,
        ),
        common=common,
        once=_once(examples),
    )


def _once(examples: Sequence[Example]) -> frozenset[str]:
    """The slots that no sentence has twice, where there are enough sentences to tell."""
    if len(examples) < _TELLING:
        return frozenset()
    most: Counter[str] = Counter()
    for example in examples:
        most |= Counter(mark.slot for mark in example.marks)
    return frozenset(slot for slot, times in most.items() if times == 1)


def _copies(rarest: int) -> int:
    """How often a sentence is repeated with other values, by how rare its rarest slot is.

    Without this, a field learns to overlook slots that few sentences have.
    """
    return max(_FEWEST_COPIES, min(_MOST_COPIES, 60 // rarest))


def _sequences(
    course: _Course, examples: Sequence[Example], common: frozenset[str]
) -> Iterator[tuple[slots.Features, list[str]]]:
    random = _chance()
    counts = Counter(mark.slot for example in examples for mark in example.marks)
    may_repeat = len(examples) < _REPEATED
    for example in examples:
        hints = course.hints.of(example.sentence, course.hidden(example))
        yield _sequence(course, example, common, hints, lower=False)
        if not example.marks or not may_repeat:
            continue
        for _ in range(_copies(min(counts[mark.slot] for mark in example.marks))):
            other = example.with_values(course.texts, random)
            hidden = course.hidden(other) if random.random() < _DROPPED else _at_random(random)
            lower = random.random() < _LOWERED
            hints = course.hints.of(other.sentence, hidden)
            other = _unread(other, course.lexicon.function_words, random)
            yield _sequence(course, other, common, hints, lower=lower)


def _unread(example: Example, functions: frozenset[str], random: Random) -> Example:
    """An example with words of its values unread: what a slot may hold is not all in the data."""
    keys = list(example.sentence.keys)
    for mark in example.marks:
        for place in range(mark.start, mark.end):
            if keys[place] not in functions and random.random() < _UNREAD:
                keys[place] = ""
    return evolve(example, sentence=evolve(example.sentence, keys=tuple(keys)))


def _at_random(random: Random) -> Callable[[str, Keys], bool]:
    """Hides known values by chance: not every value that a slot will hold is listed."""
    return lambda _name, _keys: random.random() < _DROPPED


def _sequence(
    course: _Course,
    example: Example,
    common: frozenset[str],
    hints: Sequence[Sequence[str]],
    *,
    lower: bool,
) -> tuple[slots.Features, list[str]]:
    seen = slots.features(example.sentence, hints, common, course.lexicon, lower=lower)
    return seen, slots.labels(len(example.sentence.keys), example.marks)
