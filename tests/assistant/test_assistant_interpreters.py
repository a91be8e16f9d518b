"""Interpreters are found by name and trained once per language."""

from __future__ import annotations

from importlib.metadata import EntryPoint, EntryPoints

import pytest
from twisted.logger import LogLevel, formatEvent, globalLogPublisher

from pytlas_wamp.assistant import interpreters
from pytlas_wamp.assistant.interpreters import (
    Interpreters,
    InterpreterStatus,
    find_interpreter,
)
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
        self.time = 1000.0
        self.names = packages
        self.mute = set()
        self.interpreters = Interpreters(
            factory=self.factory,
            cache_directory=cache,
            workers=self.workers,
            packages=self.packages,
            gaps=lambda language: [f"x has no sentences in {language}"],
            now=self.now,
        )

    def packages(self, language):
        return [] if language in self.mute else [f"{language}_{name}" for name in self.names]

    def now(self):
        self.time += 2.0
        return self.time

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
            packages=lambda language: ["a"],
            now=trained.now,
        )
        trained.get("en")
        trained.settle()
        assert log == ["1 intents understood in 'en'"]

    def test_understanding_nothing_of_sound_skills_is_a_failure(self):
        trained = Trained()
        trained.factory.understands = []
        results = trained.get("en")
        trained.settle()
        assert results.pop().getErrorMessage().startswith("training 'en' failed")

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
            now=trained.now,
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


class TestRenewing:
    """Skills have changed, and what is learnt changes with them."""

    @pytest.fixture(params=[True, False], ids=["answers while fitting", "does not"])
    def trained(self, request):
        trained = Trained()
        if request.param:
            trained.factory.caches["en"] = ["echo"]
        return trained

    def learnt(self, trained, *languages):
        found = [trained.get(language) for language in languages or ("en",)]
        trained.settle()
        trained.factory.fitted_with.clear()
        return found[0][0]

    def renew(self, trained):
        ended = []
        trained.interpreters.renew().addBoth(ended.append)
        return ended

    def test_the_new_takes_the_place_of_the_old(self, trained):
        interpreter = self.learnt(trained)
        before = interpreter.intents
        trained.factory.understands = ["echo", "new"]
        ended = self.renew(trained)
        assert (interpreter.intents, ended) == (["echo"], [])
        trained.settle()
        assert (interpreter.intents, ended) == (["echo", "new"], [None])
        assert interpreter.intents is not before
        assert trained.get("en") == [interpreter]
        assert [intent.name for intent in interpreter.parse("echo hi")] == ["echo"]

    def test_the_old_one_answers_meanwhile(self):
        trained = Trained()
        interpreter = self.learnt(trained)
        old = interpreter.current
        trained.factory.understands = ["new"]
        self.renew(trained)
        trained.workers.start()
        assert (interpreter.current, interpreter.intents) == (old, ["echo"])
        trained.arrivals.next()
        assert interpreter.current is not old
        assert old.intents == ["echo"]

    def test_one_that_answers_while_fitting_learns_itself(self):
        trained = Trained()
        trained.factory.caches["en"] = ["echo"]
        old = self.learnt(trained).current
        self.renew(trained)
        trained.settle()
        assert trained.get("en")[0].current is old

    def test_all_languages_in_use_are_renewed(self, trained):
        self.learnt(trained, "en", "fr")
        ended = self.renew(trained)
        trained.settle()
        assert trained.factory.fitted_with == [["en_one", "en_two"], ["fr_one", "fr_two"]]
        assert ended == [None]

    def test_without_any_it_is_done_at_once(self):
        assert self.renew(Trained()) == [None]

    @pytest.mark.parametrize("error", [OperatorError("too long"), RuntimeError("a bug")])
    def test_the_old_stays_when_it_fails(self, trained, log, error):
        interpreter = self.learnt(trained)
        trained.factory.failure = error
        ended = self.renew(trained)
        log.clear()
        trained.settle()
        assert (interpreter.intents, ended) == (["echo"], [None])
        assert "understood as it was learnt last time" in log[-1]
        trained.factory.failure = None
        trained.factory.understands = ["new"]
        self.renew(trained)
        trained.settle()
        assert interpreter.intents == ["new"]

    def test_what_is_being_learnt_is_learnt_once_more(self, trained):
        results = trained.get("en")
        ended = self.renew(trained)
        trained.settle()
        assert trained.factory.fitted_with == [["en_one", "en_two"]] * 2
        assert (results[0].intents, ended) == (["echo"], [None])

    def test_a_language_that_had_failed_is_tried_again(self, log):
        trained = Trained()
        trained.factory.failure = OperatorError("too long")
        trained.get("en")
        trained.settle()
        ended = self.renew(trained)
        trained.settle()
        assert (ended, log[-1]) == ([None], "! 'en': too long")
        trained.factory.failure = None
        self.renew(trained)
        trained.settle()
        assert trained.get("en")[0].intents == ["echo"]

    def test_without_room_the_old_stays(self, trained):
        interpreter = self.learnt(trained)
        trained.workers.room = 0
        assert self.renew(trained) == [None]
        assert interpreter.intents == ["echo"]
        assert trained.interpreters.status()[0].state == "failed"


