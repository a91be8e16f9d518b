"""What becomes of turns: told by skill and outcome, counted by breakers, and within bounds."""

from __future__ import annotations

import pytest
from agent_rigs import Hosted

from pytlas_wamp.assistant.breakers import Breakers
from pytlas_wamp.assistant.output import OutputBounds
from pytlas_wamp.assistant.turns import Turn
from pytlas_wamp.assistant.worker import make_guard
from pytlas_wamp.wire.codes import ErrorCode
from pytlas_wamp.wire.messages import Ask, Context, Done, Error, Thinking
from skills_for_tests import all_skills
from transcript_assistant import installed

THINKING = ("thinking",)
DONE = ("done", False)
ROOT = ("context", None)


def answer(text):
    return ("answer", text, text, [])


@pytest.fixture
def hosted(gates):
    return Hosted()


def what_became_of(turn):
    return (turn.outcome, turn.skill)


class TestOutcomes:
    @pytest.mark.parametrize(
        ("sentence", "outcome"),
        [
            ("echo x", "answered"),
            ("silent", "answered"),
            ("doneinput", "answered"),
            ("doneraise", "answered"),
            ("pair", "answered"),
            ("lights", "asked"),
            ("askraise", "asked"),
            ("boom", "failed"),
            ("answerraise", "failed"),
            ("asknotext", "failed"),
        ],
    )
    def test_a_turn_has_one_with_its_skill(self, hosted, sentence, outcome):
        assert what_became_of(hosted.say(sentence)) == (outcome, "testing")

    def test_what_no_skill_takes_is_unhandled(self, hosted):
        assert what_became_of(hosted.say("nohandler")) == ("unhandled", None)

    def test_it_is_there_before_the_turn_is_settled(self, hosted):
        seen = []
        hosted.agent._settled = lambda turn: seen.append(turn.outcome)
        hosted.say("boom")
        assert seen == ["failed"]

    def test_a_failure_stays_though_the_next_intent_goes_well(self, gates):
        skills = all_skills(gates)
        skills["pair_one"] = skills["boom"]
        with installed(skills):
            assert Hosted().say("pair").outcome == "failed"

    def test_a_turn_that_is_stopped_is_cancelled(self, hosted):
        stopped = hosted.say("later")
        cancel = hosted.cancel()
        assert what_became_of(stopped) == ("cancelled", "testing")
        assert what_became_of(cancel) == ("answered", "testing")

    def test_a_cancel_that_no_skill_takes_is_cancelled(self, hosted):
        assert what_became_of(hosted.cancel()) == ("cancelled", None)
        assert what_became_of(hosted.say("cancel")) == ("cancelled", None)

    @pytest.mark.parametrize(
        ("code", "outcome"),
        [
            (ErrorCode.SKILL_TIMEOUT, "timeout"),
            (ErrorCode.BUSY, "busy"),
            (ErrorCode.INTERNAL_ERROR, "failed"),
        ],
    )
    def test_one_that_is_given_up_says_why(self, hosted, code, outcome):
        turn = hosted.say("later")
        hosted.agent.abandon(turn, code, "x")
        assert what_became_of(turn) == (outcome, "testing")

    def test_one_that_no_thread_took_is_of_no_skill(self, hosted):
        turn = Turn(text="echo x")
        hosted.agent.abandon(turn, ErrorCode.BUSY, "x")
        assert what_became_of(turn) == ("busy", None)


class TestSkills:
    def skills(self, hosted, kinds):
        return [(one.kind, one.skill) for one in hosted.emissions if one.kind in kinds]

    def test_frames_name_theirs(self, hosted):
        hosted.say("lights")
        hosted.say("boom")
        hosted.say("kitchen")
        hosted.cancel()
        kinds = (Thinking, Ask, Done, Error)
        assert {skill for _, skill in self.skills(hosted, kinds)} == {"testing"}

    def test_a_failure_names_its_own(self, hosted):
        hosted.say("boom")
        assert self.skills(hosted, (Error, Done)) == [(Error, "testing"), (Done, "testing")]

    def test_a_cancel_is_not_of_the_skill_it_stops(self, hosted):
        hosted.say("later")
        hosted.emissions.clear()
        hosted.cancel()
        assert self.skills(hosted, (Context,)) == [(Context, None)]

    def test_what_is_of_no_skill_names_none(self, hosted):
        hosted.say("nohandler")
        assert self.skills(hosted, (Done,)) == [(Done, None)]


