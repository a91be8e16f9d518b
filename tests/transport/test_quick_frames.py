"""Autobahn as it is and ours, side by side: the same calls, the same bytes, whatever comes."""

# ruff: noqa: N802, N803 - methods that Autobahn calls have its names

from __future__ import annotations

import json
import os
import sys
from itertools import pairwise
from pprint import pformat

import pytest
import txaio
from attrs import Factory, define
from autobahn.twisted import websocket as twisted_side
from autobahn.twisted.websocket import WebSocketServerFactory, WebSocketServerProtocol
from autobahn.util import hltype, hlval
from autobahn.websocket import protocol as common_side
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from pytlas_wamp.transport import quick_frames
from pytlas_wamp.transport.quick_frames import (
    QuickServerProtocol,
    ServerProtocol,
    choose_protocol,
    hltype_lazily,
    hlval_lazily,
    pformat_lazily,
)
from pytlas_wamp.transport.websocket import AssistantProtocol
from strategies import share

MOST = 300
HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


@pytest.fixture(autouse=True)
def _no_loop(monkeypatch):
    """Autobahn's timers belong to the clock of each pair."""
    monkeypatch.setattr(txaio.config, "loop", None, raising=False)


@define(eq=False)
class Line:
    """A transport that keeps what is written to it and done with it."""

    done: list[tuple] = Factory(list)

    def write(self, data):
        if self.done and self.done[-1][0] == "write":
            data = self.done.pop()[1] + data
        self.done.append(("write", data))

    def loseConnection(self):
        self.done.append(("lose",))

    def abortConnection(self):
        self.done.append(("abort",))

    def unregisterProducer(self):
        pass

    def getPeer(self):
        return IPv4Address("TCP", "127.0.0.1", 1)

    def getHost(self):
        return IPv4Address("TCP", "127.0.0.1", 2)


def recording(base):
    """A protocol of one kind or the other that writes down what it is called with."""

    class Recording(base):
        def onMessage(self, payload, isBinary):
            self.transport.done.append(("message", payload, isBinary))
            if payload == b"echo":
                self.sendFrame(opcode=1, payload=payload * 40)
            if payload == b"close":
                self.sendCloseFrame(code=1000, reasonUtf8=b"asked")
            if payload == b"drop":
                self.dropConnection(abort=True)

        def onClose(self, wasClean, code, reason):
            self.transport.done.append(("closed", wasClean, code, reason))

        def logRxFrame(self, frameHeader, payload):
            self.transport.done.append(("frame in", frameHeader.length))

        def logTxFrame(self, frameHeader, payload, *_):
            self.transport.done.append(("frame out", frameHeader.length))

        def logTxOctets(self, data, sync):
            self.transport.done.append(("octets out", data))

        def onPong(self, payload):
            self.transport.done.append(("pong", payload))

    return Recording


def opened(base, clock, **options):
    """A protocol on a line, behind its handshake."""
    txaio.config.loop = clock
    factory = WebSocketServerFactory(reactor=clock)
    factory.protocol = recording(base)
    factory.setProtocolOptions(
        **{
            "maxFramePayloadSize": MOST,
            "maxMessagePayloadSize": MOST,
            "autoPingInterval": 10,
            "autoPingTimeout": 4,
            "closeHandshakeTimeout": 2,
            "failByDrop": False,
            "openHandshakeTimeout": 0,
            **options,
        }
    )
    protocol = factory.buildProtocol(None)
    protocol.makeConnection(Line())
    protocol.dataReceived(HANDSHAKE)
    assert protocol.state == protocol.STATE_OPEN
    protocol.transport.done.clear()
    return protocol


def story(base, steps, **options):
    """What one kind of protocol did: bytes come in, seconds pass."""
    clock = Clock()
    protocol = opened(base, clock, **options)
    for step in steps:
        if isinstance(step, bytes):
            protocol.dataReceived(step)
        else:
            clock.advance(step)
        protocol.transport.done.append(("state", protocol.state, bytes(protocol.data)))
    return [_without_chance(one) for one in protocol.transport.done]


def _without_chance(one):
    """A ping of Autobahn's has the time in it, and chance."""
    if one[0] == "write" and one[1][0] == 0x89:
        return ("ping", len(one[1]))
    return one


def assert_same(*steps, **options):
    """Both do the same; returns what that is."""
    quick = story(QuickServerProtocol, steps, **options)
    assert quick == story(WebSocketServerProtocol, steps, **options)
    return quick


def frame(payload, opcode=1, *, fin=True, rsv=0, mask=b"\x01\xf0\x55\xaa", length=None):
    """The bytes of a frame; `length` is the number of bytes in which its length is written."""
    size = len(payload)
    if length is None:
        length = 0 if size < 126 else 2 if size < 65_536 else 8
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    bit = 0x80 if mask else 0
    head += bytes([bit | (size if length == 0 else 126 if length == 2 else 127)])
    head += size.to_bytes(length, "big") if length else b""
    masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload)) if mask else payload
    return head + mask + masked


