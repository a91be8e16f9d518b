"""A child process whose lines are collected, and which does not outlive its time."""

# ruff: noqa: N802, N803 - where Twisted calls us, names are as Twisted writes them

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.error import ProcessDone, ProcessExitedAlready
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure

from pytlas_wamp.errors import OperatorError
from pytlas_wamp.transport.lines import plain_line

MAX_LINE_CHARACTERS: Final = 500

# A polite end lets git remove what it has half cloned; who does not listen is killed.
GRACE_SECONDS: Final = 3.0

# As many bytes as the characters of a line can need.
_MAX_LINE_BYTES: Final = 4 * MAX_LINE_CHARACTERS
_LINE_END: Final = re.compile(rb"[\r\n]+")


class ChildFailed(OperatorError):
    """A child process did not do what it was started for; the text says why."""


@define(eq=False)
class Lines:
    """Cuts what a process writes into lines.

    Args:
      take: is given each line that is not blank, at most 500 characters of it.
    """

    _take: Callable[[str], object]
    _begun: bytes = field(init=False, default=b"")

    def feed(self, data: bytes) -> None:
        """Take what came."""
        *whole, begun = _LINE_END.split(self._begun + data)
        for line in whole:
            self._tell(line)
        # Who never ends a line must not fill the memory.
        self._begun = begun[:_MAX_LINE_BYTES]

    def end(self) -> None:
        """Take what was begun as the last line."""
        self._tell(self._begun)
        self._begun = b""

    def _tell(self, line: bytes) -> None:
        text = plain_line(line[:_MAX_LINE_BYTES].decode(errors="replace"), MAX_LINE_CHARACTERS)
        if text:
            self._take(text)


@define(eq=False, slots=False)
class Child(ProcessProtocol):
    """One process, from its start to its end; see `start_child`.

    Args:
      reactor: for the timers.
      take: is given each line it prints, to either output.
      signal_group: sends a signal to a process group, as `os.killpg`.
    """

    _reactor: Any
    _take: Callable[[str], object]
    _signal_group: Callable[[int, int], object]
    ended: Deferred[None] = field(init=False, factory=Deferred)
    _pid: int | None = field(init=False, default=None)
    _process: Any = field(init=False, default=None)
    _timer: Any = field(init=False, default=None)
    _why: str | None = field(init=False, default=None)
    _outputs: dict[int, Lines] = field(init=False, factory=dict)

    def due_in(self, seconds: float) -> None:
        """End it when it is not done by then."""
        self._timer = self._reactor.callLater(
            seconds, self.stop, f"It was not done after {seconds:g} seconds and was ended."
        )

    def stop(self, why: str) -> None:
        """End it with all that it has started, unless it is ending already.

        Args:
          why: a sentence, with which `ended` fails.
        """
        if self._why is not None or self.ended.called:
            return
        self._why = why
        self._cancel_timer()
        self._signal(signal.SIGTERM)
        self._timer = self._reactor.callLater(GRACE_SECONDS, self._kill)

    def _kill(self) -> None:
        self._signal(signal.SIGKILL)
        # Somebody who left the group may still hold its outputs open.
        self._process.loseConnection()

    def _signal(self, number: signal.Signals) -> None:
        # It leads a group as soon as it has come to make one; until then it is alone.
        if self._pid is not None:
            with suppress(OSError):
                self._signal_group(self._pid, number)
        with suppress(ProcessExitedAlready):
            self._process.signalProcess(number)

    def connectionMade(self) -> None:
        """Give it nothing to read."""
        self._process = self.transport
        self._pid = self._process.pid
        self._process.closeStdin()

    def childDataReceived(self, childFD: int, data: bytes) -> None:
        """Take what it prints."""
        self._outputs.setdefault(childFD, Lines(self._take)).feed(data)

    def processEnded(self, reason: Failure) -> None:
        """Tell how it went."""
        self._cancel_timer()
        for output in self._outputs.values():
            output.end()
        if self._why is not None:
            self.ended.errback(ChildFailed(self._why))
        elif reason.check(ProcessDone):
            self.ended.callback(None)
        else:
            self.ended.errback(ChildFailed(_ending(reason.value)))

    def _cancel_timer(self) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()


def start_child(
    reactor: Any,
    arguments: Sequence[str],
    environment: Mapping[str, str],
    *,
    take: Callable[[str], object],
    deadline_seconds: float,
    signal_group: Callable[[int, int], object] = lambda group, number: os.killpg(group, number),  # noqa: PLW0108 - not on every system
) -> Child:
    """Starts a process.

    It should lead a process group of its own, so that nothing it starts is left behind
    when it has to be ended.

    Args:
      reactor: an IReactorProcess and IReactorTime.
      arguments: the program and its arguments.
      environment: all of it.
      take: is given each line that it prints, to either output.
      deadline_seconds: when it is ended.
      signal_group: sends a signal to a process group.

    Returns:
      the process, whose `ended` fires with None or fails with ChildFailed.
    """
    child = Child(reactor, take, signal_group)
    try:
        reactor.spawnProcess(child, arguments[0], list(arguments), env=dict(environment))
    except OSError as error:
        child.ended.errback(ChildFailed(f"It could not be started: {error}."))
    else:
        child.due_in(deadline_seconds)
    return child


def _ending(error: Any) -> str:
    if error.signal is not None:
        return f"It was ended by signal {error.signal}."
    return f"It failed with exit code {error.exitCode}; its lines say why."
