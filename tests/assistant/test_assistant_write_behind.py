"""Batches behind the frames: what is written when, and what happens when it cannot be."""

from __future__ import annotations

import pytest
from attrs import define, field
from twisted.internet.task import Clock
from twisted.logger import globalLogPublisher

from journal_memory import JournalBroken, MemoryJournal
from pytlas_wamp.assistant.write_behind import DELAY_SECONDS, TooMuchUnwritten, WriteBehind
from pytlas_wamp.journal.model import Entry, Record
from workers_for_tests import Arrivals, ManualWorkers, settle

ANN, BOB = 1, 2


@define(eq=False)
class Talk:
    """A conversation as the writer sees it."""

    user_id: int
    seq: int = 0
    records: list = field(factory=list)
    is_gone: bool = False
    is_fenced: bool = False
    epoch: int | None = None

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
        self.records.append(record.seq)

    def gone(self):
        self.is_gone = True

    def fenced(self):
        self.is_fenced = True


class Desk:
    """A writer whose thread and clock obey the test."""

    def __init__(self, max_unwritten=10):
        self.store = MemoryJournal()
        self.clock = Clock()
        self.arrivals = Arrivals()
        self.thread = ManualWorkers(self.arrivals)
        self.writer = WriteBehind(
            store=self.store, workers=self.thread, clock=self.clock, max_unwritten=max_unwritten
        )
        self.ann, self.bob = Talk(ANN), Talk(BOB)

    def add(self, talk, count=1):
        for _ in range(count):
            self.writer.add(talk, talk.next())

    def pass_(self, seconds):
        self.clock.advance(seconds)
        settle(self.arrivals, self.thread)

    def written(self):
        """What a promise comes to, once something has."""
        outcomes = []
        self.writer.written().addCallbacks(
            lambda _: outcomes.append("written"), lambda failure: outcomes.append(failure.type)
        )
        return outcomes

    def kept(self, user_id=ANN):
        return [entry.seq for entry in self.store.entries(user_id)]


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def logged():
    """What is logged of the writer meanwhile, as `(level, error)`."""
    events = []

    def observe(event):
        if event.get("log_namespace", "").endswith("write_behind"):
            events.append(event["log_level"].name)

    globalLogPublisher.addObserver(observe)
    yield events
    globalLogPublisher.removeObserver(observe)


class TestBatches:
    def test_frames_wait_a_moment_and_go_together(self, desk):
        desk.add(desk.ann, 2)
        desk.add(desk.bob)
        desk.pass_(DELAY_SECONDS * 0.9)
        assert (desk.store.writes, desk.writer.unwritten) == (0, 3)

        desk.add(desk.ann)
        desk.pass_(DELAY_SECONDS * 0.2)

        assert (desk.store.writes, desk.kept(ANN), desk.kept(BOB)) == (1, [1, 2, 3], [1])
        assert (desk.writer.unwritten, desk.ann.records, desk.bob.records) == (0, [3], [1])

    def test_a_record_alone_is_written_too(self, desk):
        desk.writer.add(desk.ann)
        desk.pass_(DELAY_SECONDS)

        assert (desk.store.load(ANN), desk.kept()) == (desk.ann.record(), [])

    def test_what_comes_while_one_is_written_is_the_next(self, desk):
        desk.add(desk.ann)
        desk.clock.advance(DELAY_SECONDS)
        desk.add(desk.ann)
        desk.clock.advance(DELAY_SECONDS)
        assert len(desk.thread.jobs) == 1

        settle(desk.arrivals, desk.thread)
        assert (desk.store.writes, desk.kept()) == (1, [1])

        desk.pass_(DELAY_SECONDS)
        assert (desk.store.writes, desk.kept()) == (2, [1, 2])

    def test_nothing_is_written_when_there_is_nothing(self, desk):
        desk.add(desk.ann)
        desk.pass_(DELAY_SECONDS)
        desk.pass_(60)

        assert desk.store.writes == 1

    def test_an_account_that_is_gone_is_told_and_stops_nobody(self, desk):
        desk.store.forget(ANN)
        desk.add(desk.ann)
        desk.add(desk.bob)
        desk.pass_(DELAY_SECONDS)

        assert (desk.ann.is_gone, desk.bob.is_gone, desk.kept(BOB)) == (True, False, [1])
        assert desk.ann.records == []

    def test_another_object_for_the_same_conversation_says_what_its_record_is(self, desk):
        desk.add(desk.ann)
        again = Talk(ANN, seq=1)
        desk.add(again)
        desk.pass_(DELAY_SECONDS)

        assert (desk.kept(), again.records, desk.ann.records) == ([1, 2], [2], [])

    def test_lag_is_that_of_the_oldest(self, desk):
        assert desk.writer.lag_seconds == 0
        desk.add(desk.ann)
        desk.clock.advance(DELAY_SECONDS / 2)
        desk.add(desk.ann)

        assert desk.writer.lag_seconds == DELAY_SECONDS / 2


