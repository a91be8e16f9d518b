"""Whose a conversation is, where several processes share a database.

What counts is the lease in the database (`journal.leases`): it is claimed before a conversation
begins, and looked at by each write. What this process believes counts nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from attrs import frozen
from twisted.internet.defer import Deferred

from pytlas_wamp.assistant.worker import Workers
from pytlas_wamp.errors import OperatorError
from pytlas_wamp.journal.leases import Lease, LeaseStore


class HeldElsewhere(OperatorError):
    """Another process has the conversation, or nobody may: look again whose it is."""

    def __init__(self) -> None:
        super().__init__("another process has this conversation now")


class Ownership(Protocol):
    """Has conversations for this process."""

    def claim(self, user_id: int, instead_of: int) -> Deferred[int]:
        """Take a conversation.

        Args:
          user_id: whose it is.
          instead_of: the epoch of an owner that is known to be gone; 0 when none is.

        Returns:
          the epoch under which this process has it; fails with HeldElsewhere when another one
          has it, or with another OperatorError when that cannot be found out.
        """

    def release(self, held: Sequence[tuple[int, int]]) -> Deferred[None]:
        """Give conversations back, each a user and an epoch; those that are others' stay."""


@frozen(kw_only=True)
class LeasedOwnership:
    """An `Ownership` by leases.

    Args:
      store: of the leases; its methods block.
      node_id: this process.
      workers: where the store is asked.
    """

    store: LeaseStore
    node_id: str
    workers: Workers

    def claim(self, user_id: int, instead_of: int) -> Deferred[int]:
        """See `Ownership`."""
        return self.workers.run(
            self.store.claim, user_id, self.node_id, instead_of=instead_of
        ).addCallback(self._epoch)

    def _epoch(self, lease: Lease) -> int:
        if lease.node_id != self.node_id:
            raise HeldElsewhere
        return lease.epoch

    def release(self, held: Sequence[tuple[int, int]]) -> Deferred[None]:
        """See `Ownership`."""
        return self.workers.run(self.store.release, self.node_id, held)
