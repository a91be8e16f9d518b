"""How much speaks for a sentence being meant for the intent that looks best.

The evidence is a handful of numbers; `COEFFICIENTS` weigh them. They were fitted once, by
logistic regression over held-out sentences of small and large assistants in two languages
and sentences that belong to none of their skills, and hold for every assistant.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from attrs import define, field

from pytlas_wamp.understanding.statistical.intents import BLOCKS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytlas_wamp.understanding.statistical.intents import Weights
    from pytlas_wamp.understanding.statistical.lexicon import Lexicon

COEFFICIENTS = (
    0.0124, 0.5297, 1.1582, 0.3851, -1.6363, 0.7150, 0.3764, 0.3471, 1.1659, 1.8468, 0.1818,
    -0.4057, 0.3260, -0.3712, 0.4695, 0.9486, -0.0319, -0.1340, -0.2959, -0.3288, 2.0389,
    -2.1282, -0.2584 + 1.15,
)  # fmt: skip

MOST_NEIGHBOURS = 150

# Ahead of the next intent by more says no more; an intent without others is ahead by little.
_CLEARLY, _ALONE = 4.0, 2.0

# "no, no" may be meant.
_ONCE_MORE = 2

_MEANINGS = BLOCKS.index("m")

_Vector = tuple[np.ndarray, np.ndarray]


@define(kw_only=True)
class Neighbours:
    """The training sentences, to be compared with.

    Args:
      places: positions of the features of all sentences, one after the other.
      values: their values; each sentence has length 1.
      starts: where each sentence begins in `places`.
      owners: the intent of each sentence.
    """

    places: np.ndarray
    values: np.ndarray
    starts: np.ndarray
    owners: np.ndarray
    size: int

    @classmethod
    def of(
        cls,
        weights: Weights,
        vectors: Sequence[_Vector],
        owners: Sequence[int],
    ) -> Neighbours:
        """Keep the first sentences of each intent, without their character features."""
        places, values, starts, kept = [], [], [], []
        counts: dict[int, int] = {}
        total = 0
        for vector, owner in zip(vectors, owners, strict=True):
            if counts.get(owner, 0) >= MOST_NEIGHBOURS:
                continue
            where, value = _scaled(weights, vector)
            if not len(where):
                continue
            counts[owner] = counts.get(owner, 0) + 1
            places.append(where)
            values.append(value)
            starts.append(total)
            kept.append(owner)
            total += len(where)
        return cls(
            places=np.concatenate(places) if places else np.zeros(0, dtype=np.int64),
            values=np.concatenate(values).astype(np.float32)
            if values
            else np.zeros(0, dtype=np.float32),
            starts=np.array(starts, dtype=np.int64),
            owners=np.array(kept, dtype=np.int64),
            size=len(weights.ids),
        )

    def nearest(self, weights: Weights, vector: _Vector, count: int) -> np.ndarray:
        """Cosines of the nearest sentence of each intent: of the words, and of the meanings.

        Args:
          weights: what made the vectors.
          vector: of the sentence.
          count: of the intents.

        Returns:
          Two rows of `count` numbers.
        """
        found = np.zeros((2, count), dtype=np.float32)
        if not len(self.starts):
            return found
        where, value = _scaled(weights, vector)
        meant = weights.blocks[where] == _MEANINGS
        for row, part in enumerate((~meant, meant)):
            query = np.zeros(self.size, dtype=np.float32)
            query[where[part]] = value[part]
            cosines = np.add.reduceat(self.values * query[self.places], self.starts)
            np.maximum.at(found[row], self.owners, cosines)
        return found


def _scaled(weights: Weights, vector: _Vector) -> _Vector:
    """A vector without its characters; what is left of words and of meanings of length 1 each."""
    where, values = vector
    keep = weights.blocks[where] != BLOCKS.index("c")
    where, values = where[keep], values[keep]
    meant = weights.blocks[where] == _MEANINGS
    norms = np.sqrt([(values[~meant] ** 2).sum(), (values[meant] ** 2).sum()])
    norms[norms == 0] = 1.0
    return where, (values / norms[meant.astype(np.int64)]).astype(np.float32)


@define(kw_only=True)
class Vocabulary:
    """The words of each intent's sentences outside of its slots.

    Args:
      stems: per intent, its stems, "!" and its concepts, "=" and its words as they are.
      everywhere: stems of all.
      sentences: number of sentences per intent.
      is_open: whether an intent has a slot that takes any word.
    """

    stems: Sequence[frozenset[str]]
    everywhere: frozenset[str]
    sentences: Sequence[int]
    is_open: Sequence[bool]
    _meanings: dict[int, np.ndarray] = field(factory=dict, init=False, repr=False, eq=False)

    def knows(self, key: str, intent: int, lexicon: Lexicon) -> bool:
        """Whether an intent has a word, another form of it, or one that asks the same."""
        stems = self.stems[intent]
        return lexicon.stem(key) in stems or any(
            "!" + name in stems for name in lexicon.concepts_of(key)
        )

    def likeness(self, key: str, intent: int, lexicon: Lexicon) -> float:
        """How near a word comes to the meaning of one of an intent's words: 0 to 1."""
        known = self._meanings.get(intent)
        if known is None:
            words = sorted(name[1:] for name in self.stems[intent] if name.startswith("="))
            told = (word for word in words if word not in lexicon.function_words)
            rows = [lexicon.meaning((word,)) for word in told]
            known = np.array([row for row in rows if row.any()], dtype=np.float16)
            self._meanings[intent] = known
        if not len(known):
            return 0.0
        return max(0.0, float((known.astype(np.float32) @ lexicon.meaning((key,))).max()))


