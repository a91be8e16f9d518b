"""From what happens to a connection to what its client and its conversation see of it."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from twisted.internet.defer import Deferred
from twisted.logger import capturedLogs

from pytlas_wamp.accounts.model import StoreBroken
from pytlas_wamp.assistant.host import Person
from pytlas_wamp.session import effects as do
from pytlas_wamp.transport import performer
from pytlas_wamp.transport.people import Admission
from pytlas_wamp.wire.messages import Thinking
from wire_devices import HANDSHAKE, text
from wire_pair import NOON

EXPECTED = (1000, "authentication-expected")
FAILED = (1000, "authentication-failed")
MALFORMED = [
    (b"", "malformed-json"),
    (b"hello", "malformed-json"),
    (b'{"message": NaN}', "malformed-json"),
    (b'{"message": "half', "malformed-json"),
    (b"\xef\xbb\xbf{}", "malformed-json"),
    (b"[]", "not-an-object"),
    (b"null", "not-an-object"),
    (b'"message"', "not-an-object"),
    (b"[" * 40 + b"]" * 40, "not-an-object"),
    (b'{"message": "x", "meta": ' + b'{"a":' * 40 + b"1" + b"}" * 41, "too-deep"),
    (b"[" * 60_000, "too-deep"),
    (b"{}", "invalid-message"),
    (b'{"type": null}', "invalid-message"),
    (b'{"type": 7}', "invalid-message"),
    (b'{"type": "message"}', "invalid-message"),
    (b'{"message": 7}', "invalid-message"),
    (b'{"message": null}', "invalid-message"),
    (b'{"message": "x", "id": ""}', "invalid-message"),
    (b'{"type": "authenticate"}', "invalid-message"),
    (b'{"type": "ping"}', "unknown-type"),
    (b'{"type": "Message", "message": "x"}', "unknown-type"),
]


def between(wire, device):
    """Authenticate, and stop before the token is checked."""
    wire.checks.held = True
    device.authenticate(wire.token())


class TestStrangers:
    @pytest.mark.parametrize("sent", [sent for sent, _ in MALFORMED])
    def test_what_is_no_message_ends_a_connection(self, wire, sent):
        device = wire.dial()
        device.send_raw(sent)
        assert (device.seen, device.closed) == ([], EXPECTED)

    @pytest.mark.parametrize(
        "sent", [{"message": "hi"}, {"type": "message", "message": "hi"}, {"type": "cancel"}]
    )
    def test_anything_but_a_token_does_too(self, wire, sent):
        """Fault 4 of the original is kept: a bad start closes with 1000."""
        device = wire.dial()
        device.send(sent)
        assert (device.seen, device.closed) == ([], EXPECTED)
        assert wire.host.conversations == []

    def test_silence_is_granted_ten_seconds(self, wire):
        """Fault 19 of the original: it had no deadline."""
        device = wire.dial()
        wire.advance(9.75)
        assert device.closed is None
        wire.advance(0.5)
        assert (device.seen, device.closed) == ([], (1000, "authentication-timeout"))

    def test_a_token_in_time_is_not_hurried(self, wire):
        device = wire.dial()
        wire.advance(9)
        wire.checks.held = True
        device.authenticate(wire.token())
        wire.advance(5)
        wire.checks.held = False
        assert device.look() == ["ready"]


class TestTokens:
    def refused(self, wire, token):
        device = wire.dial().authenticate(token)
        assert device.seen == []
        return device.closed

    def test_an_expired_one_is_refused(self, wire):
        token = wire.jwt(exp=NOON)
        assert self.refused(wire, token) == (1000, "authentication-expired")

    @pytest.mark.parametrize(
        "claims",
        [
            {"token_type": "refresh"},
            {"token_type": None},
            {"algorithm": "none"},
            {"algorithm": "HS512", "key": "k" * 64},
            {"key": "0123456789abcdef0123456789abcdee"},
            {"user_id": 999},
            {"user_id": True},
            {"user_id": None},
            {"exp": None},
            {"jti": None},
        ],
    )
    def test_one_that_is_not_ours_is_refused(self, wire, claims):
        assert self.refused(wire, wire.jwt(**claims)) == FAILED

    @pytest.mark.parametrize("token", ["", "x", "a.b.c", "Bearer x", "x" * 9_000])
    def test_one_that_is_none_is_refused(self, wire, token):
        assert self.refused(wire, token) == FAILED

    def test_one_of_a_disabled_account_is_refused(self, wire):
        """Fault 5 of the original: whoever was locked out talked on for a week."""
        token = wire.token()
        wire.accounts.disable("alice")
        assert self.refused(wire, token) == (1000, "account-disabled")

    def test_one_of_a_deleted_account_is_refused(self, wire):
        token = wire.token()
        wire.accounts.delete("alice")
        assert self.refused(wire, token) == FAILED

    def test_a_revoked_one_is_refused(self, wire):
        token = wire.token()
        wire.accounts.revoke(token)
        assert self.refused(wire, token) == FAILED

    def test_the_account_may_end_between_the_check_and_ready(self, wire):
        device = wire.dial()
        between(wire, device)
        wire.accounts.disable("alice")
        wire.checks.held = False
        wire.settle()
        assert (device.seen, device.closed) == ([], (1000, "account-disabled"))


class TestMalformed:
    @pytest.mark.parametrize(("sent", "code"), MALFORMED)
    @pytest.mark.parametrize("asked", [False, True])
    def test_costs_an_error_and_nothing_else(self, wire, sent, code, asked):
        """Fault 2 of the original: it closed with 1000, which means a bad token."""
        device = wire.ready()
        if asked:
            assert device.say("lights")[-1] == "ask room"
        device.send_raw(sent)
        assert device.look() == [f"error {code}"]
        wanted = "done?" if asked else "done"
        assert device.say("echo x")[-2 if asked else -1] == wanted

    @pytest.mark.parametrize(("sent", "code"), MALFORMED)
    def test_behind_a_token_it_is_told_after_ready(self, wire, sent, code):
        wire.checks.held = True
        device = wire.dial().authenticate(wire.token())
        device.send_raw(sent)
        assert device.look() == []
        wire.checks.held = False
        assert device.look() == ["ready", f"error {code}"]

    def test_the_error_is_for_this_device_alone(self, wire):
        other, device = wire.ready(), wire.ready()
        device.send_raw(b"hello")
        assert other.look() == []
        (error,) = device.take()
        assert "seq" not in error
        assert error["retryable"] is False


class TestPipelining:
    def test_frames_are_held_until_the_token_is_checked(self, wire):
        wire.checks.held = True
        device = wire.dial().authenticate(wire.token())
        device.send(*({"message": f"echo {n}"} for n in range(16)))
        assert device.look() == []
        wire.checks.held = False
        heard = device.look()
        assert heard[0] == "ready"
        assert [one for one in heard if one.startswith("answer")] == [
            f"answer {n}" for n in range(16)
        ]

    def test_one_too_many_ends_it(self, wire):
        wire.checks.held = True
        device = wire.dial().authenticate(wire.token())
        device.send(*({"message": f"echo {n}"} for n in range(17)))
        assert (device.seen, device.closed) == ([], (1000, "too-many-frames"))

    def test_behind_a_bad_token_they_are_forgotten(self, wire):
        wire.checks.held = True
        device = wire.dial().authenticate("x")
        device.send({"message": "echo hi"})
        wire.checks.held = False
        wire.settle()
        assert (device.seen, device.closed) == ([], FAILED)
        assert wire.host.conversations == []


class TestVanishing:
    def test_one_that_vanishes_before_ready_joins_nothing(self, wire):
        device = wire.dial()
        between(wire, device)
        device.vanish()
        wire.checks.held = False
        wire.settle()
        assert [one.device_count for one in wire.host.conversations] in ([], [0])


class TestRenewal:
    def test_a_fresh_token_counts_from_now_on(self, wire):
        device = wire.dial().authenticate(wire.jwt(exp=NOON + 30))
        assert device.look() == ["ready"]
        wire.advance(20)
        device.authenticate(wire.jwt(exp=NOON + 90, jti="a" * 32))
        assert device.take() == [{"type": "renewed", "expires_in": 70}]
        wire.advance(60)
        assert device.closed is None
        assert wire.connections._open.copy().pop().token_id == "a" * 32
        wire.advance(10.25)
        assert device.closed == (1000, "authentication-expired")

    def test_credentials_end_the_connection_when_they_do(self, wire):
        """Fault 5 of the original: an expired token was good as long as it stayed."""
        device = wire.dial().authenticate(wire.jwt(exp=NOON + 30))
        assert device.look() == ["ready"]
        wire.advance(29.75)
        assert device.say("echo hi") == ["thinking", "answer hi", "done"]
        wire.advance(0.25)
        assert (device.look(), device.closed) == ([], (1000, "authentication-expired"))

    def test_a_second_past_exp_stays_as_long_as_it_is_accepted(self, make_wire):
        wire = make_wire(leeway_seconds=30)
        device = wire.dial().authenticate(wire.jwt(exp=NOON - 1))
        assert device.look() == ["ready"]
        wire.advance(28.75)
        assert device.say("echo hi") == ["thinking", "answer hi", "done"]
        wire.advance(0.25)
        assert (device.look(), device.closed) == ([], (1000, "authentication-expired"))

    def test_as_long_as_it_is_accepted_but_not_a_second_more(self, make_wire):
        wire = make_wire(leeway_seconds=30)
        token = wire.jwt(exp=NOON - 30)
        device = wire.dial().authenticate(token)
        assert (device.seen, device.closed) == ([], (1000, "authentication-expired"))

    @pytest.mark.parametrize(("seconds", "told"), [(20, 20), (-1, 0)])
    def test_a_device_is_told_when_the_token_itself_expires(self, make_wire, seconds, told):
        wire = make_wire(leeway_seconds=30)
        device = wire.ready()
        device.authenticate(wire.jwt(exp=NOON + seconds))
        assert device.take() == [{"type": "renewed", "expires_in": told}]
        wire.advance(seconds + 29.75)
        assert device.closed is None
        wire.advance(0.25)
        assert device.closed == (1000, "authentication-expired")

    def test_it_is_renewal_even_with_a_message(self, wire):
        device = wire.ready()
        device.send({"type": "authenticate", "token": wire.token(), "message": "echo hi"})
        assert device.look() == ["renewed"]

    def test_a_bad_one_leaves_the_old_one_in_place(self, wire):
        device = wire.ready()
        before = wire.connections._open.copy().pop().token_id
        device.authenticate("x").authenticate(wire.token(2))
        assert device.look() == ["error authentication-failed", "error wrong-user"]
        assert wire.connections._open.copy().pop().token_id == before
        assert device.say("echo hi") == ["thinking", "answer hi", "done"]

    def test_one_that_cannot_be_checked_does_too(self, wire):
        device = wire.ready()
        wire.checks.trouble = StoreBroken("the disk is full")
        device.authenticate(wire.token())
        assert device.look() == ["error unavailable"]
        assert wire.faults() == ["connection c1: the disk is full "]


class TestTrouble:
    def test_a_store_that_is_out_of_reach_means_later(self, wire):
        wire.checks.trouble = StoreBroken("the disk is full")
        device = wire.dial().authenticate(wire.token())
        assert (device.seen, device.closed) == ([], (1013, "unavailable"))
        assert wire.faults() == ["connection c1: the disk is full "]

    def test_so_it_does_after_the_token_was_checked(self, wire):
        wire.urgent.trouble = StoreBroken("the disk is full")
        device = wire.dial().authenticate(wire.token())
        assert (device.seen, device.closed) == ([], (1013, "unavailable"))
        assert wire.faults() == ["connection c1: the disk is full "]

    def test_a_check_that_fails_for_no_known_reason_is_logged_whole(self, wire):
        wire.checks.trouble = ZeroDivisionError("a bug")
        device = wire.dial().authenticate(wire.token())
        assert (device.seen, device.closed) == ([], (1013, "unavailable"))
        (fault,) = wire.faults()
        assert "ZeroDivisionError" in fault

    def test_a_bug_of_ours_ends_the_connection_without_details(self, wire, monkeypatch):
        device, other = wire.ready(), wire.ready()

        def broken(self, effect):
            raise ZeroDivisionError("a secret")

        monkeypatch.setitem(performer._PERFORM, do.Say, broken)
        device.send({"message": "echo hi"})
        assert (device.seen, device.closed) == ([], (1011, "internal-error"))
        assert other.closed is None
        (fault,) = wire.faults()
        assert fault.startswith("connection c1 failed")
        assert "a secret" in fault

    def test_what_the_log_says_of_it_says_whose_it_is(self, wire, monkeypatch):
        device = wire.ready()
        monkeypatch.setitem(performer._PERFORM, do.Say, lambda *_: 1 / 0)
        with capturedLogs() as events:
            device.send({"message": "echo hi"})
        known = [(one["connection"], one["user"]) for one in events if "connection" in one]
        assert known == [("c1", 1)]
        assert len(wire.faults()) == 1

    def test_so_it_does_when_even_the_end_fails(self, wire, monkeypatch):
        device = wire.ready()

        def broken(self, effect):
            raise ZeroDivisionError

        with monkeypatch.context() as patch:
            patch.setitem(performer._PERFORM, do.Say, broken)
            patch.setitem(performer._PERFORM, do.Close, broken)
            device.send({"message": "echo hi"})
        assert len(wire.faults()) == 2
        device.vanish()
        assert len(wire.connections) == 0

    def test_a_bug_in_a_callback_does_too(self, wire, monkeypatch):
        def broken(self, grant):
            raise ZeroDivisionError

        monkeypatch.setattr(performer.Performer, "_token_good", broken)
        device = wire.dial().authenticate(wire.token())
        assert (device.seen, device.closed) == ([], (1011, "internal-error"))
        (fault,) = wire.faults()
        assert fault.startswith("connection c1 failed")

    def test_what_is_said_in_the_log_names_no_token(self, wire):
        token = wire.token()
        wire.checks.trouble = ZeroDivisionError("a bug")
        wire.dial().authenticate(token)
        assert token not in "".join(wire.faults())


class TestPerformer:
    """What no client can bring about."""

    def test_every_effect_has_a_method(self):
        assert set(performer._PERFORM) == set(do.EFFECTS)

    def test_without_a_conversation_there_is_nobody_to_tell(self, wire):
        device = wire.dial()
        (one,) = wire.connections._open
        one._say(do.Say(message=None))
        one._cancel_turn(do.CancelTurn(id=None))
        one._leave(do.Leave())
        assert device.closed is None

    def test_an_input_that_comes_amid_another_waits_for_it(self, wire):
        """The answer of a check may be there at once; still `ready` is sent once, in order."""
        device = wire.dial_raw(HANDSHAKE)
        (one,) = wire.connections._open
        grant = wire.accounts.check(wire.token())
        person = Person(id=1, language="en-US", settings={})
        answers = [Deferred()]
        answers[0].callback(Admission(grant=grant, person=person))
        object.__setattr__(one._around, "admit", lambda _: answers[0])
        device.write(text({"type": "authenticate", "token": "t"}) + text({"message": "echo hi"}))
        assert device.look() == ["ready", "thinking", "answer hi", "done"]

    def test_what_one_input_causes_is_done_before_the_next_one_is_looked_at(self, wire):
        assert wire.ready().say("enter")[1] == "context vault"
        device = wire.dial()
        (one,) = [one for one in wire.connections._open if one.user_id is None]
        link = one._link

        def send_text(sent, *, droppable):
            link.send_text(sent, droppable=droppable)
            if '"ready"' in sent:
                one.deliver(Thinking(seq=99))

        one._link = SimpleNamespace(send_text=send_text, close=link.close)
        device.authenticate(wire.token())
        assert device.look() == ["ready", "context vault", "thinking"]

    def test_the_token_is_nowhere_in_what_is_shown(self, wire):
        shown = repr(do.VerifyToken(token="the token"))
        assert "the token" not in shown
        assert "the token" not in json.dumps(str(wire.dial().authenticate("the token").seen))


class TestConversationsElsewhere:
    def test_have_the_client_connect_again(self, wire):
        device = wire.ready()
        wire.host.find(1).end()
        wire.settle()

        assert device.closed == (1001, "shutdown")
