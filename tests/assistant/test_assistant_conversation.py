"""One conversation, with every job and arrival in the order the test wants."""

from __future__ import annotations

import pytest

from conversation_stage import DEADLINE_SECONDS, Stage
from frames import Screen, check_frame, short
from pytlas_wamp.assistant.audience import Presence
from pytlas_wamp.assistant.turns import Turn
from skills_for_tests import make_interpreter

CANCELLED = ["context /", "thinking", "answer Cancelled", "done"]


def frames_of(id_, *names):
    return [f"{id_}: {name}" for name in names]


@pytest.fixture
def stage(gates):
    return Stage()


@pytest.fixture
def alice(stage):
    return stage.device()


class TestOrder:
    def test_messages_are_taken_one_at_a_time_in_order(self, stage, alice):
        bob = stage.device()
        for device, text in ((alice, "echo 1"), (bob, "echo 2"), (alice, "echo 3")):
            stage.put(device, text)
        stage.settle()
        answers = [name for name in alice.look() if name.startswith("answer")]
        assert answers == ["answer 1", "answer 2", "answer 3"]

    def test_a_message_waits_until_the_skill_has_returned(self, stage, alice, gates):
        stage.say(alice, "linger", "m1")
        stage.say(alice, "echo x", "m2")
        assert alice.look() == frames_of("m1", "thinking", "answer said", "done")
        gates.release("slow")
        stage.settle()
        assert alice.look() == frames_of("m2", "thinking", "answer x", "done")

    def test_seq_rises_by_one_and_counts_what_was_said(self, stage, alice):
        bob = stage.device()
        stage.say(alice, "pair")
        stage.say(alice, "boom")
        assert [frame["seq"] for frame in bob.take()] == list(range(1, 12))

    def test_re_stands_on_all_a_message_causes(self, stage, alice, gates):
        stage.say(alice, "later", "m1")
        gates.release("later")
        stage.settle()
        assert alice.look() == frames_of("m1", "thinking", "answer Later", "done")

    def test_without_id_there_is_no_re(self, stage, alice):
        stage.say(alice, "silent")
        assert alice.look() == ["thinking", "done"]

    def test_one_more_than_may_wait_is_refused(self, gates):
        stage = Stage(max_queued_messages=2)
        alice, bob = stage.device(), stage.device()
        for text in ("slow", "echo 1", "echo 2"):
            stage.say(alice, text)
        alice.look()
        bob.look()
        stage.say(alice, "echo 3", "m3")
        assert [frame.get("seq") for frame in alice.frames] == [None]
        assert (alice.look(), bob.look()) == (["m3: error busy"], [])
        gates.release("slow")
        stage.settle()
        assert [name for name in bob.look() if name.startswith("answer")] == [
            "answer Too late",
            "answer 1",
            "answer 2",
        ]

    def test_a_reply_is_not_refused_by_those_that_wait_behind_the_question(self, gates):
        stage = Stage(max_queued_messages=1)
        alice = stage.device()
        for text in ("lights", "echo waits"):
            stage.put(alice, text)
        stage.settle()
        alice.look()
        stage.say(alice, "kitchen")
        stage.say(alice, "dim")
        assert alice.look()[-6:] == [
            "thinking",
            "answer Lights in kitchen set to dim",
            "done",
            "thinking",
            "answer waits",
            "done",
        ]