def messages(done):
    return [one[1] for one in done if one[0] == "message"]


ODD = {
    "empty": frame(b""),
    "125 bytes": frame(b"x" * 125),
    "126 bytes": frame(b"x" * 126),
    "as long as may be": frame(b"x" * MOST),
    "one byte too long": frame(b"x" * (MOST + 1)),
    "much too long": frame(b"x" * 70_000),
    "unmasked": frame(b"hello", mask=b""),
    "unmasked and long": frame(b"x" * 200, mask=b""),
    "unmasked before text": frame(b"\0" * 8, mask=b"") + b"readable",
    "masked with nothing": frame(b"hello", mask=b"\0\0\0\0"),
    "length in too many bytes": frame(b"hello", length=2),
    "length in far too many": frame(b"hello", length=8),
    "300 bytes in far too many": frame(b"x" * MOST, length=8, mask=b"\0\0\0\0"),
    "not ascii": frame("h\u00e4llo \U0001f600".encode()),
    "not utf-8": frame(b"a\xffb"),
    "half a character": frame("\u00e4".encode()[:1]),
    "a surrogate": frame(b"\xed\xa0\x80"),
    "an overlong character": frame(b"\xc0\x80"),
    "beyond unicode": frame(b"\xf4\x90\x80\x80"),
    "rsv 1": frame(b"x", rsv=1),
    "rsv 4": frame(b"x", rsv=4),
    "rsv 7": frame(b"x", rsv=7),
    **{f"opcode {code}": frame(b"x", code) for code in (3, 7, 11, 15)},
    "binary": frame(b"\xff", 2),
    "lone continuation": frame(b"x", 0),
    "fragments": frame(b"ab", fin=False) + frame(b"cd", 0, fin=False) + frame(b"ef", 0),
    "fragments of a character": frame(b"\xc3", fin=False) + frame(b"\xa4", 0),
    "ping between fragments": frame(b"a", fin=False) + frame(b"p", 9) + frame(b"b", 0),
    "text between fragments": frame(b"a", fin=False) + frame(b"b") + frame(b"c", 0),
    "fragments too long together": frame(b"a" * 200, fin=False) + frame(b"b" * 200, 0),
    "ping": frame(b"are you there", 9),
    "long ping": frame(b"x" * 126, 9),
    "fragmented ping": frame(b"x", 9, fin=False),
    "pong": frame(b"x", 10),
    "close": frame(b"\x03\xe8bye", 8),
    "close without code": frame(b"", 8),
    "close with half a code": frame(b"\x03", 8),
    "close with a bad code": frame(b"\x00\x01", 8),
    "close with a bad reason": frame(b"\x03\xe8\xff", 8),
    "closed by us": frame(b"close"),
    "dropped by us": frame(b"drop"),
    "echoed": frame(b"echo"),
}


