"""Conversations that belong to one process at a time."""

from __future__ import annotations

import pytest

from frames import Screen
from journal_memory import JournalBroken
from leases_memory import LeasesBroken
from nodes_stage import ANN, IDLE_SECONDS, Database, Process
from pytlas_wamp.assistant.host import Person
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


def unused(process):
    """Have the process put away what nobody uses."""
    for seconds in (0, IDLE_SECONDS):
        process.advance(seconds)
        process.host.put_away_unused()
        process.settle()


class TestJoining:
    def test_claims_the_conversation(self, database, one):
        _, conversation, presence = one.join()

        assert database.leases.held == {ANN.id: ("one-1", 1)}
        assert (conversation.epoch, presence.seq) == (1, 0)
        assert one.host.find(ANN.id) is conversation

    def test_fails_where_another_process_has_it(self, one, two):
        one.join()

        assert two.refused() is HeldElsewhere
        assert (two.host.find(ANN.id), two.host.conversations) == (None, [])

    def test_fails_where_that_cannot_be_found_out(self, database, one):
        database.leases.failing = True
        assert one.refused() is LeasesBroken
        database.leases.failing = False
        assert one.join()[1].epoch == 1

    def test_again_needs_no_claim(self, one):
        first, second = one.join()[1], one.join(instead_of=1)[1]
        assert (first is second, second.epoch) == (True, 1)

    def test_takes_over_from_who_is_known_to_be_gone(self, one, two):
        ann, _, _ = one.join()
        one.say(ann, "echo x")

        _, conversation, presence = two.join(after=2, instead_of=1)

        assert (conversation.epoch, presence.seq) == (2, 4)
        assert [frame.seq for frame in presence.missed] == [3, 4]

    def test_takes_over_from_who_is_not_alive(self, database, one, two):
        one.live(seconds=3)
        one.join()
        database.clock.advance(4)

        assert two.join()[1].epoch == 2

    def test_finds_out_that_it_is_elsewhere_by_now(self, one, two):
        one.join()
        two.join(instead_of=1)

        assert one.refused() is HeldElsewhere
        assert one.host.find(ANN.id) is None

    def test_begins_anew_where_it_was_before_somebody_else_had_it(self, one, two):
        ann, before, _ = one.join()
        two.say(two.join(instead_of=1)[0], "echo x")

        _, conversation, presence = one.join(instead_of=2)

        assert (conversation is before, conversation.epoch, presence.seq) == (False, 3, 4)
        assert ann.moves == 1

    def test_gives_it_back_when_there_is_no_agent(self, database, one, two):
        one.broken_interpreter = True
        assert one.refused() is RuntimeError
        assert database.leases.held == {ANN.id: (None, 1)}
        assert two.join()[1].epoch == 2

    def test_fails_when_what_is_kept_cannot_be_read(self, database, one):
        one.journal.failing = True
        assert one.refused() is JournalBroken
        assert database.leases.held == {ANN.id: (None, 1)}

    def test_that_was_under_way_fails_when_it_is_elsewhere(self, one, two):
        one.join()
        found = one.ask(Screen())
        two.join(instead_of=1)
        one.settle()

        assert found[0].type is HeldElsewhere


