"""Looks for the owner of a conversation, as often as that takes, and not too often."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from attrs import define, field, frozen
from twisted.internet.defer import Deferred, DeferredSemaphore
from twisted.python.failure import Failure

from pytlas_wamp.assistant.audience import log_unless_expected
from pytlas_wamp.cluster.bus import Bus
from pytlas_wamp.cluster.placement import Choice, Placement

# After so many failures in a row it waits so long; the last one again and again. The first try
# after something broke is made at once.
RETRY_SECONDS: Final = (0.0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.0)
# Failures with so much time between them are not in a row.
CALM_SECONDS: Final = 2.0


@frozen(kw_only=True)
class Surroundings:
    """What all conversations of a gateway have in common.

    Args:
      bus: reaches workers.
      placement: knows whom to ask.
      clock: an IReactorTime.
      turnstile: lets so many look for their owner at once, of those that nobody waits for.
      next_number: returns a number for each device.
      max_waiting: messages that may wait while nobody is there to take them.
      ended: called with a user of whose conversation no device is here any more.
      is_closed: whether the process is about to stop.
    """

    bus: Bus
    placement: Placement
    clock: Any
    turnstile: DeferredSemaphore
    next_number: Callable[[], int]
    max_waiting: int
    ended: Callable[[int], None]
    is_closed: Callable[[], bool]


@define(kw_only=True, eq=False)
class Search:
    """Finds out whom to ask for one conversation.

    Args:
      user_id: whose it is.
      around: what it shares with others.
      begins: called when it looks now; returns in what language the user speaks, None when
        nobody wants to know any more.
      waits: called now and then while nobody can be reached.
      is_urgent: whether somebody waits for what it finds.
      found: called with whom to ask.
      failed: called when nobody was found.

    Attributes:
      avoid: workers that do not want it.
      trouble: what the operator may want to know of the last failure.
    """

    _user_id: int
    _around: Surroundings
    _begins: Callable[[], str | None]
    _waits: Callable[[], object]
    _is_urgent: Callable[[], bool]
    _found: Callable[[Choice], None]
    _failed: Callable[[], None]
    avoid: set[str] = field(init=False, factory=set)
    trouble: str = field(init=False, default="no worker answers")
    # Counts up whenever what was asked before counts no more.
    _number: int = field(init=False, default=0)
    _failures: int = field(init=False, default=0)
    _failed_at: float = field(init=False, default=0.0)
    _later: Any = field(init=False, default=None)
    # In the turnstile, or through it.
    _queued: Deferred[Any] | None = field(init=False, default=None)
    _is_through: bool = field(init=False, default=False)

    @property
    def is_waiting(self) -> bool:
        """Whether it looks by itself after a while."""
        return self._later is not None

    def retry(self, choice: Choice | None = None) -> None:
        """Look after something went wrong; at once, when that happens for the first time.

        Args:
          choice: who has it, as far as is known; None when the database has to be asked.
        """
        now = self._around.clock.seconds()
        if now - self._failed_at > CALM_SECONDS:
            self._failures = 0
        self._failed_at = now
        seconds = RETRY_SECONDS[min(self._failures, len(RETRY_SECONDS) - 1)]
        self._failures += 1
        if seconds:
            self._wait(seconds, choice)
        else:
            self.look(choice)

    def _wait(self, seconds: float, choice: Choice | None) -> None:
        self.stop()
        self._later = self._around.clock.callLater(seconds, self.look, choice)

    def look(self, choice: Choice | None = None) -> None:
        """Look now, if anybody can be reached; see `retry`."""
        self.stop()
        if not self._around.bus.is_connected:
            self._wait(RETRY_SECONDS[-1], choice)
            self._waits()
            return
        language = self._begins()
        if language is None:
            return
        if self._is_urgent():
            self._ask(choice, language)
        else:
            self._queued = self._around.turnstile.acquire()
            self._queued.addBoth(self._let_in, choice, language)

    def hurry(self) -> None:
        """Wait for no others any more."""
        if self._queued is not None:
            self._queued.cancel()

    def stop(self) -> None:
        """Do not look by itself."""
        later, self._later = self._later, None
        if later is not None and later.active():
            later.cancel()

    def over(self) -> None:
        """Let the next one look: what this one found is of use, or of none."""
        self._number += 1
        if self._is_through:
            self._is_through = False
            self._around.turnstile.release()

    def _let_in(self, passed: Any, choice: Choice | None, language: str) -> None:
        self._queued = None
        self._is_through = not isinstance(passed, Failure)
        self._ask(choice, language)

    def _ask(self, choice: Choice | None, language: str) -> None:
        if choice is not None:
            self._found(choice)
            return
        number = self._number
        avoid = frozenset(self.avoid)
        self._around.placement.find(self._user_id, language, avoid=avoid).addCallbacks(
            self._answered, self._broken, callbackArgs=(number,), errbackArgs=(number,)
        ).addErrback(log_unless_expected, "a conversation is stuck")

    def _answered(self, choice: Choice, number: int) -> None:
        if number == self._number:
            self._found(choice)

    def _broken(self, failure: Failure, number: int) -> None:
        log_unless_expected(failure, "the owner of a conversation was not found")
        if number == self._number:
            self.trouble = str(failure.value)
            # Those who did not want it may be the only ones that are left.
            self.avoid.clear()
            self._failed()