class TestReceiving:
    STEPS = (frame(b"echo"), frame(b"a\xff"), frame(b"b", mask=b""), frame(b"c"))

    @pytest.mark.parametrize("name", ODD)
    def test_is_as_autobahns_alone_and_between_others(self, name):
        assert_same(ODD[name])
        assert_same(frame(b"before"), ODD[name], frame(b"behind"), frame(b"x", 9))
        assert_same(frame(b"before") + ODD[name] + frame(b"behind") + frame(b"x", 9))

    @pytest.mark.parametrize("name", [name for name in ODD if len(ODD[name]) < 400])
    def test_is_as_autobahns_split_at_every_byte(self, name):
        stream = frame(b"one") + ODD[name] + frame(b"two")
        for at in range(1, len(stream)):
            assert_same(stream[:at], stream[at:])

    @pytest.mark.parametrize("name", [name for name in ODD if len(ODD[name]) < 400])
    def test_is_as_autobahns_byte_by_byte(self, name):
        stream = frame(b"one") + ODD[name] + frame(b"two")
        assert_same(*(bytes([byte]) for byte in stream))

    @pytest.mark.parametrize("first", ODD)
    def test_is_as_autobahns_two_by_two(self, first):
        for second in ODD.values():
            assert_same(ODD[first] + second + frame(b"\x03\xe8", 8))

    @pytest.mark.untraced
    @share(3)
    @given(
        st.lists(st.sampled_from(sorted(ODD)), max_size=6),
        st.lists(st.floats(0, 1), max_size=6),
        st.integers(0, 30),
    )
    def test_is_as_autobahns_in_any_order_split_anywhere(self, names, cuts, cut_off):
        stream = b"".join(ODD[name] for name in names)
        stream = stream[: max(0, len(stream) - cut_off)]
        places = sorted({0, len(stream), *(int(cut * len(stream)) for cut in cuts)})
        parts = [stream[a:b] for a, b in pairwise(places)]
        assert_same(*parts, frame(b"behind"))

    @given(st.binary(min_size=1, max_size=300), st.binary(min_size=4, max_size=4))
    def test_any_payload_comes_out_as_from_autobahn(self, payload, mask):
        assert_same(frame(payload, mask=mask), maxFramePayloadSize=0, maxMessagePayloadSize=0)

    @pytest.mark.parametrize("size", [999, 1_000, 1_001, 4_097, 65_535, 65_536])
    def test_long_ones_come_out_as_from_autobahn(self, size):
        payload = os.urandom(size).hex().encode()[:size]
        options = {"maxFramePayloadSize": 0, "maxMessagePayloadSize": 0}
        done = assert_same(frame(payload, mask=os.urandom(4)), **options)
        assert messages(done) == [payload]

    @pytest.mark.parametrize("limits", [(5, 0), (0, 5), (5, 9), (9, 5)])
    def test_both_limits_count(self, limits):
        options = dict(zip(("maxFramePayloadSize", "maxMessagePayloadSize"), limits, strict=True))
        for size in range(4, 12):
            assert_same(frame(b"x" * size), frame(b"y"), **options)

    @pytest.mark.parametrize(
        "options",
        [
            {"utf8validateIncoming": False},
            {"applyMask": False},
            {"maskServerFrames": True},
            {"requireMaskedClientFrames": False},
            {"failByDrop": True},
        ],
    )
    def test_options_work_as_ever(self, options, monkeypatch):
        monkeypatch.setattr("random.getrandbits", lambda _: 7)
        assert_same(*self.STEPS, **options)

    @pytest.mark.parametrize("name", ["logFrames", "logOctets"])
    def test_what_is_to_be_logged_is(self, name, monkeypatch):
        before = assert_same(*self.STEPS)
        monkeypatch.setattr(WebSocketServerProtocol, name, True, raising=False)
        assert len(assert_same(*self.STEPS)) > len(before)

    def test_what_is_to_be_timed_is(self):
        protocol = opened(QuickServerProtocol, Clock())
        protocol.dataReceived(frame(b"hello"))
        protocol.setTrackTimings(True)
        protocol.dataReceived(frame(b"hello"))
        assert "onMessage" in protocol.trackedTimings._timings

    def test_who_listens_to_messages_hears_them(self):
        heard = []
        protocol = opened(QuickServerProtocol, Clock())
        protocol.on("message", lambda payload, is_binary: heard.append((payload, is_binary)))
        protocol.dataReceived(frame(b"hello"))
        assert heard == [(b"hello", False)]
        assert messages(protocol.transport.done) == [b"hello"]

    def test_takes_the_short_way_where_there_is_one(self, monkeypatch):
        """Else all the other tests here would compare Autobahn with itself."""
        protocol = opened(QuickServerProtocol, Clock())
        long_way = []
        monkeypatch.setattr(WebSocketServerProtocol, "onFrameBegin", lambda _: long_way.append(1))
        monkeypatch.setattr(WebSocketServerProtocol, "sendData", lambda *_: long_way.append(2))
        for payload in (b"", b"x" * 125, b"x" * 126, b"x" * MOST, "\u00e4".encode()):
            protocol.dataReceived(frame(payload) + frame(b"echo"))
        assert long_way == []
        assert len(messages(protocol.transport.done)) == 10


class TestPings:
    def test_any_traffic_is_a_sign_of_life(self):
        steps = (11, frame(b"hello"), 3, 3, 3, 3, frame(b"x", 10), 12, 5)
        done = assert_same(*steps, autoPingRestartOnAnyTraffic=True)
        assert ("ping", 14) in done
        assert ("abort",) in done

    def test_where_it_is_none_a_pong_is_needed(self):
        done = assert_same(11, frame(b"hello"), 5, autoPingRestartOnAnyTraffic=False)
        assert ("abort",) in done


class TestSending:
    @pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 70_000])
    def test_writes_the_bytes_that_autobahn_writes(self, size):
        written = []
        for base in (QuickServerProtocol, WebSocketServerProtocol):
            protocol = opened(base, Clock())
            protocol.sendFrame(opcode=1, payload=b"x" * size)
            protocol.sendFrame(1, b"y" * size)
            written.append(protocol.transport.done)
        assert written[0] == written[1]

    @pytest.mark.parametrize(
        "more",
        [
            {"fin": False},
            {"rsv": 4},
            {"opcode": 2},
            {"opcode": 0},
            {"payload_len": 12},
            {"mask": b"abcd"},
            {"sync": True},
            {"chopsize": 2},
        ],
    )
    def test_writes_other_frames_as_autobahn(self, more):
        written = []
        for base in (QuickServerProtocol, WebSocketServerProtocol):
            clock = Clock()
            protocol = opened(base, clock)
            protocol.sendFrame(**{"opcode": 1, "payload": b"hello", **more})
            protocol.sendFrame(opcode=1, payload=b"behind")
            for _ in range(9):
                clock.advance(0.1)
            written.append(protocol.transport.done)
        assert written[0] == written[1]


