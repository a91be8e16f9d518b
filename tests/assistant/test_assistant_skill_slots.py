"""Who may use a skill's thread."""

from __future__ import annotations

import pytest

from pytlas_wamp.assistant.skill_slots import SkillSlots
from pytlas_wamp.assistant.turns import Turn
from pytlas_wamp.assistant.worker import Busy
from workers_for_tests import Arrivals, Gate, ManualWorkers, settle

ANN, BOB, CLEO = 1, 2, 3


class Threads:
    """Slots whose skills wait at a gate."""

    def __init__(self):
        self.arrivals = Arrivals()
        self.pool = ManualWorkers(self.arrivals, room=6)
        self.gate = Gate()
        self.slots = SkillSlots(workers=self.pool, max_per_user=2, max_abandoned=3)

    def run(self, user_id):
        """Have a skill run; its turn, and what comes of it."""
        turn, outcomes = Turn(), []
        self.slots.run(user_id, lambda _: self.gate.wait(), turn).addBoth(
            lambda result: outcomes.append("done" if result is None else result.type)
        )
        self.settle()
        return turn, outcomes

    def settle(self):
        settle(self.arrivals, self.pool)


@pytest.fixture
def threads():
    return Threads()


def test_they_come_back_with_the_skill(threads):
    _, outcomes = threads.run(ANN)
    assert (outcomes, threads.slots.running, threads.slots.abandoned) == ([], 1, 0)

    threads.gate.release()
    threads.settle()

    assert (outcomes, threads.slots.running) == (["done"], 0)


def test_one_user_has_so_many_and_no_more(threads):
    assert [threads.run(ANN)[1] for _ in range(3)] == [[], [], [Busy]]
    assert threads.run(BOB)[1] == []

    threads.gate.release()
    threads.settle()
    assert threads.run(ANN)[1] == []


def test_so_many_may_be_abandoned_and_no_more(threads):
    for user_id in (ANN, ANN, BOB):
        assert threads.slots.abandoned < 3
        turn, outcomes = threads.run(user_id)
        assert outcomes == []
        turn.over = True
    assert (threads.slots.abandoned, threads.run(CLEO)[1]) == (3, [Busy])

    threads.gate.release_one()
    threads.settle()

    assert (threads.slots.abandoned, threads.run(CLEO)[1]) == (2, [])


def test_those_at_work_are_not_abandoned(threads):
    for user_id in (ANN, ANN, BOB):
        threads.run(user_id)

    assert threads.run(BOB)[1] == []


def test_a_pool_without_room_is_busy(threads):
    for user_id in range(6):
        threads.run(user_id)

    assert (threads.run(9)[1], threads.slots.running) == ([Busy], 6)
