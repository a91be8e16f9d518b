"""One trained interpreter per language, shared by all agents.

An interpreter is chosen by name from the entry-point group
`pytlas_wamp.interpreters`. An entry is a callable `(language, cache_directory)`
that returns a pytlas `Interpreter` which is not fitted yet. Its `parse` and
`parse_slot` are called from several threads at once once it is fitted.

An interpreter with the attribute `answers_while_fitting` set to True is used as soon as
`load_from_cache` has given it intents: what it learnt of earlier data answers until `fit`
has put the new in its place, and stays if that fails. When skills have changed, the same
one learns again; of the others a new one takes the place of the old. Either way the list
`intents` is another one then, by which agents notice.

People choose their language themselves. In one that no skill has sentences in, nothing is
made or trained, and nothing is understood until there are skills for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Literal

from attrs import define, field, frozen
from twisted.internet.defer import Deferred, DeferredList, succeed
from twisted.logger import Logger
from twisted.python.failure import Failure

from pytlas_wamp import compat
from pytlas_wamp.assistant.worker import Workers
from pytlas_wamp.errors import OperatorError

compat.import_pytlas()

from pytlas.understanding import Interpreter  # noqa: E402 - after compat

GROUP = "pytlas_wamp.interpreters"

InterpreterFactory = Callable[[str, "str | None"], Any]

# What pytlas calls the one that understands nothing.
_NOTHING = "nothing"

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


@frozen(kw_only=True)
class InterpreterStatus:
    """How it stands with a language.

    Args:
      language: of two letters.
      state: `learning` also while what was learnt before answers; `failed` if the last
        training did, even then.
      intents: how many are understood at the moment.
      trained_seconds: how long the last training took that did not fail.
      trained_at: when it ended, in seconds since the epoch.
      error: why the last training failed, if it did.
    """

    language: str
    state: Literal["learning", "ready", "failed"]
    intents: int
    trained_seconds: float | None
    trained_at: float | None
    error: str | None


class LiveInterpreter:
    """An interpreter for agents to keep, although another one may take its place.

    Args:
      current: the interpreter that answers.
    """

    def __init__(self, current: Any) -> None:
        self.current = current

    @property
    def intents(self) -> list[str]:
        """Those that are understood; another list as soon as they are others."""
        intents: list[str] = self.current.intents
        return intents

    def __getattr__(self, name: str) -> Any:
        """Whatever else an interpreter has."""
        return getattr(self.current, name)


@frozen(kw_only=True)
class _Trained:
    interpreter: Any
    seconds: float
    at: float


@define(kw_only=True, eq=False)
class _Course:
    """What is known about a language.

    Attributes:
      live: what agents have; None as long as nothing answers.
      waiting: those who asked for it meanwhile.
      lessons: how many trainings are asked for and not over.
      last: the last training that did not fail.
      error: why the last one failed, if it did.
      mute: whether it is known that no skill has sentences in it.
      told: whether the log says so.
    """

    language: str
    live: LiveInterpreter | None = None
    waiting: list[Deferred[Any]] = field(factory=list)
    lessons: int = 0
    last: _Trained | None = None
    error: str | None = None
    mute: bool = False
    told: bool = False


@define(kw_only=True, eq=False)
class Interpreters:
    """Trains an interpreter the first time its language is asked for.

    A language without skills has one that understands nothing, and is not made by the factory.

    Args:
      factory: makes an interpreter that is not fitted.
      cache_directory: has one folder per language; None keeps nothing.
      workers: where training runs, so that it neither blocks the reactor nor skills. What
        is learnt already is loaded there too, before any training that is asked for later.
        It does one thing after the other.
      packages: the skills whose training data may be used in a language.
      gaps: sentences about skills that cannot be understood in a language.
      now: seconds since the epoch, in any thread.
    """

    _factory: InterpreterFactory
    _cache_directory: Path | None
    _workers: Workers
    _packages: Callable[[str], Sequence[str]]
    _now: Callable[[], float]
    _gaps: Callable[[str], Sequence[str]] = field(default=lambda _: ())
    _courses: dict[str, _Course] = field(init=False, factory=dict)

    def get(self, language: str) -> Deferred[LiveInterpreter]:
        """The interpreter of a two-letter language, trained if it was not yet.

        One that knows what was learnt last time does not let anybody wait; it learns
        beside its work what is new. It is the same object as long as the process lives,
        also when the language has skills only later.
        """
        answer: Deferred[Any] = Deferred()
        course = self._courses.setdefault(language, _Course(language=language))
        if course.live is not None:
            answer.callback(course.live)
            return answer
        course.waiting.append(answer)
        if len(course.waiting) == 1:
            self._begin(course)
        return answer

    def renew(self) -> Deferred[None]:
        """Have every language that is in use learnt anew from the skills there are now.

        Conversations go on with what was learnt before, and notice by themselves when the
        new is there. A language that fails stays as it was; `status` and the log say why.
        One that had no skills has those that are there now, and the other way round.

        Returns:
          fires when all are done; never fails.
        """
        mute = [course for course in self._courses.values() if course.mute]
        renewals = [self._renew(course) for course in self._courses.values() if not course.mute]
        renewals.append(self._renew_mute(mute))
        done: Deferred[Any] = DeferredList(renewals, consumeErrors=True)
        return done.addCallback(lambda _: None)

    def status(self) -> list[InterpreterStatus]:
        """How it stands with each language that was asked for, in order of their names.

        Those that no skill has sentences in are left out.
        """
        return [
            _status_of(course) for _, course in sorted(self._courses.items()) if not course.mute
        ]

    # In a worker

    def _recall(self, language: str) -> Any:
        """An interpreter with what it learnt last time, if anything; None without skills."""
        if not self._packages(language):
            return None
        interpreter = self._factory(language, self._cache_of(language))
        if _answers_while_fitting(interpreter):
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

    def _train(self, interpreter: Any, language: str) -> _Trained | None:
        """Have it learn.

        Args:
          interpreter: None stands for a new one.
          language: of two letters.

        Returns:
          None when no skill has anything to learn.
        """
        # An empty list would mean all skills to pytlas, the broken ones included.
        packages = list(self._packages(language))
        if not packages:
            return None
        if interpreter is None:
            interpreter = self._factory(language, self._cache_of(language))
        begin = self._now()
        for gap in self._gaps(language):
            _log.warn("{gap}", gap=gap)
        interpreter.fit_from_skill_data(packages)
        if not interpreter.intents:
            # pytlas only logs what goes wrong while it merges training data.
            raise OperatorError(f"training {language!r} failed; the log above says more")
        end = self._now()
        return _Trained(interpreter=interpreter, seconds=end - begin, at=end)

    def _train_again(self, interpreter: Any, language: str) -> _Trained | None:
        """Have it learn anew, or another one in its place if it cannot answer meanwhile."""
        return self._train(interpreter if _answers_while_fitting(interpreter) else None, language)

    def _with_skills(self, languages: Sequence[str]) -> list[str]:
        return [language for language in languages if self._packages(language)]

    # In the reactor's thread

    def _begin(self, course: _Course) -> Deferred[None]:
        """Recall and train a language that nothing answers in; never fails."""
        course.lessons += 1
        done = self._workers.run(self._recall, course.language)
        done.addCallback(self._recalled, course)
        done.addErrback(self._failed, course)
        return done.addBoth(self._over, course)

    def _recalled(self, interpreter: Any, course: _Course) -> Deferred[None] | None:
        if interpreter is None:
            self._learnt(None, course)
            return None
        learning = self._workers.run(self._train, interpreter, course.language)
        if interpreter.intents:
            self._answer(interpreter, course)
        return learning.addCallback(self._learnt, course)

    def _renew(self, course: _Course) -> Deferred[None]:
        if course.live is None:
            # What is being learnt may be the old yet; what failed may succeed now.
            first = self.get(course.language)
            return first.addCallbacks(
                lambda _: self._renew(course),
                lambda _: _log.error("{lang!r}: {why}", lang=course.language, why=course.error),
            )
        course.lessons += 1
        done = self._workers.run(self._train_again, course.live.current, course.language)
        done.addCallback(self._learnt, course)
        done.addErrback(self._failed, course)
        return done.addBoth(self._over, course)

    def _renew_mute(self, courses: Sequence[_Course]) -> Deferred[None]:
        """Renew those that have skills now; one job finds them, however many there are."""
        if not courses:
            return succeed(None)

        def renew(found: Sequence[str]) -> Deferred[Any]:
            heard = [course for course in courses if course.language in found]
            for course in heard:
                course.mute = False
            return DeferredList([self._renew(course) for course in heard])

        done: Deferred[Any] = self._workers.run(
            self._with_skills, [course.language for course in courses]
        ).addCallback(renew)
        return done.addErrback(
            lambda failure: _log.failure("could not look for new languages", failure=failure)
        )

    def _learnt(self, trained: _Trained | None, course: _Course) -> None:
        course.last, course.error, course.mute = trained, None, trained is None
        if trained is None:
            if not course.told:
                course.told = True
                _log.warn("no skill has sentences in {lang!r}", lang=course.language)
            self._answer(Interpreter(_NOTHING, course.language), course)
            return
        count = len(trained.interpreter.intents)
        _log.info("{count} intents understood in {lang!r}", count=count, lang=course.language)
        self._answer(trained.interpreter, course)

    def _answer(self, interpreter: Any, course: _Course) -> None:
        if course.live is None:
            course.live = LiveInterpreter(interpreter)
        else:
            course.live.current = interpreter
        waiting, course.waiting = course.waiting, []
        for answer in waiting:
            answer.callback(course.live)

    def _failed(self, failure: Failure, course: _Course) -> None:
        known = isinstance(failure.value, OperatorError)
        course.error = _sentence(failure)
        if course.live is None:
            waiting, course.waiting = course.waiting, []
            for answer in waiting:
                answer.errback(failure)
            return
        # What was learnt last time is better than nothing.
        what = "{lang!r} is understood as it was learnt last time, without what is new"
        if known:
            _log.error(what + ": {why}", lang=course.language, why=course.error)
        else:
            _log.failure(what, failure=failure, lang=course.language)

    def _over(self, result: Any, course: _Course) -> Any:
        course.lessons -= 1
        return result


def _sentence(failure: Failure) -> str:
    text = failure.getErrorMessage()
    own = isinstance(failure.value, OperatorError)
    return text if own else f"{type(failure.value).__name__}: {text}"


def _answers_while_fitting(interpreter: Any) -> bool:
    return getattr(interpreter, "answers_while_fitting", False) is True


def _status_of(course: _Course) -> InterpreterStatus:
    last = course.last
    state: Literal["learning", "ready", "failed"] = "ready"
    if course.lessons:
        state = "learning"
    elif course.error is not None:
        state = "failed"
    return InterpreterStatus(
        language=course.language,
        state=state,
        intents=0 if course.live is None else len(course.live.intents),
        trained_seconds=None if last is None else last.seconds,
        trained_at=None if last is None else last.at,
        error=course.error,
    )