class Broken:
    """An agent whose skills have a breaker that opens at the second failure."""

    def __init__(self):
        self.time = 0.0
        self.breakers = Breakers(
            now=lambda: self.time, guard=make_guard(), failures=2, seconds=60.0
        )
        self.hosted = Hosted(breakers=self.breakers)

    def says(self, text):
        turn = self.hosted.say(text)
        return turn.outcome, self.hosted.take()

    @property
    def failures(self):
        status = self.breakers.status()
        return status["testing"].failures if status else 0


UNAVAILABLE = (
    "error",
    "skill-unavailable",
    "the skill testing failed too often; it is left alone for a while",
)


class TestBreakers:
    @pytest.fixture
    def broken(self, gates):
        return Broken()

    def test_a_skill_that_fails_again_and_again_is_not_called(self, broken):
        broken.says("boom")
        broken.says("boom")
        assert broken.says("echo x") == ("unavailable", [UNAVAILABLE, DONE])
        error = broken.hosted.emissions[-2]
        assert (error.fields["retry_after"], error.skill) == (60.0, "testing")
        assert broken.hosted.emissions[-1].skill == "testing"

    def test_it_is_tried_again(self, broken):
        broken.says("boom")
        broken.says("boom")
        broken.time = 60
        assert broken.says("echo x") == ("answered", [THINKING, answer("x"), DONE])
        assert broken.failures == 0

    @pytest.mark.parametrize("sentence", ["echo x", "silent", "lights", "doneinput"])
    def test_a_success_is_counted(self, broken, sentence):
        broken.says("boom")
        broken.says(sentence)
        assert broken.failures == 0

    @pytest.mark.parametrize("sentence", ["boom", "askraise", "doneraise", "asknotext", "quits"])
    def test_a_failure_is_counted_once(self, broken, sentence):
        broken.says(sentence)
        assert broken.failures == 1

    def test_a_success_from_another_thread_is_counted(self, broken, gates):
        broken.says("boom")
        broken.says("later")
        assert broken.failures == 1
        gates.release("later")
        assert broken.failures == 0

    def test_a_skill_that_takes_too_long_has_failed(self, broken):
        turn = broken.hosted.say("later")
        broken.hosted.agent.abandon(turn, ErrorCode.SKILL_TIMEOUT, "x")
        assert broken.failures == 1

    def test_one_that_got_no_thread_has_not(self, broken):
        turn = broken.hosted.say("later")
        broken.hosted.agent.abandon(turn, ErrorCode.BUSY, "x")
        assert broken.failures == 0

    def test_one_that_is_cancelled_has_neither(self, broken):
        broken.says("boom")
        broken.hosted.say("later")
        cancelled = Turn()
        broken.hosted.agent.cancel(cancelled)
        assert broken.failures == 1

    def test_a_question_whose_skill_is_left_alone_ends(self, broken):
        broken.says("lights")
        broken.breakers.failed("testing")
        broken.breakers.failed("testing")
        assert broken.says("kitchen") == ("unavailable", [UNAVAILABLE, DONE])
        broken.time = 60
        assert broken.says("echo new")[0] == "answered"

    def test_a_cancel_takes_effect_without_the_skill(self, broken):
        broken.hosted.agent.context("vault")
        broken.breakers.failed("testing")
        broken.breakers.failed("testing")
        broken.hosted.take()
        turn = broken.hosted.cancel()
        assert broken.hosted.take() == [ROOT, UNAVAILABLE, DONE]
        assert turn.outcome == "unavailable"
        assert broken.hosted.agent.current_context is None

    def test_all_intents_of_a_sentence_get_an_outcome(self, broken):
        broken.says("boom")
        broken.says("boom")
        assert broken.says("pair")[1] == [UNAVAILABLE, DONE] * 2


def flood(count, *, after=lambda request: request.agent.done()):
    def skill(request):
        for number in range(count):
            request.agent.answer(f"number {number}")
        after(request)

    return skill


def keep_in(requests):
    def skill(request):
        requests.append(request)

    return skill


