"""Interpreters are found by name and trained once per language."""

from __future__ import annotations

from importlib.metadata import EntryPoint, EntryPoints

import pytest
from twisted.logger import LogLevel, formatEvent, globalLogPublisher

from pytlas_wamp.assistant import interpreters
from pytlas_wamp.assistant.interpreters import Interpreters, find_interpreter
from pytlas_wamp.assistant.worker import Busy
from pytlas_wamp.errors import OperatorError
from skills_for_tests import make_interpreter
from workers_for_tests import Arrivals, ManualWorkers, settle


class Factory:
    """Makes interpreters, and remembers what for.

    Args:
      caches: the intents that were learnt last time, by language.
    """

    def __init__(self):
        self.calls = []
        self.fitted_with = []
        self.error = None
        self.failure = None
        self.understands = ["echo"]
        self.caches = {}

    def __call__(self, language, cache):
        self.calls.append((language, cache))
        if self.error:
            raise self.error
        interpreter = make_interpreter(language)
        interpreter.intents = []

        def load():
            interpreter.intents = list(self.caches[language])

        def fit(packages):
            self.fitted_with.append(packages)
            if self.failure:
                raise self.failure
            interpreter.intents = list(self.understands)

        interpreter.fit_from_skill_data = fit
        interpreter.load_from_cache = load
        if language in self.caches:
            interpreter.answers_while_fitting = True
        return interpreter


class Trained:
    def __init__(self, cache=None, packages=("one", "two")):
        self.arrivals = Arrivals()
        self.workers = ManualWorkers(self.arrivals)
        self.factory = Factory()
        self.interpreters = Interpreters(
            factory=self.factory,
            cache_directory=cache,
            workers=self.workers,
            packages=lambda language: [f"{language}_{name}" for name in packages],
            gaps=lambda language: [f"x has no sentences in {language}"],
        )

    def get(self, language):
        results = []
        self.interpreters.get(language).addBoth(results.append)
        return results

    def settle(self):
        settle(self.arrivals, self.workers)

    def step(self, index=0):
        """One job, and its arrival."""
        self.workers.start(index)
        self.arrivals.next()


@pytest.fixture
def log():
    """The lines of the log, warnings with an exclamation mark, failures with two."""
    lines = []

    def observe(event):
        if event["log_namespace"].startswith("pytlas_wamp"):
            marks = {LogLevel.warn: "! ", LogLevel.error: "! "}
            mark = "!! " if "log_failure" in event else marks.get(event["log_level"], "")
            lines.append(mark + formatEvent(event))

    globalLogPublisher.addObserver(observe)
    yield lines
    globalLogPublisher.removeObserver(observe)


class TestTraining:
    def test_it_happens_once_for_all_who_ask_meanwhile(self):
        trained = Trained()
        results = [trained.get("en") for _ in range(3)]
        assert results == [[], [], []]
        trained.settle()
        results.append(trained.get("en"))
        assert len({id(result[0]) for result in results}) == 1
        assert trained.factory.calls == [("en", None)]

    def test_it_uses_the_sound_skills_of_the_language(self):
        trained = Trained()
        trained.get("en")
        trained.settle()
        assert trained.factory.fitted_with == [["en_one", "en_two"]]

    def test_it_tells_what_is_missing_and_what_is_there(self, log):
        trained = Trained()
        trained.get("en")
        trained.settle()
        assert log == ["! x has no sentences in en", "1 intents understood in 'en'"]

    def test_whether_anything_is_missing_need_not_be_known(self, log):
        trained = Trained()
        trained.interpreters = Interpreters(
            factory=trained.factory,
            cache_directory=None,
            workers=trained.workers,
            packages=lambda language: [],
        )
        trained.get("en")
        trained.settle()
        assert log == ["1 intents understood in 'en'"]

    def test_no_sound_skill_does_not_mean_all(self):
        trained = Trained(packages=())
        trained.get("en")
        trained.settle()
        assert trained.factory.fitted_with == [["-"]]

    def test_understanding_nothing_of_sound_skills_is_a_failure(self):
        trained = Trained()
        trained.factory.understands = []
        results = trained.get("en")
        trained.settle()
        assert results.pop().getErrorMessage().startswith("training 'en' failed")

    def test_understanding_nothing_of_no_skill_is_none(self):
        trained = Trained(packages=())
        trained.factory.understands = []
        results = trained.get("en")
        trained.settle()
        assert results[0].lang == "en"

    def test_languages_do_not_wait_for_each_other(self):
        trained = Trained()
        english, french = trained.get("en"), trained.get("fr")
        trained.step(1)
        trained.step(1)
        assert (english, french[0].lang) == ([], "fr")

    @pytest.mark.parametrize("place", ["error", "failure"])
    def test_a_failure_reaches_all_and_is_not_kept(self, place):
        trained = Trained()
        setattr(trained.factory, place, RuntimeError("no"))
        results = [trained.get("en"), trained.get("en")]
        trained.settle()
        assert [result[0].type for result in results] == [RuntimeError, RuntimeError]
        setattr(trained.factory, place, None)
        again = trained.get("en")
        trained.settle()
        assert again[0].lang == "en"

    def test_without_room_it_fails_at_once(self):
        trained = Trained()
        trained.workers.room = 0
        assert trained.get("en").pop().type is Busy
        trained.workers.room = 1
        again = trained.get("en")
        trained.settle()
        assert again[0].lang == "en"


