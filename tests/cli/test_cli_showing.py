"""What commands print."""

from __future__ import annotations

import io
import json

from rich.console import Console

from pytlas_wamp.cli import showing
from pytlas_wamp.cli.showing import day, show_facts, show_json, show_table, yes


class TestJson:
    def test_is_one_line(self, capsys):
        show_json({"name": "é", "lines": ["a\nb"]})

        shown = capsys.readouterr().out
        assert shown.count("\n") == 1
        assert json.loads(shown) == {"name": "é", "lines": ["a\nb"]}

    def test_takes_halves_of_characters(self, capsys):
        show_json({"name": "a\udcff"})

        assert json.loads(capsys.readouterr().out) == {"name": "a?"}


class TestTable:
    def test_takes_nothing_for_markup(self, capsys):
        show_table(("a", "b"), [("[bold]x", "y")])

        assert "[bold]x" in capsys.readouterr().out

    def test_has_no_edge_in_a_file(self, capsys):
        show_table(("a", "b"), [("1" * 40, "word " * 60)])

        assert f"{'1' * 40} │ {('word ' * 60).strip()} " in capsys.readouterr().out

    def test_keeps_its_first_column_whole_in_a_terminal(self, monkeypatch):
        out = io.StringIO()
        monkeypatch.setattr(
            showing, "OUT", Console(file=out, width=60, force_terminal=True, color_system=None)
        )

        show_table(("a", "b"), [("1" * 40, "word " * 60)])

        lines = out.getvalue().splitlines()
        assert "1" * 40 in out.getvalue()
        assert {len(line) for line in lines} == {60}


class TestFacts:
    def test_stand_below_each_other(self, capsys):
        show_facts([("a", "1"), ("long", "2"), ("none", "")])

        assert capsys.readouterr().out == "a     1\nlong  2\n"

    def test_may_be_none(self, capsys):
        show_facts([])

        assert capsys.readouterr().out == ""


class TestTime:
    def test_for_people_has_minutes(self):
        assert day(1_800_000_000)[:5] == "2027-"
        assert len(day(1_800_000_000)) == 16

    def test_may_be_none(self):
        assert day(None) == ""


def test_what_is_not_so_stays_empty():
    assert (yes(1), yes(None)) == ("yes", "")
