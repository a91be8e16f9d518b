"""Skills come through git, from a repository that the test has made."""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pytlas.supporting import manager

from pytlas_wamp.assistant.skill_child import main
from pytlas_wamp.assistant.skill_sources import command, environment

CONFIG = {
    "user.name": "Me",
    "user.email": "me@example.org",
    "init.defaultBranch": "main",
    "protocol.file.allow": "always",
    "commit.gpgSign": "false",
}


def git(folder, *arguments):
    options = [part for name, value in CONFIG.items() for part in ("-c", f"{name}={value}")]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(  # noqa: S603 - the test's own words
        ["git", *options, *arguments],  # noqa: S607 - wherever it is installed
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        env={**environ, "GIT_CONFIG_NOSYSTEM": "1"},
    )
    return done.stdout.strip()


class Repository:
    """One that skills come from."""

    def __init__(self, folder):
        self.path = folder
        folder.mkdir(parents=True)
        git(folder, "init", "-q")

    def write(self, **files):
        for name, text in files.items():
            (self.path / name.replace("_txt", ".txt").replace("_py", ".py")).write_text(text)
        git(self.path, "add", "-A")
        git(self.path, "commit", "-q", "-m", "more")


class Stand:
    """A folder of skills, and the program that is asked for something."""

    def __init__(self, folder):
        self.skills = folder / "skills"
        self.repository = Repository(folder / "me" / "tea")
        self.repository.write(__init___py="VERSION = 1\n")

    def run(self, kind, *names, local=True):
        out = io.StringIO()
        options = ["--allow-local"] if local else []
        code = main([*options, kind, str(self.skills), "--", *names], out)
        return code, out.getvalue()

    def add(self):
        return self.run("add", str(self.repository.path))

    @property
    def there(self):
        return sorted(path.name for path in self.skills.iterdir()) if self.skills.exists() else []

    @property
    def version(self):
        return (self.skills / "me__tea" / "__init__.py").read_text()


@pytest.fixture
def stand(tmp_path, monkeypatch):
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    for name, value in environment(os.environ, allow_local=True).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    return Stand(tmp_path)


class TestAdding:
    def test_a_skill_is_there_under_its_name(self, stand):
        code, told = stand.add()
        assert (code, stand.there) == (0, ["me__tea"])
        assert stand.version == "VERSION = 1\n"
        assert 'Processing "me/tea" from "file://' in told

    def test_what_git_says_is_told(self, stand):
        assert "Cloning into " in stand.add()[1]

    def test_one_that_is_there_is_updated(self, stand):
        stand.add()
        stand.repository.write(__init___py="VERSION = 2\n")
        code, told = stand.add()
        assert (code, stand.version) == (0, "VERSION = 2\n")
        assert "me__tea is there already, so it is updated" in told

    def test_what_holds_no_skill_is_told(self, stand):
        Repository(stand.repository.path.parent / "jam").write(readme_txt="jam")
        code, told = stand.run("add", str(stand.repository.path.parent / "jam"))
        assert (code, stand.there) == (1, [])
        assert "holds no skill: it has no __init__.py at its root" in told

    def test_what_git_cannot_fetch_is_told(self, stand):
        (stand.repository.path.parent / "jam").mkdir()
        code, told = stand.run("add", str(stand.repository.path.parent / "jam"))
        assert (code, stand.there) == (1, [])
        assert "fatal:" in told
        assert 'Could not install skill "me/jam"' in told

    @pytest.mark.parametrize("source", ["-x", "ext::sh -c id", "http://a/b/c"])
    def test_a_source_that_is_refused_is_told(self, stand, source):
        code, told = stand.run("add", source)
        assert (code, stand.there) == (1, [])
        assert told.startswith("The skill's source ")
        assert told.count("\n") == 1

    def test_a_local_one_is_refused_unless_allowed(self, stand):
        assert stand.run("add", str(stand.repository.path), local=False)[0] == 1

    def test_the_others_are_tried_when_one_fails(self, stand):
        assert stand.run("add", "nonsense", str(stand.repository.path))[0] == 1
        assert stand.there == ["me__tea"]

    def test_without_git_it_is_told(self, stand, monkeypatch, tmp_path):
        monkeypatch.setenv("PATH", str(tmp_path))
        code, told = stand.add()
        assert (code, stand.there) == (1, [])
        assert told.endswith("git: No such file or directory\n")

    def test_a_folder_that_cannot_be_made_is_told(self, stand):
        stand.skills.write_text("a file in the way")
        code, told = stand.add()
        assert code == 1
        assert f"{stand.skills}: File exists" in told

    def test_whatever_goes_wrong_meanwhile_leaves_nothing(self, stand):
        class Deaf(io.StringIO):
            def write(self, text):
                if text.startswith("Cloning"):
                    raise RuntimeError("nobody listens")
                return super().write(text)

        arguments = ["--allow-local", "add", str(stand.skills), "--", str(stand.repository.path)]
        with pytest.raises(RuntimeError, match="nobody listens"):
            main(arguments, Deaf())
        assert stand.there == []


