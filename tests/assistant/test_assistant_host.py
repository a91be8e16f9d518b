"""Conversations of several users: joining, updating, forgetting."""

from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.task import Clock

from frames import Screen
from pytlas_wamp.assistant.host import Host, Person
from pytlas_wamp.limits import Limits
from pytlas_wamp.wire.messages import Message
from skills_for_tests import make_interpreter
from workers_for_tests import InlineWorkers


class Languages:
    """Interpreters that come when the test says so."""

    def __init__(self):
        self.asked = []
        self.broken = False
        self.waiting = None

    def get(self, language):
        self.asked.append(language)
        if self.broken:
            return fail(RuntimeError("cannot be trained"))
        answer = succeed(make_interpreter(language))
        if self.waiting is None:
            return answer
        gate: Deferred[None] = Deferred()
        self.waiting.append(gate)
        return gate.addCallback(lambda _: answer)


@pytest.fixture
def languages(gates):
    return Languages()


@pytest.fixture
def host(languages):
    workers = InlineWorkers()
    return Host(
        interpreters=languages, workers=workers, urgent=workers, clock=Clock(), limits=Limits()
    )


def person(user_id=1, language="en-US", **settings):
    return Person(id=user_id, language=language, settings=settings)


def join(host, who):
    """A device that joins: what it got, and whatever the Deferred gave."""
    screen, results = Screen(), []
    host.join(who, screen).addBoth(results.append)
    return screen, results


def tell(host, user_id=1):
    """What the skill `tell` says about language and settings."""
    screen = Screen()
    conversation = {c.user_id: c for c in host.conversations}[user_id]
    conversation.join(screen)
    conversation.say(screen, Message(message="tell"))
    conversation.detach(screen)
    return next(frame["data"]["text"] for frame in screen.frames if frame["type"] == "answer")


class TestJoining:
    def test_devices_of_one_user_share_a_conversation(self, host, languages):
        first, second = join(host, person())[1], join(host, person())[1]
        assert first[0][0] is second[0][0]
        assert first[0][0].device_count == 2
        assert languages.asked == ["en"]

    def test_at_the_same_time_as_well(self, host, languages):
        languages.waiting = []
        results = [join(host, person())[1] for _ in range(3)]
        assert results == [[], [], []]
        languages.waiting.pop().callback(None)
        assert len({id(result[0][0]) for result in results}) == 1
        assert languages.asked == ["en"]

    def test_users_do_not_share(self, host):
        alice, bob = join(host, person(1)), join(host, person(2))
        alice[1][0][0].say(alice[0], Message(message="echo secret"))
        assert (len(alice[0].frames), bob[0].frames) == (3, [])

    def test_it_tells_the_present_state(self, host):
        assert join(host, person(language="fr-FR"))[1][0][1].language == "fr-FR"

    def test_the_two_letters_choose_the_interpreter(self, host, languages):
        join(host, person(language="FR-CA"))
        assert languages.asked == ["fr"]

    def test_it_fails_with_the_interpreter_and_later_succeeds(self, host, languages):
        languages.broken = True
        results = join(host, person())[1]
        assert results.pop().type is RuntimeError
        assert host.conversations == []
        languages.broken = False
        assert join(host, person())[1][0][0] is host.conversations[0]

    def test_of_two_at_once_the_second_tries_again(self, host, languages):
        languages.waiting = []
        first, second = join(host, person())[1], join(host, person())[1]
        languages.waiting.pop().errback(RuntimeError("cannot be trained"))
        assert first.pop().type is RuntimeError
        languages.waiting.pop().callback(None)
        assert second[0][0] is host.conversations[0]


class TestUpdating:
    def test_somebody_who_does_not_talk_costs_nothing(self, host, languages):
        host.update(person())
        assert (host.conversations, languages.asked) == ([], [])

    def test_settings_are_refreshed_and_removed(self, host):
        join(host, person(OLD="1", SAME="a"))
        host.update(person(SAME="b", NEW="2"))
        assert tell(host) == "en {'NEW': '2', 'SAME': 'b', 'uid': 1} {}"
        host.update(person())
        assert tell(host) == "en {'uid': 1} {}"

    def test_joining_refreshes_them_too(self, host):
        join(host, person(OLD="1"))
        join(host, person(NEW="2"))
        assert tell(host) == "en {'NEW': '2', 'uid': 1} {}"

    def test_while_it_begins_it_waits(self, host, languages):
        languages.waiting = []
        join(host, person(OLD="1"))
        host.update(person(NEW="2"))
        languages.waiting.pop().callback(None)
        assert tell(host) == "en {'NEW': '2', 'uid': 1} {}"

    def test_another_language_is_told(self, host):
        screen, _ = join(host, person())
        host.update(person(language="fr-FR", A="1"))
        assert screen.look() == ["language fr-FR"]
        assert tell(host) == "fr {'A': '1', 'uid': 1} {}"
        host.update(person(language="fr-FR"))
        assert tell(host) == "fr {'uid': 1} {}"

    def test_a_change_that_is_taken_back_while_a_skill_runs(self, host, gates):
        screen, results = join(host, person())
        results[0][0].say(screen, Message(message="later"))
        host.update(person(language="fr-FR"))
        host.update(person(language="en-US"))
        gates.release("later")
        assert results[0][0].language == "en-US"
        assert tell(host).startswith("en ")


class TestForgetting:
    def test_the_next_one_begins_anew(self, host):
        old = join(host, person())[1][0][0]
        host.forget(1)
        assert host.conversations == []
        assert join(host, person())[1][0][0] is not old

    def test_somebody_unknown_is_fine(self, host):
        host.forget(99)
        assert host.conversations == []


class TestIdle:
    def test_it_waits_for_all_conversations(self, host, gates):
        screen, results = join(host, person(1))
        join(host, person(2))
        results[0][0].say(screen, Message(message="later"))
        done = []
        host.when_idle().addCallback(done.append)
        assert done == []
        gates.release("later")
        assert len(done) == 1

    def test_without_any_it_is_at_once(self, host):
        assert host.when_idle().called

    def test_giving_up_leaves_no_error_behind(self, host, gates):
        screen, results = join(host, person())
        results[0][0].say(screen, Message(message="later"))
        idle, ended = host.when_idle(), []
        idle.addBoth(ended.append)
        idle.cancel()
        assert len(ended) == 1
        gates.release("later")
        assert screen.look()[-1] == "done"
