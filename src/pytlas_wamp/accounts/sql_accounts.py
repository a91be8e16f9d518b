"""The rows of accounts, inside a transaction that the caller has begun."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import fields
from sqlalchemy import bindparam, delete, func, insert, select, update

from pytlas_wamp.accounts.lookalikes import may_be_mistaken, name_skeleton
from pytlas_wamp.accounts.model import (
    Account,
    LastAdmin,
    NameTaken,
    Outdated,
    SetupDone,
    UnknownUser,
    clean_name,
    name_key,
)
from pytlas_wamp.accounts.sql_changes import note
from pytlas_wamp.accounts.sql_fence import end_lease
from pytlas_wamp.accounts.sql_frequent import Frequent
from pytlas_wamp.accounts.sql_ids import highest_id, is_row_id, keep_ids_above
from pytlas_wamp.accounts.tables import USERS
from pytlas_wamp.errors import ClientError

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection


def first_account(connection: Connection, *conditions: ColumnElement[bool]) -> Account | None:
    """Returns the only account that fulfils all conditions, if there is one."""
    row = connection.execute(_ACCOUNTS.where(*conditions)).mappings().first()
    return None if row is None else Account(**row)


def account_by_id(connection: Connection, user_id: int) -> Account | None:
    """Returns the account with this id, if there is one."""
    if not is_row_id(user_id):
        return None
    rows = _ACCOUNT_BY_ID.rows(connection, {"id": user_id})
    return Account(**rows[0]) if rows else None


def present_account(connection: Connection, user_id: int) -> Account:
    """Returns the account with this id; raises UnknownUser."""
    account = account_by_id(connection, user_id)
    if account is None:
        raise UnknownUser(f"There is no account with the id {user_id}.")
    return account


def require_admin(connection: Connection, by: int | None) -> None:
    """Refuses a write in the name of who may not manage others; None may (see `AccountStore`).

    Whoever let them in looked in another transaction, and they may be demoted since.
    """
    account = None if by is None else account_by_id(connection, by)
    if by is not None and not (account and account.active and account.admin):
        raise ClientError("forbidden", "Only administrators may do this.")


def all_accounts(connection: Connection) -> list[Account]:
    """Returns all accounts, ordered by id."""
    return [Account(**row) for row in connection.execute(_ACCOUNTS.order_by(USERS.c.id)).mappings()]


def count_accounts(connection: Connection) -> int:
    """Returns how many accounts there are."""
    return connection.execute(select(func.count()).select_from(USERS)).scalar_one()


def ever_had_accounts(connection: Connection) -> bool:
    """Says whether there is an account, or was one that has been deleted."""
    return highest_id(connection, USERS) > 0


def password_hash(connection: Connection, user_id: int) -> str:
    """Returns the hash to check a password against; raises UnknownUser."""
    present_account(connection, user_id)
    query = select(USERS.c.password_hash).where(USERS.c.id == user_id)
    return str(connection.execute(query).scalar_one())


def imported_hashes(connection: Connection) -> list[str]:
    """Returns how the hashes begin that came from the original server, each once."""
    imported = USERS.c.password_hash.startswith(_IMPORTED, autoescape=True)
    # Not much of the salt: what is asked for comes before it, at various lengths.
    beginnings = select(func.substr(USERS.c.password_hash, 1, len(_IMPORTED) + 9))
    found = connection.execute(beginnings.where(imported).distinct()).scalars()
    return sorted({"$".join(text.split("$")[:2]) + "$" for text in found})


def add_account(
    connection: Connection,
    values: dict[str, Any],
    *,
    user_id: int | None,
    first: bool,
) -> Account:
    """Adds an account; see `AccountStore.add`.

    Args:
      connection: that may write.
      values: by column, without the id and what follows from the name.
      user_id: the id to give it, if that is free.
      first: whether it has to be the first one that ever was.
    """
    if first and ever_had_accounts(connection):
        raise SetupDone(
            "The first account was made already: ask an administrator, or whoever runs the "
            "server, for one of your own."
        )
    row = values | _name_values(connection, values["name"], None)
    # Only the original server can have given somebody tokens before there is an account. Where
    # its secret is ours as well, one for an id that it gave must not be good for a person who
    # has that id here.
    row["plain_tokens"] = values["original_id"] is not None
    _refuse_a_second_original(connection, values["original_id"])
    highest = highest_id(connection, USERS)
    if user_id is not None and highest < user_id and is_row_id(user_id):
        keep_ids_above(connection, USERS, user_id)
        row["id"] = user_id
    added = connection.execute(insert(USERS).values(row).returning(USERS.c.id)).scalar_one()
    note(connection, added, "account")
    return present_account(connection, added)


def change_account(
    connection: Connection,
    user_id: int,
    values: dict[str, Any],
    *,
    if_revision: int | None = None,
    guard_admin: bool = False,
) -> None:
    """Writes what is given to an account; see `AccountStore.change`.

    Args:
      connection: that may write.
      user_id: whose.
      values: by column; what follows from a new name is added.
      if_revision: the revision that it must still have.
      guard_admin: whether an active administrator has to be left.
    """
    present = _expected_account(connection, user_id, if_revision)
    if not values:
        return
    if guard_admin and False in {values.get("active"), values.get("admin")}:
        _refuse_the_last_admin(connection, present)
    if "name" in values:
        values = values | _name_values(connection, values["name"], user_id)
    row = values | {"revision": USERS.c.revision + 1}
    connection.execute(update(USERS).where(USERS.c.id == user_id).values(row))
    note(connection, user_id, "account")


def delete_account(
    connection: Connection, user_id: int, *, if_revision: int | None, guard_admin: bool
) -> None:
    """Deletes an account; what belongs to it goes along (ON DELETE CASCADE)."""
    present = _expected_account(connection, user_id, if_revision)
    if guard_admin:
        _refuse_the_last_admin(connection, present)
    end_lease(connection, user_id)
    connection.execute(delete(USERS).where(USERS.c.id == user_id))
    note(connection, user_id, "account")


_IMPORTED = "pbkdf2_sha256$"
_ACCOUNTS = select(*(USERS.c[item.name] for item in fields(Account)))
_ACCOUNT_BY_ID = Frequent(_ACCOUNTS.where(USERS.c.id == bindparam("id")))


def _expected_account(connection: Connection, user_id: int, revision: int | None) -> Account:
    """Returns the account if it still has this revision; None stands for any (spec 6.9)."""
    present = present_account(connection, user_id)
    if revision not in {None, present.revision}:
        raise Outdated(
            f"{present.name!r} was changed by somebody else: read the account again first."
        )
    return present


def _name_values(connection: Connection, name: str, user_id: int | None) -> dict[str, str]:
    """Returns the columns that a name fills, unless another account is in its way."""
    cleaned = clean_name(name)
    key, skeleton = name_key(cleaned), name_skeleton(cleaned)
    alike = (USERS.c.name_key == key) | (USERS.c.skeleton == skeleton)
    query = select(USERS.c.name, USERS.c.name_key).where(alike, USERS.c.id != (user_id or 0))
    for other in connection.execute(query.order_by(USERS.c.id)):
        if other.name_key == key:
            raise NameTaken(
                f"There is already an account named {cleaned!r}, or one that differs "
                "only by case: choose another name."
            )
        if may_be_mistaken(cleaned, other.name):
            raise NameTaken(
                f"The name {cleaned!r} can be mistaken for {other.name!r}, "
                "which another account has: choose another name."
            )
    return {"name": cleaned, "name_key": key, "skeleton": skeleton}


def _refuse_a_second_original(connection: Connection, original_id: int | None) -> None:
    if original_id is None:
        return
    present = first_account(connection, USERS.c.original_id == original_id)
    if present is not None:
        raise NameTaken(
            f"{present.name!r} has the id {original_id} of the original server already: "
            "nobody else can have it."
        )


def _refuse_the_last_admin(connection: Connection, present: Account) -> None:
    if not (present.active and present.admin):
        return
    others = USERS.c.active & USERS.c.admin & (USERS.c.id != present.id)
    if first_account(connection, others) is None:
        raise LastAdmin(
            f"{present.name!r} is the only active administrator: make somebody else one first."
        )
