"""Keeps who is in the cluster, and who has which conversation, in the database of the accounts.

Nothing in here takes the writers' turn of PostgreSQL, but for what an operator does: nodes say
every second that they live, and when one has died others take thousands of conversations.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field
from sqlalchemy import (
    Double,
    bindparam,
    cast,
    delete,
    extract,
    func,
    literal,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from pytlas_wamp.accounts.sql_ids import is_row_id
from pytlas_wamp.accounts.sql_many import MAX_IDS
from pytlas_wamp.accounts.tables import LEASES, NODES, USERS
from pytlas_wamp.journal.leases import Lease, Node, NodeStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Row, Select

    from pytlas_wamp.accounts.database import Database
    from pytlas_wamp.journal.leases import NodeState

# A node that was dead for so long is forgotten.
FORGOTTEN_AFTER_SECONDS: Final = 86_400.0

# What each database takes for the seconds since the epoch. PostgreSQL says when a statement
# waits at last, not when its transaction began; SQLite knows milliseconds.
_TIMES: Final[Mapping[str, ColumnElement[float]]] = {
    "sqlite": literal_column("(julianday('now') - 2440587.5) * 86400.0", Double),
    "postgresql": cast(extract("epoch", func.clock_timestamp()), Double),
}
_INSERTS: Final[Mapping[str, Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@define(eq=False)
class SqlLeaseStore:
    """A `LeaseStore` in a database; see there for what the methods promise.

    Args:
      database: that of a `SqlAccountStore`; who opened it closes it.
      clock: seconds since the epoch, instead of the database's own; for tests.
    """

    database: Database
    clock: Callable[[], float] | None = field(default=None, kw_only=True, repr=False)
    # Asked for every conversation: to put them together takes longer than to ask.
    _of_user: Select[Any] = field(init=False, repr=False)
    _two_nodes: Select[Any] = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Puts queries together."""
        alive = self._alive().label("alive")
        self._of_user = (
            select(LEASES.c.node_id, LEASES.c.epoch, NODES.c.address, alive)
            .outerjoin_from(LEASES, NODES, NODES.c.id == LEASES.c.node_id)
            .where(LEASES.c.user_id == bindparam("of"))
        )
        self._two_nodes = select(NODES.c.id, NODES.c.address, alive).where(
            NODES.c.id.in_((bindparam("owner"), bindparam("by")))
        )

    def announce(self, node: Node, *, seconds: float) -> NodeState:
        """Says that a node lives, for so many seconds from now; returns what it is to do."""
        now = self._now()
        times = {"seen_at": now, "expires_at": now + literal(seconds, Double)}
        said = _row_of_node(node) | times
        entering = _INSERTS[self.database.kind](NODES).values(
            id=node.id, state="active", started_at=now, **said
        )
        announced = entering.on_conflict_do_update(index_elements=[NODES.c.id], set_=said)
        with self.database.writing(flushed=False, in_turn=False) as connection:
            state: NodeState = connection.execute(announced.returning(NODES.c.state)).scalar_one()
            connection.execute(delete(NODES).where(NODES.c.id.in_(self._forgotten())))
        return state

    def withdraw(self, node_id: str) -> None:
        """Ends a node in order: what it owned belongs to nobody."""
        its_own = LEASES.c.node_id == node_id
        with self.database.writing(flushed=False, in_turn=False) as connection:
            _lock(connection, select(LEASES.c.user_id).where(its_own))
            connection.execute(update(LEASES).where(its_own).values(node_id=None))
            connection.execute(delete(NODES).where(NODES.c.id == node_id))

    def nodes(self) -> tuple[NodeStatus, ...]:
        """Returns all nodes, dead ones too, by role and name; with their leases."""
        count = func.count().label("leases")
        owners = select(LEASES.c.node_id, count).where(LEASES.c.node_id.is_not(None))
        owned = owners.group_by(LEASES.c.node_id).subquery()
        leases = func.coalesce(owned.c.leases, 0).label("leases")
        same = NODES.c.id == owned.c.node_id
        return self._nodes(self._statuses().add_columns(leases).outerjoin(owned, same))

    def living(self) -> tuple[NodeStatus, ...]:
        """Returns the nodes that are alive, without counting leases."""
        leases = literal(0).label("leases")
        return self._nodes(self._statuses().add_columns(leases).where(self._alive()))

    def lease(self, user_id: int) -> Lease | None:
        """Returns whose a conversation is; None when it never was anybody's."""
        if not is_row_id(user_id):
            return None
        with self.database.reading() as connection:
            row = connection.execute(self._of_user, {"of": user_id}).first()
        if row is None:
            return None
        return _lease(user_id, row.node_id, row.epoch, row)

    def claim(self, user_id: int, node_id: str, *, instead_of: int = 0) -> Lease:
        """Gives a conversation to a node, if it may have it; returns whose it is now.

        That of an account that is not there stays nobody's, under the epoch 0.
        """
        nobodys = Lease(user_id=user_id, node_id=None, epoch=0)
        if not is_row_id(user_id):
            return nobodys
        with self.database.writing(flushed=False, in_turn=False) as connection:
            held = _held(connection, user_id)
            if held is None:
                connection.execute(_BEGINNINGS[self.database.kind], {"of": user_id})
                held = _held(connection, user_id)
            if held is None:
                return nobodys
            owner_id, epoch = held
            named = {"owner": owner_id or "", "by": node_id}
            nodes = {row.id: row for row in connection.execute(self._two_nodes, named)}
            owner = nodes.get(owner_id)
            is_free = owner is None or not owner.alive or owner_id == node_id
            if not is_free and not 0 < epoch == instead_of:
                return _lease(user_id, owner_id, epoch, owner)
            taken = {"of": user_id, "by": node_id, "under": epoch + 1}
            connection.execute(_TAKE, taken)
        return _lease(user_id, node_id, epoch + 1, nodes.get(node_id))

    def release(self, node_id: str, leases: Sequence[tuple[int, int]]) -> None:
        """Gives conversations back, (user, epoch) each; those that it has no more stay."""
        given = set(leases)
        wanted = sorted({user_id for user_id, _ in given if is_row_id(user_id)})
        its_own = LEASES.c.node_id == node_id
        with self.database.writing(flushed=False, in_turn=False) as connection:
            for start in range(0, len(wanted), MAX_IDS):
                some = LEASES.c.user_id.in_(wanted[start : start + MAX_IDS])
                mine = select(LEASES.c.user_id, LEASES.c.epoch).where(its_own, some)
                had = [row.user_id for row in _lock(connection, mine) if tuple(row) in given]
                free = update(LEASES).where(LEASES.c.user_id.in_(had)).values(node_id=None)
                connection.execute(free)

    def set_state(self, name: str, state: NodeState) -> tuple[str, ...]:
        """Tells living nodes of a name what to do; returns their ids."""
        named = update(NODES).where(NODES.c.name == name, self._alive())
        with self.database.writing() as connection:
            told = connection.execute(named.values(state=state).returning(NODES.c.id)).scalars()
            return tuple(sorted(told))

    def _now(self) -> ColumnElement[float]:
        if self.clock is not None:
            return bindparam("now", callable_=self.clock, type_=Double)
        return _TIMES[self.database.kind]

    def _alive(self) -> ColumnElement[bool]:
        """Whether a node is; null when there is none."""
        return NODES.c.expires_at > self._now()

    def _forgotten(self) -> Select[Any]:
        """Nodes that were dead for long, but for those that somebody else is about to forget."""
        dead = NODES.c.expires_at < self._now() - FORGOTTEN_AFTER_SECONDS
        return select(NODES.c.id).where(dead).with_for_update(skip_locked=True)

    def _statuses(self) -> Select[Any]:
        ordered = (NODES.c.role, NODES.c.name, NODES.c.started_at, NODES.c.id)
        return select(NODES, self._alive().label("alive")).order_by(*ordered)

    def _nodes(self, query: Select[Any]) -> tuple[NodeStatus, ...]:
        with self.database.reading() as connection:
            return tuple(_status_of(row) for row in connection.execute(query).mappings())


