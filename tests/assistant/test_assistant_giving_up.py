"""Turns that do not end by themselves."""

from __future__ import annotations

import pytest
from twisted.logger import capturedLogs
from twisted.python.failure import Failure

from pytlas_wamp.assistant.giving_up import GivingUp
from pytlas_wamp.assistant.turns import Turn
from pytlas_wamp.assistant.worker import Busy
from workers_for_tests import InlineWorkers


class Agent:
    """What gives up turns, or cannot."""

    def __init__(self):
        self.told, self.failed, self.broken = [], [], False
        self.giving_up = GivingUp(user_id=1, urgent=InlineWorkers(), fail=self.fail)

    def abandon(self, turn, code, text):
        if self.broken:
            raise KeyError
        self.told.append((turn.id, code.value, text))

    def other(self, turn, code, text):
        self.told.append(("other", code.value))

    def fail(self, turn, code, text):
        self.failed.append((turn.id, code.value))


@pytest.fixture
def agent():
    return Agent()


TURN = Turn(id="m")


class TestTurns:
    def test_that_no_thread_takes_are_busy(self, agent):
        agent.giving_up.not_run(Failure(Busy()), TURN, agent.abandon)
        agent.giving_up.not_run(Failure(Busy()), TURN, agent.abandon, agent.other)
        assert [told[:2] for told in agent.told] == [("m", "busy"), ("other", "busy")]

    def test_that_fail_are_logged(self, agent):
        with capturedLogs() as events:
            agent.giving_up.not_run(Failure(KeyError()), TURN, agent.abandon, agent.other)
        assert agent.told[0][:2] == ("m", "internal-error")
        assert [event["log_format"] for event in events] == ["a turn failed"]

    def test_that_take_too_long_say_how_long(self, agent):
        agent.giving_up.too_late(TURN, 7.0, agent.abandon)
        assert agent.told == [("m", "skill-timeout", "the skill did not finish within 7 seconds")]

    def test_that_cannot_be_given_up_are_told_all_the_same(self, agent):
        agent.broken = True
        with capturedLogs() as events:
            agent.giving_up.too_late(TURN, 7.0, agent.abandon)
        assert agent.failed == [("m", "skill-timeout")]
        assert events[-1]["log_format"] == "a turn could not be given up"
