"""The door to the WebSocket, with a fake behind it and with Autobahn."""

from __future__ import annotations

import pytest
import txaio
from autobahn.twisted.resource import WebSocketResource
from autobahn.twisted.websocket import WebSocketServerFactory, WebSocketServerProtocol
from http_line import FakeTakeover, Server, request
from twisted.internet.task import Clock
from twisted.logger import capturedLogs

from pytlas_wamp.transport.upgrade import WebSocketDoor

HANDSHAKE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec_WebSocket_Version": "13",
    "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
PATHS = ["/ws/assistant", "/ws/assistant/", "/ws/assistant/?a=b", "http://localhost/ws/assistant/"]


def handshake(**changes: str | None) -> dict[str, str]:
    return {name: value for name, value in (HANDSHAKE | changes).items() if value is not None}


class TestDoor:
    @pytest.mark.parametrize("path", PATHS)
    def test_a_handshake_passes(self, path):
        server = Server()
        line = server.line()
        line.send(request("GET", path, **HANDSHAKE))
        assert server.websocket.taken == [path.encode()]
        assert line.transport.value() == b""

    @pytest.mark.parametrize(
        "changes",
        [
            {"Upgrade": "WebSocket"},
            {"Upgrade": "h2c, websocket"},
            {"Connection": "keep-alive, Upgrade"},
            {"Connection": "upgrade"},
            {"Host": "localhost:8000"},
            {"Host": "[::1]:8000"},
            {"Origin": "https://example.org"},
        ],
    )
    def test_so_do_its_other_spellings(self, changes):
        server = Server()
        server.line().send(request("GET", "/ws/assistant/", **handshake(**changes)))
        assert len(server.websocket.taken) == 1

    @pytest.mark.parametrize("path", PATHS[:2])
    @pytest.mark.parametrize(
        "headers",
        [
            {},
            handshake(Upgrade=None),
            handshake(Upgrade="h2c"),
            handshake(Sec_WebSocket_Version=None),
            handshake(Sec_WebSocket_Version="8"),
        ],
    )
    def test_who_does_not_ask_for_it_learns_what_to_ask_for(self, path, headers):
        server = Server()
        answer = server.ask("GET", path, **headers)
        assert answer.problem() == (426, "upgrade-required")
        assert answer.header("Upgrade") == "websocket"
        assert answer.header("Connection") == "Upgrade"
        assert answer.header("Sec-WebSocket-Version") == "13"
        assert server.websocket.taken == []

    def test_head_does_not_open_one(self):
        answer = Server().ask("HEAD", "/ws/assistant/", **HANDSHAKE)
        assert (answer.status, answer.body) == (426, b"")

    def test_http_1_0_has_none(self):
        line = Server().line()
        line.send(request("GET", "/ws/assistant/", **HANDSHAKE).replace(b"HTTP/1.1", b"HTTP/1.0"))
        assert line.answer().problem() == (426, "upgrade-required")

    @pytest.mark.parametrize(
        "changes",
        [
            {"Connection": None},
            {"Connection": "keep-alive"},
            {"Sec_WebSocket_Key": None},
            {"Sec_WebSocket_Key": "short"},
            {"Sec_WebSocket_Key": "é" * 22 + "=="},
            {"Host": "localhost:port"},
            {"Host": "a:1:2"},
        ],
    )
    def test_a_broken_handshake_is_refused(self, changes):
        server = Server()
        answer = server.ask("GET", "/ws/assistant/", **handshake(**changes))
        assert answer.problem() == (400, "invalid-request")
        assert server.websocket.taken == []

    @pytest.mark.parametrize("name", [b"Host", b"Sec-WebSocket-Key"])
    def test_what_has_to_be_unique_is(self, name):
        raw = request("GET", "/ws/assistant/", **HANDSHAKE)
        doubled = raw.replace(b"\r\n\r\n", b"\r\n" + name + b": localhost\r\n\r\n")
        line = Server().line()
        line.send(doubled)
        assert line.answer().problem() == (400, "invalid-request")

    @pytest.mark.parametrize("method", ["POST", "PUT", "BREW"])
    def test_other_methods_are_refused(self, method):
        answer = Server().ask(method, "/ws/assistant/", **HANDSHAKE)
        assert answer.problem() == (405, "method-not-allowed")
        assert answer.header("Allow") == "GET, HEAD, OPTIONS"

    def test_options_are_said(self):
        answer = Server().ask("OPTIONS", "/ws/assistant/")
        assert (answer.status, answer.header("Allow")) == (204, "GET, HEAD, OPTIONS")

    def test_where_nobody_takes_over_the_peer_may_come_again(self):
        server = Server(websocket=FakeTakeover(outcome=b""))
        answer = server.ask("GET", "/ws/assistant/", **HANDSHAKE)
        assert answer.problem() == (503, "unavailable")


class Echo(WebSocketServerProtocol):
    def onMessage(self, payload, isBinary):  # noqa: N802, N803 - Autobahn's names
        self.sendMessage(payload, isBinary)


@pytest.fixture
def autobahn(monkeypatch):
    """The real thing behind the door."""
    clock = Clock()
    monkeypatch.setattr(txaio.config, "loop", clock, raising=False)
    factory = WebSocketServerFactory(reactor=clock)
    factory.protocol = Echo
    return Server(websocket=WebSocketResource(factory), clock=clock)


class TestAutobahn:
    def test_takes_the_connection_over(self, autobahn):
        line = autobahn.line()
        with capturedLogs() as logs:
            line.send(request("GET", "/ws/assistant/", **HANDSHAKE))
            head = line.transport.value()
            line.transport.clear()
            # "hi", masked with zeros
            line.transport.protocol.dataReceived(b"\x81\x82\x00\x00\x00\x00hi")
        assert head.startswith(b"HTTP/1.1 101 ")
        assert b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in head
        assert line.transport.value() == b"\x81\x02hi"
        assert logs == []

    def test_can_watch_its_own_writing(self, autobahn):
        line = autobahn.line()
        line.send(request("GET", "/ws/assistant/", **HANDSHAKE))
        producer = object()
        line.transport.registerProducer(producer, streaming=True)
        assert line.transport.producer is producer

    def test_is_not_bothered_by_the_time_of_http(self, autobahn):
        line = autobahn.line()
        line.send(request("GET", "/ws/assistant/", **HANDSHAKE))
        autobahn.clock.advance(10_000)
        assert not line.transport.disconnecting

    def test_serves_a_connection_that_spoke_http_before(self, autobahn):
        line = autobahn.line()
        line.send(request("GET", "/healthz"))
        line.transport.clear()
        line.send(request("GET", "/ws/assistant/", **HANDSHAKE))
        assert line.transport.value().startswith(b"HTTP/1.1 101 ")


class TestNoRoom:
    def test_is_told(self):
        told = []
        door = WebSocketDoor(FakeTakeover(outcome=b""), lambda: told.append("no room"))
        line = Server().line()
        line.site.tree = door
        line.send(request("GET", "/ws/assistant/", **HANDSHAKE))
        assert line.answer().problem() == (503, "unavailable")
        assert told == ["no room"]