def _row_of_node(node: Node) -> dict[str, Any]:
    return {
        "name": node.name,
        "role": node.role,
        "host": node.host,
        "address": node.address,
        "protocol": node.protocol,
        "version": node.version,
        "languages": ",".join(sorted(node.languages)),
        "conversations": node.conversations,
        "details": json.dumps(dict(node.details)),
    }


def _status_of(row: Mapping[Any, Any]) -> NodeStatus:
    copied = ("id", "name", "role", "host", "address", "protocol", "version", "conversations")
    node = Node(
        languages=frozenset(filter(None, row["languages"].split(","))),
        details=json.loads(row["details"]),
        **{name: row[name] for name in copied},
    )
    times = {name: row[name] for name in ("started_at", "seen_at")}
    return NodeStatus(
        node=node, state=row["state"], alive=row["alive"], leases=row["leases"], **times
    )


def _lease(user_id: int, node_id: str | None, epoch: int, node: Any) -> Lease:
    """A lease, and of its node the address and whether it lives, if there is one."""
    address, alive = (None, None) if node is None else (node.address, node.alive)
    return Lease(
        user_id=user_id, node_id=node_id, epoch=epoch, address=address or "", alive=bool(alive)
    )


# Inside a transaction of the caller; in the order of users, see `sql_fence`


def _held(connection: Connection, user_id: int) -> tuple[str | None, int] | None:
    """Who has a conversation, and its epoch; nobody can take it or write to it now."""
    row = connection.execute(_HELD, {"of": user_id}).first()
    return None if row is None else (row.node_id, row.epoch)


def _lock(connection: Connection, query: Select[Any]) -> Sequence[Row[Any]]:
    return connection.execute(query.order_by(LEASES.c.user_id).with_for_update()).all()


def _beginning(kind: str) -> Any:
    """Makes a lease that nobody has, for an account that is there and stays."""
    account = select(USERS.c.id, literal_column("0")).where(USERS.c.id == bindparam("of"))
    new = _INSERTS[kind](LEASES).from_select(
        ["user_id", "epoch"], account.with_for_update(read=True, key_share=True)
    )
    return new.on_conflict_do_nothing()


_BEGINNINGS: Final = {kind: _beginning(kind) for kind in _INSERTS}
_HELD: Final = (
    select(LEASES.c.node_id, LEASES.c.epoch)
    .where(LEASES.c.user_id == bindparam("of"))
    .with_for_update()
)
_TAKE: Final = (
    update(LEASES)
    .where(LEASES.c.user_id == bindparam("of"))
    .values(node_id=bindparam("by"), epoch=bindparam("under"))
)
