"""A reactor whose processes do what the test says, and whose time stands still."""

from __future__ import annotations

import signal

from attrs import Factory, define, field
from twisted.internet.error import ProcessDone, ProcessExitedAlready, ProcessTerminated
from twisted.internet.task import Clock
from twisted.python.failure import Failure


@define(eq=False)
class FakeProcess:
    """The reactor's side of a process: what the child was told, and how to let it speak."""

    protocol: object
    arguments: list[str]
    environment: dict[str, str]
    pid: int = 4711
    signals: list[str] = Factory(list)
    has_exited: bool = False
    stdin_closed: bool = False
    pipes_closed: bool = False

    def closeStdin(self):  # noqa: N802 - Twisted's name
        self.stdin_closed = True

    def loseConnection(self):  # noqa: N802 - Twisted's name
        self.pipes_closed = True

    def signalProcess(self, number):  # noqa: N802 - Twisted's name
        if self.has_exited:
            raise ProcessExitedAlready
        self.signals.append(signal.Signals(number).name)

    def out(self, data: bytes) -> None:
        self.protocol.childDataReceived(1, data)

    def err(self, data: bytes) -> None:
        self.protocol.childDataReceived(2, data)

    def end(self, code: int = 0, *, by: int | None = None) -> None:
        self.has_exited = True
        if code == 0 and by is None:
            self.protocol.processEnded(Failure(ProcessDone(0)))
        else:
            self.protocol.processEnded(Failure(ProcessTerminated(code, by, 0)))


class FakeReactor(Clock):
    """Starts no process, and remembers which."""

    def __init__(self) -> None:
        super().__init__()
        self.processes: list[FakeProcess] = []
        self.trouble: OSError | None = None

    @property
    def process(self) -> FakeProcess:
        """The newest."""
        return self.processes[-1]

    def spawnProcess(self, protocol, executable, args, *, env):  # noqa: N802 - Twisted's name
        if self.trouble is not None:
            raise self.trouble
        assert executable == args[0]
        self.processes.append(FakeProcess(protocol, args, env))
        protocol.makeConnection(self.process)
        return self.process


@define
class FakeGroups:
    """The process groups of the system."""

    signals: list[tuple[int, str]] = field(factory=list)
    there: bool = True

    def __call__(self, group: int, number: int) -> None:
        if not self.there:
            raise ProcessLookupError
        self.signals.append((group, signal.Signals(number).name))
