"""Where requests come from: straight, through proxies that are trusted, and through others."""

from __future__ import annotations

import pytest
from http_line import Line, Server, Transport, request
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.address import HostnameAddress, IPv4Address, IPv6Address, UNIXAddress
from twisted.logger import capturedLogs

from pytlas_wamp.transport.addresses import Proxies

BODY = b'{"username":"ann","password":"pass"}'
PROXY = IPv4Address("TCP", "10.0.0.1", 4242)
STRANGER = IPv4Address("TCP", "203.0.113.9", 4242)
TRUSTED = ("10.0.0.0/8", "fd00::/8")


def seen(peer, *forwarded: bytes, trusted=TRUSTED, agent: bytes | None = None):
    """What the accounts are told about who signs in."""
    server = Server(options={"trusted_proxies": trusted})
    line = Line(server.site, Transport(peerAddress=peer))
    head, _, body = request("POST", "/api/token", BODY, Content_Type="application/json").partition(
        b"\r\n\r\n"
    )
    lines = [b"X-Forwarded-For: " + value for value in forwarded]
    if agent is not None:
        lines.append(b"User-Agent: " + agent)
    line.send(b"\r\n".join([head, *lines, b"", body]))
    assert line.answer().status == 200
    return server.accounts.asked[0][-1]


class TestPeers:
    @pytest.mark.parametrize(
        ("peer", "address"),
        [
            (STRANGER, "203.0.113.9"),
            (IPv6Address("TCP", "2001:db8::7", 1), "2001:db8::7"),
            (IPv6Address("TCP", "2001:DB8:0::7", 1), "2001:db8::7"),
            (IPv6Address("TCP", "::ffff:203.0.113.9", 1), "203.0.113.9"),
            (IPv6Address("TCP", "fe80::1%eth0", 1), "fe80::1"),
            (HostnameAddress(b"localhost", 1), None),
            (UNIXAddress("/run/pytlas"), None),
        ],
    )
    def test_who_comes_straight_is_the_peer(self, peer, address):
        assert seen(peer).address == address

    @pytest.mark.parametrize("peer", [STRANGER, UNIXAddress(None)])
    def test_a_stranger_cannot_claim_to_be_another(self, peer):
        said = seen(peer, b"198.51.100.1").address
        assert said in {"203.0.113.9", None}


class TestProxies:
    @pytest.mark.parametrize(
        ("forwarded", "address"),
        [
            ((b"198.51.100.1",), "198.51.100.1"),
            ((b" 198.51.100.1 ",), "198.51.100.1"),
            ((b"1.1.1.1, 198.51.100.1",), "198.51.100.1"),
            ((b"1.1.1.1", b"198.51.100.1"), "198.51.100.1"),
            ((b"198.51.100.1", b"10.0.0.2"), "198.51.100.1"),
            ((b"198.51.100.1, 10.0.0.2,10.0.0.3",), "198.51.100.1"),
            ((b"198.51.100.1, fd00::5",), "198.51.100.1"),
            ((b"198.51.100.1:5000",), "198.51.100.1"),
            ((b"2001:db8::7",), "2001:db8::7"),
            ((b"[2001:db8::7]",), "2001:db8::7"),
            ((b"[2001:db8::7]:5000",), "2001:db8::7"),
            ((b"::ffff:198.51.100.1",), "198.51.100.1"),
            ((b"198.51.100.1, ::ffff:10.0.0.2",), "198.51.100.1"),
            ((), None),
            ((b"",), None),
            ((b"10.0.0.2",), None),
            ((b"unknown",), None),
            ((b"198.51.100.1, _hidden",), None),
            ((b"198.51.100.1,",), None),
            ((b"198.51.100.1", b""), None),
            ((b"198.51.100.256",), None),
            ((b"\xe9\x01",), None),
        ],
    )
    def test_the_last_one_that_is_no_proxy_is_the_client(self, forwarded, address):
        assert seen(PROXY, *forwarded).address == address

    def test_one_that_is_spoken_to_by_the_new_protocol_is_one(self):
        peer = IPv6Address("TCP", "::ffff:10.0.0.1", 1)
        assert seen(peer, b"198.51.100.1").address == "198.51.100.1"

    def test_one_on_this_computer_may_be(self):
        peer = UNIXAddress("/run/pytlas")
        assert seen(peer, b"198.51.100.1", trusted=["unix"]).address == "198.51.100.1"
        assert seen(peer, trusted=["unix"]).address is None

    def test_none_is_trusted_where_none_is_named(self):
        assert seen(PROXY, b"198.51.100.1", trusted=()).address == "10.0.0.1"

    def test_are_addresses_networks_and_sockets(self):
        proxies = Proxies.of(["127.0.0.1", "unix", "fd00::/8"])
        assert ([str(one) for one in proxies.networks], proxies.unix) == (
            ["127.0.0.1/32", "fd00::/8"],
            True,
        )
        assert Proxies.of([]) == Proxies()

    @given(st.lists(st.binary(max_size=40).filter(lambda one: not set(one) & set(b"\0\r\n"))))
    def test_whatever_they_say_is_no_fault_of_ours(self, forwarded):
        with capturedLogs() as logs:
            seen(PROXY, *forwarded)
        assert logs == []


class TestClients:
    @pytest.mark.parametrize(
        ("agent", "name"),
        [
            (None, ""),
            (b"Mozilla/5.0 (X11)", "Mozilla/5.0 (X11)"),
            (b"caf\xe9", "caf\xe9"),
            (b"x" * 300, "x" * 200),
        ],
    )
    def test_are_called_what_they_call_themselves(self, agent, name):
        assert seen(STRANGER, agent=agent).client == name
