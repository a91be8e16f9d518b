"""How all commands tell of what a person can mend."""

from __future__ import annotations

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
