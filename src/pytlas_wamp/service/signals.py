"""The signals that end the server: it ends in order, with status 0.

Twisted's own answer to them stops the reactor as well, but remembers which one it was,
and lets the process die of it in the end: whoever started the server would read that as
a failure.
"""

from __future__ import annotations

import signal
from typing import Any

from attrs import define, field
from twisted.application.service import Service
from twisted.logger import Logger

_log = Logger()


@define(eq=False, slots=False)
class StopSignals(Service):
    """Stops the reactor when the process is told to end.

    Args:
      reactor: where Twisted listens to signals; where it does not, nobody does.
    """

    _reactor: Any
    _stopping: bool = field(init=False, default=False)

    def startService(self) -> None:  # noqa: N802 - Twisted's name
        """Take the signals over as soon as the reactor runs: before, it has not got them."""
        super().startService()
        self._reactor.callWhenRunning(self._take_over)

    def _take_over(self) -> None:
        twisted = {signal.SIGTERM: self._reactor.sigTerm, signal.SIGINT: self._reactor.sigInt}
        for number, its_own in twisted.items():
            # Any other one was set by somebody who embeds us, or started us with `nohup`.
            if signal.getsignal(number) == its_own:
                signal.signal(number, self._told_to_end)

    def _told_to_end(self, number: int, _frame: object) -> None:
        # A signal can come amid anything; the reactor looks at it when it is at leisure.
        self._reactor.callFromThread(self._stop, signal.Signals(number).name)

    def _stop(self, name: str) -> None:
        _log.info("received {name}, shutting down", name=name)
        if not self._stopping:
            self._stopping = True
            self._reactor.stop()
