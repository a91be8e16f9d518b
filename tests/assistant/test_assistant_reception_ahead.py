"""What becomes of messages where another process may have the conversation."""

from __future__ import annotations

import pytest

from conversation_stage import Stage
from frames import Screen
from nodes_stage import ANN, Database, Process
from pytlas_wamp.assistant.log import PATIENCE_SECONDS
from pytlas_wamp.wire.messages import Message


@pytest.fixture
def database(gates):
    return Database()


@pytest.fixture
def one(database):
    return Process("one-1", database, max_queued_messages=1)


@pytest.fixture
def two(database):
    return Process("two-1", database)


@pytest.fixture
def ann(one):
    return one.join()[0]


class Note:
    """What a device had got when it was said that nothing more comes for it alone."""

    def __init__(self, device):
        self.device = device
        self.found = []

    def __call__(self):
        self.found.append(self.device.look())


class TestTaking:
    def test_is_said_when_it_is_written(self, database, one, ann):
        note = Note(ann)
        one.put(ann, "echo x", "m", note)
        one.clock.advance(0)
        assert note.found == []
        one.settle()
        assert (note.found, ann.look()[-1]) == ([[]], "m: done")

    def test_is_said_after_a_complaint(self, one, ann):
        one.say(ann, "slow", "m")
        one.put(ann, "echo x", "n")
        ann.look()
        speaker = Screen()
        note = Note(speaker)
        one.put(speaker, "echo x", "o", note)
        assert note.found == [["o: error busy"]]
        one.put(speaker, "echo y", "m", note)
        # It counts when the first one under this id is written.
        assert len(note.found) == 1
        one.settle()
        assert note.found[-1] == ["m: error id-reused"]

    def test_is_said_without_other_processes_too(self, gates):
        stage = Stage().keep()
        alice, taken = stage.device(), []
        stage.conversation.say(alice, Message(message="echo x"), lambda: taken.append("x"))
        assert taken == []
        stage.settle()
        assert taken == ["x"]
        stage.store.failing = True
        stage.conversation.say(alice, Message(message="echo y"), lambda: taken.append("y"))
        stage.settle()
        assert taken == ["x", "y"]

    def test_is_never_said_where_it_moved(self, database, one, two, ann):
        note = Note(ann)
        two.join(instead_of=1)
        one.say(ann, "echo x", "m", note)

        assert (note.found, ann.look(), ann.moves, database.kept()) == ([], [], 1, [])


class TestOutages:
    def test_that_are_short_only_delay(self, database, one, ann):
        note = Note(ann)
        one.journal.failing = True
        one.say(ann, "echo x", "m", note)
        one.advance(1)
        assert (note.found, ann.look(), one.skills.jobs) == ([], [], [])
        one.journal.failing = False
        one.advance(1)

        assert (note.found, ann.look()) == ([[]], ["m: thinking", "m: answer x", "m: done"])

    def test_that_are_long_end_what_waits(self, database, one, ann):
        note = Note(ann)
        one.journal.failing = True
        one.say(ann, "echo x", "m", note)
        for _ in range(20):
            one.advance(1)
        assert (note.found, ann.look()) == ([], [])
        one.journal.failing = False
        one.advance(PATIENCE_SECONDS)

        assert (note.found, ann.look()) == ([["m: error unavailable", "m: done"]], [])
        assert database.kept() == ["1 said", "2 error", "3 done"]

    def test_that_are_long_let_nothing_in(self, one, ann):
        one.journal.failing = True
        one.say(ann, "echo x", "m")
        for _ in range(12):
            one.advance(1)
        note = Note(ann)
        one.say(ann, "echo y", "n", note)
        assert note.found == [["n: error unavailable"]]

    def test_end_where_it_moved(self, one, two, ann):
        one.journal.failing = True
        note = Note(ann)
        one.say(ann, "echo x", "m", note)
        one.host._lost(one.host.find(ANN.id))
        one.advance(1)
        one.journal.failing = False
        one.advance(1)

        assert (note.found, ann.look(), ann.moves) == ([], [], 1)

    def test_that_are_due_to_us_end_a_turn_once(self, one, ann):
        conversation = one.host.find(ANN.id)
        conversation._reception._go_on = None
        one.say(ann, "echo x", "m")
        assert ann.look() == ["m: error unavailable", "m: done"]


class TestDropping:
    def test_forgets_what_waits(self, one, two, ann):
        conversation = one.host.find(ANN.id)
        one.say(ann, "slow", "m")
        one.say(ann, "echo x", "n")
        assert len(conversation._reception) == 1
        two.join(instead_of=1)
        conversation.log.touch()
        one.advance(1)

        assert (conversation._reception.is_empty, ann.moves) == (True, 1)
        conversation._reception.take_wake()
        assert conversation._reception.is_empty
