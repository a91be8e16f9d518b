"""The command line, called as a person calls it, on a data folder of its own."""

from __future__ import annotations

import sys

import pytest
from click.testing import CliRunner
from pytlas.handling.hooks import GLOBAL_HOOKS
from pytlas.handling.localization import GLOBAL_TRANSLATIONS
from pytlas.handling.skill import GLOBAL_HANDLERS, GLOBAL_METAS
from pytlas.settings import CONFIG
from pytlas.understanding.training import GLOBAL_TRAININGS

from pytlas_wamp.assistant.skills import BUNDLED_DIRECTORY
from pytlas_wamp.cli import main

BROKEN = "raise RuntimeError('no lamps here')\n"


@pytest.fixture
def pytlas_as_new():
    """Loads skills into pytlas' global stores, and leaves those as they were."""
    stores = (GLOBAL_HANDLERS, GLOBAL_TRAININGS, GLOBAL_TRANSLATIONS, GLOBAL_METAS, GLOBAL_HOOKS)
    before = [(store, store._data) for store in stores]
    config, path, modules = CONFIG.config, list(sys.path), set(sys.modules)
    for store in stores:
        store.reset()
    yield
    for store, data in before:
        store._data = data
    CONFIG.reset()
    CONFIG.config = config
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        if name.partition(".")[0] in {entry.name for entry in BUNDLED_DIRECTORY.iterdir()}:
            del sys.modules[name]


@pytest.fixture
def call(tmp_path, pytlas_as_new):
    """Calls `pytlas-wamp` with these words."""

    def run(*words: str, typed: str = ""):
        runner = CliRunner(mix_stderr=False)
        arguments = ["--data-dir", str(tmp_path / "data"), *words]
        return runner.invoke(main, arguments, input=typed, catch_exceptions=False)

    return run


@pytest.fixture
def ann(call):
    call("user", "add", "ann", "--password-stdin", typed="a good password\n")


def said(result) -> str:
    assert result.exit_code == 0, result.stderr
    return result.stdout


def refused(result) -> str:
    assert result.exit_code == 1
    assert "Traceback" not in result.stderr
    assert result.stderr.startswith("pytlas-wamp: ")
    return result.stderr


class TestUser:
    def test_add_tells_who_was_added(self, call):
        result = call(
            "user", "add", "ann", "--admin", "--language", "fr-FR", "--password-stdin", typed="x1\n"
        )

        assert said(result) == "added the administrator ann, who speaks fr-FR\n"

    def test_add_asks_for_the_password_twice(self, call):
        assert "added the user bob" in said(call("user", "add", "bob", typed="secret\nsecret\n"))

    def test_add_does_not_show_the_password(self, call):
        assert "secret" not in said(call("user", "add", "bob", typed="secret\nsecret\n"))

    def test_a_name_is_taken_once(self, call, ann):
        result = call("user", "add", "Ann", "--password-stdin", typed="x\n")

        assert "ann" in refused(result).lower()

    def test_a_bad_language_is_named(self, call):
        result = call(
            "user", "add", "bob", "--language", "klingon", "--password-stdin", typed="x\n"
        )

        assert "klingon" in refused(result)

    def test_an_empty_password_is_refused(self, call):
        assert "assword" in refused(call("user", "add", "bob", "--password-stdin", typed="\n"))

    def test_list_shows_everybody(self, call, ann):
        assert "ann" in said(call("user", "list"))

    def test_list_says_who_may_not_sign_in(self, call, ann):
        said(call("user", "disable", "ann"))

        assert "no" in said(call("user", "list")).splitlines()[3]

    def test_enable_lets_in_again(self, call, ann):
        said(call("user", "disable", "ann"))
        said(call("user", "enable", "ann"))

        assert "yes" in said(call("user", "list")).splitlines()[3]

    def test_passwd_gives_a_new_password(self, call, ann):
        result = call("user", "passwd", "ann", "--password-stdin", typed="another\n")

        assert said(result) == "ann has a new password\n"

    def test_language_changes(self, call, ann):
        said(call("user", "language", "ann", "fr-FR"))

        assert "fr-FR" in said(call("user", "list"))

    def test_delete_asks_first(self, call, ann):
        result = call("user", "delete", "ann", typed="n\n")

        assert result.exit_code == 1
        assert "ann" in said(call("user", "list"))

    def test_delete_removes(self, call, ann):
        said(call("user", "delete", "ann", "--yes"))

        assert "ann" not in said(call("user", "list"))

    @pytest.mark.parametrize("command", ["disable", "enable", "passwd", "delete"])
    def test_an_unknown_name_is_named(self, call, command):
        words = {"passwd": ["--password-stdin"], "delete": ["--yes"]}.get(command, [])

        assert "nobody" in refused(call("user", command, "nobody", *words, typed="x\n"))


