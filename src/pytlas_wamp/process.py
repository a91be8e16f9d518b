"""`python -m pytlas_wamp.process NAME`: one of the processes of a server that has several.

The server starts it, see `service.processes`. NAME is for those who look at a list of
processes. What it is comes through its standard input, what it logs goes to its standard output
as JSON, and it ends when its standard input does.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, TextIO

from attrs import field, frozen
from twisted.internet.error import ReactorNotRunning
from twisted.internet.interfaces import IReadDescriptor
from twisted.internet.main import CONNECTION_DONE
from twisted.logger import ILogObserver, Logger, globalLogBeginner
from zope.interface import implementer  # type: ignore[import-untyped]  # has none

_log = Logger()

_STANDARD_INPUT: Final = 0
_MAX_READ_BYTES: Final = 4_096


@implementer(IReadDescriptor)
@frozen(eq=False)
class Parent:
    """The standard input, at the other end of which is the server.

    Args:
      gone: called when the server has ended, however that was.
      read: reads so many bytes of it.
    """

    _gone: Callable[[], object]
    _read: Callable[[int, int], bytes] = field(default=os.read)

    def fileno(self) -> int:
        """What the reactor waits for."""
        return _STANDARD_INPUT

    def doRead(self) -> Any:  # noqa: N802 - Twisted's name
        """See whether it is still there: it says nothing more."""
        return None if self._read(_STANDARD_INPUT, _MAX_READ_BYTES) else CONNECTION_DONE

    def connectionLost(self, reason: object) -> None:  # noqa: ARG002, N802 - Twisted's
        """Nobody would end this process any more."""
        self._gone()

    def logPrefix(self) -> str:  # noqa: N802 - Twisted's name
        """How Twisted calls it."""
        return "parent"


def make(line: str, reactor: Any) -> Any:
    """Make the service of a worker.

    Args:
      line: its configuration, see `service.handover`.
      reactor: on which it will run.

    Raises:
      OperatorError: when something it needs is not as it must be.
    """
    # Heavy, and Autobahn looks at the reactor.
    from pytlas_wamp.assistant.worker import log_failed_threads  # noqa: PLC0415
    from pytlas_wamp.service.assembly import build  # noqa: PLC0415
    from pytlas_wamp.service.discretion import keep_discretion  # noqa: PLC0415
    from pytlas_wamp.service.handover import config_from_line  # noqa: PLC0415

    keep_discretion()
    log_failed_threads()
    return build(config_from_line(line), reactor=reactor).service


def run(given: TextIO, told: TextIO, reactor: Any) -> int:
    """Run a worker to its end.

    Args:
      given: the standard input, of which one line is read.
      told: where the log goes.
      reactor: runs everything.

    Returns:
      the exit code.
    """
    from pytlas_wamp.errors import OperatorError  # noqa: PLC0415 - see above
    from pytlas_wamp.service.json_log import JsonLines  # noqa: PLC0415
    from pytlas_wamp.service.memory import set_apart  # noqa: PLC0415

    observer = ILogObserver(JsonLines(told))
    globalLogBeginner.beginLoggingTo([observer], redirectStandardIO=False)
    try:
        with set_apart():
            service = make(given.readline(), reactor)
    except OperatorError as error:
        _log.error("{error}", error=error)
        return 1
    service.privilegedStartService()
    service.startService()
    reactor.addSystemEventTrigger("before", "shutdown", service.stopService)

    def end() -> None:
        # It may be ending already.
        with suppress(ReactorNotRunning):
            reactor.stop()

    reactor.addReader(Parent(end))
    reactor.run()
    return 0


def main() -> None:
    """Be such a process."""
    # Ctrl-C reaches all processes of a terminal; the server ends this one when it is its turn.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from twisted.internet import reactor  # noqa: PLC0415 - the one place for it

    sys.exit(run(sys.stdin, sys.stdout, reactor))


if __name__ == "__main__":
    main()
