"""When a node is announced, what it says, and what it learns."""

from __future__ import annotations

import pytest
from twisted.internet.defer import succeed
from twisted.internet.task import Clock
from twisted.logger import capturedLogs, formatEvent

from leases_memory import MemoryLeases
from pytlas_wamp.cluster.heartbeat import Heartbeat
from pytlas_wamp.journal.leases import Node
from workers_for_tests import Arrivals, InlineWorkers, ManualWorkers

NODE = Node(
    id="cook-00000001",
    name="cook",
    role="worker",
    host="kitchen",
    address="",
    protocol=1,
    version="1.0",
    languages=frozenset({"fr"}),
)


class Stage:
    """A node that announces itself."""

    def __init__(self, workers=None):
        self.clock = Clock()
        self.store = MemoryLeases(clock=self.clock.seconds)
        self.learnt = []
        self.own_state = None
        self.conversations = 0
        self.details = {}
        workers = workers or InlineWorkers()
        self.heart = Heartbeat(
            store=self.store,
            run=workers.run,
            clock=self.clock,
            node=NODE,
            conversations=lambda: self.conversations,
            details=self.say_details,
            act=self.learnt.append,
            own_state=lambda: self.own_state,
        )

    def say_details(self):
        if isinstance(self.details, Exception):
            raise self.details
        return self.details

    @property
    def status(self):
        return next((one for one in self.store.nodes() if one.node.id == NODE.id), None)

    def count(self, seconds, step=0.25):
        """How often it is announced in so many seconds."""
        seen = [None if self.status is None else self.status.seen_at]
        for _ in range(round(seconds / step)):
            self.clock.advance(step)
            if self.status is not None and self.status.seen_at not in seen:
                seen.append(self.status.seen_at)
        return len(seen) - 1


@pytest.fixture
def stage():
    return Stage()


class TestAnnouncing:
    def test_it_begins_at_once(self, stage):
        assert stage.heart.start().called
        assert (stage.status.node, stage.status.alive) == (NODE, True)

    def test_it_is_every_second(self, stage):
        stage.heart.start()
        assert [stage.count(10), stage.status.alive] == [10, True]

    def test_three_seconds_are_promised(self, stage):
        stage.heart.start()
        stage.store.failing = True
        stage.clock.pump([1.0, 1.0, 0.5])
        stage.store.failing = False
        assert stage.status.alive
        stage.store.failing = True
        stage.clock.pump([0.5])
        stage.store.failing = False
        assert not stage.status.alive

    def test_it_says_how_much_there_is_to_do(self, stage):
        stage.heart.start()
        stage.conversations, stage.details = 7, {"turns": 2.5, "lag": 0.1}
        stage.clock.advance(1)
        assert stage.status.node.conversations == 7
        assert stage.status.node.details == {"turns": 2.5, "lag": 0.1}

    def test_by_itself_it_says_no_more_than_what_it_is(self):
        clock = Clock()
        store = MemoryLeases(clock=clock.seconds)
        heart = Heartbeat(store=store, run=InlineWorkers().run, clock=clock, node=NODE)
        heart.start()
        clock.advance(1)
        assert store.nodes()[0].node == NODE


class TestSlowDatabases:
    def test_one_follows_the_other(self):
        threads = ManualWorkers(Arrivals())
        stage = Stage(threads)
        begun = stage.heart.start()
        stage.clock.advance(5)
        assert (len(threads.jobs), begun.called) == (1, False)
        threads.start()
        threads.arrivals.next()
        assert (threads.jobs, begun.called) == ([], True)
        # It is late, and must not take all of the database's time.
        stage.clock.advance(0.05)
        assert threads.jobs == []
        stage.clock.advance(0.05)
        assert len(threads.jobs) == 1

    def test_the_time_that_it_takes_does_not_add_up(self):
        threads = ManualWorkers(Arrivals())
        stage = Stage(threads)
        stage.heart.start()
        stage.clock.advance(0.5)
        threads.start()
        threads.arrivals.next()
        stage.clock.advance(0.5)
        assert len(threads.jobs) == 1


