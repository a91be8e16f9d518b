"""Autobahn's handshake and ours, side by side: the same answers, the same frames after it."""

from __future__ import annotations

import json
import re

import pytest
from autobahn.twisted.websocket import WebSocketServerProtocol
from autobahn.websocket import protocol as common_side
from twisted.internet.address import UNIXAddress

from pytlas_wamp.limits import Limits
from pytlas_wamp.transport import quick_handshake
from pytlas_wamp.transport.quick_frames import QuickServerProtocol
from pytlas_wamp.transport.quick_handshake import (
    PromptServerProtocol,
    ServerProtocol,
    choose_protocol,
    source_digest,
)
from pytlas_wamp.transport.websocket import AssistantProtocol
from wire_devices import HANDSHAKE, frame, text

ORIGINS = ("https://home.example", "http://[::1]:8000")


def with_header(line):
    return HANDSHAKE[:-2] + line + b"\r\n\r\n"


def with_host(host):
    return HANDSHAKE.replace(b"localhost", host)


def with_uri(end):
    return HANDSHAKE.replace(b"/ws/assistant/", b"/ws/assistant" + end)


# What programs and browsers send.
USUAL = {
    "a program": HANDSHAKE,
    "a page": with_header(b"Origin: https://home.example"),
    "a page, with its port": with_header(b"Origin: https://home.example:443"),
    "a page, in capitals": with_header(b"origin: https://HOME.example"),
    "firefox": with_header(b"Sec-WebSocket-Extensions: permessage-deflate"),
    "chrome": with_header(
        b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
        b"Origin: https://home.example\r\nUser-Agent: Mozilla/5.0 (X11)\r\nCookie: a=b"
    ),
    "a proxy": with_header(b"X-Forwarded-For: 192.0.2.1\r\nVia: 1.1 x"),
    "a name and a port": with_host(b"home.example:8000"),
    "ipv4": with_host(b"127.0.0.1:80"),
    "ipv6": with_host(b"[::1]:8000"),
    "ipv6 without a port": with_host(b"[fe80::1]"),
    "no slash": with_uri(b""),
    "a query": with_uri(b"/?token=a.b-c_d&x=1"),
}
# What may be refused, or is rare.
RARE = {
    "a page of others": with_header(b"Origin: https://other.example"),
    "a page at another port": with_header(b"Origin: https://home.example:444"),
    "a page of ipv6": with_header(b"Origin: http://[::1]:8000"),
    "a page of nowhere": with_header(b"Origin: null"),
    "a page of a file": with_header(b"Origin: file:///x"),
    "an origin without a host": with_header(b"Origin: https://"),
    "an origin that is none": with_header(b"Origin: x"),
    "an empty origin": with_header(b"Origin:"),
    "an origin with a port that is none": with_header(b"Origin: https://home.example:99999"),
    "two origins": with_header(b"Origin: https://home.example\r\nOrigin: https://home.example"),
    "a subprotocol": with_header(b"Sec-WebSocket-Protocol: wamp"),
    "a subprotocol twice": with_header(b"Sec-WebSocket-Protocol: wamp, wamp"),
    "a strange extension": with_header(b"Sec-WebSocket-Extensions: x-webkit; y=1"),
    "two extensions": with_header(
        b"Sec-WebSocket-Extensions: permessage-deflate\r\nSec-WebSocket-Extensions: x"
    ),
    "a bad offer": with_header(b"Sec-WebSocket-Extensions: permessage-deflate; nonsense"),
    "a host with an empty port": with_host(b"localhost:"),
    "an empty host": with_host(b""),
    "a host with an underscore": with_host(b"a_b"),
    "a fragment": with_uri(b"/#x"),
    "an address that cannot be read": with_uri(b"/?[x"),
    "an escaped address": with_uri(b"%2f"),
}


@pytest.fixture
def answers(make_wire):
    """What a connection sees that makes this request, of ours or of Autobahn."""

    def ask(request, *, prompt, **options):
        wire = make_wire(**{"allowed_origins": ORIGINS, **options})
        wire.factory.protocol.is_prompt = prompt
        device = wire.dial_raw(request)
        if device.opened:
            device.write(text({"type": "authenticate", "token": wire.token()}))
            device.write(frame(b"are you", 9), text({"message": "echo hi"}))
            device.write(frame(b"x", fin=False), frame(b"y", 0))
        seen = device.look()
        if device.opened:
            device.write(frame(b"\x03\xe8", 8))
        wire.settle()
        head = re.sub(rb"\r\nDate: [^\r]*", b"", device.head)
        return head, device.opened, seen, device.pongs, device.closed, len(wire.connections)

    return ask


