"""Which words keep the same company, so that a model may guess at those it never saw.

The groups were made once, from public-domain word vectors; a language without such a list
has no groups.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from attrs import frozen

from pytlas_wamp.understanding.statistical.lexicon import word_lines

Groups = tuple[str, str, str]


@frozen(kw_only=True)
class Clusters:
    """The groups of words, in arrays: as a dictionary they would be megabytes.

    Args:
      words: sorted.
      owners: the group of each word.
      groups: names of each group: the wide one around it, the middling one, itself.
    """

    words: np.ndarray
    owners: np.ndarray
    groups: tuple[Groups, ...]

    def of(self, key: str) -> Groups | None:
        """The groups of a word, the widest first; None for a word of no group."""
        # Arrays of bytes take no other letter, and would grow to the width of a longer word.
        if not key.isascii() or len(key) > self.words.itemsize:
            return None
        word = key.encode()
        place = int(np.searchsorted(self.words, word))
        if place == len(self.words) or self.words[place] != word:
            return None
        return self.groups[self.owners[place]]


@cache
def clusters(language: str) -> Clusters:
    """The groups of a language ("en", "fr-FR")."""
    groups: list[Groups] = []
    pairs: list[tuple[bytes, int]] = []
    for owner, line in enumerate(word_lines(language[:2].lower(), "clusters")):
        head, _, words = line.partition(":")
        wide, middling = head.split()
        groups.append((f"a{wide}", f"b{middling}", f"c{owner}"))
        pairs.extend((word.encode(), owner) for word in words.split())
    pairs.sort()
    return Clusters(
        words=np.array([word for word, _ in pairs], dtype=np.bytes_),
        owners=np.array([owner for _, owner in pairs], dtype=np.uint16),
        groups=tuple(groups),
    )
