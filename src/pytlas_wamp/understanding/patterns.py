"""The `patterns` interpreter: understands the sentences that the skills' training data spells out.

Deterministic and learnt in milliseconds: a sentence fits a template word for word,
and only slots are free. A fitted interpreter only reads, so one serves the agents
of all users, in any thread.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from attrs import frozen

from pytlas_wamp import (
    compat,  # noqa: F401 - pytlas does not import without it
    local_time,
)
from pytlas_wamp.understanding import normalisation
from pytlas_wamp.understanding.builtins import SUPPORTED, BuiltinParser
from pytlas_wamp.understanding.entities import Entity, read_entities
from pytlas_wamp.understanding.matching import best_match, longest_values
from pytlas_wamp.understanding.templates import TemplateIndex, read_templates

from pytlas.understanding import (  # isort: skip - compat comes first
    Intent,
    Interpreter,
    SlotValue,
    SlotValues,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytlas_wamp.understanding.entities import Known
    from pytlas_wamp.understanding.matching import Filling, Match
    from pytlas_wamp.understanding.normalisation import Sentence


@frozen(kw_only=True)
class _Knowledge:
    """What a fit learnt. Replaced as a whole, so that no parse ever sees half of it."""

    templates: TemplateIndex
    entities: Mapping[str, Entity]
    slot_entities: Mapping[tuple[str, str], str]

    @classmethod
    def of(cls, data: Mapping[str, Any], language: str) -> _Knowledge:
        templates = read_templates(data)
        return cls(
            templates=TemplateIndex.of(templates),
            entities=read_entities(data, language),
            slot_entities={
                (template.intent, slot.name): slot.entity
                for template in templates
                for slot in template.slots()
            },
        )


class PatternInterpreter(Interpreter):
    """Understands sentences that fit a template of the training data.

    Unfitted it understands nothing. Nothing is cached on disk: fitting is faster than
    reading a cache would be.

    Slot values carry, in `meta`, Snips' keys `rawValue` (the text as said), `range`
    (`start` and `end` of it in the message, in characters), `entity` and `slotName`, and
    `known`: whether the value is one of the training data, or that of a builtin entity. What
    a builtin entity cannot make a value of stays the text as said.

    Args:
      language: as pytlas names it, "en" or "fr".
      cache_directory: kept for pytlas, not used.
      trainings: where `fit_from_skill_data` takes training data from; pytlas' global
        store by default.
      clock: tells what "now" is, with its time zone; that of the user by default.
    """

    def __init__(
        self,
        language: str,
        cache_directory: str | None = None,
        trainings: Any = None,
        clock: Callable[[], datetime] = local_time.now,
    ) -> None:
        # pytlas picks pychatl's adapter by the interpreter's name, and the data that
        # `fit` reads is that of Snips. Logs shall not claim that Snips wrote them.
        super().__init__("snips", language, cache_directory, trainings)
        self._logger = logging.getLogger(__name__)
        self._knowledge = _Knowledge.of({}, language)
        self._clock = clock
        spoken = language[:2].lower()
        self._builtin_names = SUPPORTED.get(spoken, frozenset())
        self._builtins = BuiltinParser(spoken) if self._builtin_names else None

    def fit(self, data: dict[str, Any]) -> None:
        """Learn templates and entities; whatever was learnt before is forgotten.

        Args:
          data: Snips-format training data, as `pychatl.adapters.snips` makes it.
        """
        self._knowledge = _Knowledge.of(data, self.lang)
        self.intents = list(data.get("intents", {}))
        self._logger.info("Learnt %d intents (%s)", len(self.intents), self.lang)

    def parse(self, msg: str, scopes: Iterable[str] | None = None) -> list[Any]:
        """The intent of a message with its slots, in a list; empty if nothing fits.

        Args:
          msg: any string; one of more than `normalisation.MAX_TOKENS` tokens fits nothing.
          scopes: names of the intents that may be answered; None stands for all.

        Raises:
          TypeError: `msg` is not a string.
        """
        _require_text(msg)
        knowledge = self._knowledge
        names = None if scopes is None else frozenset(scopes)
        for sentence in normalisation.readings(msg):
            match = best_match(
                sentence,
                knowledge.templates,
                knowledge.entities,
                lambda intent: names is None or intent in names,
            )
            if match is not None:
                return [self._intent(match)]
        return []

    def parse_slot(self, intent: str, slot: str, msg: str) -> list[Any]:
        """The values that a reply gives to a slot it was asked for.

        Known values count wherever they stand in the reply, the longest first; where the
        reply has none, an entity that is not closed takes it as it is.

        Args:
          intent: the intent under way.
          slot: the slot that was asked for; one that no template has takes any reply.
          msg: the reply.

        Raises:
          TypeError: `msg` is not a string.
        """
        _require_text(msg)
        knowledge = self._knowledge
        name = knowledge.slot_entities.get((intent, slot))
        if name is None:
            return [SlotValue(msg)]
        if self._builtins is not None and name in self._builtin_names:
            return self._builtin_reply(slot, name, msg, self._builtins)
        entity = knowledge.entities[name]
        for sentence in normalisation.readings(msg):
            found = longest_values(entity.known_in(sentence))
            if found:
                return [_known_value(slot, name, sentence, known) for known in found]
        # Whoever was asked for a number and answers in words is still worth hearing: the
        # skill that asked can tell them what it wants.
        if entity.accepts_unknown or entity.number_language is not None:
            return _whole_reply(slot, name, msg)
        return []

    def _intent(self, match: Match) -> Any:
        intent = Intent(match.template.intent)
        for filling in match.fillings:
            # Not through keyword arguments: a slot may be called "self" or "intent_name".
            values = intent.slots.setdefault(filling.slot.name, SlotValues([]))
            values.append(self._filling_value(filling, match.sentence))
        return intent

    def _filling_value(self, filling: Filling, sentence: Sentence) -> Any:
        entity, known = filling.slot.entity, filling.known
        raw = sentence.raw(filling.start, filling.end)
        value, is_known = (raw, False) if known is None else (known.value, True)
        # Of a number the template stage knows the value, of other builtin entities the place.
        if self._builtins is not None and entity in self._builtin_names and isinstance(value, str):
            match = self._builtins.parse_whole(raw, entity, now=self._clock())
            value, is_known = (raw, False) if match is None else (match.value, True)
        return _slot_value(
            value,
            slot=filling.slot.name,
            entity=entity,
            raw=raw,
            span=sentence.span(filling.start, filling.end),
            known=is_known,
        )

    def _builtin_reply(self, slot: str, entity: str, msg: str, parser: BuiltinParser) -> list[Any]:
        """What a reply says of a builtin entity; the reply itself if that is nothing."""
        found = parser.parse_reply(msg, entity, now=self._clock())
        return [
            _slot_value(
                match.value,
                slot=slot,
                entity=entity,
                raw=match.text,
                span=(match.start, match.end),
                known=True,
            )
            for match in found
        ] or _whole_reply(slot, entity, msg)


def create(language: str, cache_directory: str | None) -> PatternInterpreter:
    """A `patterns` interpreter that is not fitted yet (an entry of `pytlas_wamp.interpreters`).

    Args:
      language: as pytlas names it, "en" or "fr".
      cache_directory: where an interpreter may keep files; this one keeps none.
    """
    return PatternInterpreter(language, cache_directory)


def _require_text(msg: object) -> None:
    if not isinstance(msg, str):
        raise TypeError(f"A message is a str, not {type(msg).__name__}.")


def _whole_reply(slot: str, entity: str, msg: str) -> list[Any]:
    """The reply itself as a value; none if there is only white space."""
    raw = msg.strip()
    if not raw:
        return []
    start = msg.index(raw)
    span = (start, start + len(raw))
    return [_slot_value(raw, slot=slot, entity=entity, raw=raw, span=span, known=False)]


def _known_value(slot: str, entity: str, sentence: Sentence, known: Known) -> Any:
    return _slot_value(
        known.value,
        slot=slot,
        entity=entity,
        raw=sentence.raw(known.start, known.end),
        span=sentence.span(known.start, known.end),
        known=True,
    )


def _slot_value(
    value: object, *, slot: str, entity: str, raw: str, span: tuple[int, int], known: bool
) -> Any:
    return SlotValue(
        value,
        rawValue=raw,
        range={"start": span[0], "end": span[1]},
        entity=entity,
        slotName=slot,
        known=known,
    )
