"""What words mean, as numbers: words that people use for the same thing have similar ones.

The table, words/en.meanings.npz, is made from GloVe 6B (Pennington, Socher and Manning,
Stanford, 2014; public domain, PDDL 1.0) by benchmarks/understanding/make_meanings.py. Other
languages reach it through a glossary: lines of "English words: words of the language".
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen

from pytlas_wamp.understanding import normalisation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

# Shorter words that two languages spell alike seldom mean the same: "pain", "chat".
_ALIKE = 6

# How much a word that carries little meaning adds to a sentence.
_FUNCTION_WORD = 0.4


@frozen(kw_only=True)
class Meanings:
    """The meanings of the words of a language.

    Args:
      rows: of words and of stems, places in the table.
      table: one row of numbers per word.
    """

    rows: Mapping[str, int]
    table: np.ndarray

    @property
    def size(self) -> int:
        """How many numbers a meaning has."""
        return self.table.shape[1]

    def knows(self, key: str, stem: str) -> bool:
        """Whether a word of this key and stem is one of the language."""
        return key in self.rows or stem in self.rows

    def of(
        self, keys: Sequence[str], stem: Callable[[str], str], function_words: frozenset[str]
    ) -> np.ndarray:
        """The meaning of a sentence: a vector of length 1, or of length 0 if no word is known.

        Args:
          keys: of its tokens; "" stands for one that is not to be looked at.
          stem: cuts a key to its stem.
          function_words: keys of words that carry little meaning.
        """
        places, weights = [], []
        for key in keys:
            place = self.rows.get(key)
            if place is None and key:
                place = self.rows.get(stem(key))
            if place is not None:
                places.append(place)
                weights.append(_FUNCTION_WORD if key in function_words else 1.0)
        if not places:
            return np.zeros(self.size, dtype=np.float32)
        total = np.array(weights, dtype=np.float32) @ self.table[places].astype(np.float32)
        length = float(np.sqrt((total * total).sum()))
        found: np.ndarray = total / length if length else total
        return found


def meanings(code: str, glossary: Sequence[str], stem: Callable[[str], str]) -> Meanings:
    """The meanings of a language.

    Args:
      code: "en", "fr" ...
      glossary: its lines; English needs none. A language without one knows no meanings.
      stem: cuts a key of that language to its stem.
    """
    rows, table = _english()
    if code == "en":
        return Meanings(rows=rows, table=table)
    if not glossary:
        return Meanings(rows={}, table=table[:0])
    own: dict[str, list[np.ndarray]] = {}
    for line in glossary:
        english, _, words = line.partition(":")
        known = [rows[key] for key in normalisation.keys(english) if key in rows]
        if not known:
            continue
        meaning = table[known].astype(np.float32).sum(axis=0)
        for key in dict.fromkeys(normalisation.keys(words)):
            own.setdefault(key, []).append(meaning)
    found = {key: np.mean(several, axis=0) for key, several in own.items()}
    for key in list(found):
        found.setdefault(stem(key), found[key])
    for key, place in rows.items():
        if len(key) >= _ALIKE:
            found.setdefault(key, table[place].astype(np.float32))
    return Meanings(
        rows={key: place for place, key in enumerate(found)},
        table=np.array(list(found.values()), dtype=np.float16),
    )


@cache
def _english() -> tuple[dict[str, int], np.ndarray]:
    with np.load(str(files(__package__).joinpath("words", "en.meanings.npz"))) as arrays:
        words = arrays["words"].tobytes().decode().split("\n")
        table = (arrays["table"] * arrays["step"]).astype(np.float16)
    return {word: place for place, word in enumerate(words)}, table