class TestPuttingAway:
    def test_gives_the_conversation_back(self, database, one, two):
        ann, conversation, _ = one.join()
        one.say(ann, "echo x")
        conversation.detach(ann)
        unused(one)

        assert (one.host.conversations, database.leases.held) == ([], {ANN.id: (None, 1)})
        assert two.join()[2].seq == 4

    def test_gives_back_what_is_asked_for_again_only_once(self, database, one):
        ann, conversation, _ = one.join()
        conversation.detach(ann)
        unused(one)
        _, again, _ = one.join()
        one.advance(IDLE_SECONDS)

        assert (again.epoch, database.leases.held) == (2, {ANN.id: ("one-1", 2)})

    def test_that_cannot_be_given_back_is_ours_when_it_comes_again(self, database, one):
        ann, conversation, _ = one.join()
        conversation.detach(ann)
        one.host.put_away_unused()
        one.advance(IDLE_SECONDS)
        database.leases.failing = True
        one.host.put_away_unused()
        one.settle()
        database.leases.failing = False

        assert one.join()[1].epoch == 2

    def test_of_what_is_elsewhere_by_now_leaves_it_there(self, database, one, two):
        ann, conversation, _ = one.join()
        conversation.detach(ann)
        two.join(instead_of=1)
        unused(one)

        assert (one.host.conversations, database.leases.held[ANN.id]) == ([], ("two-1", 2))

    def test_lets_a_skill_of_before_speak_while_nobody_else_has_it(self, database, one, gates):
        ann, conversation, _ = one.join()
        one.say(ann, "ring")
        conversation.detach(ann)
        unused(one)
        gates.release("later")
        one.settle()

        assert one.host.find(ANN.id).epoch == 2
        assert database.kept()[-3:] == ["5 thinking", "6 answer", "7 done"]

    def test_lets_no_skill_of_before_speak_when_somebody_else_has_it(
        self, database, one, two, gates
    ):
        ann, conversation, _ = one.join()
        one.say(ann, "ring")
        conversation.detach(ann)
        unused(one)
        two.join()
        kept = database.kept()
        gates.release("later")
        one.settle()

        assert (one.host.conversations, database.kept()) == ([], kept)

    def test_of_everything_tells_devices_to_look_elsewhere(self, database, one, two):
        bob = Person(id=2, language="en-US", settings={})
        ann, _, _ = one.join()
        one.say(ann, "echo x")
        other, _, _ = one.join(bob)
        one.host.close()
        one.host.interrupt()
        done = []
        one.host.put_all_away().addCallback(done.append)
        one.settle()

        assert (len(done), ann.moves, other.moves, one.host.conversations) == (1, 1, 1, [])
        assert database.leases.held == {ANN.id: (None, 1), bob.id: (None, 1)}
        assert two.join()[2].seq == 4


class TestHandingOver:
    def test_moves_a_conversation_with_its_devices(self, database, one, two):
        ann, _, _ = one.join()
        one.say(ann, "lights")
        done = one.hand_over()
        one.settle()

        assert (done, ann.moves, one.host.find(ANN.id)) == ([True], 1, None)
        assert database.leases.held == {ANN.id: (None, 1)}
        again, _, presence = two.join(after=4)
        assert (presence.missed, presence.ask.data.slot) == ((), "room")
        two.say(again, "kitchen", "m")
        assert again.look()[-1] == "m: ask level"

    def test_waits_while_something_runs(self, one, gates):
        ann, _, _ = one.join()
        one.say(ann, "slow")
        done = one.hand_over()
        one.settle()
        assert (done, ann.moves) == ([False], 0)

        gates.release("slow")
        one.settle()
        done = one.hand_over()
        one.settle()
        assert (done, ann.moves) == ([True], 1)

    def test_is_not_for_what_is_not_here(self, one):
        done = one.hand_over()
        one.settle()
        assert done == [False]

    def test_stops_when_something_is_said_while_it_is_written(self, one):
        ann, _, _ = one.join()
        done = one.hand_over()
        one.clock.advance(0)
        one.put(ann, "echo x", "m")
        one.settle()

        assert (done, ann.moves) == ([False], 0)
        assert ann.look()[-1] == "m: done"

    def test_keeps_what_is_said_while_it_is_given_back(self, database, one):
        ann, conversation, _ = one.join()
        taken = []
        done = one.hand_over()
        one.clock.advance(0)
        one.disk.start()
        while not one.asking.jobs:
            one.arrivals.next()
        one.put(ann, "echo x", "m", lambda: taken.append("m"))
        conversation.cancel("c")
        assert (ann.look(), done) == ([], [])

        database.leases.failing = True
        one.settle()
        database.leases.failing = False
        assert (done, taken) == ([False], ["m"])
        assert ann.look()[-1] in ("m: done", "c: done")

    def test_answers_nobody_who_says_something_too_late(self, one):
        ann, conversation, _ = one.join()
        taken = []
        done = one.hand_over()
        one.clock.advance(0)
        one.disk.start()
        while not one.asking.jobs:
            one.arrivals.next()
        one.put(ann, "echo x", "m", lambda: taken.append("m"))
        one.settle()

        assert (done, taken, ann.look(), ann.moves) == ([True], [], [], 1)
        conversation.say(ann, None)
        conversation.cancel(None)
        conversation.detach(ann)
        one.settle()
        assert (ann.look(), ann.moves) == ([], 2)

    def test_fails_when_nothing_can_be_written(self, one):
        ann, _, _ = one.join()
        one.journal.failing = True
        done = one.hand_over()
        one.settle()

        assert (done, ann.moves) == ([False], 0)

    def test_fails_when_it_is_elsewhere_already(self, database, one, two):
        ann, _, _ = one.join()
        two.join(instead_of=1)
        done = one.hand_over()
        one.settle()

        assert (done, ann.moves, database.leases.held[ANN.id]) == ([False], 1, ("two-1", 2))


