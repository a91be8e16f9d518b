"""Brings the logs of conversations into the database, in batches, behind the frames (spec 5.3).

Devices get a frame at once; what has been said since is written a moment later, all users
together, in one transaction. Only a message waits for it: its turn begins when it is
written, so that none is run twice, whatever happens to the process.

Where several processes share the database, it is written *ahead*: devices get a frame when it is
written, because only then it is certain that no other process has the conversation. So it is
written as soon as the reactor has done what it does at the moment, all of it together.

Everything in here happens in the reactor's thread, but for the writing itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from pytlas_wamp.assistant.worker import Workers
from pytlas_wamp.errors import OperatorError
from pytlas_wamp.journal.model import Batch, Entry, Record, Written
from pytlas_wamp.journal.store import JournalStore

_log = Logger()

# How long a frame may wait to be written: what a crash may cost of the log.
DELAY_SECONDS = 0.05
# After a failure; doubled each time up to the second one.
_FIRST_RETRY_SECONDS = 0.2
_LAST_RETRY_SECONDS = 10.0


class TooMuchUnwritten(OperatorError):
    """The database does not keep up, or does not answer."""

    def __init__(self) -> None:
        super().__init__("the log of conversations cannot be written; try again later")


class Source(Protocol):
    """A conversation, as far as it is written."""

    user_id: int
    # Under which this process has it; None when there is no other process.
    epoch: int | None

    def record(self) -> Record:
        """What is to be kept of it besides its frames, as it is now."""

    def kept(self, record: Record) -> None:
        """Learn that this record is in the database."""

    def gone(self) -> None:
        """Learn that its user's account is no more: nothing can be kept."""

    def fenced(self) -> None:
        """Learn that another process has it: nothing of this one is kept any more."""


@define(eq=False)
class _Unwritten:
    """What waits of one conversation."""

    source: Source
    entries: list[Entry] = field(factory=list)


# What is called when something is written, and what when it could not be.
_Promise = tuple[Callable[[], None], Callable[[Failure], None]]


