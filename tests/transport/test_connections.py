"""All open connections, seen from inside and from their clients."""

from __future__ import annotations

import pytest

from pytlas_wamp.wire.codes import Ending
from wire_devices import HANDSHAKE


class TestConnections:
    def test_are_counted_from_the_handshake_to_the_end(self, wire):
        assert len(wire.connections) == 0
        device = wire.dial()
        other = wire.ready()
        assert len(wire.connections) == 2
        other.close()
        device.vanish()
        assert len(wire.connections) == 0

    def test_forgetting_one_twice_is_harmless(self, wire):
        wire.dial()
        (one,) = wire.connections._open
        wire.connections.discard(one)
        wire.connections.discard(one)
        assert len(wire.connections) == 0

    def test_are_counted_by_their_state(self, wire):
        assert wire.connections.states() == {}
        wire.dial()
        wire.ready()
        wire.ready(2)
        assert wire.connections.states() == {"unauthenticated": 1, "ready": 2}

    def test_those_of_a_user_end_together(self, wire):
        mine, others, stranger = [wire.ready(), wire.ready()], wire.ready(2), wire.dial()
        wire.connections.end_user(1, Ending.ACCOUNT_DISABLED)
        wire.settle()
        assert [one.closed for one in mine] == [(1000, "account-disabled")] * 2
        assert [others.closed, stranger.closed] == [None, None]

    def test_those_of_a_token_end_together(self, wire):
        token = wire.token()
        mine = [wire.dial().authenticate(token) for _ in range(2)]
        other = wire.ready()
        token_id = wire.accounts.check(token).token_id
        wire.connections.end_token(token_id, Ending.AUTHENTICATION_REVOKED)
        wire.settle()
        assert [one.closed for one in mine] == [(1000, "authentication-revoked")] * 2
        assert other.closed is None

    def test_a_token_that_was_renewed_ends_nothing(self, wire):
        token = wire.token()
        device = wire.dial().authenticate(token).authenticate(wire.token())
        wire.connections.end_token(
            wire.accounts.check(token).token_id, Ending.AUTHENTICATION_REVOKED
        )
        assert device.look() == ["ready", "renewed"]
        assert device.closed is None

    def test_those_of_a_login_end_together(self, wire):
        mine = [wire.signed_in(), wire.signed_in()]
        first = wire.logins()[-1].id
        wire.connections.end_login(first, Ending.AUTHENTICATION_REVOKED)
        wire.settle()
        assert [one.closed for one in mine] == [(1000, "authentication-revoked"), None]

    def test_those_without_a_login_end_together(self, wire):
        mine, others, signed_in = [wire.ready(), wire.ready()], wire.ready(2), wire.signed_in()
        wire.connections.end_without_login(1, Ending.AUTHENTICATION_REVOKED)
        wire.settle()
        assert [one.closed for one in mine] == [(1000, "authentication-revoked")] * 2
        assert [others.closed, signed_in.closed] == [None, None]

    def test_those_of_all_logins_but_one_end_together(self, wire):
        mine, plain = [wire.signed_in(), wire.signed_in()], wire.ready()
        others = [wire.ready(2), wire.signed_in("bob"), wire.dial()]
        wire.connections.end_logins(1, wire.logins()[0].id, Ending.AUTHENTICATION_REVOKED)
        wire.settle()
        revoked = (1000, "authentication-revoked")
        assert [one.closed for one in (*mine, plain)] == [revoked, None, revoked]
        assert [one.closed for one in others] == [None] * 3

    def test_those_of_all_logins_end_together(self, wire):
        mine, other = [wire.signed_in(), wire.ready()], wire.signed_in("bob")
        wire.connections.end_logins(1, None, Ending.AUTHENTICATION_REVOKED)
        wire.settle()
        assert [one.closed for one in mine] == [(1000, "authentication-revoked")] * 2
        assert other.closed is None

    def test_what_ended_before_a_look_does_not_count(self, wire):
        grant = wire.accounts.check(wire.token())
        wire.connections.end_token(grant.token_id, Ending.AUTHENTICATION_REVOKED)
        assert wire.connections.has_ended(grant, 0)
        assert not wire.connections.has_ended(grant, wire.connections.ended_count)

    def test_what_cannot_be_remembered_counts_as_ended(self, wire):
        grant = wire.accounts.check(wire.token())
        for number in range(10_001):
            wire.connections.end_token(f"another-{number}", Ending.AUTHENTICATION_REVOKED)
        assert not wire.connections.has_ended(grant, 1)
        assert wire.connections.has_ended(grant, 0)


