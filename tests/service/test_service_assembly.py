"""The assembled server, on a reactor in memory with real threads."""

# ruff: noqa: N802, N815 - methods that Twisted calls have its names

from __future__ import annotations

import sys
from pathlib import Path
from queue import Queue
from weakref import finalize

import pytest
import txaio
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.logger import LogLevel, formatEvent, globalLogPublisher

from pytlas_wamp import service
from pytlas_wamp.config import read_config
from pytlas_wamp.errors import ClientError, OperatorError
from wire_devices import HANDSHAKE, text

from pytlas.handling.skill import GLOBAL_HANDLERS, GLOBAL_METAS  # isort: skip - compat comes first
from pytlas.handling.hooks import GLOBAL_HOOKS  # isort: skip
from pytlas.handling.localization import GLOBAL_TRANSLATIONS  # isort: skip
from pytlas.settings import CONFIG  # isort: skip
from pytlas.understanding.training import GLOBAL_TRAININGS  # isort: skip

STORES = (GLOBAL_HANDLERS, GLOBAL_METAS, GLOBAL_TRANSLATIONS, GLOBAL_TRAININGS)
SPEC = Path(__file__).parents[1] / "spec"
# Far beyond what any of these threads takes.
PATIENCE_SECONDS = 10

SKILL = """
from threading import Event
from pytlas import intent, training

gate = Event()

@intent("wait")
def on_wait(req):
    gate.wait(600)
    req.agent.answer("Enough")
    req.agent.done()

@training("en")
def english():
    return '''
%[wait]
  wait for it
'''
"""


class Reactor(MemoryReactorClock):
    """Takes calls from threads, and makes them when the test says so."""

    def __init__(self):
        super().__init__()
        self.crossing = Queue()

    def callFromThread(self, function, *args, **kwargs):
        self.crossing.put(lambda: function(*args, **kwargs))

    def until(self, condition):
        """Go on until something is so."""
        while not condition():
            self.crossing.get(timeout=PATIENCE_SECONDS)()

    def result(self, deferred):
        """What a Deferred fires with."""
        results = []
        deferred.addBoth(results.append)
        self.until(lambda: results)
        return results[0]


@pytest.fixture
def reactor(monkeypatch):
    monkeypatch.setattr(txaio.config, "loop", None, raising=False)
    return Reactor()


@pytest.fixture
def build(reactor, tmp_path, monkeypatch):
    """`build(server_language="fr")`: a server whose only skill is SKILL."""
    for store in STORES:
        monkeypatch.setattr(store, "_data", {})
    monkeypatch.setattr(GLOBAL_HOOKS, "_data", {name: [] for name in GLOBAL_HOOKS._data})
    monkeypatch.setattr(sys, "path", [*sys.path])
    # So that tests also run against a copy of src/, with planted bugs.
    monkeypatch.setattr(service, "spec_directory", lambda: SPEC)
    skills = tmp_path / "data" / "skills"
    skills.mkdir(parents=True)
    (skills / "waiting_skill.py").write_text(SKILL)

    def make(**environ):
        config = read_config(
            config_file=None,
            options={"data_dir": str(tmp_path / "data")},
            environ={"SERVER_BUNDLED_SKILLS": "none", **environ},
        )
        return service.build(config, reactor=reactor)

    yield make
    if "waiting_skill" in sys.modules:
        sys.modules.pop("waiting_skill").gate.set()
    CONFIG.reset()


@pytest.fixture
def log():
    events = []
    globalLogPublisher.addObserver(events.append)
    yield events
    globalLogPublisher.removeObserver(events.append)


def errors(events):
    return [formatEvent(one) for one in events if one["log_level"] >= LogLevel.error]


def add_user(tmp_path, name="ada", **more):
    """From beside the server, as the command line does."""
    config = read_config(config_file=None, options={"data_dir": str(tmp_path / "data")}, environ={})
    secret = (tmp_path / "data" / "secret").read_text().strip()
    accounts, store = service.open_accounts(config, secret)
    finalize(accounts, store.close)
    accounts.create(name, "a long password", **more)
    token = accounts.sign_in(name, "a long password").access
    return accounts, store, token


class Transport(StringTransport):
    """Forgives, as real ones do, to be told of no producer."""

    def unregisterProducer(self):
        self.producer = None

    abortConnection = StringTransport.loseConnection