class TestDevices:
    def test_said_goes_to_the_others_only(self, stage, alice):
        bob, carol = stage.device(), stage.device()
        stage.put(alice, "silent")
        assert [alice.look(), bob.look(), carol.look()] == [[], ["said silent"], ["said silent"]]

    def test_all_get_the_same_frames(self, stage, alice):
        bob = stage.device()
        stage.say(alice, "lights", "m")
        assert alice.take() == bob.take()[1:]

    def test_one_that_left_gets_nothing_more(self, stage, alice, gates):
        bob = stage.device()
        stage.say(alice, "slow")
        stage.conversation.detach(alice)
        assert stage.conversation.device_count == 1
        alice.look()
        gates.release("slow")
        stage.settle()
        assert (alice.look(), bob.look()[-1]) == ([], "done")

    def test_one_that_comes_in_the_middle_gets_the_rest(self, stage, alice, gates):
        stage.say(alice, "slow")
        bob = stage.device()
        gates.release("slow")
        stage.settle()
        assert bob.look() == ["answer Too late", "done"]

    def test_one_may_leave_while_it_is_given_a_frame(self, stage, alice):
        class Leaving(Screen):
            def deliver(self, frame):
                super().deliver(frame)
                stage.conversation.detach(self)

        leaving = Leaving()
        stage.join(leaving)
        carol = stage.device()
        stage.say(alice, "silent")
        assert (leaving.look(), carol.look()) == (
            ["said silent"],
            ["said silent", "thinking", "done"],
        )

    def test_presence_at_the_beginning(self, stage):
        expected = Presence(language="en-US", seq=0, context=None, ask=None)
        assert stage.join(Screen()) == expected

    def test_presence_has_context_and_question_as_they_were_sent(self, stage, alice):
        stage.say(alice, "enter", "m1")
        sent = alice.take()
        presence = stage.join(Screen())
        assert check_frame(presence.context) == sent[1]
        assert (presence.seq, presence.ask) == (5, None)
        stage.say(alice, "leave")
        stage.say(alice, "lights", "m2")
        sent = alice.take()
        presence = stage.join(Screen())
        assert (presence.context, check_frame(presence.ask)) == (None, sent[-1])


class TestQuestions:
    def test_the_next_message_of_any_device_is_the_reply(self, stage, alice):
        bob = stage.device()
        stage.say(alice, "lights")
        stage.say(bob, "echo", "m2")
        assert alice.look()[3:] == [
            "said echo",
            *frames_of("m2", "thinking", "done?", "ask level"),
        ]

    def test_a_reply_goes_before_what_waited(self, stage, alice):
        for text in ("lights", "echo waited"):
            stage.put(alice, text)
        stage.settle()
        assert alice.look() == ["thinking", "done?", "ask room"]
        stage.say(alice, "kitchen")
        assert alice.look() == ["thinking", "done?", "ask level"]
        stage.say(alice, "full")
        assert alice.look()[1::3] == ["answer Lights in kitchen set to full", "answer waited"]

    def test_of_two_replies_the_first_counts(self, stage, alice):
        stage.say(alice, "lights")
        stage.put(alice, "kitchen")
        stage.put(alice, "echo second")
        stage.settle()
        assert alice.look()[-1] == "ask level"
        stage.cancel()
        assert alice.look()[-3:] == ["thinking", "answer second", "done"]

    def test_a_reply_waits_for_the_skill_that_asked_to_return(self, stage, alice, gates):
        stage.say(alice, "asklinger")
        stage.put(alice, "echo later")
        stage.settle()
        assert alice.look() == ["thinking", "done?", "ask thing"]
        gates.release("slow")
        stage.settle()
        assert alice.look() == ["thinking", "answer thanks", "done"]

    def test_an_answer_to_another_question_is_refused(self, stage, alice):
        bob = stage.device()
        stage.say(alice, "lights")
        alice.look()
        bob.look()
        stage.say(alice, "kitchen", "m", answers=1)
        assert (alice.look(), bob.look()) == (["m: error question-gone"], [])

    def test_an_answer_to_this_one_is_taken(self, stage, alice):
        stage.say(alice, "lights")
        stage.say(alice, "kitchen", answers=alice.take()[-1]["seq"])
        assert alice.look()[-1] == "ask level"

    def test_an_answer_without_a_question_is_refused(self, stage, alice):
        stage.say(alice, "kitchen", answers=0)
        assert alice.look() == ["error question-gone"]

    def test_a_question_that_is_being_cancelled_is_gone(self, stage, alice):
        stage.say(alice, "lights")
        asked = alice.take()[-1]["seq"]
        stage.conversation.cancel(None)
        stage.say(alice, "kitchen", "m", answers=asked)
        assert alice.look()[0] == "m: error question-gone"