class TestLanguagesWithoutSkills:
    @pytest.fixture(params=[True, False], ids=["answers while fitting", "does not"])
    def trained(self, request):
        trained = Trained()
        if request.param:
            trained.factory.caches = {"en": ["echo"], "xx": ["echo"]}
        return trained

    def live(self, trained, language):
        results = trained.get(language)
        trained.settle()
        return results[0]

    def renew(self, trained):
        ended = []
        trained.interpreters.renew().addBoth(ended.append)
        trained.settle()
        assert ended == [None]

    def test_have_nothing_made_or_trained(self, trained):
        trained.mute = {"xx"}
        self.live(trained, "xx")
        assert (trained.factory.calls, trained.factory.fitted_with) == ([], [])

    def test_have_no_folder_in_the_cache(self, tmp_path):
        trained = Trained(cache=tmp_path / "new", packages=())
        self.live(trained, "xx")
        assert not (tmp_path / "new").exists()

    def test_have_an_interpreter_that_understands_nothing(self, trained):
        trained.mute = {"xx"}
        interpreter = self.live(trained, "xx")
        assert (interpreter.lang, interpreter.intents) == ("xx", [])
        assert interpreter.parse("echo hi") == []
        assert [value.value for value in interpreter.parse_slot("any", "slot", "this")] == ["this"]
        assert trained.get("xx") == [interpreter]

    def test_are_told_in_one_line_that_is_not_told_again(self, trained, log):
        trained.mute = {"xx"}
        self.live(trained, "xx")
        self.renew(trained)
        self.live(trained, "xx")
        assert log == ["! no skill has sentences in 'xx'"]
        trained.mute = set()
        self.renew(trained)
        trained.mute = {"xx"}
        self.renew(trained)
        assert log.count("! no skill has sentences in 'xx'") == 1

    def test_are_not_in_the_status(self, trained):
        trained.mute = {"xx"}
        self.live(trained, "xx")
        self.live(trained, "en")
        assert [each.language for each in trained.interpreters.status()] == ["en"]

    def test_have_skills_that_come_later_without_being_asked_for_again(self, trained):
        trained.mute = {"xx", "yy"}
        interpreter, other = self.live(trained, "xx"), self.live(trained, "yy")
        before = interpreter.intents
        trained.mute = {"yy"}
        self.renew(trained)
        assert (interpreter.intents, other.intents) == (["echo"], [])
        assert interpreter.intents is not before
        assert trained.get("xx") == [interpreter]
        assert trained.factory.fitted_with == [["xx_one", "xx_two"]]
        assert [each.language for each in trained.interpreters.status()] == ["xx"]

    def test_understand_nothing_any_more_when_their_skills_are_gone(self, trained):
        interpreter = self.live(trained, "en")
        trained.mute = {"en"}
        self.renew(trained)
        assert (interpreter.lang, interpreter.intents) == ("en", [])
        assert interpreter.parse("echo hi") == []
        assert trained.interpreters.status() == []
        trained.mute = set()
        self.renew(trained)
        assert interpreter.intents == ["echo"]

    def test_may_lose_their_skills_before_they_are_learnt(self, trained):
        results = trained.get("en")
        trained.step()
        trained.mute = {"en"}
        trained.settle()
        assert results[0].intents == []
        assert trained.interpreters.status() == []

    def test_are_looked_for_in_one_job_however_many_there_are(self):
        trained = Trained(packages=())
        for number in range(40):
            self.live(trained, str(number))
        trained.interpreters.renew()
        assert len(trained.workers.jobs) == 1

    def test_that_cannot_be_looked_for_stay(self, log):
        trained = Trained(packages=())
        interpreter = self.live(trained, "xx")
        trained.workers.room = 0
        self.renew(trained)
        assert log[-1] == "!! could not look for new languages"
        trained.workers.room = 1
        trained.names = ("one",)
        self.renew(trained)
        assert interpreter.intents == ["echo"]

    def test_that_fail_to_learn_new_skills_say_so_until_it_works(self, trained):
        trained.mute = {"xx"}
        interpreter = self.live(trained, "xx")
        trained.mute = set()
        trained.factory.failure = OperatorError("too long")
        self.renew(trained)
        (status,) = trained.interpreters.status()
        assert (status.state, status.error, status.intents) == ("failed", "too long", 0)
        trained.factory.failure = None
        self.renew(trained)
        assert interpreter.intents == ["echo"]


