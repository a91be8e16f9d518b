"""What another process changed in the accounts reaches connections and conversations."""

from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred, fail, succeed

from pytlas_wamp.accounts.model import StoreBroken


@pytest.fixture
def watched(wire):
    """A wire whose feed has looked once, as at the start of the daemon."""
    wire.look()
    return wire


class TestAccounts:
    def test_disabling_one_ends_its_connections(self, watched):
        """Fault 5 of the original: only a restart did."""
        mine, other = watched.ready(), watched.ready(2)
        watched.accounts.disable("alice")
        watched.look()
        assert mine.closed == (1000, "account-disabled")
        assert other.closed is None
        assert len(watched.host.conversations) == 1

    def test_deleting_one_does_too(self, watched):
        mine = watched.ready()
        watched.accounts.delete("alice")
        watched.look()
        assert mine.closed == (1000, "account-disabled")

    def test_one_that_was_disabled_starts_anew(self, watched):
        """Fault 7 of the original: a conversation lived for ever."""
        assert watched.ready().say("enter")[1] == "context vault"
        watched.accounts.disable("alice")
        watched.look()
        watched.accounts.enable("alice")
        watched.look()
        assert watched.dial().authenticate(watched.token()).look() == ["ready"]

    def test_a_password_change_ends_nothing(self, watched):
        device = watched.ready()
        watched.accounts.change_password("alice", "another one")
        watched.look()
        assert device.say("echo hi") == ["thinking", "answer hi", "done"]

    def test_those_that_nobody_uses_are_left_alone(self, watched):
        watched.accounts.set_language("bob", "fr-FR")
        watched.look()
        assert watched.host.conversations == []
        assert watched.interpreters.asked == 0

    def test_what_was_before_the_first_look_is_not_news(self, wire):
        wire.accounts.disable("bob")
        device = wire.ready()
        wire.look()
        wire.look()
        assert device.closed is None


class TestTokens:
    def test_revoking_one_ends_what_lives_on_it(self, watched):
        token = watched.token()
        device, other = watched.dial().authenticate(token), watched.ready()
        watched.accounts.revoke(token)
        watched.look()
        assert device.closed == (1000, "authentication-revoked")
        assert other.closed is None
        assert watched.dial().authenticate(token).closed == (1000, "authentication-failed")

    def test_a_refresh_token_has_no_connections(self, watched):
        device = watched.ready()
        watched.accounts.refresh(watched.tokens.issue(1).refresh)
        watched.look()
        assert device.closed is None


class TestLanguage:
    def test_reaches_the_running_conversation(self, watched):
        """Fault 15 of the original: it needed a restart."""
        devices = [watched.ready(), watched.ready()]
        assert devices[0].say("who")[1] == "answer nobody in en"
        devices[1].take()
        watched.accounts.set_language("alice", "fr-FR")
        watched.look()
        assert [device.look() for device in devices] == [["language fr-FR"]] * 2
        assert devices[0].say("who")[1] == "answer nobody in fr"

    def test_waits_for_the_turn_that_runs(self, watched):
        device = watched.ready()
        assert device.say("slow") == ["thinking"]
        watched.accounts.set_language("alice", "fr-FR")
        watched.look()
        assert device.look() == []
        watched.release("slow")
        assert device.look() == ["answer Too late", "done", "language fr-FR"]


class TestSettings:
    def test_reach_the_running_conversation(self, watched):
        """Fault 15 of the original: new ones needed a new connection."""
        device = watched.ready()
        watched.accounts.set_setting("alice", "person.name", "Alice")
        watched.look()
        assert device.say("who")[1] == "answer Alice in en"
        watched.accounts.set_setting("alice", "person.name", "Queen")
        watched.look()
        assert device.say("who")[1] == "answer Queen in en"

    def test_are_gone_when_they_were_deleted(self, watched):
        """Fault 15 of the original: deleted ones stayed until a restart."""
        watched.accounts.set_setting("alice", "person.name", "Alice")
        device = watched.ready()
        assert device.say("who")[1] == "answer Alice in en"
        watched.accounts.delete_setting("alice", "person.name")
        watched.look()
        assert device.say("who")[1] == "answer nobody in en"


class TestOutage:
    def test_is_told_once_and_nothing_is_missed(self, watched):
        device = watched.ready()
        watched.checks.trouble = StoreBroken("the disk is full")
        watched.look()
        watched.look()
        assert watched.faults() == ["the disk is full "]
        watched.checks.trouble = None
        watched.accounts.disable("alice")
        watched.look()
        assert device.closed == (1000, "account-disabled")
        watched.checks.trouble = StoreBroken("the disk is full again")
        watched.look()
        assert watched.faults() == ["the disk is full again "]

    def test_at_the_very_start_loses_nothing_either(self, wire):
        wire.checks.trouble = StoreBroken("the disk is full")
        wire.look()
        assert wire.faults() == ["the disk is full "]
        wire.checks.trouble = None
        wire.look()
        device = wire.ready()
        wire.accounts.disable("alice")
        wire.look()
        assert device.closed == (1000, "account-disabled")

    def test_in_the_middle_of_a_change_lets_it_be_tried_again(self, watched):
        """What changed could be read, but not what is stored about its user now."""
        mine, other = watched.ready(), watched.ready(2)
        find = watched.feed._find_person
        watched.feed._find_person = lambda user_id: (
            fail(StoreBroken("the disk is full")) if user_id == 1 else find(user_id)
        )
        watched.accounts.disable("alice")
        watched.accounts.disable("bob")
        watched.look()
        assert mine.closed is None
        assert other.closed == (1000, "account-disabled")
        assert watched.faults() == ["the disk is full "]
        watched.feed._find_person = find
        watched.look()
        assert mine.closed == (1000, "account-disabled")

    def test_a_language_without_interpreter_stops_no_other_change(self, watched):
        mine, other = watched.ready(), watched.ready(2)
        watched.interpreters.trouble = ZeroDivisionError("no such language")
        watched.accounts.set_language("alice", "fr-FR")
        watched.accounts.disable("bob")
        watched.look()
        assert other.closed == (1000, "account-disabled")
        (fault,) = watched.faults()
        assert fault.startswith("could not bring a conversation up to date")
        watched.look()
        assert watched.faults() == []
        assert mine.say("who")[1] == "answer nobody in en"

    def test_a_bug_of_ours_is_logged_with_its_trace(self, watched):
        watched.checks.trouble = ZeroDivisionError("a bug")
        watched.look()
        (fault,) = watched.faults()
        assert fault.startswith("could not follow the accounts")


class TestLook:
    def test_ends_when_everything_is_applied(self, watched):
        watched.ready()
        person = Deferred()
        watched.feed._find_person = lambda user_id: person
        watched.accounts.set_setting("alice", "person.name", "Alice")
        looked = []
        watched.feed.look().addCallback(looked.append)
        watched.settle()
        assert looked == []
        person.errback(StoreBroken("the disk is full"))
        assert looked == [None]
        assert watched.faults() == ["the disk is full "]

    def test_without_news_asks_nothing_else(self, watched):
        asked = []
        watched.feed._changes_since = lambda after: asked.append(after) or succeed([])
        watched.look()
        watched.look()
        assert asked == [watched.store.last_change()] * 2
