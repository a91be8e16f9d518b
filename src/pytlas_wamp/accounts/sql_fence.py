"""Holds on to leases while something is done to the conversations.

Whoever changes what belongs to a conversation first locks its lease, and then the rest, and
several of them in the order of their users: so nobody waits for one who waits for them,
though in PostgreSQL they do not take turns. In SQLite there is one writer at a time anyhow.

All of it happens inside a transaction of the caller, and lasts as long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import insert, select, text
from sqlalchemy.dialects import postgresql, sqlite

from pytlas_wamp.accounts.sql_ids import is_row_id
from pytlas_wamp.accounts.sql_many import MAX_IDS, select_many
from pytlas_wamp.accounts.tables import LEASES, USERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection


def shared_leases(
    connection: Connection, user_ids: Iterable[int]
) -> dict[int, tuple[str | None, int]]:
    """Returns who has conversations, and under which epochs; nobody else takes them now.

    Waits for those that are about to take one.
    """
    wanted = sorted(filter(is_row_id, user_ids))
    return {
        user_id: (node_id, epoch)
        for start in range(0, len(wanted), MAX_IDS)
        for user_id, node_id, epoch in select_many(
            connection, _SHARED, LEASES.c.user_id, wanted[start : start + MAX_IDS]
        )
    }


def end_lease(connection: Connection, user_id: int) -> None:
    """Takes a conversation from whoever has it, and keeps others from getting it."""
    kind = sqlite if connection.dialect.name == "sqlite" else postgresql
    connection.execute(
        kind.insert(LEASES)
        .values(user_id=user_id, epoch=1)
        .on_conflict_do_update(
            index_elements=[LEASES.c.user_id],
            set_={"node_id": None, "epoch": LEASES.c.epoch + 1},
        )
    )


def end_all_leases(connection: Connection) -> dict[int, int]:
    """Keeps everybody from writing to conversations, or taking some; returns all epochs."""
    if connection.dialect.name != "sqlite":
        connection.execute(text(f"LOCK TABLE {LEASES.name} IN EXCLUSIVE MODE"))
    return {row.user_id: row.epoch for row in connection.execute(select(LEASES))}


def begin_leases_anew(connection: Connection, epochs: dict[int, int]) -> None:
    """Gives conversations to nobody, under epochs above those that they had.

    Args:
      connection: after `end_all_leases`, and after all leases were deleted.
      epochs: what that returned; those of accounts that are no more are left out.
    """
    present = set(connection.execute(select(USERS.c.id)).scalars())
    rows = [
        {"user_id": user_id, "epoch": epoch + 1}
        for user_id, epoch in epochs.items()
        if user_id in present
    ]
    if rows:
        connection.execute(insert(LEASES), rows)


_SHARED: Final = (
    select(LEASES.c.user_id, LEASES.c.node_id, LEASES.c.epoch)
    .order_by(LEASES.c.user_id)
    .with_for_update(read=True)
)
