"""The log of conversations, as the server looks after it."""

from __future__ import annotations

import pytest
from twisted.internet.task import Clock
from twisted.logger import capturedLogs, formatEvent

from journal_memory import MemoryJournal
from pytlas_wamp.config import read_config
from pytlas_wamp.journal.model import Entry, Record
from pytlas_wamp.service.journal import DAY_SECONDS, Journal
from workers_for_tests import InlineWorkers

NOW = 1_800_000_000.0


class Talk:
    """A conversation, as far as it is written."""

    epoch = None

    def __init__(self, user_id):
        self.user_id = user_id
        self.seq = 0

    def entry(self, at=NOW):
        self.seq += 1
        return Entry(
            user_id=self.user_id,
            seq=self.seq,
            at=at,
            kind="said",
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
        pass

    def gone(self):
        pass


class Stage:
    def __init__(self, store=None, **environ):
        self.store = store or MemoryJournal()
        self.clock = Clock()
        self.journal = Journal(
            store=self.store,
            workers=InlineWorkers(),
            accounts=InlineWorkers(),
            clock=self.clock,
            now=lambda: NOW,
            config=read_config(config_file=None, options={}, environ=environ),
        )

    def said(self, *times, user_id=1):
        talk = Talk(user_id)
        for at in times:
            self.journal.writer.add(talk, talk.entry(at))


class TestErasing:
    def test_takes_what_is_not_written_yet_too(self):
        stage = Stage()
        stage.said(NOW, NOW)
        outcome = []
        stage.journal.erase(1).addCallback(outcome.append)
        assert outcome == [2]
        stage.clock.advance(60)
        assert stage.store.entries(1) == ()

    def test_is_not_done_when_the_log_cannot_be_written(self):
        stage = Stage()
        stage.said(NOW)
        stage.store.failing = True
        outcome = []
        stage.journal.erase(1).addErrback(outcome.append)
        assert [type(one.value).__name__ for one in outcome] == ["JournalBroken"]


class TestFailures:
    def test_to_write_are_counted(self):
        stage = Stage()
        stage.store.failing = True
        stage.said(NOW)
        stage.clock.advance(0.05)
        stage.clock.advance(0.2)
        assert stage.journal.write_failures == stage.journal.writer.failures == 2
        stage.store.failing = False
        stage.clock.advance(1)
        assert (stage.journal.write_failures, stage.journal.writer.failures) == (2, 0)

    def test_to_read_are_not(self):
        stage = Stage()
        stage.store.failing = True
        stage.journal.writer.ask(stage.store.load, 1).addErrback(lambda _: None)
        assert stage.journal.write_failures == 0

    def test_calls_come_back_from_threads(self):
        called = []
        Stage().journal.writer._workers.call_from_thread(called.append, 3)
        assert called == [3]


class TestBounds:
    @pytest.mark.parametrize(
        ("environ", "days", "keep"),
        [
            ({}, 90, 20_000),
            ({"SERVER_HISTORY_DAYS": "7", "SERVER_HISTORY_FRAMES": "5000"}, 7, 5_000),
            # Whoever comes back needs these.
            ({"SERVER_HISTORY_FRAMES": "10"}, 90, 1_000),
            ({"SERVER_HISTORY": "no"}, 1, 1_000),
            ({"SERVER_HISTORY": "no", "SERVER_MAX_RESUMED_FRAMES": "50"}, 1, 50),
        ],
    )
    def test_are_those_of_the_operator(self, environ, days, keep):
        assert Stage(**environ).journal.bounds() == (NOW - days * DAY_SECONDS, keep)


class TestTrimming:
    def test_takes_what_is_too_old(self):
        stage = Stage(SERVER_HISTORY_DAYS="2")
        stage.said(NOW - 3 * DAY_SECONDS, NOW - DAY_SECONDS, NOW)
        stage.clock.advance(1)
        stage.journal.trim()
        assert [entry.seq for entry in stage.store.entries(1)] == [2, 3]

    def test_takes_what_is_too_much(self):
        stage = Stage(SERVER_HISTORY_FRAMES="2", SERVER_MAX_RESUMED_FRAMES="2")
        stage.said(NOW, NOW, NOW)
        stage.clock.advance(1)
        stage.journal.trim()
        assert [entry.seq for entry in stage.store.entries(1)] == [2, 3]

    def test_keeps_no_more_than_a_day_without_a_history(self):
        stage = Stage(SERVER_HISTORY="no")
        stage.said(NOW - DAY_SECONDS - 1, NOW - DAY_SECONDS + 1)
        stage.clock.advance(1)
        stage.journal.trim()
        assert [entry.seq for entry in stage.store.entries(1)] == [2]

    def test_that_fails_is_told_in_a_line(self):
        stage = Stage()
        stage.store.failing = True
        with capturedLogs() as events:
            stage.journal.trim()
        (event,) = events
        assert formatEvent(event).startswith("old frames could not be deleted: ")
        assert "log_failure" not in event

    def test_that_fails_for_our_fault_is_told_with_its_trace(self):
        class Broken(MemoryJournal):
            def trim(self, *, older_than, keep):
                raise ZeroDivisionError

        with capturedLogs() as events:
            Stage(Broken()).journal.trim()
        (event,) = events
        assert event["log_failure"].check(ZeroDivisionError)
