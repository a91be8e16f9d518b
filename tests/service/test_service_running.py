"""The assembled server from its start to its end."""

from __future__ import annotations

import sys

import pytest
from assembled import Line, add_user, errors, status
from twisted.logger import formatEvent

from pytlas_wamp.errors import OperatorError
from pytlas_wamp.service import assembly
from pytlas_wamp.service.running import AssistantService
from pytlas_wamp.transport.people import People
from wire_devices import HANDSHAKE, text


class TestService:
    def test_listens_where_it_was_told_to(self, run, reactor):
        run(SERVER_LISTEN="tcp:8123:interface=127.0.0.1, tcp:8124:interface=127.0.0.2")
        assert [(one[0], one[3]) for one in reactor.tcpServers] == [
            (8123, "127.0.0.1"),
            (8124, "127.0.0.2"),
        ]

    def test_is_healthy_while_it_runs(self, run, reactor):
        started = run()
        assert status(reactor) == b"200"
        reactor.result(started.stopService())
        assert status(reactor) == b"503"

    def test_trains_the_languages_that_people_use(self, build, run, reactor, tmp_path, log):
        build()
        sys.modules.pop("waiting_skill")
        _, store, _ = add_user(tmp_path, language="fr-FR")
        store.close()
        run()

        def trained():
            lines = [formatEvent(event) for event in log]
            return {line for line in lines if " in 'en'" in line or " in 'fr'" in line}

        # The only skill there is has sentences in English.
        told = {"1 intents understood in 'en'", "no skill has sentences in 'fr'"}
        reactor.until(lambda: trained() >= told)

    @pytest.mark.parametrize(
        ("error", "told"),
        [
            (RuntimeError("a bug"), "no interpreter for 'en'"),
            (OperatorError("too long"), "no interpreter for 'en': too long"),
        ],
    )
    def test_a_language_that_cannot_be_trained_does_not_stop_it(
        self, run, reactor, log, monkeypatch, error, told
    ):
        def cannot(language, cache):
            raise error

        monkeypatch.setattr(assembly, "find_interpreter", lambda name: cannot)
        run()
        reactor.until(lambda: errors(log))
        assert errors(log) == [told]
        assert status(reactor) == b"200"

    def test_languages_that_cannot_be_looked_up_do_not_either(
        self, build, reactor, log, monkeypatch
    ):
        whole = build().service
        (inner,) = [one for one in whole if isinstance(one, AssistantService)]
        broken = lambda people: people._workers.run(int, "no number")  # noqa: E731 - a short fake
        monkeypatch.setattr(People, "languages", broken)
        inner.startService()
        reactor.until(lambda: errors(log))
        assert errors(log) == ["could not look up languages"]
        reactor.result(inner.stopService())

    def test_a_person_talks_and_is_told_goodbye(self, run, reactor, tmp_path, log):
        started = run()
        accounts, store, token = add_user(tmp_path)
        line = Line(reactor)
        line.send(HANDSHAKE, text({"type": "authenticate", "token": token}))
        line.until(b'"type":"ready"')
        line.send(text({"message": "wait for it"}))
        line.until(b'"type":"thinking"')
        sys.modules["waiting_skill"].gate.set()
        line.until(b"Enough", b'"require_input":false')
        accounts.set_language("ada", "fr-FR")
        store.close()
        reactor.advance(0.5)
        line.until(b'"language":"fr-FR"')
        reactor.result(started.stopService())
        assert b'"type":"goodbye"' in line.transport.value()
        assert line.transport.value().endswith(b"\x03\xe9shutdown")
        assert errors(log) == []

    @pytest.mark.parametrize("grace", ["0", "3"])
    def test_a_turn_that_goes_on_is_waited_for_as_long_as_the_grace(
        self, run, reactor, tmp_path, log, grace
    ):
        started = run(SERVER_SHUTDOWN_GRACE_SECONDS=grace)
        _, store, token = add_user(tmp_path)
        store.close()
        line = Line(reactor)
        line.send(HANDSHAKE, text({"type": "authenticate", "token": token}))
        line.send(text({"message": "wait for it"}))
        line.until(b'"type":"thinking"')
        ended = []
        started.stopService().addCallback(ended.append)
        reactor.advance(max(0, float(grace) - 0.1))
        assert len(ended) == (grace == "0")
        reactor.advance(0.2)
        reactor.until(lambda: ended)
        assert errors(log) == []

    def test_a_turn_that_ends_in_time_ends_the_wait(self, run, reactor, tmp_path):
        started = run(SERVER_SHUTDOWN_GRACE_SECONDS="1000")
        _, store, token = add_user(tmp_path)
        store.close()
        line = Line(reactor)
        line.send(HANDSHAKE, text({"type": "authenticate", "token": token}))
        line.send(text({"message": "wait for it"}))
        line.until(b'"type":"thinking"')
        stopped = started.stopService()
        sys.modules["waiting_skill"].gate.set()
        reactor.result(stopped)
        # Only what Autobahn and the turn's deadline left; the grace was given back.
        assert [call for call in reactor.getDelayedCalls() if call.getTime() > 900] == []
