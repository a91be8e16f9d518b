"""What a slot may hold: the known values of each entity, found in a sentence.

Reads the `entities` of Snips-format training data.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from pytlas_wamp.understanding import normalisation
from pytlas_wamp.understanding.builtins import SUPPORTED, BuiltinParser
from pytlas_wamp.understanding.builtins.numerals import numbers_in_digits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pytlas_wamp.understanding.normalisation import Sentence

BUILTIN_PREFIX = "snips/"
NUMBER = "snips/number"

# Where a date stands in a sentence does not depend on the day it is.
_ANY_DAY = datetime(2026, 1, 1, 12, tzinfo=UTC)


@frozen(kw_only=True)
class Known:
    """A known value that stands in a sentence.

    Args:
      start: its first token.
      end: one past its last token.
      value: the canonical value; for builtin entities the text as said, or a float.
    """

    start: int
    end: int
    value: object


@frozen(kw_only=True)
class Entity:
    """Finds its values in sentences.

    Args:
      name: as in the training data, `snips/...` for builtin ones.
      accepts_unknown: whether other values than the known ones may fill a slot.
      values: keys of each known value and synonym, and the canonical value; None stands
        for the text as it was said.
      number_language: set if the entity reads numbers, in the language that says how.
      parser: finds the values of a builtin entity, where the language has such a parser.
    """

    name: str
    accepts_unknown: bool
    values: Mapping[tuple[str, ...], str | None]
    number_language: str | None = None
    parser: BuiltinParser | None = None
    _lengths: Mapping[str, tuple[int, ...]] = field(init=False, repr=False)

    @_lengths.default
    def _(self) -> dict[str, tuple[int, ...]]:
        lengths: dict[str, set[int]] = {}
        for keys in self.values:
            lengths.setdefault(keys[0], set()).add(len(keys))
        return {first: tuple(sorted(found)) for first, found in lengths.items()}

    def known_from(self, sentence: Sentence, start: int) -> Iterator[Known]:
        """The known values that begin at the token `start`, shorter ones of each kind first."""
        yield from (known for known in self._builtin_in(sentence) if known.start == start)
        yield from self._listed_from(sentence, start)

    def known_in(self, sentence: Sentence) -> Iterator[Known]:
        """All known values of a sentence, overlapping ones too."""
        yield from self._builtin_in(sentence)
        for start in range(len(sentence.keys)):
            yield from self._listed_from(sentence, start)

    def _listed_from(self, sentence: Sentence, start: int) -> Iterator[Known]:
        for length in self._lengths.get(sentence.keys[start], ()):
            end = start + length
            keys = sentence.keys[start:end]
            # At the end of the sentence the slice may be a shorter value: that one has its turn.
            if len(keys) == length and keys in self.values:
                value = self.values[keys]
                said = sentence.raw(start, end)
                yield Known(start=start, end=end, value=said if value is None else value)

    def _builtin_in(self, sentence: Sentence) -> Iterator[Known]:
        for first, last, number in self._builtin_texts(sentence.text):
            start = bisect_left(sentence.spans, (first, first))
            end = bisect_right(sentence.spans, last, key=lambda span: span[1])
            if start < end and _is_whole(sentence, start, end, first, last):
                value = sentence.raw(start, end) if number is None else number
                yield Known(start=start, end=end, value=value)

    def _builtin_texts(self, text: str) -> Iterator[tuple[int, int, float | None]]:
        """First character, one past the last, and of numbers the value."""
        if self.parser is not None:
            for found in self.parser.find_all(text, self.name, now=_ANY_DAY):
                yield found.start, found.end, found.value if self.name == NUMBER else None
        elif self.number_language is not None:
            yield from numbers_in_digits(text, self.number_language)


def _is_whole(sentence: Sentence, start: int, end: int, first: int, last: int) -> bool:
    """Whether no token stands partly inside: "10" is no number in "10:30"."""
    before = sentence.spans[start - 1][1] if start else 0
    after = sentence.spans[end][0] if end < len(sentence.spans) else last
    return before <= first and last <= after


def read_entities(data: Mapping[str, Any], language: str) -> dict[str, Entity]:
    """The entities of Snips-format training data by name.

    As in Snips, the examples that stand in utterances are values of their entity too.

    Args:
      data: the whole training data.
      language: decides how numbers and other builtin entities are read.
    """
    examples = _examples(data)
    declared: Mapping[str, Any] = data.get("entities", {})
    names = dict.fromkeys([*declared, *examples])
    return {
        name: _builtin(name, examples.get(name, []), language)
        if name.startswith(BUILTIN_PREFIX)
        else Entity(
            name=name,
            accepts_unknown=bool(declared.get(name, {}).get("automatically_extensible", True)),
            values=_custom_values(declared.get(name, {}).get("data", []), examples.get(name, [])),
        )
        for name in names
    }


def _builtin(name: str, examples: Iterable[str], language: str) -> Entity:
    parser = BuiltinParser(language) if language[:2].lower() in SUPPORTED else None
    # A skill does arithmetic with what a number slot holds, so it is a float or nothing:
    # neither unknown words nor the words of its examples get in.
    if name == NUMBER:
        return Entity(
            name=name, accepts_unknown=False, values={}, number_language=language, parser=parser
        )
    said = {keys: None for text in examples for keys in normalisation.phrases(text)}
    return Entity(name=name, accepts_unknown=True, values=said, parser=parser)


def _custom_values(
    data: Iterable[Mapping[str, Any]], examples: Iterable[str]
) -> dict[tuple[str, ...], str]:
    """Keys to canonical values: a value beats a synonym, and a synonym an example."""
    data = list(data)
    pairs = [
        *((item["value"], item["value"]) for item in data),
        *((synonym, item["value"]) for item in data for synonym in item.get("synonyms", [])),
        *((text, text) for text in examples),
    ]
    values: dict[tuple[str, ...], str] = {}
    for text, canonical in pairs:
        for keys in normalisation.phrases(text):
            values.setdefault(keys, canonical)
    return values


def _examples(data: Mapping[str, Any]) -> dict[str, list[str]]:
    """The slot texts of all utterances by entity, in training order."""
    examples: dict[str, list[str]] = {}
    for intent in data.get("intents", {}).values():
        for utterance in intent.get("utterances", []):
            for part in utterance["data"]:
                if "entity" in part:
                    examples.setdefault(part["entity"], []).append(part["text"])
    return examples
