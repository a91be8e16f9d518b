"""An agent whose interpreter learns something new: as if it had known it from the start."""

from __future__ import annotations

import pytest
from agent_rigs import Hosted
from pytlas.conversing.agent import Agent

from pytlas_wamp.assistant.states import add_intents, scopes_of
from skills_for_tests import all_skills, make_interpreter
from transcript_assistant import Gates

OLD = ["__cancel__", "enter", "echo", "gone", "vault/gone"]


class Learning:
    """An agent, and the interpreter that it has."""

    def __init__(self, intents=OLD):
        self.interpreter = make_interpreter()
        self.interpreter.intents = list(intents)
        self.hosted = Hosted(self.interpreter)
        self.hosted.take()

    def learn(self, intents=None):
        """Have the interpreter put a new list of intents in the place of the old one."""
        known = [*all_skills(Gates()), "nohandler"] if intents is None else intents
        self.interpreter.intents = list(known)

    def says(self, text):
        self.hosted.say(text)
        return self.hosted.take()


def texts(told):
    return [one[1] for one in told if one[0] == "answer"]


class TestScopes:
    def test_are_those_that_pytlas_makes(self):
        interpreter = make_interpreter()
        agent = Agent(interpreter)
        assert scopes_of(interpreter.intents) == agent._available_scopes

    def test_cancel_is_in_all_of_them_or_in_none(self):
        assert scopes_of(["a", "b/c", "__cancel__"]) == {
            None: ["__cancel__", "a"],
            "b": ["__cancel__", "b/c"],
        }
        assert scopes_of(["a", "b/c"]) == {None: ["a"], "b": ["b/c"]}

    def test_the_fallback_is_in_none(self):
        assert scopes_of(["__fallback__"]) == {None: []}


class TestStates:
    def test_they_are_those_that_pytlas_makes(self):
        agent = Agent(make_interpreter())
        late = Learning().hosted.agent
        add_intents(late._machine, late, agent._interpreter.intents)
        assert set(agent._machine.states) <= set(late._machine.states)
        for name, event in agent._machine.events.items():
            there = late._machine.events[name].transitions
            for source, ways in event.transitions.items():
                known = [(way.dest, len(way.conditions)) for way in ways]
                assert [(way.dest, len(way.conditions)) for way in there[source]][:1] == known[:1]

    def test_nothing_new_changes_nothing(self):
        agent = Learning().hosted.agent
        before = {name: len(event.transitions) for name, event in agent._machine.events.items()}
        add_intents(agent._machine, agent, OLD)
        after = {name: len(event.transitions) for name, event in agent._machine.events.items()}
        assert after == before


@pytest.mark.usefixtures("gates")
class TestAnAgent:
    def test_reaches_what_is_new_from_the_next_sentence_on(self):
        learning = Learning()
        assert texts(learning.says("cards")) == ["Did not get: cards"]
        learning.learn()
        assert learning.says("cards") == Learning([*OLD, "cards"]).says("cards")

    def test_keeps_a_question(self):
        learning = Learning([*OLD, "lights"])
        learning.says("lights")
        learning.learn()
        old = Learning([*OLD, "lights"])
        old.says("lights")
        for reply in ("kitchen", "dim"):
            assert learning.says(reply) == old.says(reply) != []

    def test_keeps_a_context(self):
        learning = Learning()
        learning.says("enter")
        learning.learn()
        assert texts(learning.says("peek")) == ["Gold"]
        assert texts(learning.says("echo no")) == ["Did not get: echo no"]
        assert texts(learning.says("leave")) == ["You left the vault"]
        assert texts(learning.says("peek")) == ["Did not get: peek"]
        assert texts(learning.says("echo yes")) == ["yes"]

    def test_keeps_what_waits(self):
        learning = Learning()
        learning.hosted.agent.queue_intent("pair_one")
        learning.learn()
        learning.hosted.answer_wakes(learning.hosted._latest)
        assert texts(learning.says("echo me")) == ["One", "me"]

    def test_may_ask_and_cancel_in_what_is_new(self):
        learning = Learning()
        learning.learn()
        assert ("done", True) in learning.says("lights")
        assert texts(learning.says("cancel")) == ["Cancelled"]

    def test_ends_a_question_of_a_skill_that_is_gone(self):
        learning = Learning([*OLD, "lights"])
        learning.says("lights")
        learning.learn(["echo"])
        assert learning.says("kitchen") != []
        learning.says("dim")
        assert texts(learning.says("echo on")) == ["on"]

    def test_does_not_stay_in_a_context_that_is_gone(self):
        learning = Learning([*OLD, "vault/peek"])
        learning.says("enter")
        learning.learn(["echo"])
        assert learning.says("peek") != []
        assert texts(learning.says("echo on")) == ["on"]

    def test_what_is_gone_does_not_stop_it(self):
        """No skill handles `gone` any more, but the old model knows it."""
        learning = Learning()
        assert learning.says("gone") == [("done", False)]
        learning.learn()
        learning.says("gone")
        assert texts(learning.says("echo on")) == ["on"]

    def test_looks_once_only(self):
        learning = Learning()
        learning.learn()
        learning.says("echo a")
        scopes = learning.hosted.agent._available_scopes
        learning.says("echo b")
        assert learning.hosted.agent._available_scopes is scopes