class TestOutages:
    def test_it_keeps_trying(self, stage):
        stage.heart.start()
        stage.store.failing = True
        with capturedLogs() as logs:
            stage.clock.pump([1.0] * 5)
        assert stage.heart.failures == 5
        assert [formatEvent(log) for log in logs] == [
            "this node cannot be announced: The leases cannot be used: they were told to fail."
        ]
        stage.store.failing = False
        with capturedLogs() as logs:
            stage.clock.advance(1)
        assert (stage.heart.failures, stage.status.alive) == (0, True)
        assert [formatEvent(log) for log in logs] == ["the other nodes hear of this one again"]

    def test_also_from_the_beginning(self, stage):
        stage.store.failing = True
        assert stage.heart.start().called
        stage.store.failing = False
        stage.clock.advance(1)
        assert stage.status.alive

    def test_a_bug_in_what_it_says_is_logged_and_it_goes_on(self, stage):
        stage.details = RuntimeError("a bug")
        with capturedLogs() as logs:
            stage.heart.start()
        assert [log["log_failure"].type for log in logs] == [RuntimeError]
        stage.details = {}
        stage.clock.advance(1)
        assert stage.status.alive


class TestState:
    def test_it_learns_what_to_do_each_time(self, stage):
        stage.heart.start()
        stage.store.set_state("cook", "draining")
        stage.clock.advance(1)
        stage.store.set_state("cook", "active")
        stage.clock.advance(1)
        assert stage.learnt == ["active", "draining", "active"]

    def test_a_bug_in_what_it_does_then_is_logged_and_it_goes_on(self, stage):
        def act(_):
            raise RuntimeError("a bug")

        heart = Heartbeat(
            store=stage.store, run=InlineWorkers().run, clock=stage.clock, node=NODE, act=act
        )
        with capturedLogs() as logs:
            heart.start()
        assert [log["log_failure"].type for log in logs] == [RuntimeError]
        assert len(stage.clock.getDelayedCalls()) == 1

    @pytest.mark.parametrize(
        ("told", "own", "after"),
        [
            ("active", None, "active"),
            ("active", "draining", "draining"),
            ("active", "drained", "active"),
            ("draining", None, "draining"),
            ("draining", "draining", "draining"),
            ("draining", "drained", "drained"),
            ("drained", "draining", "drained"),
            ("drained", "drained", "drained"),
        ],
    )
    def test_it_may_only_say_that_it_is_further(self, stage, told, own, after):
        stage.heart.start()
        stage.store.set_state("cook", told)
        stage.own_state = own
        stage.clock.advance(1)
        assert (stage.learnt[-1], stage.status.state) == (after, after)


class TestStopping:
    def test_the_node_is_withdrawn(self, stage):
        stage.heart.start()
        stage.store.claim(1, NODE.id)
        assert stage.heart.stop().called
        assert (stage.status, stage.store.lease(1).node_id) == (None, None)

    def test_and_comes_not_back(self, stage):
        stage.heart.start()
        stage.heart.stop()
        assert (stage.count(5), stage.clock.getDelayedCalls()) == (0, [])

    def test_after_what_is_being_announced(self):
        threads = ManualWorkers(Arrivals())
        stage = Stage(threads)
        stage.heart.start()
        stopped = stage.heart.stop()
        assert (len(threads.jobs), stopped.called) == (1, False)
        for _ in range(2):
            threads.start()
            threads.arrivals.next()
        assert (stopped.called, stage.status, stage.learnt) == (True, None, [])
        assert (threads.jobs, stage.clock.getDelayedCalls()) == ([], [])

    def test_a_database_that_is_away_keeps_nobody(self, stage):
        stage.heart.start()
        stage.store.failing = True
        with capturedLogs() as logs:
            assert stage.heart.stop().called
        assert formatEvent(logs[0]).startswith("this node could not be withdrawn: The leases")

    def test_nor_does_a_bug(self, stage):
        stage.heart.start()
        stage.store.held = {1: None}
        with capturedLogs() as logs:
            assert stage.heart.stop().called
        assert [log["log_failure"].type for log in logs] == [TypeError]


def test_what_is_called_in_a_thread_is_only_the_store():
    calls = []

    def run(function, *args):
        calls.append(function.__name__)
        return succeed("active")

    heart = Heartbeat(store=MemoryLeases(), run=run, clock=Clock(), node=NODE)
    heart.start()
    heart.stop()
    assert calls == ["_in_thread_announce", "withdraw"]
