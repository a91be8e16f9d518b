"""Training as the server does it, seen by who waits for it."""

from __future__ import annotations

import logging
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console
from twisted.logger import Logger

from pytlas_wamp.assistant import interpreters
from pytlas_wamp.assistant.interpreters import Interpreters
from pytlas_wamp.cli.learning import chosen_languages, heard_warnings, learn, shown_progress
from pytlas_wamp.errors import OperatorError
from workers_for_tests import Arrivals, ManualWorkers, settle

from pytlas.understanding import Interpreter  # isort: skip - compat comes first
from pytlas.understanding.training import GLOBAL_TRAININGS  # isort: skip

CHATL = "%[lamp_on]\n  ~[please?] light on\n  shine\n\n~[please]\n  please\n"


class Pupil(Interpreter):
    """Learns by heart, and keeps what it learnt in a file."""

    def __init__(self, language, cache, *, keeps=True, fails=None):
        super().__init__("snips", language, cache)
        self.keeps, self.fails = keeps, fails
        self.on_progress = None

    def fit(self, data):
        if self.fails is not None:
            raise self.fails
        self.on_progress("by heart", 0, 1)
        self.intents = list(data["intents"])
        if self.keeps:
            with open(f"{self.cache_directory}/kept", "a+", encoding="utf-8") as file:  # noqa: PTH123
                if not file.tell():
                    file.write("12345")


class Plain(Interpreter):
    """As simple as an interpreter may be."""

    def __init__(self, language, cache):
        super().__init__("snips", language, cache)

    def fit(self, data):
        self.intents = list(data["intents"])
        logging.getLogger("plain").warning("it is %s", "dull")


class Dull(Plain):
    def fit(self, data):
        logging.getLogger("dull").error("no idea")


@pytest.fixture
def stand(tmp_path, monkeypatch):
    """`stand(make)`: learns English with an interpreter, by its factory."""
    monkeypatch.setattr(GLOBAL_TRAININGS, "_data", {"lamps": {"en": lambda: CHATL}})

    def run(make, packages=("lamps",), gaps=()):
        monkeypatch.setattr(interpreters, "find_interpreter", lambda name: make)
        steps = []
        shelf = SimpleNamespace(packages=lambda _: list(packages), gaps=lambda _: list(gaps))
        config = SimpleNamespace(cache_dir=tmp_path / "cache")
        learnt = learn(config, shelf, "en", "pupil", lambda *step: steps.append(step))
        return learnt, steps

    return run


class TestLearning:
    def test_counts_what_was_learnt(self, stand):
        learnt, _ = stand(Pupil)
        assert (learnt.language, learnt.interpreter.intents) == ("en", ["lamp_on"])
        assert (learnt.sentences, learnt.kept_bytes, learnt.trained) == (3, 5, True)
        assert learnt.seconds >= 0

    def test_tells_how_it_goes_on(self, stand):
        assert stand(Pupil)[1] == [("by heart", 0, 1)]

    def test_what_was_kept_is_not_learnt_again(self, stand):
        stand(Pupil)
        assert stand(Pupil)[0].trained is False

    def test_whoever_keeps_nothing_learns_each_time(self, stand):
        for _ in range(2):
            learnt, _ = stand(Plain)
            assert (learnt.trained, learnt.kept_bytes) == (True, 0)

    def test_the_server_finds_what_is_kept(self, stand, tmp_path):
        stand(Pupil)
        arrivals, found = Arrivals(), []
        workers = ManualWorkers(arrivals)

        def factory(language, cache):
            found.append(cache)
            return Plain(language, cache)

        server = Interpreters(
            factory=factory,
            cache_directory=tmp_path / "cache" / "pupil",
            workers=workers,
            packages=lambda _: ["lamps"],
            now=lambda: 0.0,
        )
        server.get("en")
        settle(arrivals, workers)
        assert [path.name for path in Path(found[0]).iterdir()] == ["kept"]

    def test_no_sound_skill_does_not_mean_all(self, stand):
        assert stand(Plain, packages=())[0].interpreter.intents == []

    def test_warnings_have_weak_spots_and_gaps_and_what_was_logged(self, stand):
        warnings = stand(Plain, gaps=["bells have no English"])[0].warnings
        assert (warnings[0], warnings[-1]) == ("bells have no English", "it is dull")
        assert any("lamp_on" in warning for warning in warnings[1:-1])

    def test_a_failure_is_told(self, stand):
        with pytest.raises(OperatorError, match=r"^training 'en' failed: no luck$"):
            stand(lambda *args: Pupil(*args, fails=RuntimeError("no luck")))

    def test_no_intent_at_all_is_a_failure(self, stand):
        with pytest.raises(OperatorError, match=r"^training 'en' failed: no idea$"):
            stand(Dull)

    def test_a_failure_that_says_so_itself_is_told_once(self, stand):
        with pytest.raises(OperatorError, match=r"^training failed$"):
            stand(lambda *args: Pupil(*args, fails=OperatorError("training failed")))

    def test_a_cache_that_cannot_be_is_a_warning(self, stand, tmp_path):
        (tmp_path / "cache").write_text("in the way")
        learnt = stand(Plain)[0]
        assert learnt.interpreter.cache_directory is None
        assert learnt.kept_bytes == 0
        assert any("is not kept" in warning for warning in learnt.warnings)


