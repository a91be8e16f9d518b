"""A worker process, as the server starts it."""

from __future__ import annotations

import io
import json
import signal
import sys
import threading

import pytest
from twisted.application.service import MultiService
from twisted.internet.error import ReactorNotRunning
from twisted.internet.main import CONNECTION_DONE
from twisted.internet.testing import MemoryReactorClock
from twisted.logger import Logger, globalLogPublisher

import pytlas_wamp.service.assembly
from pytlas_wamp import process
from pytlas_wamp.assistant.skills import SkillShelf
from pytlas_wamp.config import read_config
from pytlas_wamp.errors import OperatorError
from pytlas_wamp.service.assembly import Built
from pytlas_wamp.service.discretion import Discretion
from pytlas_wamp.service.handover import config_to_line


class Reactor(MemoryReactorClock):
    """Stops once, as a real one does."""

    was_stopped = False

    def run(self):
        self.hasRun = True

    def stop(self):
        if self.was_stopped:
            raise ReactorNotRunning
        self.was_stopped = True


class Beginner:
    """Takes the place of Twisted's, which begins once in the life of a process."""

    def beginLoggingTo(self, observers, *, redirectStandardIO):  # noqa: N802, N803 - Twisted's
        (self.observer,) = observers
        assert not redirectStandardIO


@pytest.fixture(autouse=True)
def beginner(monkeypatch):
    beginner = Beginner()
    monkeypatch.setattr(process, "globalLogBeginner", beginner)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    yield beginner
    globalLogPublisher.removeObserver(Discretion())


@pytest.fixture
def reactor():
    return Reactor()


class TestMake:
    def test_builds_what_the_line_says(self, reactor, tmp_path, monkeypatch):
        config = read_config(config_file=None, options={"data_dir": tmp_path}, environ={})
        service, asked = MultiService(), []

        def build(config, *, reactor):
            asked.append((config, reactor))
            return Built(
                service=service, setup_code=None, has_people=True, shelf=SkillShelf(), created=()
            )

        monkeypatch.setattr(pytlas_wamp.service.assembly, "build", build)
        assert process.make(config_to_line(config), reactor) is service
        assert asked == [(config, reactor)]
        assert Discretion() in globalLogPublisher._observers


class TestRun:
    @pytest.fixture
    def service(self, monkeypatch):
        """What is made of the line; it remembers that."""
        service = MultiService()

        def make(line, reactor):
            service.made_of = line
            return service

        monkeypatch.setattr(process, "make", make)
        return service

    def test_runs_what_the_first_line_says(self, reactor, service):
        assert process.run(io.StringIO("one\ntwo\n"), io.StringIO(), reactor) == 0
        assert service.made_of == "one\n"
        assert (service.running, reactor.hasRun) == (1, True)

    def test_ends_in_order(self, reactor, service):
        process.run(io.StringIO(), io.StringIO(), reactor)
        ((stop, _, _),) = reactor.triggers["before"]["shutdown"]
        stop()
        assert not service.running

    def test_ends_with_the_server(self, reactor, service):
        process.run(io.StringIO(), io.StringIO(), reactor)
        (parent,) = reactor.getReaders()
        parent.connectionLost(None)
        assert reactor.was_stopped

    def test_ends_once(self, reactor, service):
        process.run(io.StringIO(), io.StringIO(), reactor)
        (parent,) = reactor.getReaders()
        reactor.stop()
        parent.connectionLost(None)
        assert reactor.was_stopped

    def test_logs_in_json(self, reactor, service, beginner):
        told = io.StringIO()
        process.run(io.StringIO(), told, reactor)
        log = Logger(observer=beginner.observer)
        log.info("hello")
        assert json.loads(told.getvalue())["message"] == "hello"

    def test_what_is_wrong_is_logged_and_ends_it(self, reactor, monkeypatch, beginner):
        def make(line, reactor):
            raise OperatorError("the disk is full")

        monkeypatch.setattr(process, "make", make)
        events = []
        globalLogPublisher.addObserver(events.append)
        assert process.run(io.StringIO(), io.StringIO(), reactor) == 1
        globalLogPublisher.removeObserver(events.append)
        assert str(events[-1]["error"]) == "the disk is full"


class TestParent:
    def test_is_there_while_anything_can_be_read(self):
        gone = []
        parent = process.Parent(lambda: gone.append(True), lambda *_: b"what?")
        assert parent.fileno() == 0
        assert parent.logPrefix() == "parent"
        assert (parent.doRead(), gone) == (None, [])

    def test_is_gone_when_nothing_can(self):
        parent = process.Parent(lambda: None, lambda *_: b"")
        assert parent.doRead() is CONNECTION_DONE


class TestMain:
    def test_ends_with_what_came_of_it(self, monkeypatch):
        from twisted.internet import reactor  # noqa: PLC0415 - must not be imported before

        given = []
        monkeypatch.setattr(process, "run", lambda *arguments: given.append(arguments) or 3)
        monkeypatch.setattr(signal, "signal", lambda *arguments: given.append(arguments))
        with pytest.raises(SystemExit) as caught:
            process.main()
        assert caught.value.code == 3
        # Ctrl-C is for the server.
        assert given == [
            (signal.SIGINT, signal.SIG_IGN),
            (sys.stdin, sys.stdout, reactor),
        ]