class TestCancel:
    def test_it_ends_what_runs_and_what_waits_goes_on(self, stage, alice, gates):
        stage.say(alice, "slow", "m1")
        stage.say(alice, "echo x", "m2")
        stage.cancel("c")
        assert alice.look() == [
            "m1: thinking",
            *frames_of("c", *CANCELLED),
            *frames_of("m2", "thinking", "answer x", "done"),
        ]
        gates.release("slow")
        stage.settle()
        assert alice.look() == []

    def test_a_sentence_does_not_wait(self, stage, alice):
        bob = stage.device()
        stage.say(alice, "slow", "m1")
        stage.say(alice, "echo x")
        stage.say(bob, "cancel", "m2")
        assert bob.look() == [
            "said slow",
            "m1: thinking",
            "said echo x",
            *frames_of("m2", *CANCELLED),
            "thinking",
            "answer x",
            "done",
        ]

    def test_a_sentence_whose_turn_came_first_is_taken_once(self, stage, alice):
        stage.put(alice, "silent")
        stage.put(alice, "cancel")
        stage.skills.start()
        while len(stage.arrivals):
            stage.arrivals.next()
        assert len(stage.urgent.jobs) == 1
        stage.settle()
        assert alice.look() == ["thinking", "done", "done"]

    def test_with_nothing_to_cancel_there_is_done(self, stage, alice):
        stage.cancel("c")
        assert alice.look() == ["c: done"]

    def test_twice_is_two_ends(self, stage, alice, gates):
        stage.say(alice, "slow")
        stage.cancel("c1")
        stage.cancel("c2")
        assert alice.look()[1:] == [*frames_of("c1", *CANCELLED), "c2: done"]

    def test_during_a_cancel_the_first_ends(self, stage, alice):
        stage.say(alice, "enter")
        alice.look()
        stage.conversation.cancel("c1")
        stage.urgent.start()
        stage.conversation.cancel("c2")
        stage.settle()
        assert alice.look() == [*frames_of("c1", "context /", "thinking"), "c2: done"]

    def test_a_cancel_overtaken_by_another_does_nothing(self, stage, alice):
        stage.say(alice, "enter")
        alice.look()
        stage.conversation.cancel("c1")
        stage.conversation.cancel("c2")
        stage.urgent.start(1)
        stage.settle()
        assert alice.look() == frames_of("c2", *CANCELLED)
        stage.say(alice, "echo free")
        assert alice.look() == ["thinking", "answer free", "done"]

    def test_a_message_no_thread_had_taken_is_never_taken(self, stage, alice):
        stage.put(alice, "echo x", "m")
        stage.conversation.cancel("c")
        stage.urgent.start()
        stage.settle()
        assert alice.look() == ["c: done"]

    def test_it_leaves_a_question(self, stage, alice):
        stage.say(alice, "lights")
        stage.say(alice, "cancel", "m")
        assert alice.look()[3:] == frames_of("m", *CANCELLED)
        stage.say(alice, "echo free")
        assert alice.look() == ["thinking", "answer free", "done"]

    def test_a_frame_is_not_said_to_others(self, stage, alice):
        bob = stage.device()
        stage.conversation.cancel(None)
        assert (alice.look(), bob.look()) == ([], [])

    def test_a_sentence_that_cannot_be_looked_at_waits(self, gates):
        class Odd(type(make_interpreter())):
            def parse(self, msg, scopes=None):
                if msg == "cancel":
                    raise RuntimeError("odd")
                return super().parse(msg, scopes)

        def make(language):
            interpreter = make_interpreter(language)
            interpreter.__class__ = Odd
            return interpreter

        stage = Stage(make)
        alice = stage.device()
        stage.say(alice, "slow")
        stage.say(alice, "cancel", "m")
        assert alice.look() == ["thinking"]
        gates.release("slow")
        stage.settle()
        assert alice.look()[-1] == "m: done"

    def test_with_no_room_to_look_a_sentence_waits(self, stage, alice, gates):
        stage.say(alice, "slow")
        stage.urgent.room = 0
        stage.say(alice, "cancel", "m")
        gates.release("slow")
        stage.settle()
        assert alice.look() == ["thinking", "answer Too late", "done", "m: done"]


