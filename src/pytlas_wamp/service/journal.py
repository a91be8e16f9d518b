"""What keeps the log of conversations, put together, and how much of it is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from pytlas_wamp.assistant.worker import Workers
from pytlas_wamp.assistant.write_behind import WriteBehind
from pytlas_wamp.config import Config
from pytlas_wamp.errors import OperatorError
from pytlas_wamp.journal.store import JournalStore

_log = Logger()

DAY_SECONDS: Final = 86_400.0


@define(kw_only=True, eq=False)
class Journal:
    """The log of all conversations, as the server looks after it.

    Args:
      store: keeps it; blocks.
      workers: one thread, in which it is written.
      accounts: the threads in which everything else asks the database.
      clock: an IReactorTime.
      now: seconds since the epoch.
      config: how much may be kept.

    Attributes:
      writer: brings what is said into the store.
      write_failures: how often that failed.
      forget: told whose frames were deleted; the conversation has some at hand.
    """

    store: JournalStore
    _workers: Workers
    _accounts: Workers
    _clock: Any
    _now: Callable[[], float]
    _config: Config
    write_failures: int = field(init=False, default=0)
    forget: Callable[[int], None] = field(init=False, default=lambda _: None)
    writer: WriteBehind = field(init=False)

    @writer.default
    def _make_writer(self) -> WriteBehind:
        return WriteBehind(
            store=self.store,
            workers=_Counted(self._workers, self.store.write, self._count_failure),
            clock=self._clock,
            max_unwritten=self._config.limits.max_unwritten_frames,
        )

    def erase(self, user_id: int) -> Deferred[Any]:
        """Delete what a user said, and what was answered; fails when the database does.

        In the thread that writes, and behind what waits there: no frame comes after.
        """

        def erased(count: int) -> int:
            self.forget(user_id)
            return count

        written = self.writer.written()
        return written.addCallback(
            lambda _: self.writer.ask(self.store.erase, user_id)
        ).addCallback(erased)

    def trim(self) -> Deferred[Any]:
        """Delete what is too old or too much; to be called now and then, never fails."""
        older_than, keep = self.bounds()
        # It takes its time, in which neither what is said may wait nor who signs in.
        return self._accounts.run(self.store.trim, older_than=older_than, keep=keep).addErrback(
            _not_trimmed
        )

    def bounds(self) -> tuple[float, int]:
        """From when on frames are kept, and how many of a user (spec 6.21)."""
        limits = self._config.limits
        if self._config.history:
            keep = max(limits.history_frames, limits.max_resumed_frames)
            return self._now() - limits.history_days * DAY_SECONDS, keep
        return self._now() - DAY_SECONDS, limits.max_resumed_frames

    def _count_failure(self) -> None:
        self.write_failures += 1


@define
class _Counted:
    """Workers, of which one function's failures are counted.

    Args:
      workers: do the work.
      function: the one.
      failed: called when it fails.
    """

    _workers: Workers
    _function: Callable[..., Any]
    _failed: Callable[[], None]

    def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Deferred[Any]:
        """See `Workers.run`."""
        work: Deferred[Any] = self._workers.run(function, *args, **kwargs)
        return work.addErrback(self._count) if function == self._function else work

    def call_from_thread(self, function: Callable[..., object], *args: Any, **kwargs: Any) -> None:
        """See `Workers.call_from_thread`."""
        self._workers.call_from_thread(function, *args, **kwargs)

    def _count(self, failure: Failure) -> Failure:
        self._failed()
        return failure


def _not_trimmed(failure: Failure) -> None:
    if isinstance(failure.value, OperatorError):
        _log.error("old frames could not be deleted: {error}", error=failure.value)
    else:
        _log.failure("old frames could not be deleted", failure=failure)
