"""One connection with a router, and where routers are."""

from __future__ import annotations

import pytest
import txaio
from autobahn.wamp.types import Challenge
from OpenSSL import SSL
from service_identity import VerificationError
from twisted.internet.defer import CancelledError, Deferred, fail
from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.task import Clock
from twisted.logger import globalLogPublisher
from twisted.python.failure import Failure
from wamp_in_memory import CHALLENGE, RouterInMemory

from pytlas_wamp.cluster.identity import NodeKey
from pytlas_wamp.cluster.router import LOST, UNTRUSTED, Attempt, Router, RouterSession, _Socket
from pytlas_wamp.errors import OperatorError

KEY = NodeKey(b"k" * 32)
URL = "ws://router.test:8080/ws"
# Of nobody: `openssl req -x509 -newkey ed25519 -nodes -subj /CN=router.test`.
CERTIFICATE = """-----BEGIN CERTIFICATE-----
MIIBQjCB9aADAgECAhQnZ4GwBjrZvEwRe6XwFQNFys1oIjAFBgMrZXAwFjEUMBIG
A1UEAwwLcm91dGVyLnRlc3QwIBcNMjYxMTIzMTc1NzUwWhgPMjEyNjEwMzAxNzU3
NTBaMBYxFDASBgNVBAMMC3JvdXRlci50ZXN0MCowBQYDK2VwAyEAGpx5/0m146xv
rmYpnMf+50s+qkLo7HuLasqKu3bMu2+jUzBRMB0GA1UdDgQWBBQQBfwpHqz/gTzK
KnupGVyPZcNclDAfBgNVHSMEGDAWgBQQBfwpHqz/gTzKKnupGVyPZcNclDAPBgNV
HRMBAf8EBTADAQH/MAUGAytlcANBAD1lVNq6NdT7Rq8CVQqMKexlIjoAC1A7duFw
Xc2ucPQkYfoNJUzJ1uS9dUqT+skqJpzKLI5M9swtJutMUdXjOAI=
-----END CERTIFICATE-----
"""


@pytest.fixture(autouse=True)
def _own_clock(monkeypatch):
    """Autobahn has one clock for the whole process."""
    monkeypatch.setattr(txaio.config, "loop", None, raising=False)


@pytest.fixture
def logged():
    """What is logged meanwhile."""
    events = []
    globalLogPublisher.addObserver(events.append)
    yield events
    globalLogPublisher.removeObserver(events.append)


class TestRouter:
    def test_is_where_its_address_says(self):
        router = Router.at("ws://10.0.0.1:8080/ws")
        assert (router.host, router.port, router.is_secure) == ("10.0.0.1", 8080, False)

    def test_is_secure_when_it_says_so(self):
        router = Router.at("wss://router.test/ws")
        assert (router.host, router.port, router.is_secure) == ("router.test", 443, True)

    @pytest.mark.parametrize("url", ["", "router.test", "http://router.test/", "ws://:0/x y"])
    def test_is_nowhere_else(self, url):
        with pytest.raises(OperatorError, match="one would be ws://router"):
            Router.at(url)

    def test_may_be_vouched_for_by_a_certificate(self, tmp_path):
        path = tmp_path / "ca.pem"
        path.write_text(CERTIFICATE)
        assert Router.at("wss://router.test/ws", path).trusted is not None

    def test_is_not_by_anything_else(self, tmp_path):
        path = tmp_path / "ca.pem"
        with pytest.raises(OperatorError, match="cannot be read: No such file"):
            Router.at("wss://router.test/ws", path)
        path.write_text("nonsense")
        with pytest.raises(OperatorError, match="has no certificate as PEM"):
            Router.at("wss://router.test/ws", path)

    def test_is_connected_to_with_tls_when_it_is_secure(self):
        clock = Clock()
        plain = Router.at("ws://router.test/ws").endpoint(clock)
        secure = Router.at("wss://router.test/ws").endpoint(clock)

        assert isinstance(plain, HostnameEndpoint)
        assert not isinstance(secure, HostnameEndpoint)


