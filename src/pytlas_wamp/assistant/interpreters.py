"""One trained interpreter per language, shared by all agents.

An interpreter is chosen by name from the entry-point group
`pytlas_wamp.interpreters`. An entry is a callable `(language, cache_directory)`
that returns a pytlas `Interpreter` which is not fitted yet. Its `parse` and
`parse_slot` are called from several threads at once once it is fitted.

An interpreter with the attribute `answers_while_fitting` set to True is used as soon as
`load_from_cache` has given it intents: what it learnt of earlier data answers until `fit`
has put the new in its place, and stays if that fails. Agents notice by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from pytlas_wamp.assistant.worker import Workers
from pytlas_wamp.errors import OperatorError

GROUP = "pytlas_wamp.interpreters"

InterpreterFactory = Callable[[str, "str | None"], Any]

# No package can have this name.
_NO_SKILL = "-"

_log = Logger()


def find_interpreter(name: str) -> InterpreterFactory:
    """Look up an interpreter by its registered name.

    Raises:
      OperatorError: when there is none of this name, or it cannot be loaded.
    """
    found = {entry.name: entry for entry in entry_points(group=GROUP)}
    if name not in found:
        known = ", ".join(sorted(found)) or "none"
        raise OperatorError(f"there is no interpreter {name!r}; installed: {known}")
    try:
        factory: InterpreterFactory = found[name].load()
    except Exception as error:
        raise OperatorError(f"the interpreter {name!r} cannot be loaded: {error}") from error
    return factory


@define(kw_only=True, eq=False)
class Interpreters:
    """Trains an interpreter the first time its language is asked for.

    Args:
      factory: makes an interpreter that is not fitted.
      cache_directory: has one folder per language; None keeps nothing.
      workers: where training runs, so that it neither blocks the reactor nor skills. What
        is learnt already is loaded there too, before any training that is asked for later.
      packages: the skills whose training data may be used in a language.
      gaps: sentences about skills that cannot be understood in a language.
    """

    _factory: InterpreterFactory
    _cache_directory: Path | None
    _workers: Workers
    _packages: Callable[[str], Sequence[str]]
    _gaps: Callable[[str], Sequence[str]] = field(default=lambda _: ())
    _ready: dict[str, Any] = field(init=False, factory=dict)
    _waiting: dict[str, list[Deferred[Any]]] = field(init=False, factory=dict)

    def get(self, language: str) -> Deferred[Any]:
        """The interpreter of a two-letter language, trained if it was not yet.

        One that knows what was learnt last time does not let anybody wait; it learns
        beside its work what is new.
        """
        answer: Deferred[Any] = Deferred()
        if language in self._ready:
            answer.callback(self._ready[language])
        elif language in self._waiting:
            self._waiting[language].append(answer)
        else:
            self._waiting[language] = [answer]
            self._workers.run(self._recall, language).addCallbacks(
                self._recalled, self._fail, callbackArgs=(language,), errbackArgs=(language,)
            )
        return answer

    # In a worker

    def _recall(self, language: str) -> Any:
        """An interpreter with what it learnt last time, if anything."""
        interpreter = self._factory(language, self._cache_of(language))
        if getattr(interpreter, "answers_while_fitting", False):
            interpreter.load_from_cache()
        return interpreter

    def _cache_of(self, language: str) -> str | None:
        if self._cache_directory is None:
            return None
        folder = self._cache_directory / language
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            _log.warn("what is learnt of {lang!r} is not kept: {why}", lang=language, why=error)
            return None
        return str(folder)

    def _train(self, interpreter: Any, language: str) -> Any:
        for gap in self._gaps(language):
            _log.warn("{gap}", gap=gap)
        packages = list(self._packages(language))
        # An empty list would mean all skills to pytlas, the broken ones included.
        interpreter.fit_from_skill_data(packages or [_NO_SKILL])
        if packages and not interpreter.intents:
            # pytlas only logs what goes wrong while it merges training data.
            raise OperatorError(f"training {language!r} failed; the log above says more")
        return interpreter

    # In the reactor's thread

    def _recalled(self, interpreter: Any, language: str) -> None:
        learning = self._workers.run(self._train, interpreter, language)
        if interpreter.intents:
            self._answer(interpreter, language)
            learning.addCallbacks(
                self._count, self._stay, callbackArgs=(language,), errbackArgs=(language,)
            )
        else:
            learning.addCallbacks(
                self._learnt, self._fail, callbackArgs=(language,), errbackArgs=(language,)
            )

    def _learnt(self, interpreter: Any, language: str) -> None:
        self._count(interpreter, language)
        self._answer(interpreter, language)

    def _answer(self, interpreter: Any, language: str) -> None:
        self._ready[language] = interpreter
        for answer in self._waiting.pop(language):
            answer.callback(interpreter)

    def _fail(self, failure: Failure, language: str) -> None:
        for answer in self._waiting.pop(language):
            answer.errback(failure)

    def _stay(self, failure: Failure, language: str) -> None:
        """What was learnt last time is better than nothing."""
        what = "{lang!r} is understood as it was learnt last time, without what is new"
        if isinstance(failure.value, OperatorError):
            _log.error(what + ": {why}", lang=language, why=failure.getErrorMessage())
        else:
            _log.failure(what, failure=failure, lang=language)

    def _count(self, interpreter: Any, language: str) -> None:
        count = len(interpreter.intents)
        _log.info("{count} intents understood in {lang!r}", count=count, lang=language)
