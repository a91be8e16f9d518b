"""One trained interpreter per language, shared by all agents.

An interpreter is chosen by name from the entry-point group
`pytlas_wamp.interpreters`. An entry is a callable `(language, cache_directory)`
that returns a pytlas `Interpreter` which is not fitted yet. Its `parse` and
`parse_slot` are called from several threads at once once it is fitted.
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
      workers: where training runs, so that it neither blocks the reactor nor skills.
      packages: the skills whose training data may be used in a language.
    """

    _factory: InterpreterFactory
    _cache_directory: Path | None
    _workers: Workers
    _packages: Callable[[str], Sequence[str]]
    _trained: dict[str, Any] = field(init=False, factory=dict)
    _waiting: dict[str, list[Deferred[Any]]] = field(init=False, factory=dict)

    def get(self, language: str) -> Deferred[Any]:
        """The interpreter of a two-letter language, trained if it was not yet."""
        answer: Deferred[Any] = Deferred()
        if language in self._trained:
            answer.callback(self._trained[language])
        elif language in self._waiting:
            self._waiting[language].append(answer)
        else:
            self._waiting[language] = [answer]
            self._workers.run(self._train, language).addBoth(self._answer, language)
        return answer

    def _train(self, language: str) -> Any:
        cache = None
        if self._cache_directory is not None:
            folder = self._cache_directory / language
            folder.mkdir(parents=True, exist_ok=True)
            cache = str(folder)
        interpreter = self._factory(language, cache)
        packages = list(self._packages(language))
        # An empty list would mean all skills to pytlas, the broken ones included.
        interpreter.fit_from_skill_data(packages or [_NO_SKILL])
        if packages and not interpreter.intents:
            # pytlas only logs what goes wrong while it merges training data.
            raise OperatorError(f"training {language!r} failed; the log above says more")
        return interpreter

    def _answer(self, result: Any, language: str) -> None:
        if not isinstance(result, Failure):
            self._trained[language] = result
            count = len(result.intents)
            _log.info("{count} intents understood in {lang!r}", count=count, lang=language)
        for answer in self._waiting.pop(language):
            answer.callback(result)
