"""pytlas' agent and ours beside each other: whatever happens to both, nobody can tell them apart.

Skills and interpreter are scripted. After every step the callbacks, the calls of skills, the
log, what was returned or raised, and where the agents stand are compared.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from pytlas.conversing.agent import Agent, build_scopes, is_builtin
from pytlas.handling.card import Card
from pytlas.handling.hooks import ON_AGENT_CREATED, HooksStore
from pytlas.handling.localization import TranslationsStore
from pytlas.handling.skill import HandlersStore
from pytlas.understanding import Intent, Interpreter

from pytlas_wamp.assistant.light_agent import LightAgent
from strategies import share

FIRST = ("__cancel__", "a", "b", "v/peek", "v/leave", "v/w/deep")
TRAININGS = (
    FIRST,
    (*FIRST, "c", "x/y", "x/z"),
    # Names that the library makes for other names, one that an agent has, and none at all.
    ("a", "to_a", "is_a", "done", "in_x_context", "x/y", "a", ""),
    ("__cancel__", "c"),
    (),
    ("a", "state", "d", "f/g"),
)
BUILT_IN = ("__asleep__", "__ask__", "__fallback__", "__cancel__")
HANDLED = (
    *("a", "b", "c", "v/peek", "v/leave", "x/y", "to_a", "is_a", "done"),
    *("__fallback__", "__cancel__", "v/__cancel__", "v/__fallback__"),
)
STATES = (*BUILT_IN, *sorted({name for names in TRAININGS for name in names} - {"__cancel__"}))
CONTEXTS = (None, "v", "v/w", "x", "f", "gone")
ATTRIBUTES = (
    *STATES,
    *(f"to_{name}" for name in STATES),
    *(f"is_{name}" for name in STATES),
    *(f"is_in_{name}_context" for name in CONTEXTS),
    "nowhere",
    "to_nowhere",
    "is_nowhere",
)
SENTENCES = (
    *("a", "a", "b", "c", "peek", "leave", "deep", "y", "to_a", "done", "what", ""),
    *("cancel", "cancel", "a+b", "a+cancel", "b+b+a", "peek+leave", "kitchen", "ki"),
)
CHOICES = (None, ["kitchen", "bathroom"])
RAISED = (RuntimeError, AttributeError, KeyError)
INTERESTING = {
    *(f"in {state}" for state in (*BUILT_IN, "an intent", "an intent of a context", "nowhere")),
    *(f"raised {name}" for name in ("MachineError", "AttributeError", "ValueError", "KeyError")),
    *("raised TypeError", "condition failed", "could not trigger", "no handler", "lacks a key"),
    *("skill raised", "skill raised after a question", "late answer", "late and dropped"),
    *("choice matched", "choice not matched", "cancelled", "cancelled a question"),
    *("the fallback of a context", "required input", "rebuilt with a question"),
    *("rebuilt with a queue", "rebuilt in a skill", "new intent out of reach", "learnt a fault"),
    *("asleep with a queue", "intents in a queue", "a former name kept", "logged in full"),
    *("logged warnings only", "hook called", "no agent", "question out of reach"),
}
visited: Counter[str] = Counter()


class Words(Interpreter):
    """Every word is the intent of this name, if it may be one now."""

    def __init__(self, intents: tuple[str, ...]) -> None:
        super().__init__("words", "en")
        self.intents = list(intents)

    def parse(self, msg: str, scopes: Any = None) -> list[Intent]:
        return [
            Intent(name, text=msg)
            for word in msg.split("+")
            for name in scopes
            if name.rpartition("/")[2].strip("_") == word
        ]

    def parse_slot(self, intent: str, slot: str, msg: str) -> list[str]:
        return [intent, slot, msg]


class Side(logging.Handler):
    """One of the two agents, and all that it lets anybody know."""

    def __init__(self, kind: type[Agent], intents: tuple[str, ...], *, in_full: bool) -> None:
        super().__init__()
        self.told: list[Any] = []
        self.scripts: dict[str, list[Any]] = {}
        self.kept: list[Any] = []
        self.interpreter = Words(intents)
        self.logger = logging.getLogger(kind.__name__.lower())
        self.before = (self.logger.level, self.logger.propagate)
        self.logger.setLevel(logging.DEBUG if in_full else logging.WARNING)
        self.logger.propagate = False
        self.logger.addHandler(self)
        hooks = HooksStore()
        hooks.register(ON_AGENT_CREATED, lambda agent: self.tell("created", agent.state), "here")
        self.make = lambda: kind(
            self.interpreter,
            model=self,
            handlers_store=HandlersStore({name: self.skill(name) for name in HANDLED}),
            hooks_store=hooks,
            translations_store=TranslationsStore({"test_light_agent_model": {"en": dict}}),
            uid=7,
        )
        self.agent: Any = None

    def close(self) -> None:
        self.logger.removeHandler(self)
        self.logger.setLevel(self.before[0])
        self.logger.propagate = self.before[1]

    def tell(self, *what: Any) -> None:
        self.told.append(what)

    def emit(self, record: logging.LogRecord) -> None:
        self.tell(record.levelname, same(record.getMessage()))

    def on_thinking(self) -> None:
        self.tell("thinking")

    def on_answer(self, text: Any, cards: Any, **more: Any) -> None:
        self.tell("answer", text, cards and [card.header for card in cards], more)

    def on_ask(self, slot: str, text: Any, choices: Any, **more: Any) -> None:
        self.tell("ask", slot, text, choices, more)

    def on_done(self, *require_input: Any) -> None:
        self.tell("done", *require_input)

    def on_context(self, name: Any) -> None:
        self.tell("context", name)

    def skill(self, name: str) -> Any:
        def handle(request: Any) -> None:
            self.tell("called", name, described(request.intent), self.agent.state)
            scripts = self.scripts.get(name)
            for act in scripts.pop(0) if scripts else [("done", False)]:
                if act == ("keep",):
                    self.kept.append(request)
                else:
                    self.act(request.agent, act)

        return handle

    def act(self, actor: Any, act: Any) -> Any:
        """What a skill, or anybody who has the agent, may do; as in `acts`."""
        visited["rebuilt in a skill"] += act == ("build",) and actor is not self.agent
        return ACTS[act[0]](actor, *act[1:])

    def stands(self) -> Any:
        """Where the agent is, and what it has in mind."""
        agent = self.agent
        if agent is None:
            return None
        names = [*agent._machine.states] if type(agent) is Agent else [*agent._machine.names]
        return (
            (agent.state, agent.current_context, agent._current_scopes, agent._available_scopes),
            [described(intent) for intent in agent._intents_queue],
            agent._request and described(agent._request.intent),
            (agent._asked_slot, agent._choices, agent.lang, agent.meta),
            (agent.settings.get("uid"), agent.settings._data is agent.meta),
            sorted(set(names)),
            [bool(agent._is_current_request(request)) for request in self.kept],
            {name: hasattr(agent, name) for name in ATTRIBUTES},
        )


def same(text: str) -> str:
    """Without what is different for every agent."""
    return re.sub(r"0x[0-9a-f]+|[0-9a-f]{32}", "ID", text.replace("LightAgent", "Agent"))


def described(intent: Any) -> Any:
    slots = {name: [value.value for value in values] for name, values in intent.slots.items()}
    return (intent.name, slots, intent.meta)


def arguments(name: str, how: str) -> dict[str, Any]:
    match how:
        case "intent":
            return {"intent": Intent(name, by="hand")}
        case "too much":
            return {"intent": Intent(name), "bogus": 1}
        case "question":
            return {"slot": "s", "text": "*t*", "choices": None, "meta": {}}
        case "input":
            return {"require_input": True}
    return {}


def called(actor: Any, name: str, how: str) -> Any:
    if name.startswith("is_in_"):
        return getattr(actor, name)(None)
    # Neither takes them: a question, and a method of the agent itself.
    takes_none = name.startswith("is_") or name == "done"
    return getattr(actor, name)(**({} if takes_none else arguments(name, how)))


def answered(actor: Any, text: str | None) -> None:
    actor.answer(text, Card("c", "d") if text == "card" else None, extra=1)


def raised(_actor: Any, index: int) -> None:
    raise RAISED[index]("skill")


ACTS: dict[str, Any] = {
    "answer": answered,
    "ask": lambda actor, *question: actor.ask(*question, extra=2),
    "done": lambda actor, required: actor.done(require_input=required),
    "context": lambda actor, name: actor.context(name),
    "queue": lambda actor, name: actor.queue_intent(name, of="queue"),
    "go": lambda actor, name, how: actor.go(name, **arguments(name, how)),
    "trigger": lambda actor, name, how: actor.trigger(name, **arguments(name, how)),
    "call": called,
    "end": lambda actor: actor.end_conversation(),
    "build": lambda actor: actor.build(),
    "raise": raised,
}
texts = st.sampled_from(["hello", "**bold**", "card", None])
names = st.sampled_from(STATES)
hows = st.sampled_from(["intent", "intent", "", "question", "input", "too much"])
acts = st.one_of(
    st.tuples(st.just("answer"), texts),
    st.tuples(st.just("ask"), st.sampled_from(["s", "s", None]), texts, st.sampled_from(CHOICES)),
    st.tuples(st.just("done"), st.booleans()),
    st.tuples(st.just("context"), st.sampled_from(CONTEXTS)),
    st.tuples(st.just("queue"), names),
    st.tuples(st.just("go"), names, hows),
    st.tuples(st.just("trigger"), names, hows),
    st.tuples(st.just("call"), st.sampled_from(ATTRIBUTES), hows),
    st.tuples(st.sampled_from(["end", "build"])),
)
of_skills = st.lists(
    st.one_of(
        acts, acts, st.tuples(st.just("raise"), st.sampled_from([0, 1, 2])), st.just(("keep",))
    ),
    max_size=4,
)


class BothAgents(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.sides: list[Side] = []

    @initialize(training=st.sampled_from(TRAININGS), in_full=st.booleans())
    def begin(self, training: tuple[str, ...], in_full: bool) -> None:  # noqa: FBT001 - drawn
        self.sides = [Side(kind, training, in_full=in_full) for kind in (Agent, LightAgent)]
        visited["logged in full" if in_full else "logged warnings only"] += 1
        self.compare(self._make)

    @staticmethod
    def _make(side: Side) -> None:
        side.agent = side.make()
        # As a skill's hook would, or a test's.
        visited["hook called"] += ("created", "__asleep__") in side.told

    def compare(self, happens: Any) -> Any:
        """Have it happen to both; nothing of what comes of it may differ."""
        outcomes = []
        for side in self.sides:
            try:
                outcomes.append(("returned", happens(side)))
            except Exception as error:  # noqa: BLE001 - compared
                outcomes.append(("raised", type(error).__name__, same(str(error))))
        stock, light = self.sides
        assert light.told == stock.told
        assert outcomes[1] == outcomes[0]
        assert light.stands() == stock.stands()
        told = list(stock.told)
        for side in self.sides:
            side.told.clear()
        self._note(outcomes[0], told)
        return outcomes[0]

    def _note(self, outcome: Any, told: list[Any]) -> None:
        agent = self.sides[0].agent
        if agent is None:
            visited["no agent"] += 1
            return
        if outcome[0] == "raised":
            visited[f"raised {outcome[1]}"] += 1
        visited["condition failed"] += outcome == ("returned", False)
        state = agent.state
        if state in STATES:
            kind = state if is_builtin(state) else "an intent"
            visited[f"in {kind} of a context" if "/" in state else f"in {kind}"] += 1
        else:
            visited["in nowhere"] += 1
        visited["asleep with a queue"] += state == "__asleep__" and bool(agent._intents_queue)
        visited["intents in a queue"] += bool(agent._intents_queue)
        visited["required input"] += ("done", True) in told and state != "__ask__"
        logged = [one[1] for one in told if one[0] in {"WARNING", "ERROR"}]
        for name, begins in (
            ("could not trigger", "Could not trigger"),
            ("no handler", "No handler"),
            ("lacks a key", "One of required keys"),
            ("new intent out of reach", 'Could not trigger "c": Do not know'),
        ):
            visited[name] += any(text.startswith(begins) for text in logged)
        raised = any(text.strip("'") == "skill" for text in logged)
        visited["skill raised"] += raised
        visited["skill raised after a question"] += raised and any("ask" in one for one in told)
        visited["the fallback of a context"] += any("v/__fallback__" in one for one in told)

    def has_agent(self) -> bool:
        return bool(self.sides) and self.sides[0].agent is not None

    def teardown(self) -> None:
        for side in self.sides:
            side.close()

    @precondition(lambda self: not self.has_agent())
    @rule(training=st.sampled_from(TRAININGS))
    def make_again(self, training: tuple[str, ...]) -> None:
        self.learn(training)
        self.compare(self._make)

    @rule(name=st.sampled_from(HANDLED), script=of_skills)
    def script(self, name: str, script: list[Any]) -> None:
        """What the skill does the next time."""
        for side in self.sides:
            side.scripts.setdefault(name, []).append(list(script))

    @precondition(has_agent)
    @rule(sentence=st.sampled_from(SENTENCES), meta=st.sampled_from([{}, {"device": "d"}]))
    def parse(self, sentence: str, meta: dict[str, Any]) -> None:
        agent = self.sides[0].agent
        asked, choices = agent.state == "__ask__", agent._choices
        before = agent._request
        self.compare(lambda side: side.agent.parse(sentence, **meta))
        cancels = "cancel" in sentence and "__cancel__" in self.sides[0].interpreter.intents
        if asked:
            visited["cancelled a question"] += cancels and agent._request is not before
            if choices and not cancels:
                matched = before is not None and before.intent.slot("s").first().value is not None
                visited["choice matched" if matched else "choice not matched"] += 1
            visited["question out of reach"] += agent.state == "__ask__" and not cancels
        visited["cancelled"] += cancels

    @precondition(has_agent)
    @rule(act=acts)
    def act(self, act: Any) -> None:
        """Somebody who has the agent does something."""
        agent = self.sides[0].agent
        asked, waits = agent.state == "__ask__", bool(agent._intents_queue)
        outcome = self.compare(lambda side: side.act(side.agent, act))
        if act == ("build",):
            visited["rebuilt with a question"] += asked
            visited["rebuilt with a queue"] += waits
            visited["learnt a fault"] += outcome[0] == "raised"
        if act[0] == "call" and outcome[0] == "returned":
            learnt = build_scopes(self.sides[0].interpreter.intents)
            known = {name for names in learnt.values() for name in names}
            name = act[1].removeprefix("to_").removeprefix("is_")
            visited["a former name kept"] += name in STATES and name not in {*known, *BUILT_IN}

    @precondition(lambda self: self.has_agent() and bool(self.sides[0].kept))
    @rule(act=acts, index=st.integers(0, 9))
    def act_late(self, act: Any, index: int) -> None:
        """A skill's own thread comes back to a request."""
        agent, kept = self.sides[0].agent, self.sides[0].kept
        current = agent._is_current_request(kept[index % len(kept)])
        visited["late answer" if current else "late and dropped"] += act[0] == "answer"
        self.compare(lambda side: side.act(side.kept[index % len(kept)].agent, act))

    @rule(training=st.sampled_from(TRAININGS))
    def learn(self, training: tuple[str, ...]) -> None:
        for side in self.sides:
            side.interpreter.intents = list(training)

    @precondition(has_agent)
    @rule(name=st.sampled_from([*STATES, "nowhere"]))
    def put_into(self, name: str) -> None:
        """Somebody changes the state by hand."""
        self.compare(lambda side: setattr(side.agent, "state", name))

    @precondition(has_agent)
    @rule(holds=st.booleans())
    def replace_condition(self, holds: bool) -> None:  # noqa: FBT001 - drawn
        """What `build` has made can be replaced, as any attribute."""
        self.compare(lambda side: setattr(side.agent, "is_in_v_context", lambda _: holds))


