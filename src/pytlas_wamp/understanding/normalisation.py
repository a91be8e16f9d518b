"""Splits text into tokens that compare equal when people would call them the same words.

Templates, entity values and sentences all pass through `read`, so whatever it
decides about an accent or an apostrophe holds on both sides. Imports nothing of
pytlas; pure functions, safe in any thread.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import islice

from attrs import frozen

# A dictated note has some 150 words; no sentence that fits a template is longer.
# The bound is what keeps the time of a parse bounded.
MAX_TOKENS = 256

# The modifier apostrophes U+02B9 to U+02BF are letters to Unicode and apostrophes to
# phone keyboards. Combining accents (U+0300 to U+036F) are not letters to `re`, and
# macOS writes "é" with one.
_LETTER = r"[^\W\d_\u02b9-\u02bf]"
_WORD = rf"{_LETTER}(?:{_LETTER}|[\u0300-\u036f])*"

# Digits part from letters ("20h30" is "20 h 30"). A minus belongs to its number only
# where it cannot be a hyphen ("3-5", "2018-09-03").
_NUMBER = r"(?:(?<!\w)[-\u2212])?\d+(?:[.,:]\d+)*"

# Not punctuation: "50 %" is not "50", and values of builtin entities need them.
_SYMBOL = r"[%\u2030\u00b0+$\u00a2-\u00a5\u20a0-\u20cf]"

_JOINER = r"['\u2019\u2018\u02b9-\u02bf\u00b4`\u2010\u2011-]"

_SPLIT = re.compile(rf"{_NUMBER}|{_WORD}|{_SYMBOL}")
_JOINED = re.compile(rf"{_NUMBER}|{_WORD}(?:{_JOINER}{_WORD})*|{_SYMBOL}")

_NOT_IN_A_KEY = re.compile(rf"[\u0300-\u036f]+|{_JOINER}(?!\d)")

# Letters that people type in two ways and that Unicode does not decompose.
_SPELLINGS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "\u0131": "i", "\u2212": "-"})


@frozen(kw_only=True)
class Sentence:
    """A text and its tokens.

    Args:
      text: the text as it was written.
      keys: one comparable string per token.
      spans: where each token stands in `text`: first character, and one past the last.
    """

    text: str
    keys: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where the tokens `start` to `end` (excluded) stand in the text, in characters."""
        return self.spans[start][0], self.spans[end - 1][1]

    def raw(self, start: int, end: int) -> str:
        """The tokens `start` to `end` (excluded) as they were written."""
        first, last = self.span(start, end)
        return self.text[first:last]


def fold(token: str) -> str:
    """What of a token counts in a comparison: no case, no accents, no joining marks."""
    # Most tokens are plain ASCII words, for which the rest would change nothing.
    if token.isascii() and token.isalnum():
        return token.lower()
    # Before as well as after: normalising sorts each run of accents in quadratic time.
    bare = unicodedata.normalize("NFKD", _NOT_IN_A_KEY.sub("", token))
    return _NOT_IN_A_KEY.sub("", bare).casefold().translate(_SPELLINGS)


def read(text: str, *, joined: bool = False) -> Sentence | None:
    """The tokens of any string, or None if there are more than `MAX_TOKENS`.

    Args:
      text: anything, lone surrogates included.
      joined: whether words with an apostrophe or hyphen inside are one token. Split
        ("l'heure" is "l heure") is right where a slot follows an elision; joined finds
        "what's" in "whats" and "e-mail" in "email".
    """
    pattern = _JOINED if joined else _SPLIT
    found = list(islice(pattern.finditer(text), MAX_TOKENS + 1))
    if len(found) > MAX_TOKENS:
        return None
    return Sentence(
        text=text,
        keys=tuple(fold(match.group()) for match in found),
        spans=tuple(match.span() for match in found),
    )


def keys(text: str) -> tuple[str, ...]:
    """The keys of the split reading of a text; none if it has no token or too many."""
    sentence = read(text)
    return sentence.keys if sentence else ()


def readings(text: str) -> tuple[Sentence, ...]:
    """The split reading of a text, then the joined one where it differs; none if too long."""
    split, joined = read(text), read(text, joined=True)
    if split is None or joined is None:
        return ()
    return (split,) if split.keys == joined.keys else (split, joined)


def phrases(text: str) -> tuple[tuple[str, ...], ...]:
    """The keys of each reading of a training text; readings without a token are left out."""
    return tuple(reading.keys for reading in readings(text) if reading.keys)
