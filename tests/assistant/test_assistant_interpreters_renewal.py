"""A skill is edited between two starts: what was learnt before answers until the new is there."""

from __future__ import annotations

import pytest
from pytlas.understanding import TrainingsStore
from twisted.internet.task import Clock

from frames import Screen
from pytlas_wamp.assistant.host import Host, Person
from pytlas_wamp.assistant.interpreters import Interpreters
from pytlas_wamp.limits import Limits
from pytlas_wamp.understanding.statistical import StatisticalInterpreter, training
from pytlas_wamp.wire.messages import Message
from workers_for_tests import Arrivals, InlineWorkers, ManualWorkers, settle

OLD = """
%[lights]
  switch the lights
  change the lights

%[enter]
  climb into the vault

%[vault/leave]
  climb out

%[pair_one]
  sing a song
"""

# `cards` and `vault/peek` are new, and `pair_one` is gone.
NEW = """
%[lights]
  switch the lights
  change the lights

%[enter]
  climb into the vault

%[vault/leave]
  climb out

%[vault/peek]
  have a look around

%[cards]
  show me pictures
"""


class Start:
    """A server that has started over the cache of earlier ones."""

    def __init__(self, chatl, cache):
        store = TrainingsStore({"skill": {"en": lambda: chatl}})
        arrivals = Arrivals()
        self.training = ManualWorkers(arrivals)
        self._arrivals = arrivals
        self._skills = InlineWorkers()
        interpreters = Interpreters(
            factory=lambda language, folder: StatisticalInterpreter(
                language, folder, trainings=store, train=training.train
            ),
            cache_directory=cache,
            workers=self.training,
            packages=lambda language: ["skill"],
            now=lambda: 0.0,
        )
        self._host = Host(
            interpreters=interpreters,
            workers=self._skills,
            urgent=self._skills,
            clock=Clock(),
            limits=Limits(),
        )

    def join(self):
        self.screen = Screen()
        self._host.join(Person(id=1, language="en-US", settings={}), self.screen)

    def recall(self):
        """Load what was learnt last time."""
        self.training.start()
        self._arrivals.next()

    def learn(self):
        """Whatever is left to do."""
        settle(self._arrivals, self.training)

    def says(self, message):
        (conversation,) = self._host.conversations
        conversation.say(self.screen, Message(message=message))
        return self.screen.look()


@pytest.fixture
def start(tmp_path, gates):
    """A server with NEW skills where one with OLD skills has run."""
    first = Start(OLD, tmp_path)
    first.join()
    first.learn()
    assert "thinking" in first.says("sing a song")
    again = Start(NEW, tmp_path)
    again.join()
    again.recall()
    return again


def answers(told):
    return [line.removeprefix("answer ") for line in told if line.startswith("answer ")]


class TestWhileItLearns:
    def test_what_was_learnt_before_answers(self, start):
        assert "ask room" in start.says("change the lights")

    def test_what_is_new_is_not_understood_yet(self, start):
        assert answers(start.says("show me pictures")) == ["Did not get: show me pictures"]

    def test_an_intent_of_a_skill_that_is_gone_does_no_harm(self, start, monkeypatch):
        from pytlas.handling.skill import GLOBAL_HANDLERS  # noqa: PLC0415 - after the skills

        monkeypatch.delitem(GLOBAL_HANDLERS._data, "pair_one")
        assert start.says("sing a song") == ["done"]
        assert "ask room" in start.says("change the lights")


class TestOnceItHasLearnt:
    def test_what_is_new_is_understood_in_the_same_conversation(self, start):
        start.learn()
        assert answers(start.says("show me pictures")) != ["Did not get: show me pictures"]
        assert answers(start.says("sing a song")) == ["Did not get: sing a song"]

    def test_a_question_waits_for_its_reply(self, start):
        start.says("change the lights")
        start.learn()
        assert "ask level" in start.says("kitchen")
        assert answers(start.says("dim")) == ["Lights in kitchen set to dim"]

    def test_a_context_is_kept_and_has_what_is_new(self, start):
        start.says("climb into the vault")
        start.learn()
        assert answers(start.says("have a look around")) == ["Gold"]
        assert answers(start.says("climb out")) == ["You left the vault"]
        assert answers(start.says("have a look around")) != ["Gold"]

    def test_the_next_start_has_it_at_once(self, start, tmp_path):
        start.learn()
        third = Start(NEW, tmp_path)
        third.join()
        third.recall()
        assert answers(third.says("show me pictures")) != ["Did not get: show me pictures"]
