"""Our agent alone; tests/models has it beside that of pytlas, whatever happens."""

from __future__ import annotations

import copy
import gc
import logging
import tracemalloc

import pytest
from pytlas.conversing.agent import MachineError
from pytlas.handling.hooks import ON_AGENT_CREATED, ON_AGENT_DESTROYED, HooksStore
from pytlas.handling.skill import HandlersStore
from pytlas.understanding import Intent

from pytlas_wamp.assistant.light_agent import LightAgent

INTENTS = ("__cancel__", "echo", "vault/peek")


class Interpreter:
    """Understands the name of an intent."""

    lang = "en"

    def __init__(self, intents=INTENTS):
        self.intents = list(intents)

    def parse(self, msg, scopes=None):
        return [Intent(msg)] if msg in scopes else []


def make(intents=INTENTS, **options):
    """An agent that writes down which of its skills are called."""
    called = []

    def skill(request):
        called.append(request.intent.name)
        request.agent.done()

    handlers = HandlersStore({"echo": skill, "vault/peek": skill, "new": skill})
    agent = LightAgent(Interpreter(intents), handlers_store=handlers, **options)
    agent.called = called
    return agent


@pytest.fixture
def agent():
    return make()


class TestBuilding:
    def test_is_done_once_for_all_agents(self, agent):
        other = make()
        assert other._machine is agent._machine
        assert other._available_scopes is agent._available_scopes

    def test_takes_little_memory(self):
        make()
        interpreter, count = Interpreter(), 100
        tracemalloc.start()
        try:
            before, _ = tracemalloc.get_traced_memory()
            agents = [LightAgent(interpreter, uid=number) for number in range(count)]
            after, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert (after - before) / len(agents) < 5 * 1024

    def test_keeps_what_has_a_name(self, agent):
        first = agent.to_echo
        agent._interpreter.intents = ["new", "other/new"]
        agent.build()
        assert agent.is___asleep__()
        assert first()
        assert agent.is_echo()
        agent.done()
        assert agent.to_new()
        assert agent.is_in_other_context(None) is False
        with pytest.raises(AttributeError, match="Do not know event named 'new'"):
            agent.trigger("new")

    def test_again_and_again_takes_no_memory(self, agent):
        for intents in (INTENTS, ("new",), INTENTS, ("new",)):
            agent._interpreter.intents = list(intents)
            agent.build()
        assert len(agent._former) == 2

    def test_ends_what_was_going_on(self, agent):
        agent.context("vault")
        agent._intents_queue.append(Intent("vault/peek"))
        agent.build()
        assert agent.called == ["vault/peek"]
        assert agent.state == "__asleep__"

    def test_puts_back_the_conditions(self, agent):
        agent.is_in_vault_context = lambda _: True
        agent.build()
        assert agent.is_in_vault_context(None) is False

    def test_refuses_an_intent_with_the_name_of_the_state(self):
        with pytest.raises(ValueError, match="Trigger name"):
            make(["echo", "state"])

    def test_says_what_there_is(self, caplog):
        caplog.set_level(logging.INFO)
        make(["a", "b"])
        states = '"__asleep__", "__ask__", "__fallback__", "__cancel__", "a", "b"'
        assert f'Instantiated agent with "6" states: {states}' in caplog.messages
        assert any(text.startswith('Switched to the context "None"') for text in caplog.messages)

    def test_says_nothing_unless_it_is_asked_for(self, caplog):
        caplog.set_level(logging.WARNING)
        make().parse("echo")
        assert caplog.messages == []

    def test_draws_as_pytlas_does(self, caplog, tmp_path, monkeypatch):
        monkeypatch.setitem(__import__("sys").modules, "pygraphviz", None)
        agent = make(transitions_graph_path=str(tmp_path / "states.png"))
        assert any("GraphMachine" in text for text in caplog.messages)
        agent.parse("echo")
        assert agent.called == ["echo"]


class TestEvents:
    def test_lead_to_skills(self, agent):
        agent.parse("echo")
        assert (agent.called, agent.state) == (["echo"], "__asleep__")

    def test_tell_whether_the_way_was_open(self, agent):
        assert agent.trigger("vault/peek", intent=Intent("vault/peek")) is False
        agent.context("vault")
        assert agent.trigger("vault/peek", intent=Intent("vault/peek")) is True

    def test_raise_where_they_open_no_way(self, agent):
        with pytest.raises(MachineError, match="Can't trigger event __asleep__ from state __as"):
            agent.trigger("__asleep__")

    def test_are_logged_in_full_if_that_is_asked_for(self, agent, caplog):
        caplog.set_level(logging.INFO)
        agent.parse("echo")
        assert '⚡ "echo": __asleep__ -> echo' in caplog.messages

    def test_fail_in_a_state_that_is_none(self, agent):
        agent.state = "nowhere"
        with pytest.raises(ValueError, match="State 'nowhere' is not a registered state"):
            agent.done()

    def test_fail_for_a_question_without_anything(self, agent):
        agent.to_echo()
        with pytest.raises(KeyError):
            agent.go("__ask__")

    def test_to_what_has_no_name_lead_nowhere(self):
        agent = make(["", "echo"])
        assert agent.to_() is True
        assert agent.state == "__asleep__"

    def test_of_a_first_list_of_intents_stay_in_use(self, agent):
        agent._interpreter.intents = ["new"]
        agent.build()
        assert agent.trigger("echo", intent=Intent("echo")) is True


class TestAttributes:
    def test_are_those_of_transitions(self, agent):
        assert agent.is___asleep__()
        assert not agent.is_echo()
        assert agent.to_echo()
        assert agent.is_echo()
        assert agent.__asleep__(require_input=True)
        assert agent.is_in_vault_context(None) is False
        agent.context("vault")
        assert agent.is_in_vault_context(None) is True
        assert agent.echo(intent=Intent("echo"))
        assert agent.called == ["echo"]

    def test_can_be_replaced(self, agent):
        agent.is_in_vault_context = lambda _: True
        agent.go("vault/peek", intent=Intent("vault/peek"))
        assert agent.called == ["vault/peek"]

    @pytest.mark.parametrize("name", ["nowhere", "is_nowhere", "to_nowhere", "is_in_a_context"])
    def test_are_no_others(self, agent, name):
        with pytest.raises(AttributeError, match=f"'LightAgent' object has no attribute '{name}'"):
            getattr(agent, name)

    def test_an_intent_has_none_that_the_agent_has_itself(self):
        agent = make(["done", "echo"])
        agent.to_echo()
        agent.done()
        assert agent.state == "__asleep__"

    def test_are_none_before_it_is_built(self):
        bare = LightAgent.__new__(LightAgent)
        assert not hasattr(bare, "is_echo")
        bare._hooks = HooksStore()

    def test_may_be_copied(self, agent):
        twin = copy.copy(agent)
        twin.to_echo()
        assert (agent.state, twin.state) == ("__asleep__", "echo")


class TestHooks:
    def test_are_called_once_each(self):
        seen = []
        hooks = HooksStore()
        hooks.register(ON_AGENT_CREATED, lambda agent: seen.append(("created", agent.state)), "x")
        hooks.register(ON_AGENT_DESTROYED, lambda agent: seen.append(("gone", agent.state)), "x")
        agent = make(hooks_store=hooks)
        assert seen == [("created", "__asleep__")]
        del agent
        gc.collect()
        assert seen == [("created", "__asleep__"), ("gone", "__asleep__")]
