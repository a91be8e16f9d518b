"""Fits sentences into templates, in time that no sentence can blow up.

One pass per template, element by element: for each token position that the
elements so far can reach, only the cheapest way to get there is kept. Hence
tokens times elements steps, where a regular expression would backtrack. Imports
nothing of pytlas.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from attrs import field, frozen

from pytlas_wamp.understanding.templates import Slot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from pytlas_wamp.understanding.entities import Entity, Known
    from pytlas_wamp.understanding.normalisation import Sentence
    from pytlas_wamp.understanding.templates import Literal, Template, TemplateIndex


@frozen(kw_only=True)
class Filling:
    """A slot of a template and the tokens that fill it.

    Args:
      slot: which one.
      start: its first token.
      end: one past its last token.
      known: the known value that stands there; None if the entity does not know the text.
    """

    slot: Slot
    start: int
    end: int
    known: Known | None


@frozen(kw_only=True)
class Match:
    """A sentence that fits a template.

    Args:
      template: which one.
      sentence: the reading of the text that fits.
      unknown_tokens: how many tokens neither a literal nor a known value explains.
      fillings: one per slot of the template, from left to right.
    """

    template: Template
    sentence: Sentence
    unknown_tokens: int
    fillings: tuple[Filling, ...]

    @property
    def rank(self) -> tuple[int, int, int]:
        """Smaller is better: explained tokens, then literal ones, then training order.

        Literals, known values and unknown tokens add up to the sentence, so few unknown
        tokens and many explained ones are the same thing.
        """
        return (self.unknown_tokens, -self.template.literal_tokens, self.template.order)


@frozen
class _Path:
    """The cheapest way to a token position; `filling` and `before` lead back to the start."""

    unknown_tokens: int
    filling: Filling | None = None
    before: _Path | None = None

    def fillings(self) -> Iterator[Filling]:
        """The fillings on the way, last one first."""
        path: _Path | None = self
        while path is not None and path.filling is not None:
            yield path.filling
            path = path.before


_Frontier = dict[int, _Path]


@frozen
class _Reading:
    """A sentence with what is looked up in it once for all templates."""

    sentence: Sentence
    entities: Mapping[str, Entity]
    _known: dict[str, dict[int, list[Known]]] = field(factory=dict, init=False)
    _places: dict[Literal, tuple[int, ...]] = field(factory=dict, init=False)

    @property
    def length(self) -> int:
        return len(self.sentence.keys)

    def known(self, entity: str) -> dict[int, list[Known]]:
        """The known values of an entity by the token they start at."""
        if entity not in self._known:
            by_start: dict[int, list[Known]] = {}
            for known in self.entities[entity].known_in(self.sentence):
                by_start.setdefault(known.start, []).append(known)
            self._known[entity] = by_start
        return self._known[entity]

    def ends_before(self, following: Literal | Slot | None) -> Sequence[int]:
        """Where a gap may end, given the element that follows it, from left to right."""
        if following is None:
            return (self.length,)
        if isinstance(following, Slot):
            return range(1, self.length)
        if following not in self._places:
            keys, size = self.sentence.keys, len(following)
            self._places[following] = tuple(
                start
                for start in range(1, self.length)
                if keys[start] == following[0] and keys[start : start + size] == following
            )
        return self._places[following]


def best_match(
    sentence: Sentence,
    index: TemplateIndex,
    entities: Mapping[str, Entity],
    allowed: Callable[[str], bool],
) -> Match | None:
    """The best match of a sentence with the templates of the allowed intents, if any.

    Args:
      sentence: a reading of the text.
      index: the templates.
      entities: by name, each one that a template names.
      allowed: whether an intent may be answered.
    """
    for template in index.exact.get(sentence.keys, ()):
        if allowed(template.intent):
            return Match(template=template, sentence=sentence, unknown_tokens=0, fillings=())
    reading = _Reading(sentence, entities)
    matches = (
        _match(template, reading)
        for template in index.candidates(sentence)
        if allowed(template.intent)
    )
    return min((found for found in matches if found), key=lambda match: match.rank, default=None)


def longest_values(known: Iterable[Known]) -> list[Known]:
    """Values that do not overlap: the longest first, the leftmost among equally long ones."""
    chosen: list[Known] = []
    for value in sorted(known, key=lambda known: (known.start - known.end, known.start)):
        if all(value.end <= other.start or other.end <= value.start for other in chosen):
            chosen.append(value)
    return chosen


def _match(template: Template, reading: _Reading) -> Match | None:
    # Without a literal, an open slot would take any sentence at all.
    may_guess = template.literal_tokens > 0
    frontier: _Frontier = {0: _Path(0)}
    for element, following in zip(template.elements, (*template.elements[1:], None), strict=True):
        if isinstance(element, Slot):
            is_open = may_guess and reading.entities[element.entity].accepts_unknown
            ends = reading.ends_before(following) if is_open else ()
            frontier = _after_slot(element, frontier, reading, ends)
        else:
            frontier = _after_literal(element, frontier, reading.sentence)
        if not frontier:
            return None
    path = frontier.get(reading.length)
    if path is None:
        return None
    return Match(
        template=template,
        sentence=reading.sentence,
        unknown_tokens=path.unknown_tokens,
        fillings=tuple(path.fillings())[::-1],
    )


def _after_literal(literal: Literal, frontier: _Frontier, sentence: Sentence) -> _Frontier:
    length = len(literal)
    return {
        start + length: path
        for start, path in frontier.items()
        if sentence.keys[start : start + length] == literal
    }


def _after_slot(
    slot: Slot, frontier: _Frontier, reading: _Reading, gap_ends: Sequence[int]
) -> _Frontier:
    """Where known values lead to, and unknown texts that stop at one of `gap_ends`."""
    reached: _Frontier = {}

    def reach(start: int, end: int, known: Known | None) -> None:
        unknown = frontier[start].unknown_tokens + (0 if known else end - start)
        if end not in reached or unknown < reached[end].unknown_tokens:
            filling = Filling(slot=slot, start=start, end=end, known=known)
            reached[end] = _Path(unknown, filling, frontier[start])

    values = reading.known(slot.entity)
    for start in sorted(frontier):
        for known in values.get(start, ()):
            reach(start, known.end, known)
    for start, end in _cheapest_gaps(frontier, gap_ends):
        reach(start, end, None)
    return reached


def _cheapest_gaps(frontier: _Frontier, ends: Sequence[int]) -> Iterator[tuple[int, int]]:
    """For each end, where an unknown text that stops there had best begin.

    A gap that grows by a token costs one more from whichever start, so the best start
    for one end stays the best for the next until a later start beats it.
    """
    starts = deque(sorted(frontier))
    best: int | None = None
    for end in ends:
        while starts and starts[0] < end:
            start = starts.popleft()
            if best is None or _cost(frontier, start) < _cost(frontier, best):
                best = start
        if best is not None:
            yield best, end


def _cost(frontier: _Frontier, start: int) -> int:
    return frontier[start].unknown_tokens - start
