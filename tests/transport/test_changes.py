"""What another process changed in the accounts reaches connections and conversations."""

from __future__ import annotations

import pytest
from attrs import asdict, evolve
from sqlalchemy import insert
from twisted.internet.defer import Deferred, fail, succeed

from pytlas_wamp.accounts.model import Change, StoreBroken
from pytlas_wamp.accounts.sql_changes import note
from pytlas_wamp.accounts.store import KEPT_CHANGES
from pytlas_wamp.accounts.tables import LOGINS


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
        back = watched.accounts.sign_in("alice", "secret of alice").access
        assert watched.dial().authenticate(back).look() == ["ready"]

    def test_a_new_password_from_an_administrator_ends_its_connections(self, watched):
        mine, other = [watched.ready(), watched.signed_in()], watched.ready(2)
        watched.accounts.change_password("alice", "another horse entirely")
        watched.look()
        assert [one.closed for one in mine] == [(1000, "authentication-revoked")] * 2
        assert other.closed is None

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


class TestLogins:
    def test_ending_one_ends_what_lives_on_it(self, watched):
        devices = [watched.signed_in(), watched.signed_in()]
        lost = watched.logins()[-1]
        watched.accounts.end_login(1, lost.id)
        watched.look()
        assert [one.closed for one in devices] == [(1000, "authentication-revoked"), None]

    def test_ending_all_but_one_leaves_that(self, watched):
        devices = [watched.signed_in(), watched.signed_in(), watched.ready()]
        kept = watched.logins()[0]
        watched.accounts.end_logins(1, keep=kept.id)
        watched.look()
        revoked = (1000, "authentication-revoked")
        assert [one.closed for one in devices] == [revoked, None, revoked]

    def test_ending_more_than_changes_are_kept_ends_nobody_elses(self, watched):
        """Whoever has many logins must not make everybody connect anew."""
        mine, other = watched.signed_in(), watched.signed_in("bob")
        (login,) = watched.logins()
        with watched.store.database.writing() as connection:
            rows = [{**asdict(login), "id": f"many-{number}"} for number in range(KEPT_CHANGES + 1)]
            connection.execute(insert(LOGINS), rows)
        assert watched.accounts.end_logins(1) == KEPT_CHANGES + 2
        watched.look()
        assert mine.closed == (1000, "authentication-revoked")
        assert (other.closed, other.look()) == (None, [])

    def test_another_password_leaves_the_one_it_was_changed_with(self, watched):
        devices = [watched.signed_in(), watched.signed_in()]
        kept = watched.logins()[0].id
        account = watched.accounts.user(1)
        watched.accounts.change_own_password(
            account, "secret of alice", "another horse entirely", keep=kept
        )
        watched.look()
        assert [one.closed for one in devices] == [(1000, "authentication-revoked"), None]

    def test_those_without_one_end_alone_when_only_that_is_told(self, watched):
        """As after a backup was put back."""
        devices = [watched.ready(), watched.signed_in()]
        with watched.store.database.writing() as connection:
            note(connection, 1, "login")
        watched.look()
        assert [one.closed for one in devices] == [(1000, "authentication-revoked"), None]

    def test_a_refreshed_one_goes_on(self, watched):
        pair = watched.accounts.sign_in("alice", "secret of alice")
        device = watched.dial().authenticate(pair.access)
        watched.accounts.refresh(pair.refresh)
        watched.look()
        assert device.closed is None


class TestSkills:
    def test_a_change_is_told_once(self, watched):
        watched.store.note_skills()
        watched.store.note_skills()
        watched.look()
        watched.look()
        assert len(watched.skill_news) == 1

    def test_other_changes_are_none(self, watched):
        watched.accounts.disable("bob")
        watched.look()
        assert watched.skill_news == []


class TestTooMuch:
    def test_when_some_were_forgotten_everybody_connects_anew(self, watched):
        """Only the newest are kept, and among those that were not may have been anything."""
        device = watched.ready()
        last = watched.store.last_change()
        kept = Change(id=last + KEPT_CHANGES, user_id=2, kind="settings", token_id=None)
        watched.feed._changes_since = lambda _: succeed([kept])
        watched.look()
        assert device.closed is None
        later = evolve(kept, id=kept.id + KEPT_CHANGES + 1)
        watched.feed._changes_since = lambda _: succeed([later])
        watched.look()
        assert device.take() == [{"type": "goodbye", "reason": "shutdown", "retry_after": 1.0}]
        assert watched.ready().closed is None


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

    def test_one_at_a_time(self, watched):
        """The timer and requests may want to look at once: nothing is applied twice."""
        asked = []
        find = watched.feed._changes_since
        watched.feed._changes_since = lambda after: asked.append(after) or find(after)
        watched.checks.held = True
        looks = [watched.feed.look() for _ in range(5)]
        watched.store.note_skills()
        watched.checks.held = False
        watched.settle()
        assert [one.called for one in looks] == [True] * 5
        assert len(watched.skill_news) == 1
        assert len(asked) == 2  # those that came while the first looked shared the second

    def test_without_news_asks_nothing_else(self, watched):
        asked = []
        watched.feed._changes_since = lambda after: asked.append(after) or succeed([])
        watched.look()
        watched.look()
        assert asked == [watched.store.last_change()] * 2
