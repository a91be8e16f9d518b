"""The worker processes of a server of one machine: started, started again, and ended in order.

What a worker logs, one JSON object a line, is logged here with its name. It has its
configuration from its standard input, which stays open: its end tells a worker that nobody
needs it any more, however this process ended.
"""

# ruff: noqa: N802, N803 - where Twisted calls us, names are as Twisted writes them

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final

from attrs import define, evolve, field
from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.error import ProcessExitedAlready
from twisted.internet.protocol import ProcessProtocol
from twisted.logger import Logger, LogLevel
from twisted.python.failure import Failure

from pytlas_wamp.config import Config
from pytlas_wamp.service.handover import config_to_line
from pytlas_wamp.service.json_log import ABOUT

_log = Logger()

# -P: what lies in the current directory is nobody's module.
COMMAND: Final = (sys.executable, "-P", "-m", "pytlas_wamp.process")

# After a crash the others have its conversations already; who crashes again waits longer.
FIRST_PAUSE_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 30.0
# Who has run for so long has not crashed because it was started.
STEADY_SECONDS: Final = 60.0
# What a worker needs at its end beside the grace for running answers: to write, to give back.
ENDING_SECONDS: Final = 15.0

# A traceback is long; who never ends a line must not fill the memory.
_MAX_LINE_BYTES: Final = 262_144
_OUTPUTS: Final = {0: "w", 1: "r", 2: "r"}


@define(eq=False)
class _Output:
    """Cuts what a process writes into lines.

    Args:
      take: is given each line.
    """

    _take: Callable[[str], object]
    _begun: bytes = field(init=False, default=b"")

    def feed(self, data: bytes) -> None:
        """Take what came."""
        *lines, begun = (self._begun + data).split(b"\n")
        for line in lines:
            self._tell(line)
        self._begun = begun[:_MAX_LINE_BYTES]

    def end(self) -> None:
        """Take what was begun as the last line."""
        self._tell(self._begun)
        self._begun = b""

    def _tell(self, line: bytes) -> None:
        text = line.decode(errors="replace").rstrip()
        if text:
            self._take(text)


@define(eq=False, slots=False)
class _Life(ProcessProtocol):
    """One process, from its start to its end.

    Args:
      name: of the worker.
      config: what it is told, as a line.
      ended: called at its end, with a sentence that says how that was.
    """

    _name: str
    _config: str = field(repr=False)
    _ended: Callable[[str], object]
    _outputs: dict[int, _Output] = field(init=False, factory=dict)
    transport: Any = field(init=False, default=None, repr=False)

    def connectionMade(self) -> None:
        """Tell it what it is."""
        self.transport.write(f"{self._config}\n".encode())

    def childDataReceived(self, childFD: int, data: bytes) -> None:
        """Take what it logs, or prints."""
        if childFD not in self._outputs:
            self._outputs[childFD] = _Output(self._log)
        self._outputs[childFD].feed(data)

    def processEnded(self, reason: Failure) -> None:
        """Tell how it went."""
        for output in self._outputs.values():
            output.end()
        self._ended(_how(reason.value))

    def signal(self, name: str) -> None:
        """Send it a signal, if it is still there."""
        with suppress(ProcessExitedAlready):
            self.transport.signalProcess(name)

    @property
    def pid(self) -> int:
        """Its number."""
        return int(self.transport.pid)

    def _log(self, line: str) -> None:
        log_line(self._name, line)


