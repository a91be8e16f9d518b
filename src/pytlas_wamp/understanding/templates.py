"""Sentences of the training data with their slots left open.

Reads the `intents` of Snips-format training data, where pychatl has already
written out synonyms and optional parts. Imports nothing of pytlas.
"""

from __future__ import annotations

from sys import intern
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from pytlas_wamp.understanding import normalisation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pytlas_wamp.understanding.normalisation import Sentence


@frozen(kw_only=True)
class Slot:
    """A gap of a template: the name a skill knows it by, and the entity that fills it."""

    name: str
    entity: str


Literal = tuple[str, ...]


@frozen(kw_only=True)
class Template:
    """One way to say an intent.

    Args:
      intent: its name.
      order: position in the training data; the earlier one wins among equals.
      elements: keys of literal tokens, and slots, in the order of the sentence.
    """

    intent: str
    order: int
    elements: tuple[Literal | Slot, ...]
    words: tuple[str, ...] = field(init=False, repr=False)
    literal_tokens: int = field(init=False, repr=False)

    @words.default
    def _(self) -> tuple[str, ...]:
        # A set would take three times the memory. Long words are rare: they tell first.
        words = {key for element in self.literals() for key in element}
        return tuple(sorted(words, key=lambda word: (-len(word), word)))

    @literal_tokens.default
    def _(self) -> int:
        return sum(len(element) for element in self.literals())

    def literals(self) -> Iterator[Literal]:
        """The literal elements, from left to right."""
        return (element for element in self.elements if not isinstance(element, Slot))

    def slots(self) -> Iterator[Slot]:
        """The slots, from left to right."""
        return (element for element in self.elements if isinstance(element, Slot))


@frozen(kw_only=True)
class TemplateIndex:
    """All templates, arranged so that a sentence meets few of them.

    Args:
      exact: templates without a slot by their keys.
      by_first: templates that begin with a literal, by its first key.
      by_last: templates that begin with a slot and end with a literal, by its last key.
      others: templates between two slots.
    """

    exact: Mapping[Literal, Sequence[Template]]
    by_first: Mapping[str, Sequence[Template]]
    by_last: Mapping[str, Sequence[Template]]
    others: Sequence[Template]

    @classmethod
    def of(cls, templates: Iterable[Template]) -> TemplateIndex:
        """Arrange templates."""
        exact: dict[Literal, list[Template]] = {}
        by_first: dict[str, list[Template]] = {}
        by_last: dict[str, list[Template]] = {}
        others: list[Template] = []
        for template in templates:
            first, last = template.elements[0], template.elements[-1]
            if not isinstance(first, Slot) and len(template.elements) == 1:
                exact.setdefault(first, []).append(template)
            elif not isinstance(first, Slot):
                by_first.setdefault(first[0], []).append(template)
            elif not isinstance(last, Slot):
                by_last.setdefault(last[-1], []).append(template)
            else:
                others.append(template)
        return cls(exact=exact, by_first=by_first, by_last=by_last, others=others)

    def candidates(self, sentence: Sentence) -> Iterator[Template]:
        """The templates with slots that a sentence may fit: no other one fits it."""
        if not sentence.keys:
            return
        words = frozenset(sentence.keys)
        for found in (
            self.by_first.get(sentence.keys[0], ()),
            self.by_last.get(sentence.keys[-1], ()),
            self.others,
        ):
            yield from (template for template in found if words.issuperset(template.words))


def read_templates(data: Mapping[str, Any]) -> list[Template]:
    """The templates of Snips-format training data in training order, each once per intent."""
    found: dict[tuple[str, tuple[Literal | Slot, ...]], None] = {}
    # Thousands of templates share words, phrases and slots: one of each is enough.
    shared: dict[Literal | Slot, Literal | Slot] = {}
    for intent, content in data.get("intents", {}).items():
        for utterance in content.get("utterances", []):
            for elements in _elements(utterance["data"]):
                found.setdefault((intent, tuple(shared.setdefault(e, e) for e in elements)))
    return [
        Template(intent=intent, order=order, elements=elements)
        for order, (intent, elements) in enumerate(found)
    ]


def _elements(parts: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Literal | Slot, ...]]:
    """The split and the joined reading of an utterance; none of one without any token."""
    pieces = _merged(parts)
    for joined in (False, True):
        elements: list[Literal | Slot] = []
        for piece in pieces:
            if isinstance(piece, Slot):
                elements.append(piece)
                continue
            sentence = normalisation.read(piece, joined=joined)
            if sentence is None:
                return
            if sentence.keys:
                # Thousands of templates are made of hundreds of words.
                elements.append(tuple(map(intern, sentence.keys)))
        if elements:
            yield tuple(elements)


def _merged(parts: Iterable[Mapping[str, Any]]) -> list[str | Slot]:
    """Parts with neighbouring texts put together: pychatl cuts them inside of words too."""
    pieces: list[str | Slot] = []
    for part in parts:
        if "entity" in part:
            name, entity = intern(str(part["slot_name"])), intern(str(part["entity"]))
            pieces.append(Slot(name=name, entity=entity))
        elif pieces and isinstance(pieces[-1], str):
            pieces[-1] += part["text"]
        else:
            pieces.append(part["text"])
    return pieces
