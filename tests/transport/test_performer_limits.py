"""What a connection may do too fast, and how many a person may have (spec 3.8)."""

from __future__ import annotations

import pytest

from pytlas_wamp.accounts.model import StoreBroken
from pytlas_wamp.limits import Limits
from pytlas_wamp.wire.messages import Ask, AskData, Said, Thinking
from wire_devices import HANDSHAKE, frame, text

CROWD = (1013, "too-many-connections")
FEW = Limits(message_burst=4, message_rate_per_second=2, max_rate_warnings=2)

# Answered at once; messages would wait for each other.
ANYTHING = {"type": "anything"}
TAKEN, TOO_FAST = "error unknown-type", "error rate-limited"


def only(wire):
    """The one performer there is."""
    (one,) = wire.connections._open
    return one


class TestRate:
    """The first frame of the burst is `authenticate`."""

    def test_of_a_burst_all_are_taken_and_one_more_is_not(self, make_wire):
        wire = make_wire(limits=FEW)
        device = wire.ready()
        for word in ("one", "two", "three"):
            assert device.say(f"echo {word}")[1] == f"answer {word}"
        device.send({"message": "echo four", "id": "m4"})
        (error,) = device.take()
        assert error.pop("message").startswith("frames come too fast")
        assert error == {
            "type": "error",
            "code": "rate-limited",
            "retryable": True,
            "retry_after": 0.5,
            "re": "m4",
        }

    def test_the_default_is_sixty_at_once(self, wire):
        device = wire.ready()
        device.send(*(ANYTHING for _ in range(59)))
        assert device.look() == [TAKEN] * 59
        device.send(ANYTHING)
        assert device.look() == [TOO_FAST]

    def test_the_same_may_be_sent_again_when_the_time_is_over(self, make_wire):
        wire = make_wire(limits=FEW)
        device = wire.ready()
        device.send(*(ANYTHING for _ in range(3)))
        device.take()
        assert device.say("echo hi", id="m") == ["m: error rate-limited"]
        wire.clock.advance(0.5)
        assert device.say("echo hi", id="m") == ["m: thinking", "m: answer hi", "m: done"]

    @pytest.mark.parametrize(
        ("sent", "told"),
        [
            (text({"type": "cancel", "id": "c"}), "c: error rate-limited"),
            (text({"type": "authenticate", "token": "x"}), "error rate-limited"),
            (text({"message": 7, "id": "m"}), "error rate-limited"),
            (frame(b"nonsense"), "error rate-limited"),
            (frame(b"binary", 2), "error rate-limited"),
        ],
    )
    def test_frames_of_every_kind_count(self, make_wire, sent, told):
        wire = make_wire(limits=FEW)
        device = wire.dial_raw(HANDSHAKE, text({"type": "authenticate", "token": wire.token()}))
        device.write(*[frame(b"nonsense")] * 3)
        assert device.look() == ["ready", *["error malformed-json"] * 3]
        device.write(sent)
        assert device.look() == [told]

    def test_who_does_not_listen_to_warnings_is_closed(self, make_wire):
        wire = make_wire(limits=FEW)
        device = wire.ready()
        device.send(*(ANYTHING for _ in range(5)))
        assert device.look() == [*[TAKEN] * 3, *[TOO_FAST] * 2]
        assert device.closed is None
        device.send(ANYTHING)
        assert (device.look(), device.closed) == ([], (1008, "flooding"))

    def test_who_listens_is_not(self, make_wire):
        wire = make_wire(limits=FEW)
        device = wire.ready()
        device.send(*(ANYTHING for _ in range(5)))
        for _ in range(5):
            wire.clock.advance(0.5)
            device.send(ANYTHING, ANYTHING)
        assert device.look()[5:] == [TAKEN, TOO_FAST] * 5
        assert device.closed is None

    def test_every_connection_has_its_own(self, make_wire):
        wire = make_wire(limits=FEW)
        fast, other = wire.ready(), wire.ready()
        fast.send(*(ANYTHING for _ in range(4)))
        assert fast.look()[-1] == TOO_FAST
        other.take()
        assert other.say("echo hi") == ["thinking", "answer hi", "done"]

    def test_what_was_too_fast_while_verifying_is_told_after_ready(self, make_wire):
        wire = make_wire(limits=FEW)
        token = text({"type": "authenticate", "token": wire.token()})
        said = [text({"message": f"echo {n}", "id": f"m{n}"}) for n in range(4)]
        device = wire.dial_raw(HANDSHAKE + token + b"".join(said))
        heard = device.look()
        assert heard[0] == "ready"
        assert "m3: error rate-limited" in heard
        assert heard[-1] == "m2: done"


