"""Turns spans of a sentence into values of slots, by the rules of their entities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from pytlas_wamp.understanding.matching import longest_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from pytlas_wamp.understanding.entities import Entity, Known
    from pytlas_wamp.understanding.matching import Match
    from pytlas_wamp.understanding.normalisation import Sentence
    from pytlas_wamp.understanding.statistical.builtin_values import Builtins
    from pytlas_wamp.understanding.statistical.lexicon import Lexicon
    from pytlas_wamp.understanding.statistical.slots import Span


# Of more words, a text is no name.
_LONGEST_NAME = 3


@frozen(kw_only=True)
class Filled:
    """A slot with its value.

    Args:
      slot: its name.
      entity: what it holds.
      value: the canonical value, or the text as said.
      raw: the text as said.
      start: its first character in the message.
      end: one past its last.
      known: whether the value is one of the training data.
    """

    slot: str
    entity: str
    value: object
    raw: str
    start: int
    end: int
    known: bool


def filled(
    slot: str, entity: str, sentence: Sentence, start: int, end: int, known: Known | None
) -> Filled:
    """A slot that takes the tokens `start` to `end` (excluded)."""
    first, last = sentence.span(start, end)
    last += _ends_with_an_abbreviation(sentence, end)
    raw = sentence.text[first:last]
    return Filled(
        slot=slot,
        entity=entity,
        value=raw if known is None else known.value,
        raw=raw,
        start=first,
        end=last,
        known=known is not None,
    )


def _ends_with_an_abbreviation(sentence: Sentence, end: int) -> bool:
    """Whether the dot after a token belongs to it, as in "p.m."."""
    first, last = sentence.spans[end - 1]
    text = sentence.text
    return last - first == 1 and text[last : last + 1] == "." == text[max(0, first - 1) : first]


def from_match(
    match: Match, entities: Mapping[str, Entity], lexicon: Lexicon
) -> tuple[Filled, ...]:
    """The slots of a sentence that fits a template.

    Args:
      match: the sentence and the template.
      entities: by name.
      lexicon: gives the small words that are no part of an unknown value.
    """
    return tuple(
        filled(
            one.slot.name,
            one.slot.entity,
            match.sentence,
            _name_from(match.sentence, one.start, one.end, entities[one.slot.entity], lexicon)
            if one.known is None
            else one.start,
            one.end,
            one.known,
        )
        for one in match.fillings
    )


def _name_from(sentence: Sentence, start: int, end: int, entity: Entity, lexicon: Lexicon) -> int:
    """Where a name begins: "my friends list" is the "friends list".

    Longer texts are no names, and keep their first words; so do those of an entity with
    known values that begin in the same way.
    """
    first = start
    while first < end - 1 and sentence.keys[first] in lexicon.articles:
        first += 1
    begins_so = any(keys[0] == sentence.keys[start] for keys in entity.values)
    return start if end - first > _LONGEST_NAME or begins_so else first


def fill(
    sentence: Sentence,
    found: Sequence[Span],
    slot_entities: Mapping[str, str],
    entities: Mapping[str, Entity],
    lexicon: Lexicon,
    literal: frozenset[str] = frozenset(),
) -> tuple[Filled, ...]:
    """The slots that spans make, from left to right.

    A value that the entity knows becomes its canonical one. An entity that is not
    extensible takes nothing else; where a span is a little off, the known value inside
    of it or around it counts.

    Args:
      sentence: the tokens.
      found: what the slot model saw.
      slot_entities: the entity of each slot of the intent.
      entities: by name.
      lexicon: gives the function words.
      literal: stems of words that no unknown value may consist of.
    """
    made = []
    for start, end, slot in found:
        name = slot_entities.get(slot)
        if name is None:
            continue
        one = _one(sentence, start, end, slot, entities[name], lexicon, is_thin=bool(literal))
        is_literal = all(lexicon.stem(key) in literal for key in sentence.keys[start:end])
        if one is not None and (one.known or not is_literal):
            made.append(one)
    made.extend(_left_over(sentence, made, slot_entities, entities, lexicon, literal))
    return tuple(sorted(made, key=lambda one: (one.start, one.end)))


def _one(
    sentence: Sentence,
    start: int,
    end: int,
    slot: str,
    entity: Entity,
    lexicon: Lexicon,
    *,
    is_thin: bool,
) -> Filled | None:
    known = _known_near(sentence, start, end, entity, lexicon)
    if known is not None:
        return filled(slot, entity.name, sentence, known.start, known.end, known)
    if entity.accepts_unknown:
        if is_thin:
            start = _name_from(sentence, start, end, entity, lexicon)
        return filled(slot, entity.name, sentence, start, end, None)
    inside = [k for k in entity.known_in(sentence) if k.start < end and k.end > start]
    if not inside:
        return None
    best = longest_values(inside)[0]
    return filled(slot, entity.name, sentence, best.start, best.end, best)


def _known_near(
    sentence: Sentence, start: int, end: int, entity: Entity, lexicon: Lexicon
) -> Known | None:
    """The known value that a span is, give or take function words at its borders."""
    functions = lexicon.function_words
    first, last = start, end
    while first < last - 1 and sentence.keys[first] in functions:
        first += 1
    while last > first + 1 and sentence.keys[last - 1] in functions:
        last -= 1
    values = {(k.start, k.end): k for s in {start, first} for k in entity.known_from(sentence, s)}
    for border in ((start, end), (first, end), (start, last), (first, last)):
        if border in values:
            return values[border]
    return None


def _left_over(
    sentence: Sentence,
    made: Iterable[Filled],
    slot_entities: Mapping[str, str],
    entities: Mapping[str, Entity],
    lexicon: Lexicon,
    literal: frozenset[str],
) -> list[Filled]:
    """Slots that were not seen though a known value stands there.

    A field of many sentences knows better where an open entity has no value.
    """
    made = list(made)
    filled_slots = {one.slot for one in made}
    users: dict[str, list[str]] = {}
    for slot, name in slot_entities.items():
        users.setdefault(name, []).append(slot)
    more: list[Filled] = []
    for name, slots in users.items():
        entity = entities[name]
        if (
            len(slots) > 1
            or slots[0] in filled_slots
            or (entity.accepts_unknown and not literal)
            or entity.number_language
            or entity.parser is not None
        ):
            continue
        for known in longest_values(entity.known_in(sentence)):
            said = sentence.keys[known.start : known.end]
            if entity.accepts_unknown and literal.issuperset(map(lexicon.stem, said)):
                continue
            one = filled(slots[0], name, sentence, known.start, known.end, known)
            if all(one.end <= o.start or o.end <= one.start for o in [*made, *more]):
                more.append(one)
    return more


def with_builtins(
    text: str,
    made: Sequence[Filled],
    slot_entities: Mapping[str, str],
    builtins: Builtins,
    now: datetime,
) -> tuple[Filled, ...]:
    """The slots with the values of builtin entities; words and range stay those of the slot.

    What the parser finds around a text counts before the text alone; a text that is not
    what its entity promises is left out. A builtin slot that nobody filled takes what
    stands nowhere else.

    Args:
      text: the message.
      made: its slots.
      slot_entities: the entity of each slot of the intent.
      builtins: finds builtin entities.
      now: the reference time, aware of its zone.
    """
    matches = builtins.found(text, now)
    kept = [one for one in made if one.entity not in builtins.names]
    claimed: list[tuple[str, Any]] = []
    for one in made:
        if one.entity in builtins.names:
            near = [
                m
                for m in matches
                if m.entity == one.entity and m.start < one.end and m.end > one.start
            ]
            match = max(
                near,
                key=lambda m: (min(m.end, one.end) - max(m.start, one.start), -m.start),
                default=None,
            )
            value = match or builtins.value(one.raw, one.entity, now)
            # Two spans within one moment, "tomorrow" and "at noon", are not two moments.
            if value is not None and (one.slot, match) not in claimed:
                claimed += [(one.slot, match)] if match is not None else []
                kept.append(evolve(one, value=value.value, known=True))
    kept.extend(_unclaimed(text, kept, slot_entities, builtins.names, matches))
    return tuple(sorted(kept, key=lambda one: (one.start, one.end)))


def _unclaimed(
    text: str,
    kept: Sequence[Filled],
    slot_entities: Mapping[str, str],
    names: Sequence[str],
    matches: Iterable[Any],
) -> list[Filled]:
    """The builtin slots that nobody filled, with what stands nowhere else."""
    filled_slots = {one.slot for one in kept}
    users: dict[str, list[str]] = {}
    for slot, name in slot_entities.items():
        if name in names:
            users.setdefault(name, []).append(slot)
    more: list[Filled] = []
    for match in matches:
        slots = users.get(match.entity, [])
        is_free = all(match.end <= one.start or one.end <= match.start for one in [*kept, *more])
        if len(slots) == 1 and slots[0] not in filled_slots and is_free:
            more.append(builtin(slots[0], match, text, 0))
            filled_slots.add(slots[0])
    return more


def builtin(slot: str, match: Any, text: str, offset: int) -> Filled:
    """A slot that takes a builtin entity found in a text that begins at `offset` of the message."""
    start, end = match.start + offset, match.end + offset
    return Filled(
        slot=slot, entity=match.entity, value=match.value, raw=text[start:end],
        start=start, end=end, known=True,
    )  # fmt: skip
