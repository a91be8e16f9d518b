"""Conversations that nobody uses are put away, and come back."""

from __future__ import annotations

import pytest
from twisted.internet.defer import succeed
from twisted.internet.task import Clock

from frames import Screen
from journal_memory import MemoryJournal
from pytlas_wamp.assistant.host import Host, Person
from pytlas_wamp.assistant.write_behind import DELAY_SECONDS, WriteBehind
from pytlas_wamp.errors import OperatorError
from pytlas_wamp.limits import Limits
from pytlas_wamp.wire.messages import Message
from skills_for_tests import make_interpreter
from workers_for_tests import Arrivals, ManualWorkers, settle

IDLE = 100.0
ANN = Person(id=1, language="en-US", settings={})


class House:
    """A host whose threads and clock obey the test."""

    def __init__(self):
        self.store = MemoryJournal()
        self.clock = Clock()
        self.start()

    def start(self):
        self.arrivals = Arrivals()
        self.skills, self.urgent, self.disk = (ManualWorkers(self.arrivals) for _ in range(3))
        self.writer = WriteBehind(
            store=self.store, workers=self.disk, clock=self.clock, max_unwritten=100
        )
        self.host = Host(
            interpreters=self,
            workers=self.skills,
            urgent=self.urgent,
            clock=self.clock,
            limits=Limits(conversation_idle_seconds=IDLE),
            writer=self.writer,
        )

    def get(self, language):
        return succeed(make_interpreter(language))

    def settle(self):
        settle(self.arrivals, self.urgent, self.skills, self.disk)

    def join(self, person=ANN, after=None):
        screen, found = Screen(), []
        self.host.join(person, screen, after).addBoth(found.append)
        self.settle()
        return screen, *found[0]

    def say(self, conversation, screen, text, id_=None):
        conversation.say(screen, Message(message=text, id=id_))
        self.settle()

    def pass_(self, seconds):
        self.clock.advance(seconds)
        self.settle()

    def sweep(self):
        done = []
        self.host.put_away_unused().addBoth(done.append)
        self.settle()
        self.pass_(DELAY_SECONDS)
        assert done


@pytest.fixture
def house(gates):
    return House()


def left(house, text=None):
    """A conversation that was used and left."""
    screen, conversation, _ = house.join()
    if text is not None:
        house.say(conversation, screen, text, "m")
    conversation.detach(screen)
    return conversation


class TestPuttingAway:
    def test_takes_some_time(self, house):
        left(house)
        house.sweep()
        house.pass_(IDLE - 1)
        house.sweep()
        assert len(house.host.conversations) == 1

        house.pass_(1)
        house.sweep()
        assert house.host.conversations == []

    def test_begins_anew_with_every_use(self, house):
        left(house)
        house.sweep()
        house.pass_(IDLE)
        screen, conversation, _ = house.join()
        house.sweep()
        conversation.detach(screen)
        house.sweep()
        house.pass_(IDLE / 2)
        house.sweep()

        assert house.host.conversations == [conversation]

    def test_spares_what_runs(self, house, gates):
        conversation = left(house, "slow")
        house.sweep()
        house.pass_(IDLE / 2)
        house.sweep()

        assert house.host.conversations == [conversation]

    def test_leaves_all_that_there_was(self, house):
        left(house, "lights")
        house.sweep()
        house.pass_(IDLE)
        house.sweep()
        screen, conversation, presence = house.join(after=2)

        assert [frame.seq for frame in presence.missed] == [3, 4]
        house.say(conversation, screen, "kitchen", "n")
        assert screen.look()[-1] == "n: ask level"
        assert screen.frames == []

    def test_leaves_no_gap_in_numbers(self, house):
        left(house, "echo x")
        house.sweep()
        house.pass_(IDLE)
        house.sweep()
        screen, conversation, presence = house.join()
        house.say(conversation, screen, "echo y")

        assert (presence.seq, screen.take()[0]["seq"]) == (4, 6)

    def test_that_cannot_be_written_is_tried_again(self, house):
        conversation = left(house, "echo x")
        house.sweep()
        house.pass_(IDLE)
        house.store.failing = True
        house.sweep()
        assert house.host.conversations == [conversation]

        house.store.failing = False
        house.pass_(60)
        screen, same, _ = house.join()
        house.say(same, screen, "echo y")
        assert (same is conversation, screen.look()[-1]) == (True, "done")

    def test_is_not_done_twice(self, house):
        left(house)
        house.sweep()
        house.pass_(IDLE)
        house.host.put_away_unused()
        house.sweep()
        assert house.host.conversations == []


class TestComingBack:
    def away(self, house, text):
        conversation = left(house, text)
        house.sweep()
        house.pass_(IDLE)
        house.sweep()
        assert house.host.conversations == []
        return conversation

    def test_for_what_a_timer_queues(self, house, gates):
        self.away(house, "ring")
        gates.release("later")
        house.settle()
        house.pass_(1)

        assert len(house.host.conversations) == 1
        kinds = [one.kind for one in house.store.entries(1)]
        assert kinds[-3:] == ["thinking", "answer", "done"]

    def test_for_what_a_timer_says(self, house, gates):
        conversation = self.away(house, "echo x")
        house.skills.run(conversation.agent.answer, "by the way")
        house.settle()
        house.pass_(1)

        assert [one.kind for one in house.store.entries(1)][-1] == "answer"

    def test_finds_the_one_that_came_back_already(self, house, gates):
        self.away(house, "ring")
        screen, conversation, _ = house.join()
        gates.release("later")
        house.settle()

        assert screen.look() == ["thinking", "answer ring", "done"]
        assert house.host.conversations == [conversation]

    def test_what_is_lost_is_logged_and_breaks_nothing(self, house, gates):
        self.away(house, "ring")
        house.store.failing = True
        gates.release("later")
        house.settle()

        assert house.host.conversations == []


class TestStopping:
    def test_tells_runs_out_and_writes(self, house, gates):
        screen, conversation, _ = house.join()
        house.say(conversation, screen, "slow", "m0")
        house.say(conversation, screen, "echo x", "m1")
        screen.look()

        house.host.close()
        assert screen.look() == ["m1: error interrupted", "m1: done"]
        house.host.interrupt()
        assert screen.look() == ["m0: error interrupted", "m0: done"]
        done = []
        house.host.put_all_away().addCallback(done.append)
        house.settle()

        record = house.store.load(1)
        assert (bool(done), record.reserved, record.open_turns) == (True, record.seq, ())

    def test_begins_nothing_any_more(self, house):
        house.join()
        house.host.close()
        found = []
        other = Person(id=2, language="en-US", settings={})
        house.host.join(other, Screen()).addBoth(found.append)
        house.settle()

        assert [failure.type for failure in found] == [OperatorError]
        assert house.store.load(2) is None


class TestForgetting:
    def test_writes_nothing_any_more(self, house):
        screen, conversation, _ = house.join()
        house.host.forget(1)
        house.host.forget(2)
        house.store.forget(1)
        house.say(conversation, screen, "echo x")
        house.pass_(1)

        assert (house.host.conversations, house.store.entries(1)) == ([], ())
