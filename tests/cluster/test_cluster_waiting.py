"""Questions that wait for an answer."""

from __future__ import annotations

import pytest
from twisted.internet.task import Clock

from pytlas_wamp.cluster.bus import Refused, Unanswered, Unreachable
from pytlas_wamp.cluster.waiting import Waiting


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def waiting(clock):
    return Waiting(clock, 10.0)


def asked(waiting, node="w-00000001"):
    """Asks, and returns the number and what becomes of it."""
    number, found = waiting.next_number(), []
    waiting.add(number, node).addCallbacks(
        found.append, lambda failure: found.append(failure.value)
    )
    return number, found


class TestWaiting:
    def test_gives_each_its_answer(self, waiting):
        first, second = asked(waiting), asked(waiting)
        waiting.answer(second[0], {"ok": 2})
        waiting.answer(first[0], {"ok": 1})

        assert (first[1], second[1], len(waiting)) == ([1], [2], 0)

    def test_gives_refusals(self, waiting):
        number, found = asked(waiting)
        waiting.answer(number, {"refused": ["moved", "x"]})

        assert isinstance(found[0], Refused)

    def test_each_waits_as_long_as_the_others(self, waiting, clock):
        _, first = asked(waiting)
        clock.advance(4)
        _, second = asked(waiting)
        clock.advance(5.9)
        assert (first, second) == ([], [])

        clock.advance(0.1)
        assert [type(error) for error in first] == [Unanswered]
        assert "w-00000001 did not answer within 10 s" in str(first[0])
        assert second == []

        clock.advance(4)
        assert [type(error) for error in second] == [Unanswered]

    def test_one_timer_is_enough(self, waiting, clock):
        for _ in range(100):
            asked(waiting)
        assert len(clock.getDelayedCalls()) == 1

    def test_no_timer_runs_when_nobody_waits(self, waiting, clock):
        number, _ = asked(waiting)
        waiting.answer(number, {"ok": 1})
        clock.advance(10)

        assert clock.getDelayedCalls() == []

    def test_who_asks_on_failure_waits_anew(self, waiting, clock):
        again = []
        waiting.add(1, "w-00000001").addErrback(
            lambda _: again.append(asked(waiting, "v-00000001")[1])
        )
        clock.advance(10)
        assert again == [[]]
        clock.advance(10)

        assert [type(error) for error in again[0]] == [Unanswered]

    def test_what_comes_too_late_is_nobodys(self, waiting, clock):
        number, found = asked(waiting)
        clock.advance(10)
        waiting.answer(number, {"ok": 1})
        waiting.fail(number, Unreachable(""))
        waiting.answer("x", {"ok": 1})

        assert len(found) == 1

    def test_those_of_one_node_can_be_told_that_it_is_gone(self, waiting):
        _, one = asked(waiting)
        _, other = asked(waiting, "v-00000001")
        waiting.fail_all("w-00000001", "it left")

        assert [type(error) for error in one] == [Unanswered]
        assert other == []

    def test_all_can_be_told_that_nothing_was_sent(self, waiting):
        found = [asked(waiting)[1], asked(waiting, "v-00000001")[1]]
        waiting.fail_all(None, "nobody", Unreachable)

        assert [type(error) for errors in found for error in errors] == [Unreachable] * 2

    def test_stops_without_a_word(self, waiting, clock):
        waiting.stop()
        _, found = asked(waiting)
        waiting.stop()
        clock.advance(10)

        assert found == []
