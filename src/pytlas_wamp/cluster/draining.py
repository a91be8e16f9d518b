"""Gives the conversations of a worker back, so that it can end and nobody notices.

Each goes as soon as nothing runs in it and nothing waits: what was said is answered here,
and the next word is taken by the worker that has the conversation then.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Final
from weakref import WeakSet

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from pytlas_wamp.assistant.conversation import Conversation
from pytlas_wamp.assistant.host import Host
from pytlas_wamp.errors import OperatorError
from pytlas_wamp.journal.leases import NodeState

_log = Logger()

# Each of them is written, and everybody in it joins somewhere else.
AT_ONCE: Final = 16
# How soon is looked again for those that came in the meantime, or could not go.
SWEEP_SECONDS: Final = 0.25


@define(kw_only=True, eq=False)
class Draining:
    """Whether this worker has to give its conversations back, and how far it is.

    Args:
      host: has them.
      clock: an IReactorTime.
      at_once: how many are given back side by side.

    Attributes:
      is_on: whether it takes no new ones, and gives back those that it has.
      handed_over: how many it has given back so far.
    """

    _host: Host
    _clock: Any
    _at_once: int = AT_ONCE
    is_on: bool = field(init=False, default=False)
    handed_over: int = field(init=False, default=0)
    _for_good: bool = field(init=False, default=False)
    _queue: deque[int] = field(init=False, factory=deque)
    _going: set[int] = field(init=False, factory=set)
    # Those that are looked at again when nothing runs in them any more.
    _at_work: WeakSet[Conversation] = field(init=False, factory=WeakSet)
    _giving: bool = field(init=False, default=False)
    # None while nothing is to be given back.
    _timer: Any = field(init=False, default=None)
    _waiting: list[Deferred[None]] = field(init=False, factory=list)
    _failing: bool = field(init=False, default=False)

    def learn(self, state: NodeState) -> None:
        """Do what the database says that this node is to do."""
        if state == "active":
            self.end()
        else:
            self.begin()

    @property
    def own_state(self) -> NodeState | None:
        """What the database is to be told, if it knows less."""
        if self.is_done:
            return "drained"
        return "draining" if self._for_good else None

    def begin(self, *, for_good: bool = False) -> None:
        """Take no new conversations, and give back those that are here.

        Args:
          for_good: whether the process is about to end, whatever the database says.
        """
        self._for_good = self._for_good or for_good
        if not self.is_on:
            self.is_on = True
            _log.info("this worker gives its conversations to others")
            self._sweep()

    def end(self) -> None:
        """Take conversations again, and keep those that are still here."""
        if self.is_on and not self._for_good:
            _log.info("this worker takes conversations again")
            self.is_on = False
            self.stop()

    def stop(self) -> None:
        """Give nothing back any more: what is still here stays here."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._queue.clear()

    def takes(self, user_id: int) -> bool:
        """Whether a gateway may join this user's conversation here."""
        # Until it goes, it is nowhere else.
        is_here = self._host.find(user_id) is not None
        return user_id not in self._going and (not self.is_on or is_here)

    @property
    def is_done(self) -> bool:
        """Whether it is on, and none is left."""
        # In this order: there may be many, and it is looked at after each.
        return self.is_on and not (self._going or self._host.conversations)

    def when_done(self) -> Deferred[None]:
        """Fires when none is left; never while this is not on."""
        done: Deferred[None] = Deferred()
        self._waiting.append(done)
        self._look()
        return done

    def _sweep(self) -> None:
        self._timer = self._clock.callLater(SWEEP_SECONDS, self._sweep)
        if not self._queue:
            self._queue.extend(
                conversation.user_id
                for conversation in self._host.conversations
                if conversation.user_id not in self._going and conversation not in self._at_work
            )
        self._go_on()

    def _go_on(self) -> None:
        if self._giving:
            return
        self._giving = True
        while self._queue and len(self._going) < self._at_once:
            self._give_back(self._queue.popleft())
        self._giving = False
        self._look()

    def _give_back(self, user_id: int) -> None:
        conversation = self._host.find(user_id)
        if conversation is None or user_id in self._going:
            return
        if not conversation.is_idle:
            self._wait_for(conversation)
            return
        self._going.add(user_id)
        self._host.hand_over(user_id).addCallbacks(self._went, self._failed).addBoth(
            self._over, user_id
        )

    def _wait_for(self, conversation: Conversation) -> None:
        def idle() -> None:
            # It is in the middle of what made it idle.
            self._clock.callLater(0, look_again)

        def look_again() -> None:
            self._at_work.discard(conversation)
            if self._timer is not None:
                self._queue.appendleft(conversation.user_id)
                self._go_on()

        self._at_work.add(conversation)
        conversation.when_idle(idle)

    def _went(self, did: bool) -> None:  # noqa: FBT001 - a result
        self._failing = False
        self.handed_over += did

    def _failed(self, failure: Failure) -> None:
        """Log once per outage: it is tried again."""
        if not isinstance(failure.value, OperatorError):
            _log.failure("a conversation could not be given back", failure=failure)
        elif not self._failing:
            self._failing = True
            _log.error("conversations cannot be given back: {error}", error=failure.value)

    def _over(self, _: object, user_id: int) -> None:
        self._going.discard(user_id)
        conversation = self._host.find(user_id)
        if conversation is not None and not conversation.is_idle:
            # Somebody said something at the last moment.
            self._wait_for(conversation)
        self._go_on()

    def _look(self) -> None:
        if self.is_done:
            waiting, self._waiting = self._waiting, []
            for done in waiting:
                done.callback(None)
