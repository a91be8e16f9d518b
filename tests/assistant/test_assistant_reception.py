"""What is let in, what waits, and that nothing runs before it is written."""

from __future__ import annotations

import pytest

from conversation_stage import Stage
from frames import short
from pytlas_wamp.assistant.turns import Turn
from pytlas_wamp.wire.messages import Thinking


@pytest.fixture
def stage(gates):
    return Stage(max_queued_messages=2).keep()


@pytest.fixture
def alice(stage):
    return stage.device()


@pytest.fixture
def bob(stage):
    return stage.device()


def said(stage):
    """The log, as short texts."""
    return [f"{one.seq} {one.kind}" for one in stage.store.entries(1)]


class TestWriting:
    def test_comes_before_the_turn_and_after_what_is_said(self, stage, alice, bob):
        stage.put(alice, "echo x", "m")
        assert (bob.look(), stage.skills.jobs, said(stage)) == (["said echo x"], [], [])

        stage.disk.start()
        assert said(stage) == ["1 said"]
        stage.settle()
        assert alice.look() == ["m: thinking", "m: answer x", "m: done"]

    def test_of_a_later_one_waits_for_no_earlier_turn(self, stage, alice, gates):
        stage.say(alice, "slow", "m")
        stage.say(alice, "echo x", "n")

        assert said(stage) == ["1 said", "2 thinking", "3 said"]
        gates.release("slow")
        stage.settle()
        assert alice.look()[-3:] == ["n: thinking", "n: answer x", "n: done"]

    def test_that_fails_is_told_to_all_and_nothing_runs(self, stage, alice, bob):
        stage.store.failing = True
        stage.say(alice, "echo x", "m")

        expected = ["m: error unavailable", "m: done"]
        assert (alice.look(), bob.look()) == (expected, ["said echo x", *expected])
        stage.store.failing = False
        stage.advance(1)
        assert said(stage) == ["1 said", "2 error", "3 done"]
        assert stage.store.load(1).open_turns == ()

    def test_that_fails_spares_a_turn_that_was_cancelled_meanwhile(self, stage, alice):
        stage.store.failing = True
        stage.put(alice, "echo x", "m")
        stage.cancel("c")

        assert alice.look() == ["c: done"]

    def test_that_fails_for_a_reply_leaves_the_question(self, stage, alice):
        stage.say(alice, "lights", "m1")
        alice.look()
        stage.store.failing = True
        stage.say(alice, "kitchen", "m2")
        assert alice.look() == ["m2: error unavailable", "m2: done", "m1: ask room"]

        stage.store.failing = False
        stage.advance(1)
        stage.say(alice, "kitchen", "m3")
        assert alice.look()[-1] == "m3: ask level"

    def test_that_fails_for_what_waits_behind_a_reply_leaves_the_question(self, stage, alice):
        stage.say(alice, "lights", "m1")
        stage.store.failing = True
        stage.put(alice, "kitchen", "m2")
        stage.put(alice, "echo x", "m3")
        stage.settle()
        assert alice.look()[-1] == "m1: ask room"
        assert stage.conversation.log.ask is not None

        stage.store.failing = False
        stage.advance(1)
        stage.say(alice, "kitchen", "m4")
        assert alice.look()[-1] == "m4: ask level"

    def test_that_fails_for_our_own_fault_is_the_same(self, stage, alice, monkeypatch):
        monkeypatch.setattr(type(stage.store), "write", None)
        stage.say(alice, "echo x", "m")

        assert alice.look() == ["m: error unavailable", "m: done"]

    def test_that_is_far_behind_lets_nothing_in(self, stage, alice):
        stage.say(alice, "linger")
        alice.look()
        stage.store.failing = True
        for _ in range(100):
            stage.conversation.log.add(Thinking, {})
        stage.say(alice, "echo x", "m")

        assert alice.look() == ["m: error unavailable"]


class TestRefusals:
    def test_a_question_that_is_not_open(self, stage, alice):
        stage.say(alice, "echo x", "m", answers=3)
        assert alice.look() == ["m: error question-gone"]

    def test_too_many_that_wait(self, stage, alice, gates):
        stage.say(alice, "slow", "m0")
        alice.look()
        for number in range(1, 4):
            stage.say(alice, "echo x", f"m{number}")

        assert alice.look() == ["m3: error busy"]

    def test_are_told_to_one_device_and_not_kept(self, stage, alice, bob):
        stage.say(alice, "echo x", "m", answers=3)

        assert (bob.look(), said(stage)) == ([], [])
        stage.say(alice, "echo x", "m")
        assert alice.look()[-1] == "m: done"


