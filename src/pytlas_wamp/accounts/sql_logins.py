"""The rows of logins and of revoked tokens, inside a transaction of the caller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import asdict, fields
from sqlalchemy import bindparam, delete, insert, select, update

from pytlas_wamp.accounts import sql_accounts
from pytlas_wamp.accounts.model import Login, TooManyDevices
from pytlas_wamp.accounts.sql_accounts import present_account
from pytlas_wamp.accounts.sql_changes import note
from pytlas_wamp.accounts.sql_frequent import Frequent
from pytlas_wamp.accounts.sql_ids import is_row_id
from pytlas_wamp.accounts.tables import LOGINS, REVOKED_TOKENS, USERS

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from pytlas_wamp.accounts.model import LoginBounds


def may_be_added(
    connection: Connection,
    login: Login,
    password_hash: str | None,
    *,
    plain: bool,
    made_by: str | None,
) -> bool:
    """Says whether what a new login came of is still good; see `AccountStore.add_login`."""
    account = present_account(connection, login.user_id)
    if not account.active or (plain and not account.plain_tokens):
        return False
    if made_by is not None and not _has_login(connection, login.user_id, made_by):
        return False
    return password_hash in {None, sql_accounts.password_hash(connection, login.user_id)}


def add_login(connection: Connection, login: Login, bounds: LoginBounds) -> None:
    """Keeps a new login, and as many of the others of its kind as there may be beside it."""
    others = [one for one in logins_of(connection, login.user_id) if one.kind == login.kind]
    if login.kind == "device":
        _refuse_more_devices(login, others, bounds.devices)
    else:
        others.sort(key=lambda one: one.seen_at, reverse=True)
        for forgotten in others[bounds.passwords - 1 :]:
            end_login(connection, login.user_id, forgotten.id)
    connection.execute(insert(LOGINS).values(asdict(login)))


def login_by_id(connection: Connection, login_id: str) -> Login | None:
    """Returns the login with this id, if there is one."""
    if not is_text_id(login_id):
        return None
    rows = _LOGIN_BY_ID.rows(connection, {"id": login_id})
    return Login(**rows[0]) if rows else None


def logins_of(connection: Connection, user_id: int) -> list[Login]:
    """Returns the logins of a person, newest first."""
    if not is_row_id(user_id):
        return []
    rows = connection.execute(_LOGINS.where(LOGINS.c.user_id == user_id)).mappings()
    # Sorted here, so that equal times are ordered alike on every database.
    found = sorted((Login(**row) for row in rows), key=lambda login: login.id)
    return sorted(found, key=lambda login: login.created_at, reverse=True)


def rotate_login(
    connection: Connection,
    login_id: str,
    old: str,
    values: dict[str, object],
) -> bool:
    """Writes `values` if `old` is the good refresh token, and says whether it was."""
    present = login_by_id(connection, login_id)
    if present is None or present.refresh_id != old:
        return False
    connection.execute(update(LOGINS).where(LOGINS.c.id == login_id).values(values))
    return True


def touch_login(connection: Connection, login_id: str, seen_at: int, address: str | None) -> None:
    """Remembers when and where a login was used; nothing happens when it is gone."""
    if is_text_id(login_id):
        connection.execute(
            update(LOGINS).where(LOGINS.c.id == login_id).values(seen_at=seen_at, address=address)
        )


def end_login(connection: Connection, user_id: int, login_id: str) -> bool:
    """Ends a login; False when this person has no such login."""
    if not _has_login(connection, user_id, login_id):
        return False
    connection.execute(delete(LOGINS).where(LOGINS.c.id == login_id))
    note(connection, user_id, "login", login_id)
    return True


def end_logins(connection: Connection, user_id: int, keep: str | None) -> int:
    """Ends all logins of a person but `keep`, and refuses tokens without one from now on."""
    account = present_account(connection, user_id)
    kept = keep if keep is not None and _has_login(connection, user_id, keep) else None
    # Without one to keep none has the id that is no id.
    others = (LOGINS.c.user_id == user_id) & (LOGINS.c.id != (kept or ""))
    ended = connection.execute(delete(LOGINS).where(others)).rowcount
    if account.plain_tokens:
        connection.execute(
            update(USERS)
            .where(USERS.c.id == user_id)
            .values(plain_tokens=False, revision=USERS.c.revision + 1)
        )
    note(connection, user_id, "logins", kept)
    return ended


def revoke_token(connection: Connection, token_id: str, user_id: int, expires_at: int) -> bool:
    """Revokes a token and says whether this call did it; raises UnknownUser."""
    present_account(connection, user_id)
    if is_revoked(connection, token_id):
        return False
    connection.execute(
        insert(REVOKED_TOKENS).values(token_id=token_id, user_id=user_id, expires_at=expires_at)
    )
    note(connection, user_id, "token", token_id)
    return True


def is_revoked(connection: Connection, token_id: str) -> bool:
    """Says whether the token was revoked."""
    if not is_text_id(token_id):
        return False
    return bool(_REVOKED.rows(connection, {"token_id": token_id}))


def forget_expired(connection: Connection, now: int) -> None:
    """Forgets the revoked tokens and the logins that expire at `now` or before."""
    for table in (REVOKED_TOKENS, LOGINS):
        connection.execute(delete(table).where(table.c.expires_at <= now))


def is_text_id(text: str) -> bool:
    """Says whether a row could have this id; asking a database for others may be an error."""
    return 0 < len(text) <= _MAX_ID_CHARACTERS and text.isprintable()


def _has_login(connection: Connection, user_id: int, login_id: str) -> bool:
    present = login_by_id(connection, login_id)
    return present is not None and present.user_id == user_id


def _refuse_more_devices(login: Login, others: list[Login], bound: int) -> None:
    # Those that are over are cleaned up from time to time, and nobody sees them any more.
    if sum(one.expires_at > login.created_at for one in others) >= bound:
        raise TooManyDevices(
            f"There may be {bound} devices at most: end the logins of those that are not "
            "used any more."
        )


_MAX_ID_CHARACTERS = 64
_LOGINS = select(*(LOGINS.c[item.name] for item in fields(Login)))
_LOGIN_BY_ID = Frequent(_LOGINS.where(LOGINS.c.id == bindparam("id")))
_REVOKED = Frequent(
    select(REVOKED_TOKENS.c.token_id).where(REVOKED_TOKENS.c.token_id == bindparam("token_id"))
)
