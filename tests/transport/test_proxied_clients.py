"""Clients behind a proxy: their logins, and what becomes of guesses (spec 6.11, 6.19)."""

from __future__ import annotations

import json

import pytest
from api_people import PASSWORD, House
from http_line import Line, request
from twisted.internet.testing import MemoryReactorClock

from pytlas_wamp.accounts.throttle import PER_ADDRESS_AND_MINUTE
from pytlas_wamp.transport.listeners import Listener

GUESSER, PERSON = "203.0.113.9", "198.51.100.4"


def signing_in(password: str, **headers: str) -> bytes:
    body = json.dumps({"username": "bob", "password": password}).encode()
    return request("POST", "/api/token", body, Content_Type="application/json", **headers)


def forwarded(house, address, password):
    """An answer to a client of a proxy that says so in X-Forwarded-For."""
    line = house.server.line()
    line.send(signing_in(password, X_Forwarded_For=address))
    return line.answer()


def announced(house, address, password):
    """An answer to a client of a proxy that speaks the PROXY protocol."""
    reactor = MemoryReactorClock()
    endpoint = "haproxy:tcp:8000:interface=127.0.0.1"
    Listener(description=endpoint, factory=house.server.site, reactor=reactor).startService()
    line = Line(reactor.tcpServers[0][1])
    line.send(f"PROXY TCP4 {address} 192.0.2.1 56324 443\r\n".encode())
    line.send(signing_in(password))
    return line.answer()


@pytest.fixture(params=[forwarded, announced])
def ask(request):
    return request.param


@pytest.fixture
def house():
    return House(options={"trusted_proxies": ("127.0.0.1",)})


class TestClientsBehindAProxy:
    def test_are_known_by_their_own_address(self, house, ask):
        assert ask(house, PERSON, PASSWORD).status == 200
        (login,) = house.accounts.logins(2)
        assert login.address == PERSON

    def test_do_not_pay_for_what_others_guess(self, house, ask):
        for _ in range(PER_ADDRESS_AND_MINUTE):
            assert ask(house, GUESSER, "wrong").problem() == (401, "authentication-failed")
        refused = ask(house, GUESSER, PASSWORD)
        assert refused.problem() == (429, "rate-limited")
        assert int(refused.header("Retry-After")) == 60
        assert ask(house, PERSON, PASSWORD).status == 200

    def test_are_all_one_where_the_proxy_is_not_trusted(self):
        house = House()
        for number in range(PER_ADDRESS_AND_MINUTE):
            assert forwarded(house, f"203.0.113.{number}", "wrong").status == 401
        assert forwarded(house, PERSON, PASSWORD).problem() == (429, "rate-limited")

    def test_cannot_say_who_they_are_where_the_proxy_says_it(self, house):
        """What a client writes stands before what the proxy adds."""
        for number in range(PER_ADDRESS_AND_MINUTE):
            claimed = f"10.0.0.{number}, {GUESSER}"
            assert forwarded(house, claimed, "wrong").status == 401
        assert forwarded(house, f"10.0.0.99, {GUESSER}", PASSWORD).status == 429

    def test_have_no_address_where_nothing_but_the_proxy_is_known(self, house):
        line = house.server.line()
        line.send(signing_in(PASSWORD))
        assert line.answer().status == 200
        assert [login.address for login in house.accounts.logins(2)] == [None]