class Line:
    """A connection to what a reactor listens with."""

    def __init__(self, reactor):
        self.reactor = reactor
        site = reactor.tcpServers[0][1]
        self.transport = Transport()
        channel = site.buildProtocol(None)
        self.transport.protocol = channel
        channel.makeConnection(self.transport)

    def send(self, *parts):
        for part in parts:
            self.transport.protocol.dataReceived(part)

    def until(self, *words):
        for word in words:
            self.reactor.until(lambda word=word: word in self.transport.value())


def status(reactor):
    line = Line(reactor)
    line.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return line.transport.value()[9:12]


class TestBuild:
    def test_makes_what_is_not_there(self, build, tmp_path):
        built = build()
        data = tmp_path / "data"
        assert set(built.created) == {data / "cache", data / "secret"}
        assert built.has_people is False
        assert [skill.name for skill in built.shelf.skills] == ["waiting_skill"]

    def test_brings_the_skills_that_are_shipped(self, build):
        built = build(SERVER_BUNDLED_SKILLS="home_basics")
        assert [skill.name for skill in built.shelf.skills] == ["home_basics", "waiting_skill"]
        sys.modules.pop("home_basics")

    def test_knows_whether_anybody_has_an_account(self, build, tmp_path):
        build()
        _, store, _ = add_user(tmp_path)
        store.close()
        sys.modules.pop("waiting_skill")
        assert build().has_people is True

    def test_refuses_what_it_cannot_use(self, build):
        with pytest.raises(OperatorError, match="there is no interpreter 'crystal-ball'"):
            build(SERVER_INTERPRETER="crystal-ball")

    def test_a_secret_cannot_be_guessed(self):
        made = {service.make_secret() for _ in range(10)}
        assert len(made) == 10
        assert {len(secret) for secret in made} == {64}


class TestService:
    @pytest.fixture
    def run(self, build, reactor):
        """`run(**environ)`: a server that was started, and is stopped at the end."""
        running = []

        def start(**environ):
            built = build(**environ)
            built.service.startService()
            running.append(built.service)
            return built.service

        yield start
        for one in running:
            if one.running:
                stopped = one.stopService()
                reactor.advance(10)
                reactor.result(stopped)

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
            return {line[-4:] for line in lines if "intents understood" in line}

        reactor.until(lambda: trained() == {"'en'", "'fr'"})

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

        monkeypatch.setattr(service, "find_interpreter", lambda name: cannot)
        run()
        reactor.until(lambda: errors(log))
        assert errors(log) == [told]
        assert status(reactor) == b"200"

    def test_languages_that_cannot_be_looked_up_do_not_either(
        self, build, reactor, log, monkeypatch
    ):
        whole = build().service
        (inner,) = [one for one in whole if isinstance(one, service.AssistantService)]
        broken = lambda people: people._workers.run(int, "no number")  # noqa: E731 - a short fake
        monkeypatch.setattr(service.People, "languages", broken)
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


class TestPeople:
    @pytest.fixture
    def people(self, build, reactor, tmp_path):
        whole = build().service
        (inner,) = [one for one in whole if isinstance(one, service.AssistantService)]
        inner._people._workers.start()
        yield inner._people
        inner._people._workers.stop()
        inner._people._store.close()

    def test_are_found_with_their_settings(self, people, reactor, tmp_path):
        accounts, store, token = add_user(tmp_path, language="fr-FR")
        accounts.set_setting("ada", "weather.api_key", "k")
        found = reactor.result(people.find(1))
        assert (found.id, found.language, found.settings) == (1, "fr-FR", {"WEATHER_API_KEY": "k"})
        assert reactor.result(people.check(token)).account.id == 1
        assert reactor.result(people.languages()) == {"fr"}
        assert reactor.result(people.last_change()) == 2
        assert [one.kind for one in reactor.result(people.changes(1))] == ["settings"]
        store.close()

    @pytest.mark.parametrize("what", ["disable", "delete"])
    def test_are_not_found_when_locked_out(self, people, reactor, tmp_path, what):
        accounts, store, _ = add_user(tmp_path)
        getattr(accounts, what)("ada")
        store.close()
        failure = reactor.result(people.find(1))
        assert failure.check(ClientError)
        assert failure.value.code == "account-disabled"


class TestPools:
    def test_logins_do_not_wait_for_skills(self, reactor):
        pools = service.Pools.make(reactor, 2)
        assert len({id(pool) for pool in pools.all}) == 4
        assert pools.skills._max_in_flight == 2
        assert pools.accounts._max_in_flight > 1_000
