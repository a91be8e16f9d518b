"""What an interpreter makes of a sentence, and what happens when it fails."""

from __future__ import annotations

import pytest
from pytlas.understanding import Intent, SlotValue

from pytlas_wamp.assistant.comprehension import (
    cancel_among,
    understood,
    understood_reply,
    zone_of,
)
from pytlas_wamp.assistant.turns import Turn


class Interpreter:
    """Says what it was told to say, and keeps what it was asked."""

    def __init__(self, answer=None):
        self.answer = answer
        self.asked = []

    def parse(self, *given):
        return self._say(given)

    def parse_slot(self, *given):
        return self._say(given)

    def _say(self, given):
        self.asked.append(given)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def names(intents):
    return [intent.name for intent in intents]


class TestUnderstood:
    def test_gives_the_intents_in_scope(self):
        interpreter = Interpreter([Intent("one"), Intent("two")])
        assert names(understood(interpreter, Turn(text="both"), ["one", "two"])) == ["one", "two"]
        assert interpreter.asked == [("both", ["one", "two"])]

    @pytest.mark.parametrize("answer", [[], None, RuntimeError("broken")])
    def test_gives_the_fallback_when_nothing_comes(self, answer):
        (intent,) = understood(Interpreter(answer), Turn(text="what"), None)
        assert intent.name == "__fallback__"
        assert intent.slot("text").first().value == "what"

    def test_gives_the_message_s_metadata_to_each_intent(self):
        turn = Turn(text="x", meta={"from": "kitchen"})
        intents = understood(Interpreter([Intent("one"), Intent("two")]), turn, None)
        assert [intent.meta for intent in intents] == [{"from": "kitchen"}] * 2


class TestUnderstoodReply:
    def test_asks_for_the_slot(self):
        interpreter = Interpreter([SlotValue("kitchen")])
        values = understood_reply(interpreter, Turn(text="the kitchen"), "lights", "room", None)
        assert values == interpreter.answer
        assert interpreter.asked == [("lights", "room", "the kitchen")]

    def test_takes_the_choice_that_fits(self):
        interpreter = Interpreter([])
        understood_reply(interpreter, Turn(text="GREEN please"), "color", "color", ["red", "green"])
        assert interpreter.asked == [("color", "color", "green")]

    @pytest.mark.parametrize(("text", "choices"), [("zzz", ["red", "green"]), ("", None)])
    def test_leaves_the_slot_as_it_is_without_a_usable_reply(self, text, choices):
        interpreter = Interpreter([])
        assert understood_reply(interpreter, Turn(text=text), "color", "color", choices) is None
        assert interpreter.asked == []

    def test_leaves_the_slot_as_it_is_when_the_interpreter_fails(self):
        interpreter = Interpreter(RuntimeError("broken"))
        assert understood_reply(interpreter, Turn(text="x"), "a", "b", None) is None


class TestCancelAmong:
    def test_finds_it_anywhere(self):
        cancel = Intent("__cancel__")
        assert cancel_among([Intent("one"), cancel]) is cancel

    def test_finds_nothing_else(self):
        assert cancel_among([Intent("one")]) is None


class TestZoneOf:
    def test_is_what_the_user_has_set(self):
        assert str(zone_of({"timezone": "Europe/Paris"})) == "Europe/Paris"

    @pytest.mark.parametrize("settings", [{}, {"timezone": ""}, {"timezone": "Paris"}])
    def test_is_that_of_the_machine_otherwise(self, settings):
        assert zone_of(settings) is None
