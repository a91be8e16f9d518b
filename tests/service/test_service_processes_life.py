"""Worker processes: started, started again, ended, and what they log."""

# ruff: noqa: N802 - methods that Twisted calls have its names

from __future__ import annotations

import json
import signal
import sys

import pytest
from attrs import define, field
from twisted.internet.error import ProcessDone, ProcessExitedAlready, ProcessTerminated
from twisted.internet.task import Clock
from twisted.logger import LogLevel, capturedLogs, formatEvent
from twisted.python.failure import Failure

from pytlas_wamp.config import read_config
from pytlas_wamp.service.handover import config_from_line
from pytlas_wamp.service.processes import (
    ENDING_SECONDS,
    FIRST_PAUSE_SECONDS,
    LONGEST_PAUSE_SECONDS,
    STEADY_SECONDS,
    WorkerProcesses,
    log_line,
)

GRACE_SECONDS = 5.0


@define(eq=False)
class Process:
    """One process, whose life is what the test says."""

    protocol: object
    arguments: list
    options: dict
    pid: int
    given: bytes = b""
    signals: list = field(factory=list)
    over: bool = False

    def write(self, data):
        self.given += data

    def signalProcess(self, name):
        if self.over:
            raise ProcessExitedAlready
        self.signals.append(name)

    def end(self, code=0, by=None):
        self.over = True
        is_well = code == 0 and by is None
        error = ProcessDone(0) if is_well else ProcessTerminated(code, by, 0)
        self.protocol.processEnded(Failure(error))

    @property
    def config(self):
        return config_from_line(self.given.decode())


class Reactor(Clock):
    def __init__(self):
        super().__init__()
        self.processes = []
        self.trouble = None

    def spawnProcess(self, protocol, executable, args, **options):
        if self.trouble is not None:
            raise self.trouble
        assert executable == args[0] == sys.executable
        self.processes.append(Process(protocol, args[1:], options, 100 + len(self.processes)))
        protocol.makeConnection(self.processes[-1])
        return self.processes[-1]


@pytest.fixture
def reactor():
    return Reactor()


@pytest.fixture
def config(tmp_path):
    return read_config(
        config_file=None,
        options={"data_dir": tmp_path, "processes": "2", "listen": ["tcp:1"]},
        environ={"WEB_SECRET": "0123456789abcdef0123456789abcdef"},
    )


@pytest.fixture
def workers(config, reactor):
    return WorkerProcesses(config, reactor)


@pytest.fixture
def log():
    with capturedLogs() as events:
        yield events


class TestStart:
    def test_each_is_a_worker_of_its_own_that_listens_nowhere(self, workers, reactor, config):
        workers.start()
        assert [one.config.cluster.name for one in reactor.processes] == ["worker1", "worker2"]
        for one in reactor.processes:
            assert (one.config.cluster.role, one.config.cluster.processes) == ("worker", 0)
            assert one.config.listen == ()
            assert one.config.data_dir == config.data_dir

    def test_secrets_go_through_the_pipe_alone(self, workers, reactor, config):
        workers.start()
        process = reactor.processes[0]
        assert process.config.secret == config.secret
        assert config.secret not in " ".join(process.arguments)
        # What is left of this process's environment is what the skills may see.
        assert process.options["env"] is None
        assert config.secret not in repr(workers)

    def test_its_name_is_what_a_list_of_processes_shows(self, workers, reactor):
        workers.start()
        assert reactor.processes[1].arguments == ["-P", "-m", "pytlas_wamp.process", "worker2"]

    def test_the_number_is_known_and_logged(self, workers, log):
        workers.start()
        assert [one.pid for one in workers.all] == [100, 101]
        assert formatEvent(log[0]) == "worker worker1 is process 100"