class TestEndedMeanwhile:
    """The news of an end may come while the answer about the token is on its way."""

    @pytest.fixture
    def verifying(self, wire):
        wire.checks.held = True
        device = wire.dial().authenticate(wire.accounts.sign_in("alice", "secret of alice").access)
        assert device.closed is None
        return device

    def test_a_login(self, wire, verifying):
        wire.connections.end_login(wire.logins()[0].id, Ending.AUTHENTICATION_REVOKED)
        wire.checks.held = False
        wire.settle()
        assert verifying.closed == (1000, "authentication-failed")

    @pytest.mark.parametrize(
        ("user_id", "keeps", "closed"),
        [
            (1, False, (1000, "authentication-failed")),
            (1, True, None),
            (2, False, None),
        ],
    )
    def test_all_logins(self, wire, verifying, user_id, keeps, closed):
        kept = wire.logins()[0].id if keeps else None
        wire.connections.end_logins(user_id, kept, Ending.AUTHENTICATION_REVOKED)
        wire.checks.held = False
        wire.settle()
        assert verifying.closed == closed

    @pytest.mark.parametrize(
        ("user_id", "closed"), [(1, (1000, "authentication-failed")), (2, None)]
    )
    def test_the_account(self, wire, verifying, user_id, closed):
        wire.connections.end_user(user_id, Ending.ACCOUNT_DISABLED)
        wire.checks.held = False
        wire.settle()
        assert verifying.closed == closed

    def test_another_login(self, wire, verifying):
        wire.connections.end_login("f" * 32, Ending.AUTHENTICATION_REVOKED)
        wire.connections.end_without_login(1, Ending.AUTHENTICATION_REVOKED)
        wire.checks.held = False
        wire.settle()
        assert verifying.look() == ["ready"]

    def test_a_refresh_token_by_which_the_login_was_made(self, wire):
        """The login of an old token has that token's id, and the token has ended."""
        old = wire.tokens.issue(1)
        token = wire.accounts.refresh(old.refresh).access
        wire.checks.held = True
        device = wire.dial().authenticate(token)
        wire.connections.end_token(wire.logins()[0].id, Ending.AUTHENTICATION_REVOKED)
        wire.checks.held = False
        wire.settle()
        assert device.look() == ["ready"]

    def test_a_token_without_login(self, wire):
        wire.checks.held = True
        device = wire.dial().authenticate(wire.token())
        wire.connections.end_without_login(1, Ending.AUTHENTICATION_REVOKED)
        wire.checks.held = False
        wire.settle()
        assert device.closed == (1000, "authentication-failed")


class TestGoodbye:
    def test_is_said_in_every_state(self, wire):
        stranger, ready, asked = wire.dial(), wire.ready(), wire.ready(2)
        assert asked.say("lights")[-1] == "ask room"
        wire.checks.held = True
        verifying = wire.dial().authenticate(wire.token())
        wire.stop(retry_after=3.5)
        for device in (stranger, ready, asked, verifying):
            assert device.take() == [{"type": "goodbye", "reason": "shutdown", "retry_after": 3.5}]
            assert device.closed == (1001, "shutdown")

    def test_closes_who_is_not_ready_at_once(self, wire):
        stranger, ready = wire.dial(), wire.ready()
        wire.checks.held = True
        verifying = wire.dial().authenticate(wire.token())
        wire.connections.say_goodbye(1.0)
        wire.settle()
        closed = [device.closed for device in (stranger, verifying, ready)]
        assert closed == [(1001, "shutdown"), (1001, "shutdown"), None]
        assert ready.say("echo hi") == ["goodbye", "thinking", "answer hi", "done"]

    def test_that_only_asks_to_come_back_closes_everybody_and_lets_them_in(self, wire):
        stranger, ready = wire.dial(), wire.ready()
        wire.connections.begin_anew(1.0)
        wire.settle()
        assert [device.look() for device in (stranger, ready)] == [["goodbye"], ["goodbye"]]
        assert [device.closed for device in (stranger, ready)] == [(1001, "shutdown")] * 2
        assert wire.ready().say("echo hi") == ["thinking", "answer hi", "done"]

    def test_is_said_once_to_who_is_gone(self, wire):
        device = wire.dial_raw(HANDSHAKE)
        wire.stop()
        wire.stop()
        assert device.look() == ["goodbye"]

    def test_lets_nobody_in_any_more(self, wire):
        wire.connections.say_goodbye(1.0)
        assert wire.dial_raw(HANDSHAKE).head.startswith(b"HTTP/1.1 503 ")

    @pytest.mark.parametrize("message", ["slow", "later"])
    def test_lets_end_what_runs(self, wire, message):
        device = wire.ready()
        assert device.say(message) == ["thinking"]
        wire.stop()
        assert (device.look(), device.closed) == (["goodbye"], None)
        assert device.say("echo hi") == ["error unavailable"]
        wire.release(message)
        heard = device.look()
        assert (heard[0][:6], heard[1:]) == ("answer", ["done"])
        assert device.closed == (1001, "shutdown")

    def test_does_not_wait_for_ever(self, wire):
        device = wire.ready()
        assert device.say("slow") == ["thinking"]
        wire.stop()
        wire.advance(4.75)
        assert device.closed is None
        wire.advance(0.25)
        assert device.look() == ["goodbye", "error interrupted", "done"]
        assert device.closed == (1001, "shutdown")
        wire.release("slow")


class TestEmpty:
    def test_is_told_when_the_last_one_is_gone(self, wire):
        first, second, told = wire.ready(), wire.dial(), []
        wire.connections.when_empty().addCallback(told.append)
        first.vanish()
        assert told == []
        second.close()
        assert told == [None]

    def test_is_told_at_once_where_nobody_is(self, wire):
        told = []
        wire.connections.when_empty().addCallback(told.append)
        assert told == [None]

    def test_comes_soon_after_the_close_even_of_who_does_not_answer(self, wire):
        silent, told = wire.dial_raw(HANDSHAKE), []
        wire.connections.close()
        wire.connections.when_empty().addCallback(told.append)
        wire.settle()
        assert (silent.closed, told) == ((1001, "shutdown"), [])
        wire.advance(3)
        assert told == [None]
