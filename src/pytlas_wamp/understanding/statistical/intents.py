"""Which intent a sentence has, by the words and the pieces of words that are in it.

Learnt with scikit-learn, which nothing but `fit` imports; told with numpy.
"""

from __future__ import annotations

import math
from functools import cache
from importlib import import_module
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import define, field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pytlas_wamp.understanding.statistical.lexicon import Lexicon

Features = dict[str, float]
_Tables = tuple[dict[str, int], np.ndarray, np.ndarray, np.ndarray]

_REMEMBERED_WORDS = 20_000
_MOST_IN_THE_SPAN = 2_500

# As far as this may the words of a phrase be parted: "turn the lamp in the hall on".
_APART = 8

# Letters that the names of features begin with: words, pairs, characters, concepts, places,
# meanings.
BLOCKS = ("w", "b", "c", "k", "p", "m")


_MEANINGS = BLOCKS.index("m")


@frozen(kw_only=True)
class Settings:
    """What the intent stage looks at, with the weight of each block."""

    words: float = 1.0
    pairs: float = 0.5
    chars: float = 1.0
    concepts: float = 0.5
    places: float = 0.5
    meanings: float = 1.5
    shortest: int = 2
    longest: int = 5
    strength: float = 30.0


def word_grams(key: str, shortest: int, longest: int) -> list[str]:
    """The character n-grams of a word with its borders."""
    padded = f" {key} "
    return [
        "c" + padded[start : start + size]
        for size in range(shortest, longest + 1)
        for start in range(len(padded) - size + 1)
    ]


@cache
def _numbered(size: int) -> tuple[str, ...]:
    """The names of the features of a meaning."""
    return tuple(f"m{place:03d}" for place in range(size))


@define(kw_only=True)
class Reader:
    """Turns sentences into features; block by block, so that none drowns the others."""

    lexicon: Lexicon
    settings: Settings
    _words: dict[str, tuple[str, ...]] = field(factory=dict, init=False)

    def _of_word(self, key: str) -> tuple[str, ...]:
        known = self._words.get(key)
        if known is None:
            s = self.settings
            stem = self.lexicon.stem(key)
            known = ("w" + stem, *word_grams(key, s.shortest, s.longest))
            if len(self._words) < _REMEMBERED_WORDS:
                self._words[key] = known
        return known

    def read(self, keys: Sequence[str], entities: Iterable[str] = ()) -> Features:
        """Counts of the features of a sentence.

        Args:
          keys: of its tokens; "" stands for a token that is not to be looked at.
          entities: names of the entities that have a value in it.
        """
        found: Features = {}
        stems = ["^"]
        for key in keys:
            if not key:
                stems.append("*")
                continue
            features = self._of_word(key)
            stems.append(features[0][1:])
            for feature in features:
                found[feature] = found.get(feature, 0.0) + 1.0
        stems.append("$")
        for left, right in pairwise(stems):
            found["b" + left + " " + right] = 1.0
        for meaning in self._concepts(keys, stems[1:-1]):
            found["k" + meaning] = 1.0
        for entity in entities:
            found["p" + entity] = 1.0
        told = self.lexicon.meaning(keys)
        if told.any():
            found.update(zip(_numbered(len(told)), told.tolist(), strict=True))
        return found

    def _concepts(self, keys: Sequence[str], stems: Sequence[str]) -> dict[str, None]:
        """In the order of the sentence: sums of floats depend on the order of a set."""
        lexicon = self.lexicon
        found: dict[str, None] = {}
        for index, (key, stem) in enumerate(zip(keys, stems, strict=True)):
            for name in lexicon.concepts.get(key) or lexicon.concepts.get(stem) or ():
                found[name] = None
            for size in (2, 3, 4):
                phrase = lexicon.phrases.get(tuple(stems[index : index + size]))
                if phrase is not None:
                    found[phrase] = None
                    found[phrase + "!"] = None
            seconds = lexicon.parted.get(stem)
            for other in stems[index + 1 : index + _APART] if seconds else ():
                if seconds and other in seconds:
                    found[seconds[other]] = None
                    found[seconds[other] + "!"] = None
        return found


