"""Skills speak while their request lasts, and within the bounds."""

from __future__ import annotations

import pytest
from twisted.logger import globalLogPublisher

from pytlas_wamp.assistant.output import Output, OutputBounds
from pytlas_wamp.assistant.speech import Speech
from pytlas_wamp.assistant.turns import Turn
from pytlas_wamp.assistant.worker import make_guard

BYTES = 1_024


class Speaker:
    """An agent that does nothing but listen; a request is over when it is in `ended`."""

    def __init__(self):
        self.heard = []
        self.ended = set()
        self.looks = 0
        self.ends_at_look = None
        self.output = Output(
            emit=self.heard.append,
            bounds=OutputBounds(max_frames_per_turn=2, max_frame_bytes=BYTES),
        )
        self.speech = Speech(speaker=self, guard=make_guard(), output=self.output)

    def is_over(self, request):
        self.looks += 1
        return request in self.ended or self.looks == self.ends_at_look

    def skill_at_work(self):
        return "weather"

    def tell_answer(self, body):
        self.heard.append(("answer", body.text))

    def tell_question(self, body):
        self.heard.append(("ask", body and body.slot))

    def tell_context(self, name):
        self.heard.append(("context", name))

    def say_no_more(self, reason):
        self.heard.append(("no more", reason))

    def answer(self, text, request="r"):
        self.speech.answer(request, text, None, {})

    def take(self):
        heard, self.heard = self.heard, []
        return heard


@pytest.fixture
def speaker():
    speaker = Speaker()
    speaker.output.begin(Turn())
    return speaker


@pytest.fixture
def lines():
    events = []
    globalLogPublisher.addObserver(events.append)
    yield lambda: [event["reason"] for event in events if "reason" in event]
    globalLogPublisher.removeObserver(events.append)


class TestSaying:
    def test_answers_questions_and_contexts_are_told(self, speaker):
        speaker.speech.answer("r", "hello", None, {"a": 1})
        speaker.speech.context("r", "vault")
        speaker.speech.ask("r", "room", "Where?", None, {})
        assert speaker.take() == [("answer", "hello"), ("context", "vault"), ("ask", "room")]

    def test_a_context_has_a_text_for_a_name_or_none(self, speaker):
        speaker.speech.context("r", 5)
        speaker.speech.context("r", None)
        assert speaker.take() == [("context", "5"), ("context", None)]

    def test_a_question_without_a_text_is_told_as_none(self, speaker):
        speaker.speech.ask("r", "room", None, None, {})
        assert speaker.take() == [("ask", None)]

    def test_a_request_that_is_over_says_nothing(self, speaker):
        speaker.ended.add("r")
        speaker.answer("late")
        assert speaker.take() == []

    def test_one_that_ends_meanwhile_says_nothing(self, speaker):
        speaker.ends_at_look = 2
        speaker.answer("late")
        assert speaker.take() == []
        assert speaker.looks == 2


class TestTooMany:
    def test_answers_and_contexts_end_the_turn(self, speaker):
        speaker.answer("one")
        speaker.speech.context("r", "vault")
        assert len(speaker.take()) == 2
        speaker.answer("three")
        assert speaker.take() == [
            ("no more", "the skill weather sent more than 2 frames in a turn")
        ]

    def test_a_question_does_not_count(self, speaker):
        speaker.answer("one")
        speaker.answer("two")
        speaker.take()
        speaker.speech.ask("r", "room", "Where?", None, {})
        assert speaker.take() == [("ask", "room")]

    def test_on_behalf_of_no_request_they_are_dropped(self, speaker, lines):
        for text in "1234":
            speaker.answer(text, request=None)
        assert speaker.take() == [("answer", "1"), ("answer", "2")]
        assert lines() == ["the skill weather sent more than 2 frames in a turn"]

    def test_outside_of_turns_they_are_dropped(self, speaker, lines):
        speaker.output.finish()
        for text in "1234":
            speaker.answer(text)
        assert speaker.take() == [("answer", "1"), ("answer", "2")]
        assert len(lines()) == 1
        speaker.output.begin(Turn())
        speaker.answer("5")
        assert speaker.take() == [("answer", "5")]


class TestTooBig:
    REASON = f"the skill weather sent a frame of more than {BYTES} bytes"

    def test_an_answer_ends_the_turn(self, speaker):
        speaker.answer("x" * BYTES)
        assert speaker.take() == [("no more", self.REASON)]

    def test_a_question_ends_the_turn(self, speaker):
        speaker.speech.ask("r", "room", "Where?", ["x" * BYTES], {})
        assert speaker.take() == [("no more", self.REASON)]

    def test_the_name_of_a_context_ends_the_turn(self, speaker):
        speaker.speech.context("r", "x" * BYTES)
        assert speaker.take() == [("no more", self.REASON)]

    def test_on_behalf_of_no_request_it_is_dropped(self, speaker, lines):
        speaker.answer("x" * BYTES, request=None)
        assert (speaker.take(), lines()) == ([], [self.REASON])

    def test_of_a_request_that_ends_meanwhile_it_is_dropped(self, speaker, lines):
        speaker.ends_at_look = 2
        speaker.answer("x" * BYTES)
        assert (speaker.take(), lines()) == ([], [self.REASON])