class TestWarnings:
    def test_both_kinds_of_logs_are_heard(self):
        with heard_warnings() as heard:
            logging.getLogger("any").warning("one %d", 1)
            Logger().warn("two {number}", number=2)
        assert heard == ["one 1", "two 2"]

    def test_less_than_a_warning_is_not(self):
        with heard_warnings() as heard:
            logging.getLogger("any").info("x")
            Logger().info("x")
        assert heard == []

    def test_weak_spots_are_told_by_others(self):
        with heard_warnings() as heard:
            Logger().warn("{weakness}", weakness="x")
        assert heard == []

    def test_nobody_listens_afterwards(self):
        with heard_warnings() as heard:
            pass
        logging.getLogger("any").warning("x")
        Logger().warn("x")
        assert heard == []


class TestProgress:
    def test_a_terminal_has_a_bar(self):
        console = Console(file=StringIO(), force_terminal=True, width=100)
        with shown_progress(console, "learning en", plain=False) as tell:
            tell("slots", 1, 4)
        assert "learning en: slots" in console.file.getvalue()

    def test_elsewhere_each_step_is_a_line(self, capsys):
        with shown_progress(Console(file=StringIO()), "learning en", plain=True) as tell:
            for step in (("intents", 0, 1), ("slots", 0, 4), ("slots", 1, 4)):
                tell(*step)
        assert capsys.readouterr().err == "learning en: intents\nlearning en: slots\n"

    def test_or_nothing(self, capsys):
        with shown_progress(Console(file=StringIO()), "learning en", plain=False) as tell:
            tell("slots", 1, 4)
        assert capsys.readouterr() == ("", "")


class TestLanguages:
    @staticmethod
    def shelf(*skills):
        return SimpleNamespace(
            skills=[SimpleNamespace(loaded=loaded, languages=codes) for loaded, codes in skills]
        )

    def test_all_that_skills_speak(self):
        shelf = self.shelf((True, ["fr", "en"]), (True, ["de", "en"]))
        assert chosen_languages(shelf, []) == ["de", "en", "fr"]

    def test_those_asked_for_once_each(self):
        assert chosen_languages(self.shelf((True, ["fr", "en"])), ["fr-FR", "FR"]) == ["fr"]

    def test_one_that_nobody_speaks_is_told(self):
        with pytest.raises(OperatorError, match=r"no skill speaks 'de'; .*: en, fr$"):
            chosen_languages(self.shelf((True, ["fr", "en"]), (False, ["de"])), ["de"])

    def test_no_language_at_all_is_told(self):
        with pytest.raises(OperatorError, match="languages: none"):
            chosen_languages(self.shelf(), ["de"])
        with pytest.raises(OperatorError, match="nothing to learn"):
            chosen_languages(self.shelf(), [])
