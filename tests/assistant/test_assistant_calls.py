"""What a breaker learns of the calls of an agent."""

from __future__ import annotations

import pytest

from pytlas_wamp.assistant.calls import NO_SKILL, Calls, skill_of


class Breakers:
    """Writes down what it is told."""

    def __init__(self):
        self.told = []
        self.wait = None

    def admits(self, skill):
        return self.wait

    def succeeded(self, skill):
        self.told.append(("succeeded", skill))

    def failed(self, skill):
        self.told.append(("failed", skill))


def weather(request):
    """A skill."""


weather.__pytlas_package__ = "weather"


@pytest.fixture
def breakers():
    return Breakers()


@pytest.fixture
def calls(breakers):
    return Calls(breakers)


def begin(calls):
    assert calls.prepare(weather, "request") is None
    return calls.take_due()


class TestPreparing:
    def test_a_call_is_due_once(self, calls):
        assert not calls.is_due
        calls.prepare(weather, "request")
        assert calls.is_due
        call = calls.take_due()
        assert (call.handler, call.request, call.skill) == (weather, "request", "weather")
        assert (calls.is_due, calls.take_due()) == (False, None)

    def test_the_skill_is_at_work_until_it_ends(self, calls):
        assert calls.skill is None
        begin(calls)
        assert calls.skill == "weather"
        calls.end()
        assert calls.skill is None

    def test_a_skill_that_is_not_admitted_is_not_called(self, calls, breakers):
        breakers.wait = 5.0
        assert calls.prepare(weather, "request") == 5.0
        assert (calls.is_due, calls.skill) == (False, "weather")
        calls.end()
        calls.failed()
        assert breakers.told == []

    def test_one_that_is_of_no_package_has_a_sign_for_a_name(self):
        assert skill_of(lambda: None) == NO_SKILL


class TestSuccess:
    def test_is_to_end_and_to_return(self, calls, breakers):
        call = begin(calls)
        calls.end()
        assert breakers.told == []
        calls.returned(call)
        assert breakers.told == [("succeeded", "weather")]

    def test_may_come_from_another_thread_later(self, calls, breakers):
        call = begin(calls)
        calls.returned(call)
        assert breakers.told == []
        calls.end()
        calls.end()
        assert breakers.told == [("succeeded", "weather")]

    def test_counts_also_when_another_call_has_begun(self, calls, breakers):
        call = begin(calls)
        calls.end()
        begin(calls)
        calls.returned(call)
        assert breakers.told == [("succeeded", "weather")]


class TestFailure:
    def test_is_to_raise(self, calls, breakers):
        assert calls.raised(begin(calls))
        assert breakers.told == [("failed", "weather")]

    def test_is_to_raise_after_the_end_too(self, calls, breakers):
        call = begin(calls)
        calls.end()
        assert not calls.raised(call)
        assert breakers.told == [("failed", "weather")]

    def test_is_counted_once(self, calls, breakers):
        call = begin(calls)
        calls.failed()
        calls.failed()
        calls.end()
        calls.returned(call)
        assert breakers.told == [("failed", "weather")]

    def test_is_not_to_return_in_time(self, calls, breakers):
        begin(calls)
        calls.end()
        calls.failed()
        assert breakers.told == [("failed", "weather")]

    def test_is_nothing_that_comes_after_success(self, calls, breakers):
        calls.returned(begin(calls))
        calls.end()
        calls.failed()
        assert breakers.told == [("succeeded", "weather")]


class TestDropped:
    def test_neither_counts(self, calls, breakers):
        call = begin(calls)
        calls.drop()
        assert not calls.raised(call)
        calls.returned(call)
        calls.failed()
        calls.end()
        assert breakers.told == []

    def test_it_is_not_due(self, calls):
        calls.prepare(weather, "request")
        calls.drop()
        assert not calls.is_due


def test_without_breakers_all_are_called():
    calls = Calls(None)
    call = begin(calls)
    calls.end()
    calls.returned(call)
    assert calls.raised(begin(calls))
    assert calls.prepare(weather, "request") is None


class TestACallThatIsOver:
    @pytest.mark.parametrize("first", ["end", "returned"])
    def test_is_not_held(self, calls, first):
        call = begin(calls)
        steps = {"end": calls.end, "returned": lambda: calls.returned(call)}
        steps.pop(first)()
        assert calls._present is call
        steps.popitem()[1]()
        assert calls._present is None

    def test_does_not_drop_the_next_one(self, calls):
        old = begin(calls)
        calls.end()
        new = begin(calls)
        calls.returned(old)
        assert calls._present is new