@define(kw_only=True)
class Weights:
    """A linear model over features, as plain arrays.

    Args:
      ids: position of each feature.
      idf: inverse document frequency times the weight of its block.
      blocks: the block of each feature.
      matrix: one row per feature, one column per class.
      bias: one per class.
    """

    ids: Mapping[str, int]
    idf: np.ndarray
    blocks: np.ndarray
    matrix: np.ndarray
    bias: np.ndarray
    scale: np.ndarray

    def vector(self, features: Features) -> tuple[np.ndarray, np.ndarray]:
        """Positions and values of the known features, each block scaled to its weight."""
        ids = self.ids
        known = [(ids[name], count) for name, count in features.items() if name in ids]
        if not known:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
        where = np.array([place for place, _ in known], dtype=np.int64)
        counts = np.array([count for _, count in known], dtype=np.float32)
        blocks = self.blocks[where]
        values = np.where(blocks == _MEANINGS, counts, np.sqrt(np.abs(counts)) * self.idf[where])
        norms = np.sqrt(np.bincount(blocks, weights=values * values, minlength=len(self.scale)))
        norms[norms == 0] = 1.0
        return where, (values * (self.scale / norms)[blocks]).astype(np.float32)

    def scores(self, vector: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
        """One score per class: the logarithm of its odds."""
        where, values = vector
        scores: np.ndarray = values @ self.matrix[where] + self.bias
        return scores


def _tables(documents: Sequence[Features], rarest: int, settings: Settings) -> _Tables:
    counts: dict[str, int] = {}
    for document in documents:
        for name in document:
            counts[name] = counts.get(name, 0) + 1
    names = sorted(name for name, count in counts.items() if count >= rarest)
    ids = {name: place for place, name in enumerate(names)}
    total = len(documents)
    idf = np.array([math.log((1 + total) / (1 + counts[n])) + 1 for n in names], dtype=np.float32)
    blocks = np.array([BLOCKS.index(n[0]) for n in names], dtype=np.int64)
    scale = np.array(
        [
            settings.words, settings.pairs, settings.chars,
            settings.concepts, settings.places, settings.meanings,
        ]
    )  # fmt: skip
    return ids, idf, blocks, scale


def fit(
    documents: Sequence[Features],
    classes: Sequence[int],
    weights: np.ndarray,
    *,
    count: int,
    rarest: int,
    settings: Settings,
) -> Weights:
    """Learn to tell classes apart.

    Args:
      documents: features of each training sentence.
      classes: the class of each, from 0 to `count` - 1.
      weights: how much each counts.
      count: number of classes.
      rarest: features of fewer sentences are left out.
      settings: block weights and the strength of the fit.
    """
    csr_matrix = import_module("scipy.sparse").csr_matrix
    threadpool_limits = import_module("threadpoolctl").threadpool_limits

    ids, idf, blocks, scale = _tables(documents, rarest, settings)
    model = Weights(
        ids=ids,
        idf=idf,
        blocks=blocks,
        scale=scale,
        matrix=np.zeros((len(ids), count), dtype=np.float32),
        bias=np.zeros(count, dtype=np.float32),
    )
    vectors = [model.vector(document) for document in documents]
    pointers = np.cumsum([0, *(len(where) for where, _ in vectors)])
    x = csr_matrix(
        (
            np.concatenate([v for _, v in vectors]).astype(np.float64),
            np.concatenate([w for w, _ in vectors]),
            pointers,
        ),
        shape=(len(documents), len(ids)),
    )
    y = np.asarray(classes)
    # Sums that several threads share come out differently from run to run.
    with threadpool_limits(limits=1):
        coef, bias, present = _optimum(x, y, weights, settings.strength)
    for row, name in enumerate(present):
        model.matrix[:, name] = coef[row]
        model.bias[name] = bias[row]
    return model


def _optimum(x: Any, y: Any, weights: Any, strength: float) -> tuple[Any, Any, Any]:
    """Weights and bias per class, and the classes, of a logistic regression."""
    linear_model = import_module("sklearn.linear_model")

    basis: Any = None
    if x.shape[0] <= _MOST_IN_THE_SPAN and x.shape[0] < x.shape[1]:
        # Few sentences in many dimensions: the weights lie in the span of the sentences,
        # so the same optimum is found with as many unknowns as sentences.
        values, vectors = np.linalg.eigh((x @ x.T).toarray())
        keep = values > 1e-8 * values[-1]
        root = np.sqrt(values[keep])
        z: Any = vectors[:, keep] * root
        basis = vectors[:, keep] / root
    else:
        z = x
    lr = linear_model.LogisticRegression(C=strength, max_iter=300, tol=1e-4)
    lr.fit(z, y, sample_weight=weights)
    coef = lr.coef_ if basis is None else (x.T @ (basis @ lr.coef_.T)).T
    bias = lr.intercept_
    if len(coef) == 1:
        # Two classes share one row of odds.
        coef, bias = np.vstack([-coef[0] / 2, coef[0] / 2]), np.array([-bias[0] / 2, bias[0] / 2])
    return coef, bias, lr.classes_
