"""Steps that wait for each other."""

from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred, succeed

from pytlas_wamp.assistant.one_at_a_time import OneAtATime


@pytest.fixture
def steps():
    return OneAtATime()


class TestSteps:
    def test_of_one_user_come_one_after_the_other(self, steps):
        first, second, told = Deferred(), Deferred(), []
        steps.run(1, lambda: first).addCallback(told.append)
        steps.run(1, lambda: told.append("begun") or second).addCallback(told.append)
        assert told == []
        first.callback("first")
        assert told == ["first", "begun"]
        second.callback("second")
        assert told == ["first", "begun", "second"]

    def test_of_others_do_not_wait(self, steps):
        told = []
        steps.run(1, Deferred)
        steps.run(2, lambda: succeed("done")).addCallback(told.append)
        assert (told, list(steps), 1 in steps, 2 in steps) == (["done"], [1], True, False)

    def test_go_on_after_one_that_fails(self, steps):
        told = []

        def fail():
            raise KeyError

        steps.run(1, fail).addErrback(lambda failure: told.append(failure.type))
        steps.run(1, lambda: succeed("done")).addCallback(told.append)
        assert (told, list(steps)) == ([KeyError, "done"], [])
