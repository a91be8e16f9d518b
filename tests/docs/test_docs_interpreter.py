"""The interpreter of write-an-interpreter.md is found by its entry point, and understands."""

from __future__ import annotations

import sys
import tomllib

import pytest
from docs_pages import marked
from pytlas.understanding import TrainingsStore

from pytlas_wamp.assistant.interpreters import GROUP, find_interpreter
from pytlas_wamp.errors import OperatorError

PAGE = "how-to/write-an-interpreter.md"
TRAINING = "%[note]\n  write @[text]\n\n%[shop/buy]\n  buy @[text]\n\n@[text]\n  something\n"


@pytest.fixture
def interpreter(tmp_path, monkeypatch):
    """The interpreter, installed as pip would do it, and trained."""
    [block] = marked(PAGE, "file")
    project = tomllib.loads(marked(PAGE, "entry")[0].text)["project"]
    (tmp_path / block.mark.split(" ")[1]).write_text(block.text, encoding="utf-8")
    metadata = tmp_path / "first_word-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Name: {project['name']}\nVersion: {project['version']}\n")
    entries = "".join(f"{key} = {at}\n" for key, at in project["entry-points"][GROUP].items())
    (metadata / "entry_points.txt").write_text(f"[{GROUP}]\n{entries}")
    monkeypatch.syspath_prepend(tmp_path)

    made = find_interpreter("first-word")("en", str(tmp_path))
    made._trainings = TrainingsStore({"skill": {"en": lambda: TRAINING}})
    made.fit_from_skill_data(["skill"])
    yield made
    sys.modules.pop("first_word", None)


class TestTheInterpreterOfThePage:
    def test_it_knows_all_intents(self, interpreter):
        assert interpreter.intents == ["note", "shop/buy"]

    def test_it_goes_by_the_first_word(self, interpreter):
        [intent] = interpreter.parse("Write home soon")

        assert (intent.name, intent.slot("rest").first().value) == ("note", "home soon")

    def test_it_honours_scopes(self, interpreter):
        assert interpreter.parse("write home", ["shop/buy"]) == []

    def test_what_it_does_not_know_is_no_intent(self, interpreter):
        assert interpreter.parse("sing") == []

    def test_a_reply_is_taken_as_it_is(self, interpreter):
        assert [value.value for value in interpreter.parse_slot("note", "text", "ham")] == ["ham"]


def test_a_name_nobody_registered_lists_those_that_are_installed():
    with pytest.raises(OperatorError, match="patterns"):
        find_interpreter("first-word")
