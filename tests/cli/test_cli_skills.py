"""What is there, and what is wrong with it, on the command line."""

from __future__ import annotations

import json

from outcomes import said, told

BROKEN = "raise RuntimeError('no lamps here')\n"


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

    def test_list_tells_programs_what_the_api_tells(self, call, tmp_path):
        (tmp_path / "data" / "skills" / "lamps").mkdir(parents=True)
        (tmp_path / "data" / "skills" / "lamps" / "__init__.py").write_text(BROKEN)

        result = call("skills", "list", "--json")

        shown = {one["name"]: one for one in json.loads(result.stdout)["skills"]}
        assert (result.exit_code, shown["lamps"]["loaded"]) == (1, False)
        assert "no lamps here" in shown["lamps"]["problems"][0]
        lights = shown["home_lights"]
        assert (lights["bundled"], lights["loaded"], lights["problems"]) == (True, True, [])
        assert {"en", "fr"} <= set(lights["trained"])


class TestCheck:
    def test_tells_programs(self, call):
        assert told(call("check", "--json")) == {"problems": [], "warnings": []}

    def test_tells_programs_of_problems(self, call, tmp_path):
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "pytlas.ini").write_text("[server]\nmax_depth = deep\n")

        result = call("check", "--json")

        assert (result.exit_code, len(json.loads(result.stdout)["problems"])) == (1, 1)

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
