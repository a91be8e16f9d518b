"""The assembled server from its start to its end."""

from __future__ import annotations

import sqlite3
import sys

import pytest
from assembled import Line, add_user, errors, status
from twisted.application.internet import TimerService
from twisted.internet.defer import Deferred, fail, succeed
from twisted.logger import formatEvent

from pytlas_wamp.assistant.host import Host
from pytlas_wamp.errors import OperatorError
from pytlas_wamp.service import foundation, memory
from pytlas_wamp.service.running import AssistantService
from pytlas_wamp.transport.people import People
from wire_devices import HANDSHAKE, text

CLOSED = b"\x03\xe9shutdown"


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
        run(SERVER_INTERPRETER="statistical")

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

        monkeypatch.setattr(foundation, "find_interpreter", lambda name: cannot)
        run()
        reactor.until(lambda: errors(log))
        assert errors(log) == [told]
        assert status(reactor) == b"200"

    def test_knows_when_it_understands_the_language_of_the_server(self, build, reactor):
        (inner,) = [one for one in build().service if isinstance(one, AssistantService)]
        assert inner._learning.has_learnt is False
        inner.startService()
        reactor.until(lambda: inner._learning.has_learnt)
        inner._learning._learnt = False
        assert inner._learning.has_learnt is True
        reactor.result(inner.stopService())

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
        assert b"Enough" in line.transport.value()
        assert line.transport.value().endswith(CLOSED)
        # Only what Autobahn and the turn's deadline left; the grace was given back.
        assert [call for call in reactor.getDelayedCalls() if call.getTime() > 900] == []


class TestStop:
    @pytest.fixture
    def waiting(self, reactor, tmp_path):
        """`waiting()`: a line on which a turn runs that ends when the test says so."""

        def begin():
            _, store, token = add_user(tmp_path)
            store.close()
            line = Line(reactor)
            line.send(HANDSHAKE, text({"type": "authenticate", "token": token}))
            line.send(text({"message": "wait for it", "id": "m1"}))
            line.until(b'"type":"thinking"')
            return line

        return begin

    @pytest.mark.parametrize("grace", [0, 3])
    def test_tells_of_a_turn_that_goes_on_for_longer_than_the_grace(
        self, run, reactor, waiting, log, grace
    ):
        started = run(SERVER_SHUTDOWN_GRACE_SECONDS=str(grace))
        line, ended = waiting(), []
        started.stopService().addCallback(ended.append)
        if grace:
            reactor.advance(grace - 0.1)
            assert b"interrupted" not in line.transport.value()
        reactor.advance(0.2)
        reactor.until(lambda: ended)
        heard = line.transport.value()
        order = [b'"goodbye"', b'"code":"interrupted"', b'"type":"done"', CLOSED]
        assert [heard.index(one) for one in order] == sorted(heard.index(one) for one in order)
        assert heard.endswith(CLOSED)
        assert errors(log) == []

    def test_says_goodbye_first_and_takes_nothing_new(self, run, reactor, waiting):
        started = run(SERVER_SHUTDOWN_GRACE_SECONDS="1000")
        line, stranger = waiting(), Line(reactor)
        stranger.send(HANDSHAKE)
        stopped = started.stopService()
        assert b'"goodbye"' in line.transport.value()
        assert stranger.transport.value().endswith(CLOSED)
        line.send(text({"message": "wait for it", "id": "m2"}))
        assert b'"code":"unavailable"' in line.transport.value()
        assert CLOSED not in line.transport.value()
        sys.modules["waiting_skill"].gate.set()
        reactor.result(stopped)
        assert line.transport.value().endswith(CLOSED)

    def test_waits_for_a_client_that_does_not_answer_the_close(self, run, reactor, log):
        started, ended = run(), []
        line = Line(reactor)
        line.send(HANDSHAKE)
        line.transport.answer = lambda data: None
        started.stopService().addCallback(ended.append)
        while not reactor.crossing.empty():
            reactor.crossing.get()()
        assert ended == []
        reactor.advance(3)
        reactor.until(lambda: ended)
        assert errors(log) == []

    def test_waits_for_a_database_that_does_not_answer_for_five_seconds(
        self, run, reactor, monkeypatch
    ):
        monkeypatch.setattr(Host, "put_all_away", lambda host: Deferred())
        started, ended = run(), []
        started.stopService().addCallback(ended.append)
        reactor.advance(4.9)
        assert ended == []
        reactor.advance(0.2)
        reactor.until(lambda: ended)

    def test_leaves_nothing_unwritten(self, run, reactor, tmp_path, waiting):
        """The next one that starts goes on where this one was stopped."""
        started = run()
        line = waiting()
        sys.modules["waiting_skill"].gate.set()
        line.until(b'"type":"done"')
        reactor.result(started.stopService())
        with sqlite3.connect(tmp_path / "data" / "pytlas.sqlite3") as database:
            (row,) = database.execute("select seq, reserved from conversations").fetchall()
            (last,) = database.execute("select max(seq) from entries").fetchone()
        database.close()
        assert row == (last, last)


