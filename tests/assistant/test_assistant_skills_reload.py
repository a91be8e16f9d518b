"""A shelf takes up what has changed in its folders, and agents notice nothing of it."""

from __future__ import annotations

import shutil
import sys

import pytest
from agent_rigs import Hosted
from pytlas.handling.hooks import GLOBAL_HOOKS, ON_AGENT_CREATED
from pytlas.handling.skill import GLOBAL_HANDLERS
from skill_folders import GOOD, registered, undone, write

from pytlas_wamp.assistant.skills import ReloadReport, SkillShelf
from transcript_assistant import WordInterpreter

HOOKED = """
from pytlas.handling.hooks import on_agent_created

@on_agent_created()
def hook(agent): agent.meta["hooked"] = agent.meta.get("hooked", 0) + 1
"""


ASKING = GOOD.replace('answer(request._("hello"))', 'ask("x", "?")').replace(
    "    request.agent.done()\n", ""
)


def report(*, added=(), removed=(), changed=(), problems=()):
    return ReloadReport(added=added, removed=removed, changed=changed, problems=problems)


@pytest.fixture
def folder(tmp_path):
    with undone(tmp_path):
        yield tmp_path / "skills"


@pytest.fixture
def shelf(folder):
    """Two skills, `zl_a` and `zl_b`."""
    write(folder, "zl_a", GOOD + HOOKED)
    write(folder, "zl_b", GOOD)
    shelf = SkillShelf()
    shelf.load(folder)
    return shelf


def names(shelf):
    return [skill.name for skill in shelf.skills]


def answer_of(skill):
    """What it says, from its text."""
    hosted = Hosted(WordInterpreter("en", [f"{skill}_do"]))
    hosted.agent._interpreter.intents = [f"{skill}_do"]
    hosted.agent._states_of = None
    hosted.say(f"{skill}_do")
    return [told[1] for told in hosted.take() if told[0] == "answer"]


class TestUnchanged:
    def test_nothing_happens(self, shelf):
        before, modules, stores = list(shelf.skills), dict(sys.modules), registered()
        assert shelf.reload() == report()
        assert shelf.skills == before
        assert registered() == stores
        assert {name: sys.modules[name] for name in modules} == modules

    def test_without_a_folder_there_is_nothing_to_do(self):
        assert SkillShelf().reload() == report()


class TestAdded:
    def test_a_new_skill_takes_part(self, folder, shelf):
        shelf.packages("en")
        write(folder, "zl_ab", GOOD)
        assert shelf.reload() == report(added=("zl_ab",))
        assert names(shelf) == ["zl_a", "zl_ab", "zl_b"]
        assert shelf.packages("en") == ["zl_a", "zl_ab", "zl_b"]
        assert answer_of("zl_ab") == ["hello from zl_ab"]

    def test_the_folder_may_be_new_as_well(self, folder):
        shelf = SkillShelf()
        shelf.load(folder)
        write(folder, "zl_a", GOOD)
        assert shelf.reload() == report(added=("zl_a",))

    def test_one_that_fails_is_told(self, folder, shelf):
        write(folder, "zl_c", "raise ValueError('no')")
        problem = "ValueError: no (zl_c/__init__.py, line 1)"
        assert shelf.reload() == report(problems=(f"zl_c: {problem}",))
        assert (shelf.skills[2].problems, shelf.skills[2].loaded) == ((problem,), False)
        assert shelf.reload() == report(problems=(f"zl_c: {problem}",))

    def test_only_those_that_were_asked_for(self, folder):
        shelf = SkillShelf()
        shelf.load(folder, only=["zl_b"])
        write(folder, "zl_a", GOOD)
        write(folder, "zl_b", GOOD)
        assert shelf.reload() == report(added=("zl_b",))


