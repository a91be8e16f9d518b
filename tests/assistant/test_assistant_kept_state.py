"""What a record says about the present of a conversation."""

from __future__ import annotations

import json

import pytest

from pytlas_wamp.assistant.kept_state import KeptState, frame_of
from pytlas_wamp.assistant.snapshots import BadSnapshot
from pytlas_wamp.wire.codec import encode
from pytlas_wamp.wire.messages import Ask, AskData, Context, Goodbye, Thinking

QUESTION = Ask(seq=4, data=AskData(slot="room", text="Where?", raw_text="Where?", choices=None))
CONTEXT = Context(seq=2, name="vault")


class TestStates:
    @pytest.mark.parametrize(
        "state",
        [
            KeptState(language="fr-FR", agent={"queue": [1]}),
            KeptState(language="fr-FR", question=QUESTION),
            KeptState(language="fr-FR", agent={"a": 1}, question=QUESTION, context=CONTEXT),
        ],
    )
    def test_are_read_as_they_were_written(self, state):
        assert KeptState.of(state.text(), "en-US") == state

    def test_that_say_nothing_are_no_text(self):
        assert KeptState(language="fr-FR").text() == ""
        assert KeptState.of("", "en-US") == KeptState(language="en-US")

    @pytest.mark.parametrize(
        "text",
        [
            "[",
            json.dumps({"version": 1, "question": 7}),
            KeptState(language="x", question=QUESTION).text().replace("ask", "ask2"),
            KeptState(language="x", context=CONTEXT).text().replace("context", "goodbye", 2)[:-1],
        ],
    )
    def test_that_nobody_wrote_are_refused(self, text):
        with pytest.raises(BadSnapshot):
            KeptState.of(text, "en-US")

    def test_take_no_other_frame_for_a_question(self):
        text = KeptState(language="x", context=CONTEXT).text()
        assert KeptState.of(text.replace('"context"', '"question"', 1), "x").question is None
        text = KeptState(language="x", question=QUESTION).text()
        assert KeptState.of(text.replace('"question"', '"context"', 1), "x").context is None


class TestFrames:
    def test_are_those_of_a_conversation(self):
        assert frame_of(encode(Thinking(seq=7))) == Thinking(seq=7)
        with pytest.raises(BadSnapshot):
            frame_of("{}")
        with pytest.raises(BadSnapshot):
            frame_of(encode(Goodbye(reason="shutdown", retry_after=1.0)))
