"""Agents that go on in another language."""

from __future__ import annotations

import pytest

from conversation_stage import Stage
from pytlas_wamp.assistant.succession import Succession


@pytest.fixture
def stage(gates):
    return Stage()


@pytest.fixture
def alice(stage):
    return stage.device()


@pytest.fixture
def succession(stage):
    return Succession(stage.conversation.audience)


class TestSuccessors:
    def test_are_none_unless_named(self, stage, succession):
        agent = stage.conversation.agent
        assert (succession.is_due, succession.language) == (False, "en-US")
        succession.replace_settings({}, known=frozenset())
        assert succession.pass_to_next(agent) is agent

    @pytest.mark.parametrize(("sentence", "gone"), [("enter", "context /"), ("lights", "done")])
    def test_take_over_and_tell_what_is_no_more(self, stage, alice, succession, sentence, gone):
        stage.say(alice, sentence)
        alice.look()
        heir = stage.make_agent("fr")
        succession.name(heir, "fr-FR")
        assert (succession.is_due, succession.language) == (True, "fr-FR")
        succession.replace_settings({"A": "1"}, known=frozenset())

        assert succession.pass_to_next(stage.conversation.agent) is heir
        assert alice.look() == ["language fr-FR", gone]
        assert (succession.is_due, succession.language, heir.meta["A"]) == (False, "fr-FR", "1")

    def test_get_what_skills_queue_later(self, stage, alice, succession):
        present, heir = stage.conversation.agent, stage.make_agent("fr")
        succession.name(heir, "fr-FR")
        succession.pass_to_next(present)
        present.queue_intent("echo", text="x")

        assert [intent.name for intent in heir._intents_queue] == ["echo"]
        assert alice.look() == ["language fr-FR"]

    def test_may_be_dropped(self, stage, succession):
        succession.name(stage.make_agent("fr"), "fr-FR")
        succession.drop()
        assert not succession.is_due