class TestChanged:
    def test_the_new_version_takes_part(self, folder, shelf):
        write(folder, "zl_a", GOOD.replace("hello from", "good day from").replace('"en"', "'en'"))
        assert shelf.reload() == report(changed=("zl_a",))
        assert answer_of("zl_a") == ["good day from zl_a"]
        assert names(shelf) == ["zl_a", "zl_b"]

    def test_any_file_of_it_counts(self, folder, shelf):
        write(folder, "zl_a", "hello", file="data/text.txt")
        assert shelf.reload() == report(changed=("zl_a",))
        assert shelf.reload() == report()

    def test_what_it_does_not_register_any_more_is_gone(self, folder, shelf):
        write(folder, "zl_a", GOOD.replace("NAME_do", "NAME_new"))
        shelf.reload()
        assert (shelf.skills[0].intents, GLOBAL_HANDLERS.get("zl_a_do")) == (["zl_a_new"], None)

    def test_a_hook_fires_once(self, folder, shelf):
        write(folder, "zl_a", GOOD + HOOKED + "\n")
        shelf.reload()
        shelf.reload()
        assert len(GLOBAL_HOOKS._data[ON_AGENT_CREATED]) == 1
        assert Hosted().agent.meta["hooked"] == 1

    def test_its_training_data_is_looked_at_anew(self, folder, shelf):
        assert shelf.packages("en") == ["zl_a", "zl_b"]
        write(folder, "zl_a", GOOD.replace("do NAME", "do @[nothing]"))
        assert shelf.reload().problems[0].startswith("zl_a: its training data in 'en' cannot be")
        assert shelf.packages("en") == ["zl_b"]
        write(folder, "zl_a", GOOD)
        assert shelf.reload() == report(changed=("zl_a",))
        assert shelf.packages("en") == ["zl_a", "zl_b"]

    def test_what_its_training_data_lacked_may_come_with_another_skill(self, folder, shelf):
        write(folder, "zl_b", GOOD.replace("do NAME", "do @[thing]"))
        assert len(shelf.reload().problems) == 1
        data = "do NAME now\n\n@[thing]\n  tea\n"
        write(folder, "zl_a", GOOD.replace("do NAME now\n", data))
        assert shelf.reload() == report(changed=("zl_a",))
        assert shelf.packages("en") == ["zl_a", "zl_b"]
        assert [skill.problems for skill in shelf.skills] == [(), ()]

    def test_of_two_that_handle_the_same_the_later_one_still_does(self, folder):
        for name in ("zl_a", "zl_b"):
            write(folder, name, GOOD.replace("NAME_do", "zl_same_do"))
        shelf = SkillShelf()
        shelf.load(folder)
        write(folder, "zl_a", GOOD.replace("NAME_do", "zl_same_do") + "\n")
        shelf.reload()
        assert shelf.skills[1].intents == ["zl_same_do"]
        shutil.rmtree(folder / "zl_b")
        shelf.reload()
        assert shelf.skills[0].intents == ["zl_same_do"]

    def test_one_that_another_imports_stays_registered(self, folder):
        write(folder, "zl_a", "import zl_b\n" + GOOD)
        write(folder, "zl_b", GOOD)
        shelf = SkillShelf()
        shelf.load(folder)
        write(folder, "zl_a", "import zl_b\n" + GOOD + "\n")
        assert shelf.reload() == report(changed=("zl_a",))
        shutil.rmtree(folder / "zl_a")
        assert shelf.reload() == report(removed=("zl_a",))
        assert shelf.skills[0].intents == ["zl_b_do"]

    def test_one_that_failed_is_tried_again(self, folder, shelf):
        path = write(folder, "zl_c", "raise ValueError('no')")
        shelf.reload()
        path.write_text(GOOD.replace("NAME", "zl_c"))
        assert shelf.reload() == report(changed=("zl_c",))
        assert shelf.skills[2].loaded


BROKEN = ["1 / 0", "def (", "import zl_missing", "import sys\nsys.exit(1)"]


class TestBrokenVersions:
    @pytest.mark.parametrize("code", BROKEN)
    def test_the_one_before_goes_on(self, folder, shelf, code):
        stores, modules = registered(), dict(sys.modules)
        write(folder, "zl_a", GOOD.replace("NAME_do", "NAME_new") + HOOKED + code)
        told = shelf.reload()
        (problem,) = shelf.skills[0].problems
        assert told == report(problems=(f"zl_a: {problem}",))
        assert problem.startswith("its new version cannot be used, so the one before goes on: ")
        assert shelf.skills[0].loaded
        assert registered() == stores
        assert {name: sys.modules[name] for name in modules} == modules
        assert shelf.packages("en") == ["zl_a", "zl_b"]
        assert answer_of("zl_a") == ["hello from zl_a"]

    def test_only_the_latest_problem_is_told(self, folder, shelf):
        write(folder, "zl_a", "1 / 0")
        shelf.reload()
        write(folder, "zl_a", "raise ValueError")
        shelf.reload()
        assert [problem.rpartition(": ")[2] for problem in shelf.skills[0].problems] == [
            "ValueError (zl_a/__init__.py, line 1)"
        ]

    def test_it_is_forgotten_with_a_sound_one(self, folder, shelf):
        write(folder, "zl_a", "1 / 0")
        shelf.reload()
        write(folder, "zl_a", GOOD)
        assert shelf.reload() == report(changed=("zl_a",))
        assert shelf.skills[0].problems == ()

    def test_an_old_problem_stays_with_the_old_version(self, folder):
        write(folder, "zl_a", GOOD.replace('return """', 'raise ValueError or """'))
        shelf = SkillShelf()
        shelf.load(folder)
        assert len(shelf.skills[0].problems) == 1
        write(folder, "zl_a", "1 / 0")
        shelf.reload()
        assert len(shelf.skills[0].problems) == 2

    def test_what_raises_in_a_new_version_is_left_out(self, folder, shelf):
        write(folder, "zl_a", GOOD.replace('return {"hello"', 'return 1 / 0, {"hello"'))
        told = shelf.reload()
        assert told.changed == ("zl_a",)
        assert told.problems == (
            "zl_a: its translations in 'en' failed: ZeroDivisionError: division by zero",
        )
        assert answer_of("zl_a") == ["hello"]

    def test_another_skill_that_it_imported_is_known(self, folder, shelf):
        write(folder, "zl_a", "import zl_c\n1 / 0")
        write(folder, "zl_c", GOOD)
        told = shelf.reload()
        assert (told.added, told.changed) == (("zl_c",), ())
        assert shelf.skills[2].intents == ["zl_c_do"]


