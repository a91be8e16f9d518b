"""How things stand with an agent, written and read."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kept_values import VALUES, shown
from pytlas.understanding import Intent, SlotValues

from pytlas_wamp.assistant.snapshots import BadSnapshot, dumps, loads
from pytlas_wamp.assistant.standing import Question, Standing
from strategies import share, texts


def _intent(name, slots, meta):
    intent = Intent(name, **slots)
    intent.meta = meta
    return intent


INTENTS = st.builds(
    _intent,
    texts(),
    st.dictionaries(st.sampled_from(["room", "when"]), st.lists(VALUES, max_size=2)),
    st.dictionaries(texts(max_size=4), VALUES, max_size=2),
)
QUESTIONS = st.builds(
    Question, intent=INTENTS, slot=texts(), choices=st.none() | st.lists(texts(), max_size=3)
)
STANDINGS = st.builds(
    Standing,
    question=st.none() | QUESTIONS,
    context=st.none() | texts(),
    queue=st.lists(INTENTS, max_size=2).map(tuple),
    meta=st.dictionaries(texts(max_size=4), VALUES, max_size=3),
)


def seen(intent):
    return (intent.name, shown(intent.slots), shown(intent.meta))


def all_of(standing):
    question = standing.question
    return (
        question and (seen(question.intent), question.slot, question.choices),
        standing.context,
        [seen(intent) for intent in standing.queue],
        shown(standing.meta),
    )


class TestWriting:
    @pytest.mark.untraced
    @share(0.5)
    @given(STANDINGS)
    def test_it_is_read_as_it_was(self, standing):
        state = loads(dumps({"agent": standing.state()}))["agent"] if standing.state() else {}
        assert all_of(Standing.of(state)) == all_of(standing)

    def test_nothing_is_nothing(self):
        assert Standing().state() == {}
        assert all_of(Standing.of({})) == all_of(Standing())

    def test_equal_ones_are_written_alike(self):
        def state():
            intent = Intent("lights", when=date(2026, 1, 1))
            return Standing(question=Question(intent=intent, slot="room", choices=None)).state()

        assert state() == state()

    def test_slots_are_those_of_pytlas(self):
        state = Standing(queue=(Intent("lights", room="hall"),)).state()
        assert type(Standing.of(state).queue[0].slot("room")) is SlotValues

    def test_what_is_no_intent_is_left_out(self):
        assert Standing(queue=("lights",)).state() == {}

    def test_what_a_skill_has_spoilt_is_left_out(self):
        intent = Intent("lights")
        intent.slots, intent.meta = None, [1]
        (read,) = Standing.of(Standing(queue=(intent,)).state()).queue
        assert (read.name, read.slots, read.meta) == ("lights", {}, {})

    def test_what_cannot_be_kept_is_left_out(self):
        assert Standing(meta={"a": object(), "b": 1}).state() == {"meta": {"b": 1}}


GOOD = {"name": "lights", "slots": {}, "meta": {}}
DAMAGED = [
    {"context": 1},
    {"meta": [1]},
    {"meta": {"$unknown": 1}},
    {"queue": 1},
    {"queue": ["x"]},
    {"queue": [{"name": "x", "slots": {}}]},
    {"queue": [{**GOOD, "name": 1}]},
    {"queue": [{**GOOD, "slots": []}]},
    {"question": {}},
    {"question": {"intent": GOOD, "slot": None, "choices": None}},
    {"question": {"intent": GOOD, "slot": "x", "choices": [1]}},
    {"question": {"intent": GOOD, "slot": "x", "choices": 1}},
    [],
]


class TestDamaged:
    @pytest.mark.parametrize("state", DAMAGED)
    def test_it_raises_one_error(self, state):
        with pytest.raises(BadSnapshot):
            Standing.of(state)

    def test_what_the_user_said_is_not_shown(self):
        intent = Intent("echo", text="secret")
        standing = Standing(
            question=Question(intent=intent, slot="x", choices=["secret"]), meta={"a": "secret"}
        )
        assert "secret" not in repr(standing)
