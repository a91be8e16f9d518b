"""What skills are handed: an agent that falls silent, their texts, and hooks that forgive."""

from __future__ import annotations

import copy
from uuid import uuid4

import pytest
from agent_rigs import Hosted
from pytlas.conversing.request import Request
from pytlas.handling.hooks import GLOBAL_HOOKS, ON_AGENT_CREATED
from pytlas.handling.localization import GLOBAL_TRANSLATIONS

from pytlas_wamp.assistant import requests
from pytlas_wamp.assistant.requests import (
    NO_TEXTS,
    ForgivingHooks,
    HostedRequest,
    RequestAgent,
    translations_of,
)


class Skill:
    """Keeps the request it is called with."""

    request = None

    def __call__(self, request):
        self.request = request


@pytest.fixture
def hosted(monkeypatch):
    """An agent whose skill `echo` keeps its request and says nothing."""
    rig = Hosted()
    skill = Skill()
    skill.__pytlas_package__ = "kept"
    skill.__module__ = __name__
    monkeypatch.setitem(rig.agent._handlers._data, "echo", skill)
    rig.say("echo x")
    rig.told.clear()
    rig.skill_agent = skill.request.agent
    return rig


class TestRequestAgent:
    def test_is_what_a_skill_gets(self, hosted):
        assert isinstance(hosted.skill_agent, RequestAgent)
        assert hosted.skill_agent.unwrap() is hosted.agent

    def test_answers(self, hosted):
        hosted.skill_agent.answer("hello")
        assert [told[0] for told in hosted.told] == ["answer"]

    def test_asks(self, hosted):
        hosted.skill_agent.ask("room", "Where?", ["here", "there"])
        assert [told[0] for told in hosted.told] == ["done", "ask"]

    def test_ends(self, hosted):
        hosted.skill_agent.done()
        assert [told[0] for told in hosted.told] == ["done"]

    def test_changes_the_context(self, hosted):
        hosted.skill_agent.context("vault")
        assert hosted.agent.current_context == "vault"

    def test_is_silent_once_the_request_is_over(self, hosted):
        hosted.skill_agent.done()
        hosted.told.clear()

        hosted.skill_agent.answer("late")
        hosted.skill_agent.ask("room", "late?")
        hosted.skill_agent.context("vault")
        hosted.skill_agent.done()

        assert hosted.told == []
        assert hosted.agent.current_context is None

    def test_still_tells_settings_and_queues_when_it_is_over(self, hosted):
        hosted.skill_agent.done()
        hosted.skill_agent.meta["seen"] = True
        hosted.skill_agent.queue_intent("silent")
        assert hosted.agent.meta["seen"]
        assert hosted.wakes == 1


class Agent:
    lang = "fr"


class TestHostedRequest:
    @pytest.fixture
    def asked(self, monkeypatch):
        """How often the texts of the skill were asked for."""
        asked = []

        def texts():
            asked.append("texts")
            return {"hello": "bonjour"}

        monkeypatch.setitem(GLOBAL_TRANSLATIONS._data, "kept", {"fr": texts})
        return asked

    @pytest.fixture
    def request_(self, asked):
        skill = Skill()
        skill.__module__ = "kept.part"
        return HostedRequest(Agent(), "the intent", skill)

    def test_is_one_of_pytlas(self, request_):
        assert isinstance(request_, Request)
        assert (request_.intent, request_.lang) == ("the intent", "fr")

    def test_has_an_id_of_its_own(self, request_, asked):
        other = HostedRequest(Agent(), "the intent", request_._handler)
        assert len(request_.id) == len(other.id) == 32
        assert request_.id == request_.id != other.id
        assert asked == []

    def test_translates_and_asks_once_for_the_texts(self, request_, asked):
        assert [request_._("hello"), request_._("hello"), request_._("bye")] == [
            "bonjour",
            "bonjour",
            "bye",
        ]
        assert asked == ["texts"]

    def test_has_the_same_id_for_all_who_ask_at_once(self, request_, monkeypatch):
        def interrupted():
            request_.__dict__.setdefault("id", "of another thread")
            return uuid4()

        monkeypatch.setattr(requests, "uuid4", interrupted)
        assert request_.id == "of another thread"

    def test_has_nothing_else(self, request_):
        with pytest.raises(AttributeError, match="'HostedRequest' object has no attribute 'name'"):
            request_.name  # noqa: B018 - it is the attribute that fails

    def test_may_be_copied(self, request_):
        assert copy.copy(request_).id != request_.id


class TestForgivingHooks:
    def test_call_all_though_one_raises(self, monkeypatch):
        called = []

        def bad(_agent):
            raise RuntimeError("hook")

        monkeypatch.setitem(GLOBAL_HOOKS._data, ON_AGENT_CREATED, [bad, called.append])
        ForgivingHooks().trigger(ON_AGENT_CREATED, "agent")
        assert called == ["agent"]

    def test_without_any_do_nothing(self):
        ForgivingHooks().trigger("no such hook", "agent")


class TestTranslations:
    def test_are_not_read_in_advance(self, texts):
        assert NO_TEXTS.all("fr") == {}

    @pytest.fixture
    def texts(self, monkeypatch):
        texts = {"hello": "bonjour"}
        by_language = {"fr": lambda: texts, "de": lambda: 1 / 0}
        monkeypatch.setitem(GLOBAL_TRANSLATIONS._data, "kept", by_language)
        return texts

    def of(self, language, module="kept.part"):
        skill = Skill()
        skill.__module__ = module
        return translations_of(skill, language)

    def test_are_those_of_the_package(self, texts):
        assert self.of("fr") == {"hello": "bonjour"}
        assert self.of("fr", module="kept") == {"hello": "bonjour"}

    def test_are_the_present_ones(self, texts):
        texts["hello"] = "salut"
        assert self.of("fr") == {"hello": "salut"}

    @pytest.mark.parametrize(
        ("language", "module"), [("en", "kept"), ("fr", "gone"), ("de", "kept")]
    )
    def test_may_be_none(self, texts, language, module):
        assert self.of(language, module) == {}
