"""Autobahn's WebSocket as the client uses it, over a transport in memory."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import importlib
import ssl

import pytest
import txaio

from pytlas_wamp.chat.addresses import parse_address
from pytlas_wamp.chat.client import Closed
from pytlas_wamp.chat.problems import ChatProblem, Unreachable

ADDRESS = parse_address("http://a.example/p")
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


@pytest.fixture
def link():
    """The module; Autobahn is bound to what it was bound to afterwards."""
    before = dict(vars(txaio))
    # Tests of the server have bound it to Twisted, and it refuses to change its mind.
    txaio._explicit_framework = None
    try:
        yield importlib.import_module("pytlas_wamp.chat.link")
    finally:
        vars(txaio).update(before)


class Wire(asyncio.Transport):
    """A transport that keeps what is written."""

    def __init__(self):
        super().__init__()
        self.written = b""
        self.is_closed = False
        self.protocol = None

    def write(self, data):
        self.written += data

    def close(self):
        if not self.is_closed:
            self.is_closed = True
            asyncio.get_running_loop().call_soon(self.protocol.connection_lost, None)

    abort = close


class Peer:
    """Connects a socket to a server that a test plays by hand."""

    def __init__(self, answer=None):
        self.wire = Wire()
        self._answer = answer

    async def __call__(self, factory, address):
        socket = factory()
        self.wire.protocol = socket
        socket.connection_made(self.wire)
        asyncio.get_running_loop().create_task(self._shake())
        return socket

    async def _shake(self):
        for _ in range(10):
            await asyncio.sleep(0)
        self.request, self.wire.written = self.wire.written, b""
        if self._answer is not None:
            self.say(self._answer)
            return
        key = self.request.split(b"Sec-WebSocket-Key: ")[1].split(b"\r\n")[0]
        accept = base64.b64encode(hashlib.sha1(key + _GUID).digest())  # noqa: S324 - RFC 6455
        self.say(
            b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )

    def say(self, data):
        self.wire.protocol.data_received(data)

    def frame(self, opcode, payload):
        self.say(bytes([0x80 | opcode, len(payload)]) + payload)

    def heard(self):
        """Returns (opcode, payload) of the first frame written, unmasked."""
        data, self.wire.written = self.wire.written, b""
        length = data[1] & 0x7F
        mask, body = data[2:6], data[6 : 6 + length]
        return data[0] & 0xF, bytes(b ^ mask[i % 4] for i, b in enumerate(body))


def talk(module, scenario, peer=None):
    async def run():
        server = peer or Peer()
        opened = await module.dial(ADDRESS, server)
        return await asyncio.wait_for(scenario(opened, server), 5)

    return asyncio.run(run())


class TestLink:
    def test_it_asks_for_the_conversation(self, link):
        async def scenario(_, peer):
            return peer.request

        request = talk(link, scenario)
        assert request.startswith(b"GET /p/ws/assistant/ HTTP/1.1\r\n")
        assert b"Host: a.example:80\r\n" in request or b"Host: a.example\r\n" in request
        assert b"permessage-deflate" not in request

    def test_it_sends_and_receives_text(self, link):
        async def scenario(opened, peer):
            opened.send('{"a":1}')
            peer.frame(2, b"binary")
            peer.frame(1, b"caf\xc3\xa9")
            return peer.heard(), await opened.receive()

        assert talk(link, scenario) == ((1, b'{"a":1}'), "café")

    def test_it_tells_how_the_server_closed(self, link):
        async def scenario(opened, peer):
            peer.frame(8, (1000).to_bytes(2, "big") + b"account-disabled")
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            peer.wire.close()
            closed = await opened.receive()
            opened.send("too late")
            await opened.close()
            return closed

        assert talk(link, scenario) == Closed(code=1000, reason="account-disabled")

    def test_a_close_without_a_code_is_no_verdict(self, link):
        async def scenario(opened, peer):
            peer.frame(8, b"")
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            peer.wire.close()
            return await opened.receive()

        assert talk(link, scenario).code != 1000

    def test_a_dropped_connection_is_1006(self, link):
        async def scenario(opened, peer):
            peer.wire.close()
            return await opened.receive()

        assert talk(link, scenario) == Closed(code=1006, reason="")

    def test_closing_says_so_and_waits_for_the_other_side(self, link):
        async def scenario(opened, peer):
            closing = asyncio.ensure_future(opened.close())
            await asyncio.sleep(0)
            heard = peer.heard()
            peer.frame(1, b"late")
            peer.frame(8, (1000).to_bytes(2, "big"))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            peer.wire.close()
            await closing
            return heard

        assert talk(link, scenario) == (8, (1000).to_bytes(2, "big"))


class TestDialling:
    @pytest.mark.parametrize(
        ("status", "kind", "key"),
        [
            (b"404 Not Found", ChatProblem, "handshake"),
            (b"426 Upgrade Required", ChatProblem, "handshake"),
            (b"502 Bad Gateway", Unreachable, "server-trouble"),
        ],
    )
    def test_a_refused_handshake_is_told(self, link, status, kind, key):
        peer = Peer(b"HTTP/1.1 " + status + b"\r\n\r\n")

        with pytest.raises(ChatProblem) as told:
            talk(link, None, peer)
        assert (type(told.value), told.value.key) == (kind, key)

    @pytest.mark.parametrize(
        ("failure", "key"),
        [
            (ConnectionRefusedError(111, "Connection refused"), "unreachable"),
            (ssl.SSLCertVerificationError("x"), "tls"),
            (TimeoutError(), "timeout"),
        ],
    )
    def test_no_connection_is_told(self, link, failure, key):
        async def connect(factory, address):
            if isinstance(failure, ssl.SSLCertVerificationError):
                failure.verify_message = "expired"
            raise failure

        async def run():
            await link.dial(ADDRESS, connect)

        with pytest.raises(ChatProblem) as told:
            asyncio.run(run())
        assert told.value.key == key

    def test_a_server_that_never_answers_is_dropped(self, link, monkeypatch):
        monkeypatch.setattr(link, "TIMEOUT_SECONDS", 0)
        peer = Peer(b"")

        with pytest.raises(Unreachable, match="does not answer"):
            talk(link, None, peer)

    def test_the_address_is_what_is_connected_to(self, link):
        async def run(address):
            loop = asyncio.get_running_loop()
            called = []

            async def create_connection(factory, *args, **kwargs):
                called.append((*args, kwargs))
                return None, "socket"

            loop.create_connection = create_connection
            return await link.connect_tcp(None, parse_address(address)), called

        assert asyncio.run(run("https://a:1")) == ("socket", [("a", 1, {"ssl": True})])
        assert asyncio.run(run("http://a:1")) == ("socket", [("a", 1, {"ssl": None})])
