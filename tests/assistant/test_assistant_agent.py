"""One agent: the same as pytlas where skills behave, and what differs where they do not."""

from __future__ import annotations

from threading import Event, Thread

import pytest
from agent_rigs import Hosted, Stock
from hypothesis import given
from hypothesis import strategies as st
from pytlas.handling.hooks import GLOBAL_HOOKS, ON_AGENT_CREATED

from pytlas_wamp import local_time
from pytlas_wamp.assistant.turns import Turn
from pytlas_wamp.wire.codes import ErrorCode
from skills_for_tests import all_skills, make_interpreter
from strategies import share
from transcript_assistant import Gates, WordInterpreter, installed

THINKING = ("thinking",)
DONE = ("done", False)
ASKED = ("done", True)
ROOT = ("context", None)
CANCELLED = [ROOT, THINKING, ("answer", "Cancelled", "Cancelled", []), DONE]


def answered(text):
    return [THINKING, ("answer", text, text, []), DONE]


def failed(skill="testing"):
    return [("error", "skill-failed", f"the skill {skill} failed"), DONE]


@pytest.fixture
def hosted(gates):
    return Hosted()


ORDINARY = (
    ["echo hello"],
    ["cards"],
    ["lights", "kitchen", "dim"],
    ["lights", "kitchen", "zzzz", "", "nrmal"],
    ["lights", "cancel"],
    ["lights", ""],
    ["enter"],
    ["peek"],
    ["leave"],
    ["enter", "echo no", "cancel"],
    ["silent"],
    ["pair"],
    ["sing"],
    [""],
    ["nohandler"],
    ["queue"],
    ["cancel"],
    ["later", "!later"],
    ["later", "cancel", "!later"],
    ["laterqueue", "!later"],
    ["afterdone"],
    ["donetwice"],
    ["doneinput"],
    ["doneraise"],
)


class TestLikePytlas:
    @share(0.25)
    @given(st.lists(st.sampled_from(ORDINARY), min_size=1, max_size=6))
    def test_ordinary_skills_are_told_in_the_same_order(self, scripts):
        theirs, ours = Gates(), Gates()
        their_skills, our_skills = all_skills(theirs), all_skills(ours)
        with installed(their_skills):
            stock = Stock()
        with installed(our_skills):
            hosted = Hosted()
        for step in [step for script in scripts for step in script]:
            with installed(their_skills):
                stock.say(step, theirs)
            with installed(our_skills):
                hosted.play(step, ours)
            # The one difference: no message stays without an outcome.
            outcome = [] if step.startswith("!") else [DONE]
            assert hosted.take() == (stock.take() or outcome), step

    def test_cancel_among_other_intents_leaves_a_question_for_good(self, hosted):
        hosted.say("lights")
        hosted.take()
        hosted.say("stop all")
        assert hosted.take() == CANCELLED

    def test_cancel_among_other_intents_runs_first(self, hosted):
        hosted.say("stop all")
        assert hosted.take() == [DONE, *answered("One")]

    def test_meta_reaches_the_skill(self, gates):
        ours, stock = Hosted(uid=7, WEATHER_KEY="k"), Stock(uid=7, WEATHER_KEY="k")
        ours.say("tell", place="home")
        stock.agent.parse("tell", place="home")
        assert ours.take() == stock.take()

    def test_parse_is_a_turn(self, hosted):
        hosted.agent.parse("tell", place="home")
        assert hosted.take() == answered("en {} {'place': 'home'}")
        assert len(hosted.settled) == 1


