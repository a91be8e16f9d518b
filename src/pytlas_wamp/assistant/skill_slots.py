"""Who may use a skill's thread: not too many of one user, not too many that never return.

A thread cannot be stopped. One whose turn was cancelled or timed out goes on until its
skill returns, if ever; it is *abandoned*.
"""

from __future__ import annotations

from collections import Counter
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
    _turns: dict[object, Turn] = field(init=False, factory=dict)
    # Those that a thread has taken; changed in threads, one step at a time.
    _begun: set[object] = field(init=False, factory=set)
    _per_user: Counter[int] = field(init=False, factory=Counter)

    @property
    def abandoned(self) -> int:
        """How many threads have a turn that is over."""
        turns = (self._turns.get(slot) for slot in self._begun.copy())
        return sum(turn is not None and turn.over for turn in turns)

    @property
    def running(self) -> int:
        """How many threads are at work."""
        return len(self._begun)

    def run(self, user_id: int, function: Callable[[Turn], None], turn: Turn) -> Deferred[None]:
        """Call `function` with the turn in a thread; fails with Busy when there is no room."""
        if self._per_user[user_id] >= self._max_per_user or self._is_clogged():
            return fail(Busy())
        slot = object()
        self._turns[slot] = turn
        self._per_user[user_id] += 1

        def begin() -> None:
            self._begun.add(slot)
            try:
                run_turn(user_id, function, turn)
            finally:
                self._begun.discard(slot)

        def returned(result: None) -> None:
            del self._turns[slot]
            self._per_user[user_id] -= 1
            if not self._per_user[user_id]:
                del self._per_user[user_id]
            return result

        return self._workers.run(begin).addBoth(returned)

    def _is_clogged(self) -> bool:
        # Most of the time there are fewer at all, and nobody has to be counted.
        return len(self._begun) >= self._max_abandoned and self.abandoned >= self._max_abandoned
