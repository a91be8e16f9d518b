"""The shim over Autobahn: its limits, its handshake, its closes."""

from __future__ import annotations

import pytest

from pytlas_wamp.limits import Limits
from wire_devices import HANDSHAKE, frame, text

EXPECTED = (1000, "authentication-expected")


class TestHandshake:
    def test_is_answered_without_extensions_and_subprotocol(self, wire):
        offers = b"Sec-WebSocket-Protocol: wamp\r\nSec-WebSocket-Extensions: permessage-deflate\r\n"
        device = wire.dial_raw(HANDSHAKE[:-2] + offers + b"\r\n")
        assert device.head.startswith(b"HTTP/1.1 101")
        assert b"Sec-WebSocket-Protocol" not in device.head
        assert b"Sec-WebSocket-Extensions" not in device.head

    def test_takes_the_query_and_the_missing_slash(self, wire):
        for path in (b"/ws/assistant", b"/ws/assistant/?token=x"):
            assert wire.dial_raw(HANDSHAKE.replace(b"/ws/assistant/", path)).opened

    @pytest.mark.parametrize("path", [b"/ws/other/", b"//ws/assistant/", b"/ws/assistant/x"])
    def test_elsewhere_there_is_nothing(self, wire, path):
        """Fault 11 of the original: another path hung for 5 s and was reset."""
        device = wire.dial_raw(HANDSHAKE.replace(b"/ws/assistant/", path))
        assert device.head.startswith(b"HTTP/1.1 404 ")

    def test_too_many_connections_are_told_to_come_back(self, make_wire):
        wire = make_wire(limits=Limits(max_connections=2))
        first, _ = wire.dial(), wire.dial()
        refused = wire.dial_raw(HANDSHAKE)
        assert refused.head.startswith(b"HTTP/1.1 503 ")
        assert b"application/problem+json" in refused.head
        first.vanish()
        assert wire.dial_raw(HANDSHAKE).opened

    def test_a_handshake_that_was_refused_counts_no_more(self, make_wire):
        wire = make_wire(limits=Limits(max_connections=1), allowed_origins=("https://a.example",))
        origin = HANDSHAKE[:-2] + b"Origin: https://b.example\r\n\r\n"
        for _ in range(3):
            assert wire.dial_raw(origin).head.startswith(b"HTTP/1.1 400 ")
        assert wire.dial().opened


class TestOrigins:
    """Fault 14 of the original: no page's Origin was ever looked at."""

    @pytest.mark.parametrize(
        ("origin", "opens"),
        [
            ("https://home.example", True),
            ("https://home.example:443", True),
            ("HTTPS://HOME.example", True),
            ("https://home.example:444", False),
            ("https://homeXexample", False),
            ("https://x.home.example", False),
            ("http://home.example", False),
            ("https://evil.example", False),
            ("null", False),
        ],
    )
    def test_only_those_in_the_list_may_connect(self, make_wire, origin, opens):
        wire = make_wire(allowed_origins=("https://home.example",))
        device = wire.dial_raw(HANDSHAKE[:-2] + f"Origin: {origin}\r\n\r\n".encode())
        assert device.opened == opens

    @pytest.mark.parametrize(
        ("allowed", "origin"),
        [
            ("http://localhost:5173", "http://localhost:5173"),
            ("http://[::1]:5173", "http://[::1]:5173"),
            ("http://plain.example", "http://plain.example:80"),
            ("capacitor://localhost", "capacitor://localhost"),
        ],
    )
    def test_an_allowed_one_is_written_as_browsers_send_it(self, make_wire, allowed, origin):
        wire = make_wire(allowed_origins=(allowed,))
        assert wire.dial_raw(HANDSHAKE[:-2] + f"Origin: {origin}\r\n\r\n".encode()).opened

    def test_an_allowed_one_with_an_odd_port_matches_nobody(self, make_wire):
        wire = make_wire(allowed_origins=("https://home.example:x",))
        assert not wire.dial_raw(HANDSHAKE[:-2] + b"Origin: https://home.example\r\n\r\n").opened

    def test_null_may_be_in_the_list(self, make_wire):
        wire = make_wire(allowed_origins=("null",))
        assert wire.dial_raw(HANDSHAKE[:-2] + b"Origin: null\r\n\r\n").opened

    @pytest.mark.parametrize("origin", ["null", "https://any.example"])
    def test_all_may_by_default(self, wire, origin):
        assert wire.dial_raw(HANDSHAKE[:-2] + f"Origin: {origin}\r\n\r\n".encode()).opened

    def test_who_is_no_browser_has_none(self, make_wire):
        assert make_wire(allowed_origins=("https://home.example",)).dial().opened