class TestBounds:
    def hosted(self, skill, **bounds):
        self.context = installed({**all_skills(None), "echo": skill})
        self.context.__enter__()
        return Hosted(bounds=OutputBounds(**bounds))

    @pytest.fixture(autouse=True)
    def _uninstall(self):
        yield
        self.context.__exit__(None, None, None)

    def test_a_turn_may_have_so_many_frames(self):
        hosted = self.hosted(flood(3), max_frames_per_turn=3)
        assert hosted.say("echo").outcome == "answered"
        assert hosted.take() == [THINKING, *[answer(f"number {n}") for n in range(3)], DONE]

    def test_one_more_ends_it(self):
        hosted = self.hosted(flood(10_000), max_frames_per_turn=3)
        turn = hosted.say("echo")
        text = "the skill transcripts sent more than 3 frames in a turn"
        told = [answer(f"number {n}") for n in range(3)]
        assert hosted.take() == [THINKING, *told, ("error", "skill-failed", text), DONE]
        assert hosted.settled == [turn]
        assert what_became_of(turn) == ("failed", "transcripts")

    def test_contexts_count_too(self):
        def skill(request):
            for _ in range(5):
                request.agent.context("vault")

        hosted = self.hosted(skill, max_frames_per_turn=3)
        hosted.say("echo")
        assert [one[0] for one in hosted.take()] == [
            "thinking",
            *["context"] * 3,
            "error",
            "done",
        ]

    def test_what_it_does_afterwards_is_dropped(self):
        def after(request):
            request.agent.ask("more", "More?")
            raise ValueError

        hosted = self.hosted(flood(4, after=after), max_frames_per_turn=3)
        hosted.say("echo")
        assert [one[0] for one in hosted.take()][-2:] == ["error", "done"]
        assert hosted.say("silent").outcome == "answered"
        assert hosted.take() == [THINKING, DONE]

    def test_what_waits_in_the_turn_is_dropped_too(self):
        def skill(request):
            request.agent.queue_intent("silent")
            flood(4)(request)

        hosted = self.hosted(skill, max_frames_per_turn=3)
        hosted.say("echo")
        hosted.take()
        assert (hosted.wakes, hosted.agent.snapshot()) == (0, {})

    def test_it_counts_as_a_failure_of_the_skill(self):
        breakers = Breakers(now=lambda: 0.0, guard=make_guard(), failures=5, seconds=1.0)
        self.context = installed({"echo": flood(4)})
        self.context.__enter__()
        hosted = Hosted(breakers=breakers, bounds=OutputBounds(max_frames_per_turn=3))
        hosted.say("echo")
        assert breakers.status()["transcripts"].failures == 1

    def test_every_turn_has_its_own_count(self):
        hosted = self.hosted(flood(3), max_frames_per_turn=3)
        assert [hosted.say("echo").outcome for _ in range(3)] == ["answered"] * 3

    def test_a_skill_may_answer_from_another_thread_up_to_the_bound(self):
        requests = []
        hosted = self.hosted(keep_in(requests), max_frames_per_turn=3)
        turn = hosted.say("echo")
        hosted.take()
        flood(4)(requests[0])
        assert [one[0] for one in hosted.take()] == [*["answer"] * 3, "error", "done"]
        assert hosted.settled == [turn]

    def test_a_frame_may_have_so_many_bytes(self):
        def skill(request):
            request.agent.answer("x" * 460)
            request.agent.answer("x" * 500)

        hosted = self.hosted(skill, max_frame_bytes=1_024)
        hosted.say("echo")
        text = "the skill transcripts sent a frame of more than 1024 bytes"
        assert hosted.take() == [
            THINKING,
            answer("x" * 460),
            ("error", "skill-failed", text),
            DONE,
        ]

    def test_a_question_that_is_too_big_is_not_asked(self):
        def skill(request):
            request.agent.ask("x", "x" * 2_000)

        hosted = self.hosted(skill, max_frame_bytes=1_024)
        assert hosted.say("echo").outcome == "failed"
        assert hosted.say("silent").outcome == "answered"

    def test_a_timer_may_send_so_many_between_two_turns(self):
        hosted = self.hosted(flood(0), max_frames_per_turn=3)
        hosted.say("echo")
        hosted.take()
        for number in range(10):
            hosted.agent.answer(f"tick {number}")
        assert hosted.take() == [answer(f"tick {n}") for n in range(3)]
        hosted.say("silent")
        hosted.take()
        hosted.agent.answer("tock")
        assert hosted.take() == [answer("tock")]

    def test_a_timer_that_floods_ends_nobodys_turn(self):
        requests = []
        hosted = self.hosted(keep_in(requests), max_frames_per_turn=3)
        turn = hosted.say("echo")
        hosted.take()
        for number in range(10):
            hosted.agent.answer(f"tick {number}")
        assert len(hosted.take()) == 3
        flood(3)(requests[0])
        assert turn.outcome == "answered"
