"""Numbers at a place of a sentence: in digits as the language writes them, and in words."""

from __future__ import annotations

import math
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from pytlas_wamp.understanding.builtins.tokens import fold, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pytlas_wamp.understanding.builtins.tokens import Tokens

_HUNDRED = 100
# Nobody says longer ones, and a thousand digits are infinite to a float.
_MAX_DIGITS = 15
_FORMS = {
    ".": re.compile(r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?"),
    ",": re.compile(
        r"[0-9]{1,3}(?:[ .\u00a0\u202f][0-9]{3})+(?![0-9])(?:,[0-9]+)?"
        r"|[0-9]+\.[0-9]+|[0-9]+(?:,[0-9]+)?"
    ),
}
_DECIMAL_POINT = re.compile(r"[0-9]+\.(?:[0-9]{1,2}|[0-9]{4,})(?![0-9])")
_FRACTION = re.compile(r"([0-9]{1,3})/([0-9]{1,3})(?![0-9/])")
_WRITTEN_FRACTIONS = {"1\u20442": 0.5, "1\u20444": 0.25, "3\u20444": 0.75}
_SEPARATORS = re.compile(r"[^0-9]")
# Who writes 1,234.5; everybody else who uses these digits writes 1 234,5 or 1.234,5.
_POINT_LANGUAGES = frozenset({"en", "he", "ja", "ko", "th", "zh"})


@frozen(kw_only=True)
class Numeral:
    """A number that begins somewhere.

    Args:
      end: the token behind it.
      value: int where it was said as one.
      ordinal: "fifth" rather than "five".
      digits: how many digits it was written with, 0 for words.
    """

    end: int
    value: float
    ordinal: bool = False
    digits: int = 0


@define(slots=True)
class _Words:
    """A number while its words are being added up."""

    total: int = 0
    group: int | None = None
    last: int = 0
    bound: int = 10**15

    def sum(self) -> int:
        return self.total + (self.group or 0)

    def add(self, value: int, vigesimal: frozenset[int]) -> bool:
        """Add a word; False if it begins another number."""
        if value >= 10 * _HUNDRED:
            if value >= self.bound or self.group == 0:
                return False
            self.total += value * (1 if self.group is None else self.group)
            self.group, self.bound, self.last = None, value, value
            return True
        if value == _HUNDRED and self.group is not None:
            if self.group >= _HUNDRED or self.group == 0:
                return False
            self.group, self.last = self.group * _HUNDRED, _HUNDRED
            return True
        if self.group is not None and not self._fits(value, vigesimal):
            return False
        self.group, self.last = (self.group or 0) + value, value
        return True

    def _fits(self, value: int, vigesimal: frozenset[int]) -> bool:
        if value == 0 or not self.last:
            return False
        if self.last % _HUNDRED == 0:
            return value < _HUNDRED
        if self.last % 10 == 0 and self.last > 10:  # noqa: PLR2004 - twenty to ninety
            return value < 10 or (self.last in vigesimal and value < 20)  # noqa: PLR2004
        return False


def _compounds(spec: Mapping[str, Any], words: Mapping[str, int]) -> dict[str, int]:
    """Twenty-one to ninety-nine in the languages that write them as one word."""
    units = {w: v for w, v in words.items() if 0 < v < 10}  # noqa: PLR2004
    tens = {w: v for w, v in words.items() if v in range(20, 100, 10)}
    made: dict[str, int] = {}
    for ten, high in tens.items():
        for unit, low in units.items():
            if spec["first"] == "unit":
                made[unit + spec["joiner"] + ten] = high + low
            else:
                # Italian: venti + uno is ventuno.
                stem = ten[:-1] if unit[0] in "aeiou" else ten
                made[stem + spec["joiner"] + unit] = high + low
    return made


@define(slots=True)
class Numerals:
    """Reads the numbers of one language.

    Args:
      table: the "numbers" of the language's table.
      decimal: "." or ",", what stands before the decimals.
    """

    table: Mapping[str, Any]
    decimal: str
    _words: dict[tuple[str, ...], int] = field(factory=dict, init=False)
    _longest: dict[str, int] = field(factory=dict, init=False)
    _ordinals: dict[str, int] = field(factory=dict, init=False)
    _joiners: frozenset[str] = field(init=False)
    _articles: frozenset[str] = field(init=False)
    _suffixes: frozenset[str] = field(init=False)
    _vigesimal: frozenset[int] = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Work out the words that the table only has rules for."""
        words = {fold(word): value for word, value in self.table["words"].items()}
        if "compounds" in self.table:
            words = {**_compounds(self.table["compounds"], words), **words}
        for word, value in words.items():
            keys = tuple(word.split())
            self._words[keys] = value
            self._longest[keys[0]] = max(len(keys), self._longest.get(keys[0], 0))
        irregular = {fold(word): value for word, value in self.table["ordinals"].items()}
        self._ordinals = {**self._derived(words), **irregular}
        self._joiners = frozenset(self.table.get("and", ()))
        self._articles = frozenset(self.table.get("articles", ()))
        self._suffixes = frozenset(self.table.get("suffixes", ()))
        self._vigesimal = frozenset(self.table.get("vigesimal", ()))

    def _derived(self, words: Mapping[str, int]) -> dict[str, int]:
        made: dict[str, int] = {}
        for form in self.table.get("ordinal_forms", ()):
            for word, value in words.items():
                if form["from"] <= value < form["below"] and " " not in word:
                    stem = word.rstrip("aeiou") if form.get("drop_vowel") else word
                    made.update({stem + ending: value for ending in form["endings"]})
        return made

    def found_at(self, tokens: Tokens, index: int) -> Iterator[Numeral]:
        """The numbers that begin at a token: the shorter readings too, where there is doubt."""
        key = tokens.keys[index]
        if tokens.is_digits(index):
            yield from self._digits(tokens, index)
        elif key == "-":
            if _is_sign(tokens, index):
                for found in self._digits(tokens, index + 1):
                    if not found.ordinal:
                        yield Numeral(end=found.end, value=-found.value)
        elif key in _WRITTEN_FRACTIONS:
            yield Numeral(end=index + 1, value=_WRITTEN_FRACTIONS[key])
        else:
            yield from self._in_words(tokens.keys, index)

    def _digits(self, tokens: Tokens, index: int) -> Iterator[Numeral]:
        start, key = tokens.starts[index], tokens.keys[index]
        if len(key) > _MAX_DIGITS:
            return
        end = index + 1
        ordinal_end = self._ordinal_end(tokens, index)
        if ordinal_end:
            yield Numeral(end=ordinal_end, value=int(key), ordinal=True)
        match = _FORMS[self.decimal].match(tokens.text, start)
        if match and match.end() > tokens.ends[index]:
            reached = tokens.after(match.end())
            value = self._value(match.group())
            if reached and value is not None:
                yield Numeral(end=reached, value=value)
        fraction = _FRACTION.match(tokens.text, start)
        if (
            fraction
            and int(fraction[1]) < int(fraction[2])
            and (reached := tokens.after(fraction.end()))
        ):
            yield Numeral(end=reached, value=int(fraction[1]) / int(fraction[2]))
        yield Numeral(end=end, value=int(key), digits=len(key))

    def _value(self, text: str) -> float | None:
        if _DECIMAL_POINT.fullmatch(text):
            value = float(text)
        else:
            whole, _, decimals = text.partition(self.decimal)
            whole = _SEPARATORS.sub("", whole)
            if len(whole) > _MAX_DIGITS:
                return None
            value = float(f"{whole}.{decimals}") if decimals else int(whole)
        return value if math.isfinite(value) else None

    def _ordinal_end(self, tokens: Tokens, index: int) -> int | None:
        after = index + 1
        if after >= len(tokens.keys) or not tokens.touches(after):
            return None
        if tokens.keys[after] not in self._suffixes:
            return None
        # "3." is third, "3.5" and "3.10." are not.
        follows_digit = tokens.touches(after + 1) and tokens.is_digits(after + 1)
        return None if tokens.keys[after] == "." and follows_digit else after + 1

    def _in_words(self, keys: Sequence[str], start: int) -> Iterator[Numeral]:
        number, said = _Words(), False
        index = start + self._article(keys, start)
        while index < len(keys):
            joined = said and keys[index] in self._joiners
            if joined:
                yield Numeral(end=index, value=number.sum())
            at = index + joined
            ordinal = self._ordinal(keys, at, number if said else None)
            if ordinal is not None:
                yield Numeral(end=at + 1, value=ordinal, ordinal=True)
                if said:
                    return
            step = self._word(keys, at)
            if step is None or not number.add(step[0], self._vigesimal):
                if said and not joined:
                    yield Numeral(end=index, value=number.sum())
                return
            said, index = True, at + step[1]
        if said:
            yield Numeral(end=index, value=number.sum())

    def _article(self, keys: Sequence[str], start: int) -> int:
        """One if the number begins with an article, as in "a hundred"."""
        following = self._word(keys, start + 1) if keys[start] in self._articles else None
        return 1 if following is not None and following[0] >= _HUNDRED else 0

    def _ordinal(self, keys: Sequence[str], index: int, number: _Words | None) -> int | None:
        """The ordinal that a word is, or that it makes of the number before it."""
        value = self._ordinals.get(keys[index]) if index < len(keys) else None
        if value is None or number is None:
            return value
        return number.sum() if number.add(value, self._vigesimal) else None

    def _word(self, keys: Sequence[str], index: int) -> tuple[int, int] | None:
        """The value of the number word at a place and how many tokens it takes."""
        if index >= len(keys):
            return None
        longest = self._longest.get(keys[index])
        if longest is None:
            value = self._compound(keys[index])
            return None if value is None else (value, 1)
        for length in range(min(longest, len(keys) - index), 0, -1):
            value = self._words.get(tuple(keys[index : index + length]))
            if value is not None:
                return value, length
        return None

    def _compound(self, word: str) -> int | None:
        """A number that is written as one word: "zweihundertdrei", "duecentotre"."""
        if (word,) in self._words:
            return self._words[(word,)]
        for marker, factor in self.table.get("inner", ()):
            left, found, right = word.partition(marker)
            if found and (left or right):
                high = self._compound(left) if left else 1
                low = self._compound(right.removeprefix("und")) if right else 0
                if high is not None and low is not None and low < factor:
                    return high * int(factor) + low
        return None


def _is_sign(tokens: Tokens, index: int) -> bool:
    """Whether a dash is the minus of a number rather than "from ... to"."""
    start = tokens.starts[index]
    before = tokens.text[start - 1 : start] if start else " "
    return tokens.touches(index + 1) and before.isspace() and tokens.is_digits(index + 1)


def numbers_in_digits(text: str, language: str) -> Iterator[tuple[int, int, float]]:
    """First character, one past the last, and value of the numbers that are digits.

    Args:
      text: any, of a language that has no tables.
      language: decides between the readings of "1,000": a thousand in Hebrew, one in Dutch.
    """
    reader = _digits_only("." if language[:2].lower() in _POINT_LANGUAGES else ",")
    tokens = read(text)
    for index, start in enumerate(tokens.starts):
        for found in reader.found_at(tokens, index):
            yield start, tokens.ends[found.end - 1], float(found.value)


@cache
def _digits_only(decimal: str) -> Numerals:
    return Numerals({"words": {}, "ordinals": {}}, decimal)
