"""Changes to the folder of skills, one at a time, with what came of them (spec 6.15).

Adding a skill fetches it over the network and installs what it needs, which takes
minutes. So a request only starts a job, and asks for it again later.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal, Protocol

from attrs import define, field, frozen
from twisted.internet.defer import Deferred, maybeDeferred, succeed
from twisted.logger import Logger
from twisted.python.failure import Failure

from pytlas_wamp.errors import ClientError, OperatorError
from pytlas_wamp.transport.child_process import MAX_LINE_CHARACTERS, Child, start_child
from pytlas_wamp.transport.lines import plain_line, without_credentials

Change = Literal["add", "update", "remove"]
JobKind = Change | Literal["reload"]
JobState = Literal["running", "succeeded", "failed"]

KEPT_JOBS: Final = 50
KEPT_LINES: Final = 200
# Big dependencies take minutes to download and to build; what takes longer is stuck.
DEADLINE_SECONDS: Final = 600.0

_log = Logger()


@frozen(kw_only=True)
class Job:
    """One change to the folder of skills, as it is right now.

    Args:
      id: cannot be guessed.
      kind: what is done.
      subject: the source or the name of the skill; empty for a reload.
      created_at: seconds since the epoch.
      ended_at: the same; None while it runs.
      lines: what it had to say so far, the newest 200 at most.
      problem: why it failed, one sentence; None when it did not.
    """

    id: str
    kind: JobKind
    subject: str
    created_at: float
    ended_at: float | None
    lines: tuple[str, ...]
    problem: str | None

    @property
    def state(self) -> JobState:
        """How far it is."""
        if self.ended_at is None:
            return "running"
        return "succeeded" if self.problem is None else "failed"


@frozen(kw_only=True)
class Reloaded:
    """What came of bringing the running skills up to date with their folders.

    Args:
      lines: what was done and what is wrong, a sentence each.
      failed: the skills that do not take part, or not as they now are, with the reason.
      newly_failed: those of them for which that is new, or has another reason than before.
    """

    lines: Sequence[str]
    failed: Mapping[str, str]
    newly_failed: frozenset[str]


class Sources(Protocol):
    """Knows which process changes the folder of skills."""

    def command(self, kind: Change, subject: str, /) -> Sequence[str]:
        """Returns the program and its arguments.

        It prints what it does, ends with 0 when it did it, and leads a process group.
        """

    def environment(self) -> Mapping[str, str]:
        """Returns all of its environment."""


class JobFailed(OperatorError):
    """The child was successful, but what it brought cannot be used; the text says why."""


@define(eq=False, kw_only=True)
class _Record:
    """A job while it grows."""

    id: str
    kind: JobKind
    subject: str
    created_at: float
    ended_at: float | None = None
    problem: str | None = None
    lines: deque[str] = field(factory=lambda: deque(maxlen=KEPT_LINES))

    def say(self, line: str) -> None:
        self.lines.append(_shown(line))

    def shown(self) -> Job:
        return Job(
            id=self.id,
            kind=self.kind,
            subject=self.subject,
            created_at=self.created_at,
            ended_at=self.ended_at,
            lines=tuple(self.lines),
            problem=self.problem,
        )


@define(eq=False, kw_only=True)
class Jobs:
    """Does one change at a time, each followed by a reload of the skills.

    Used in the reactor's thread only.

    Args:
      reactor: an IReactorProcess and IReactorTime.
      now: returns seconds since the epoch.
      make_id: returns a new random id.
      sources: what is run in another process.
      reload: brings the running skills up to date; fires when that is done.
      deadline_seconds: after which the process is ended.
    """

    _reactor: Any
    _now: Callable[[], float]
    _make_id: Callable[[], str]
    _sources: Sources
    _reload: Callable[[], Deferred[Reloaded]]
    _deadline_seconds: float = DEADLINE_SECONDS
    _records: deque[_Record] = field(init=False, factory=lambda: deque(maxlen=KEPT_JOBS))
    _running: _Record | None = field(init=False, default=None)
    _child: Child | None = field(init=False, default=None)
    _reload_wished: bool = field(init=False, default=False)
    _stopped: bool = field(init=False, default=False)

    def all(self) -> list[Job]:
        """Returns the newest 50, the newest first."""
        return [record.shown() for record in reversed(self._records)]

    def find(self, job_id: str) -> Job | None:
        """Returns the job with this id, if it is still known."""
        return next((one.shown() for one in self._records if one.id == job_id), None)

    def start(self, kind: Change, subject: str) -> Job:
        """Begins a job that changes the folder of skills.

        Args:
          kind: what to do.
          subject: the source or the name of the skill, which was checked before.

        Raises:
          ClientError: `job-running` while another one runs, `unavailable` when the server
            is about to stop.
        """
        return self._begin(kind, _shown(subject), lambda record: self._run(record, kind, subject))

    def reload(self) -> Job:
        """Begins a job that only looks for what is new in the folders; raises as `start`."""
        return self._begin("reload", "", lambda _: succeed(None))

    def reload_soon(self) -> None:
        """Reloads the skills now, or as soon as the running job has ended."""
        self._reload_wished = True
        self._go_on()

    def stop(self) -> Deferred[None]:
        """Ends what runs and begins nothing more; fires when no process is left."""
        self._stopped = True
        gone: Deferred[None] = Deferred()
        if self._child is None:
            gone.callback(None)
        else:
            self._child.ended.addBoth(self._pass_on, gone)
            self._child.stop("The server was stopped meanwhile.")
        return gone

    def _begin(
        self,
        kind: JobKind,
        subject: str,
        work: Callable[[_Record], Deferred[None]],
    ) -> Job:
        if self._stopped:
            raise ClientError("unavailable", "The server is stopping: try again later.")
        if self._running is not None:
            raise ClientError(
                "job-running",
                f"The job {self._running.id} ({_what(self._running)}) is running: "
                "try again when it has ended.",
            )
        record = _Record(id=self._make_id(), kind=kind, subject=subject, created_at=self._now())
        self._records.append(record)
        self._running = record
        _log.info("job {id}: {what}", id=record.id, what=_what(record))
        done = maybeDeferred(work, record).addCallback(lambda _: self._take_up(record))
        done.addErrback(self._failed, record).addCallback(self._ended, record)
        return record.shown()

    def _run(self, record: _Record, kind: Change, subject: str) -> Deferred[None]:
        self._child = start_child(
            self._reactor,
            self._sources.command(kind, subject),
            self._sources.environment(),
            take=record.say,
            deadline_seconds=self._deadline_seconds,
        )
        return self._child.ended

    def _take_up(self, record: _Record) -> Deferred[None]:
        self._child = None
        self._reload_wished = False  # whatever was wished before now is seen by this one
        return maybeDeferred(self._reload).addCallback(self._reloaded, record)

    def _reloaded(self, reloaded: Reloaded, record: _Record) -> None:
        for line in reloaded.lines:
            record.say(line)
        # Skills that have been broken for long are no fault of this job.
        guilty = {*reloaded.newly_failed, record.subject}
        told = [
            f"There is a problem with the skill {name}: {why.rstrip('.')}."
            for name, why in reloaded.failed.items()
            if record.kind == "reload" or name in guilty
        ]
        if told:
            raise JobFailed(" ".join(told))

    def _failed(self, failure: Failure, record: _Record) -> None:
        if isinstance(failure.value, OperatorError):
            record.problem = _shown(failure.getErrorMessage())
        else:
            _log.failure("job {id} failed", failure=failure, id=record.id)
            record.problem = "The server made a mistake; its log says more."

    def _ended(self, _: None, record: _Record) -> None:
        record.ended_at = self._now()
        self._running = None
        _log.info(
            "job {id}: {state}{why}",
            id=record.id,
            state=record.shown().state,
            why="" if record.problem is None else f", {record.problem}",
        )
        self._go_on()

    def _go_on(self) -> None:
        if self._reload_wished and self._running is None and not self._stopped:
            self.reload()

    @staticmethod
    def _pass_on(_: object, gone: Deferred[None]) -> None:
        gone.callback(None)


def _shown(text: str) -> str:
    # A source may have a password in its address, which git repeats.
    return plain_line(without_credentials(text), MAX_LINE_CHARACTERS)


def _what(record: _Record) -> str:
    return f"{record.kind} {record.subject}".strip()