class Report:
    """What an attempt says."""

    def __init__(self, **options):
        self.clock = Clock()
        self.joined, self.ended = [], []
        self.router = RouterInMemory(self.clock, {"g1": KEY.public}, **options)
        self.attempt = self.make(KEY)

    def make(self, key, endpoint=None):
        return Attempt(
            Router.at(URL),
            "g1",
            key,
            self.clock,
            lambda session, _: self.joined.append(session),
            self.ended.append,
            endpoint or self.router,
        )


class TestAttempt:
    def test_joins(self):
        report = Report()
        report.attempt.begin()
        report.clock.advance(0)

        assert len(report.joined) == 1
        report.clock.advance(100)
        assert report.ended == []

    def test_says_why_it_ended_once(self):
        report = Report()
        report.attempt.begin()
        report.clock.advance(0)
        report.attempt.leave()
        report.attempt.leave()
        report.clock.advance(0)
        report.clock.advance(100)

        assert report.ended == ["wamp.close.normal"]
        assert report.clock.getDelayedCalls() == []

    def test_as_nobody_is_refused(self):
        report = Report()
        report.make(None).begin()
        report.clock.advance(0)

        assert report.ended == ["wamp.error.no_auth_method"]

    def test_that_hangs_is_given_up(self):
        report = Report(hangs=True)
        report.attempt.begin()
        report.clock.advance(10)

        assert report.ended == [LOST]

    def test_that_is_given_up_does_not_connect_any_more(self):
        class Endpoint:
            def connect(self, factory):
                self.factory = factory
                # One that cannot be cancelled any more.
                self.connected = Deferred(lambda _: self.connected.callback(Socket()))
                return self.connected

        class Socket:
            def __init__(self):
                self.transport = self
                self.is_closed = False
                sockets.append(self)

            def abortConnection(self):  # noqa: N802 - Twisted's name
                self.is_closed = True

        sockets = []
        report = Report()
        attempt = report.make(KEY, Endpoint())
        attempt.begin()
        attempt.on_end(LOST)
        attempt.abort()

        assert [socket.is_closed for socket in sockets] == [True]
        assert report.ended == [LOST]

    def test_does_not_join_after_its_end(self):
        report = Report()
        report.attempt.begin()
        report.attempt.on_end(LOST)
        report.attempt.on_join(None, None)

        assert report.joined == []

    def test_that_fails_says_so(self):
        class Endpoint:
            def connect(self, _):
                return fail(ConnectionError())

        report = Report()
        report.make(KEY, Endpoint()).begin()

        assert report.ended == [LOST]

    @pytest.mark.parametrize(
        ("error", "reason"),
        [
            (ConnectionError(), LOST),
            (SSL.Error([("SSL routines", "", "unexpected eof while reading")]), LOST),
            (SSL.Error([("SSL routines", "", "certificate verify failed")]), UNTRUSTED),
            (VerificationError([]), UNTRUSTED),
        ],
    )
    def test_ends_when_its_socket_does(self, error, reason):
        report = Report()
        socket = _Socket()
        socket.factory = report
        ended = []
        socket._connectionLost = ended.append
        socket.connectionLost(Failure(error))

        assert report.ended == [reason]
        assert len(ended) == 1


class TestSession:
    @pytest.fixture
    def session(self):
        return RouterSession(Report().attempt)

    def test_proves_who_it_is(self, session):
        signed = session.onChallenge(Challenge("cryptosign", {"challenge": CHALLENGE}))
        assert signed == KEY.sign(CHALLENGE)

    @pytest.mark.parametrize(
        "challenge", [Challenge("ticket", {}), Challenge("cryptosign", {}), Challenge("cryptosign")]
    )
    def test_answers_no_other_challenge(self, session, challenge):
        with pytest.raises(ValueError, match="challenge"):
            session.onChallenge(challenge)

    def test_has_no_key_as_nobody(self):
        session = RouterSession(Report().make(None))
        with pytest.raises(ValueError, match="challenge"):
            session.onChallenge(Challenge("cryptosign", {"challenge": CHALLENGE}))

    def test_logs_our_bugs_without_what_autobahn_adds(self, session, logged):
        session.onUserError(Failure(KeyError("x")), "first\nsecond")
        assert [event["msg"] for event in logged] == ["first"]

    def test_says_nothing_of_what_was_cancelled(self, session, logged):
        session.onUserError(Failure(CancelledError()), "cancelled")
        assert logged == []
