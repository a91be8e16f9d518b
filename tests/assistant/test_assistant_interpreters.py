"""Interpreters are found by name and trained once per language."""

from __future__ import annotations

from importlib.metadata import EntryPoint, EntryPoints

import pytest

from pytlas_wamp.assistant import interpreters
from pytlas_wamp.assistant.interpreters import Interpreters, find_interpreter
from pytlas_wamp.errors import OperatorError
from skills_for_tests import make_interpreter
from workers_for_tests import Arrivals, ManualWorkers, settle


class Factory:
    """Makes interpreters, and remembers what for."""

    def __init__(self):
        self.calls = []
        self.fitted_with = []
        self.error = None
        self.understands_nothing = False

    def __call__(self, language, cache):
        self.calls.append((language, cache))
        if self.error:
            raise self.error
        interpreter = make_interpreter(language)
        interpreter.fit_from_skill_data = self.fitted_with.append
        if self.understands_nothing:
            interpreter.intents = []
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
        )

    def get(self, language):
        results = []
        self.interpreters.get(language).addBoth(results.append)
        return results

    def settle(self):
        settle(self.arrivals, self.workers)


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

    def test_no_sound_skill_does_not_mean_all(self):
        trained = Trained(packages=())
        trained.get("en")
        trained.settle()
        assert trained.factory.fitted_with == [["-"]]

    def test_understanding_nothing_of_sound_skills_is_a_failure(self):
        trained = Trained()
        trained.factory.understands_nothing = True
        results = trained.get("en")
        trained.settle()
        assert results.pop().getErrorMessage().startswith("training 'en' failed")

    def test_languages_do_not_wait_for_each_other(self):
        trained = Trained()
        english, french = trained.get("en"), trained.get("fr")
        trained.workers.start(1)
        trained.arrivals.next()
        assert (english, french[0].lang) == ([], "fr")

    def test_a_failure_reaches_all_and_is_not_kept(self):
        trained = Trained()
        trained.factory.error = RuntimeError("no")
        results = [trained.get("en"), trained.get("en")]
        trained.settle()
        assert [result[0].type for result in results] == [RuntimeError, RuntimeError]
        trained.factory.error = None
        again = trained.get("en")
        trained.settle()
        assert again[0].lang == "en"

    def test_each_language_has_its_folder(self, tmp_path):
        trained = Trained(cache=tmp_path / "new")
        for language in ("en", "fr"):
            trained.get(language)
        trained.settle()
        expected = [(name, str(tmp_path / "new" / name)) for name in ("en", "fr")]
        assert trained.factory.calls == expected
        assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["en", "fr"]


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