@define(kw_only=True, eq=False)
class WorkerProcess:
    """A worker, whatever process that is at the moment.

    Args:
      name: of the node.
      config: what the process is told, as a line.
      reactor: starts processes, and has the time.

    Attributes:
      starts: how often it was started.
    """

    name: str
    _config: str = field(repr=False)
    _reactor: Any
    starts: int = field(init=False, default=0)
    _life: _Life | None = field(init=False, default=None)
    _began: float = field(init=False, default=0.0)
    _pause: float = field(init=False, default=FIRST_PAUSE_SECONDS)
    _again: Any = field(init=False, default=None)
    _kill: Any = field(init=False, default=None)
    _stopped: Deferred[None] | None = field(init=False, default=None)

    @property
    def pid(self) -> int | None:
        """The number of the process; None while there is none."""
        return None if self._life is None else self._life.pid

    def start(self) -> None:
        """Have a process, from now on and whatever happens to it."""
        self._again = None
        self.starts += 1
        self._began = self._reactor.seconds()
        life = _Life(self.name, self._config, self._ended)
        try:
            # No environment of its own: what is secret in this one is gone since the start.
            self._reactor.spawnProcess(
                life, COMMAND[0], [*COMMAND, self.name], env=None, childFDs=_OUTPUTS
            )
        except OSError as error:
            self._ended(f"could not be started: {error}")
        else:
            self._life = life
            _log.info("worker {node} is process {pid}", node=self.name, pid=life.pid)

    def stop(self, grace_seconds: float) -> Deferred[None]:
        """End it in order, or else by force; fires when it is gone.

        Args:
          grace_seconds: how long it may take.
        """
        stopped: Deferred[None] = Deferred()
        self._stopped = stopped
        if self._again is not None:
            self._again.cancel()
        if self._life is None:
            stopped.callback(None)
        else:
            self._life.signal("TERM")
            self._kill = self._reactor.callLater(grace_seconds, self._life.signal, "KILL")
        return stopped

    def _ended(self, how: str) -> None:
        self._life = None
        if self._stopped is None:
            self._go_on(how)
            return
        if self._kill.active():
            self._kill.cancel()
        _log.info("worker {node} {how}", node=self.name, how=how)
        self._stopped.callback(None)

    def _go_on(self, how: str) -> None:
        if self._reactor.seconds() - self._began >= STEADY_SECONDS:
            self._pause = FIRST_PAUSE_SECONDS
        text = "worker {node} {how}; it is started again in {pause:g} seconds"
        _log.error(text, node=self.name, how=how, pause=self._pause)
        self._again = self._reactor.callLater(self._pause, self.start)
        self._pause = min(2 * self._pause, LONGEST_PAUSE_SECONDS)


@define(eq=False)
class WorkerProcesses:
    """All worker processes of a server.

    Args:
      config: that of the server.
      reactor: starts processes, and has the time.

    Attributes:
      all: each of them.
    """

    _config: Config = field(repr=False)
    _reactor: Any
    all: Sequence[WorkerProcess] = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Know what each is told."""
        self.all = tuple(
            WorkerProcess(
                name=config.cluster.name or "",
                config=config_to_line(config),
                reactor=self._reactor,
            )
            for config in map(self._worker, range(1, self._config.cluster.processes + 1))
        )

    @property
    def restarts(self) -> int:
        """How often one of them was started anew."""
        return sum(max(0, one.starts - 1) for one in self.all)

    def start(self) -> None:
        """Start each."""
        for one in self.all:
            one.start()

    def stop(self) -> Deferred[Any]:
        """End each; fires when all are gone."""
        seconds = self._config.limits.shutdown_grace_seconds + ENDING_SECONDS
        return DeferredList([one.stop(seconds) for one in self.all])

    def _worker(self, number: int) -> Config:
        cluster = evolve(
            self._config.cluster,
            role="worker",
            name=f"worker{number}",
            routers=(),
            languages=(),
            processes=0,
        )
        # The ports are this process's own, and warnings have been told.
        return evolve(self._config, cluster=cluster, listen=(), warnings=())


def log_line(name: str, line: str) -> None:
    """Log what a worker has logged, or what something in it has printed.

    Args:
      name: of the worker.
      line: one JSON object as `service.json_log` writes it, or any text.
    """
    document = _document(line)
    if document is None:
        _log.info("[{node}] {line}", node=name, line=line)
        return
    about = {key: document[key] for key in ABOUT if key in document}
    text = str(document.get("message", ""))
    if "traceback" in document:
        text = f"{text}\n{document['traceback']}"
    _log.emit(_level(document), "[{node}] {line}", node=name, line=text, **about)


def _document(line: str) -> dict[str, Any] | None:
    try:
        document = json.loads(line)
    except ValueError:
        return None
    return document if isinstance(document, dict) and "level" in document else None


def _level(document: dict[str, Any]) -> LogLevel:
    level: LogLevel
    try:
        level = LogLevel.levelWithName(str(document["level"]))
    except Exception:  # noqa: BLE001 - InvalidLogLevelError is private to Twisted
        level = LogLevel.info
    return level


def _how(error: Any) -> str:
    if getattr(error, "signal", None) is not None:
        return f"was ended by signal {error.signal}"
    code = getattr(error, "exitCode", None)
    return "ended" if not code else f"ended with exit code {code}"
