"""A broken skill never stops the others, however it is broken."""

from __future__ import annotations

import json
import sys

import pytest
from pytlas.handling.hooks import GLOBAL_HOOKS, ON_AGENT_CREATED
from pytlas.handling.localization import GLOBAL_TRANSLATIONS
from pytlas.handling.skill import GLOBAL_HANDLERS
from pytlas.understanding.training import GLOBAL_TRAININGS
from skill_folders import GOOD, registered, undone, write

from pytlas_wamp.assistant.skills import BUNDLED_DIRECTORY, SkillShelf


@pytest.fixture
def folder(tmp_path):
    """A folder for skills; whatever they register or import is gone afterwards."""
    with undone(tmp_path):
        yield tmp_path


def load(folder, **how):
    shelf = SkillShelf()
    shelf.load(folder, **how)
    return shelf


def handlers():
    return set(GLOBAL_HANDLERS._data)


class TestLoading:
    def test_packages_and_single_files_are_skills(self, folder):
        write(folder, "zt_b", GOOD)
        write(folder, "zt_a", GOOD, package=False)
        shelf = load(folder)
        assert [(s.name, s.problems, s.loaded) for s in shelf.skills] == [
            ("zt_a", (), True),
            ("zt_b", (), True),
        ]
        assert {"zt_a_do", "zt_b_do"} <= handlers()

    def test_what_is_no_skill_is_left_alone(self, folder):
        for path in ("_private.py", ".hidden.py", "readme.txt", "data/readme.txt"):
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_text("raise RuntimeError", encoding="utf-8")
        (folder / "folder.py").mkdir()
        assert load(folder).skills == []

    def test_a_folder_that_is_missing_holds_nothing(self, folder):
        assert load(folder / "missing").skills == []
        assert str(folder / "missing") not in sys.path

    def test_only_some_may_be_taken(self, folder):
        write(folder, "zt_a", GOOD)
        write(folder, "zt_b", GOOD)
        assert [skill.name for skill in load(folder, only=["zt_b"]).skills] == ["zt_b"]
        assert "zt_a_do" not in handlers()

    def test_a_name_that_stands_twice_is_one_skill(self, folder):
        write(folder, "zt_a", GOOD)
        write(folder, "zt_a", GOOD, package=False)
        assert len(load(folder).skills) == 1

    def test_a_relative_folder_will_do(self, folder, monkeypatch):
        write(folder, "zt_a", GOOD)
        monkeypatch.chdir(folder.parent)
        shelf = load(folder.relative_to(folder.parent))
        assert shelf.skills[0].problems == ()

    def test_the_bundled_ones_are_sound(self, folder):
        shelf = load(BUNDLED_DIRECTORY, bundled=True)
        assert {(skill.bundled, skill.problems) for skill in shelf.skills} == {(True, ())}


class TestFacts:
    def test_a_skill_knows_its_intents_and_languages(self, folder):
        write(folder, "zt_a", GOOD)
        skill = load(folder).skills[0]
        assert (skill.intents, skill.languages) == (["zt_a_do"], ["en"])

    def test_its_metadata_is_translated(self, folder):
        write(folder, "zt_a", GOOD)
        skill = load(folder).skills[0]
        assert [skill.meta(language).name for language in ("en", "fr")] == ["zt_a", "NOM"]

    def test_without_metadata_it_has_its_name(self, folder):
        write(folder, "zt_a", "")
        assert load(folder).skills[0].meta("en").name == "zt_a"

    def test_metadata_that_raises_is_as_none(self, folder):
        write(folder, "zt_a", 'from pytlas import meta\n@meta()\ndef about(_): return {"no": 1}\n')
        assert load(folder).skills[0].meta("en").name == "zt_a"

    def test_it_tells_its_settings(self, folder):
        code = 'from pytlas import meta\n@meta()\ndef about(_): return {"settings": ["tea.sort"]}\n'
        write(folder, "zt_a", code)
        (field,) = load(folder).skills[0].settings("en")
        assert (field.key, field.skills) == ("TEA_SORT", ("zt_a",))


