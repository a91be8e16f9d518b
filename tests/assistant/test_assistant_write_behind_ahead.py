"""Batches ahead of the frames: soon, together, and only of who may write."""

from __future__ import annotations

import pytest
from attrs import define, field
from twisted.internet.task import Clock
from twisted.logger import capturedLogs

from journal_memory import JournalBroken, MemoryJournal
from pytlas_wamp.assistant.write_behind import DELAY_SECONDS, WriteBehind
from pytlas_wamp.journal.model import Entry, Record
from workers_for_tests import Arrivals, ManualWorkers, settle

ANN, BOB = 1, 2


@define(eq=False)
class Talk:
    """A conversation that may be somebody else's."""

    user_id: int
    epoch: int = 1
    seq: int = 0
    heard: list = field(factory=list)

    def next(self):
        self.seq += 1
        return Entry(
            user_id=self.user_id,
            seq=self.seq,
            at=self.seq,
            kind="thinking",
            body="{}",
            re=None,
            message_id=None,
            digest=None,
        )

    def record(self):
        return Record(
            user_id=self.user_id, seq=self.seq, reserved=self.seq, snapshot="", open_turns=()
        )

    def kept(self, record):
        self.heard.append(record.seq)

    def gone(self):
        self.heard.append("gone")

    def fenced(self):
        self.heard.append("fenced")


class Desk:
    """A writer whose thread and clock obey the test."""

    def __init__(self):
        self.store = MemoryJournal(node_id="a", leases={ANN: ("a", 1), BOB: ("a", 1)})
        self.clock = Clock()
        self.arrivals = Arrivals()
        self.thread = ManualWorkers(self.arrivals)
        self.writer = WriteBehind(
            store=self.store, workers=self.thread, clock=self.clock, max_unwritten=3
        )
        self.writer.write_ahead()
        self.ann, self.bob = Talk(ANN), Talk(BOB)

    def add(self, talk, count=1):
        for _ in range(count):
            self.writer.add(talk, talk.next())

    def promise(self):
        told = []
        self.writer.when_written(
            lambda: told.append("kept"), lambda failure: told.append(failure.type)
        )
        return told

    def pass_(self, seconds=0.0):
        self.clock.advance(seconds)
        settle(self.arrivals, self.thread)

    def kept(self, user_id=ANN):
        return [entry.seq for entry in self.store.entries(user_id)]


@pytest.fixture
def desk():
    return Desk()


class TestTurnsOfTheReactor:
    def test_are_written_together_at_their_end(self, desk):
        desk.add(desk.ann)
        first = desk.promise()
        desk.add(desk.ann)
        desk.add(desk.bob)
        assert desk.thread.jobs == []
        desk.pass_()

        assert (desk.store.writes, desk.kept(ANN), desk.kept(BOB)) == (1, [1, 2], [1])
        assert (desk.ann.heard, desk.bob.heard, first) == ([2], [1], ["kept"])

    def test_hasten_what_could_wait(self, desk):
        desk.writer.add(desk.ann)
        desk.pass_()
        assert desk.store.writes == 0
        desk.add(desk.bob)
        desk.pass_()
        assert (desk.store.writes, desk.ann.heard, desk.clock.getDelayedCalls()) == (1, [0], [])

    def test_leave_alone_what_can_wait(self, desk):
        desk.writer.add(desk.ann)
        desk.pass_(DELAY_SECONDS)
        assert (desk.store.writes, desk.ann.heard) == (1, [0])

    def test_wait_for_a_write_that_is_under_way(self, desk):
        desk.add(desk.ann)
        desk.clock.advance(0)
        desk.add(desk.ann)
        assert (desk.writer.waits(ANN), desk.writer.waits(BOB)) == (True, False)
        desk.clock.advance(0)
        assert len(desk.thread.jobs) == 1
        settle(desk.arrivals, desk.thread)
        assert desk.kept() == [1]
        desk.pass_()
        assert (desk.kept(), desk.writer.waits(ANN)) == ([1, 2], False)

    def test_promise_what_is_written_already(self, desk):
        promise = desk.promise()
        assert promise == []
        desk.pass_()
        assert (promise, desk.store.writes) == (["kept"], 0)


class TestOutages:
    def test_keep_everything_in_order(self, desk):
        desk.store.failing = True
        desk.add(desk.ann, 2)
        promise = desk.promise()
        desk.pass_()
        assert promise == [JournalBroken]
        desk.add(desk.ann)
        again = desk.promise()
        desk.pass_()
        assert (again, desk.writer.is_full) == ([], True)

        desk.store.failing = False
        desk.pass_(0.2)
        assert (desk.kept(), again, desk.ann.heard) == ([1, 2, 3], ["kept"], [3])

    def test_are_over_for_what_came_while_it_was_tried_again(self, desk):
        desk.store.failing = True
        desk.add(desk.ann)
        desk.pass_()
        desk.store.failing = False
        desk.clock.advance(0.2)
        desk.add(desk.ann)
        settle(desk.arrivals, desk.thread)
        desk.pass_()
        assert desk.kept() == [1, 2]


class TestFences:
    def test_are_told_and_stop_nobody_else(self, desk):
        desk.store.leases[ANN] = ("b", 2)
        desk.add(desk.ann)
        desk.add(desk.bob)
        desk.pass_()

        assert (desk.ann.heard, desk.bob.heard, desk.kept(ANN)) == (["fenced"], [1], [])

    def test_drop_what_came_meanwhile(self, desk):
        desk.store.leases[ANN] = ("b", 2)
        desk.add(desk.ann)
        desk.clock.advance(0)
        desk.add(desk.ann, 2)
        settle(desk.arrivals, desk.thread)

        assert (desk.writer.unwritten, desk.writer.waits(ANN)) == (0, False)

    def test_keep_what_belongs_to_another_time(self, desk):
        desk.store.leases[ANN] = ("b", 2)
        desk.add(desk.ann)
        desk.clock.advance(0)
        desk.store.leases[ANN] = ("a", 3)
        again = Talk(ANN, epoch=3)
        desk.add(again)
        settle(desk.arrivals, desk.thread)
        desk.pass_()

        assert (desk.ann.heard, again.heard, desk.kept()) == (["fenced"], [1], [1])

    def test_never_mix_two_times(self, desk):
        desk.add(desk.ann, 2)
        again = Talk(ANN, epoch=3, seq=7)
        desk.store.leases[ANN] = ("a", 3)
        desk.add(again)
        assert desk.writer.unwritten == 1
        desk.pass_()

        assert (desk.kept(), desk.ann.heard, desk.writer.unwritten) == ([8], [], 0)

    def test_never_mix_two_times_when_it_is_tried_again(self, desk):
        desk.store.failing = True
        desk.add(desk.ann, 2)
        desk.clock.advance(0)
        again = Talk(ANN, epoch=3, seq=7)
        desk.add(again)
        settle(desk.arrivals, desk.thread)
        desk.store.failing = False
        desk.store.leases[ANN] = ("a", 3)
        desk.pass_(0.2)

        assert (desk.kept(), desk.writer.unwritten) == ([8], 0)


class TestListeners:
    def test_that_fail_stop_nobody_else(self, desk):
        desk.ann.heard = None
        desk.add(desk.ann)
        desk.add(desk.bob)
        promise = desk.promise()
        with capturedLogs() as events:
            desk.pass_()

        assert (desk.bob.heard, promise) == ([1], ["kept"])
        assert [event["log_format"] for event in events] == ["what was written could not be told"]