class TestConnectionsOfAUser:
    def test_are_as_many_as_the_limit_and_not_one_more(self, make_wire):
        wire = make_wire(limits=Limits(max_connections_per_user=2))
        older = [wire.ready(), wire.ready()]
        third = wire.dial().authenticate(wire.token())
        assert (third.seen, third.closed) == ([], CROWD)
        assert [one.closed for one in older] == [None, None]
        assert older[0].say("echo hi") == ["thinking", "answer hi", "done"]

    def test_are_a_hundred_by_default(self):
        assert Limits().max_connections_per_user == 100

    def test_do_not_count_for_others(self, make_wire):
        wire = make_wire(limits=Limits(max_connections_per_user=1))
        wire.ready()
        assert wire.ready(2).closed is None

    @pytest.mark.parametrize("end", ["vanish", "close"])
    def test_may_be_replaced_when_one_is_gone(self, make_wire, end):
        wire = make_wire(limits=Limits(max_connections_per_user=1))
        for _ in range(3):
            getattr(wire.ready(), end)()
        assert wire.ready().closed is None

    def test_count_while_they_join(self, make_wire):
        wire = make_wire(limits=Limits(max_connections_per_user=1))
        wire.urgent.held = True  # no agent can be made
        first = wire.dial().authenticate(wire.token())
        second = wire.dial().authenticate(wire.token())
        assert (first.closed, second.closed) == (None, CROWD)
        wire.urgent.held = False
        assert first.look() == ["ready"]

    def test_do_not_count_before_the_token_was_accepted(self, make_wire):
        wire = make_wire(limits=Limits(max_connections_per_user=1))
        wire.dial()
        wire.dial().authenticate("nonsense")
        assert wire.ready().closed is None

    def test_do_not_count_when_joining_failed(self, make_wire):
        wire = make_wire(limits=Limits(max_connections_per_user=1))
        wire.urgent.trouble = StoreBroken("the disk is full")
        assert wire.dial().authenticate(wire.token()).closed == (1013, "unavailable")
        wire.urgent.trouble = None
        assert wire.ready().closed is None
        assert wire.faults() == ["connection c1: the disk is full "]

    def test_that_are_renewed_count_once(self, make_wire):
        wire = make_wire(limits=Limits(max_connections_per_user=1))
        device = wire.ready().authenticate(wire.token())
        assert device.look() == ["renewed"]
        device.close()
        assert wire.ready().closed is None


class TestThePast:
    def test_what_was_missed_follows_ready(self, wire):
        first = wire.ready()
        first.say("lights")
        late = wire.dial().authenticate(wire.token(), after=1)
        heard = late.take()
        assert (heard[0]["resumed"], heard[0]["seq"]) == (True, heard[-1]["seq"])
        assert [one["type"] for one in heard] == ["ready", "thinking", "done", "ask"]

    def test_who_has_missed_nothing_is_told_so(self, wire):
        wire.ready().say("lights")
        (ready,) = wire.dial().authenticate(wire.token(), after=4).take()
        assert (ready["resumed"], ready["seq"]) == (True, 4)

    def test_who_does_not_say_what_was_seen_gets_the_present(self, wire):
        wire.ready().say("lights")
        heard = wire.dial().authenticate(wire.token()).take()
        assert heard[0]["resumed"] is False
        assert [one["type"] for one in heard] == ["ready", "ask"]

    def test_what_is_repeated_changes_nothing(self, wire):
        """A question that comes again may have been answered long ago."""
        device = wire.ready()
        device.say("lights")
        one = only(wire)
        assert one.state == "awaiting-answer"
        one.repeat(Said(seq=1, message="lights"))
        one.repeat(Thinking(seq=2))
        assert one.state == "awaiting-answer"
        assert device.say("kitchen")[-1] == "ask level"
        device.send({"type": "cancel"})
        one.repeat(Ask(seq=4, data=AskData(slot="room", text="?", raw_text="?", choices=None)))
        assert one.state == "ready"
        assert [type(sent) for sent in device.take()] == [dict] * 5