class TestAnswers:
    def test_every_message_has_an_outcome(self, hosted):
        turn = hosted.say("nohandler")
        assert hosted.take() == [DONE]
        assert hosted.settled == [turn]
        assert turn.over

    def test_an_intent_out_of_reach_has_an_outcome(self, hosted):
        intent = make_interpreter().parse("peek", ["vault/peek"])[0]
        hosted.agent._interpreter.parse = lambda *_: [intent]
        hosted.say("peek")
        assert hosted.take() == [DONE]

    def test_a_queued_intent_out_of_reach_is_left_out(self, hosted):
        hosted.agent.context("nowhere")
        hosted.take()
        hosted.agent.queue_intent("vault/peek")
        turn = Turn()
        hosted.agent.run_queued(turn)
        assert hosted.take() == []
        assert hosted.settled == [turn]

    def test_an_answer_after_done_is_dropped(self, hosted):
        hosted.say("afterdone")
        assert hosted.take() == answered("one")

    def test_a_second_done_is_nothing(self, hosted):
        hosted.say("donetwice")
        assert hosted.take() == [THINKING, DONE]
        assert len(hosted.settled) == 1

    def test_a_question_after_done_is_dropped(self, gates):
        def skill(request):
            request.agent.done()
            request.agent.ask("thing", "What?")

        with installed({"echo": skill}):
            hosted = Hosted()
            hosted.say("echo")
        assert hosted.take() == [THINKING, DONE]

    def test_done_when_idle_is_nothing(self, hosted):
        hosted.agent.done()
        assert hosted.take() == []

    def test_done_may_require_input(self, hosted):
        hosted.say("doneinput")
        assert hosted.take() == [THINKING, ASKED]

    def test_done_from_a_foreign_thread_wakes_for_what_is_queued(self, hosted, gates):
        turn = Turn(text="laterqueue")
        hosted.agent.take(turn)
        gates.release("later")
        assert hosted.take() == [THINKING, DONE]
        assert (hosted.wakes, hosted.settled) == (1, [])
        hosted.agent.carry_on(turn)
        assert hosted.take() == answered("queued later")
        assert hosted.settled == [turn]

    def test_an_intent_queued_when_idle_wakes(self, hosted, gates):
        hosted.say("ring")
        hosted.take()
        gates.release("later")
        assert (hosted.wakes, hosted.take()) == (1, [])
        turn = Turn()
        hosted.agent.run_queued(turn)
        assert hosted.take() == answered("ring")
        assert hosted.settled[-1] is turn

    def test_an_intent_may_be_queued_as_an_object(self, hosted):
        hosted.agent.queue_intent(make_interpreter().parse("echo object")[0])
        hosted.agent.run_queued(Turn())
        assert hosted.take() == answered("object")

    def test_a_context_has_a_text_for_a_name(self, hosted):
        hosted.agent.context(5)
        assert hosted.take() == [("context", "5")]

    def test_unwrapped_the_agent_speaks_outside_of_turns(self, hosted):
        kept = []
        with installed({"echo": lambda request: kept.append(request)}):  # noqa: PLW0108 - takes attributes
            hosted.say("echo x")
        agent = kept[0].agent.unwrap()
        kept[0].agent.done()
        hosted.take()
        hosted.turns.clear()
        agent.answer("by the way")
        assert hosted.take() == [("answer", "by the way", "by the way", [])]
        assert hosted.turns == [None]


class TestQuestions:
    def test_a_question_ends_the_turn(self, hosted):
        turn = hosted.say("lights")
        assert hosted.take() == [
            THINKING,
            ASKED,
            ("ask", "room", "Which **room**?", "Which room?", None),
        ]
        assert hosted.settled == [turn]

    def test_the_second_one_in_a_row_is_dropped(self, hosted):
        hosted.say("asktwice")
        assert hosted.take() == [THINKING, ASKED, ("ask", "first", "One?", "One?", None)]

    def test_asked_directly_when_idle_it_is_dropped(self, hosted):
        hosted.agent.ask("thing", "What?")
        assert hosted.take() == []

    @pytest.mark.parametrize("sentence", ["asknoslot", "asknotext"])
    def test_one_without_slot_or_text_fails(self, hosted, sentence):
        hosted.say(sentence)
        told = ("error", "skill-failed", "the skill testing asked without a slot or a text")
        assert hosted.take() == [THINKING, told, DONE]
        assert hosted.say("echo goes on").over
        assert hosted.take() == answered("goes on")

    def test_the_cancel_skill_must_not_ask(self, gates):
        with installed({"__cancel__": lambda request: request.agent.ask("why", "Why?")}):
            hosted = Hosted()
            hosted.agent.context("vault")
            hosted.take()
            hosted.say("cancel")
        # A lambda knows no skill: `installed` says which one it belongs to.
        told = ("error", "skill-failed", "the skill transcripts asked something while it cancels")
        assert hosted.take() == [ROOT, THINKING, told, DONE]

    def test_a_failure_after_it_is_only_logged(self, hosted):
        hosted.say("askraise")
        assert hosted.take() == [THINKING, ASKED, ("ask", "thing", "What?", "What?", None)]

    def test_a_reply_the_interpreter_fails_on_leaves_the_slot(self, hosted):
        hosted.say("lights")
        first = hosted.take()
        hosted.agent._interpreter.parse_slot = None
        hosted.say("kitchen")
        assert hosted.take() == first

    def test_meta_of_a_reply_reaches_the_skill(self, gates):
        seen = []

        def skill(request):
            seen.append(dict(request.intent.meta))
            request.agent.ask("x", "x?")

        with installed({"echo": skill}):
            hosted = Hosted()
            hosted.say("echo", first=1)
            hosted.say("anything", second=2)
        assert seen == [{"first": 1}, {"first": 1, "second": 2}]

    def test_one_that_can_no_more_be_answered_ends(self, hosted):
        hosted.say("enter")
        hosted.say("moveask")
        hosted.take()
        hosted.say("yes")
        assert hosted.take() == [DONE]
        hosted.say("echo free again")
        assert hosted.take() == answered("free again")

    def test_intents_queued_meanwhile_run_after_the_answer(self, hosted):
        hosted.say("lights")
        hosted.agent.queue_intent("echo", text="waited")
        hosted.take()
        hosted.say("kitchen")
        hosted.say("full")
        assert hosted.take()[3:] == answered("Lights in kitchen set to full") + answered("waited")


