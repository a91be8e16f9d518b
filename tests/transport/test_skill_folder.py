"""The folder of the user's skills."""

from __future__ import annotations

import sys

import pytest

from pytlas_wamp.assistant.skill_sources import BadSource
from pytlas_wamp.transport.skill_folder import SkillFolder


@pytest.fixture
def folder(tmp_path):
    directory = tmp_path / "skills"
    (directory / "o__weather-1" / ".git").mkdir(parents=True)
    for name in ("own", "with.dot", "_hidden"):
        (directory / name).mkdir()
    (directory / "single.py").touch()
    (tmp_path / "outside").mkdir()
    return SkillFolder(directory=directory, environ={"PATH": "/bin", "LANG": "C"})


class TestSkillFolder:
    @pytest.mark.parametrize("name", ["o__weather-1", "own"])
    def test_has_what_is_in_it(self, folder, name):
        assert folder.has(name)

    @pytest.mark.parametrize(
        "name",
        [
            "none",
            "single",
            "single.py",
            "",
            ".",
            "..",
            "../outside",
            "own/../own",
            "-own",
            "o:own",
            "with.dot",
            "_hidden",
        ],
    )
    def test_has_nothing_else(self, folder, name):
        assert not folder.has(name)
        assert not folder.has_git(name)

    def test_knows_what_came_with_git(self, folder):
        assert [folder.has_git(name) for name in ("o__weather-1", "own")] == [True, False]

    def test_takes_no_source_that_could_be_an_option(self, folder):
        with pytest.raises(BadSource):
            folder.check_source("--upload-pack=x")
        folder.check_source("atlassistant/weather")

    def test_takes_local_sources_only_where_that_is_allowed(self, folder, tmp_path):
        with pytest.raises(BadSource):
            folder.check_source(str(tmp_path / "outside"))
        directory = folder.directory
        lenient = SkillFolder(directory=directory, environ={}, allow_local=True)
        lenient.check_source(str(tmp_path / "outside"))
        assert "--allow-local" in lenient.command("add", "x")

    def test_knows_the_process_that_changes_it(self, folder):
        program, *arguments = folder.command("remove", "own")
        assert program == sys.executable
        assert arguments[-4:] == ["remove", str(folder.directory), "--", "own"]

    def test_gives_that_process_the_environment_of_the_server_and_no_terminal(self, folder):
        environment = folder.environment()
        assert (environment["LANG"], environment["GIT_TERMINAL_PROMPT"]) == ("C", "0")
