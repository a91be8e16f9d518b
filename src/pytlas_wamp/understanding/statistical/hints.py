"""What is known about tokens before a model looks at them: values, kinds of things, times.

Hints are names per token ("song=B", "kind:dish=U", "time=I"); the models learn what
they are worth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from pytlas_wamp.understanding.statistical.builtin_values import Builtins
from pytlas_wamp.understanding.statistical.clusters import clusters
from pytlas_wamp.understanding.statistical.places import cues, kinds, places
from pytlas_wamp.understanding.statistical.timewords import time_hints

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pytlas_wamp.understanding.normalisation import Sentence

Keys = tuple[str, ...]
Groups = list[tuple[tuple[Any, ...], str]]
Packed = tuple[Groups, Groups]

# Of what stands around values, the slot models alone make use.
_CUE = "cue:"


@frozen(kw_only=True)
class Gazetteer:
    """Finds the values of many lists in one pass over a sentence.

    Args:
      names: the lists of each value; joined to one string, a value costs a third of a tuple.
      lengths: how many tokens the values have that begin with a token.
    """

    names: Mapping[str, tuple[str, ...]]
    lengths: Mapping[str, tuple[int, ...]]

    @classmethod
    def of(cls, lists: Mapping[str, Iterable[Keys]]) -> Gazetteer:
        """A gazetteer of the keys of values by the name of their list."""
        names: dict[str, tuple[str, ...]] = {}
        lengths: dict[str, tuple[int, ...]] = {}
        # Thousands of values have the same few tuples: one of each is enough.
        shared: dict[tuple[Any, ...], tuple[Any, ...]] = {}
        for name in sorted(lists):
            for keys in lists[name]:
                value = " ".join(keys)
                owners = (*names.get(value, ()), name)
                sizes = tuple(sorted({*lengths.get(keys[0], ()), len(keys)}))
                names[value] = shared.setdefault(owners, owners)
                lengths[keys[0]] = shared.setdefault(sizes, sizes)
        return cls(names=names, lengths=lengths)

    @classmethod
    def unpacked(cls, packed: Packed) -> Gazetteer:
        """One that was packed; much quicker than to make it of its lists."""
        names, lengths = packed
        return cls(names=_ungrouped(names), lengths=_ungrouped(lengths))

    def packed(self) -> Packed:
        """What JSON can take; always the same of the same lists."""
        return _grouped(self.names), _grouped(self.lengths)

    def found(self, keys: Sequence[str]) -> list[tuple[int, int, str]]:
        """All values as length, first token and list; the longest first."""
        found: list[tuple[int, int, str]] = []
        for start, first in enumerate(keys):
            for length in self.lengths.get(first, ()):
                end = start + length
                if end <= len(keys):
                    names = self.names.get(" ".join(keys[start:end]), ())
                    found.extend((length, start, name) for name in names)
        found.sort(key=lambda item: (-item[0], item[1], item[2]))
        return found

    def tag(
        self,
        keys: Sequence[str],
        hints: list[list[str]],
        hidden: Callable[[str, Keys], bool] | None = None,
    ) -> None:
        """Add a hint to each token of a value; of one list, values do not overlap.

        Args:
          keys: of the sentence.
          hints: one list per token, added to.
          hidden: which values of which list are not to be seen.
        """
        taken: dict[str, set[int]] = {}
        for length, start, name in self.found(keys):
            end = start + length
            if hidden is not None and hidden(name, tuple(keys[start:end])):
                continue
            busy = taken.setdefault(name, set())
            if not busy.isdisjoint(range(start, end)):
                continue
            busy.update(range(start, end))
            for place in range(start, end):
                hints[place].append(f"{name}={_position(place, start, end)}")


def _position(place: int, start: int, end: int) -> str:
    if end - start == 1:
        return "U"
    return "B" if place == start else "L" if place == end - 1 else "I"


def _grouped(found: Mapping[str, tuple[Any, ...]]) -> Groups:
    """Texts with the same tuple, which are thousands, together behind it."""
    groups: dict[tuple[Any, ...], list[str]] = {}
    for text in sorted(found):
        groups.setdefault(found[text], []).append(text)
    return [(shared, "\n".join(texts)) for shared, texts in sorted(groups.items())]


def _ungrouped(groups: Groups) -> dict[str, tuple[Any, ...]]:
    found: dict[str, tuple[Any, ...]] = {}
    for shared, texts in groups:
        found.update(dict.fromkeys(texts.split("\n"), tuple(shared)))
    return found


# By language. Of each there is one, however many models use it.
_GENERAL: dict[str, Gazetteer] = {}


def general(language: str) -> Gazetteer:
    """The lists of a language that hold for every assistant ("en", "fr-FR").

    To read them the first time takes nearly half a second, unless they were `recall`ed.
    """
    code = language[:2]
    if code not in _GENERAL:
        lists = {f"geo:{name}": keys for name, keys in places(code).items()}
        lists |= {f"kind:{name}": keys for name, keys in kinds(code).items()}
        lists |= {f"{_CUE}{name}": keys for name, keys in cues(code).items()}
        _GENERAL[code] = Gazetteer.of(lists)
    return _GENERAL[code]


def recall(language: str, packed: Packed) -> None:
    """Take the lists of a language as they were packed; those that were read already stay."""
    code = language[:2]
    if code not in _GENERAL:
        _GENERAL[code] = Gazetteer.unpacked(packed)


@frozen(kw_only=True)
class Hints:
    """Gives the hints of sentences.

    Args:
      language: decides which names of places and things are known.
      values: the known values of the skills' entities.
      builtins: finds the builtin entities that the skills use.
    """

    language: str
    values: Gazetteer
    builtins: Builtins

    @staticmethod
    def prepare(language: str) -> None:
        """Read the lists of a language, so that the first sentence need not wait for them."""
        general(language)
        clusters(language)

    def of(
        self, sentence: Sentence, hidden: Callable[[str, Keys], bool] | None = None
    ) -> list[list[str]]:
        """One list of hints per token.

        Args:
          sentence: where to look.
          hidden: values of the skills that are not to be seen.
        """
        hints = time_hints(sentence.keys, self.language)
        for name, first, last in self.builtins.places(sentence.text):
            places = [
                place
                for place, (start, end) in enumerate(sentence.spans)
                if start < last and end > first
            ]
            for place in places:
                tag = _position(place, places[0], places[-1] + 1)
                hints[place].append(f"{name}={tag}")
        self.values.tag(sentence.keys, hints, hidden)
        general(self.language).tag(sentence.keys, hints)
        return hints


def names_of(hints: Sequence[Sequence[str]]) -> list[str]:
    """The names of the lists that have a value in a sentence, in order; cues are no values."""
    names = dict.fromkeys(hint.rpartition("=")[0] for token in hints for hint in token)
    return [name for name in names if not name.startswith(_CUE)]