class TestDeadline:
    def test_a_skill_that_does_not_end_is_given_up(self, stage, alice, gates):
        stage.say(alice, "slow", "m1")
        stage.say(alice, "echo x", "m2")
        stage.advance(DEADLINE_SECONDS)
        assert alice.look() == [
            *frames_of("m1", "thinking", "error skill-timeout", "done"),
            *frames_of("m2", "thinking", "answer x", "done"),
        ]
        gates.release("slow")
        stage.settle()
        assert alice.look() == []

    def test_its_text_says_how_long(self, stage, alice):
        stage.say(alice, "slow")
        stage.advance(DEADLINE_SECONDS)
        assert alice.take()[1]["message"] == "the skill did not finish within 60 seconds"

    def test_just_before_it_nothing_happens(self, stage, alice, gates):
        stage.say(alice, "slow")
        stage.advance(DEADLINE_SECONDS - 0.001)
        gates.release("slow")
        stage.settle()
        assert alice.look() == ["thinking", "answer Too late", "done"]
        stage.advance(DEADLINE_SECONDS)
        assert (alice.look(), stage.clock.getDelayedCalls()) == ([], [])

    def test_it_passes_while_the_end_is_on_its_way(self, stage, alice, gates):
        stage.say(alice, "slow")
        gates.release("slow")
        stage.advance(DEADLINE_SECONDS)
        assert alice.look() == ["thinking", "answer Too late", "done"]

    def test_a_cancel_gets_time_of_its_own(self, stage, alice):
        stage.say(alice, "slow")
        stage.advance(DEADLINE_SECONDS - 1)
        stage.conversation.cancel("c")
        stage.advance(2)
        assert alice.look()[-1] == "c: done"

    def test_a_skill_that_is_done_and_lingers_is_given_up_silently(self, stage, alice, gates):
        stage.say(alice, "linger")
        stage.say(alice, "echo x")
        alice.look()
        stage.advance(DEADLINE_SECONDS)
        assert alice.look() == ["thinking", "answer x", "done"]
        gates.release("slow")
        stage.settle()
        assert alice.look() == []

    def test_a_message_no_thread_has_taken_is_given_up(self, stage, alice):
        stage.put(alice, "echo x", "m")
        stage.clock.advance(DEADLINE_SECONDS)
        stage.urgent.start()
        stage.settle()
        assert alice.look() == frames_of("m", "error skill-timeout", "done")


class TestWaking:
    def test_a_timer_speaks_on_its_own(self, stage, alice, gates):
        stage.say(alice, "ring", "m")
        alice.look()
        gates.release("later")
        stage.settle()
        assert alice.look() == ["thinking", "answer ring", "done"]
        assert stage.conversation.is_idle

    def test_while_a_skill_runs_it_waits(self, stage, alice, gates):
        stage.say(alice, "ring")
        stage.say(alice, "slow", "m")
        alice.look()
        gates.release("later")
        stage.settle()
        assert alice.look() == []
        gates.release("slow")
        stage.settle()
        assert [name.partition(": ")[2] for name in alice.look()][1::3] == ["done", "done"]

    def test_while_a_question_is_open_it_waits(self, stage, alice, gates):
        stage.say(alice, "ring")
        stage.say(alice, "lights")
        alice.look()
        gates.release("later")
        stage.settle()
        assert alice.look() == []
        stage.cancel("c")
        assert alice.look()[-2:] == ["c: answer ring", "c: done"]

    def test_before_a_message_is_taken_it_takes_part_in_that_turn(self, stage, alice, gates):
        stage.say(alice, "ring")
        alice.look()
        stage.put(alice, "echo x", "m")
        gates.release("later")
        stage.arrivals.next()
        stage.skills.start(1)
        stage.settle()
        assert alice.look() == frames_of(
            "m", "thinking", "answer ring", "done", "thinking", "answer x", "done"
        )
        assert stage.conversation.is_idle

    def test_a_skill_that_queues_and_ends_later_goes_on_in_its_turn(self, stage, alice, gates):
        stage.say(alice, "laterqueue", "m")
        stage.clock.advance(DEADLINE_SECONDS - 1)
        gates.release("later")
        stage.settle()
        assert alice.look()[-3:] == frames_of("m", "thinking", "answer queued later", "done")

    def test_intents_left_by_a_cancel_run_once_and_the_conversation_goes_on(self, stage, alice):
        stage.say(alice, "pairslow")
        stage.cancel("c1")
        alice.look()
        stage.say(alice, "echo x", "m")
        assert alice.look() == frames_of("m", "thinking", "answer x", "done")
        assert stage.conversation.is_idle


