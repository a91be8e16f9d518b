"""What of a conversation is there after the process has died, or was stopped."""

from __future__ import annotations

import pytest

from conversation_stage import Stage
from pytlas_wamp.assistant.turns import Outcome


@pytest.fixture
def stage(gates):
    return Stage().keep()


@pytest.fixture
def alice(stage):
    return stage.device()


def log_of(stage):
    return [one.kind for one in stage.store.entries(1)]


class TestCrashes:
    def test_leave_a_question_that_the_next_message_answers(self, stage, alice):
        stage.say(alice, "lights", "m1")
        stage.say(alice, "kitchen", "m2")
        pending = alice.frames[-1]
        stage.advance(1)
        stage.crash()
        bob = stage.device()

        assert stage.conversation.log.ask.seq == pending["seq"]
        stage.say(bob, "dim", "m3")

        assert bob.look() == ["m3: thinking", "m3: answer Lights in kitchen set to dim", "m3: done"]

    def test_leave_the_context(self, stage, alice):
        stage.say(alice, "enter")
        stage.advance(1)
        stage.crash()
        bob = stage.device()

        assert stage.join(bob).context.name == "vault"
        stage.say(bob, "leave")
        assert "context /" in bob.look()

    def test_interrupt_the_turn_that_ran_and_those_that_waited(self, stage, alice, gates):
        stage.say(alice, "slow", "m1")
        stage.say(alice, "echo x", "m2")
        stage.advance(1)
        stage.crash()
        stage.advance(1)

        assert log_of(stage) == [
            *("said", "thinking", "said"),
            *("error", "done", "error", "done"),
        ]
        bob = stage.device()
        stage.say(bob, "echo y", "m3")
        assert bob.look()[-1] == "m3: done"
        stage.crash()
        assert stage.conversation.log.open_turns == ()

    def test_ask_again_when_the_reply_was_interrupted(self, stage, alice, gates):
        stage.say(alice, "lights", "m1")
        stage.put(alice, "kitchen", "m2")
        stage.disk.start()
        stage.crash()
        stage.advance(1)

        assert log_of(stage)[-4:] == ["said", "error", "done", "ask"]
        bob = stage.device()
        assert stage.conversation.log.ask is not None
        stage.say(bob, "hall", "m3")
        assert bob.look()[-1] == "m3: ask level"

    def test_lose_no_message_that_was_not_accepted_yet(self, stage, alice):
        stage.put(alice, "echo x", "m")
        stage.crash()
        bob = stage.device()
        assert log_of(stage) == []

        stage.say(bob, "echo x", "m")
        assert bob.look()[-1] == "m: done"

    def test_run_no_message_twice(self, stage, alice):
        stage.say(alice, "echo x", "m")
        stage.crash()
        bob = stage.device()
        stage.say(bob, "echo x", "m")

        assert bob.look()[-2:] == ["m: error interrupted", "m: done"]

    def test_tell_of_a_context_that_was_not_kept(self, stage, alice, gates):
        stage.say(alice, "enter")
        stage.advance(1)
        stage.say(alice, "leave")
        stage.conversation.log.keep({"context": "vault"}, asking=False)
        stage.advance(1)
        stage.crash()
        stage.advance(1)

        assert log_of(stage)[-1] == "context"

    def test_end_a_question_that_cannot_be_asked_any_more(self, stage, alice):
        stage.say(alice, "lights")
        stage.advance(1)
        state = {**stage.conversation.agent.snapshot()}
        state["question"] = {
            **state["question"],
            "intent": {"name": "gone", "slots": {}, "meta": {}},
        }
        stage.conversation.log.keep(state, asking=True)
        stage.advance(1)
        stage.crash()
        stage.advance(1)

        assert log_of(stage)[-1] == "done"
        bob = stage.device()
        stage.say(bob, "echo x", "m")
        assert bob.look()[-1] == "m: done"

    def test_run_intents_that_had_not_begun(self, stage, alice, gates):
        stage.say(alice, "echo x")
        queued = {"queue": [{"name": "silent", "slots": {}, "meta": {}}]}
        stage.conversation.log.keep(queued, asking=False)
        stage.advance(1)
        stage.crash()
        stage.advance(1)

        assert log_of(stage)[-2:] == ["thinking", "done"]
        stage.crash()
        assert log_of(stage)[-2:] == ["thinking", "done"]

    def test_interrupt_intents_that_had_begun(self, stage, alice, gates):
        queued = {"queue": [{"name": "slow", "slots": {}, "meta": {}}]}
        stage.conversation.log.keep(queued, asking=False)
        stage.advance(1)
        stage.crash()
        stage.advance(1)
        assert log_of(stage) == ["thinking"]

        stage.crash()
        stage.advance(1)
        assert log_of(stage) == ["thinking", "error", "done"]


