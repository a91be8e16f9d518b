"""Skills are found, and become modules again and again."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from skill_folders import undone, write

from pytlas_wamp.assistant.skill_modules import (
    fingerprint,
    first_line,
    forget,
    import_anew,
    import_skill,
    make_importable,
    names_in,
)


@pytest.fixture
def folder(tmp_path):
    with undone(tmp_path):
        make_importable(tmp_path)
        yield tmp_path


class TestNames:
    def test_packages_and_single_files_are_skills(self, folder):
        write(folder, "zm_b", "")
        write(folder, "zm_a", "", package=False)
        write(folder, "zm_b", "", package=False)
        assert names_in(folder) == ["zm_a", "zm_b"]

    def test_nothing_else_is(self, folder):
        for path in ("_private.py", ".hidden.py", "readme.txt", "data/readme.txt", ".new-1/x.py"):
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).touch()
        (folder / "folder.py").mkdir()
        assert names_in(folder) == []

    def test_a_folder_that_is_missing_has_none(self, folder):
        assert names_in(folder / "missing") == []


class TestFolders:
    def test_come_last_and_once(self, folder):
        make_importable(folder)
        assert sys.path[-1] == str(folder)
        assert sys.path.count(str(folder)) == 1


class TestFingerprints:
    @pytest.fixture
    def skill(self, folder):
        write(folder, "zm_a", "x = 1")
        write(folder, "zm_a", "x = 1", file="data/part.txt")
        return folder

    def change(self, skill, do):
        before = fingerprint("zm_a", skill)
        assert fingerprint("zm_a", skill) == before
        do()
        return fingerprint("zm_a", skill) != before

    def test_another_text_changes_it(self, skill):
        assert self.change(skill, lambda: write(skill, "zm_a", "x = 22"))

    def test_another_time_changes_it(self, skill):
        path = skill / "zm_a" / "data" / "part.txt"
        now = path.stat().st_mtime_ns
        assert self.change(skill, lambda: os.utime(path, ns=(now, now + 1)))

    def test_a_new_file_and_a_lost_one_change_it(self, skill):
        assert self.change(skill, (skill / "zm_a" / "new.chatl").touch)
        assert self.change(skill, (skill / "zm_a" / "new.chatl").unlink)

    def test_a_single_file_counts_as_well(self, skill):
        assert self.change(skill, (skill / "zm_a.py").touch)

    def test_what_python_and_git_write_does_not_count(self, skill):
        assert import_skill("zm_a", skill) is None
        forget("zm_a")

        def write_beside():
            for path in (".git/HEAD", "__pycache__/x.pyc"):
                write(skill, "zm_a", "x", file=path)

        assert not self.change(skill, write_beside)

    def test_a_file_that_leads_nowhere_does_no_harm(self, skill):
        assert not self.change(
            skill, lambda: (skill / "zm_a" / "link").symlink_to(skill / "missing")
        )


class TestImporting:
    def test_a_skill_is_a_module(self, folder):
        write(folder, "zm_a", "x = 1")
        assert import_skill("zm_a", folder) is None
        assert sys.modules["zm_a"].x == 1

    @pytest.mark.parametrize("name", ["me__tea-time", "3d-tea", "été"])
    def test_a_name_may_be_that_of_a_repository(self, folder, name):
        write(folder, name, "from .part import x")
        write(folder, name, "x = 1", file="part.py")
        assert import_skill(name, folder) is None
        assert sys.modules[name].x == 1

    @pytest.mark.parametrize("name", ["zm a", "zm.a", "zm+a"])
    def test_not_every_name_will_do(self, folder, name):
        write(folder, name, "")
        assert import_skill(name, folder) == (
            f"{name!r} cannot be the name of a Python module; use letters, digits, - and _"
        )

    @pytest.mark.parametrize(
        ("name", "place"), [("json", json.__file__), ("sys", "a part of Python")]
    )
    def test_a_name_that_is_taken_is_told(self, folder, name, place):
        write(folder, name, "")
        assert import_skill(name, folder) == (
            f"the name {name!r} is taken by {place}; rename the skill"
        )

    def test_one_that_fails_leaves_nothing(self, folder):
        write(folder, "zm_a", "import zm_a.part\nraise ValueError('no\\nnever')")
        write(folder, "zm_a", "", file="part.py")
        assert import_skill("zm_a", folder) == "ValueError: no (zm_a/__init__.py, line 2)"
        assert [name for name in sys.modules if name.startswith("zm_a")] == []

    def test_the_place_is_in_the_skill_or_unknown(self, folder):
        write(folder, "zm_a", "import json\njson.loads('{')")
        assert import_skill("zm_a", folder).endswith("(zm_a/__init__.py, line 2)")
        write(folder, "zm_b", "def (")
        assert import_skill("zm_b", folder) == "SyntaxError: invalid syntax (__init__.py, line 1)"

    def test_one_that_was_imported_stays(self, folder):
        write(folder, "zm_a", "x = 1")
        import_skill("zm_a", folder)
        module = sys.modules["zm_a"]
        write(folder, "zm_a", "x = 2")
        assert import_skill("zm_a", folder) is None
        assert sys.modules["zm_a"] is module


class TestImportingAnew:
    @pytest.fixture
    def skill(self, folder, monkeypatch):
        monkeypatch.setattr(sys, "dont_write_bytecode", False)
        write(folder, "zm_a", "from .part import x")
        write(folder, "zm_a", "x = 1", file="part.py")
        import_skill("zm_a", folder)
        return folder

    def test_all_of_it_is_new(self, skill):
        write(skill, "zm_a", "x = 2", file="part.py")
        assert import_anew("zm_a", skill) is None
        assert (sys.modules["zm_a"].x, sys.modules["zm_a.part"].x) == (2, 2)

    def test_a_change_within_the_same_second_is_seen(self, skill):
        path = skill / "zm_a" / "part.py"
        when = path.stat()
        path.write_text("x = 2")
        os.utime(path, ns=(when.st_atime_ns, when.st_mtime_ns))
        assert import_anew("zm_a", skill) is None
        assert sys.modules["zm_a"].x == 2

    @pytest.mark.parametrize("code", ["import zm_a.part\n1 / 0", "def ("])
    def test_the_old_one_stays_when_it_fails(self, skill, code):
        before = {name: sys.modules[name] for name in ("zm_a", "zm_a.part")}
        write(skill, "zm_a", code)
        assert import_anew("zm_a", skill) is not None
        assert {name: sys.modules[name] for name in sys.modules if "zm_a" in name} == before

    def test_a_package_may_become_a_file(self, skill):
        for path in sorted(skill.glob("zm_a/**/*"), reverse=True):
            if path.is_file():
                path.unlink()
            else:
                path.rmdir()
        (skill / "zm_a").rmdir()
        write(skill, "zm_a", "x = 3", package=False)
        assert import_anew("zm_a", skill) is None
        assert sys.modules["zm_a"].x == 3
        assert "zm_a.part" not in sys.modules

    def test_where_no_compiled_code_can_be_it_works_as_well(self, skill, monkeypatch):
        monkeypatch.setattr(sys.implementation, "cache_tag", None)
        write(skill, "zm_a", "x = 2", file="part.py")
        assert import_anew("zm_a", skill) is None


class TestForgetting:
    def test_takes_the_whole_skill_and_no_other(self, folder):
        write(folder, "zm_a", "from . import part")
        write(folder, "zm_a", "", file="part.py")
        write(folder, "zm_a_b", "")
        import_skill("zm_a", folder)
        import_skill("zm_a_b", folder)
        assert set(forget("zm_a")) == {"zm_a", "zm_a.part"}
        assert [name for name in sys.modules if name.startswith("zm_a")] == ["zm_a_b"]

    def test_of_what_is_not_there_is_nothing(self):
        assert forget("zm_missing") == {}


class TestFirstLines:
    @pytest.mark.parametrize(
        ("error", "line"),
        [(ValueError("one\ntwo"), "ValueError: one"), (ValueError(), "ValueError")],
    )
    def test_are_short(self, error, line):
        assert first_line(error) == line


def test_the_rig_leaves_nothing(tmp_path):
    write(tmp_path, "zm_rig", "")
    with undone(tmp_path):
        make_importable(tmp_path)
        import_skill("zm_rig", tmp_path)
    assert "zm_rig" not in sys.modules
    assert str(tmp_path) not in [str(Path(place)) for place in sys.path]