LINE = " (zt_bad/__init__.py, line "
RAISES = 'from pytlas import {0}\n@{0}("en")\ndef f(): raise {1}\n'
BROKEN = {
    "syntax": ("def (", "SyntaxError: invalid syntax (__init__.py, line 1)"),
    "import": ("import zt_missing", f"ModuleNotFoundError: No module named 'zt_missing'{LINE}1)"),
    "exit": ("import sys\nsys.exit(3)", f"SystemExit: 3{LINE}2)"),
    "lines": ("raise ValueError('one\\ntwo')", f"ValueError: one{LINE}1)"),
    "empty": ("raise ValueError", f"ValueError{LINE}1)"),
}
HALF_WAY = """
from pytlas import intent
from pytlas.handling.hooks import on_agent_created
import zt_bad.part

@intent("zt_good_do")
def stolen(request): pass

@on_agent_created()
def hook(agent): pass

@intent("zt_bad_do")
def do(request): pass

raise RuntimeError("half way")
"""


class TestBrokenSkills:
    @pytest.mark.parametrize("kind", ["syntax", "import", "exit", "lines", "empty"])
    def test_one_is_left_out_and_told(self, folder, kind):
        code, problem = BROKEN[kind]
        write(folder, "zt_bad", code)
        write(folder, "zt_good", GOOD)
        bad, good = load(folder).skills
        assert (bad.loaded, bad.problems) == (False, (problem,))
        assert (good.loaded, good.problems) == (True, ())
        assert "zt_good_do" in handlers()

    def test_what_it_registered_is_taken_back(self, folder):
        write(folder, "zt_bad", HALF_WAY)
        (folder / "zt_bad" / "part.py").write_text("", encoding="utf-8")
        before = registered()
        assert load(folder).skills[0].problems == (f"RuntimeError: half way{LINE}15)",)
        assert registered() == before
        assert [name for name in sys.modules if name.startswith("zt_bad")] == []

    def test_what_it_took_from_another_is_given_back(self, folder):
        write(folder / "first", "zt_good", GOOD)
        write(folder / "second", "zt_bad", HALF_WAY)
        (folder / "second" / "zt_bad" / "part.py").write_text("", encoding="utf-8")
        good = load(folder / "first").skills[0]
        hooks = list(GLOBAL_HOOKS._data[ON_AGENT_CREATED])
        load(folder / "second")
        assert good.intents == ["zt_good_do"]
        assert GLOBAL_HOOKS._data[ON_AGENT_CREATED] == hooks

    def test_a_name_no_module_can_have_is_told(self, folder):
        write(folder, "zt bad", GOOD)
        (problem,) = load(folder).skills[0].problems
        assert problem == (
            "'zt bad' cannot be the name of a Python module; use letters, digits, - and _"
        )

    def test_a_name_of_a_repository_will_do(self, folder):
        write(folder, "me__tea-time", GOOD)
        shelf = load(folder)
        assert (shelf.skills[0].problems, shelf.skills[0].intents) == ((), ["me__tea-time_do"])
        assert shelf.packages("en") == ["me__tea-time"]

    @pytest.mark.parametrize(
        ("name", "place"), [("json", json.__file__), ("sys", "a part of Python")]
    )
    def test_a_name_that_is_taken_is_told(self, folder, name, place):
        write(folder, name, GOOD)
        skill = load(folder).skills[0]
        assert skill.problems == (f"the name {name!r} is taken by {place}; rename the skill",)
        assert not skill.loaded

    def test_the_module_that_has_the_name_stays(self, folder):
        write(folder, "json", GOOD)
        load(folder)
        assert sys.modules["json"] is json
        assert "json.decoder" in sys.modules

    def test_a_module_that_has_the_name_is_not_imported_for_it(self, folder):
        sys.modules.pop("this", None)
        write(folder, "this", GOOD)
        assert "is taken by" in load(folder).skills[0].problems[0]
        assert "this" not in sys.modules

    def test_the_skill_that_has_the_name_stays(self, folder):
        write(folder / "first", "zt_good", GOOD)
        write(folder / "second", "zt_good", GOOD)
        first, second = load(folder / "first").skills[0], load(folder / "second").skills[0]
        assert (first.intents, second.loaded) == (["zt_good_do"], False)

    @pytest.mark.parametrize("error", ["ValueError('no')", "SystemExit('no')"])
    @pytest.mark.parametrize(
        ("decorator", "what", "store"),
        [
            ("translations", "translations", GLOBAL_TRANSLATIONS),
            ("training", "training data", GLOBAL_TRAININGS),
        ],
    )
    def test_a_resource_that_raises_is_dropped(self, folder, decorator, what, store, error):
        write(folder, "zt_bad", RAISES.format(decorator, error))
        skill = load(folder).skills[0]
        name = error.partition("(")[0]
        assert (skill.loaded, skill.problems) == (True, (f"its {what} in 'en' failed: {name}: no",))
        assert store.all("en").get("zt_bad") in (None, {})


