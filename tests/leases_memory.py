"""A `LeaseStore` in memory: for tests that need one, and the model of those in databases."""

from __future__ import annotations

from attrs import define, evolve, field

from pytlas_wamp.errors import OperatorError
from pytlas_wamp.journal.leases import Lease, NodeStatus

DAY_SECONDS = 86_400
UNKNOWN = (None, 0)


class LeasesBroken(OperatorError):
    """What a `MemoryLeases` raises while it is failing."""


@define
class MemoryLeases:
    """Keeps everything in dicts.

    Args:
      clock: seconds since the epoch.
      gone: the ids of accounts that are not there; nobody gets their conversations.
      failing: whether every call fails.
      held: who has which conversation: by user, a pair of the id of a node, or None, and
        the epoch. A `MemoryJournal` that is given it looks there.
    """

    clock: object = lambda: 0.0
    gone: set = field(factory=set)
    failing: bool = False
    held: dict = field(factory=dict)
    present: dict = field(factory=dict)  # by the id of the node
    ends: dict = field(factory=dict)

    def announce(self, node, *, seconds):
        self._work()
        now = self.clock()
        before = self.present.get(node.id)
        state, started_at = ("active", now) if before is None else (before.state, before.started_at)
        self.present[node.id] = NodeStatus(
            node=node, state=state, alive=True, started_at=started_at, seen_at=now
        )
        self.ends[node.id] = now + seconds
        for node_id in [one for one in self.ends if self.ends[one] < now - DAY_SECONDS]:
            self._drop(node_id)
        return state

    def withdraw(self, node_id):
        self._work()
        for user_id, (owner, epoch) in self.held.items():
            if owner == node_id:
                self.held[user_id] = (None, epoch)
        self._drop(node_id)

    def nodes(self):
        self._work()
        owners = [owner for owner, _ in self.held.values()]
        found = [
            evolve(status, alive=self._lives(node_id), leases=owners.count(node_id))
            for node_id, status in self.present.items()
        ]
        return tuple(
            sorted(
                found,
                key=lambda one: (one.node.role, one.node.name, one.started_at, one.node.id),
            )
        )

    def living(self):
        return tuple(evolve(one, leases=0) for one in self.nodes() if one.alive)

    def lease(self, user_id):
        self._work()
        return self._lease(user_id) if user_id in self.held else None

    def claim(self, user_id, node_id, *, instead_of=0):
        self._work()
        if user_id not in self.gone:
            owner, epoch = self.held.get(user_id, UNKNOWN)
            if owner in {None, node_id} or not self._lives(owner) or 0 < epoch == instead_of:
                self.held[user_id] = (node_id, epoch + 1)
        return self._lease(user_id)

    def release(self, node_id, leases):
        self._work()
        for user_id, epoch in leases:
            if self.held.get(user_id) == (node_id, epoch):
                self.held[user_id] = (None, epoch)

    def set_state(self, name, state):
        self._work()
        told = [one.node.id for one in self.living() if one.node.name == name]
        for node_id in told:
            self.present[node_id] = evolve(self.present[node_id], state=state)
        return tuple(sorted(told))

    def forget(self, user_id):
        """Does what deleting the account does."""
        self.gone.add(user_id)
        self.held.pop(user_id, None)

    def _lease(self, user_id):
        owner, epoch = self.held.get(user_id, UNKNOWN)
        status = self.present.get(owner)
        return Lease(
            user_id=user_id,
            node_id=owner,
            epoch=epoch,
            address="" if status is None else status.node.address,
            alive=self._lives(owner),
        )

    def _lives(self, node_id):
        return node_id in self.ends and self.ends[node_id] > self.clock()

    def _drop(self, node_id):
        self.present.pop(node_id, None)
        self.ends.pop(node_id, None)

    def _work(self):
        if self.failing:
            raise LeasesBroken("The leases cannot be used: they were told to fail.")