class TestFailures:
    def test_a_skill_that_raises_is_told(self, hosted):
        hosted.say("boom")
        assert hosted.take() == [THINKING, *failed()]

    def test_what_it_said_before_is_kept(self, hosted):
        hosted.say("answerraise")
        assert hosted.take() == [THINKING, ("answer", "before", "before", []), *failed()]

    def test_after_done_it_is_only_logged(self, hosted):
        hosted.say("doneraise")
        assert hosted.take() == [THINKING, DONE]

    def test_a_skill_that_exits_does_not_end_the_server(self, hosted):
        hosted.say("quits")
        assert hosted.take() == [THINKING, *failed()]

    def test_an_interpreter_that_raises_is_a_fallback(self, hosted):
        def parse(*_):
            raise RuntimeError("no model")

        hosted.agent._interpreter.parse = parse
        hosted.say("echo x")
        assert hosted.take() == answered("Did not get: echo x")

    def test_hooks_that_raise_do_not_stop_others(self, gates):
        called = []

        def bad(agent):
            raise RuntimeError("hook")

        hooks = GLOBAL_HOOKS._data[ON_AGENT_CREATED]
        hooks[:0] = [bad, called.append]
        try:
            hosted = Hosted(uid=1)
        finally:
            del hooks[:2]
        assert called == [hosted.agent]


class Aside:
    """A turn that runs in a thread of its own, because its skill waits at a gate."""

    def __init__(self, hosted, gates, text):
        self.turn = Turn(text=text)
        self._gates = gates
        self._ended = Event()
        gates.slow.somebody_waits.clear()
        Thread(target=self._run, args=(hosted,), daemon=True).start()
        assert gates.slow.somebody_waits.wait(20)

    def _run(self, hosted):
        hosted.agent.take(self.turn)
        self._ended.set()

    def finish(self):
        self._gates.release("slow")
        assert self._ended.wait(20)