TRAINING = 'from pytlas import training\n@training("en")\ndef english(): return """{}"""\n'


class TestTraining:
    def problems(self, folder, code):
        write(folder, "zt_bad", code)
        write(folder, "zt_good", GOOD)
        shelf = load(folder)
        packages = shelf.packages("en")
        return packages, shelf.skills[0].problems

    def test_sound_data_is_used(self, folder):
        write(folder, "zt_good", GOOD)
        shelf = load(folder)
        assert (shelf.packages("en"), shelf.packages("fr")) == (["zt_good"], [])

    @pytest.mark.parametrize(
        ("data", "fault"),
        [
            ("", "is empty"),
            ("%[broken", "cannot be used: "),
            ("%[zt_x]\n  do @[thing]\n", "cannot be used: "),
        ],
        ids=["empty", "syntax", "undefined entity"],
    )
    def test_broken_data_is_left_out_and_told_once(self, folder, data, fault):
        packages, problems = self.problems(folder, TRAINING.format(data))
        assert packages == ["zt_good"]
        assert len(problems) == 1
        assert problems[0].startswith(f"its training data in 'en' {fault}")
        assert "\n" not in problems[0]

    def test_a_fault_is_noted_once(self, folder):
        write(folder, "zt_bad", TRAINING.format(""))
        shelf = load(folder)
        shelf.packages("en")
        shelf.packages("en")
        assert len(shelf.skills[0].problems) == 1

    def test_data_that_raises_the_second_time_is_told(self, folder):
        code = 'from pytlas import training\ncalls = []\n@training("en")\ndef english():\n'
        code += "    calls.append(1)\n    if len(calls) > 1: raise RuntimeError('again')\n"
        packages, problems = self.problems(folder, code)
        assert packages == ["zt_good"]
        assert problems == ("its training data in 'en' failed: RuntimeError: again",)

    def test_a_skill_that_is_left_out_is_not_trained(self, folder):
        write(folder, "zt_bad", GOOD + "\n1 / 0\n")
        assert load(folder).packages("en") == []


class TestGaps:
    def test_skills_that_know_other_languages_only_are_named_in_one_line(self, folder):
        for name, language in (("gap_one", "en"), ("gap_two", "en"), ("gap_three", "fr")):
            write(folder, name, GOOD.replace("NAME", name).replace('"en"', f'"{language}"'))
        write(folder, "gap_mute", "")
        shelf = SkillShelf()
        shelf.load(folder)
        assert shelf.gaps("fr") == [
            "2 skills have no sentences in 'fr': gap_one (it has en), gap_two (it has en)"
        ]
        assert shelf.gaps("en") == ["1 skill has no sentences in 'en': gap_three (it has fr)"]

    def test_there_may_be_none(self, folder):
        write(folder, "gap_four", GOOD.replace("NAME", "gap_four"))
        shelf = SkillShelf()
        shelf.load(folder)
        assert shelf.gaps("en") == []