@define(kw_only=True, eq=False)
class WriteBehind:
    """Collects what is to be written, and writes it.

    Args:
      store: where to; its methods block.
      workers: one thread; a second one would write batches out of order.
      clock: an IReactorTime.
      max_unwritten: entries that may wait before new messages are refused.
    """

    _store: JournalStore
    _workers: Workers
    _clock: Any
    _max_unwritten: int
    unwritten: int = field(init=False, default=0)
    failures: int = field(init=False, default=0)
    _waiting: dict[int, _Unwritten] = field(init=False, factory=dict)
    _oldest: float | None = field(init=False, default=None)
    _promises: list[_Promise] = field(init=False, factory=list)
    _timer: Any = field(init=False, default=None)
    _writing: bool = field(init=False, default=False)
    _ahead: bool = field(init=False, default=False)
    # Whether what waits is to be written without delay, as soon as anything can be.
    _soon: bool = field(init=False, default=False)

    def write_ahead(self) -> None:
        """Write soon from now on, because devices wait for it."""
        self._ahead = True

    def add(self, source: Source, *entries: Entry) -> None:
        """Have these entries written, and the source's record as it is by then."""
        waiting = self._waiting.get(source.user_id)
        if waiting is None:
            waiting = self._waiting[source.user_id] = _Unwritten(source)
        elif waiting.source is not source:
            # A conversation that was put away and came back is another object.
            self._take_over(waiting, source)
        waiting.entries.extend(entries)
        self.unwritten += len(entries)
        if self._oldest is None:
            self._oldest = self._clock.seconds()
        if self._ahead and entries:
            self._write_soon()
        else:
            self._write_in(DELAY_SECONDS)

    def written(self) -> Deferred[None]:
        """Fires when all that was added so far is in the database, which is begun at once.

        Fails with an OperatorError when the database does not take it. It is tried again
        all the same.
        """
        written: Deferred[None] = Deferred()
        self.when_written(lambda: written.callback(None), written.errback)
        return written

    def when_written(self, kept: Callable[[], None], lost: Callable[[Failure], None]) -> None:
        """The same for every message, for which a Deferred would take too long.

        Args:
          kept: called when all that was added so far is in the database.
          lost: called when the database does not take it, or `kept` raised. Written behind,
            also when too much waits; ahead, what waits is never taken for lost.
        """
        if self.is_full and not self._ahead:
            lost(Failure(TooMuchUnwritten()))  # type: ignore[no-untyped-call]
            return
        self._promises.append((kept, lost))
        if self._ahead:
            self._write_soon()
        elif self.failures == 0:
            self._stop_timer()
            self._write()

    @property
    def is_full(self) -> bool:
        """Whether no message may be accepted, because too much waits already."""
        return self.unwritten >= self._max_unwritten

    def waits(self, user_id: int) -> bool:
        """Whether something of a user waits to be written that is not being written."""
        return user_id in self._waiting

    @property
    def lag_seconds(self) -> float:
        """How long the oldest entry has waited that is not written; 0 when none is."""
        return 0.0 if self._oldest is None else float(self._clock.seconds()) - self._oldest

    def ask(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Deferred[Any]:
        """Call a method of the store in the thread that writes, after what is being written."""
        return self._workers.run(function, *args, **kwargs)

    @property
    def store(self) -> JournalStore:
        """Where it is written to; its methods block, see `ask`."""
        return self._store

    def _write_in(self, seconds: float) -> None:
        if not self._writing and self._timer is None:
            self._timer = self._clock.callLater(seconds, self._ring)

    def _write_soon(self) -> None:
        if self._soon:
            return
        self._soon = True
        if not self._writing and self.failures == 0:
            self._stop_timer()
            # What else is said in this turn of the reactor goes with it.
            self._timer = self._clock.callLater(0, self._ring)

    def _ring(self) -> None:
        self._timer = None
        self._write()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _write(self) -> None:
        if self._writing:
            return
        if not self._waiting:
            self._soon = False
            self._keep_promises(self._taken_promises())
            return
        self._soon = False
        waiting, self._waiting = self._waiting, {}
        oldest, self._oldest = self._oldest, None
        promises = self._taken_promises()
        batches = [
            Batch(record=one.source.record(), entries=tuple(one.entries), epoch=one.source.epoch)
            for one in waiting.values()
        ]
        self._writing = True
        self._workers.run(self._store.write, batches).addCallbacks(
            self._done,
            self._failed,
            callbackArgs=(batches, waiting, promises),
            errbackArgs=(waiting, promises, oldest),
        ).addErrback(lambda failure: _log.failure("writing behind failed", failure=failure))

    def _done(
        self,
        written: Written,
        batches: Sequence[Batch],
        waiting: dict[int, _Unwritten],
        promises: Sequence[_Promise],
    ) -> None:
        if self.failures:
            _log.info("the log of conversations is written again")
        self.failures = 0
        self._writing = False
        self.unwritten -= sum(len(one.entries) for one in waiting.values())
        for batch in batches:
            try:
                user_id = batch.record.user_id
                source = waiting[user_id].source
                if user_id in written.gone:
                    source.gone()
                elif user_id in written.fenced:
                    self._fence(source)
                else:
                    source.kept(batch.record)
            except Exception:  # noqa: BLE001 - the next ones are of others
                _log.failure("what was written could not be told")
        self._keep_promises(promises)
        if self._soon:
            self._soon = False
            self._write_soon()
        elif self._promises:
            self._write()
        elif self._waiting:
            self._write_in(DELAY_SECONDS)

    def _fence(self, source: Source) -> None:
        source.fenced()
        later = self._waiting.get(source.user_id)
        if later is not None and later.source is source:
            self._discard(self._waiting.pop(source.user_id))

    def _take_over(self, waiting: _Unwritten, source: Source) -> None:
        if waiting.source.epoch != source.epoch:
            # Meanwhile another process had it: nothing of before counts.
            self._discard(waiting)
        waiting.source = source

    def _discard(self, waiting: _Unwritten) -> None:
        self.unwritten -= len(waiting.entries)
        waiting.entries.clear()

    def _failed(
        self,
        failure: Failure,
        waiting: dict[int, _Unwritten],
        promises: Sequence[_Promise],
        oldest: float | None,
    ) -> None:
        self._writing = False
        self.failures += 1
        if isinstance(failure.value, OperatorError):
            if self.failures == 1:
                _log.error(
                    "the log of conversations cannot be written: {error}", error=failure.value
                )
        else:
            _log.failure("the log of conversations cannot be written", failure=failure)
        self._put_back(waiting)
        self._oldest = oldest
        promises = [*promises, *self._taken_promises()]
        self._stop_timer()
        self._write_in(min(_FIRST_RETRY_SECONDS * 2 ** (self.failures - 1), _LAST_RETRY_SECONDS))
        for _, lost in promises:
            _lose(lost, failure)

    def _put_back(self, waiting: dict[int, _Unwritten]) -> None:
        for user_id, one in waiting.items():
            newer = self._waiting.get(user_id)
            if newer is not None:
                self._take_over(one, newer.source)
                one.entries.extend(newer.entries)
        self._waiting = {**self._waiting, **waiting}

    def _taken_promises(self) -> list[_Promise]:
        promises, self._promises = self._promises, []
        return promises

    @staticmethod
    def _keep_promises(promises: Sequence[_Promise]) -> None:
        for kept, lost in promises:
            try:
                kept()
            except Exception:  # noqa: BLE001 - the next ones are of others
                _lose(lost, Failure())  # type: ignore[no-untyped-call]


def _lose(lost: Callable[[Failure], None], failure: Failure) -> None:
    try:
        lost(failure)
    except Exception:  # noqa: BLE001 - the next ones are of others
        _log.failure("what waited for the log failed")
