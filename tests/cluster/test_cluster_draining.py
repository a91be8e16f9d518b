"""A worker gives its conversations back, as soon as nothing runs in them."""

from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.task import Clock
from twisted.logger import capturedLogs, formatEvent
from worker_stage import (
    COOK,
    ONE,
    OTHER,
    TWO,
    WorkerStage,
    gates,  # noqa: F401 - a fixture
)

from pytlas_wamp.cluster.draining import SWEEP_SECONDS, Draining
from pytlas_wamp.errors import OperatorError

WENT, STAYED = True, False


@pytest.fixture
def stage(gates):  # noqa: F811 - the fixture
    return WorkerStage()


def begin(stage, **how):
    """Begin to drain; what fires when that is done."""
    stage.draining.begin(**how)
    done = stage.draining.when_done()
    stage.settle()
    return done


class TestIdleOnes:
    def test_they_go_at_once(self, stage):
        for user in (1, 2, 3):
            stage.join(user=user)
        stage.join(TWO)
        assert begin(stage).called
        assert stage.host.conversations == []
        assert [stage.leases.lease(user).node_id for user in (1, 2, 3)] == [None] * 3
        assert sorted(stage.moved(ONE)) == [(1, 1), (2, 1), (3, 1)]
        assert stage.moved(TWO) == [(1, 1)]
        assert (stage.draining.is_done, stage.draining.handed_over) == (True, 3)
        assert len(stage.seats) == 0

    def test_the_next_worker_goes_on_where_they_were(self, stage):
        stage.join()
        stage.say("lights", id="m1")
        seq = stage.host.find(1).log.seq
        begin(stage)
        lease = stage.leases.claim(1, OTHER)
        assert (lease.node_id, lease.epoch) == (OTHER, 2)
        record = stage.journal.load(1)
        assert (record.seq, record.reserved, record.open_turns) == (seq, seq, ())

    def test_without_any_it_is_done(self, stage):
        assert begin(stage).called

    def test_who_asks_later_learns_it_too(self, stage):
        begin(stage)
        assert stage.draining.when_done().called


class TestThoseAtWork:
    def test_they_go_when_nothing_runs_any_more(self, stage, gates):  # noqa: F811
        for user in (1, 2):
            stage.join(user=user)
        stage.say("slow", user=1)
        done = begin(stage)
        assert [one.user_id for one in stage.host.conversations] == [1]
        stage.advance(10)
        assert not done.called
        gates.release("slow")
        stage.settle()
        assert done.called
        bodies = stage.told()
        assert [body["moved"] for body in bodies if "moved" in body] == [[[2, 1]], [[1, 1]]]
        told = [frame[2] for body in bodies for frame in body.get("frames", ())]
        assert told == [entry.body for entry in stage.journal.entries(1)]
        assert "moved" in bodies[-1]

    def test_what_waits_is_done_here(self, stage, gates):  # noqa: F811
        stage.join()
        stage.say("slow")
        begin(stage)
        assert stage.say("echo hello") == {"frames": []}
        gates.release("slow")
        stage.settle()
        assert stage.draining.is_done
        assert [entry.kind for entry in stage.journal.entries(1)][-2:] == ["answer", "done"]

    def test_one_that_is_at_work_again_waits_again(self, stage, gates):  # noqa: F811
        stage.join()
        stage.say("slow")
        begin(stage)
        gates.release("slow")
        while stage.host.find(1).is_idle is False:
            stage.arrivals.next()
        stage.put_say("slow")
        stage.settle()
        assert not stage.draining.is_done
        gates.release("slow")
        stage.settle()
        assert stage.draining.is_done

    def test_those_that_come_meanwhile_go_too(self, stage):
        stage.finding = []
        begin(stage)
        stage.finding = None
        stage.draining.end()
        outcome = stage.put(ONE, "join", user=1, after=None, instead_of=0)
        while not stage.disk.jobs:
            stage.clock.advance(0)
        stage.draining.begin()
        stage.settle()
        assert outcome[0]["epoch"] == 1
        stage.advance(SWEEP_SECONDS * 2)
        assert (stage.draining.is_done, stage.moved()) == (True, [(1, 1)])


