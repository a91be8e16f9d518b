"""A trained language: tells the intent of a sentence and the texts of its slots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import evolve, field, frozen

from pytlas_wamp.understanding import normalisation
from pytlas_wamp.understanding.entities import read_entities
from pytlas_wamp.understanding.matching import best_match
from pytlas_wamp.understanding.statistical import evidence, reasons
from pytlas_wamp.understanding.statistical.builtin_values import Builtins
from pytlas_wamp.understanding.statistical.filling import Filled, fill, from_match, with_builtins
from pytlas_wamp.understanding.statistical.hints import Gazetteer, Hints, names_of
from pytlas_wamp.understanding.statistical.lexicon import Lexicon, lexicon
from pytlas_wamp.understanding.statistical.packing import unpack, unpack_lazily
from pytlas_wamp.understanding.templates import TemplateIndex, read_templates

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from pytlas_wamp.understanding.entities import Entity
    from pytlas_wamp.understanding.matching import Match
    from pytlas_wamp.understanding.normalisation import Sentence
    from pytlas_wamp.understanding.statistical.evidence import Neighbours, Vocabulary
    from pytlas_wamp.understanding.statistical.intents import Reader, Weights
    from pytlas_wamp.understanding.statistical.slots import SlotModel

# Scores are logarithms of odds. A slot model that learnt from few sentences is sure of
# anything, so only well-fed ones are asked.
_CLOSE = 4.0
_ENOUGH_SENTENCES = 30
_OPINION_WEIGHT = 0.8
_LEAST_CERTAINTY = -8.0

# A template of so many words decides, also with unknown values in its slots: of 207 held-out
# sentences that fitted one, 204 were meant so, and of 555 that belonged to no skill none did.
_TELLING_TOKENS = 2
_FITS = 4.0

# Hints of what may be a value of some skill, not of one of these skills.
_NO_VALUES = ("kind:", "geo:", "cue:", "tw")


@frozen(kw_only=True)
class Knowledge:
    """What follows from the training data without any training.

    Args:
      templates: the sentences with their slots open.
      entities: by name.
      slot_entities: the entity of each slot of each intent.
    """

    templates: TemplateIndex
    entities: Mapping[str, Entity]
    slot_entities: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, data: Mapping[str, Any], language: str) -> Knowledge:
        """Read training data."""
        # Reading our own lists leaves holes in the memory, which the templates then fill.
        Hints.prepare(language)
        templates = read_templates(data)
        slot_entities: dict[str, dict[str, str]] = {}
        for template in templates:
            for slot in template.slots():
                slot_entities.setdefault(template.intent, {})[slot.name] = slot.entity
        return cls(
            templates=TemplateIndex.of(templates),
            entities=read_entities(data, language),
            slot_entities=slot_entities,
        )

    def hints(self, language: str) -> Hints:
        """What shows the known values and the builtin entities in sentences."""
        builtins = Builtins.of(language, self.entities)
        values = {
            name: entity.values
            for name, entity in self.entities.items()
            if name not in builtins.names
        }
        return Hints(language=language, values=Gazetteer.of(values), builtins=builtins)


@frozen(kw_only=True)
class Verdict:
    """What was made of a sentence.

    Args:
      intent: its name, or None where the sentence was refused.
      fillings: the slots.
      stage: what decided: "template", "statistics", or "empty" where nothing was asked.
      confidence: the odds, as a logarithm; above 0 the sentence counts as understood.
      scores: what each intent got, best first.
      reasons: English sentences that say why it was taken or refused.
    """

    intent: str | None
    fillings: tuple[Filled, ...] = ()
    stage: str = "empty"
    confidence: float = 0.0
    scores: tuple[tuple[str, float], ...] = ()
    reasons: tuple[str, ...] = ()


def _in_value(hints: Sequence[Sequence[str]]) -> list[bool]:
    """Whether each token may be of the value of a slot."""
    return [any(not h.startswith(_NO_VALUES) for h in token) for token in hints]


@frozen(kw_only=True)
class Model:
    """A trained language.

    Args:
      language: which.
      packed: the training data, in Snips' format, as `pack` makes it; unpacked it would
        be most of the memory of a model.
      names: of the intents, in the order of the classes.
      weights: tell intents apart.
      reader: turns sentences into features.
      neighbours: training sentences to compare with.
      vocabulary: the words of each intent.
      slot_models: by intent; intents without slots have none.
      coefficients: of the evidence, the constant last.
      knowledge: what follows from the training data; read from there by default.
    """

    language: str
    packed: bytes
    names: Sequence[str]
    weights: Weights
    reader: Reader
    neighbours: Neighbours
    vocabulary: Vocabulary
    slot_models: Mapping[str, SlotModel]
    coefficients: np.ndarray
    lexicon: Lexicon = field(init=False, repr=False)
    knowledge: Knowledge = field(repr=False)
    hints: Hints = field(init=False, repr=False)

    @lexicon.default
    def _(self) -> Lexicon:
        return lexicon(self.language)

    @knowledge.default
    def _(self) -> Knowledge:
        return Knowledge.of(unpack_lazily(self.packed), self.language)

    @hints.default
    def _(self) -> Hints:
        return self.knowledge.hints(self.language)

    def data(self) -> Any:
        """The training data."""
        return unpack(self.packed)

    def read(
        self, text: str, allowed: Callable[[str], bool], now: datetime | None = None
    ) -> Verdict:
        """What a text means.

        Args:
          text: any.
          allowed: whether an intent may be answered.
          now: the time that "tomorrow" is counted from, aware of its zone; without it,
            builtin entities keep the text as said.
        """
        verdict = self._read(text, allowed)
        if now is None or verdict.intent is None or self.hints.builtins.parser is None:
            return verdict
        fillings = with_builtins(
            text,
            verdict.fillings,
            self.knowledge.slot_entities.get(verdict.intent, {}),
            self.hints.builtins,
            now,
        )
        return evolve(verdict, fillings=fillings)

    def _read(self, text: str, allowed: Callable[[str], bool]) -> Verdict:
        match = self._match(text, allowed)
        if match is not None and match.unknown_tokens == 0:
            return Verdict(
                intent=match.template.intent,
                fillings=from_match(match, self.knowledge.entities, self.lexicon),
                stage="template",
                confidence=float("inf"),
                reasons=reasons.of_template(match),
            )
        sentence = normalisation.read(text)
        if sentence is None:
            return Verdict(intent=None, reasons=reasons.TOO_LONG)
        if not sentence.keys:
            return Verdict(intent=None, reasons=reasons.EMPTY)
        if self.lexicon.asks_nothing(self.lexicon.request(sentence)):
            return Verdict(intent=None, reasons=reasons.ASKS_NOTHING)
        if match is not None and self._is_telling(match):
            return Verdict(
                intent=match.template.intent,
                fillings=from_match(match, self.knowledge.entities, self.lexicon),
                stage="template",
                confidence=_FITS,
                reasons=reasons.of_template(match),
            )
        return self._by_statistics(sentence, allowed)

    def _is_telling(self, match: Match) -> bool:
        """Whether a template says enough to decide although values in it are unknown.

        An intent of many sentences has better witnesses than one of them. What is no date
        where a date belongs is no unknown value, but another sentence.
        """
        builtin = self.hints.builtins.names
        if any(one.known is None and one.slot.entity in builtin for one in match.fillings):
            return False
        literal = [key for element in match.template.literals() for key in element]
        return (
            len(literal) >= _TELLING_TOKENS
            and match.unknown_tokens <= 2 * len(literal)
            and not self.lexicon.function_words.issuperset(literal)
            and self.vocabulary.sentences[self.names.index(match.template.intent)]
            < _ENOUGH_SENTENCES
        )

    def _match(self, text: str, allowed: Callable[[str], bool]) -> Match | None:
        """The template that a text fits best, if need be without the politeness around it."""
        found = []
        for sentence in normalisation.readings(text):
            request = self.lexicon.request(sentence)
            for one in (sentence,) if request is sentence else (sentence, request):
                match = best_match(one, self.knowledge.templates, self.knowledge.entities, allowed)
                if match is not None and match.unknown_tokens == 0:
                    return match
                found.append(match)
        return min((m for m in found if m), key=lambda m: m.rank, default=None)

    def _by_statistics(self, sentence: Sentence, allowed: Callable[[str], bool]) -> Verdict:
        candidates = [place for place, name in enumerate(self.names) if allowed(name)]
        if not candidates:
            return Verdict(intent=None, reasons=reasons.NO_INTENT)
        hints = self.hints.of(sentence)
        best, scores, numbers = self.weigh(sentence, hints, candidates)
        name = self.names[best]
        confidence = float(np.dot(self.coefficients[:-1], numbers) + self.coefficients[-1])
        ranking = tuple(
            (self.names[place], float(scores[place]))
            for place in sorted(candidates, key=lambda place: -scores[place])
        )
        taken = confidence >= 0
        request, told = self._request(sentence, hints)
        return Verdict(
            intent=name if taken else None,
            fillings=self._fillings(best, sentence, hints) if taken else (),
            stage="statistics",
            confidence=confidence,
            scores=ranking,
            reasons=reasons.of_statistics(
                request.keys, _in_value(told), best, ranking,
                evidence.nearness(numbers), confidence, self.vocabulary, self.lexicon,
            ),
        )  # fmt: skip

    def _request(
        self, sentence: Sentence, hints: list[list[str]]
    ) -> tuple[Sentence, list[list[str]]]:
        """A sentence and its hints without the politeness around it."""
        request = self.lexicon.request(sentence)
        first = sentence.spans.index(request.spans[0])
        return request, hints[first : first + len(request.spans)]

    def weigh(
        self, sentence: Sentence, hints: list[list[str]], candidates: Sequence[int]
    ) -> tuple[int, np.ndarray, list[float]]:
        """The best class, the scores of all, and the evidence for the best."""
        request, told = self._request(sentence, hints)
        vector = self.weights.vector(self.reader.read(sentence.keys, names_of(hints)))
        scores = self.weights.scores(vector)
        nearest = self.neighbours.nearest(self.weights, vector, len(self.names))
        scores = self._second_opinion(sentence, hints, scores, candidates)
        best = max(candidates, key=lambda place: scores[place])
        numbers = evidence.evidence(
            request.keys,
            _in_value(told),
            best,
            scores,
            nearest,
            self.vocabulary,
            self.lexicon,
        )
        return best, scores, numbers

    def _second_opinion(
        self,
        sentence: Sentence,
        hints: list[list[str]],
        scores: np.ndarray,
        candidates: Sequence[int],
    ) -> np.ndarray:
        """The scores, where the best are close corrected by how sure the slot models are."""
        best = max(float(scores[place]) for place in candidates)
        close = [
            place
            for place in candidates
            if scores[place] > best - _CLOSE
            and self.vocabulary.sentences[place] >= _ENOUGH_SENTENCES
            and self.names[place] in self.slot_models
        ]
        if len(close) == 1 or not close:
            return scores
        scores = scores.copy()
        close.sort(key=lambda place: -scores[place])
        for place in close[:3]:
            sure = self.slot_models[self.names[place]].certainty(sentence, hints, self.lexicon)
            scores[place] += _OPINION_WEIGHT * max(sure, _LEAST_CERTAINTY)
        # Those that were not asked stay behind the one they were behind.
        for place in close[3:]:
            scores[place] += _OPINION_WEIGHT * _LEAST_CERTAINTY
        return scores

    def _fillings(
        self, place: int, sentence: Sentence, hints: list[list[str]]
    ) -> tuple[Filled, ...]:
        name = self.names[place]
        slot_model = self.slot_models.get(name)
        if slot_model is None:
            return ()
        knowledge = self.knowledge
        literal: frozenset[str] = frozenset()
        if self.vocabulary.sentences[place] < _ENOUGH_SENTENCES:
            # A field that saw a handful of sentences guesses; a template knows.
            request = self.lexicon.request(sentence)
            match = best_match(
                request, knowledge.templates, knowledge.entities, lambda intent: intent == name
            )
            if match is not None:
                return from_match(match, self.knowledge.entities, self.lexicon)
            literal = self.vocabulary.stems[place]
        return fill(
            sentence,
            slot_model.read(sentence, hints, self.lexicon),
            knowledge.slot_entities.get(name, {}),
            knowledge.entities,
            self.lexicon,
            literal,
        )