def _repetition(keys: Sequence[str]) -> float:
    """The share of words that were there before; far more if there is only one word."""
    distinct = len(set(keys))
    return 1.0 - distinct / len(keys) + (2.0 if distinct == 1 < _ONCE_MORE < len(keys) else 0.0)


def nearness(numbers: Sequence[float]) -> tuple[float, float]:
    """Of the evidence: how near the nearest sentence is in words, and in meaning."""
    return numbers[4], numbers[6]


@define(kw_only=True)
class _Words:
    """What the words of a sentence are to an intent."""

    content: int = 0
    known: int = 0
    soft: float = 0.0
    strange: int = 0
    foreign: int = 0
    functions: int = 0
    functions_known: int = 0


def _words(
    keys: Sequence[str],
    in_value: Sequence[bool],
    intent: int,
    vocabulary: Vocabulary,
    lexicon: Lexicon,
) -> _Words:
    """Count the words of a sentence that an intent knows."""
    found = _Words()
    for key, valued in zip(keys, in_value, strict=True):
        is_known = vocabulary.knows(key, intent, lexicon)
        if key in lexicon.function_words:
            found.functions += 1
            found.functions_known += is_known
            continue
        found.content += 1
        if is_known or valued:
            found.known += 1
            continue
        found.soft += vocabulary.likeness(key, intent, lexicon)
        stem = lexicon.stem(key)
        if stem not in vocabulary.everywhere:
            found.strange += 1
            found.foreign += not lexicon.meanings.knows(key, stem)
    return found


def evidence(
    keys: Sequence[str],
    in_value: Sequence[bool],
    intent: int,
    scores: np.ndarray,
    nearest: np.ndarray,
    vocabulary: Vocabulary,
    lexicon: Lexicon,
) -> list[float]:
    """The numbers that speak for or against an intent."""
    own = float(scores[intent])
    others = np.delete(scores, [intent, len(scores) - 1])
    rival = float(others.max()) if len(others) else own - _ALONE
    near = np.delete(nearest, intent, axis=1).max(axis=1, initial=0.0)
    probability = np.exp(scores - scores.max())
    p = float(probability[intent] / probability.sum())
    words = _words(keys, in_value, intent, vocabulary, lexicon)
    unknown = words.content - words.known
    opened = 1.0 if vocabulary.is_open[intent] else 0.0
    return [
        max(-8.0, min(8.0, own - float(scores[-1]))),
        max(-1.0, min(_CLEARLY, own - rival)),
        p,
        math.log(p + 1e-6),
        float(nearest[0, intent]),
        float(nearest[0, intent] - near[0]),
        float(nearest[1, intent]),
        float(nearest[1, intent] - near[1]),
        words.known / (words.content + 0.5),
        (words.known + words.soft) / (words.content + 0.5),
        float(unknown),
        float(unknown) - words.soft,
        unknown * opened,
        float(words.strange),
        float(words.foreign),
        words.functions_known / (words.functions + 0.5),
        opened,
        math.log(vocabulary.sentences[intent]),
        math.log(len(vocabulary.sentences)),
        math.log(len(keys)),
        1.0 if words.content == 0 else 0.0,
        _repetition(keys),
    ]
