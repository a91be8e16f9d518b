"""All open connections, seen from inside and from their clients."""

from __future__ import annotations

import pytest

from pytlas_wamp.wire.codes import Ending
from wire_devices import HANDSHAKE, text


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

    def test_is_said_once(self, wire):
        device = wire.dial_raw(HANDSHAKE)
        wire.stop()
        wire.stop()
        assert device.look() == ["goodbye"]

    @pytest.mark.parametrize("message", ["slow", "later"])
    def test_is_the_last_thing_said(self, wire, message):
        device = wire.ready()
        assert device.say(message) == ["thinking"]
        wire.stop()
        wire.release(message)
        assert (device.look(), device.closed) == (["goodbye"], (1001, "shutdown"))
        assert wire.host.conversations[0].is_idle

    def test_what_comes_after_it_is_ignored(self, wire):
        device = wire.dial_raw(HANDSHAKE, text({"type": "authenticate", "token": wire.token()}))
        wire.connections.say_goodbye(1.0)
        device.write(text({"message": "echo hi"}) + text({"type": "cancel"}))
        assert device.look() == ["ready", "goodbye"]
