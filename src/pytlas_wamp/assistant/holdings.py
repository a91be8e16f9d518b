"""The conversations that this process has, as far as others might have them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attrs import define, field
from twisted.internet.defer import Deferred, succeed
from twisted.python.failure import Failure

from pytlas_wamp.assistant.audience import log_unless_expected
from pytlas_wamp.assistant.ownership import Ownership


@define(eq=False)
class Holdings:
    """Claims conversations, and gives them back.

    Args:
      ownership: has them for this process; None when there is no other process.
    """

    _ownership: Ownership | None
    # What is to be given back, as users and epochs.
    _put_away: list[tuple[int, int]] = field(init=False, factory=list)

    @property
    def are_shared(self) -> bool:
        """Whether another process might have what this one has."""
        return self._ownership is not None

    def begin(
        self, user_id: int, instead_of: int, begin: Callable[[int | None], Deferred[None]]
    ) -> Deferred[None]:
        """Begin a conversation once it is ours; give it back when it cannot begin.

        Args:
          user_id: whose it is.
          instead_of: the epoch of an owner that is known to be gone; 0 when none is.
          begin: told the epoch; None when there is no other process.

        Returns:
          fires when it has begun; fails with HeldElsewhere when another process has it.
        """
        if self._ownership is None:
            return begin(None)

        def give_back(failure: Failure, epoch: int) -> Failure:
            self.release([(user_id, epoch)])
            return failure

        return self._ownership.claim(user_id, instead_of).addCallback(
            lambda epoch: begin(epoch).addErrback(give_back, epoch)
        )

    def put_away(self, user_id: int, epoch: int) -> None:
        """Have a conversation given back together with others."""
        self._put_away.append((user_id, epoch))

    def release_put_away(self) -> None:
        """Give back what was put away since the last time."""
        held, self._put_away = self._put_away, []
        self.release(held)

    def release(self, held: Sequence[tuple[int, int]]) -> Deferred[None]:
        """Give conversations back, as far as that can be done now."""
        # What stays ours is taken from us when this process is gone, or asked for here again.
        return self.give_back(held).addErrback(
            log_unless_expected, "conversations could not be given back"
        )

    def give_back(self, held: Sequence[tuple[int, int]]) -> Deferred[None]:
        """The same; fails when it cannot be done."""
        if self._ownership is None or not held:
            return succeed(None)
        return self._ownership.release(held)
