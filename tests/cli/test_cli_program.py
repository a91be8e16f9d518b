"""How all commands tell of what a person can mend."""

from __future__ import annotations

import gc
import subprocess
import sys

from click.testing import CliRunner
from outcomes import refused

from pytlas_wamp.cli import main


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


class TestProblems:
    def test_what_a_person_can_mend_is_a_line(self, call):
        assert refused(call("user", "disable", "nobody")).count("\n") == 1

    def test_where_1_is_an_answer_a_problem_ends_with_2(self, call):
        result = call("understand", "hello", "--language", "xx")
        assert (result.exit_code, result.stderr.count("\n")) == (2, 1)


class TestStarting:
    def test_imports_nothing_that_takes_long(self):
        code = (
            "import sys, pytlas_wamp.cli\n"
            "heavy = {'autobahn', 'prompt_toolkit', 'pytlas', 'sqlalchemy', 'twisted'}\n"
            "print(sorted(heavy & set(sys.modules)))\n"
        )
        told = subprocess.run(  # noqa: S603 - our own code
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout

        assert told == "[]\n"

    def test_has_garbage_looked_for_less_often_until_the_end(self):
        before = gc.get_threshold()
        seen = []

        @main.command("look")
        def _look():
            seen.append(gc.get_threshold()[0])

        try:
            CliRunner().invoke(main, ["look"])
        finally:
            del main.commands["look"]

        assert seen == [50_000]
        assert gc.get_threshold() == before
