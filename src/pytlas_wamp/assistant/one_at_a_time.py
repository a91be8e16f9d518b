"""Steps that must not come between each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from attrs import define, field
from twisted.internet.defer import Deferred, succeed

T = TypeVar("T")


@define(eq=False)
class OneAtATime:
    """Does one thing after the other for each user, however long one takes."""

    _last: dict[int, Deferred[None]] = field(init=False, factory=dict)

    def __contains__(self, user_id: object) -> bool:
        """Whether something is being done for a user."""
        return user_id in self._last

    def __iter__(self) -> Iterator[int]:
        """For whom something is being done."""
        return iter(tuple(self._last))

    def run(self, user_id: int, step: Callable[[], Deferred[T]]) -> Deferred[T]:
        """Do something for a user, after all that was asked for before."""
        done: Deferred[None] = Deferred()
        before = self._last.get(user_id, succeed(None))
        self._last[user_id] = done
        result: Deferred[Any] = Deferred()
        work: Deferred[Any] = Deferred()
        before.addBoth(lambda _: work.callback(None))
        work.addCallback(lambda _: step())

        def finish(outcome: Any) -> None:
            if self._last.get(user_id) is done:
                del self._last[user_id]
            # Who asked for this step learns of it before the next one begins.
            result.callback(outcome)
            done.callback(None)

        work.addBoth(finish)
        return result