class TestRemoved:
    def test_nothing_of_it_is_left(self, folder):
        empty, modules = registered(), set(sys.modules)
        write(folder, "zl_a", GOOD + HOOKED + "from . import part\n")
        write(folder, "zl_a", "", file="part.py")
        shelf = SkillShelf()
        shelf.load(folder)
        shutil.rmtree(folder / "zl_a")
        assert shelf.reload() == report(removed=("zl_a",))
        assert (shelf.skills, shelf.packages("en")) == ([], [])
        assert registered() == empty
        assert set(sys.modules) == modules

    def test_the_others_stay(self, folder, shelf):
        shutil.rmtree(folder / "zl_a")
        shelf.reload()
        assert names(shelf) == ["zl_b"]
        assert answer_of("zl_b") == ["hello from zl_b"]

    def test_one_that_failed_may_go_too(self, folder, shelf):
        write(folder, "zl_c", "1 / 0")
        shelf.reload()
        shutil.rmtree(folder / "zl_c")
        assert shelf.reload() == report(removed=("zl_c",))

    def test_one_of_a_taken_name_takes_nothing_along(self, folder, tmp_path):
        write(tmp_path / "bundled", "zl_a", GOOD)
        shelf = SkillShelf()
        shelf.load(tmp_path / "bundled", bundled=True)
        write(folder, "zl_a", GOOD)
        shelf.load(folder)
        assert [skill.loaded for skill in shelf.skills] == [True, False]
        shutil.rmtree(folder / "zl_a")
        assert shelf.reload() == report(removed=("zl_a",))
        assert shelf.skills[0].intents == ["zl_a_do"]
        assert "zl_a" in sys.modules

    def test_it_may_come_back(self, folder, shelf):
        shutil.rmtree(folder / "zl_a")
        shelf.reload()
        write(folder, "zl_a", GOOD)
        assert shelf.reload() == report(added=("zl_a",))


class TestBundled:
    def test_they_are_not_reloaded(self, folder):
        write(folder, "zl_a", GOOD)
        shelf = SkillShelf()
        shelf.load(folder, bundled=True)
        write(folder, "zl_a", "1 / 0")
        write(folder, "zl_b", GOOD)
        assert shelf.reload() == report()
        assert names(shelf) == ["zl_a"]

    def test_another_shelf_may_have_them_as_well(self, folder):
        write(folder, "zl_a", GOOD)
        first, second = SkillShelf(), SkillShelf()
        first.load(folder, bundled=True)
        second.load(folder)
        assert second.skills[0].intents == ["zl_a_do"]
        write(folder, "zl_a", GOOD.replace("NAME_do", "NAME_new"))
        second.reload()
        assert second.skills[0].intents == ["zl_a_new"]


class TestRunningAgents:
    def test_a_question_of_a_skill_that_is_removed_ends(self, folder):
        write(folder, "zl_a", ASKING)
        shelf = SkillShelf()
        shelf.load(folder)
        hosted = Hosted(WordInterpreter("en", ["zl_a_do"]))
        hosted.agent._interpreter.fit_from_skill_data()
        hosted.say("zl_a_do")
        assert hosted.take()[-1][:2] == ("ask", "x")
        shutil.rmtree(folder / "zl_a")
        shelf.reload()
        hosted.say("anything")
        assert hosted.take() == [("done", False)]

    def test_a_question_is_answered_by_the_new_version(self, folder):
        write(folder, "zl_a", ASKING)
        shelf = SkillShelf()
        shelf.load(folder)
        hosted = Hosted(WordInterpreter("en", ["zl_a_do"]))
        hosted.agent._interpreter.fit_from_skill_data()
        hosted.say("zl_a_do")
        write(folder, "zl_a", GOOD)
        shelf.reload()
        hosted.take()
        hosted.say("anything")
        answers = [told[1] for told in hosted.take() if told[0] == "answer"]
        assert answers == ["hello from zl_a"]
