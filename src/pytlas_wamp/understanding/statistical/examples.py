"""The training sentences as tokens with a slot label each.

Reads Snips-format training data. Imports nothing of pytlas.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from pytlas_wamp.understanding import normalisation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from random import Random

    from pytlas_wamp.understanding.normalisation import Sentence


@frozen(kw_only=True)
class Piece:
    """A part of a training sentence: text, or the example that stands for a slot."""

    text: str
    slot: str | None = None
    entity: str | None = None


@frozen(kw_only=True)
class Marked:
    """Some tokens of a sentence that fill a slot: first token, one past the last."""

    start: int
    end: int
    slot: str
    entity: str


@frozen(kw_only=True)
class Example:
    """A training sentence.

    Args:
      intent: what it means.
      pieces: what it is made of.
      sentence: its tokens.
      marks: its slots, from left to right.
    """

    intent: str
    pieces: tuple[Piece, ...]
    sentence: Sentence
    marks: tuple[Marked, ...]

    def values(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Entity and keys of each slot example."""
        for mark in self.marks:
            yield mark.entity, self.sentence.keys[mark.start : mark.end]

    def with_values(self, values: Mapping[str, Sequence[str]], random: Random) -> Example:
        """The same sentence with other examples in its slots.

        Args:
          values: the texts to choose from, by entity.
          random: where chance comes from.
        """
        pieces = tuple(
            Piece(text=random.choice(values[piece.entity]), slot=piece.slot, entity=piece.entity)
            if piece.entity is not None and values.get(piece.entity)
            else piece
            for piece in self.pieces
        )
        return example(self.intent, pieces) or self


def example(intent: str, pieces: tuple[Piece, ...]) -> Example | None:
    """A sentence from its pieces; None if it has no token or too many."""
    sentence = normalisation.read("".join(piece.text for piece in pieces))
    if sentence is None or not sentence.keys:
        return None
    return Example(
        intent=intent, pieces=pieces, sentence=sentence, marks=tuple(_marks(pieces, sentence))
    )


def _marks(pieces: tuple[Piece, ...], sentence: Sentence) -> Iterator[Marked]:
    offset = 0
    for piece in pieces:
        end = offset + len(piece.text)
        if piece.slot is not None and piece.entity is not None:
            inside = [
                index
                for index, (first, last) in enumerate(sentence.spans)
                if first < end and last > offset
            ]
            if inside:
                yield Marked(
                    start=inside[0], end=inside[-1] + 1, slot=piece.slot, entity=piece.entity
                )
        offset = end


def by_intent(examples: Iterable[Example]) -> dict[str, list[Example]]:
    """The examples of each intent; intents and examples keep their order."""
    found: dict[str, list[Example]] = {}
    for example in examples:
        found.setdefault(example.intent, []).append(example)
    return found


def read_examples(data: Mapping[str, Any]) -> list[Example]:
    """The sentences of Snips-format training data in its order, each once per intent."""
    found: dict[tuple[str, tuple[Piece, ...]], Example] = {}
    for intent, content in data.get("intents", {}).items():
        for utterance in content.get("utterances", []):
            pieces = tuple(
                Piece(text=part["text"], slot=part.get("slot_name"), entity=part.get("entity"))
                for part in utterance["data"]
            )
            if (intent, pieces) not in found:
                made = example(intent, pieces)
                if made is not None:
                    found[intent, pieces] = made
    return list(found.values())