class TestCrash:
    def test_it_is_started_again_soon(self, workers, reactor, log):
        workers.start()
        reactor.processes[0].end(by=signal.SIGKILL)
        assert workers.all[0].pid is None
        assert formatEvent(log[-1]) == (
            "worker worker1 was ended by signal 9; it is started again in 0.5 seconds"
        )
        reactor.advance(FIRST_PAUSE_SECONDS)
        assert workers.all[0].pid == 102
        assert reactor.processes[2].config.cluster.name == "worker1"
        assert workers.restarts == 1

    def test_who_crashes_again_and_again_waits_longer(self, workers, reactor):
        workers.all[0].start()
        pauses = []
        for _ in range(9):
            reactor.processes[-1].end(1)
            (again,) = reactor.getDelayedCalls()
            pauses.append(again.getTime() - reactor.seconds())
            reactor.advance(pauses[-1])
        assert pauses[:3] == [0.5, 1.0, 2.0]
        assert pauses[-1] == LONGEST_PAUSE_SECONDS

    def test_who_ran_for_long_does_not(self, workers, reactor, log):
        workers.all[0].start()
        for _ in range(4):
            reactor.processes[-1].end(3)
            reactor.advance(LONGEST_PAUSE_SECONDS)
        reactor.advance(STEADY_SECONDS)
        reactor.processes[-1].end(3)
        assert formatEvent(log[-1]) == (
            "worker worker1 ended with exit code 3; it is started again in 0.5 seconds"
        )

    def test_what_cannot_be_started_is_tried_again(self, workers, reactor, log):
        reactor.trouble = OSError("no memory")
        workers.all[0].start()
        assert "could not be started: no memory; it is started again" in formatEvent(log[-1])
        reactor.trouble = None
        reactor.advance(FIRST_PAUSE_SECONDS)
        assert len(reactor.processes) == 1


class TestStop:
    def test_each_is_told_to_end_and_waited_for(self, workers, reactor, log):
        workers.start()
        stopped = []
        workers.stop().addCallback(stopped.append)
        assert [one.signals for one in reactor.processes] == [["TERM"], ["TERM"]]
        reactor.processes[0].end()
        assert not stopped
        reactor.processes[1].end()
        assert stopped
        assert formatEvent(log[-1]) == "worker worker2 ended"
        assert reactor.getDelayedCalls() == []

    def test_who_does_not_end_is_killed(self, workers, reactor):
        workers.start()
        workers.stop()
        reactor.processes[0].end()
        reactor.advance(GRACE_SECONDS + ENDING_SECONDS)
        assert [one.signals for one in reactor.processes] == [["TERM"], ["TERM", "KILL"]]

    def test_who_is_gone_already_is_not_told(self, workers, reactor):
        workers.start()
        reactor.processes[0].over = True
        workers.stop()
        assert reactor.processes[0].signals == []

    def test_who_crashed_is_not_started_any_more(self, workers, reactor):
        workers.start()
        reactor.processes[0].end(1)
        stopped = []
        workers.stop().addCallback(stopped.append)
        reactor.processes[1].end()
        assert stopped
        reactor.advance(LONGEST_PAUSE_SECONDS)
        assert len(reactor.processes) == 2


def document(**more):
    return json.dumps({"time": "now", "level": "info", "logger": "x", "message": "hello", **more})


class TestLog:
    def test_what_a_worker_logs_is_logged_with_its_name(self, log):
        log_line("worker1", document(level="warn", user=7, turn=3))
        assert formatEvent(log[0]) == "[worker1] hello"
        assert log[0]["log_level"] is LogLevel.warn
        assert (log[0]["user"], log[0]["turn"], log[0]["node"]) == (7, 3, "worker1")

    def test_a_traceback_follows(self, log):
        log_line("worker1", document(level="critical", traceback="Traceback:\n  here"))
        assert formatEvent(log[0]) == "[worker1] hello\nTraceback:\n  here"

    @pytest.mark.parametrize("line", ["{not json}", "[1]", '{"a": 1}', "Segmentation fault"])
    def test_what_something_prints_is_logged_as_it_is(self, log, line):
        log_line("worker1", line)
        assert formatEvent(log[0]) == f"[worker1] {line}"

    def test_a_level_that_nobody_knows_is_no_reason_to_lose_a_line(self, log):
        log_line("worker1", document(level="purple"))
        assert log[0]["log_level"] is LogLevel.info

    def test_lines_are_put_together(self, workers, reactor, log):
        workers.start()
        take = reactor.processes[0].protocol.childDataReceived
        take(1, document().encode() + b"\nbeg")
        take(2, b"oh\n\n")
        take(1, b"un\nlast")
        reactor.processes[0].end()
        texts = [formatEvent(event) for event in log]
        assert texts[2:6] == [
            *("[worker1] hello", "[worker1] oh", "[worker1] begun", "[worker1] last")
        ]

    def test_who_never_ends_a_line_does_not_fill_the_memory(self, workers, reactor):
        workers.start()
        protocol = reactor.processes[0].protocol
        for _ in range(10):
            protocol.childDataReceived(1, b"x" * 100_000)
        assert len(protocol._outputs[1]._begun) < 400_000