class TestStatus:
    def of(self, trained):
        return [
            (each.language, each.state, each.intents, each.trained_seconds, each.trained_at)
            for each in trained.interpreters.status()
        ]

    def test_nothing_is_known_of_languages_nobody_asked_for(self):
        assert Trained().interpreters.status() == []

    def test_a_language_learns_and_is_ready(self):
        trained = Trained()
        trained.get("fr")
        trained.get("en")
        assert self.of(trained) == [
            ("en", "learning", 0, None, None),
            ("fr", "learning", 0, None, None),
        ]
        trained.settle()
        assert self.of(trained) == [
            ("en", "ready", 1, 2.0, 1008.0),
            ("fr", "ready", 1, 2.0, 1004.0),
        ]

    def test_what_was_learnt_last_time_counts_while_it_learns(self):
        trained = Trained()
        trained.factory.caches["en"] = ["echo", "gone"]
        trained.get("en")
        trained.step()
        assert self.of(trained) == [("en", "learning", 2, None, None)]

    def test_a_failure_is_told_until_it_works(self):
        trained = Trained()
        trained.factory.failure = OperatorError("too long")
        trained.get("en")
        trained.settle()
        assert trained.interpreters.status() == [
            InterpreterStatus(
                language="en",
                state="failed",
                intents=0,
                trained_seconds=None,
                trained_at=None,
                error="too long",
            )
        ]
        trained.factory.failure = None
        trained.get("en")
        trained.settle()
        assert trained.interpreters.status()[0].error is None

    def test_a_renewal_that_fails_is_told_beside_what_is_understood(self):
        trained = Trained()
        trained.get("en")
        trained.settle()
        trained.factory.failure = RuntimeError("no")
        trained.interpreters.renew()
        assert self.of(trained) == [("en", "learning", 1, 2.0, 1004.0)]
        trained.settle()
        assert self.of(trained) == [("en", "failed", 1, 2.0, 1004.0)]
        assert trained.interpreters.status()[0].error == "RuntimeError: no"


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
