"""How many connections one address may have (spec 3.8), and when they count."""

from __future__ import annotations

import pytest
from twisted.internet.address import IPv6Address, UNIXAddress

from pytlas_wamp.limits import Limits
from wire_devices import HANDSHAKE

TWO = Limits(max_connections_per_address=2)
REFUSED = b"HTTP/1.1 503 "


def forwarded(wire, address):
    """A connection through a proxy on this machine, which says where it comes from."""
    said = b"" if address is None else f"X-Forwarded-For: {address}\r\n".encode()
    return wire.dial_raw(HANDSHAKE[:-2] + said + b"\r\n")


def direct(wire, address):
    wire.peer = address
    return wire.dial_raw(HANDSHAKE)


class TestAddress:
    def test_has_as_many_connections_as_the_limit_and_not_one_more(self, make_wire):
        wire = make_wire(limits=TWO)
        assert [wire.dial_raw(HANDSHAKE).opened for _ in range(2)] == [True, True]
        refused = wire.dial_raw(HANDSHAKE)
        assert refused.head.startswith(REFUSED)
        assert b"application/problem+json" in refused.head
        assert b"Retry-After: 5" in refused.head
        assert b'"code":"unavailable"' in refused._rest

    def test_of_a_thousand_by_default(self):
        assert Limits().max_connections_per_address == 1_000

    @pytest.mark.parametrize("end", ["vanish", "close"])
    def test_may_come_again_when_one_is_gone(self, make_wire, end):
        wire = make_wire(limits=TWO)
        first, _ = wire.dial(), wire.dial()
        assert wire.dial_raw(HANDSHAKE).head.startswith(REFUSED)
        getattr(first, end)()
        assert wire.dial_raw(HANDSHAKE).opened
        assert wire.dial_raw(HANDSHAKE).head.startswith(REFUSED)

    def test_counts_connections_in_all_states(self, make_wire):
        wire = make_wire(limits=TWO)
        wire.ready()
        wire.ready(2)
        assert wire.dial_raw(HANDSHAKE).head.startswith(REFUSED)

    def test_does_not_count_what_was_refused(self, make_wire):
        wire = make_wire(limits=TWO, allowed_origins=("https://a.example",))
        origin = HANDSHAKE[:-2] + b"Origin: https://b.example\r\n\r\n"
        for _ in range(5):
            assert wire.dial_raw(origin).head.startswith(b"HTTP/1.1 400 ")
        assert wire.dial_raw(HANDSHAKE).opened

    def test_does_not_count_what_found_no_room_for_another_reason(self, make_wire):
        limits = Limits(max_connections_per_address=2, max_connections=1)
        wire = make_wire(limits=limits)
        first = wire.dial()
        for _ in range(5):
            assert wire.dial_raw(HANDSHAKE).head.startswith(REFUSED)
        first.vanish()
        assert wire.dial_raw(HANDSHAKE).opened


class TestNeighbours:
    def test_are_counted_apart(self, make_wire):
        wire = make_wire(limits=TWO, trusted_proxies=("127.0.0.1",))
        for address in ("192.0.2.1", "192.0.2.2"):
            opened = [forwarded(wire, address).opened for _ in range(3)]
            assert opened == [True, True, False]

    def test_with_ipv6_are_all_of_a_network(self, make_wire):
        wire = make_wire(limits=TWO)
        same = [IPv6Address("TCP", f"2001:db8:1:2::{n}", 1) for n in range(3)]
        assert [direct(wire, one).opened for one in same] == [True, True, False]
        assert direct(wire, IPv6Address("TCP", "2001:db8:1:3::1", 1)).opened

    def test_behind_a_proxy_that_is_not_trusted_are_one(self, make_wire):
        wire = make_wire(limits=TWO)
        opened = [forwarded(wire, f"192.0.2.{n}").opened for n in range(3)]
        assert opened == [True, True, False]

    def test_whom_the_proxy_does_not_name_are_not_bounded(self, make_wire):
        wire = make_wire(limits=TWO, trusted_proxies=("127.0.0.1",))
        assert [forwarded(wire, None).opened for _ in range(4)] == [True] * 4

    def test_at_a_unix_socket_are_not_bounded(self, make_wire):
        wire = make_wire(limits=TWO)
        assert [direct(wire, UNIXAddress(b"/s")).opened for _ in range(4)] == [True] * 4
