"""Splits a text into tokens that forget case and accents but remember where they stood."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

# A dictated note has some 150 words. What stands behind the bound is not read, which is
# what keeps the time that any text can cost bounded.
MAX_TOKENS = 256

_LETTER = r"[^\W\d_\u02b9-\u02bf]"
_TOKEN = re.compile(
    # The length bounds are what a word or a number of a language can have.
    rf"(?P<digits>[0-9]+)|(?P<word>{_LETTER}(?:{_LETTER}|[\u0300-\u036f])*)|(?P<mark>[^\s_\"()\[\]])"
)
_DIGITS = frozenset("0123456789")
_JOINERS = frozenset("'\u2019\u2018\u02bc\u00b4`-\u2010\u2011")
_APOSTROPHES = frozenset("'\u2019\u2018\u02bc\u00b4`")
_MARKS = str.maketrans({"\u2013": "-", "\u2014": "-", "\u2212": "-", "\u2010": "-", "\u2011": "-"})
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "\u0131": "i"})
# Longer runs of letters are no words; folding them costs more than it can tell.
_MAX_WORD = 48


@frozen(kw_only=True)
class Tokens:
    """The tokens of a text.

    Args:
      text: as it was written.
      keys: one comparable string per token.
      starts: the character at which each token begins.
      ends: one past its last character.
    """

    text: str
    keys: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    _by_end: dict[int, int] = field(init=False, repr=False, eq=False)

    @_by_end.default
    def _(self) -> dict[int, int]:
        return {end: number + 1 for number, end in enumerate(self.ends)}

    def after(self, character: int) -> int | None:
        """The index behind the token that ends at a character, or None if none ends there."""
        return self._by_end.get(character)

    def is_digits(self, index: int) -> bool:
        """Whether a token is written in the digits 0 to 9 ("\u00bd" is not)."""
        return self.text[self.starts[index]] in _DIGITS

    def touches(self, index: int) -> bool:
        """Whether a token stands directly behind the one before it."""
        return 0 < index < len(self.keys) and self.ends[index - 1] == self.starts[index]


def fold(word: str) -> str:
    """The word without case and accents."""
    if word.isascii():
        return word[:_MAX_WORD].lower()
    bare = unicodedata.normalize("NFKD", word[:_MAX_WORD])
    kept = "".join(letter for letter in bare if not unicodedata.combining(letter))
    return kept.casefold().translate(_LETTERS)


def read(text: str, abbreviations: AbstractSet[str] = frozenset()) -> Tokens:
    """The first `MAX_TOKENS` tokens of any string.

    Apostrophes and hyphens between letters only part words ("week-end", "l'heure"), and so
    does the full stop of an abbreviation.

    Args:
      text: anything, lone surrogates included.
      abbreviations: folded words whose full stop ends no sentence.
    """
    keys: list[str] = []
    spans: list[tuple[int, int]] = []
    for match in _TOKEN.finditer(text):
        if len(keys) == MAX_TOKENS:
            break
        if match.lastgroup == "digits":
            keys.append(match.group())
        elif match.lastgroup == "word":
            keys.append(fold(match.group()))
        elif _only_parts(text, match.start(), keys, abbreviations):
            continue
        else:
            keys.append(fold(match.group().translate(_MARKS)) or match.group())
        spans.append(match.span())
    return Tokens(
        text=text,
        keys=tuple(keys),
        starts=tuple(start for start, _ in spans),
        ends=tuple(end for _, end in spans),
    )


def _only_parts(text: str, at: int, keys: list[str], abbreviations: AbstractSet[str]) -> bool:
    mark, before = text[at], text[at - 1 : at]
    if mark == ".":
        return before.isalpha() and (len(keys[-1]) == 1 or keys[-1] in abbreviations)
    if mark in _APOSTROPHES:
        return True
    return mark in _JOINERS and before.isalpha() and text[at + 1 : at + 2].isalpha()


def phrase(text: str) -> tuple[str, ...]:
    """The keys of a phrase of the tables."""
    return tuple(key for key in read(text).keys if key != ".")
