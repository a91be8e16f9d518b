"""Who may write to a conversation, where several processes share a database.

A *lease* says which *node* has a conversation, and its *epoch* how often that has changed. What
is written to a conversation names the epoch of who writes. The database looks at it in the same
transaction, and writes nothing under an old one: so it does not matter what a node believes that
was paused, cut off or declared dead too early.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Role = Literal["gateway", "worker"]
NodeState = Literal["active", "draining", "drained"]


@frozen(kw_only=True)
class Node:
    """A process of the cluster, as it says of itself.

    Args:
      id: its name, a hyphen and some characters that no other start of it has.
      name: what the operator calls it: a-z, 0-9 and underscores, a letter first.
      role: what it does.
      host: the machine it is on.
      address: where it is reached without a router, "" when it is not.
      protocol: the version of what nodes say to each other.
      version: of the program.
      languages: two-letter codes that it serves; empty for all.
      conversations: how many it has, in memory.
      details: whatever else `cluster status` shows: names and numbers.
    """

    id: str
    name: str
    role: Role
    host: str
    address: str
    protocol: int
    version: str
    languages: frozenset[str] = frozenset()
    conversations: int = 0
    details: Mapping[str, float] = field(factory=dict)


@frozen(kw_only=True)
class NodeStatus:
    """A node, as the database has it.

    Args:
      node: what it said last.
      state: what it is to do; operators change this.
      alive: whether it has said so within the time it promised, by the database's clock.
      started_at: seconds since the epoch, by the database's clock.
      seen_at: when it said something last, by the same clock.
      leases: how many conversations it owns.
    """

    node: Node
    state: NodeState
    alive: bool
    started_at: float
    seen_at: float
    leases: int = 0


@frozen(kw_only=True)
class Lease:
    """Whose a conversation is.

    Args:
      user_id: of whom.
      node_id: who has it; None when nobody does.
      epoch: rises with every change of owner, and never falls.
      address: of the node, see `Node`.
      alive: whether the node is, see `NodeStatus`; False when nobody has it.
    """

    user_id: int
    node_id: str | None
    epoch: int
    address: str = ""
    alive: bool = False


class LeaseStore(Protocol):
    """Keeps nodes and leases.

    Every method may be called from any thread, also at the same time, blocks, and is one
    transaction. All raise StoreBroken, an OperatorError, when the database fails. All
    times are the database's own: no clock of a node counts.
    """

    def announce(self, node: Node, *, seconds: float) -> NodeState:
        """Says that a node lives, for so many seconds from now.

        Nodes that have been dead for a day are forgotten on the way.

        Returns:
          what it is to do.
        """

    def withdraw(self, node_id: str) -> None:
        """Ends a node in order: what it owned belongs to nobody."""

    def nodes(self) -> tuple[NodeStatus, ...]:
        """Returns all nodes, dead ones too, by role and name; with their leases."""

    def living(self) -> tuple[NodeStatus, ...]:
        """Returns the nodes that are alive, without counting leases: it is asked often."""

    def lease(self, user_id: int) -> Lease | None:
        """Returns whose a conversation is; None when it never was anybody's."""

    def claim(self, user_id: int, node_id: str, *, instead_of: int = 0) -> Lease:
        """Gives a conversation to a node, if it may have it.

        It may when nobody has it, when it has it itself, when who has it is not alive, and
        when `instead_of` is the epoch under which somebody has it: who asks knows better.

        Args:
          user_id: whose conversation.
          node_id: who wants it.
          instead_of: the epoch of an owner that is known to be gone; 0 when none is.

        Returns:
          whose it is now; the node's, under a new epoch, if it may have it.
        """

    def release(self, node_id: str, leases: Sequence[tuple[int, int]]) -> None:
        """Gives conversations back, (user, epoch) each; those that it has no more stay."""

    def set_state(self, name: str, state: NodeState) -> tuple[str, ...]:
        """Tells living nodes of a name what to do; returns their ids."""
