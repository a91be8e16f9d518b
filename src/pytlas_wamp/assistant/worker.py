"""Threads: the only module that has any.

Skills and interpreters block, so they run in a pool; everything they cause comes
back to the reactor's thread through `call_from_thread`, in order. Threads are
daemons: a skill that never returns must not keep the process from ending.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import ExceptHookArgs, RLock, Thread
from typing import Any, ParamSpec, Protocol, TypeVar

from attrs import define
from twisted.internet.defer import Deferred, fail
from twisted.internet.interfaces import IReactorFromThreads
from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.python.threadpool import ThreadPool

from pytlas_wamp.errors import OperatorError

_log = Logger()

P = ParamSpec("P")
T = TypeVar("T")


class Busy(OperatorError):
    """All threads of a pool are at work, and enough calls wait for one."""

    def __init__(self) -> None:
        super().__init__("the server has too much to do; try again later")


class Workers(Protocol):
    """Runs blocking functions beside the reactor."""

    def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Deferred[T]:
        """Call `function` in a thread (call this from the reactor's thread only).

        Returns:
          its result or failure; `Busy` at once when there is no room for it.
        """

    def call_from_thread(
        self, function: Callable[P, object], *args: P.args, **kwargs: P.kwargs
    ) -> None:
        """Call `function` in the reactor's thread, after all earlier ones (from any thread)."""


class _DaemonPool(ThreadPool):
    @staticmethod
    def threadFactory(*args: Any, **kwargs: Any) -> Thread:  # type: ignore[override]  # noqa: N802 - Twisted's name
        return Thread(*args, **{**kwargs, "daemon": True})


@define(init=False)
class ThreadWorkers:
    """Workers over a bounded pool of daemon threads.

    Args:
      reactor: where results arrive.
      name: what the threads are called in a stack dump.
      max_threads: how many functions may run at the same time.
      max_waiting: how many more may wait for a thread.
    """

    in_flight: int
    _reactor: IReactorFromThreads
    _pool: ThreadPool
    _max_in_flight: int
    _waiting: list[Deferred[None]]

    def __init__(self, reactor: Any, *, name: str, max_threads: int, max_waiting: int = 0) -> None:
        self.in_flight = 0
        self._waiting = []
        self._reactor = reactor
        self._max_in_flight = max_threads + max_waiting
        self._pool = _DaemonPool(0, max_threads, name)

    def start(self) -> None:
        """Begin to take work."""
        self._pool.start()

    def stop(self) -> None:
        """End the idle threads; those still at work end with the process."""
        if self.in_flight == 0:
            self._pool.stop()

    def when_idle(self) -> Deferred[None]:
        """Fires when nothing is in flight."""
        idle: Deferred[None] = Deferred()
        self._waiting.append(idle)
        self._tell_idle()
        return idle

    def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Deferred[T]:
        """See `Workers.run`."""
        if self.in_flight >= self._max_in_flight:
            return fail(Busy())
        self.in_flight += 1
        return deferToThreadPool(
            self._reactor,
            self._pool,
            function,
            *args,
            **kwargs,
        ).addBoth(self._returned)

    def _returned(self, result: T) -> T:
        self.in_flight -= 1
        self._tell_idle()
        return result

    def _tell_idle(self) -> None:
        if self.in_flight == 0:
            waiting, self._waiting = self._waiting, []
            for idle in waiting:
                idle.callback(None)

    def call_from_thread(
        self, function: Callable[P, object], *args: P.args, **kwargs: P.kwargs
    ) -> None:
        """See `Workers.call_from_thread`."""
        self._reactor.callFromThread(function, *args, **kwargs)


def log_failed_threads() -> None:
    """Have the failure of a thread that a skill has made logged like any other.

    Python would print what the error says, and with it, maybe, what somebody said.
    """
    threading.excepthook = _log_failed_thread


def _log_failed_thread(failed: ExceptHookArgs) -> None:
    if failed.exc_value is not None and failed.exc_type is not SystemExit:
        what = (failed.exc_value, failed.exc_type, failed.exc_traceback)
        failure = Failure(*what)  # type: ignore[no-untyped-call]
        _log.failure("a thread of a skill failed", failure=failure)


def make_guard() -> AbstractContextManager[Any]:
    """A lock that its holder may take again; what an agent is changed under."""
    return RLock()
