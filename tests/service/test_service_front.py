"""What people reach of a server."""

from __future__ import annotations

from assembled import Line, add_user, get
from twisted.internet.defer import fail

from pytlas_wamp.errors import OperatorError
from pytlas_wamp.transport.people import People
from wire_devices import HANDSHAKE, text


class TestFront:
    def test_people_talk_and_look_after_themselves(self, run, reactor, tmp_path):
        run()
        _, store, token = add_user(tmp_path)
        store.close()
        line = Line(reactor)
        line.send(HANDSHAKE, text({"type": "authenticate", "token": token}))
        line.until(b'"type":"ready"')
        assert get(reactor, "/api/me", token)[0] == 200
        assert '\npytlas_connections{state="ready"} 1.0\n' in get(reactor, "/metrics")[1]
        line.transport.loseConnection()

    def test_administrators_see_how_it_is(self, run, reactor, tmp_path):
        run()
        _, store, token = add_user(tmp_path, admin=True)
        store.close()
        status, document = get(reactor, "/api/status", token)
        assert status == 200
        assert '"connections":0' in document.replace(" ", "")

    def test_who_is_refused_is_counted(self, run, reactor):
        run()
        stranger = Line(reactor)
        stranger.send(HANDSHAKE, text({"type": "authenticate", "token": "a.b.c"}))
        stranger.until(b"authentication-failed")
        sample = 'pytlas_authentication_failures_total{reason="token-invalid"} 1.0'
        assert f"\n{sample}\n" in get(reactor, "/metrics")[1]

    def test_an_outage_is_no_refusal(self, run, reactor, monkeypatch, log):
        run()
        monkeypatch.setattr(People, "admit", lambda *_: fail(OperatorError("gone")))
        line = Line(reactor)
        line.send(HANDSHAKE, text({"type": "authenticate", "token": "a.b.c"}))
        line.until(b"unavailable")
        assert 'reason="token-invalid"} 0.0' in get(reactor, "/metrics")[1]
