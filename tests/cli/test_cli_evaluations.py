"""Evaluations as data and as text."""

from __future__ import annotations

from io import StringIO
from types import SimpleNamespace

import pytest
from rich.console import Console

from pytlas_wamp.cli.evaluations import as_data, lines_of, merged, table_of, trees_of
from pytlas_wamp.understanding.evaluation import Outcome, Report

from pytlas.understanding.training import GLOBAL_TRAININGS  # isort: skip - compat comes first


def outcome(intent, text, taken_for, slots=(), found=()):
    return Outcome(intent=intent, text=text, taken_for=taken_for, slots=slots, found=found)


REPORT = Report(
    outcomes=(
        outcome("lamp_on", "light on", "lamp_on"),
        outcome("lamp_on", "light the attic", "lamp_on", (("room", "attic"),), (("room", "the"),)),
        outcome("lamp_on", "make light", None),
        outcome("lamp_off", "lights off", "lamp_on"),
    ),
    untestable=("game",),
)
SUMMARY = (
    "{} sentences understood ({} of them with wrong slots); {} refused, {} taken for another intent"
)
NOTHING = Report(outcomes=(), untestable=())


def printed(report, width=100):
    console = Console(file=StringIO(), width=width)
    console.print(table_of(report))
    return console.file.getvalue()


class TestData:
    def test_has_the_whole_and_every_intent(self):
        data = as_data(REPORT)
        assert (data["sentences"], data["accuracy"], data["untestable"]) == (4, 0.5, ["game"])
        assert data["intents"] == [
            {
                "intent": "lamp_on",
                "sentences": 3,
                "right": 1,
                "wrong_slots": 1,
                "refused": 1,
                "wrong_intent": 0,
            },
            {
                "intent": "lamp_off",
                "sentences": 1,
                "right": 0,
                "wrong_slots": 0,
                "refused": 0,
                "wrong_intent": 1,
            },
        ]

    def test_has_what_is_taken_for_what(self):
        assert as_data(REPORT)["confusions"] == [
            {"intent": "lamp_off", "taken_for": "lamp_on", "sentences": 1}
        ]

    def test_has_every_failure(self):
        failures = as_data(REPORT)["failures"]
        assert [failure["text"] for failure in failures] == [
            *("lights off", "make light", "light the attic")
        ]
        assert failures[2] == {
            "text": "light the attic",
            "intent": "lamp_on",
            "taken_for": "lamp_on",
            "slots": [["room", "attic"]],
            "found": [["room", "the"]],
        }


class TestTable:
    def test_has_a_row_for_each_intent(self):
        cells = [
            [cell.strip() for cell in line.strip("│").split("│")]
            for line in printed(REPORT).splitlines()
            if line.startswith("│")
        ]
        assert cells == [["lamp_on", "3", "1", "1", "1", ""], ["lamp_off", "1", "", "", "", "1"]]

    def test_no_name_is_cut_short(self):
        name = "a_very_long_intent_of_a_skill/with_a_context"
        shown = printed(Report(outcomes=(outcome(name, "x", name),), untestable=()), width=60)
        rows = [line.split("│")[1].strip() for line in shown.splitlines() if line[0] == "│"]
        assert "".join(rows) == name


class TestLines:
    def test_say_the_whole_then_confusions_then_sentences(self):
        assert list(lines_of(REPORT, 20)) == [
            SUMMARY.format("50% of 4", 1, 1, 1),
            "game cannot be tested: it has one sentence",
            "Taken for another intent:",
            "  1 x lamp_off -> lamp_on",
            "The worst sentences:",
            '  "lights off" (lamp_off): lamp_on',
            '  "make light" (lamp_on): refused',
            '  "light the attic" (lamp_on): room "the", not room "attic"',
        ]

    def test_the_worst_are_as_many_as_asked_for(self):
        assert list(lines_of(REPORT, 1))[-2:] == [
            '  "lights off" (lamp_off): lamp_on',
            "  and 2 more",
        ]

    def test_none_of_them_is_fine(self):
        assert list(lines_of(REPORT, 0))[-1] == "  and 3 more"

    def test_no_sentence_is_no_error(self):
        assert list(lines_of(NOTHING, 20)) == [SUMMARY.format("0% of 0", 0, 0, 0)]

    def test_no_slot_is_named(self):
        report = Report(outcomes=(outcome("a", "x", "a", (("s", "1"),)),), untestable=())
        assert list(lines_of(report, 1))[-1] == '  "x" (a): no slot, not s "1"'


class TestTrees:
    @pytest.fixture
    def shelf(self, monkeypatch):
        texts = {"two": {"en": lambda: "%[b]\n  x\n"}, "one": {"en": lambda: "%[a]\n  y\n"}}
        monkeypatch.setattr(GLOBAL_TRAININGS, "_data", texts)
        return SimpleNamespace(packages=lambda language: ["two", "one"])

    def test_each_skill_has_its_own(self, shelf):
        trees = trees_of(shelf, "en")
        assert {name: list(tree["intents"]) for name, tree in trees.items()} == {
            "one": ["a"],
            "two": ["b"],
        }

    def test_together_they_are_the_assistant(self, shelf):
        trees = trees_of(shelf, "en")
        assert set(merged(trees.values())["intents"]) == {"a", "b"}
        assert list(trees["one"]["intents"]) == ["a"]
