"""Conversations that another process takes."""

from __future__ import annotations

import pytest

from nodes_stage import ANN, DEADLINE_SECONDS, Database, Process
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


def notice(process):
    """Have a process find out what is no longer its own."""
    process.host.find(ANN.id).log.touch()
    process.advance(1)


class TestSkills:
    def test_speak_to_nobody_once_it_moved(self, database, one, two, gates):
        ann, conversation, _ = one.join()
        one.say(ann, "slow", "m")
        ann.look()
        two.join(instead_of=1)
        notice(one)
        kept = database.kept()
        gates.release("slow")
        one.advance(DEADLINE_SECONDS)

        assert (ann.look(), database.kept(), conversation.is_idle) == ([], kept, True)
        assert kept == ["1 said", "2 thinking", "3 error", "4 done"]

    def test_queue_nothing_once_it_moved(self, database, one, two, gates):
        ann, _, _ = one.join()
        one.say(ann, "ring", "m")
        two.join(instead_of=1)
        notice(one)
        kept = database.kept()
        gates.release("later")
        one.settle()
        assert (database.kept(), one.host.conversations) == (kept, [])

    def test_that_asked_are_answered_elsewhere(self, one, two):
        ann, _, _ = one.join()
        one.say(ann, "lights", "m")
        bob, _, presence = two.join(instead_of=1)
        two.say(bob, "kitchen", "n", answers=presence.ask.seq)
        assert bob.look() == ["n: thinking", "n: done?", "n: ask level"]

    def test_that_stopped_in_the_middle_are_interrupted_elsewhere(self, database, one, two):
        ann, _, _ = one.join()
        one.say(ann, "slow", "m")
        two.join(instead_of=1)
        assert database.kept() == ["1 said", "2 thinking", "3 error", "4 done"]


class TestEnds:
    def test_are_told_to_who_waits_for_it(self, one, two):
        ann, conversation, _ = one.join()
        one.say(ann, "slow", "m")
        idle = []
        conversation.when_idle(lambda: idle.append(True))
        two.join(instead_of=1)
        notice(one)
        assert idle == [True]

    def test_let_nothing_come_of_what_was_begun(self, one, two):
        ann, conversation, _ = one.join()
        one.say(ann, "slow", "m")
        heir = conversation.make_agent(lambda *_: None)
        two.join(instead_of=1)
        notice(one)
        conversation.change_language(heir, "fr-FR")
        conversation.close()
        conversation.interrupt()
        one.settle()

        assert (conversation.coming_language, ann.moves, conversation.epoch) == ("en-US", 1, 1)
        found = []
        conversation.join(ann).addErrback(found.append)
        assert found[0].type is HeldElsewhere

    def test_may_come_twice(self, one):
        ann, conversation, _ = one.join()
        conversation.end()
        conversation.stay()
        conversation.end()
        assert ann.moves == 1


class TestOnTheWay:
    """Between the end of all turns here and the moment in which others may begin."""

    def test_what_is_said_is_taken_when_it_stays(self, one):
        ann, conversation, _ = one.join()
        conversation.depart()
        one.say(ann, "echo x", "m")
        assert ann.look() == []
        conversation.stay()
        one.settle()
        assert ann.look()[-1] == "m: done"

    def test_a_cancel_stops_what_was_said_before_it(self, one):
        ann, conversation, _ = one.join()
        conversation.depart()
        one.put(ann, "slow", "m")
        conversation.cancel("n")
        conversation.stay()
        one.settle()
        assert (conversation.is_idle, ann.look()[-1]) == (True, "n: done")

    def test_one_that_is_not_put_away_goes_on(self, one):
        ann, conversation, _ = one.join()
        conversation.retire(lambda: None)
        conversation.come_back()
        one.say(ann, "echo x", "m")
        assert ann.look()[-1] == "m: done"