class TestUnused:
    def test_conversations_are_put_away(self, run, reactor, tmp_path):
        started = run(SERVER_CONVERSATION_IDLE_SECONDS="20")
        (inner,) = [one for one in started if isinstance(one, AssistantService)]
        _, store, token = add_user(tmp_path)
        store.close()
        line = Line(reactor)
        line.send(HANDSHAKE, text({"type": "authenticate", "token": token}))
        line.until(b'"type":"ready"')
        line.transport.loseConnection()
        assert len(inner._host.conversations) == 1
        for _ in range(3):
            reactor.advance(10)
        reactor.until(lambda: not inner._host.conversations)

    @pytest.mark.parametrize(("idle", "looks"), [("20", 10), ("900", 60)])
    def test_are_looked_for_as_often_as_it_matters(self, run, idle, looks):
        started = run(SERVER_CONVERSATION_IDLE_SECONDS=idle)
        steps = [one.step for one in started if isinstance(one, TimerService)]
        assert looks in steps

    def test_memory_is_given_back(self, run, reactor, monkeypatch):
        given = []
        monkeypatch.setattr(memory, "give_back", lambda: given.append("memory"))
        run()
        reactor.advance(30)
        reactor.until(lambda: given)
        assert given == ["memory"]


class Membership:
    """Notes when it is its turn; `drained` is what draining comes to."""

    def __init__(self, drained):
        self.drained = drained
        self.left = succeed(None)
        self.calls = []
        self.extra_seconds = 3.0

    def enter(self):
        self.calls.append("enter")

    def drain(self):
        self.calls.append("drain")
        return self.drained

    def leave(self):
        self.calls.append("leave")
        return self.left


class TestMembership:
    @pytest.fixture
    def begin(self, build, reactor):
        """`begin(drained)`: a service that runs, and what ties it to others."""

        def start(drained):
            (inner,) = [one for one in build().service if isinstance(one, AssistantService)]
            inner._membership = Membership(drained)
            inner.startService()
            return inner, inner._membership

        return start

    def test_begins_and_ends_with_the_service(self, begin, reactor):
        inner, membership = begin(succeed(None))
        assert membership.calls == ["enter"]
        reactor.result(inner.stopService())
        assert membership.calls == ["enter", "drain", "leave"]

    def test_others_have_their_time_to_take_over(self, begin, reactor):
        drained = Deferred()
        inner, membership = begin(drained)
        stopped = inner.stopService()
        reactor.advance(7)
        assert membership.calls == ["enter", "drain"]
        drained.callback(None)
        assert membership.calls == ["enter", "drain", "leave"]
        reactor.result(stopped)

    def test_but_not_for_ever(self, begin, reactor):
        inner, membership = begin(Deferred())
        membership.left = Deferred()
        stopped = inner.stopService()
        reactor.advance(5 + membership.extra_seconds)
        assert membership.calls == ["enter", "drain", "leave"]
        reactor.advance(5)
        reactor.result(stopped)

    def test_what_goes_wrong_ends_nothing(self, begin, reactor, log):
        inner, membership = begin(fail(RuntimeError("a bug")))
        membership.left = fail(RuntimeError("another"))
        reactor.result(inner.stopService())
        assert errors(log) == 2 * ["the cluster could not be left in order"]
