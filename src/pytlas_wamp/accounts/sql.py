"""Keeps accounts in a database: one method, one transaction.

What a transaction does stands in the modules beside this one, by subject.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define, field

from pytlas_wamp.accounts import (
    sql_accounts,
    sql_changes,
    sql_ids,
    sql_keys,
    sql_logins,
    sql_settings,
)
from pytlas_wamp.accounts.database import BUSY_TIMEOUT_SECONDS, Database
from pytlas_wamp.accounts.model import BadName, LoginBounds, clean_name
from pytlas_wamp.accounts.store import MAX_SETTINGS
from pytlas_wamp.accounts.tables import USERS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from pytlas_wamp.accounts.model import Account, Change, Login, SigningKey


@define(eq=False)
class SqlAccountStore:
    """An `AccountStore` in a database; see there for what the methods promise.

    Args:
      url: as `parse_url` takes it ("sqlite:////var/lib/pytlas/pytlas.db", "sqlite://" for
        memory, "postgresql+psycopg://..."), or the path of an SQLite file.
      busy_timeout_seconds: how long to wait for other writers.
      bounds: how many logins a person may have.
      settings_bound: how many settings a person may have.

    Attributes:
      database: where everything is, for what is done with whole tables.

    Raises:
      StoreBroken: when the database cannot be used; the text says what to do.
    """

    url: str | Path = field(repr=False)  # there may be a password in it
    busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS
    bounds: LoginBounds = field(factory=LoginBounds)
    settings_bound: int = MAX_SETTINGS
    database: Database = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Opens, checks and migrates the database."""
        self.database = Database(self.url, self.busy_timeout_seconds)

    def add(
        self,
        name: str,
        password_hash: str,
        *,
        language: str,
        admin: bool,
        display_name: str = "",
        active: bool = True,
        created_at: int | None = None,
        original_id: int | None = None,
        user_id: int | None = None,
        first: bool = False,
        by: int | None = None,
    ) -> Account:
        """Adds an account."""
        values = {
            "name": name,
            "password_hash": password_hash,
            "language": language,
            "active": active,
            "admin": admin,
            "display_name": display_name,
            "created_at": created_at,
            "original_id": original_id,
        }
        with self.database.writing() as connection:
            sql_accounts.require_admin(connection, by)
            return sql_accounts.add_account(connection, values, user_id=user_id, first=first)

    def get(self, user_id: int) -> Account | None:
        """Returns the account with this id, if there is one."""
        with self.database.reading() as connection:
            return sql_accounts.account_by_id(connection, user_id)

    def find(self, name: str) -> Account | None:
        """Returns the account with exactly this name, after trimming and NFKC."""
        try:
            cleaned = clean_name(name)
        except BadName:
            return None
        with self.database.reading() as connection:
            return sql_accounts.first_account(connection, USERS.c.name == cleaned)

    def find_original(self, original_id: int) -> Account | None:
        """Returns the account of the person who had this id in the original server."""
        if not sql_ids.is_row_id(original_id):
            return None
        with self.database.reading() as connection:
            return sql_accounts.first_account(connection, USERS.c.original_id == original_id)

    def all(self) -> list[Account]:
        """Returns all accounts, ordered by id."""
        with self.database.reading() as connection:
            return sql_accounts.all_accounts(connection)

    def count(self) -> int:
        """Returns how many accounts there are."""
        with self.database.reading() as connection:
            return sql_accounts.count_accounts(connection)

    def ever_had_accounts(self) -> bool:
        """Says whether there is an account, or was one that has been deleted."""
        with self.database.reading() as connection:
            return sql_accounts.ever_had_accounts(connection)

    def password_hash(self, user_id: int) -> str:
        """Returns the hash to check a password against."""
        with self.database.reading() as connection:
            return sql_accounts.password_hash(connection, user_id)

    def imported_hashes(self) -> list[str]:
        """Returns how the hashes begin that came from the original server, each once."""
        with self.database.reading() as connection:
            return sql_accounts.imported_hashes(connection)

    def set_password_hash(
        self,
        user_id: int,
        password_hash: str,
        *,
        replacing: str | None = None,
        end_logins: bool = False,
        keep: str | None = None,
    ) -> bool:
        """Keeps a new hash and says whether it did."""
        with self.database.writing() as connection:
            present = sql_accounts.password_hash(connection, user_id)
            if replacing not in {None, present}:
                return False
            values: dict[str, object] = {"password_hash": password_hash}
            if end_logins:
                values["plain_tokens"] = False
            sql_accounts.change_account(connection, user_id, values)
            if end_logins:
                sql_logins.end_logins(connection, user_id, keep)
        return True

    def change(
        self,
        user_id: int,
        *,
        if_revision: int | None = None,
        name: str | None = None,
        language: str | None = None,
        display_name: str | None = None,
        active: bool | None = None,
        admin: bool | None = None,
        plain_tokens: bool | None = None,
        password_hash: str | None = None,
        guard_admin: bool = False,
        by: int | None = None,
    ) -> Account:
        """Changes what is not None, all or nothing, and returns the account as it is now."""
        given = {
            "name": name,
            "language": language,
            "display_name": display_name,
            "active": active,
            "admin": admin,
            "plain_tokens": plain_tokens,
            "password_hash": password_hash,
        }
        values = {column: value for column, value in given.items() if value is not None}
        # Who was signed in must not be back as soon as the account is enabled again.
        ends_logins = password_hash is not None or active is False
        if ends_logins:
            values["plain_tokens"] = False
        with self.database.writing() as connection:
            sql_accounts.require_admin(connection, by)
            sql_accounts.change_account(
                connection, user_id, values, if_revision=if_revision, guard_admin=guard_admin
            )
            if ends_logins:
                sql_logins.end_logins(connection, user_id, keep=None)
            return sql_accounts.present_account(connection, user_id)

    def delete(
        self,
        user_id: int,
        *,
        if_revision: int | None = None,
        guard_admin: bool = False,
        by: int | None = None,
    ) -> None:
        """Deletes an account with its settings, logins and revoked tokens."""
        with self.database.writing() as connection:
            sql_accounts.require_admin(connection, by)
            sql_accounts.delete_account(
                connection, user_id, if_revision=if_revision, guard_admin=guard_admin
            )

    def settings(self, user_id: int) -> dict[str, str]:
        """Returns the values by key."""
        with self.database.reading() as connection:
            return sql_settings.settings_of(connection, user_id)

    def set_setting(self, user_id: int, key: str, value: str) -> None:
        """Adds or replaces a setting."""
        with self.database.writing() as connection:
            sql_settings.write_settings(
                connection, user_id, {key: value}, bound=self.settings_bound
            )

    def delete_setting(self, user_id: int, key: str) -> bool:
        """Deletes a setting and says whether there was one."""
        with self.database.writing() as connection:
            return sql_settings.write_settings(
                connection, user_id, {key: None}, bound=self.settings_bound
            )[1]

    def change_settings(
        self,
        user_id: int,
        values: Mapping[str, str | None],
        *,
        if_revision: int | None = None,
        by: int | None = None,
    ) -> int:
        """Adds, replaces or (None) deletes settings, all or none; returns the new revision."""
        with self.database.writing() as connection:
            sql_accounts.require_admin(connection, by)
            return sql_settings.write_settings(
                connection, user_id, values, if_revision=if_revision, bound=self.settings_bound
            )[0]

    def add_login(
        self,
        login: Login,
        *,
        password_hash: str | None = None,
        plain: bool = False,
        made_by: str | None = None,
    ) -> bool:
        """Keeps a new login and says whether it did."""
        with self.database.writing() as connection:
            if not sql_logins.may_be_added(
                connection, login, password_hash, plain=plain, made_by=made_by
            ):
                return False
            sql_logins.add_login(connection, login, self.bounds)
        return True

    def login(self, login_id: str) -> Login | None:
        """Returns the login with this id, if there is one."""
        with self.database.reading() as connection:
            return sql_logins.login_by_id(connection, login_id)

    def logins(self, user_id: int) -> list[Login]:
        """Returns the logins of a person, newest first."""
        with self.database.reading() as connection:
            return sql_logins.logins_of(connection, user_id)

    def rotate_login(
        self,
        login_id: str,
        *,
        old: str,
        new: str,
        seen_at: int,
        expires_at: int,
        address: str | None,
    ) -> bool:
        """Replaces the refresh token that is good, and says whether it did."""
        values = {
            "refresh_id": new,
            "seen_at": seen_at,
            "expires_at": expires_at,
            "address": address,
        }
        with self.database.writing() as connection:
            return sql_logins.rotate_login(connection, login_id, old, values)

    def touch_login(self, login_id: str, *, seen_at: int, address: str | None) -> None:
        """Remembers when and where a login was used; nothing happens when it is gone."""
        with self.database.writing() as connection:
            sql_logins.touch_login(connection, login_id, seen_at, address)

    def end_login(self, user_id: int, login_id: str, *, by: int | None = None) -> bool:
        """Ends a login; False when this person has no such login."""
        with self.database.writing() as connection:
            sql_accounts.require_admin(connection, by)
            return sql_logins.end_login(connection, user_id, login_id)

    def end_logins(self, user_id: int, *, keep: str | None = None, by: int | None = None) -> int:
        """Ends all logins of a person but `keep`, and refuses tokens without one from now on."""
        with self.database.writing() as connection:
            sql_accounts.require_admin(connection, by)
            return sql_logins.end_logins(connection, user_id, keep)

    def keys(self) -> list[SigningKey]:
        """Returns the signing keys, newest first."""
        with self.database.reading() as connection:
            return sql_keys.all_keys(connection)

    def rotate_key(self, new: SigningKey, *, old_expires_at: int) -> None:
        """Adds a key to sign with, and lets those end that did until now."""
        with self.database.writing() as connection:
            sql_keys.rotate_key(connection, new, old_expires_at)

    def add_key(self, key: SigningKey) -> bool:
        """Adds a key; False, and nothing is written, when its kid or secret is there."""
        with self.database.writing() as connection:
            return sql_keys.add_key(connection, key)

    def note_skills(self) -> None:
        """Tells running servers that the skills have changed."""
        with self.database.writing() as connection:
            sql_changes.note(connection, sql_changes.NOBODY, "skills")

    def revoke_token(self, token_id: str, user_id: int, expires_at: int) -> bool:
        """Revokes a token and says whether this call did it."""
        with self.database.writing() as connection:
            return sql_logins.revoke_token(connection, token_id, user_id, expires_at)

    def is_revoked(self, token_id: str) -> bool:
        """Says whether the token was revoked."""
        with self.database.reading() as connection:
            return sql_logins.is_revoked(connection, token_id)

    def forget_expired(self, now: int) -> None:
        """Forgets what expires at `now` or before: revoked tokens, logins and keys."""
        with self.database.writing() as connection:
            sql_logins.forget_expired(connection, now)
            sql_keys.forget_expired_keys(connection, now)

    def last_change(self) -> int:
        """Returns the id of the newest change, 0 when there was none."""
        with self.database.reading() as connection:
            return sql_changes.last_change(connection)

    def changes(self, after: int) -> list[Change]:
        """Returns the changes with a higher id than `after`, oldest first."""
        with self.database.reading() as connection:
            return sql_changes.changes_after(connection, after)

    def together(self) -> AbstractContextManager[None]:
        """Lets all that this thread reads in the body see one state, and share what that costs."""
        return self.database.together()

    def close(self) -> None:
        """Lets go of all connections and files."""
        self.database.close()