class TestSize:
    """Fault 19 of the original: nothing was too big."""

    @staticmethod
    def message(size: int) -> bytes:
        frame_of = b'{"message":"%s"}'
        return frame_of % (b"x" * (size - len(frame_of) + 2))

    def test_the_limit_itself_is_not_too_big(self, wire):
        device = wire.ready()
        device.send_raw(self.message(65_536))
        assert device.look()[-1] == "done"

    def test_one_byte_more_is(self, wire):
        device = wire.ready()
        device.send_raw(self.message(65_537))
        assert (device.look(), device.closed) == ([], (1009, "too-big"))

    @pytest.mark.parametrize(("extra", "closed"), [(0, None), (1, (1009, "too-big"))])
    def test_fragments_count_together(self, wire, extra, closed):
        device = wire.dial_raw(HANDSHAKE, text({"type": "authenticate", "token": wire.token()}))
        whole = self.message(65_536 + extra)
        device.write(frame(whole[:40_000], fin=False), frame(whole[40_000:], 0))
        assert device.closed == closed

    def test_what_is_announced_too_big_is_not_collected(self, wire):
        """Nor decoded: a peer could fill our memory in the time it has to answer the close."""
        device = wire.dial_raw(HANDSHAKE, text({"type": "authenticate", "token": wire.token()}))
        device.write(b"\x81\xff" + (2**40).to_bytes(8, "big") + b"\0\0\0\0")
        assert device.closed == (1009, "too-big")
        server = device.pump.serverIO.protocol
        for _ in range(20):
            device.write(b"x" * 50_000)
        assert sum(map(len, server.frame_data or [])) == 0

    def test_what_a_skill_answers_has_no_limit(self, wire):
        device = wire.ready()
        device.send({"message": "big"})
        sizes = [len(one.get("data", {}).get("text", "")) for one in device.take()]
        assert sizes == [0, 100_000, 0]


class TestUnreadable:
    @pytest.mark.parametrize(
        ("sent", "code"),
        [
            (frame(b"\xff\xfe"), (1007, "not-utf8")),
            (frame(b"\xc3"), (1007, "not-utf8")),
            (frame(b"{}", 2), (1003, "binary")),
            (frame(b"", 2), (1003, "binary")),
            (frame(b"{}", masked=False), (1002, "protocol-error")),
            (b"\xc1" + frame(b"{}")[1:], (1002, "protocol-error")),
            (frame(b"{}", 3), (1002, "protocol-error")),
            (frame(b"{}", 11), (1002, "protocol-error")),
            (frame(b"{}", 0), (1002, "protocol-error")),
            (frame(b"", 9, fin=False), (1002, "protocol-error")),
            (frame(b"{}", fin=False) + frame(b"{}"), (1002, "protocol-error")),
            (frame((4_321).to_bytes(2, "big") + b"\xff", 8), (1007, "not-utf8")),
            (frame((999).to_bytes(2, "big"), 8), (1002, "protocol-error")),
        ],
    )
    def test_ends_the_connection_and_says_why(self, wire, sent, code):
        """Fault 12 of the original: 1011 up to a second later, or a reset."""
        asked = wire.dial_raw(HANDSHAKE, text({"type": "authenticate", "token": wire.token()}))
        asked.write(text({"message": "lights"}))
        assert asked.look()[-1] == "ask room"
        device = wire.dial_raw(HANDSHAKE, text({"type": "authenticate", "token": wire.token(2)}))
        for one in (asked, device):
            one.write(sent)
            assert one.closed == code

        stranger = wire.dial_raw(HANDSHAKE, sent)
        assert (stranger.seen, stranger.closed) == ([], EXPECTED)

    def test_while_verifying_ends_it_at_once(self, wire):
        wire.checks.held = True
        token = {"type": "authenticate", "token": wire.token()}
        device = wire.dial_raw(HANDSHAKE, text(token), frame(b"\xff"))
        assert (device.seen, device.closed) == ([], EXPECTED)
        wire.checks.held = False
        assert device.take() == []

    def test_binary_while_verifying_is_held(self, wire):
        wire.checks.held = True
        token = {"type": "authenticate", "token": wire.token()}
        device = wire.dial_raw(HANDSHAKE, text(token), frame(b"{}", 2))
        assert device.closed is None
        wire.checks.held = False
        assert (device.look(), device.closed) == (["ready"], (1003, "binary"))

    def test_what_comes_behind_it_is_skipped(self, wire):
        token = text({"type": "authenticate", "token": wire.token()})
        device = wire.dial_raw(HANDSHAKE, token)
        device.write(frame(b"\xff") + text({"message": "echo late"}) + frame(b"\xff"))
        assert device.closed == (1007, "not-utf8")
        assert device.look() == ["ready"]