@pytest.fixture
def no_autobahn(monkeypatch):
    """Fail where Autobahn is asked about a handshake."""

    def read(_):
        raise AssertionError

    monkeypatch.setattr(WebSocketServerProtocol, "processHandshake", read)


class TestHandshake:
    @pytest.mark.parametrize("name", [*USUAL, *RARE])
    def test_is_answered_as_autobahn_does(self, answers, name):
        request = {**USUAL, **RARE}[name]

        assert answers(request, prompt=True) == answers(request, prompt=False)

    @pytest.mark.parametrize("name", USUAL)
    def test_that_is_usual_is_not_read_again(self, answers, name, no_autobahn):
        assert answers(USUAL[name], prompt=True)[1]

    @pytest.mark.parametrize("name", RARE)
    def test_that_is_rare_is_autobahns(self, answers, name, monkeypatch):
        read = []
        process = WebSocketServerProtocol.processHandshake

        def note(protocol):
            read.append(protocol)
            process(protocol)

        monkeypatch.setattr(WebSocketServerProtocol, "processHandshake", note)
        head = answers(RARE[name], prompt=True)[0]
        # Some of them the door has refused already.
        assert len(read) == 1 or b"application/problem+json" in head

    def test_lets_any_page_come_where_all_may(self, answers, no_autobahn):
        origin = with_header(b"Origin: https://any.example")

        assert answers(origin, prompt=True, allowed_origins=("*",))[1]

    @pytest.mark.parametrize("prompt", [True, False])
    def test_takes_frames_that_come_with_it(self, make_wire, prompt):
        wire = make_wire()
        wire.factory.protocol.is_prompt = prompt
        first = text({"type": "authenticate", "token": wire.token()})
        assert wire.dial_raw(HANDSHAKE + first).look() == ["ready"]

    def test_works_where_there_is_no_tcp(self, wire, no_autobahn):
        wire.peer = UNIXAddress(b"/s")
        assert wire.dial_raw(HANDSHAKE).opened

    def test_leaves_no_request_behind(self, wire):
        wire.dial_raw(HANDSHAKE)
        (performer,) = wire.connections._open
        assert "coming" not in vars(performer._link._wire)

    @pytest.mark.parametrize("prompt", [True, False])
    def test_is_followed_by_pings(self, make_wire, prompt):
        wire = make_wire(limits=Limits(ping_interval_seconds=3, ping_timeout_seconds=2))
        wire.factory.protocol.is_prompt = prompt
        device = wire.ready()
        for _ in range(5):
            wire.advance(3)
        assert device.closed is None

    @pytest.mark.parametrize("prompt", [True, False])
    def test_may_be_without_pings(self, make_wire, prompt):
        wire = make_wire(limits=Limits(ping_interval_seconds=3))
        wire.factory.protocol.is_prompt = prompt
        wire.factory.protocol.autoPingInterval = 0
        assert wire.ready().say("echo hi")

    def test_need_not_name_the_server(self, wire):
        wire.factory.server = None
        head = wire.dial_raw(HANDSHAKE).head
        assert head.startswith(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\n")


class TestChoice:
    """If the first of these fails, Autobahn has changed: look at what, then write it down."""

    def test_the_autobahn_here_is_the_one_this_was_written_against(self):
        assert ServerProtocol is PromptServerProtocol
        assert issubclass(AssistantProtocol, PromptServerProtocol)

    def test_another_handshake_is_left_alone(self):
        assert choose_protocol("another", QuickServerProtocol) is QuickServerProtocol

    def test_another_autobahn_is_left_alone(self):
        chosen = choose_protocol(source_digest(), WebSocketServerProtocol)
        assert chosen is WebSocketServerProtocol

    @pytest.mark.parametrize("trouble", [OSError, AttributeError])
    def test_an_autobahn_without_source_is_another(self, trouble, monkeypatch):
        def no_source(_):
            raise trouble

        monkeypatch.setattr(quick_handshake.inspect, "getsource", no_source)
        assert choose_protocol(source_digest(), QuickServerProtocol) is QuickServerProtocol

    def test_a_changed_function_makes_it_another(self, monkeypatch):
        monkeypatch.setattr(common_side, "_is_same_origin", json.dumps)
        assert choose_protocol(source_digest(), QuickServerProtocol) is QuickServerProtocol
