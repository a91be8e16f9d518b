"""`train`, `understand` and `evaluate`, called as an author of skills calls them."""

from __future__ import annotations

import json

import pytest
from outcomes import refused, said

from pytlas_wamp.understanding.patterns import PatternInterpreter

LAMPS = '''
from pytlas import training

@training("en")
def english(): return """
%[lamp_on]
  light the @[room]
  make the @[room] bright
  I want to see something in the @[room]
  switch the lamp on
  the @[room] is too dark

%[lamp_off]
  make it dark
  switch the lamp off
  no more light in the @[room]
  it is too bright
  good night

%[lamp_party]
  let us have a party

%[lamp_playing/end]
  enough of that
  that is enough

@[room]
  attic
  hall
"""

@training("fr")
def french(): return """
%[lamp_on]
  allume la lampe
"""
'''
INI = "[server]\nbundled_skills = none\ninterpreter = patterns\n"


def fails(*_, **__):
    raise ZeroDivisionError("by zero")


@pytest.fixture
def lamps(call, tmp_path):
    """Calls `pytlas-wamp`; the only skill there is switches lamps."""
    data = tmp_path / "data"
    (data / "skills").mkdir(parents=True)
    (data / "skills" / "author_lamps.py").write_text(LAMPS)
    (data / "pytlas.ini").write_text(INI)
    return call


@pytest.fixture
def broken(lamps, tmp_path):
    """The same with another skill that is broken."""
    (tmp_path / "data" / "skills" / "author_bells.py").write_text("raise RuntimeError('no bells')")
    return lamps


class TestTrain:
    def test_has_a_line_for_each_language(self, lamps):
        lines = [line for line in said(lamps("train")).splitlines() if "warning" not in line]
        assert [line.partition(" s,")[0].rpartition(",")[0] for line in lines] == [
            "en: 4 intents, 13 sentences",
            "fr: 1 intents, 1 sentences",
        ]
        assert all(line.endswith("nothing kept") for line in lines)

    def test_takes_the_language_asked_for(self, lamps):
        shown = said(lamps("train", "--language", "fr-FR"))
        assert {line[:3] for line in shown.splitlines()} == {"fr:"}

    def test_warns_of_weak_spots(self, lamps):
        assert "en: warning: " in said(lamps("train"))
        assert "lamp_party" in said(lamps("train"))

    def test_keeps_what_it_learns_for_the_server(self, lamps, tmp_path):
        words = ("train", "--interpreter", "statistical", "--language", "en")
        first, second = lamps(*words), lamps(*words)
        assert said(first).endswith(" MB kept\n")
        assert "learning en: " in first.stderr
        assert "nothing new to learn" in said(second)
        kept = tmp_path / "data" / "cache" / "statistical" / "en"
        assert [path.suffix for path in kept.iterdir()] == [".zip"]

    def test_a_broken_skill_is_told_and_the_others_are_learnt(self, broken):
        result = broken("train")
        assert result.exit_code == 1
        assert "en: 4 intents" in result.stdout
        assert result.stderr.splitlines()[-1].startswith("skill author_bells: RuntimeError")

    @pytest.mark.parametrize(
        ("words", "named"), [(["--language", "de"], "'de'"), (["--interpreter", "snips"], "snips")]
    )
    def test_what_is_not_there_is_named(self, lamps, words, named):
        assert named in refused(lamps("train", *words))