class TestCancel:
    def test_what_the_skill_says_after_it_is_dropped(self, hosted, gates):
        slow = Aside(hosted, gates, "slow")
        cancel = hosted.cancel()
        assert hosted.take() == [THINKING, *CANCELLED]
        assert hosted.settled == [cancel]
        slow.finish()
        assert hosted.take() == []
        assert hosted.settled == [cancel]

    def test_a_failure_after_it_does_not_end_the_next_turn(self, hosted, gates):
        slow = Aside(hosted, gates, "slowboom")
        hosted.cancel()
        later = hosted.say("later")
        hosted.take()
        slow.finish()
        assert hosted.take() == []
        gates.release("later")
        assert hosted.take()[-1] == DONE
        assert hosted.settled[-1] is later

    def test_nothing_to_cancel_is_told(self, hosted):
        turn = hosted.cancel()
        assert hosted.take() == [DONE]
        assert hosted.settled == [turn]

    def test_a_sentence_with_nothing_to_cancel_is_told(self, hosted):
        hosted.say("cancel")
        assert hosted.take() == [DONE]

    def test_a_question_is_left(self, hosted):
        hosted.say("lights")
        hosted.take()
        hosted.cancel()
        assert hosted.take() == CANCELLED
        hosted.say("echo free")
        assert hosted.take() == answered("free")

    def test_without_a_cancel_skill_there_is_only_done(self, gates):
        with installed({"enter": all_skills(gates)["enter"]}):
            hosted = Hosted()
            hosted.say("enter")
            hosted.take()
            turn = hosted.cancel()
        assert hosted.take() == [ROOT, DONE]
        assert hosted.settled[-1] is turn

    def test_a_cancel_of_a_cancel_ends_it(self, hosted, gates):
        first, second = Turn(), Turn()
        hosted.agent.context("vault")
        hosted.agent.cancel(first)
        hosted.take()
        hosted.agent.cancel(second)
        hosted.agent.carry_on(first)
        hosted.agent.carry_on(second)
        assert hosted.take() == [DONE]
        assert hosted.settled == [second]

    def test_queued_intents_go_on_after_it_once(self, gates):
        skills = all_skills(gates)
        del skills["__cancel__"]
        with installed(skills):
            hosted = Hosted()
            slow = Aside(hosted, gates, "pairslow")
            turn = Turn()
            hosted.take()
            hosted.agent.cancel(turn)
            assert (hosted.wakes, hosted.settled) == (1, [])
            hosted.answer_wakes(turn)
            slow.finish()
        assert hosted.take() == [ROOT, DONE, *answered("Two")]
        assert hosted.settled == [turn]

    def test_a_cancelled_turn_that_no_thread_had_taken_is_not_taken(self, hosted):
        turn = Turn(text="echo x", over=True)
        hosted.agent.take(turn)
        hosted.agent.run_queued(turn)
        hosted.agent.cancel(turn)
        hosted.agent.abandon(turn, ErrorCode.BUSY, "")
        assert (hosted.take(), hosted.settled) == ([], [])

    def test_a_turn_that_was_being_understood_is_dropped(self, gates):
        gate = gates.slow

        class Slow(WordInterpreter):
            def parse(self, msg, scopes=None):
                gate.wait()
                return super().parse(msg, scopes)

        interpreter = Slow("en", ["echo"])
        interpreter.fit_from_skill_data()
        hosted = Hosted(interpreter)
        aside = Aside(hosted, gates, "echo x")
        turn = hosted.cancel()
        aside.finish()
        assert hosted.take() == [DONE]
        assert hosted.settled == [turn]

    def test_carrying_on_an_old_turn_does_not_disturb_the_new_one(self, hosted, gates):
        old = hosted.cancel()
        new = hosted.say("later")
        hosted.agent.carry_on(old)
        hosted.take()
        hosted.turns.clear()
        gates.release("later")
        assert hosted.turns == [new, new]
        assert hosted.settled == [old, new]

    def test_carrying_on_is_nothing_while_a_skill_runs(self, hosted, gates):
        slow = Aside(hosted, gates, "slow")
        hosted.agent.carry_on(slow.turn)
        slow.finish()
        assert hosted.take() == [THINKING, ("answer", "Too late", "Too late", []), DONE]

    def test_whether_a_sentence_means_it_depends_on_where_we_are(self, hosted):
        assert hosted.agent.reads_as_cancel("cancel")
        assert not hosted.agent.reads_as_cancel("echo cancel")