class TestWhatWasLearntLastTime:
    def test_answers_at_once_and_learns_beside(self, log):
        trained = Trained()
        trained.factory.caches["en"] = ["echo", "gone"]
        first, second = trained.get("en"), trained.get("en")
        trained.step()
        assert first == second
        assert first[0].intents == ["echo", "gone"]
        assert trained.factory.fitted_with == []
        third = trained.get("en")
        trained.settle()
        assert third[0] is first[0]
        assert first[0].intents == ["echo"]
        assert trained.factory.fitted_with == [["en_one", "en_two"]]
        assert log == ["! x has no sentences in en", "1 intents understood in 'en'"]

    def test_of_all_languages_is_there_before_any_learns(self):
        trained = Trained()
        trained.factory.caches = {"en": ["echo"], "fr": ["echo"]}
        english, french = trained.get("en"), trained.get("fr")
        trained.step()
        trained.step()
        assert (english[0].lang, french[0].lang) == ("en", "fr")
        assert trained.factory.fitted_with == []

    def test_nothing_is_learnt_as_ever(self):
        trained = Trained()
        trained.factory.caches["en"] = []
        results = trained.get("en")
        trained.step()
        assert results == []
        trained.settle()
        assert results[0].intents == ["echo"]

    @pytest.mark.parametrize(
        ("error", "told"),
        [
            (OperatorError("too long"), "! {}: too long"),
            (RuntimeError("a bug"), "!! {}"),
        ],
    )
    def test_stays_when_learning_fails(self, log, error, told):
        trained = Trained()
        trained.factory.caches["en"] = ["echo", "gone"]
        trained.factory.failure = error
        results = trained.get("en")
        trained.settle()
        assert results[0].intents == ["echo", "gone"]
        what = "'en' is understood as it was learnt last time, without what is new"
        assert log[1:] == [told.format(what)]
        assert trained.get("en")[0] is results[0]

    def test_is_not_used_of_interpreters_that_cannot_answer_meanwhile(self):
        trained = Trained()
        trained.factory.caches["en"] = ["gone"]
        made = trained.factory("en", None)
        made.answers_while_fitting = False
        trained.interpreters = Interpreters(
            factory=lambda language, cache: made,
            cache_directory=None,
            workers=trained.workers,
            packages=lambda language: ["a"],
        )
        results = trained.get("en")
        trained.step()
        assert (results, made.intents) == ([], [])
        trained.settle()
        assert results[0].intents == ["echo"]


class TestTheCache:
    def test_each_language_has_its_folder(self, tmp_path):
        trained = Trained(cache=tmp_path / "new")
        for language in ("en", "fr"):
            trained.get(language)
        trained.settle()
        expected = [(name, str(tmp_path / "new" / name)) for name in ("en", "fr")]
        assert trained.factory.calls == expected
        assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["en", "fr"]

    def test_without_a_folder_it_trains_all_the_same(self, tmp_path, log):
        (tmp_path / "new").write_text("a file in the way")
        trained = Trained(cache=tmp_path / "new")
        results = trained.get("en")
        trained.settle()
        assert results[0].lang == "en"
        assert trained.factory.calls == [("en", None)]
        assert log[0].startswith("! what is learnt of 'en' is not kept: [Errno ")


class TestFinding:
    @pytest.fixture
    def installed(self, monkeypatch):
        found = []
        monkeypatch.setattr(
            interpreters, "entry_points", lambda group: EntryPoints(found).select(group=group)
        )
        return lambda name, value: found.append(EntryPoint(name, value, interpreters.GROUP))

    def test_the_shipped_one_is_there(self):
        assert callable(find_interpreter("patterns"))

    def test_another_one_can_be_registered(self, installed):
        installed("words", "skills_for_tests:make_interpreter")
        assert find_interpreter("words") is make_interpreter

    def test_an_unknown_name_is_told_with_those_that_are_there(self, installed):
        installed("words", "skills_for_tests:make_interpreter")
        installed("a", "b")
        with pytest.raises(OperatorError, match=r"no interpreter 'snips'; installed: a, words$"):
            find_interpreter("snips")

    def test_none_at_all_is_told(self, installed):
        with pytest.raises(OperatorError, match=r"installed: none$"):
            find_interpreter("snips")

    def test_one_that_cannot_be_loaded_is_told(self, installed):
        installed("broken", "no_such_module:make")
        with pytest.raises(OperatorError, match=r"'broken' cannot be loaded: No module named"):
            find_interpreter("broken")