class TestPromises:
    def test_are_kept_at_once_and_not_after_the_delay(self, desk):
        desk.add(desk.ann)
        outcome = desk.written()
        assert outcome == []

        settle(desk.arrivals, desk.thread)

        assert (outcome, desk.kept()) == (["written"], [1])

    def test_wait_for_the_batch_that_their_frames_are_in(self, desk):
        desk.add(desk.ann)
        first = desk.written()
        desk.add(desk.ann)
        second = desk.written()
        desk.thread.start()
        desk.arrivals.next()
        assert (first, second, desk.kept()) == (["written"], [], [1])

        settle(desk.arrivals, desk.thread)
        assert (second, desk.kept()) == (["written"], [1, 2])

    def test_are_kept_when_all_is_written_already(self, desk):
        assert desk.written() == ["written"]

        desk.add(desk.ann)
        desk.clock.advance(DELAY_SECONDS)
        during = desk.written()
        assert during == []
        settle(desk.arrivals, desk.thread)
        assert during == ["written"]

    def test_of_others_are_kept_when_somebody_fails(self, desk, logged):
        told = []

        def fail():
            raise KeyError

        def fail_again(failure):
            told.append(failure.type)
            raise ValueError

        desk.add(desk.ann)
        # The first one is kept with the batch, the others when the next one is.
        desk.written()
        desk.add(desk.ann)
        for _ in range(2):
            desk.writer.when_written(fail, fail_again)
        after = desk.written()
        settle(desk.arrivals, desk.thread)

        assert (told, after, desk.kept()) == ([KeyError, KeyError], ["written"], [1, 2])
        assert logged == ["critical", "critical"]


class TestFailures:
    def test_break_promises_and_lose_nothing(self, desk, logged):
        desk.store.failing = True
        desk.add(desk.ann)
        outcome = desk.written()
        settle(desk.arrivals, desk.thread)
        assert (outcome, desk.writer.unwritten, desk.writer.failures) == ([JournalBroken], 1, 1)

        desk.add(desk.ann)
        desk.add(desk.bob)
        desk.store.failing = False
        desk.pass_(0.2)

        assert (desk.kept(ANN), desk.kept(BOB)) == ([1, 2], [1])
        assert (desk.writer.unwritten, desk.writer.failures) == (0, 0)
        assert logged == ["error", "info"]

    def test_reach_all_when_one_cannot_take_it(self, desk, logged):
        def fail(_):
            raise ValueError

        desk.store.failing = True
        desk.writer.add(desk.ann)
        desk.writer.when_written(lambda: None, fail)
        outcome = desk.written()
        settle(desk.arrivals, desk.thread)

        assert (outcome, logged) == ([JournalBroken], ["error", "critical"])

    def test_are_tried_again_less_and_less_often(self, desk, logged):
        desk.store.failing = True
        desk.add(desk.ann)
        desk.pass_(DELAY_SECONDS)
        waits = []
        for _ in range(9):
            (call,) = desk.clock.getDelayedCalls()
            waits.append(round(call.getTime() - desk.clock.seconds(), 3))
            desk.pass_(waits[-1])

        assert waits == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0, 10.0]
        assert logged == ["error"]

    def test_keep_a_promise_that_was_made_meanwhile(self, desk):
        desk.store.failing = True
        desk.add(desk.ann)
        desk.pass_(DELAY_SECONDS)
        desk.add(desk.ann)
        outcome = desk.written()
        assert desk.thread.jobs == []

        desk.store.failing = False
        desk.pass_(0.2)
        assert (outcome, desk.kept()) == (["written"], [1, 2])

    def test_of_ours_are_logged_with_their_trace(self, desk, logged, monkeypatch):
        monkeypatch.setattr(MemoryJournal, "write", None)
        desk.add(desk.ann)
        outcome = desk.written()
        settle(desk.arrivals, desk.thread)

        assert (outcome, logged) == ([TypeError], ["critical"])

    def test_never_let_more_wait_than_may(self, desk):
        desk.store.failing = True
        desk.add(desk.ann, 9)
        assert not desk.writer.is_full

        desk.add(desk.ann)
        assert desk.writer.is_full
        assert desk.written() == [TooMuchUnwritten]


class TestQuestions:
    def test_are_asked_after_what_is_being_written(self, desk):
        desk.add(desk.ann)
        desk.written()
        found = []
        desk.writer.ask(desk.writer.store.page, ANN, before=None, limit=5).addCallback(found.append)
        settle(desk.arrivals, desk.thread)

        assert [entry.seq for entry in found[0]] == [1]