class TestForgetting:
    def test_an_account_tells_its_devices(self, database, one):
        ann, _, _ = one.join()
        database.journal.forget(ANN.id)
        one.host.forget(ANN.id)
        one.settle()

        assert (ann.moves, one.host.conversations) == (1, [])

    def test_an_account_that_others_have_deleted_tells_its_devices_too(self, database, one):
        ann, _, _ = one.join()
        database.journal.forget(ANN.id)
        one.say(ann, "echo x")

        assert (ann.look(), ann.moves, one.host.conversations) == ([], 1, [])


class TestLanguages:
    def test_that_come_when_it_is_elsewhere_change_nothing(self, one, two):
        ann, _, _ = one.join()
        one.host.update(Person(id=ANN.id, language="fr-FR", settings={}))
        two.join(instead_of=1)
        one.put(ann, "echo x")
        one.clock.advance(0)
        one.disk.start()
        while one.host.find(ANN.id):
            one.arrivals.next()
        one.settle()

        assert (one.host._people, ann.moves, ann.look()) == ({}, 1, [])

    def test_change_while_it_is_ours(self, one):
        ann, _, _ = one.join()
        one.host.update(Person(id=ANN.id, language="fr-FR", settings={}))
        one.settle()

        assert ann.look() == ["language fr-FR"]


class TestRefusing:
    """What is refused because of something else that was said waits until that is written."""

    @pytest.fixture
    def ann(self, one):
        ann, _, _ = one.join()
        one.say(ann, "lights")
        ann.look()
        return ann

    def test_is_told_when_the_question_was_answered_by_another_one(self, one, ann):
        one.put(ann, "kitchen", "m")
        one.put(ann, "full", "n", answers=4)
        assert ann.look() == []

        one.settle()
        assert ann.look()[0] == "n: error question-gone"

    def test_is_told_when_the_id_was_another_messages(self, one, ann):
        done = []
        one.put(ann, "kitchen", "m")
        one.put(ann, "full", "m", lambda: done.append(ann.look()))
        assert done == []

        one.settle()
        assert done == [["m: error id-reused"]]

    def test_is_not_told_when_another_process_takes_what_was_said(self, one, two, ann):
        done = []
        two.join(instead_of=1)
        one.put(ann, "kitchen", "m")
        one.put(ann, "full", "n", lambda: done.append("n"), answers=4)
        one.settle()

        assert (ann.look(), ann.moves, done) == ([], 1, [])

    def test_says_to_try_again_when_nothing_can_be_written(self, one, ann):
        one.journal.failing = True
        one.put(ann, "kitchen", "m")
        one.put(ann, "full", "n", answers=4)
        one.settle()

        assert ann.look() == ["n: error unavailable"]

    def test_is_told_at_once_when_all_is_written(self, one, ann):
        one.say(ann, "kitchen", "m")
        ann.look()
        one.put(ann, "full", "n", answers=4)

        assert ann.look() == ["n: error question-gone"]
