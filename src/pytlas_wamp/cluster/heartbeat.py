"""Says every second that a node lives, and learns what it is to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import define, evolve, field
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from pytlas_wamp.errors import OperatorError
from pytlas_wamp.journal.leases import LeaseStore, Node, NodeState

_log = Logger()

BEAT_SECONDS: Final = 1.0
# What is promised: two of them may be lost, or take long.
PROMISE_SECONDS: Final = 3.0
# What follows on one that took longer than a second.
_PAUSE_SECONDS: Final = 0.1

# What a node may say itself: everything else is for operators.
_STEPS: Final = frozenset({("active", "draining"), ("draining", "drained")})


@define(kw_only=True, eq=False)
class Heartbeat:
    """Announces a node, until it is stopped.

    One announcement follows the other, however long they take. While the database is away it
    is tried again every second.

    Args:
      store: keeps nodes; blocks.
      run: calls a function in a thread, and gives what that returns.
      clock: an IReactorTime.
      node: what stays the same of it.
      conversations: how many it has in memory.
      details: what else it says of itself, by name.
      act: told what the node is to do, after each announcement.
      own_state: what it is to do, if it says so itself, see `Draining.own_state`.

    Attributes:
      failures: how many announcements have failed since the last that did not.
    """

    _store: LeaseStore
    _run: Callable[..., Deferred[Any]]
    _clock: Any
    _node: Node
    _conversations: Callable[[], int] = field(default=lambda: 0)
    _details: Callable[[], Mapping[str, float]] = field(default=dict)
    _act: Callable[[NodeState], object] = field(default=lambda _: None)
    _own_state: Callable[[], NodeState | None] = field(default=lambda: None)
    failures: int = field(init=False, default=0)
    _timer: Any = field(init=False, default=None)
    _stopped: bool = field(init=False, default=True)
    # Fires when what is being announced now is.
    _announcing: Deferred[None] | None = field(init=False, default=None)

    def start(self) -> Deferred[None]:
        """Begin; fires when the node was announced, or could not be, for the first time."""
        self._stopped = False
        return self._beat()

    def stop(self) -> Deferred[None]:
        """Announce no more, and withdraw the node: what it owns belongs to nobody; never fails."""
        self._stopped = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        stopped: Deferred[None] = Deferred()
        stopped.addCallback(lambda _: self._run(self._store.withdraw, self._node.id))
        stopped.addErrback(_not_withdrawn)
        if self._announcing is None:
            stopped.callback(None)
        else:
            self._announcing.addCallback(stopped.callback)
        return stopped

    def _beat(self) -> Deferred[None]:
        self._timer = None
        began = self._clock.seconds()
        announced: Deferred[None] = Deferred()
        self._announcing = announced

        def over(_: object) -> None:
            self._announcing = None
            self._go_on(began)
            announced.callback(None)

        maybeDeferred(self._announce).addCallback(self._learn).addErrback(self._failed).addBoth(
            over
        )
        return announced

    def _announce(self) -> Deferred[NodeState]:
        node = evolve(self._node, conversations=self._conversations(), details=self._details())
        return self._run(self._in_thread_announce, node, self._own_state())

    def _in_thread_announce(self, node: Node, own: NodeState | None) -> NodeState:
        state = self._store.announce(node, seconds=PROMISE_SECONDS)
        if own is None or (state, own) not in _STEPS:
            return state
        # At once after it was read: an operator who changes their mind is hardly ever in between.
        self._store.set_state(node.name, own)
        return own

    def _go_on(self, began: float) -> None:
        if not self._stopped:
            took = self._clock.seconds() - began
            wait = max(BEAT_SECONDS - took, _PAUSE_SECONDS)
            self._timer = self._clock.callLater(wait, self._beat)

    def _learn(self, state: NodeState) -> None:
        if self.failures:
            _log.info("the other nodes hear of this one again")
        self.failures = 0
        if not self._stopped:
            self._act(state)

    def _failed(self, failure: Failure) -> None:
        self.failures += 1
        if not isinstance(failure.value, OperatorError):
            _log.failure("this node could not be announced", failure=failure)
        elif self.failures == 1:
            _log.error("this node cannot be announced: {error}", error=failure.value)


def _not_withdrawn(failure: Failure) -> None:
    """Others notice by themselves, within the time that was promised."""
    if isinstance(failure.value, OperatorError):
        _log.error("this node could not be withdrawn: {error}", error=failure.value)
    else:
        _log.failure("this node could not be withdrawn", failure=failure)
