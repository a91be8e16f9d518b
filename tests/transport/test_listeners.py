"""Listening ports, on a reactor in memory."""

# ruff: noqa: N802 - methods that Twisted calls have its names

from __future__ import annotations

import pytest
from attrs import define, field
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError
from twisted.internet.protocol import Factory
from twisted.internet.testing import MemoryReactorClock
from twisted.logger import capturedLogs, formatEvent

from pytlas_wamp.errors import OperatorError
from pytlas_wamp.transport.listeners import Listener, _shown


@define
class Port:
    """A port that says when it was given back."""

    ended: Deferred = field(factory=Deferred)

    def getHost(self):
        return IPv4Address("TCP", "127.0.0.1", 8000)

    def stopListening(self):
        return self.ended


def listener(reactor, description="tcp:8000:interface=127.0.0.1"):
    return Listener(description=description, factory=Factory(), reactor=reactor)


class TestListener:
    def test_takes_its_port_once(self):
        reactor = MemoryReactorClock()
        one = listener(reactor)
        with capturedLogs() as logs:
            one.privilegedStartService()
            one.startService()
        (server,) = reactor.tcpServers
        assert (server[0], server[3]) == (8000, "127.0.0.1")
        assert [formatEvent(event) for event in logs] == ["listening on http://0.0.0.0:8000"]

    def test_takes_it_where_nobody_was_ever_privileged(self):
        """As `twist` starts services."""
        reactor = MemoryReactorClock()
        listener(reactor).startService()
        assert len(reactor.tcpServers) == 1

    def test_gives_it_back(self):
        one, port = listener(MemoryReactorClock()), Port()
        one.startService()
        one._port = port
        stopped = one.stopService()
        assert not stopped.called
        port.ended.callback(None)
        assert stopped.called
        assert not one.running

    def test_gives_back_one_that_says_nothing(self):
        one = listener(MemoryReactorClock())
        one.startService()
        assert one.stopService().called

    def test_stops_without_having_been_started(self):
        assert listener(MemoryReactorClock()).stopService().called

    @pytest.mark.parametrize(
        "description", ["8000", "nonsense:8000", "tcp", "tcp:port", "tcp:8000:colour=blue"]
    )
    def test_refuses_what_is_no_endpoint_before_anything_starts(self, description):
        with pytest.raises(OperatorError) as caught:
            listener(MemoryReactorClock(), description)
        text = str(caught.value)
        assert repr(description) in text
        assert "tcp:8000:interface=127.0.0.1" in text
        assert "\n" not in text

    def test_a_port_that_is_taken_ends_the_start_with_one_line(self):
        reactor = MemoryReactorClock()

        def taken(port, factory, backlog, interface):
            raise CannotListenError(interface, port, OSError("in use"))

        reactor.listenTCP = taken
        with pytest.raises(SystemExit) as caught:
            listener(reactor).privilegedStartService()
        assert str(caught.value) == (
            "pytlas-wamp: cannot listen on tcp:8000:interface=127.0.0.1:"
            " Couldn't listen on 127.0.0.1:8000: in use."
        )


class TestShown:
    @pytest.mark.parametrize(
        ("address", "encrypted", "text"),
        [
            (IPv4Address("TCP", "127.0.0.1", 8000), False, "http://127.0.0.1:8000"),
            (IPv4Address("TCP", "127.0.0.1", 8000), True, "https://127.0.0.1:8000"),
            (IPv6Address("TCP", "::1", 8000), False, "http://[::1]:8000"),
            (UNIXAddress(b"/run/pytlas"), False, "UNIXAddress('/run/pytlas')"),
        ],
    )
    def test_is_an_address_as_people_type_it(self, address, encrypted, text):
        assert _shown(address, encrypted=encrypted) == text
