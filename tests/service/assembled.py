"""A server that is put together on a reactor in memory, with real threads."""

# ruff: noqa: N802, N815 - methods that Twisted calls have its names

from __future__ import annotations

import sys
from pathlib import Path
from queue import Empty, Queue
from weakref import finalize

import pytest
import txaio
from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionDone
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.logger import LogLevel, formatEvent, globalLogPublisher
from twisted.python.failure import Failure

from pytlas_wamp.config import read_config
from pytlas_wamp.service import assembly, front
from pytlas_wamp.service.accounts import open_accounts
from wire_devices import frame

from pytlas.handling.skill import GLOBAL_HANDLERS, GLOBAL_METAS  # isort: skip - compat comes first
from pytlas.handling.hooks import GLOBAL_HOOKS  # isort: skip
from pytlas.handling.localization import GLOBAL_TRANSLATIONS  # isort: skip
from pytlas.settings import CONFIG  # isort: skip
from pytlas.understanding.training import GLOBAL_TRAININGS  # isort: skip

STORES = (GLOBAL_HANDLERS, GLOBAL_METAS, GLOBAL_TRANSLATIONS, GLOBAL_TRAININGS)
SPEC = Path(__file__).parents[2] / "spec"
# Far beyond what any of these threads takes.
PATIENCE_SECONDS = 10
MOMENT_SECONDS = 0.05

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
        patience = PATIENCE_SECONDS / MOMENT_SECONDS
        while not condition():
            try:
                self.crossing.get(timeout=MOMENT_SECONDS)()
            except Empty:
                # Batches of frames are written at their time, which has to come.
                self.advance(MOMENT_SECONDS)
                patience -= 1
                assert patience, "nothing came of it"

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
    monkeypatch.setattr(front, "spec_directory", lambda: SPEC)
    skills = tmp_path / "data" / "skills"
    skills.mkdir(parents=True)
    (skills / "waiting_skill.py").write_text(SKILL)

    def make(**environ):
        config = read_config(
            config_file=None,
            options={"data_dir": str(tmp_path / "data")},
            # What learns more does so in a process of its own, which takes a second.
            environ={
                "SERVER_BUNDLED_SKILLS": "none",
                "SERVER_INTERPRETER": "patterns",
                **environ,
            },
        )
        return assembly.build(config, reactor=reactor)

    yield make
    if "waiting_skill" in sys.modules:
        sys.modules.pop("waiting_skill").gate.set()
    CONFIG.reset()


@pytest.fixture
def run(build, reactor):
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
    accounts, store = open_accounts(config, secret)
    finalize(accounts, store.close)
    accounts.create(name, "a long password of hers", **more)
    token = accounts.sign_in(name, "a long password of hers").access
    return accounts, store, token


class Transport(StringTransport):
    """Forgives, as real ones do, to be told of no producer; a client behind it answers a close."""

    def unregisterProducer(self):
        self.producer = None

    def write(self, data):
        super().write(data)
        if data[:1] == b"\x88":
            self.reactor.callFromThread(self.answer, frame(data[2:4], 8))

    def answer(self, data):
        if not self.disconnecting:
            self.protocol.dataReceived(data)

    def loseConnection(self):
        if not self.disconnecting:
            super().loseConnection()
            self.protocol.connectionLost(Failure(ConnectionDone()))

    abortConnection = loseConnection


class Line:
    """A connection to what a reactor listens with."""

    def __init__(self, reactor):
        self.reactor = reactor
        site = reactor.tcpServers[0][1]
        self.transport = Transport()
        channel = site.buildProtocol(None)
        self.transport.reactor = reactor
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


def get(reactor, path, token=None, method="GET"):
    """What a server answers: status, and the rest."""
    line = Line(reactor)
    signed = "" if token is None else f"Authorization: Bearer {token}\r\n"
    line.transport.peerAddr = IPv4Address("TCP", "127.0.0.1", 31337)
    line.send(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{signed}\r\n".encode())
    line.until(b"\r\n\r\n")
    head, _, body = line.transport.value().partition(b"\r\n\r\n")
    return int(head[9:12]), body.decode()
