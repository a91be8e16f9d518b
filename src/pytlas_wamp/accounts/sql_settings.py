"""The rows of settings, inside a transaction that the caller has begun."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, func, insert, select, update

from pytlas_wamp.accounts.model import BadSetting, Outdated
from pytlas_wamp.accounts.sql_accounts import present_account
from pytlas_wamp.accounts.sql_changes import note
from pytlas_wamp.accounts.sql_frequent import Frequent
from pytlas_wamp.accounts.sql_ids import is_row_id
from pytlas_wamp.accounts.tables import SETTINGS, USERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from pytlas_wamp.accounts.model import Account


def settings_of(connection: Connection, user_id: int) -> dict[str, str]:
    """Returns the values by key; empty also when there is no such account."""
    if not is_row_id(user_id):
        return {}
    rows = _SETTINGS_OF.rows(connection, {"user_id": user_id})
    # Sorted here, because databases do not agree on where an underscore belongs.
    return dict(sorted((row["key"], row["value"]) for row in rows))


def write_settings(
    connection: Connection,
    user_id: int,
    values: Mapping[str, str | None],
    *,
    if_revision: int | None = None,
    bound: int,
) -> tuple[int, bool]:
    """Adds, replaces or (None) deletes settings; see `AccountStore.change_settings`.

    Args:
      connection: that may write.
      user_id: whose.
      values: by key.
      if_revision: the revision that the settings must still have.
      bound: how many there may be.

    Returns:
      The revision of the settings, and whether anything was written.
    """
    account = present_account(connection, user_id)
    if if_revision not in {None, account.settings_revision}:
        raise Outdated(
            f"The settings of {account.name!r} were changed by somebody else: "
            "read them again first."
        )
    before = _count(connection, user_id)
    written = [_write(connection, user_id, key, value) for key, value in values.items()]
    _refuse_more(account, before, _count(connection, user_id), bound)
    if not any(written):
        return account.settings_revision, False
    risen = account.settings_revision + 1
    connection.execute(update(USERS).where(USERS.c.id == user_id).values(settings_revision=risen))
    note(connection, user_id, "settings")
    return risen, True


def _count(connection: Connection, user_id: int) -> int:
    query = select(func.count()).select_from(SETTINGS).where(SETTINGS.c.user_id == user_id)
    return connection.execute(query).scalar_one()


def _refuse_more(account: Account, before: int, after: int, bound: int) -> None:
    # Who had more when the bound came must be able to change those, and to delete some.
    if after > max(before, bound):
        raise BadSetting(
            f"{account.name!r} may have {bound} settings at most: delete some that are not "
            "used any more."
        )


def _write(connection: Connection, user_id: int, key: str, value: str | None) -> bool:
    present = (SETTINGS.c.user_id == user_id) & (SETTINGS.c.key == key)
    if value is None:
        return connection.execute(delete(SETTINGS).where(present)).rowcount > 0
    replaced = connection.execute(update(SETTINGS).where(present).values(value=value))
    if replaced.rowcount == 0:
        connection.execute(insert(SETTINGS).values(user_id=user_id, key=key, value=value))
    return True


_SETTINGS_OF = Frequent(
    select(SETTINGS.c.key, SETTINGS.c.value).where(SETTINGS.c.user_id == bindparam("user_id"))
)
