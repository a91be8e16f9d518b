"""Where a sentence speaks of time or numbers, roughly and fast: hints, no values."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from pytlas_wamp.understanding.statistical.lexicon import word_lines

if TYPE_CHECKING:
    from collections.abc import Sequence


@cache
def _kinds(language: str) -> dict[str, str]:
    """What each word is: "a" speaks of time by itself, "n" is a number, "m" links them."""
    letters = {"links": "m", "numbers": "n", "anchors": "a"}
    lists = dict(line.split(":", 1) for line in word_lines(language, "time"))
    return {
        word: letter for name, letter in letters.items() for word in lists.get(name, "").split()
    }


def time_hints(keys: Sequence[str], language: str) -> list[list[str]]:
    """For each token its hints: "tw=a" or "tw=n", and "time=B" or "time=I" in a time.

    Args:
      keys: of the tokens.
      language: one without tables gets hints for digits only.
    """
    table = _kinds(language[:2].lower())
    kinds = ["n" if key[:1].isdigit() else table.get(key, "") for key in keys]
    hints: list[list[str]] = [[f"tw={kind}"] if kind in ("a", "n") else [] for kind in kinds]
    start = 0
    while start < len(keys):
        end = start
        while end < len(keys) and kinds[end]:
            end += 1
        if "a" in kinds[start:end]:
            # "at 5 on the" ends with its last word that is not a link.
            last = max(place for place in range(start, end) if kinds[place] != "m")
            for place in range(start, last + 1):
                hints[place].append("time=B" if place == start else "time=I")
        start = max(end, start + 1)
    return hints