class TestBusy:
    def test_without_a_thread_the_turn_ends(self, stage, alice):
        stage.skills.room = 0
        stage.say(alice, "echo x", "m")
        assert [("seq" in frame) for frame in alice.frames] == [True, True]
        assert alice.look() == frames_of("m", "error busy", "done")
        assert stage.conversation.is_idle

    def test_a_cancel_without_a_thread_leaves_nothing_behind(self, stage, alice):
        stage.say(alice, "enter")
        stage.skills.room = 0
        alice.look()
        stage.cancel("c")
        assert alice.look() == frames_of("c", "context /", "thinking", "error busy", "done")
        stage.skills.room = 1
        stage.say(alice, "echo x", "m")
        assert alice.look() == frames_of("m", "thinking", "answer x", "done")

    def test_a_reply_without_a_thread_ends_the_question(self, stage, alice):
        stage.say(alice, "lights")
        stage.skills.room = 0
        alice.look()
        stage.say(alice, "kitchen")
        assert alice.look() == ["error busy", "done"]
        stage.skills.room = 1
        stage.say(alice, "echo x")
        assert alice.look() == ["thinking", "answer x", "done"]

    def test_a_timer_without_a_thread_does_not_try_for_ever(self, stage, alice, gates):
        stage.say(alice, "ring")
        stage.skills.room = 0
        alice.look()
        gates.release("later")
        stage.settle()
        assert alice.look() == ["error busy", "done"]

    def test_a_timer_without_a_thread_ends_no_turn_that_has_one(self, stage, alice, gates):
        stage.say(alice, "ring")
        alice.look()
        stage.put(alice, "echo x", "m")
        gates.release("later")
        stage.skills.room = stage.skills.in_flight
        stage.arrivals.next()
        stage.skills.room += 1
        stage.settle()
        assert alice.look() == frames_of(
            "m", "thinking", "answer ring", "done", "thinking", "answer x", "done"
        )
        assert stage.conversation.is_idle

    def test_without_any_thread_the_turn_ends(self, stage, alice):
        stage.skills.room = stage.urgent.room = 0
        stage.say(alice, "echo x", "m")
        assert alice.look() == frames_of("m", "error busy", "done")
        stage.cancel("c")
        assert alice.look() == frames_of("c", "error busy", "done")

    def test_an_agent_that_fails_is_an_internal_error(self, stage, alice):
        stage.conversation._agent._route = None
        stage.say(alice, "echo x", "m")
        assert alice.look() == frames_of("m", "error internal-error", "done")
        del stage.conversation._agent._route
        stage.say(alice, "echo x", "n")
        assert alice.look() == frames_of("n", "thinking", "answer x", "done")

    def test_an_agent_that_cannot_even_give_up_is_one_too(self, stage, alice):
        stage.conversation._agent._begin = None
        stage.say(alice, "echo x", "m")
        assert alice.look() == frames_of("m", "error internal-error", "done")
        assert stage.conversation.is_idle

    def test_failing_late_it_tells_nobody(self, stage, alice):
        stage.conversation._agent.take = None
        stage.put(alice, "echo x", "m")
        stage.cancel("c")
        assert alice.look() == ["c: done"]

    def test_failing_to_give_up_late_it_tells_nobody(self, stage, alice):
        stage.conversation._agent.take = stage.conversation._agent.abandon = None
        stage.put(alice, "echo x", "m")
        stage.skills.start()
        stage.arrivals.next()
        stage.cancel("c")
        assert alice.look() == ["c: done"]


