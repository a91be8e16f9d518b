"""Frames that are told again."""

from __future__ import annotations

import pytest
from twisted.internet.task import Clock

from journal_memory import MemoryJournal
from pytlas_wamp.assistant.lookback import Lookback
from pytlas_wamp.assistant.write_behind import WriteBehind
from pytlas_wamp.journal.model import Batch, Entry, Record, Remembered
from pytlas_wamp.wire.codec import encode
from pytlas_wamp.wire.messages import Said, Thinking
from workers_for_tests import InlineWorkers

BOUNDS = {"max_frames": 200, "max_bytes": 100_000}


class Past:
    """A log of some frames, all of them written."""

    def __init__(self, *, kept=True):
        self.store, self.seq = MemoryJournal(), 0
        writer = WriteBehind(
            store=self.store, workers=InlineWorkers(), clock=Clock(), max_unwritten=10
        )
        self.lookback = Lookback(user_id=1, seq=lambda: self.seq, writer=writer if kept else None)

    def add(self, kind=Thinking, **fields):
        self.seq += 1
        frame = kind(seq=self.seq, **fields)
        self.lookback.at_hand.append(frame)
        entry = Entry(
            user_id=1,
            seq=self.seq,
            at=0.0,
            kind=frame.TYPE,
            body=encode(frame),
            re=getattr(frame, "re", None),
            message_id=getattr(frame, "id", None),
            digest=None,
        )
        record = Record(user_id=1, seq=self.seq, reserved=self.seq, snapshot="", open_turns=())
        self.store.write([Batch(record=record, entries=(entry,))])

    def add_many(self, count):
        for _ in range(count):
            self.add()

    def missed(self, after, **bounds):
        return numbers(self.lookback.missed(after, **{**BOUNDS, **bounds}))

    def about(self, seq, id_, **how):
        return numbers(self.lookback.about(Remembered(id=id_, digest="", seq=seq), **how))


def numbers(promise):
    found = []
    promise.addCallback(found.append)
    return None if found[0] is None else [frame.seq for frame in found[0]]


@pytest.fixture
def past():
    return Past()


class TestMissed:
    def test_comes_from_memory_or_from_the_database(self, past):
        past.add_many(100)
        assert past.missed(100) == []
        assert past.missed(98) == [99, 100]
        assert past.missed(10) == list(range(11, 101))

    def test_is_unknown_when_it_is_too_much_or_never_was(self, past):
        past.add_many(100)
        assert past.missed(98, max_frames=1) is None
        assert past.missed(98, max_bytes=1) is None
        assert past.missed(10, max_frames=1) is None
        assert past.missed(101) is None

    def test_is_unknown_without_a_database(self):
        past = Past(kept=False)
        past.add_many(100)
        assert (past.missed(10), past.missed(99)) == (None, [100])

    def test_is_unknown_when_what_came_meanwhile_is_not_at_hand(self, past):
        past.add_many(100)
        past.lookback.at_hand.clear()
        past.lookback._seq = iter([100, 101]).__next__
        assert past.missed(10) is None


class TestMessages:
    @pytest.mark.parametrize("since", [0, 100])
    def test_are_told_with_what_they_caused(self, past, since):
        past.add(Said, message="a", id="a")
        past.add(Said, message="b", id="b")
        past.add(re="a")
        past.add(re="b")
        past.add_many(since)
        assert past.about(1, "a") == [1, 3]

    def test_are_told_as_far_as_devices_may_know(self, past):
        past.add(Said, message="a", id="a")
        past.add(re="a")
        past.add(re="a")
        assert past.about(1, "a", up_to=2) == [1, 2]

    def test_of_long_ago_are_unknown_without_a_database(self):
        past = Past(kept=False)
        past.add(Said, message="a", id="a")
        past.add_many(100)
        assert past.about(1, "a") == []