class TestOutages:
    def test_it_is_tried_again(self, stage):
        stage.join()
        stage.say("echo hello")
        stage.leases.failing = stage.journal.failing = True
        with capturedLogs() as logs:
            done = begin(stage)
            stage.advance(5)
        assert not done.called
        lines = [formatEvent(log) for log in logs]
        assert sum(line.startswith("conversations cannot be given back") for line in lines) <= 1
        stage.leases.failing = stage.journal.failing = False
        stage.advance(30)
        assert done.called


class TestChangingOnesMind:
    def test_the_database_says_what_is_to_be_done(self, stage):
        stage.join()
        stage.draining.learn("active")
        assert not stage.draining.is_on
        for state in ("draining", "drained", "draining"):
            stage.draining.learn(state)
            stage.settle()
            assert (stage.draining.is_on, stage.join()) == (True, "draining")
        stage.draining.learn("active")
        assert stage.join()["epoch"] == 2
        stage.advance(5)
        assert len(stage.host.conversations) == 1
        assert stage.clock.getDelayedCalls() == []

    def test_one_that_was_waited_for_stays_then(self, stage, gates):  # noqa: F811
        stage.join()
        stage.say("slow")
        begin(stage)
        stage.draining.learn("active")
        gates.release("slow")
        stage.advance(5)
        assert len(stage.host.conversations) == 1

    def test_a_process_that_ends_does_not_listen(self, stage):
        stage.join()
        stage.draining.begin(for_good=True)
        stage.draining.learn("draining")
        stage.draining.learn("active")
        stage.settle()
        assert (stage.draining.is_on, stage.draining.is_done) == (True, True)

    def test_what_does_not_go_in_time_stays(self, stage, gates):  # noqa: F811
        stage.join()
        stage.say("slow")
        begin(stage, for_good=True)
        stage.draining.stop()
        stage.draining.stop()
        gates.release("slow")
        stage.advance(5)
        assert (len(stage.host.conversations), stage.join(user=2)) == (1, "draining")


class TestOwnState:
    def test_it_says_what_the_database_does_not_know(self, stage, gates):  # noqa: F811
        stage.join()
        assert stage.draining.own_state is None
        stage.say("slow")
        begin(stage)
        assert stage.draining.own_state is None
        stage.draining.begin(for_good=True)
        assert stage.draining.own_state == "draining"
        gates.release("slow")
        stage.settle()
        assert stage.draining.own_state == "drained"


class Conversation:
    """One that is idle, or becomes so when the test says it."""

    def __init__(self, user_id):
        self.user_id = user_id
        self.is_idle = True
        self.waiting = []

    def when_idle(self, callback):
        self.waiting.append(callback)


class Host:
    """Conversations that go when the test says it.

    Args:
      user_ids: whose they are.

    Attributes:
      looks: how often all were looked at.
    """

    def __init__(self, *user_ids):
        self.present = [Conversation(user_id) for user_id in user_ids]
        self.asked = []
        self.answer = None
        self.looks = 0

    @property
    def conversations(self):
        self.looks += 1
        return list(self.present)

    def find(self, user_id):
        return next((one for one in self.present if one.user_id == user_id), None)

    def hand_over(self, user_id):
        self.asked.append((user_id, Deferred()))
        if self.answer is not None:
            return self.answer()
        return self.asked[-1][1]

    def go(self):
        """Let the oldest go."""
        user_id, done = self.asked.pop(0)
        self.present.remove(self.find(user_id))
        done.callback(WENT)