class TestAbandon:
    def late(self, hosted, turn):
        hosted.agent.abandon(turn, ErrorCode.SKILL_TIMEOUT, "too slow")

    def test_what_the_skill_says_after_it_is_dropped(self, hosted, gates):
        slow = Aside(hosted, gates, "slow")
        self.late(hosted, slow.turn)
        expected = [THINKING, ("error", "skill-timeout", "too slow"), DONE]
        assert hosted.take() == expected
        assert hosted.settled == [slow.turn]
        slow.finish()
        assert hosted.take() == []

    def test_it_is_silent_about_a_skill_that_has_called_done(self, hosted, gates):
        slow = Aside(hosted, gates, "linger")
        hosted.take()
        self.late(hosted, slow.turn)
        assert (hosted.take(), hosted.settled) == ([], [slow.turn])
        slow.finish()
        assert hosted.settled == [slow.turn]

    def test_a_question_that_was_asked_stays(self, hosted, gates):
        slow = Aside(hosted, gates, "asklinger")
        hosted.take()
        self.late(hosted, slow.turn)
        assert hosted.take() == []
        hosted.say("cake")
        slow.finish()
        assert hosted.take() == answered("thanks")

    def test_a_turn_that_is_over_is_left_alone(self, hosted):
        turn = hosted.say("lights")
        hosted.take()
        self.late(hosted, turn)
        assert hosted.take() == []

    def test_a_turn_that_no_thread_took_is_told(self, hosted):
        turn = Turn(text="echo x")
        hosted.agent.abandon(turn, ErrorCode.BUSY, "no thread")
        assert hosted.take() == [("error", "busy", "no thread"), DONE]
        hosted.agent.take(turn)
        assert hosted.take() == []

    def test_one_that_runs_what_others_queued_is_not_taken_either(self, hosted):
        turn = Turn(text="echo x")
        hosted.agent.queue_intent("echo", text="queued")
        self.late(hosted, turn)
        hosted.agent.take(turn)
        assert hosted.take() == [("error", "skill-timeout", "too slow"), DONE]
        hosted.agent.carry_on(turn)
        assert hosted.take() == answered("queued")

    def test_a_reply_that_no_thread_took_ends_the_question(self, hosted):
        hosted.say("lights")
        hosted.take()
        hosted.agent.abandon(Turn(text="kitchen"), ErrorCode.BUSY, "no thread")
        assert hosted.take() == [("error", "busy", "no thread"), DONE]
        hosted.say("echo new")
        assert hosted.take() == answered("new")

    def test_a_cancel_skill_that_no_thread_took_does_not_run_later(self, hosted):
        turn = Turn()
        hosted.agent.context("vault")
        hosted.agent.cancel(turn)
        hosted.take()
        hosted.agent.abandon(turn, ErrorCode.BUSY, "no thread")
        assert hosted.take() == [("error", "busy", "no thread"), DONE]
        hosted.say("echo x")
        assert hosted.take() == answered("x")

    def test_the_second_intent_goes_on(self, hosted, gates):
        slow = Aside(hosted, gates, "pairslow")
        self.late(hosted, slow.turn)
        hosted.take()
        hosted.answer_wakes(slow.turn)
        assert hosted.take() == answered("Two")
        slow.finish()

    def test_without_a_thread_queued_intents_wait_for_the_next_turn(self, hosted):
        hosted.agent.queue_intent("echo", text="first")
        hosted.wakes = 0
        hosted.agent.abandon(Turn(), ErrorCode.BUSY, "no thread")
        assert hosted.wakes == 0
        hosted.take()
        hosted.say("echo second")
        assert hosted.take() == answered("first") + answered("second")


class TestSettings:
    def test_they_are_replaced_and_removed(self, gates):
        hosted = Hosted(uid=1, OLD_KEY="o", SAME_KEY="1")
        hosted.agent.replace_settings(
            {"SAME_KEY": "2", "NEW_KEY": "n"}, known=frozenset({"OLD_KEY", "SAME_KEY"})
        )
        assert hosted.agent.meta == {"uid": 1, "SAME_KEY": "2", "NEW_KEY": "n"}
        assert hosted.agent.settings.get("key", section="new") == "n"

    def test_sentences_and_replies_are_understood_in_the_zone_of_the_user(self, gates):
        zones = []

        class Watching:
            def __init__(self, interpreter):
                self._interpreter = interpreter

            def __getattr__(self, name):
                return getattr(self._interpreter, name)

            def parse(self, *given):
                zones.append(local_time.now().tzname())
                return self._interpreter.parse(*given)

            def parse_slot(self, *given):
                zones.append(local_time.now().tzname())
                return self._interpreter.parse_slot(*given)

        hosted = Hosted(Watching(make_interpreter()), uid=1, PYTLAS_TIMEZONE="Asia/Tokyo")
        hosted.say("lights")
        hosted.say("kitchen")
        assert zones == ["JST"] * 3


class TestHandingOver:
    def test_what_was_queued_goes_on_there(self, gates):
        old, new = Hosted(), Hosted()
        old.agent.queue_intent("echo", text="before")
        old.agent.hand_over(new.agent)
        assert new.wakes == 1
        old.agent.queue_intent("echo", text="after")
        new.agent.run_queued(Turn())
        assert (old.take(), new.take()) == ([], answered("before") + answered("after"))


class TestLearning:
    """More of this in test_assistant_states.py."""

    def test_what_the_interpreter_learns_is_reached_from_the_next_turn_on(self, gates):
        interpreter = make_interpreter()
        everything, interpreter.intents = interpreter.intents, ["echo", "lights"]
        hosted = Hosted(interpreter)
        hosted.say("lights")
        hosted.take()
        interpreter.intents = everything
        hosted.say("kitchen")
        assert hosted.take()[-1][:2] == ("ask", "level")
        hosted.say("dim")
        hosted.take()
        hosted.say("pair")
        assert hosted.take() == answered("One") + answered("Two")
