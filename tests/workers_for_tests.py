"""Workers whose threads obey the test.

`InlineWorkers` does everything before it returns. `ManualWorkers` keeps jobs, and
what comes back from them, until the test says which one is next. A job runs in a
thread of its own, but the test stands still until that thread ends or rests at a
`Gate`, so at any moment exactly one of them moves: nothing depends on time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import Event, Thread, local
from typing import Any

from twisted.internet.defer import Deferred, fail
from twisted.python.failure import Failure

from pytlas_wamp.assistant.worker import Busy

# More than any machine needs; what takes longer is stuck and fails the test.
PATIENCE_SECONDS = 20.0
_here = local()


class Strand:
    """A thread that moves only while its creator waits."""

    def __init__(self, function: Callable[[], None]) -> None:
        self._function = function
        self.resting = Event()
        self._thread = Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Let it go until it ends or rests."""
        self._thread.start()
        self.until_rest()

    def until_rest(self) -> None:
        """Wait until it ends or rests."""
        assert self.resting.wait(PATIENCE_SECONDS), "a skill is stuck outside of a gate"

    def _run(self) -> None:
        _here.strand = self
        try:
            self._function()
        finally:
            self.resting.set()


class Gate:
    """Where skills wait until the test lets them go on."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[Event, Strand | None]] = deque()
        self.somebody_waits = Event()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def wait(self) -> None:
        """Rest here, as a skill."""
        opened = Event()
        strand: Strand | None = getattr(_here, "strand", None)
        self._waiting.append((opened, strand))
        self.somebody_waits.set()
        if strand is not None:
            strand.resting.set()
        opened.wait()

    def release(self) -> None:
        """Let all who wait go on, one after the other; returns when they end or rest again."""
        for _ in range(len(self._waiting)):
            self.release_one()

    def release_one(self) -> None:
        """Let the first one go on."""
        opened, strand = self._waiting.popleft()
        if strand is not None:
            strand.resting.clear()
        opened.set()
        if strand is not None:
            strand.until_rest()


class Arrivals:
    """What threads have asked the reactor to do, in the order they asked."""

    def __init__(self) -> None:
        self._calls: deque[Callable[[], object]] = deque()

    def __len__(self) -> int:
        """How many wait."""
        return len(self._calls)

    def add(self, function: Callable[..., object], *args: Any, **kwargs: Any) -> None:
        """Ask, from any thread."""
        self._calls.append(lambda: function(*args, **kwargs))

    def next(self) -> None:
        """Do the oldest."""
        self._calls.popleft()()


class _Job:
    def __init__(self, function: Callable[[], Any], returned: Callable[[Any], None]) -> None:
        self._function = function
        self._returned = returned

    def start(self) -> None:
        Strand(self._run).start()

    def _run(self) -> None:
        try:
            result = self._function()
        except BaseException:  # noqa: BLE001 - as a thread pool does
            result = Failure()
        self._returned(result)


class ManualWorkers:
    """A pool whose jobs start when the test says so.

    Args:
      arrivals: where results arrive; pools of one server share it.
      room: how many jobs may wait or run; one more is `Busy`.
    """

    def __init__(self, arrivals: Arrivals, *, room: int = 10_000) -> None:
        self.arrivals = arrivals
        self.room = room
        self.in_flight = 0
        self.jobs: list[_Job] = []

    def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Deferred[Any]:
        """See `Workers.run`."""
        if self.in_flight >= self.room:
            return fail(Busy())
        self.in_flight += 1
        done: Deferred[Any] = Deferred()

        def returned(result: Any) -> None:
            self.arrivals.add(self._arrived, done, result)

        self.jobs.append(_Job(lambda: function(*args, **kwargs), returned))
        return done

    def _arrived(self, done: Deferred[Any], result: Any) -> None:
        self.in_flight -= 1
        done.callback(result)

    def call_from_thread(self, function: Callable[..., object], *args: Any, **kwargs: Any) -> None:
        """See `Workers.call_from_thread`."""
        self.arrivals.add(function, *args, **kwargs)

    def start(self, index: int = 0) -> None:
        """Give a job its thread; returns when it ends or rests."""
        self.jobs.pop(index).start()


class InlineWorkers:
    """Does every job, and all that comes back, before the outermost call returns."""

    def __init__(self) -> None:
        self._calls: deque[Callable[[], object]] = deque()
        self._pumping = False

    def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Deferred[Any]:
        """See `Workers.run`."""
        done: Deferred[Any] = Deferred()

        def job() -> None:
            try:
                result = function(*args, **kwargs)
            except BaseException:  # noqa: BLE001 - as a thread pool does
                result = Failure()
            self._calls.append(lambda: done.callback(result))

        self._calls.append(job)
        self._pump()
        return done

    def call_from_thread(self, function: Callable[..., object], *args: Any, **kwargs: Any) -> None:
        """See `Workers.call_from_thread`."""
        self._calls.append(lambda: function(*args, **kwargs))
        self._pump()

    def _pump(self) -> None:
        if self._pumping:
            return
        self._pumping = True
        try:
            while self._calls:
                self._calls.popleft()()
        finally:
            self._pumping = False


def settle(arrivals: Arrivals, *pools: ManualWorkers) -> None:
    """Run all jobs, and let all arrive, until nothing is left but skills at a gate."""
    while len(arrivals) or any(pool.jobs for pool in pools):
        while len(arrivals):
            arrivals.next()
        for pool in pools:
            if pool.jobs:
                pool.start()
                break