class TestLanguage:
    def change(self, stage, language="fr"):
        agent = stage.make_agent(language)
        stage.conversation.change_language(agent, f"{language}-XX")
        stage.settle()
        return agent

    def test_idle_it_changes_at_once(self, stage, alice):
        self.change(stage)
        stage.say(alice, "tell")
        assert alice.look() == ["language fr-XX", "thinking", "answer fr {} {}", "done"]
        assert stage.conversation.language == "fr-XX"

    def test_it_waits_for_the_turn_to_end(self, stage, alice, gates):
        stage.say(alice, "slow")
        stage.say(alice, "tell")
        self.change(stage)
        assert alice.look() == ["thinking"]
        assert stage.conversation.language == "en-US"
        assert stage.conversation.coming_language == "fr-XX"
        gates.release("slow")
        stage.settle()
        assert alice.look()[1:] == [
            "done",
            "language fr-XX",
            "thinking",
            "answer fr {} {}",
            "done",
        ]

    def test_it_ends_a_question_and_what_waited_goes_on(self, stage, alice):
        stage.put(alice, "lights")
        stage.put(alice, "tell")
        stage.settle()
        alice.look()
        self.change(stage)
        assert alice.look() == ["language fr-XX", "done", "thinking", "answer fr {} {}", "done"]
        assert stage.join(Screen()).ask is None

    def test_it_ends_a_context(self, stage, alice):
        stage.say(alice, "enter")
        alice.look()
        self.change(stage)
        assert alice.look() == ["language fr-XX", "context /"]
        stage.say(alice, "peek")
        assert alice.look()[1] == "answer Did not get: peek"

    def test_timers_go_on(self, stage, alice, gates):
        stage.say(alice, "ring")
        self.change(stage)
        alice.look()
        gates.release("later")
        stage.settle()
        assert alice.look() == ["thinking", "answer ring", "done"]

    def test_what_the_old_agent_says_directly_is_dropped(self, stage, alice):
        old = stage.conversation._agent
        self.change(stage)
        alice.look()
        old.answer("from the past")
        old.take(Turn(text="echo past"))
        old.queue_intent("silent")
        stage.settle()
        assert alice.look() == ["thinking", "done"]

    def test_a_timer_that_rings_at_that_moment_goes_on(self, stage, alice, gates):
        stage.say(alice, "ring")
        alice.look()
        gates.release("later")
        self.change(stage)
        assert alice.look() == ["language fr-XX", "thinking", "answer ring", "done"]

    def test_settings_reach_the_agent_that_is_there(self, stage, alice):
        stage.conversation.replace_settings({"A_KEY": "1"}, known=frozenset())
        stage.say(alice, "tell")
        assert alice.look()[1] == "answer en {'A_KEY': '1'} {}"

    def test_settings_reach_the_agent_that_comes(self, stage, alice, gates):
        stage.say(alice, "slow")
        new = self.change(stage)
        stage.conversation.replace_settings({"A_KEY": "1"}, known=frozenset())
        assert new.meta == {"A_KEY": "1"}
        gates.release("slow")


class TestIdle:
    def test_it_is_told_at_once_or_at_the_end(self, stage, alice, gates):
        told = []
        stage.conversation.when_idle(lambda: told.append("now"))
        stage.say(alice, "slow")
        stage.say(alice, "silent")
        stage.conversation.when_idle(lambda: told.append("end"))
        assert told == ["now"]
        gates.release("slow")
        stage.settle()
        assert told == ["now", "end"]

    def test_a_question_is_no_work(self, stage, alice):
        stage.say(alice, "lights")
        assert stage.conversation.is_idle
        assert stage.conversation.waiting == 0

    def test_its_frames_are_forgotten_and_numbers_go_on(self, stage, alice):
        stage.say(alice, "hello")
        last = stage.conversation.log.seq
        stage.conversation.forget_history()
        assert not stage.conversation.log._at_hand
        assert stage.conversation.log.seq == last > 0


class TestFrames:
    def test_short_names_have_what_matters(self):
        document = {"type": "context", "seq": 1, "name": "vault", "re": "m"}
        assert short(document) == "m: context vault"

    def test_a_broken_frame_does_not_pass(self):
        with pytest.raises(AssertionError, match="'seq' is a required property"):
            check_frame({"type": "done", "require_input": False})
