"""An agent that goes on where another one stopped: nobody can tell them apart."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta

import pytest
from agent_rigs import Hosted
from dateutil.relativedelta import relativedelta
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from kept_values import VALUES, shown
from pytlas.understanding import SlotValue, UnitValue

from pytlas_wamp.assistant.breakers import Breakers
from pytlas_wamp.assistant.output import OutputBounds
from pytlas_wamp.assistant.snapshots import BadSnapshot, dumps, loads
from pytlas_wamp.assistant.turns import Turn
from pytlas_wamp.assistant.worker import make_guard
from skills_for_tests import all_skills, make_interpreter
from strategies import share, texts
from transcript_assistant import Gates, WordInterpreter, installed

THINKING = ("thinking",)
DONE = ("done", False)
SETTINGS = {"uid": 7, "WEATHER_KEY": "k"}
SLOTS = ("a", "b", "c")


def answered(text):
    return [THINKING, ("answer", text, text, []), DONE]


class Reader(WordInterpreter):
    """Reads a reply as the values that were drawn for its slot."""

    def __init__(self, values):
        intents = ["form", "echo", "lights", "enter", "vault/form", "vault/peek", "vault/leave"]
        super().__init__("en", [*intents, "__cancel__", "__fallback__"], sentences={})
        self._values = values
        self.fit_from_skill_data()

    def parse_slot(self, intent, slot, msg):
        if msg == "broken":
            raise RuntimeError("no model")
        values = self._values.get(slot, [msg])
        return [SlotValue(value, rawValue=msg, range={"start": 0}) for value in values]


def form(questions):
    """A skill that asks for one slot after the other, and does things in between."""

    def skill(request):
        agent, intent = request.agent, request.intent
        for slot, choices, effects in questions:
            if intent.slot(slot).is_empty():
                for name, value in effects:
                    EFFECTS[name](request, value)
                agent.ask(slot, f"{slot}?", choices, extra=len(effects))
                return
        told = [intent.slots, intent.meta, agent.meta, agent.settings.get("key", section="weather")]
        agent.answer(repr(shown(told)))
        agent.done()

    return skill


EFFECTS = {
    "answer": lambda request, value: request.agent.answer(repr(shown(value))),
    "context": lambda request, value: request.agent.context(value),
    "queue": lambda request, value: request.agent.queue_intent("echo", text=value, more=[1, 2]),
    "meta": lambda request, value: request.agent.meta.update({"own": value}),
    "intent": lambda request, value: request.intent.meta.update({"kept": value}),
}
DEEDS = st.one_of(
    st.tuples(st.just("meta"), VALUES),
    st.tuples(st.just("intent"), VALUES),
    st.tuples(st.just("queue"), texts(min_size=1, max_size=4)),
    st.tuples(st.just("context"), st.sampled_from(["vault", None, "nowhere"])),
    st.tuples(st.just("answer"), st.just("so far")),
)
QUESTIONS = st.tuples(
    st.sampled_from(SLOTS),
    st.none() | st.just(["one", "two", "three"]),
    st.lists(DEEDS, min_size=1, max_size=3),
)
STEPS = st.tuples(
    st.sampled_from(
        (
            *("form", "one", "two", "tow", "anything", "", "broken", "cancel"),
            *("echo hi", "enter", "peek", "leave", "lights", "!ring"),
        )
    ),
    st.dictionaries(texts(max_size=3), st.integers() | texts(max_size=3), max_size=1),
    st.booleans(),
)
visited: Counter[str] = Counter()


class Pair:
    """One agent that goes on, and one that is put away and made anew."""

    def __init__(self, values=None):
        self.reader = Reader(values or {})
        self.lasting = self._new()
        self.restarted = self._new()

    def _new(self):
        return Hosted(self.reader, **SETTINGS)

    def restart(self):
        """Put the second one away, and have a new one go on."""
        state = self.restarted.agent.snapshot()
        visited.update(list(state))
        self.restarted = self._new()
        assert self.restarted.agent.restore(loads(dumps(state)))
        assert self.restarted.take() == []
        assert self.restarted.agent.snapshot() == state

    def say(self, text, **meta):
        """Say it to both; the frames, when they are the same."""
        frames = []
        for hosted in (self.lasting, self.restarted):
            hosted.emissions.clear()
            turn = Turn(text=text, meta=meta)
            if text == "!ring":
                hosted.agent.queue_intent("echo", text="ring")
                hosted.agent.wake_if_waiting()
                if hosted.wakes:
                    hosted.wakes = 0
                    hosted.agent.run_queued(turn)
            else:
                hosted.agent.take(turn)
                hosted.answer_wakes(turn)
            frames.append([(one.kind, one.fields, one.skill) for one in hosted.emissions])
            frames[-1].append((turn.outcome, turn.skill))
        assert frames[0] == frames[1]
        self.lasting.take()
        return self.restarted.take()


@share(0.5)
@given(
    st.lists(QUESTIONS, min_size=1, max_size=4),
    st.fixed_dictionaries({slot: st.lists(VALUES, max_size=2) for slot in SLOTS}),
    st.lists(STEPS, max_size=8),
)
def no_difference(questions, values, steps):
    skills = {**all_skills(Gates()), "form": form(questions), "vault/form": form(questions)}
    with installed(skills):
        pair = Pair(values)
        for text, meta, restart in [("form", {}, True), *steps]:
            pair.say(text, **{f"m_{key}": value for key, value in meta.items()})
            if restart:
                pair.restart()


KINDS = [
    datetime(2026, 1, 1, 12),  # noqa: DTZ001 - a naive one
    datetime(2026, 1, 1, 12, tzinfo=UTC),
    date(2026, 1, 1),
    time(12, 30),
    timedelta(hours=1),
    relativedelta(months=+1, hour=8),
    UnitValue(20.0, "degree"),
    SlotValue("inner", a=1),
    (datetime(2026, 1, 1, tzinfo=UTC), None),
    {"$date": "no date"},
    float("inf"),
]


class TestGoingOn:
    def test_nobody_can_tell_the_difference(self):
        visited.clear()
        no_difference()
        if Phase.shrink in settings.default.phases:
            assert set(visited) == {"question", "context", "queue", "meta"}

    @pytest.mark.parametrize("value", KINDS, ids=lambda value: type(value).__name__)
    def test_a_slot_is_still_there(self, value):
        questions = [("a", None, []), ("b", ["one", "two"], []), ("c", None, [])]
        with installed({"form": form(questions)}):
            pair = Pair({"a": [value]})
            pair.say("form", place="home")
            pair.restart()
            pair.say("whatever")
            pair.restart()
            assert pair.say("zzzz")[-1] == ("ask", "b", "b?", "b?", ["one", "two"])
            pair.restart()
            pair.say("tow")
            pair.restart()
            told = pair.say("the end", more=1)
        assert [one[0] for one in told] == ["thinking", "answer", "done"]
        assert repr(shown(value)) in told[1][1]

    def test_what_was_queued_runs_after_the_answer(self):
        with installed({**all_skills(Gates()), "form": form([("a", None, [("queue", "later")])])}):
            pair = Pair()
            pair.say("form")
            pair.restart()
            assert pair.say("x")[-3:] == answered("later")

    def test_a_cancel_ends_the_question(self):
        with installed(
            {**all_skills(Gates()), "form": form([("a", None, [("context", "vault")])])}
        ):
            pair = Pair()
            pair.say("form")
            pair.restart()
            assert pair.say("cancel") == [("context", None), *answered("Cancelled")]
            assert pair.say("echo x") == answered("x")


class TestSnapshot:
    def test_there_is_none_where_nothing_is_left(self, gates):
        hosted = Hosted(**SETTINGS)
        assert hosted.agent.snapshot() == {}
        hosted.say("echo x")
        assert hosted.agent.snapshot() == {}

    def test_it_has_what_skills_have_put_into_meta(self, gates):
        hosted = Hosted(**SETTINGS)
        hosted.agent.meta.update(uid=8, own=[1], WEATHER_KEY="other")
        assert hosted.agent.snapshot() == {"meta": {"own": [1]}}

    def test_settings_that_came_later_are_not_in_it(self, gates):
        hosted = Hosted(**SETTINGS)
        hosted.agent.replace_settings({"NEW_KEY": "n"}, known=frozenset({"WEATHER_KEY"}))
        hosted.agent.meta["WEATHER_KEY"] = "a skill's"
        assert hosted.agent.snapshot() == {"meta": {"WEATHER_KEY": "a skill's"}}

    def test_it_does_not_change_afterwards(self, gates):
        hosted = Hosted()
        hosted.agent.meta["own"] = [1]
        state = hosted.agent.snapshot()
        hosted.agent.meta["own"].append(2)
        assert state == {"meta": {"own": [1]}}

    def test_a_request_that_runs_is_not_in_it(self, gates):
        hosted = Hosted()
        hosted.say("later")
        assert hosted.agent.snapshot() == {}

    def test_what_cannot_be_kept_is_left_out(self, gates):
        hosted = Hosted()
        hosted.agent.meta.update(bad=object(), good=1)
        assert hosted.agent.snapshot() == {"meta": {"good": 1}}


class TestRestore:
    def asking(self, interpreter=None):
        hosted = Hosted(interpreter)
        hosted.say("enter")
        hosted.agent.context(None)
        hosted.agent.meta["own"] = 1
        hosted.say("lights")
        hosted.agent.queue_intent("echo", text="waits")
        return hosted.agent.snapshot()

    def test_settings_of_today_count(self, gates):
        hosted = Hosted(**SETTINGS)
        hosted.agent.restore({"meta": {"WEATHER_KEY": "old", "uid": 1, "own": 2}})
        assert hosted.agent.meta == {**SETTINGS, "own": 2}

    def test_without_a_question_it_is_complete(self, gates):
        assert Hosted().agent.restore({"context": "vault"})
        assert Hosted().agent.restore({})

    def test_a_question_whose_skill_is_gone_is_lost_and_nothing_else(self, gates):
        state = self.asking()
        skills = all_skills(gates)
        del skills["lights"]
        with installed(skills):
            hosted = Hosted()
            assert not hosted.agent.restore(state)
            assert hosted.agent.meta["own"] == 1
            assert hosted.say("echo x")
            assert hosted.take() == [*answered("waits"), *answered("x")]

    def test_a_question_whose_intent_is_gone_is_lost(self, gates):
        state = self.asking()
        interpreter = make_interpreter()
        interpreter.intents = ["echo"]
        hosted = Hosted(interpreter)
        assert not hosted.agent.restore(state)
        assert hosted.agent.snapshot().keys() == {"queue", "meta"}

    def test_what_is_damaged_changes_nothing(self, gates):
        hosted = Hosted()
        with pytest.raises(BadSnapshot):
            hosted.agent.restore({"meta": {"a": 1}, "context": "vault", "queue": [1]})
        assert hosted.agent.snapshot() == {}

    def test_intents_that_wait_wake(self, gates):
        hosted = Hosted()
        hosted.agent.restore({"queue": [{"name": "silent", "slots": {}, "meta": {}}]})
        assert (hosted.wakes, hosted.take()) == (0, [])
        hosted.agent.wake_if_waiting()
        assert hosted.wakes == 1
        turn = Turn()
        hosted.agent.run_queued(turn)
        assert hosted.take() == [THINKING, DONE]
        assert hosted.settled == [turn]

    def test_intents_that_wait_for_a_reply_do_not(self, gates):
        hosted = Hosted()
        hosted.agent.restore(self.asking())
        hosted.agent.wake_if_waiting()
        assert hosted.wakes == 0


class TestSteps:
    """What differs from pytlas; the rest is in test_assistant_agent.py."""

    def test_an_intent_in_a_context_may_be_handled_by_a_skill_of_its_own(self, gates):
        skills = all_skills(gates)
        skills["vault/__fallback__"] = skills["vault/peek"]
        with installed(skills):
            hosted = Hosted()
            hosted.agent.context("vault")
            hosted.take()
            hosted.say("what")
        assert hosted.take() == answered("Gold")

    def test_what_the_interpreter_learns_is_reached(self, gates):
        interpreter = make_interpreter()
        everything, interpreter.intents = interpreter.intents, ["silent"]
        hosted = Hosted(interpreter)
        interpreter.intents = everything
        hosted.say("echo x")
        assert hosted.take() == answered("x")

    def test_an_intent_that_nothing_handles_leads_nowhere(self, gates):
        hosted = Hosted()
        hosted.say("nohandler")
        assert hosted.take() == [DONE]

    def test_a_skill_that_fails_too_often_is_not_called(self, gates):
        breakers = Breakers(now=lambda: 0.0, guard=make_guard(), failures=1, seconds=60.0)
        hosted = Hosted(breakers=breakers)
        hosted.say("boom")
        hosted.take()
        hosted.say("echo x")
        assert hosted.take() == [
            (
                "error",
                "skill-unavailable",
                "the skill testing failed too often; it is left alone for a while",
            ),
            DONE,
        ]
        assert hosted.emissions[-2].fields["retry_after"] == 60.0

    def test_a_skill_that_queues_itself_is_stopped(self, gates):
        def skill(request):
            request.agent.queue_intent("echo")
            request.agent.queue_intent("echo")
            request.agent.done()

        with installed({"echo": skill}):
            hosted = Hosted(bounds=OutputBounds(max_frames_per_turn=5))
            turn = hosted.say("echo")
        text = "the skill transcripts was to be called in a turn with more than 5 calls"
        assert hosted.take() == [*[THINKING, DONE] * 5, ("error", "skill-failed", text), DONE]
        assert (turn.outcome, hosted.settled) == ("failed", [turn])
        assert hosted.agent.snapshot() == {}