class TestBytes:
    def test_may_come_one_at_a_time(self, wire):
        token = text({"type": "authenticate", "token": wire.token()})
        everything = HANDSHAKE + token + text({"message": "echo hi"})
        device = wire.dial_raw(*(bytes([byte]) for byte in everything))
        assert device.look() == ["ready", "thinking", "answer hi", "done"]

    def test_may_be_split_anywhere(self, wire):
        token = text({"type": "authenticate", "token": wire.token()})
        stream = token + text({"message": "echo hi"}) + text({"type": "nonsense"})
        for offset in range(0, len(stream) + 1, 7):
            device = wire.dial_raw(HANDSHAKE, stream[:offset], stream[offset:])
            wanted = ["ready", "thinking", "answer hi", "done", "error unknown-type"]
            assert sorted(device.look()) == sorted(wanted)
            device.vanish()

    def test_may_come_all_at_once_with_the_handshake(self, wire):
        token = text({"type": "authenticate", "token": wire.token()})
        said = [text({"message": f"echo {word}", "id": word}) for word in ("one", "two")]
        device = wire.dial_raw(HANDSHAKE + token + b"".join(said))
        heard = [
            f"{word}: {what}"
            for word in ("one", "two")
            for what in ("thinking", f"answer {word}", "done")
        ]
        assert device.look() == ["ready", *heard]

    @pytest.mark.parametrize("before", [b"", b"authenticated"])
    def test_half_a_frame_and_then_nothing_leaves_nothing(self, wire, before):
        token = text({"type": "authenticate", "token": wire.token()})
        device = wire.dial_raw(HANDSHAKE, token if before else b"", frame(b'{"message":')[:-4])
        device.vanish()
        assert len(wire.connections) == 0


class TestControlFrames:
    @pytest.mark.parametrize("authenticated", [True, False])
    def test_a_ping_is_answered(self, wire, authenticated):
        device = wire.ready() if authenticated else wire.dial()
        device.client.sendPing(b"are you there")
        wire.settle()
        assert device.pongs == [b"are you there"]
        assert device.closed is None

    def test_a_pong_that_nobody_asked_for_is_ignored(self, wire):
        device = wire.ready()
        device.client.sendPong(b"hello")
        assert device.say("echo hi") == ["thinking", "answer hi", "done"]

    @pytest.mark.parametrize("code", [None, 1000, 1001, 3000, 4001])
    def test_a_close_is_answered(self, wire, code):
        device = wire.ready()
        device.close(code)
        assert device.closed == (1000, None)
        assert len(wire.connections) == 0

    def test_between_a_close_and_its_end_nothing_is_sent(self, wire):
        """The skill answers while the bytes of our own close are still on their way."""
        other, device = wire.ready(), wire.ready()
        server = device.pump.serverIO.protocol
        server.dataReceived(frame(b"\x03\xe8", 8))
        assert other.say("echo hi") == ["thinking", "answer hi", "done"]
        assert device.look() == []
        assert wire.faults() == []


class TestKeepAlive:
    def test_pings_come_every_25_seconds(self, wire):
        device = wire.ready()
        wire.advance(24)
        assert device.pinged == 0
        wire.advance(2)
        assert device.pinged == 1
        wire.advance(26)
        assert device.pinged == 2

    def test_a_dead_peer_is_gone_within_a_minute(self, wire):
        wire.answer_pings = False
        device = wire.ready()
        wire.advance(60)
        assert device.closed[0] == 1006
        assert len(wire.connections) == 0
        assert wire.host.conversations[0].device_count == 0

    def test_a_live_one_stays(self, wire):
        """Fault 2 of the original: it closed after 24 hours, with 1000."""
        device = wire.ready()
        for _ in range(25):
            wire.clock.advance(3_600 - 60)
            wire.settle()
            wire.advance(60)
        assert device.closed is None

    def test_who_does_not_answer_a_close_is_dropped(self, wire):
        device = wire.dial_raw(HANDSHAKE, text({"message": "hi"}))
        assert device.closed == EXPECTED
        assert not device.lost
        wire.advance(3)
        assert device.lost