class TestHandshake:
    def test_leaves_little_behind(self):
        quick, stock = (
            opened(base, Clock()) for base in (QuickServerProtocol, WebSocketServerProtocol)
        )
        assert sys.getsizeof(vars(quick)) * 2 < sys.getsizeof(vars(stock))
        gone = vars(stock).keys() - vars(quick).keys()
        assert "http_headers" in gone
        kept = [name for name in gone if hasattr(quick, name)]
        assert {name: getattr(quick, name) for name in kept} == {
            name: getattr(stock, name) for name in kept
        }

    def test_is_told_to_those_who_wait_for_it_and_for_the_end(self):
        told = []
        txaio.config.loop = clock = Clock()
        factory = WebSocketServerFactory(reactor=clock)
        factory.protocol = recording(QuickServerProtocol)
        protocol = factory.buildProtocol(None)
        protocol.is_open.addCallback(lambda _: told.append("open"))
        protocol.is_closed.addCallback(lambda _: told.append("closed"))
        protocol.makeConnection(Line())
        protocol.dataReceived(HANDSHAKE)
        protocol.dataReceived(frame(b"drop"))
        assert told == ["open", "closed"]


class TestOptions:
    def test_are_shown_as_autobahn_shows_them(self):
        options = [("a", {"b": 1}, "Factory")] * 9
        assert f"{pformat_lazily(options)}" == pformat(options)

    def test_are_not_put_together_for_nobody(self):
        class Option:
            def __repr__(self):
                raise AssertionError

        pformat_lazily([Option()])

    def test_anything_else_is_a_text(self):
        assert pformat_lazily({"a": 1}) == "{'a': 1}"

    def test_of_a_connection_are_in_its_debug_line(self, monkeypatch):
        monkeypatch.setattr(common_side, "pformat", pformat_lazily)
        lines = debug_lines(monkeypatch)
        opened(QuickServerProtocol, Clock())
        (shown,) = [line for line in lines if "autoPingInterval" in line]
        assert "('autoPingInterval', 10, 'WebSocketServerFactory')" in shown


class TestColours:
    def test_are_as_autobahn_has_them(self):
        assert f"{hltype_lazily(json.dumps)}" == hltype(json.dumps)
        assert f"{hlval_lazily(7)}" == hlval(7)

    def test_are_not_put_on_for_nobody(self):
        class Value:
            def __str__(self):
                raise AssertionError

        hlval_lazily(Value())
        hltype_lazily(Value())

    def test_are_in_the_debug_lines_of_a_connection(self, monkeypatch):
        lines = debug_lines(monkeypatch)
        protocol = opened(QuickServerProtocol, Clock())
        protocol.connectionLost(Failure(ConnectionDone()))
        (shown,) = [line for line in lines if "connection established" in line]
        assert hltype(protocol.connectionMade) in shown
        assert any("closed cleanly" in line and hlval(protocol.peer) in line for line in lines)


def debug_lines(monkeypatch):
    """What Autobahn would write, were anybody to look."""
    lines = []

    class Log:
        def debug(self, text, **fields):
            lines.append(text.format(**fields))

        def __getattr__(self, _):
            return lambda *_, **__: None

    monkeypatch.setattr(WebSocketServerProtocol, "log", Log())
    return lines


class TestChoice:
    """If the first of these fails, Autobahn has changed: look at what, then write it down."""

    def test_the_autobahn_here_is_the_one_this_was_written_against(self):
        assert ServerProtocol is QuickServerProtocol
        assert issubclass(AssistantProtocol, QuickServerProtocol)
        assert common_side.pformat is pformat_lazily
        assert common_side.hltype is twisted_side.hltype is hltype_lazily
        assert common_side.hlval is twisted_side.hlval is hlval_lazily

    def test_another_autobahn_is_left_alone(self):
        assert choose_protocol("another") is WebSocketServerProtocol

    @pytest.mark.parametrize("trouble", [OSError, AttributeError])
    def test_an_autobahn_without_source_is_another(self, trouble, monkeypatch):
        def no_source(_):
            raise trouble

        monkeypatch.setattr(quick_frames.inspect, "getsource", no_source)
        assert choose_protocol(quick_frames.source_digest()) is WebSocketServerProtocol

    def test_a_changed_method_makes_it_another(self, monkeypatch):
        monkeypatch.setattr(common_side.WebSocketProtocol, "onFrameEnd", json.dumps)
        assert choose_protocol(quick_frames.source_digest()) is WebSocketServerProtocol
