"""The `statistical` interpreter: understands rewordings of the sentences it was trained with.

Three stages: a sentence that fits a template with known values is right; otherwise a
linear model says which intent a sentence has, or that it has none; then a field says
which of its words fill which slot. A fitted interpreter only reads, so one serves the
agents of all users, in any thread.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen
from twisted.logger import Logger

from pytlas_wamp import (
    compat,  # noqa: F401 - pytlas does not import without it
    local_time,
)
from pytlas_wamp.understanding import normalisation
from pytlas_wamp.understanding.matching import longest_values
from pytlas_wamp.understanding.statistical import storage
from pytlas_wamp.understanding.statistical.filling import Filled, builtin, filled
from pytlas_wamp.understanding.statistical.model import Verdict
from pytlas_wamp.understanding.statistical.trainer import train_in_child
from pytlas_wamp.understanding.statistical.weaknesses import weaknesses

from pytlas.understanding import (  # isort: skip - compat comes first
    Intent,
    Interpreter,
    SlotValue,
    SlotValues,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from pytlas_wamp.understanding.normalisation import Sentence
    from pytlas_wamp.understanding.statistical.builtin_values import Builtins
    from pytlas_wamp.understanding.statistical.model import Model
    from pytlas_wamp.understanding.statistical.trainer import Progress, Train

_log = Logger()

# Lines about a step that takes long: one for each of so many parts.
_PARTS = 10


@frozen(kw_only=True)
class _Learnt:
    """A model and the checksum of what it was made of. Replaced as a whole."""

    model: Model
    checksum: str


class StatisticalInterpreter(Interpreter):
    """Learns intents and slots from the skills' sentences; unfitted it understands nothing.

    Slot values carry, in `meta`, Snips' keys `rawValue`, `range` (`start` and `end` in the
    message, in characters), `entity` and `slotName`, and `known`: whether the value is one
    of the training data.

    Args:
      language: as pytlas names it, "en" or "fr".
      cache_directory: where the trained model is kept; None keeps it nowhere.
      trainings: where `fit_from_skill_data` takes training data from; pytlas' global
        store by default.
      clock: gives the time that "tomorrow" is counted from, in the zone of the user.
      train: how to train; in a process of its own by default.
      on_progress: told, in the thread that fits, the step of a training, how much of it is
        done, and of how much; may be set later.
      stopwatch: gives seconds, from any moment on.
    """

    # What was loaded or learnt before answers while `fit` runs, in any thread; see
    # `assistant.interpreters`.
    answers_while_fitting = True

    def __init__(
        self,
        language: str,
        cache_directory: str | None = None,
        trainings: Any = None,
        clock: Callable[[], datetime] = local_time.now,
        *,
        train: Train = train_in_child,
        on_progress: Progress | None = None,
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        # pytlas picks pychatl's adapter by the interpreter's name, and the data that
        # `fit` reads is that of Snips.
        super().__init__("snips", language, cache_directory, trainings)
        self.on_progress = on_progress
        self._learnt: _Learnt | None = None
        self._looked_in_cache = False
        self._clock = clock
        self._train = train
        self._stopwatch = stopwatch

    def load_from_cache(self) -> None:
        """Take the model of the last training, whatever it was made of; none is no error."""
        self._looked_in_cache = True
        path = self._path()
        if path is None:
            return
        try:
            model, checksum = storage.read(path)
        except FileNotFoundError:
            return
        except storage.Unusable as error:
            _log.warn("{path} {why}; {lang!r} is learnt anew", path=path, why=error, lang=self.lang)
            return
        self._take(_Learnt(model=model, checksum=checksum))

    def fit(self, data: dict[str, Any]) -> None:
        """Learn (blocks); if the cache holds a model of this very data, that is taken.

        Until the new model is there, the old one answers. Weak spots of the data are told
        in the log.

        Args:
          data: Snips-format training data, as `pychatl.adapters.snips` makes it.

        Raises:
          TrainingFailed: the process that trains ended without a result. The old model, if
            any, is still there.
        """
        wanted = storage.checksum(data, self.lang)
        if not self._has(wanted) and not self._looked_in_cache:
            self.load_from_cache()
        if not self._has(wanted):
            self._learn(data, wanted)

    def _has(self, checksum: str) -> bool:
        return self._learnt is not None and self._learnt.checksum == checksum

    def _learn(self, data: dict[str, Any], wanted: str) -> None:
        if not any(content.get("utterances") for content in data.get("intents", {}).values()):
            self._learnt, self.intents = None, list(data.get("intents", {}))
            _log.warn("there is no sentence to learn {lang!r} from", lang=self.lang)
            return
        for weakness in weaknesses(data):
            _log.warn("{lang!r}: {weakness}", lang=self.lang, weakness=weakness)
        begin = self._stopwatch()
        model = self._train(data, self.lang, self._tell)
        seconds = self._stopwatch() - begin
        self._take(_Learnt(model=model, checksum=wanted))
        _log.info(
            "learnt {count} intents of {lang!r} in {seconds:.1f} s",
            count=len(model.names),
            lang=self.lang,
            seconds=seconds,
        )
        self._keep(model, wanted)

    def _keep(self, model: Model, checksum: str) -> None:
        path = self._path()
        if path is None:
            return
        try:
            storage.save(model, path, checksum)
        except IsADirectoryError:
            # `load_from_cache` has told.
            return
        except OSError as error:
            _log.warn("what was learnt of {lang!r} is not kept: {why}", lang=self.lang, why=error)

    def _tell(self, step: str, done: int, total: int) -> None:
        if self.on_progress is not None:
            self.on_progress(step, done, total)
        if done == 0:
            _log.info("training {lang!r}: {step}", lang=self.lang, step=step)
        elif total > 1 and done * _PARTS // total > (done - 1) * _PARTS // total:
            _log.info(
                "training {lang!r}: {step} {done} of {total}",
                lang=self.lang,
                step=step,
                done=done,
                total=total,
            )

    def _take(self, learnt: _Learnt) -> None:
        self._learnt = learnt
        # A new list: agents look for that, to keep up.
        self.intents = list(learnt.model.names)

    def _path(self) -> Path | None:
        if self.cache_directory is None:
            return None
        return Path(self.cache_directory) / f"understanding-{self.lang}.zip"

    def explain(self, msg: str, scopes: Iterable[str] | None = None) -> Verdict:
        """What `parse` decides, with the reasons.

        Args:
          msg: any string.
          scopes: names of the intents that may be answered; None stands for all.

        Raises:
          TypeError: `msg` is not a string.
        """
        if not isinstance(msg, str):
            raise TypeError(f"A message is a str, not {type(msg).__name__}.")
        learnt = self._learnt
        if learnt is None:
            return Verdict(intent=None)
        names = None if scopes is None else frozenset(scopes)
        return learnt.model.read(
            msg, lambda intent: names is None or intent in names, self._clock()
        )

    def parse(self, msg: str, scopes: Iterable[str] | None = None) -> list[Any]:
        """The intent of a message with its slots, in a list; empty if it was refused.

        Args:
          msg: any string; one of more than `normalisation.MAX_TOKENS` tokens is refused.
          scopes: names of the intents that may be answered; None stands for all.

        Raises:
          TypeError: `msg` is not a string.
        """
        verdict = self.explain(msg, scopes)
        if verdict.intent is None:
            return []
        intent = Intent(verdict.intent)
        for one in verdict.fillings:
            # Not through keyword arguments: a slot may be called "self" or "intent_name".
            intent.slots.setdefault(one.slot, SlotValues([])).append(_value(one))
        return [intent]

    def parse_slot(self, intent: str, slot: str, msg: str) -> list[Any]:
        """The values that a reply gives to a slot it was asked for.

        Known values count wherever they stand in the reply, the longest first; where the
        reply has none, an entity that is not closed takes it without the small words
        around it ("in the attic please" is "attic").

        Args:
          intent: the intent under way.
          slot: the slot that was asked for; one that no template has takes any reply.
          msg: the reply.

        Raises:
          TypeError: `msg` is not a string.
        """
        if not isinstance(msg, str):
            raise TypeError(f"A message is a str, not {type(msg).__name__}.")
        learnt = self._learnt
        model = learnt.model if learnt is not None else None
        name = model.knowledge.slot_entities.get(intent, {}).get(slot) if model else None
        if model is None or name is None:
            return [SlotValue(msg)]
        builtins = model.hints.builtins
        if builtins.parser is not None and name in builtins.names:
            return _builtin_reply(slot, name, msg, builtins, self._clock())
        entity = model.knowledge.entities[name]
        for sentence in normalisation.readings(msg):
            found = longest_values(entity.known_in(sentence))
            if found:
                return [
                    _value(filled(slot, name, sentence, known.start, known.end, known))
                    for known in found
                ]
        # Whoever was asked for a number and answers in words is still worth hearing: the
        # skill that asked can tell them what it wants.
        if not entity.accepts_unknown and entity.number_language is None:
            return []
        return _whole_reply(slot, name, msg, model)


def create(language: str, cache_directory: str | None) -> StatisticalInterpreter:
    """A `statistical` interpreter that is not fitted yet (of `pytlas_wamp.interpreters`).

    Args:
      language: as pytlas names it, "en" or "fr".
      cache_directory: where the trained model is kept, if anywhere.
    """
    return StatisticalInterpreter(language, cache_directory)


def _builtin_reply(
    slot: str, entity: str, msg: str, builtins: Builtins, now: datetime
) -> list[Any]:
    """What a reply says of a builtin entity: all of it, or what is found in it."""
    return [_value(builtin(slot, one, msg, 0)) for one in builtins.reply(msg, entity, now)]


def _whole_reply(slot: str, entity: str, msg: str, model: Model) -> list[Any]:
    """The reply without the words around what it names; none if it has no token."""
    sentence = normalisation.read(msg)
    if sentence is None:
        raw = msg.strip()
        start = msg.index(raw)
        end = start + len(raw)
        return [
            _value(
                Filled(
                    slot=slot, entity=entity, value=raw, raw=raw, start=start, end=end, known=False
                )
            )
        ]
    if not sentence.keys:
        return []
    start, end = _core(sentence, model)
    return [_value(filled(slot, entity, sentence, start, end, None))]


def _core(sentence: Sentence, model: Model) -> tuple[int, int]:
    """The tokens of a reply without function words on both sides; all if it has no others."""
    functions = model.lexicon.function_words
    content = [place for place, key in enumerate(sentence.keys) if key not in functions]
    return (content[0], content[-1] + 1) if content else (0, len(sentence.keys))


def _value(one: Filled) -> Any:
    return SlotValue(
        one.value,
        rawValue=one.raw,
        range={"start": one.start, "end": one.end},
        entity=one.entity,
        slotName=one.slot,
        known=one.known,
    )