class TestRepetitions:
    def test_are_answered_from_the_log(self, stage, alice, bob):
        stage.say(alice, "echo x", "m")
        first = alice.take()
        bob.look()

        stage.say(alice, "echo x", "m")

        again = alice.take()
        assert [short(one) for one in again] == ["said echo x", *map(short, first)]
        assert [one["seq"] for one in again] == [1, 2, 3, 4]
        assert bob.look() == []

    def test_are_answered_after_a_crash(self, stage, alice):
        stage.say(alice, "echo x", "m")
        stage.advance(1)
        stage.crash()
        anew = stage.device()

        stage.say(anew, "echo x", "m")

        assert anew.look() == ["said echo x", "m: thinking", "m: answer x", "m: done"]

    def test_while_it_runs_bring_the_rest_as_it_comes(self, stage, alice, gates):
        stage.say(alice, "slow", "m")
        alice.look()
        stage.say(alice, "slow", "m")
        assert alice.look() == ["said slow", "m: thinking"]

        gates.release("slow")
        stage.settle()
        assert alice.look() == ["m: answer Too late", "m: done"]

    def test_with_another_body_are_refused(self, stage, alice, bob):
        stage.say(alice, "echo x", "m")
        alice.look()
        bob.look()
        for fields in ({"text": "echo y"}, {"text": "echo x", "meta": {"a": 1}}):
            stage.say(alice, fields.pop("text"), "m", **fields)
            assert (alice.look(), bob.look()) == (["m: error id-reused"], [])

    def test_of_what_was_not_accepted_are_new(self, stage, alice, gates):
        stage.say(alice, "slow")
        for number in range(3):
            stage.say(alice, "echo x", f"m{number}")
        assert alice.look()[-1] == "m2: error busy"
        gates.release("slow")
        stage.settle()
        alice.look()

        stage.say(alice, "echo x", "m2")
        assert alice.look()[-1] == "m2: done"


class TestOrder:
    def test_a_reply_goes_first(self, stage, alice, gates):
        stage.say(alice, "later", "m0")
        stage.say(alice, "lights", "m1")
        stage.say(alice, "echo x", "m2")
        gates.release("later")
        stage.settle()
        alice.look()

        stage.say(alice, "kitchen", "m3")
        stage.say(alice, "dim", "m4")

        told = [one for one in alice.look() if "done" in one]
        assert told == ["m3: done?", "m4: done", "m2: done"]

    def test_a_cancel_stops_what_is_about_to_run(self, stage, alice):
        stage.put(alice, "echo x", "m")
        stage.cancel("c")

        assert alice.look() == ["c: done"]
        stage.advance(1)
        assert stage.store.load(1).open_turns == ()

    def test_a_sentence_that_means_cancel_does_so_too(self, stage, alice):
        stage.put(alice, "echo x", "m")
        stage.put(alice, "cancel", "n")
        stage.settle()

        assert [one for one in alice.look() if one.startswith("m")] == []

    def test_what_does_not_wait_is_not_withdrawn(self, stage):
        assert stage.conversation._reception.withdraw(Turn()) is False


class TestClosing:
    def test_tells_what_waits_and_lets_nothing_in(self, stage, alice, gates):
        stage.say(alice, "slow", "m0")
        stage.say(alice, "echo x", "m1")
        alice.look()

        stage.conversation.close()
        stage.say(alice, "echo y", "m2")

        assert alice.look() == ["m1: error interrupted", "m1: done", "m2: error unavailable"]
        gates.release("slow")
        stage.settle()
        assert alice.look()[-1] == "m0: done"

    def test_leaves_queued_intents_to_the_next_start(self, stage, alice, gates):
        stage.say(alice, "ring", "m")
        alice.look()
        gates.release("later")
        while len(stage.arrivals):
            stage.arrivals.next()
        waiting = len(stage.conversation._reception)
        stage.conversation.close()
        stage.conversation._reception.take_wake()

        assert (waiting, len(stage.conversation._reception)) == (1, 0)
        assert stage.conversation.log.open_turns == ()