def scripted(name, *script):
    return (BothAgents.script, name, list(script))


def acted(*act):
    return (BothAgents.act, act)


DONE = (BothAgents.act, ("done", False))
# What a random run would seldom bring about.
TOUR: tuple[Any, ...] = (
    (BothAgents.parse, "a", {"device": "d"}),
    scripted("a", ("answer", "**bold**"), ("done", True)),
    (BothAgents.parse, "a", {}),
    # Questions, with choices and without.
    scripted("a", ("ask", "s", "*What*?", ["kitchen", "bathroom"]), ("answer", "unheard")),
    scripted("a", ("ask", "s", "What?", ["kitchen", "bathroom"])),
    scripted("a", ("keep",), ("ask", "s", "What?", ["kitchen", "bathroom"]), ("raise", 0)),
    (BothAgents.parse, "a", {}),
    (BothAgents.parse, "nothing", {}),
    (BothAgents.parse, "kitchen", {"device": "e"}),
    (BothAgents.parse, "cancel", {}),
    (BothAgents.act_late, ("answer", "late"), 0),
    (BothAgents.act_late, ("queue", "b"), 0),
    # Silent skills, which go on later.
    scripted("a", ("keep",), ("answer", "first")),
    (BothAgents.parse, "a+b", {}),
    (BothAgents.act_late, ("answer", "card"), 1),
    (BothAgents.parse, "b", {}),
    (BothAgents.act_late, ("done", False), 1),
    # Contexts, and their own cancel.
    acted("go", "v/peek", "intent"),
    acted("trigger", "v/peek", "intent"),
    acted("context", "v"),
    (BothAgents.parse, "peek", {}),
    (BothAgents.parse, "a", {}),
    acted("context", "v/w"),
    (BothAgents.parse, "deep", {}),
    acted("context", "v"),
    scripted("v/peek", ("keep",)),
    (BothAgents.parse, "peek+leave", {}),
    acted("call", "is_in_v_context", ""),
    (BothAgents.parse, "cancel", {}),
    acted("context", "v"),
    (BothAgents.replace_condition, False),
    acted("trigger", "v/peek", "intent"),
    (BothAgents.replace_condition, True),
    acted("context", "gone"),
    acted("trigger", "v/peek", "intent"),
    acted("context", None),
    # Skills that fail, and events that lack something.
    scripted("b", ("raise", 1)),
    scripted("b", ("raise", 2)),
    (BothAgents.parse, "b+b+a", {}),
    acted("trigger", "__cancel__", "intent"),
    acted("context", "v"),
    acted("call", "to___cancel__", ""),
    acted("trigger", "__cancel__", "intent"),
    DONE,
    acted("context", None),
    acted("go", "a", ""),
    acted("go", "a", "too much"),
    DONE,
    acted("go", "c", "intent"),
    acted("go", "__asleep__", ""),
    acted("trigger", "__asleep__", ""),
    acted("trigger", "nowhere", ""),
    acted("call", "nowhere", ""),
    acted("call", "to_a", "intent"),
    acted("go", "__ask__", ""),
    DONE,
    acted("call", "to___fallback__", ""),
    acted("call", "__ask__", "question"),
    (BothAgents.parse, "", {}),
    acted("call", "to___cancel__", ""),
    acted("ask", "s", "Not while it is cancelled", None),
    acted(
        "end",
    ),
    acted("done", 1),
    (BothAgents.put_into, "nowhere"),
    DONE,
    (BothAgents.put_into, "__asleep__"),
    # What the interpreter learns: with a question, with a queue, in a skill.
    scripted("a", ("ask", "s", "What?", None)),
    (BothAgents.parse, "a", {}),
    (BothAgents.learn, TRAININGS[1]),
    acted(
        "build",
    ),
    acted(
        "build",
    ),
    acted("go", "c", "intent"),
    acted("call", "c", "intent"),
    DONE,
    (BothAgents.put_into, "a"),
    acted("queue", "b"),
    (BothAgents.put_into, "__asleep__"),
    scripted("a", ("build",), ("answer", "unheard")),
    (BothAgents.parse, "a", {}),
    (BothAgents.act, ("call", "to_b", "")),
    (BothAgents.act, ("queue", "a")),
    (BothAgents.learn, TRAININGS[2]),
    acted(
        "build",
    ),
    acted("call", "to_b", ""),
    acted("call", "b", "intent"),
    acted("context", "x"),
    *[acted("call", name, "intent") for name in ATTRIBUTES],
    (BothAgents.learn, TRAININGS[5]),
    acted(
        "build",
    ),
    *[acted("call", name, "") for name in ATTRIBUTES],
    (BothAgents.learn, TRAININGS[0]),
    acted(
        "build",
    ),
    acted("context", None),
    # A question of an intent that is out of reach by then.
    scripted("v/peek", ("context", None), ("ask", "s", "Sure?", None)),
    acted("context", "v"),
    (BothAgents.replace_condition, False),
    acted("call", "to_v/peek", ""),
)


def toured(in_full):
    both = BothAgents()
    try:
        both.begin(TRAININGS[5], in_full)
        both.make_again(TRAININGS[0])
        for happens, *how in TOUR:
            happens(both, *how)
    finally:
        both.teardown()


@pytest.fixture(autouse=True)
def _quiet():
    """Without the warnings of `transitions` about names that it has bound before."""
    logger = logging.getLogger("transitions.core")
    logger.setLevel(logging.ERROR)
    yield
    logger.setLevel(logging.NOTSET)


class TestOurAgent:
    def test_is_pytlas_own_in_all_that_may_happen(self):
        visited.clear()
        toured(in_full=True)
        toured(in_full=False)
        assert {name for name in INTERESTING if not visited[name]} == set()

    def test_is_pytlas_own_in_any_order(self):
        profile = settings(share(1.0), stateful_step_count=40)
        run_state_machine_as_test(BothAgents, settings=profile)
