"""What devices get, and when, where another process may have the conversation."""

from __future__ import annotations

import pytest

from frames import Screen
from journal_memory import JournalBroken
from nodes_stage import ANN, Database, Process
from pytlas_wamp.assistant.ownership import HeldElsewhere


@pytest.fixture
def database(gates):
    return Database()


@pytest.fixture
def one(database):
    return Process("one-1", database)


@pytest.fixture
def two(database):
    return Process("two-1", database)


def numbers(screen):
    return [frame["seq"] for frame in screen.take()]


def flush(process):
    """Have what is said in this turn of the reactor written; it is not known yet."""
    process.clock.advance(0)
    process.disk.start()


class TestFrames:
    def test_come_when_they_are_written(self, database, one):
        ann, _, _ = one.join()
        bob, _, _ = one.join()
        one.put(ann, "echo x", "m")
        assert (bob.look(), database.kept()) == ([], [])
        flush(one)
        assert (bob.look(), database.kept()) == ([], ["1 said"])
        one.settle()

        assert bob.look() == ["said echo x", "m: thinking", "m: answer x", "m: done"]
        assert ann.look() == ["m: thinking", "m: answer x", "m: done"]

    def test_of_one_turn_of_the_reactor_share_a_write(self, one):
        ann, _, _ = one.join()
        before = one.journal.writes
        one.say(ann, "echo x", "m")
        # The message; then all that the skill says.
        assert one.journal.writes - before == 2

    def test_wait_in_order_while_the_database_is_away(self, one):
        ann, _, _ = one.join()
        one.say(ann, "later", "m")
        ann.look()
        one.journal.failing = True
        conversation = one.host.find(ANN.id)
        conversation.audience.interrupt(conversation._current)
        one.settle()
        assert ann.look() == []
        one.journal.failing = False
        one.advance(1)

        assert ann.look() == ["m: error interrupted", "m: done"]

    def test_go_on_without_a_gap_in_another_process(self, one, two):
        ann, _, _ = one.join()
        one.say(ann, "echo x", "m")
        one.put(ann, "echo lost", "n")
        bob, _, presence = two.join(instead_of=1)
        two.say(bob, "echo y", "o")
        one.settle()

        assert (numbers(ann), presence.seq, numbers(bob)) == ([2, 3, 4], 4, [6, 7, 8])
        assert ann.moves == 1

    def test_that_are_expendable_are_lost_when_too_much_waits(self, database, gates):
        process = Process("one-1", database, max_unwritten=4)
        ann, _, _ = process.join()
        process.say(ann, "later", "m")
        process.journal.failing = True
        audience = process.host.find(ANN.id).audience
        for _ in range(4):
            audience.ask_again(audience.log.ask) if audience.log.ask else None
            audience.interrupt(process.host.find(ANN.id)._current)
        gates.release("later")
        process.settle()
        ann.look()
        process.journal.failing = False
        process.advance(1)

        kinds = [kept.partition(" ")[2] for kept in database.kept()]
        assert (kinds.count("answer"), kinds[-1]) == (0, "done")
        assert [int(kept.split()[0]) for kept in database.kept()] == list(range(1, len(kinds) + 1))


class TestJoining:
    def test_waits_until_nothing_is_unwritten(self, one):
        ann, _, _ = one.join()
        one.put(ann, "echo x", "m")
        bob = Screen()
        found = one.ask(bob)
        flush(one)
        # More is said before it is known that this is written.
        one.put(ann, "echo y", "n")
        one.settle()

        presence = found[0][1]
        last = ann.frames[-1]["seq"]
        assert numbers(bob) == list(range(presence.seq + 1, last + 1))

    def test_brings_what_was_missed(self, one):
        ann, _, _ = one.join()
        one.say(ann, "echo x", "m")
        one.put(ann, "echo y", "n")
        found = one.ask(Screen(), after=2)
        one.settle()

        presence = found[0][1]
        assert [frame.seq for frame in presence.missed] == list(range(3, presence.seq + 1))

    def test_fails_while_the_database_is_away(self, one):
        one.join()
        one.journal.failing = True
        assert one.refused() is JournalBroken

    def test_fails_when_another_process_has_it(self, one, two):
        one.join()
        found = one.ask(Screen(), after=0)
        two.join(instead_of=1)
        one.settle()
        assert found[0].type is HeldElsewhere

    def test_fails_when_that_turns_out_while_the_past_is_read(self, one, two):
        ann, _, _ = one.join()
        for number in range(30):
            one.say(ann, "echo x", f"m{number}")
        found = one.ask(Screen(), after=0)
        flush(one)
        two.join(instead_of=1)
        one.put(ann, "echo y")
        one.settle()
        assert (found[0].type, ann.moves) == (HeldElsewhere, 1)

    def test_brings_nothing_of_what_others_have_said_since(self, one, two):
        ann, _, _ = one.join()
        one.say(ann, "echo x", "m")
        two.join(instead_of=1)
        found = two.ask(Screen(), after=1)
        two.clock.advance(0)
        # It is still theirs when they write.
        two.disk.start()
        one.say(one.join(instead_of=2)[0], "echo y", "n")
        two.settle()

        presence = found[0][1]
        assert presence.seq == 4
        assert [frame.seq for frame in presence.missed] == [2, 3, 4]


class TestRepeating:
    def test_tells_who_is_no_device_and_then_that_it_did(self, one):
        ann, _, _ = one.join()
        one.say(ann, "echo x", "m")
        speaker, taken = Screen(), []
        one.say(speaker, "echo x", "m", lambda: taken.append(speaker.look()))

        assert taken == [["said echo x", "m: thinking", "m: answer x", "m: done"]]

    def test_tells_only_what_is_written(self, one):
        ann, _, _ = one.join()
        one.put(ann, "echo x", "m")
        speaker, taken = Screen(), []
        one.put(speaker, "echo x", "m", lambda: taken.append(speaker.look()))
        assert (speaker.look(), taken) == ([], [])
        one.settle()

        assert taken == [["said echo x"]]
        assert ann.look() == ["m: thinking", "m: answer x", "m: done"]

    def test_says_when_it_cannot(self, one):
        ann, _, _ = one.join()
        one.say(ann, "echo x", "m")
        one.journal.failing = True
        speaker, taken = Screen(), []
        one.say(speaker, "echo x", "m", lambda: taken.append(speaker.look()))

        assert taken == [["m: error unavailable"]]

    def test_is_not_done_where_it_moved(self, one, two):
        ann, _, _ = one.join()
        one.say(ann, "echo x", "m")
        two.join(instead_of=1)
        speaker, taken = Screen(), []
        one.say(speaker, "echo x", "m", lambda: taken.append(speaker.look()))

        assert (taken, speaker.look(), ann.moves) == ([], [], 1)


class TestLeaving:
    def test_tells_every_device_once(self, one, two):
        devices = [one.join()[0] for _ in range(2)]
        two.join(instead_of=1)
        conversation = one.host.find(ANN.id)
        one.say(devices[0], "echo x")

        assert [device.moves for device in devices] == [1, 1]
        conversation.detach(devices[0])
        assert conversation.audience.is_empty
