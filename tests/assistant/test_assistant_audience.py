"""Devices, what they get, and what those get that come back."""

from __future__ import annotations

import pytest
from twisted.logger import capturedLogs

from conversation_stage import Stage
from frames import Screen
from journal_memory import JournalBroken
from pytlas_wamp.assistant.log import RESERVE
from pytlas_wamp.assistant.turns import Turn
from pytlas_wamp.wire.codes import ErrorCode
from pytlas_wamp.wire.messages import Thinking


@pytest.fixture
def stage(gates):
    return Stage().keep()


@pytest.fixture
def alice(stage):
    return stage.device()


def missed(stage, after):
    """What a device gets that comes back, as numbers; None when that cannot be said."""
    presence = stage.join(Screen(), after)
    return None if presence.missed is None else [frame.seq for frame in presence.missed]


class TestJoining:
    def test_without_a_number_brings_the_present(self, stage, alice):
        stage.say(alice, "enter")
        stage.say(alice, "moveask", "m")
        presence = stage.join(Screen())

        assert (presence.seq, presence.language, presence.missed) == (
            alice.frames[-1]["seq"],
            "en-US",
            None,
        )
        assert presence.ask is not None

    def test_with_one_brings_what_came_after(self, stage, alice):
        stage.say(alice, "echo x")

        assert [missed(stage, after) for after in (0, 1, 4)] == [[1, 2, 3, 4], [2, 3, 4], []]

    def test_with_one_that_was_never_given_brings_the_present(self, stage, alice):
        stage.say(alice, "echo x")
        assert missed(stage, 99) is None

    def test_counts_from_then_on(self, stage, alice):
        audience = stage.conversation.audience
        assert (audience.count, audience.is_empty) == (1, False)
        stage.say(alice, "echo x")
        late = Screen()
        stage.join(late, 2)
        stage.say(alice, "echo y")
        assert [frame["seq"] for frame in late.frames] == [5, 6, 7, 8]

        audience.detach(late)
        audience.detach(alice)
        assert (audience.count, audience.is_empty) == (0, True)

    def test_fails_when_what_was_missed_cannot_be_read(self, stage, alice):
        for _ in range(99):
            stage.conversation.log.add(Thinking, {})
        stage.store.failing = True
        failures = []
        stage.conversation.join(Screen(), 1).addErrback(failures.append)
        stage.settle()

        assert [failure.type for failure in failures] == [JournalBroken]
        assert stage.conversation.audience.count == 1


class TestRepeating:
    def test_tells_the_one_device_all_that_was_said(self, stage, alice):
        bob = stage.device()
        stage.say(alice, "echo x", "m")
        told = ["said echo x", *alice.look()]
        bob.look()
        stage.say(alice, "echo x", "m")

        assert (alice.look(), bob.look()) == (told, [])

    def test_goes_to_nobody_who_left(self, stage, alice):
        stage.say(alice, "echo x", "m")
        alice.look()
        for _ in range(70):
            stage.conversation.log.add(Thinking, {})
        stage.put(alice, "echo x", "m")
        stage.conversation.detach(alice)
        stage.settle()

        assert alice.look() == []

    def test_says_when_the_log_cannot_be_read(self, stage, alice):
        stage.say(alice, "echo x", "m")
        alice.look()
        for _ in range(70):
            stage.conversation.log.add(Thinking, {})
        stage.store.failing = True
        stage.say(alice, "echo x", "m")

        assert alice.look() == ["m: error unavailable"]


class TestNumbers:
    def test_that_might_be_used_twice_are_not_sent(self, stage, alice):
        stage.store.failing = True
        audience = stage.conversation.audience
        numbers = [audience.publish(Thinking) for _ in range(RESERVE + 2)]

        assert numbers[-3:] == [RESERVE, None, None]
        assert len(alice.frames) == RESERVE


class TestFailures:
    def test_of_ours_are_logged(self, stage, alice, monkeypatch):
        stage.say(alice, "echo x", "m")
        for _ in range(70):
            stage.conversation.log.add(Thinking, {})
        monkeypatch.setattr(type(stage.store), "about", None)
        with capturedLogs() as events:
            stage.say(alice, "echo x", "m")

        assert alice.look()[-1] == "m: error unavailable"
        told = [event["log_format"] for event in events if event["log_level"].name == "critical"]
        assert told == ["a message could not be repeated"]


class TestTurns:
    def test_fail_for_all(self, stage, alice):
        audience, turn = stage.conversation.audience, Turn(id="m")
        audience.fail(turn, ErrorCode.BUSY, "later")

        assert (alice.look(), turn.over) == (["m: error busy", "m: done"], True)

    def test_are_interrupted_for_all(self, stage, alice):
        stage.conversation.audience.interrupt(Turn())
        assert alice.look() == ["error interrupted", "done"]

    def test_ask_again_in_the_same_words(self, stage, alice):
        stage.say(alice, "lights", "m")
        (asked,) = [frame for frame in alice.take() if frame["type"] == "ask"]
        stage.conversation.audience.ask_again(stage.conversation.log.ask)

        assert alice.take() == [{**asked, "seq": asked["seq"] + 1}]
