"""Conversations that another agent goes on with."""

from __future__ import annotations

import pytest

from conversation_stage import Stage
from pytlas_wamp.assistant.taking_up import take_up


@pytest.fixture
def stage(gates):
    return Stage().keep()


@pytest.fixture
def alice(stage):
    return stage.device()


class TestTakingUp:
    def again(self, stage, alice, sentence, language=None):
        """What a device is told when somebody goes on after a sentence."""
        stage.say(alice, sentence, "m")
        alice.look()
        audience = stage.conversation.audience
        state = stage.conversation.agent.snapshot()
        return take_up(audience, stage.make_agent(), state, language), alice.look()

    def test_says_nothing_when_all_goes_on(self, stage, alice):
        assert self.again(stage, alice, "echo x") == (False, [])
        assert self.again(stage, alice, "enter") == (False, [])

    def test_waits_for_the_reply_to_a_question(self, stage, alice):
        assert self.again(stage, alice, "lights") == (True, [])

    def test_asks_again_what_was_covered_by_what_had_stopped(self, stage, alice):
        stage.say(alice, "later", "n")
        stage.conversation.log.reopen_turn(1, "n")
        audience = stage.conversation.audience
        alice.look()
        assert not take_up(audience, stage.make_agent(), {}, None)
        assert alice.look() == ["n: error interrupted", "n: done"]

    def test_ends_context_and_question_of_another_language(self, stage, alice):
        assert self.again(stage, alice, "enter", "fr-FR") == (
            False,
            ["language fr-FR", "context /"],
        )

    def test_ends_a_question_that_nobody_asks_any_more(self, stage, alice):
        assert self.again(stage, alice, "lights", "fr-FR") == (False, ["language fr-FR", "done"])

    def test_asks_again_when_something_else_was_interrupted(self, stage, alice):
        stage.say(alice, "lights", "m")
        stage.conversation.log.reopen_turn(99, "n")
        assert self.again(stage, alice, "silent") == (
            True,
            ["n: error interrupted", "n: done", "m: ask room"],
        )
