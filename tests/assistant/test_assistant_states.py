"""An agent whose interpreter learns something new: as if it had known it from the start."""

from __future__ import annotations

import pytest
from agent_rigs import Hosted
from pytlas.conversing.agent import Agent

from pytlas_wamp.assistant.states import grown, scopes_of, table_of
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


class Odd:
    """An interpreter with names that `transitions` has a use for, too, or that come twice."""

    lang = "en"

    def __init__(self, *intents):
        self.intents = list(intents)


def machine_ways(agent):
    """The ways of pytlas' machine: where to, under what condition, and what is called then."""
    return {
        (name, source): [
            (
                way.dest,
                [_name(condition.func) for condition in way.conditions],
                [_name(function) for function in way.after],
            )
            for way in ways
        ]
        for name, event in agent._machine.events.items()
        for source, ways in event.transitions.items()
    }


def _name(function):
    return function if isinstance(function, str) else function.__name__


def table_ways(table):
    """The same of our table."""
    found = {}
    for name, ways in table.events.items():
        for way in ways:
            for source in way.sources:
                condition = [] if way.condition is None else [way.condition]
                after = [] if way.after is None else [way.after]
                found.setdefault((name, source), []).append((way.dest, condition, after))
    return found


class TestStates:
    @pytest.mark.parametrize(
        "interpreter",
        [
            make_interpreter(),
            Odd(),
            Odd("__cancel__", "__fallback__", "__other__"),
            Odd("a", "to_a", "is_a", "b/to_a", "b/c/d", "/e", "f/"),
        ],
    )
    def test_they_are_those_that_pytlas_makes(self, interpreter):
        agent = Agent(interpreter)
        table = table_of(tuple(interpreter.intents))
        assert list(agent._machine.states) == list(table.names)
        assert table.states == set(table.names)
        assert table_ways(table) == machine_ways(agent)
        assert table.scopes == agent._available_scopes
        assert table.fault is None

    def test_what_is_there_twice_has_one_way_only(self):
        agent = Agent(Odd("a", "b/c", "a", "b/c"))
        table = table_of(("a", "b/c", "a", "b/c"))
        first = {key: ways[:1] for key, ways in machine_ways(agent).items()}
        assert table_ways(table) == first
        assert table.scopes == agent._available_scopes
        assert len(table.names) == 8

    def test_the_name_of_the_state_itself_is_a_fault_as_with_pytlas(self):
        with pytest.raises(ValueError, match="Trigger") as raised:
            Agent(Odd("a", "state", "b"))
        table = table_of(("a", "state", "b", "c/d"))
        assert table.fault == str(raised.value)
        assert "b" not in table.events
        assert table.contexts == {}

    def test_are_made_once_for_the_same_intents(self):
        assert table_of(("a", "b")) is table_of(("a", "b"))
        assert table_of(("a", "b")) is not table_of(("b", "a"))

    def test_are_no_more_than_grow_with_the_intents(self):
        """Where pytlas makes a way from each state to each one."""
        few, many = (
            sum(len(ways) for ways in table_of(tuple(map(str, range(count)))).events.values())
            for count in (30, 300)
        )
        assert many < 10 * few

    def test_grow_as_if_they_had_been_there_from_the_start(self):
        old = ("__cancel__", "a", "b/c")
        table = grown(table_of(old), ["__cancel__", "a", "d", "b/e"])
        whole = table_of((*old, "d", "b/e"))
        assert table_ways(table) == table_ways(whole)
        assert table.contexts == whole.contexts

    def test_grow_without_a_fault(self):
        table = grown(table_of(("a",)), ["state", "b"])
        assert table_ways(table) == table_ways(table_of(("a", "b")))
        assert table.fault is None

    def test_nothing_new_changes_nothing(self):
        table = grown(table_of(tuple(OLD)), OLD)
        assert table_ways(table) == table_ways(table_of(tuple(OLD)))


@pytest.mark.usefixtures("gates")
class TestAnAgent:
    def test_reaches_what_is_new_from_the_next_sentence_on(self):
        learning = Learning()
        assert texts(learning.says("cards")) == ["Did not get: cards"]
        learning.learn()
        assert learning.says("cards") == Learning([*OLD, "cards"]).says("cards")

    def test_reaches_what_is_new_once_it_is_built_again(self):
        """Which pytlas itself does not: its events go on as they did before."""
        learning = Learning()
        learning.learn()
        learning.hosted.agent.build()
        learning.hosted.take()
        assert learning.says("cards") == Learning([*OLD, "cards"]).says("cards")

    def test_is_not_stopped_by_an_intent_that_pytlas_refuses(self):
        learning = Learning()
        learning.learn([*OLD, "state", "cards"])
        learning.says("state")
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
