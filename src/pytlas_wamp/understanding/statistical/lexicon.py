"""What is known of a language before any training: stems, function words, words that mean the same.

Imports nothing of pytlas.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import snowballstemmer
from attrs import define, evolve, field, frozen

from pytlas_wamp.understanding import normalisation
from pytlas_wamp.understanding.statistical.meanings import Meanings, meanings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    from pytlas_wamp.understanding.normalisation import Sentence

_STEMMERS = {
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "it": "italian",
    "pt": "portuguese",
}

# Stems of some ten thousand words cost a megabyte; a dialogue has fewer.
_REMEMBERED_STEMS = 10_000

_TWO_PARTS = 2


# What is longer is no word; to keep many such would cost more than all words.
_LONGEST_WORD = 40


@define(kw_only=True)
class Stemmer:
    """Cuts words to their stems; a language without a stemmer keeps its words."""

    _language: str
    _stems: dict[str, str] = field(factory=dict, init=False)

    def __call__(self, key: str) -> str:
        """The stem of a token's key."""
        if len(key) > _LONGEST_WORD:
            return key
        stem = self._stems.get(key)
        if stem is None:
            stem = self._cut(key)
            if len(self._stems) < _REMEMBERED_STEMS:
                self._stems[key] = stem
        return stem

    def _cut(self, key: str) -> str:
        name = _STEMMERS.get(self._language)
        # A stemmer object keeps state while it works: one per word is what threads need.
        return snowballstemmer.stemmer(name).stemWord(key) if name else key


@frozen(kw_only=True)
class Lexicon:
    """The words of a language.

    Args:
      stem: the stemmer.
      function_words: keys of words that carry little meaning.
      articles: keys of small words before a name that are no part of it.
      concepts: keys of words to the name of what they mean.
      phrases: the same for concepts of several words.
      parted: the same for those of two words that others may part, "turn the lamp on": by the
        stem of the first, then of the second.
      polite: what people say before and after a request, the longest first.
      background: sentences that an assistant hears and that belong to no skill.
      language: its two letters.
      meanings: numbers for what words mean.
    """

    stem: Stemmer
    function_words: frozenset[str]
    articles: frozenset[str]
    concepts: Mapping[str, tuple[str, ...]]
    phrases: Mapping[tuple[str, ...], str]
    parted: Mapping[str, Mapping[str, str]]
    polite: tuple[tuple[str, ...], ...]
    background: tuple[str, ...]
    meanings: Meanings
    language: str = ""

    def request(self, sentence: Sentence) -> Sentence:
        """A sentence without the politeness around it; as it is if it has nothing else."""
        first, last = 0, len(sentence.keys)
        found = True
        while found:
            found = False
            for words in self.polite:
                size = len(words)
                if size < last - first and sentence.keys[first : first + size] == words:
                    first, found = first + size, True
                if size < last - first and sentence.keys[last - size : last] == words:
                    last, found = last - size, True
        if last - first == len(sentence.keys):
            return sentence
        return evolve(sentence, keys=sentence.keys[first:last], spans=sentence.spans[first:last])

    def meaning(self, keys: Sequence[str]) -> np.ndarray:
        """What words mean together: a vector of length 1, or of zeros if none is known."""
        return self.meanings.of(keys, self.stem, self.function_words)

    def asks_nothing(self, request: Sentence) -> bool:
        """Whether a sentence is politeness only, or one small word, such as "please" or "the"."""
        keys = request.keys
        return keys in self.polite or (len(keys) == 1 and keys[0] in self.function_words)

    def concepts_of(self, key: str) -> tuple[str, ...]:
        """What a word may mean."""
        return self.concepts.get(key) or self.concepts.get(self.stem(key)) or ()


@cache
def lexicon(language: str) -> Lexicon:
    """The lexicon of a language ("en", "fr-FR"); one without data is nearly empty."""
    code = language[:2].lower()
    stem = Stemmer(language=code)
    concepts: dict[str, list[str]] = {}
    phrases: dict[tuple[str, ...], str] = {}
    parted: dict[str, dict[str, str]] = {}
    for line in word_lines(code, "concepts"):
        name, _, rest = line.partition(":")
        for text in rest.split(","):
            keys = normalisation.keys(text)
            if "*" in text and len(keys) == _TWO_PARTS:
                parted.setdefault(stem(keys[0]), {})[stem(keys[1])] = name.strip()
            elif len(keys) == 1:
                for key in dict.fromkeys((keys[0], stem(keys[0]))):
                    concepts.setdefault(key, []).append(name.strip())
            elif keys:
                phrases[tuple(stem(key) for key in keys)] = name.strip()
    return Lexicon(
        stem=stem,
        function_words=_words(code, "function_words"),
        articles=_words(code, "articles"),
        concepts={key: tuple(dict.fromkeys(names)) for key, names in concepts.items()},
        phrases=phrases,
        parted=parted,
        polite=tuple(
            sorted(
                (normalisation.keys(line) for line in word_lines(code, "polite")),
                key=len,
                reverse=True,
            )
        ),
        background=tuple(word_lines(code, "background")),
        language=code,
        meanings=meanings(code, word_lines(code, "glossary"), stem),
    )


def _words(code: str, name: str) -> frozenset[str]:
    return frozenset(key for line in word_lines(code, name) for key in normalisation.keys(line))


def word_lines(code: str, name: str) -> list[str]:
    """The lines of one of our word lists; none if the language has no such list."""
    path = files(__package__).joinpath("words", f"{code}.{name}.txt")
    if not path.is_file():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]