class TestUnderstand:
    def test_shows_intent_and_slots(self, lamps):
        result = lamps("understand", "light the hall")
        assert said(result) == 'lamp_on\n  room = hall  ("hall", characters 10 to 14)\n'
        assert result.stderr == ""

    def test_ends_with_1_when_it_was_refused(self, lamps):
        result = lamps("understand", "what is love")
        assert (result.exit_code, result.stdout) == (1, "not understood\n")

    def test_speaks_the_language_asked_for(self, lamps):
        assert said(lamps("understand", "allume la lampe", "--language", "fr")) == "lamp_on\n"

    def test_explains(self, lamps):
        words = ("--interpreter", "statistical", "--explain")
        shown = said(lamps("understand", "light the hall", *words))
        assert "entity room, known" in shown
        assert "decided by template" in shown

    def test_gives_json(self, lamps):
        result = json.loads(said(lamps("understand", "light the hall", "--json")))
        assert (result["intent"], result["slots"][0]["value"]) == ("lamp_on", "hall")

    def test_reads_standard_input(self, lamps):
        result = lamps("understand", "-", "--json", typed="light the hall\n\nwhat is love\r\n")
        found = [json.loads(line) for line in result.stdout.splitlines()]
        assert [each["text"] for each in found] == ["light the hall", "what is love"]
        assert [each["intent"] for each in found] == ["lamp_on", None]
        assert result.exit_code == 1

    @pytest.mark.parametrize(
        ("scopes", "intent"),
        [
            ([], None),
            (["lamp_playing/"], "lamp_playing/end"),
            (["lamp_playing/end"], "lamp_playing/end"),
            (["lamp_on"], None),
            (["lamp_on", "lamp_playing/"], "lamp_playing/end"),
        ],
        ids=str,
    )
    def test_what_is_in_a_context_is_understood_there(self, lamps, scopes, intent):
        options = [word for scope in scopes for word in ("--scope", scope)]
        result = lamps("understand", "enough of that", "--json", *options)
        assert json.loads(result.stdout)["intent"] == intent

    @pytest.mark.parametrize(
        ("words", "named"),
        [
            (["--scope", "lamp_playing"], "lamp_playing/end, lamp_playing/"),
            (["--scope", "dancing/"], "'dancing/'"),
            (["--language", "de"], "'de'"),
            (["--interpreter", "snips"], "snips"),
        ],
        ids=str,
    )
    def test_ends_with_2_when_there_is_a_problem(self, lamps, words, named):
        result = lamps("understand", "light the hall", *words)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith("pytlas-wamp: ")
        assert named in result.stderr

    def test_what_is_no_unicode_is_replaced(self, lamps):
        result = lamps("understand", "light \udcff", "--json")
        assert json.loads(result.stdout)["text"] == "light ?"

    def test_an_interpreter_that_fails_is_told(self, lamps, monkeypatch):
        monkeypatch.setattr(PatternInterpreter, "parse", fails)
        result = lamps("understand", "light the hall")
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr == (
            "pytlas-wamp: understanding 'light the hall' failed: ZeroDivisionError: by zero\n"
        )


class TestEvaluate:
    def test_shows_intents_and_the_worst_sentences(self, lamps):
        shown = said(lamps("evaluate"))
        assert "lamp_on" in shown
        assert "lamp_party cannot be tested: it has one sentence" in shown
        assert "12 refused" in shown

    def test_shows_as_many_sentences_as_asked_for(self, lamps):
        shown = said(lamps("evaluate", "--worst", "2"))
        assert shown.endswith("  and 10 more\n")

    def test_gives_json(self, lamps):
        result = lamps("evaluate", "author_lamps", "--json")
        data = json.loads(said(result))
        assert (data["language"], data["sentences"], data["refused"]) == ("en", 12, 12)
        assert result.stderr == ""

    def test_tells_how_it_goes_on(self, lamps):
        assert lamps("evaluate").stderr == "testing en: held back in turn\n"

    def test_a_broken_skill_is_told(self, broken):
        result = broken("evaluate")
        assert result.exit_code == 1
        assert "author_bells" in result.stderr

    @pytest.mark.parametrize(
        ("words", "named"),
        [
            (["author_bells"], "no skill 'author_bells' has sound training data in 'en'"),
            (["--language", "de"], "'de'"),
            (["--interpreter", "snips"], "snips"),
        ],
        ids=str,
    )
    def test_what_is_not_there_is_named(self, lamps, words, named):
        assert named in lamps("evaluate", *words).stderr.splitlines()[-1]

    def test_an_interpreter_that_fails_is_told(self, lamps, monkeypatch):
        monkeypatch.setattr(PatternInterpreter, "parse", fails)
        result = lamps("evaluate", "--json")
        assert refused(result) == "pytlas-wamp: testing failed: ZeroDivisionError: by zero\n"

    def test_less_than_two_folds_are_none(self, lamps):
        assert lamps("evaluate", "--folds", "1").exit_code == 2
