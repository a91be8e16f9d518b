"""Threads: the only module that has any.

Skills and interpreters block, so they run in a pool. What they cause comes back to the
reactor's thread in order, and together: only one thread can run Python at a time, and to
wake another one costs more than most of what there is to do. So the reactor wakes threads
when it has done all that it can do itself, and a thread wakes the reactor when it has
nothing more to do. While a function runs for longer, the reactor looks for itself what
there is, some hundred times a second.

For the same reason a pool has few threads at work. More are started when those are stuck,
as in a skill that waits for something. Threads are daemons: a skill that never returns must
not keep the process from ending.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import ExceptHookArgs, Lock, RLock, Thread
from typing import Any, Final, ParamSpec, Protocol, TypeVar

from attrs import define, field
from twisted.internet.defer import Deferred, fail
from twisted.logger import Logger
from twisted.python.failure import Failure

from pytlas_wamp.errors import OperatorError

_log = Logger()

P = ParamSpec("P")
T = TypeVar("T")

# How often the reactor looks at what threads do that have not returned yet.
TICK_SECONDS: Final = 0.005
# Threads that a pool lets work side by side as long as none is stuck.
_LIVELY: Final = 2
# Calls that are told in one tick that they have waited for too long.
_REFUSED_AT_ONCE: Final = 100
# Idle threads that are kept.
_SPARE: Final = 4


class Busy(OperatorError):
    """All threads of a pool are at work, and enough calls wait for one, or wait too long."""

    def __init__(self) -> None:
        super().__init__("the server has too much to do; try again later")


class Workers(Protocol):
    """Runs blocking functions beside the reactor."""

    def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Deferred[T]:
        """Call `function` in a thread (call this from the reactor's thread only).

        Returns:
          its result or failure; `Busy` at once when there is no room for it, or later
          when no thread becomes free.
        """

    def call_from_thread(
        self, function: Callable[P, object], *args: P.args, **kwargs: P.kwargs
    ) -> None:
        """Call `function` in the reactor's thread, after all earlier ones (from any thread)."""


@define(eq=False)
class Arrivals:
    """Where arrives what threads have for the reactor; all pools of a server share it.

    Args:
      reactor: an IReactorFromThreads and IReactorTime.
    """

    _reactor: Any
    _calls: deque[tuple[Callable[..., object], Any, Any]] = field(init=False, factory=deque)
    _rung: bool = field(init=False, default=False)
    # Pools with new work, whose threads are woken soon.
    _supplied: list[ThreadWorkers] = field(init=False, factory=list)
    _taking: bool = field(init=False, default=False)
    _pools: list[ThreadWorkers] = field(init=False, factory=list)
    _ticking: bool = field(init=False, default=False)
    # Of a thread: whether it rings by itself, as soon as its function has returned.
    _of_thread: threading.local = field(init=False, factory=threading.local)

    def add(self, function: Callable[..., object], *args: Any, **kwargs: Any) -> None:
        """Have this called in the reactor's thread, after all earlier ones."""
        self._calls.append((function, args, kwargs))
        if not getattr(self._of_thread, "rings_later", False):
            self.ring()

    def ring_later(self) -> None:
        """Promise that this thread rings by itself."""
        self._of_thread.rings_later = True

    def ring(self) -> None:
        """Have the reactor take what is there, if anything is."""
        if self._calls and not self._rung:
            # Two threads may both come here; that costs a wake-up, no more.
            self._rung = True
            self._reactor.callFromThread(self._take)

    def _take(self) -> None:
        # First, so that who adds something from now on rings again.
        self._rung = False
        self._taking = True
        # No more than there is now: the reactor has others to serve.
        for _ in range(len(self._calls)):
            function, args, kwargs = self._calls.popleft()
            try:
                function(*args, **kwargs)
            except Exception:  # noqa: BLE001 - the next ones are of others
                _log.failure("what a thread had caused failed")
        self._taking = False
        self.ring()
        self._rouse()

    def seconds(self) -> float:
        """What time it is for the reactor."""
        return float(self._reactor.seconds())

    def supply(self, pool: ThreadWorkers) -> None:
        """Have a pool wake threads for its work, as soon as the reactor has done its own."""
        if pool not in self._supplied:
            self._supplied.append(pool)
            if not self._taking and len(self._supplied) == 1:
                self._reactor.callLater(0, self._rouse)

    def _rouse(self) -> None:
        supplied, self._supplied = self._supplied, []
        for pool in supplied:
            pool.rouse()

    def watch(self, pool: ThreadWorkers) -> None:
        """Look after a pool from now on, as long as it needs that."""
        self._pools.append(pool)
        if not self._ticking:
            self._ticking = True
            self._reactor.callLater(TICK_SECONDS, self._tick)

    def _tick(self) -> None:
        try:
            self._take()
            self._pools = [pool for pool in self._pools if pool.tend()]
        finally:
            # Whatever happens: what waits would wait for ever.
            self._ticking = bool(self._pools)
            if self._ticking:
                self._reactor.callLater(TICK_SECONDS, self._tick)


@define(eq=False)
class _Task:
    """A call that waits for a thread, or runs.

    Args:
      function: what to call.
      args: with what.
      kwargs: the same, by name.
      since: when it was given.

    Attributes:
      done: fires with the outcome.
    """

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    since: float
    done: Deferred[Any] = field(init=False, factory=Deferred)


@define(eq=False)
class _Strand:
    """One thread of a pool.

    Attributes:
      since: the tick at which it began what it does; None while it does nothing.
      leaves: whether it ends as soon as it wakes.
    """

    thread: Thread = field(init=False)
    since: int | None = field(init=False, default=None)
    leaves: bool = field(init=False, default=False)
    _asleep: Lock = field(init=False, factory=Lock)

    def __attrs_post_init__(self) -> None:
        self._asleep.acquire()

    def sleep(self) -> None:
        """Wait until it is woken, which it may have been already."""
        self._asleep.acquire()

    def is_stuck(self, tick: int) -> bool:
        """Whether it has been at the same thing for a whole tick."""
        since = self.since
        return since is not None and since < tick - 1

    def wake(self) -> None:
        """End the sleep; to be called by who took it from those that are idle, once."""
        self._asleep.release()


@define(kw_only=True, eq=False)
class ThreadWorkers:
    """Workers over a bounded pool of daemon threads.

    What the reactor and the threads share are lists, of which each step is one operation.

    Args:
      arrivals: where results arrive.
      name: what the threads are called in a stack dump.
      max_threads: how many functions may run at the same time.
      max_waiting: how many more may wait for a thread.
      patience_seconds: how long each may wait; None: for ever.
    """

    _arrivals: Arrivals
    _name: str
    _max_threads: int
    _max_waiting: int = 0
    _patience_seconds: float | None = None
    in_flight: int = field(init=False, default=0)
    _tasks: deque[_Task] = field(init=False, factory=deque)
    _strands: set[_Strand] = field(init=False, factory=set)
    # The last one that had nothing to do is the first to get something.
    _idle: list[_Strand] = field(init=False, factory=list)
    _when_idle: list[Deferred[None]] = field(init=False, factory=list)
    _started: bool = field(init=False, default=False)
    _tended: bool = field(init=False, default=False)
    _ticks: int = field(init=False, default=0)
    # How many may be awake: the lively ones, and those that are stuck.
    _wanted: int = field(init=False, default=_LIVELY)

    def start(self) -> None:
        """Begin to take work."""
        self._started = True
        self.rouse()

    def stop(self) -> None:
        """End the idle threads; those still at work end with the process."""
        if self.in_flight == 0:
            strands = self._strands.copy()
            for strand in strands:
                strand.leaves = True
            self._wake_idle(len(strands))
            for strand in strands:
                strand.thread.join()

    def when_idle(self) -> Deferred[None]:
        """Fires when nothing is in flight."""
        idle: Deferred[None] = Deferred()
        self._when_idle.append(idle)
        self._tell_idle()
        return idle

    def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Deferred[T]:
        """See `Workers.run`."""
        if self.in_flight >= self._max_threads + self._max_waiting:
            return fail(Busy())
        self.in_flight += 1
        task = _Task(function, args, kwargs, self._arrivals.seconds())
        self._tasks.append(task)
        # Those that are awake look for more by themselves.
        if self._awake < self._wanted:
            self._arrivals.supply(self)
        if not self._tended:
            self._tended = True
            self._arrivals.watch(self)
        return task.done

    def call_from_thread(
        self, function: Callable[P, object], *args: P.args, **kwargs: P.kwargs
    ) -> None:
        """See `Workers.call_from_thread`."""
        self._arrivals.add(function, *args, **kwargs)

    # In the reactor's thread

    def rouse(self) -> None:
        """Wake threads for what waits, as many as get on side by side."""
        self._wake(min(self._wanted - self._awake, len(self._tasks)))

    def tend(self) -> bool:
        """See to it that there are threads enough, and not too many; whether that goes on."""
        self._ticks += 1
        self._refuse_the_late()
        stuck = sum(one.is_stuck(self._ticks) for one in self._strands.copy())
        # When none moves, there may be many more of the kind.
        self._wanted = _LIVELY + (2 * stuck if stuck == self._awake else stuck)
        if self._tasks:
            self._wake(min(self._wanted - self._awake, len(self._tasks)))
        elif len(self._idle) > _SPARE:
            spare = self._idle.pop(0)
            spare.leaves = True
            spare.wake()
        self._tended = self.in_flight > 0 or len(self._strands) > _SPARE
        return self._tended

    @property
    def _awake(self) -> int:
        return len(self._strands) - len(self._idle)

    def _wake(self, count: int) -> None:
        """Have so many more threads at work, as far as there may be."""
        missing = count - self._wake_idle(count)
        room = self._max_threads - len(self._strands) if self._started else 0
        for _ in range(min(missing, room)):
            strand = _Strand()
            name = f"{self._name}-{id(strand)}"
            strand.thread = Thread(target=self._work, args=(strand,), name=name, daemon=True)
            self._strands.add(strand)
            try:
                strand.thread.start()
            except RuntimeError:
                # The system has none for us now; the next tick tries again.
                self._strands.discard(strand)
                _log.failure("no thread can be started")
                return

    def _wake_idle(self, count: int) -> int:
        """Wake so many of those that have nothing to do; says how many there were."""
        for woken in range(count):
            try:
                self._idle.pop().wake()
            except IndexError:
                return woken
        return count

    def _refuse_the_late(self) -> None:
        if self._patience_seconds is None or not self._tasks:
            return
        oldest = self._arrivals.seconds() - self._patience_seconds
        # Each is more work for others; the rest have waited so long that a tick is nothing.
        for _ in range(_REFUSED_AT_ONCE):
            try:
                task = self._tasks.popleft()
            except IndexError:
                return
            if task.since >= oldest:
                self._tasks.appendleft(task)
                return
            self._returned(task, Failure(Busy()))  # type: ignore[no-untyped-call]

    def _returned(self, task: _Task, result: Any) -> None:
        self.in_flight -= 1
        task.done.callback(result)
        self._tell_idle()

    def _tell_idle(self) -> None:
        if self.in_flight == 0:
            waiting, self._when_idle = self._when_idle, []
            for idle in waiting:
                idle.callback(None)

    # In a thread of the pool

    def _work(self, strand: _Strand) -> None:
        self._arrivals.ring_later()
        while not strand.leaves:
            try:
                task = self._tasks.popleft()
            except IndexError:
                self._rest(strand, until=lambda: bool(self._tasks))
                continue
            strand.since = self._ticks
            try:
                result = task.function(*task.args, **task.kwargs)
            except BaseException:  # noqa: BLE001 - also a SystemExit is the caller's
                result = Failure()  # type: ignore[no-untyped-call]
            strand.since = None
            self._arrivals.add(self._returned, task, result)
            if not self._tasks:
                self._arrivals.ring()
            # What they hold is nobody's while this thread waits for the next one.
            del task, result
            if self._awake > self._wanted:
                self._rest(strand, until=lambda: False)
        self._strands.discard(strand)

    def _rest(self, strand: _Strand, *, until: Callable[[], bool]) -> None:
        # Another thread may have left it to this one, and then found something that takes long.
        self._arrivals.ring()
        self._idle.append(strand)
        if strand.leaves or until():
            # It came just before anybody could see that this thread is idle.
            try:
                self._idle.remove(strand)
            except ValueError:
                # Somebody wakes it already.
                strand.sleep()
        else:
            strand.sleep()


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