class TestRequirements:
    def test_are_installed_by_this_pythons_pip(self, stand):
        stand.repository.write(requirements_txt="pytlas\n")
        code, told = stand.add()
        assert (code, stand.there) == (0, ["me__tea"])
        assert "Requirement already satisfied: pytlas in " in told

    def test_that_cannot_be_installed_leave_nothing(self, stand):
        stand.repository.write(requirements_txt="./missing\n")
        code, told = stand.add()
        assert (code, stand.there) == (1, [])
        assert "missing" in told

    def test_another_pytlas_is_none_for_it(self, stand):
        stand.repository.write(requirements_txt="pytlas>=99\n")
        code, told = stand.add()
        assert (code, stand.there) == (1, [])
        assert 'does not satisfy skill dependency "pytlas>=99"' in told


class TestUpdating:
    def test_the_newest_version_is_there(self, stand):
        stand.add()
        stand.repository.write(__init___py="VERSION = 2\n")
        code, told = stand.run("update", "me__tea")
        assert (code, stand.version) == (0, "VERSION = 2\n")
        assert 'Successfully updated "me/tea"' in told

    def test_without_names_all_that_came_through_git(self, stand):
        stand.add()
        (stand.skills / "own").mkdir()
        stand.repository.write(__init___py="VERSION = 2\n")
        assert stand.run("update")[0] == 0
        assert stand.version == "VERSION = 2\n"

    def test_one_that_cannot_be_installed_goes_back(self, stand):
        stand.add()
        stand.repository.write(__init___py="VERSION = 2\n", requirements_txt="./missing\n")
        code, told = stand.run("update", "me/tea")
        assert (code, stand.version) == (1, "VERSION = 1\n")
        assert "me__tea goes back to the version before" in told

    def test_one_that_git_cannot_fetch_stays(self, stand):
        stand.add()
        stand.repository.path.rename(stand.repository.path.with_name("gone"))
        code, told = stand.run("update", "me__tea")
        assert (code, stand.version) == (1, "VERSION = 1\n")
        assert "goes back" not in told

    def test_one_that_did_not_come_through_git_is_told(self, stand):
        (stand.skills / "own").mkdir(parents=True)
        code, told = stand.run("update", "own")
        assert code == 1
        assert "Not a git repository" in told

    def test_one_that_is_not_there_is_told(self, stand):
        assert stand.run("update", "me__tea") == (
            1,
            f"There is no folder of a skill 'me__tea' in {stand.skills}.\n",
        )


class TestRemoving:
    def test_it_is_gone(self, stand):
        stand.add()
        assert stand.run("remove", "me__tea")[0] == 0
        assert stand.there == []

    @pytest.mark.parametrize("name", ["..", "me__jam", "../me"])
    def test_nothing_else_is(self, stand, name):
        stand.add()
        assert stand.run("remove", name)[0] == 1
        assert stand.there == ["me__tea"]
        assert stand.repository.path.exists()

    def test_a_folder_that_cannot_be_deleted_is_told(self, stand):
        stand.skills.mkdir()
        (stand.skills / "link").symlink_to(stand.repository.path)
        code, told = stand.run("remove", "link")
        assert code == 1
        assert "Could not delete" in told
        assert stand.repository.path.exists()


class TestTheProcess:
    def run(self, stand, kind, *names):
        return subprocess.run(  # noqa: S603 - this Python
            command(kind, stand.skills, names, allow_local=True),
            env=environment(os.environ, allow_local=True),
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=60,
        )

    def test_does_the_same(self, stand):
        done = self.run(stand, "add", str(stand.repository.path))
        assert (done.returncode, done.stderr, stand.there) == (0, "", ["me__tea"])
        assert "Cloning into" in done.stdout
        assert self.run(stand, "remove", "me__jam").returncode == 1

    def test_leaves_nothing_when_it_is_ended(self, stand, tmp_path, monkeypatch):
        slow = tmp_path / "bin" / "git"
        slow.parent.mkdir()
        slow.write_text('#!/bin/sh\nmkdir "$3"\necho begun\nexec sleep 60\n')
        slow.chmod(0o755)
        environ = environment(os.environ, allow_local=True)
        environ["PATH"] = f"{slow.parent}:{environ['PATH']}"
        with subprocess.Popen(  # noqa: S603 - this Python
            command("add", stand.skills, [str(stand.repository.path)], allow_local=True),
            env=environ,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert "begun\n" in iter(process.stdout.readline, "")
            assert [name.startswith(".new-") for name in stand.there] == [True]
            process.terminate()
            assert process.wait(60) == 1
        assert stand.there == []

    def test_leaves_what_it_borrowed_as_it_was(self, stand):
        before = (manager.subprocess, logging.getLogger().level, logging.getLogger().handlers[:])
        stand.add()
        after = (manager.subprocess, logging.getLogger().level, logging.getLogger().handlers[:])
        assert after == before

    def test_wants_to_know_what_to_do(self, capsys):
        with pytest.raises(SystemExit):
            main(["dance", "/skills"], sys.stdout)
        assert "invalid choice" in capsys.readouterr().err

    def test_may_have_nothing_to_do(self, tmp_path):
        assert main(["remove", str(tmp_path)], io.StringIO()) == 0
        assert main(["update", str(Path(tmp_path, "missing"))], io.StringIO()) == 0