class TestPace:
    """With conversations that are in nobody's way."""

    def test_never_more_than_so_many_at_once(self):
        host = Host(*range(20))
        draining = Draining(host=host, clock=Clock(), at_once=3)
        draining.begin()
        for left in range(20, 0, -1):
            assert len(host.asked) == min(3, left)
            host.go()
        assert draining.is_done

    def test_while_one_goes_nobody_joins_it(self):
        host = Host(1, 2)
        draining = Draining(host=host, clock=Clock(), at_once=1)
        draining.begin()
        assert [draining.takes(user_id) for user_id in (1, 2, 3)] == [False, True, False]

    def test_those_that_cannot_go_are_asked_again_later(self):
        clock, host = Clock(), Host(*range(5_000))
        host.answer = lambda: succeed(STAYED)
        draining = Draining(host=host, clock=clock)
        draining.begin()
        assert len(host.asked) == 5_000
        clock.advance(SWEEP_SECONDS)
        assert (len(host.asked), draining.handed_over) == (10_000, 0)

    def test_one_that_is_gone_by_itself_is_not_asked(self):
        clock, host = Clock(), Host(1, 2, 3)
        draining = Draining(host=host, clock=clock, at_once=1)
        draining.begin()
        del host.present[1]
        host.go()
        assert [user_id for user_id, _ in host.asked] == [3]

    def test_a_long_queue_is_not_made_longer(self):
        clock, host = Clock(), Host(*range(9))
        draining = Draining(host=host, clock=clock, at_once=1)
        draining.begin()
        clock.pump([SWEEP_SECONDS] * 4)
        for _ in range(8):
            host.go()
        # All of them, each time, would be too much work when there are many.
        assert host.looks == 1
        host.go()
        assert (host.asked, draining.is_done, draining.handed_over) == ([], True, 9)

    def test_it_is_not_done_while_the_last_is_going(self):
        host = Host(1)
        draining = Draining(host=host, clock=Clock())
        draining.begin()
        done = draining.when_done()
        host.present.clear()
        assert (draining.is_done, done.called) == (False, False)
        host.asked.pop()[1].callback(WENT)
        assert (draining.is_done, done.called) == (True, True)

    def test_when_it_is_stopped_no_other_one_follows(self):
        host = Host(1, 2, 3)
        draining = Draining(host=host, clock=Clock(), at_once=1)
        draining.begin()
        draining.stop()
        host.go()
        assert host.asked == []

    def test_one_at_work_is_waited_for_once(self):
        clock, host = Clock(), Host(1)
        (conversation,) = host.present
        conversation.is_idle = False
        Draining(host=host, clock=clock).begin()
        clock.pump([SWEEP_SECONDS] * 4)
        (idle,) = conversation.waiting
        conversation.is_idle = True
        idle()
        assert host.asked == []
        clock.advance(0)
        assert len(host.asked) == 1

    def test_one_that_was_at_work_at_the_last_moment_is_waited_for(self):
        clock, host = Clock(), Host(1)
        (conversation,) = host.present
        Draining(host=host, clock=clock).begin()
        conversation.is_idle = False
        host.asked.pop()[1].callback(STAYED)
        (idle,) = conversation.waiting
        conversation.is_idle = True
        idle()
        clock.advance(0)
        assert len(host.asked) == 1

    def test_an_outage_is_logged_once_and_a_bug_each_time(self):
        clock, host = Clock(), Host(1)
        draining = Draining(host=host, clock=clock)
        for error, lines in ((OperatorError("away"), 1), (RuntimeError("a bug"), 3)):
            host.answer = lambda error=error: fail(error)
            with capturedLogs() as logs:
                draining.begin()
                clock.pump([SWEEP_SECONDS] * 2)
            draining.end()
            assert sum("given back" in formatEvent(log) for log in logs) == lines
        assert draining.handed_over == 0

    def test_the_next_outage_is_logged_again(self):
        clock, host = Clock(), Host(1)
        with capturedLogs() as logs:
            Draining(host=host, clock=clock).begin()
            for outcome in (OperatorError("away"), STAYED, OperatorError("away again")):
                done = host.asked.pop()[1]
                done.callback(outcome) if outcome is STAYED else done.errback(outcome)
                clock.advance(SWEEP_SECONDS)
        lines = [formatEvent(log) for log in logs]
        assert lines[1:] == [
            f"conversations cannot be given back: {text}" for text in ("away", "away again")
        ]


def test_the_database_learns_of_it(stage):
    stage.join()
    stage.leases.set_state("cook", "draining")
    begin(stage)
    assert stage.leases.nodes()[0].node.id == COOK
    assert (stage.draining.is_done, stage.draining.own_state) == (True, "drained")