class TestUserSetting:
    def test_is_set_and_shown(self, call, ann):
        said(call("user", "setting", "ann", "weather.api_key", "k1"))

        assert said(call("user", "setting", "ann", "weather.api_key")) == "k1\n"

    def test_all_are_listed_in_the_form_skills_read(self, call, ann):
        said(call("user", "setting", "ann", "weather.api_key", "k1"))
        said(call("user", "setting", "ann", "CITY", "Rouen"))

        assert said(call("user", "setting", "ann")) == "CITY=Rouen\nWEATHER_API_KEY=k1\n"

    def test_is_deleted(self, call, ann):
        said(call("user", "setting", "ann", "city", "Rouen"))
        said(call("user", "setting", "ann", "city", "--delete"))

        assert said(call("user", "setting", "ann")) == ""

    def test_one_that_is_not_there_is_named(self, call, ann):
        assert "weather.api_key" in refused(call("user", "setting", "ann", "weather.api_key"))

    def test_the_user_id_cannot_be_overwritten(self, call, ann):
        assert "uid" in refused(call("user", "setting", "ann", "uid", "7")).lower()


class TestSkills:
    def test_list_shows_bundled_skills_without_markdown(self, call):
        shown = said(call("skills", "list"))

        assert "home_lights" in shown
        assert "**" not in shown

    def test_list_speaks_the_language_asked_for(self, call):
        assert said(call("skills", "list", "--language", "fr")) != said(call("skills", "list"))

    def test_list_shows_what_is_wrong_with_a_broken_one(self, call, tmp_path):
        (tmp_path / "data" / "skills" / "lamps").mkdir(parents=True)
        (tmp_path / "data" / "skills" / "lamps" / "__init__.py").write_text(BROKEN)

        result = call("skills", "list")

        assert result.exit_code == 1
        assert "lamps (left out)" in result.stdout
        assert "home_lights" in result.stdout
        assert "skill lamps: RuntimeError: no lamps here (lamps/__init__.py, line 1)" in (
            result.stderr
        )


class TestCheck:
    def test_says_that_all_is_well(self, call):
        assert said(call("check")) == "all is well\n"

    def test_shows_all_problems_at_once(self, call, tmp_path):
        data = tmp_path / "data"
        (data / "skills" / "lamps").mkdir(parents=True)
        (data / "skills" / "lamps" / "__init__.py").write_text(BROKEN)
        (data / "pytlas.sqlite3").write_text("this is no database, and long enough to tell")
        (data / "pytlas.ini").write_text("[server]\ninterpreter = oracle\n")

        result = call("check")

        assert result.exit_code == 1
        assert [line.partition(" ")[0] for line in result.stdout.splitlines()] == ["problem:"] * 3
        for word in ("oracle", "pytlas.sqlite3", "lamps"):
            assert word in result.stdout

    def test_shows_all_problems_of_the_configuration(self, call, tmp_path):
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "pytlas.ini").write_text(
            "[server]\nmax_depth = deep\naccess_lifetime_seconds = 1\n"
        )

        result = call("check")

        assert result.exit_code == 1
        assert result.stdout.count("problem:") == 2

    def test_shows_warnings_without_failing(self, call, tmp_path):
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "pytlas.ini").write_text("[web]\nsecret = only twenty letters\n")

        shown = said(call("check"))

        assert shown.startswith("warning: ")
        assert shown.endswith("all is well\n")


class TestBadConfiguration:
    def test_every_problem_is_a_line(self, call, tmp_path):
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "pytlas.ini").write_text(
            "[server]\nmax_depth = deep\naccess_lifetime_seconds = 1\n"
        )

        assert len(refused(call("user", "list")).splitlines()) == 2

    def test_a_file_that_is_not_there_is_named(self, call, tmp_path):
        result = CliRunner(mix_stderr=False).invoke(
            main, ["--config", str(tmp_path / "nowhere.ini"), "user", "list"]
        )

        assert "nowhere.ini" in refused(result)
