"""Keeps accounts in a database; with its neighbours the only user of SQLAlchemy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from attrs import define, field
from sqlalchemy import Select, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from pytlas_wamp.accounts.database import BUSY_TIMEOUT_SECONDS, Database
from pytlas_wamp.accounts.model import (
    Account,
    BadName,
    Change,
    NameTaken,
    UnknownUser,
    clean_name,
    name_key,
)
from pytlas_wamp.accounts.store import KEPT_CHANGES
from pytlas_wamp.accounts.tables import CHANGES, REVOKED_TOKENS, SETTINGS, USERS

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from pytlas_wamp.accounts.model import ChangeKind


@define(eq=False)
class SqlAccountStore:
    """An `AccountStore` in a database; see there for what the methods promise.

    Args:
      url: an SQLAlchemy URL ("sqlite:////var/lib/pytlas/pytlas.db", "sqlite://" for
        memory), or the path of an SQLite file; the file is made when missing.
      busy_timeout_seconds: how long to wait for other writers.

    Raises:
      StoreBroken: when the database cannot be used; the text says what to do.
    """

    url: str | Path
    busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS
    _database: Database = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Opens, checks and migrates the database."""
        self._database = Database(self.url, self.busy_timeout_seconds)

    def add(self, name: str, password_hash: str, *, language: str, admin: bool) -> Account:
        """Adds an active account."""
        cleaned = clean_name(name)
        values = {
            "name": cleaned,
            "name_key": name_key(cleaned),
            "password_hash": password_hash,
            "language": language,
            "active": True,
            "admin": admin,
        }
        with self._database.writing() as connection:
            try:
                result = connection.execute(insert(USERS).values(values))
            except IntegrityError as error:
                raise NameTaken(
                    f"There is already an account named {cleaned!r}, or one that differs "
                    "only by case: choose another name."
                ) from error
            user_id = _new_id(result.inserted_primary_key)
            _note(connection, user_id, "account")
        return Account(id=user_id, name=cleaned, language=language, active=True, admin=admin)

    def get(self, user_id: int) -> Account | None:
        """Returns the account with this id, if there is one."""
        return self._first(_ACCOUNTS.where(USERS.c.id == user_id))

    def find(self, name: str) -> Account | None:
        """Returns the account with exactly this name, after trimming and NFKC."""
        try:
            cleaned = clean_name(name)
        except BadName:
            return None
        return self._first(_ACCOUNTS.where(USERS.c.name == cleaned))

    def all(self) -> list[Account]:
        """Returns all accounts, oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(_ACCOUNTS.order_by(USERS.c.id)).all()
        return [_account(row) for row in rows]

    def password_hash(self, user_id: int) -> str:
        """Returns the hash to check a password against."""
        with self._database.reading() as connection:
            return _hash(connection, user_id)

    def set_password_hash(
        self, user_id: int, password_hash: str, *, replacing: str | None = None
    ) -> bool:
        """Keeps a new hash and says whether it did."""
        with self._database.writing() as connection:
            if replacing is not None and _hash(connection, user_id) != replacing:
                return False
            _change_account(connection, user_id, password_hash=password_hash)
        return True

    def set_active(self, user_id: int, *, active: bool) -> None:
        """Lets a person sign in, or not."""
        with self._database.writing() as connection:
            _change_account(connection, user_id, active=active)

    def set_admin(self, user_id: int, *, admin: bool) -> None:
        """Lets a person manage others, or not."""
        with self._database.writing() as connection:
            _change_account(connection, user_id, admin=admin)

    def set_language(self, user_id: int, language: str) -> None:
        """Changes the language of a person."""
        with self._database.writing() as connection:
            _change_account(connection, user_id, language=language)

    def delete(self, user_id: int) -> None:
        """Deletes an account; settings and revoked tokens go with it (ON DELETE CASCADE)."""
        with self._database.writing() as connection:
            if connection.execute(delete(USERS).where(USERS.c.id == user_id)).rowcount == 0:
                raise _unknown(user_id)
            _note(connection, user_id, "account")

    def settings(self, user_id: int) -> dict[str, str]:
        """Returns the values by key."""
        query = select(SETTINGS.c.key, SETTINGS.c.value).where(SETTINGS.c.user_id == user_id)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(SETTINGS.c.key)).all()
        return {row.key: row.value for row in rows}

    def set_setting(self, user_id: int, key: str, value: str) -> None:
        """Adds or replaces a setting."""
        present = (SETTINGS.c.user_id == user_id) & (SETTINGS.c.key == key)
        with self._database.writing() as connection:
            _lock(connection, user_id)
            replaced = connection.execute(update(SETTINGS).where(present).values(value=value))
            if replaced.rowcount == 0:
                connection.execute(insert(SETTINGS).values(user_id=user_id, key=key, value=value))
            _note(connection, user_id, "settings")

    def delete_setting(self, user_id: int, key: str) -> bool:
        """Deletes a setting and says whether there was one."""
        present = (SETTINGS.c.user_id == user_id) & (SETTINGS.c.key == key)
        with self._database.writing() as connection:
            _lock(connection, user_id)
            if connection.execute(delete(SETTINGS).where(present)).rowcount == 0:
                return False
            _note(connection, user_id, "settings")
        return True

    def revoke_token(self, token_id: str, user_id: int, expires_at: int) -> bool:
        """Revokes a token and says whether this call did it."""
        with self._database.writing() as connection:
            _lock(connection, user_id)
            if _is_revoked(connection, token_id):
                return False
            connection.execute(
                insert(REVOKED_TOKENS).values(
                    token_id=token_id, user_id=user_id, expires_at=expires_at
                )
            )
            _note(connection, user_id, "token", token_id)
        return True

    def is_revoked(self, token_id: str) -> bool:
        """Says whether the token was revoked."""
        with self._database.reading() as connection:
            return _is_revoked(connection, token_id)

    def forget_expired(self, now: int) -> None:
        """Forgets the revoked tokens that expire at `now` or before."""
        with self._database.writing() as connection:
            connection.execute(delete(REVOKED_TOKENS).where(REVOKED_TOKENS.c.expires_at <= now))

    def last_change(self) -> int:
        """Returns the id of the newest change, 0 when there was none."""
        with self._database.reading() as connection:
            return connection.execute(select(func.max(CHANGES.c.id))).scalar() or 0

    def changes(self, after: int) -> list[Change]:
        """Returns the changes with a higher id than `after`, oldest first."""
        query = select(CHANGES).where(CHANGES.c.id > after).order_by(CHANGES.c.id)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return [
            Change(id=row.id, user_id=row.user_id, kind=row.kind, token_id=row.token_id)
            for row in rows
        ]

    def close(self) -> None:
        """Lets go of all connections and files."""
        self._database.close()

    def _first(self, query: Select[Any]) -> Account | None:
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else _account(row)


_ACCOUNTS = select(USERS.c.id, USERS.c.name, USERS.c.language, USERS.c.active, USERS.c.admin)


def _account(row: Any) -> Account:
    return Account(
        id=row.id, name=row.name, language=row.language, active=row.active, admin=row.admin
    )


def _new_id(primary_key: Any) -> int:
    return cast("int", primary_key[0])


def _hash(connection: Connection, user_id: int) -> str:
    query = select(USERS.c.password_hash).where(USERS.c.id == user_id)
    found: str | None = connection.execute(query).scalar()
    if found is None:
        raise _unknown(user_id)
    return found


def _is_revoked(connection: Connection, token_id: str) -> bool:
    query = select(REVOKED_TOKENS.c.token_id).where(REVOKED_TOKENS.c.token_id == token_id)
    return connection.execute(query).first() is not None


def _lock(connection: Connection, user_id: int) -> None:
    """Keeps the account as it is until the transaction ends.

    SQLite has one writer anyway; a database with several serialises here those who
    write for the same person, so that looking before inserting is safe.
    """
    query = select(USERS.c.id).where(USERS.c.id == user_id).with_for_update()
    if connection.execute(query).first() is None:
        raise _unknown(user_id)


def _change_account(connection: Connection, user_id: int, **values: object) -> None:
    changed = connection.execute(update(USERS).where(USERS.c.id == user_id).values(values))
    if changed.rowcount == 0:
        raise _unknown(user_id)
    _note(connection, user_id, "account")


def _note(
    connection: Connection, user_id: int, kind: ChangeKind, token_id: str | None = None
) -> None:
    """Tells other processes, and forgets what is too old for any of them."""
    result = connection.execute(
        insert(CHANGES).values(user_id=user_id, kind=kind, token_id=token_id)
    )
    newest = _new_id(result.inserted_primary_key)
    connection.execute(delete(CHANGES).where(CHANGES.c.id <= newest - KEPT_CHANGES))


def _unknown(user_id: int) -> UnknownUser:
    return UnknownUser(f"There is no account with the id {user_id}.")
