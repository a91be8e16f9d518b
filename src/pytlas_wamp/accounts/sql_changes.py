"""The news of what was written, for other processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import fields
from sqlalchemy import delete, func, insert, select

from pytlas_wamp.accounts.model import Change
from pytlas_wamp.accounts.store import KEPT_CHANGES
from pytlas_wamp.accounts.tables import CHANGES

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from pytlas_wamp.accounts.model import ChangeKind

NOBODY = 0  # whose change it is when it is about the server


def note(
    connection: Connection, user_id: int, kind: ChangeKind, token_id: str | None = None
) -> None:
    """Tells other processes, and forgets what is too old for any of them."""
    result = connection.execute(
        insert(CHANGES)
        .values(user_id=user_id, kind=kind, token_id=token_id)
        .returning(CHANGES.c.id)
    )
    connection.execute(delete(CHANGES).where(CHANGES.c.id <= result.scalar_one() - KEPT_CHANGES))


def last_change(connection: Connection) -> int:
    """Returns the id of the newest change, 0 when there was none."""
    return connection.execute(select(func.max(CHANGES.c.id))).scalar() or 0


def changes_after(connection: Connection, after: int) -> list[Change]:
    """Returns the changes with a higher id, oldest first."""
    query = _CHANGES.where(CHANGES.c.id > after).order_by(CHANGES.c.id)
    return [Change(**row) for row in connection.execute(query).mappings()]


_CHANGES = select(*(CHANGES.c[item.name] for item in fields(Change)))
