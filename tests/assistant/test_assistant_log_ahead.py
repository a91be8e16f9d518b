"""The log of a conversation that another process may take."""

from __future__ import annotations

import pytest

from nodes_stage import Database, Process
from pytlas_wamp.assistant.log import PATIENCE_SECONDS
from pytlas_wamp.assistant.ownership import HeldElsewhere
from pytlas_wamp.journal.model import Record
from pytlas_wamp.wire.messages import Answer, AnswerData, Ask, AskData, Done

ANSWER = AnswerData(text="x", raw_text="x", cards=None)
QUESTION = AskData(slot="room", text="Which room?", raw_text="Which room?", choices=None)


@pytest.fixture
def database(gates):
    return Database()


@pytest.fixture
def one(database):
    return Process("one-1", database, max_unwritten=3)


@pytest.fixture
def log(one):
    return one.join()[1].log


def outcome(process, deferred):
    """What comes of something, if anything does."""
    found = []
    deferred.addBoth(found.append)
    process.settle()
    return getattr(found[0], "type", found[0]) if found else "nothing"


class TestNumbers:
    def test_are_none_that_are_not_used(self, log):
        log.add(Answer, {"data": ANSWER})
        record = log.record()
        assert (record.seq, record.reserved) == (log.seq, log.seq)

    def test_count_when_they_are_written(self, one, log):
        written = []
        log.on_written = written.append
        log.add(Done, {"require_input": False})
        assert (log.may_be_undone, log.is_written, written) == (True, False, [])
        one.advance(1)
        assert (log.may_be_undone, log.is_written, written) == (False, True, [log.seq])

    def test_go_to_what_says_how_a_turn_ends_when_too_much_waits(self, one, log):
        one.journal.failing = True
        for _ in range(3):
            log.add(Done, {"require_input": False})
        assert log.add(Answer, {"data": ANSWER}) is None
        assert log.add(Done, {"require_input": False}).seq == 4


class TestMessages:
    def test_are_taken_while_the_database_was_not_away_for_long(self, one, log):
        one.journal.failing = True
        log.add(Done, {"require_input": False})
        assert log.is_open
        one.advance(PATIENCE_SECONDS + 1)
        assert not log.is_open

    def test_are_promised_when_they_are_written(self, one, log):
        kept = []
        log.add(Done, {"require_input": False})
        log.when_written(lambda: kept.append(True), kept.append)
        assert kept == []
        one.advance(1)
        assert kept == [True]

    def test_are_told_of_as_far_as_they_are_written(self, one, log):
        ann = one.join()[0]
        one.say(ann, "echo x", "m")
        known = log.known("m")
        log.add(Done, {"require_input": False, "re": "m"})
        one.journal.failing = True
        assert outcome(one, log.about(known)) not in ("nothing", ())
        one.journal.failing = False
        one.advance(20)
        frames = outcome(one, log.about(known))
        assert [frame.TYPE for frame in frames] == ["said", "thinking", "answer", "done", "done"]

    def test_may_answer_a_question_under_each_of_its_numbers(self, log):
        first = log.add(Ask, {"data": QUESTION})
        log.ask_again(first)
        second = log.add(Ask, {"data": QUESTION})
        assert all(log.is_pending(one.seq) for one in (first, second))
        log.ask_again(second)
        third = log.add(Ask, {"data": QUESTION})
        other = Ask(seq=99, data=QUESTION)
        log.ask_again(other)
        last = log.add(Ask, {"data": QUESTION})
        assert [log.is_pending(number) for number in (first.seq, third.seq, 99, last.seq)] == [
            *(False, False, True, True),
        ]


class TestOwner:
    def test_is_known_when_it_could_write(self, one, log):
        log.add(Done, {"require_input": False})
        assert outcome(one, log.secured()) is None

    def test_of_before_learns_so_when_it_writes(self, one, log, database):
        over = []
        log.on_fenced = lambda: over.append(True)
        Process("two-1", database).join(instead_of=1)
        assert outcome(one, log.secured()) is HeldElsewhere
        log.fenced()
        assert (log.is_over, over, log.open_turns) == (True, [True], ())

    def test_is_nobody_when_the_account_is_gone(self, log):
        over = []
        log.on_fenced = lambda: over.append(True)
        log.gone()
        assert (log.is_over, over) == (True, [True])

    def test_is_told_nothing_of_what_was_under_way(self, log):
        written = []
        log.on_written = written.append
        log.end()
        log.kept(Record(user_id=1, seq=7, reserved=7, snapshot="", open_turns=()))
        assert (written, log.is_written) == ([], True)


class TestQueue:
    def test_is_dropped_for_good(self, one, log):
        log.keep({"queue": ["ring"], "state": "asleep"}, asking=False)
        log.drop_queue()
        log.drop_queue()
        assert "ring" not in log.record().snapshot
        assert "asleep" in log.record().snapshot
