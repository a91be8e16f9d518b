"""Who may use a skill's thread: not too many of one user, not too many that never return.

A thread cannot be stopped. One whose turn was cancelled or timed out goes on until its
skill returns, if ever; it is *abandoned*.
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, field
from twisted.internet.defer import Deferred, fail

from pytlas_wamp.assistant.about import run_turn
from pytlas_wamp.assistant.turns import Turn
from pytlas_wamp.assistant.worker import Busy, Workers


@define(kw_only=True, eq=False)
class SkillSlots:
    """Lets turns run, all of the server.

    Args:
      workers: where skills run.
      max_per_user: turns of one user in threads, abandoned ones included.
      max_abandoned: abandoned ones of all users.
    """

    _workers: Workers
    _max_per_user: int
    _max_abandoned: int
    # Those that a thread has taken; changed in threads, one step at a time. A turn that was
    # abandoned and goes on is there twice.
    _begun: dict[object, Turn] = field(init=False, factory=dict)
    _per_user: dict[int, int] = field(init=False, factory=dict)

    @property
    def abandoned(self) -> int:
        """How many threads have a turn that is over."""
        return sum(turn.over for turn in self._begun.copy().values())

    @property
    def running(self) -> int:
        """How many threads are at work."""
        return len(self._begun)

    def run(self, user_id: int, function: Callable[[Turn], None], turn: Turn) -> Deferred[None]:
        """Call `function` with the turn in a thread; fails with Busy when there is no room."""
        theirs = self._per_user.get(user_id, 0)
        if theirs >= self._max_per_user or self._is_clogged():
            return fail(Busy())
        self._per_user[user_id] = theirs + 1
        running = self._workers.run(self._begin, user_id, function, turn)
        return running.addBoth(self._returned, user_id)

    def _begin(self, user_id: int, function: Callable[[Turn], None], turn: Turn) -> None:
        slot = object()
        self._begun[slot] = turn
        try:
            run_turn(user_id, function, turn)
        finally:
            del self._begun[slot]

    def _returned(self, result: None, user_id: int) -> None:
        theirs = self._per_user.pop(user_id)
        if theirs > 1:
            self._per_user[user_id] = theirs - 1
        return result

    def _is_clogged(self) -> bool:
        # Most of the time there are fewer at all, and nobody has to be counted.
        return len(self._begun) >= self._max_abandoned and self.abandoned >= self._max_abandoned