class TestStops:
    def test_let_what_runs_end(self, stage, alice, gates):
        stage.say(alice, "slow", "m")
        stage.conversation.close()
        idle = []
        stage.conversation.when_idle(lambda: idle.append(True))
        assert idle == []

        gates.release("slow")
        stage.settle()
        assert (alice.look()[-1], idle) == ("m: done", [True])

    def test_interrupt_what_does_not(self, stage, alice, gates):
        stage.say(alice, "slow", "m")
        stage.conversation.close()
        stage.conversation.interrupt()
        gates.release("slow")
        stage.settle()

        assert alice.look()[-2:] == ["m: error interrupted", "m: done"]

    def test_with_nothing_to_interrupt_say_nothing(self, stage, alice):
        stage.conversation.interrupt()
        assert alice.look() == []

    def test_leave_no_gap(self, stage, alice):
        stage.say(alice, "echo x")
        last = alice.frames[-1]["seq"]
        stage.conversation.log.put_away()
        stage.settle()
        stage.crash()
        bob = stage.device()
        stage.say(bob, "echo y")

        assert bob.frames[0]["seq"] == last + 2


class TestLanguages:
    def test_that_changed_meanwhile_end_context_and_question(self, stage, alice):
        stage.say(alice, "lights")
        stage.advance(1)
        stage.crash()
        log, agent = stage.conversation.log, stage.make_agent("fr")
        log.ask = log._last_ask
        stage.conversation.begin(agent, log._agent, "fr-FR")
        stage.advance(1)

        assert log_of(stage)[-2:] == ["language", "done"]
        assert stage.conversation.language == "fr-FR"


class TestOutcomes:
    def test_are_told_with_the_seconds(self, stage, alice, gates):
        stage.say(alice, "slow")
        stage.advance(7)
        gates.release("slow")
        stage.settle()
        stage.say(alice, "boom")
        stage.say(alice, "slow")
        stage.cancel()

        found = [(turn.outcome, seconds) for turn, seconds in stage.ended]
        assert found[:3] == [
            (Outcome.ANSWERED, 7.0),
            (Outcome.FAILED, 0.0),
            (Outcome.CANCELLED, 0.0),
        ]

    def test_a_skill_may_have_a_deadline_of_its_own(self, gates):
        stage = Stage()
        alice = stage.device()
        package = _package_of(stage, alice)
        stage.skill_deadlines[package] = 600.0
        stage.say(alice, "slow", "m")
        stage.advance(599)
        assert alice.look()[-1] == "m: thinking"

        stage.advance(1)
        assert alice.look() == ["m: error skill-timeout", "m: done"]


def _package_of(stage, alice):
    stage.say(alice, "boom")
    stage.settle()
    return stage.ended[-1][0].skill


class TestUnused:
    def test_is_without_devices_and_work(self, stage, alice, gates):
        assert not stage.conversation.is_unused
        stage.say(alice, "slow")
        stage.conversation.detach(alice)
        assert not stage.conversation.is_unused

        gates.release("slow")
        stage.settle()
        assert stage.conversation.is_unused
