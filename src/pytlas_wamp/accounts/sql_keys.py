"""The rows of signing keys, inside a transaction that the caller has begun."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import asdict, fields
from sqlalchemy import delete, insert, select, update

from pytlas_wamp.accounts.model import CONFIGURED_KEY, SigningKey
from pytlas_wamp.accounts.sql_changes import NOBODY, note
from pytlas_wamp.accounts.sql_frequent import Frequent
from pytlas_wamp.accounts.tables import SIGNING_KEYS

if TYPE_CHECKING:
    from sqlalchemy import Connection


def all_keys(connection: Connection) -> list[SigningKey]:
    """Returns the signing keys, newest first."""
    keys = [SigningKey(**row) for row in _ALL_KEYS.rows(connection, {})]
    # Of two that are equally old, the one without an end is the newer one.
    keys.sort(key=lambda key: (key.created_at, key.expires_at is None, key.kid), reverse=True)
    return keys


def rotate_key(connection: Connection, new: SigningKey, old_expires_at: int) -> None:
    """Adds a key to sign with, and lets those end that did until now."""
    own = SIGNING_KEYS.c.purpose == "own"
    if connection.execute(_KEYS.where(own)).first() is None:
        configured = SigningKey(
            kid=CONFIGURED_KEY,
            secret=None,
            purpose="own",
            created_at=new.created_at,
            expires_at=old_expires_at,
        )
        _insert(connection, configured)
    without_end = own & SIGNING_KEYS.c.expires_at.is_(None)
    connection.execute(update(SIGNING_KEYS).where(without_end).values(expires_at=old_expires_at))
    _insert(connection, new)
    note(connection, NOBODY, "keys")


def add_key(connection: Connection, key: SigningKey) -> bool:
    """Adds a key; False, and nothing is written, when its kid or secret is there."""
    same = SIGNING_KEYS.c.kid == key.kid
    if key.secret is not None:
        same |= SIGNING_KEYS.c.secret == key.secret
    if connection.execute(_KEYS.where(same)).first() is not None:
        return False
    _insert(connection, key)
    note(connection, NOBODY, "keys")
    return True


def forget_expired_keys(connection: Connection, now: int) -> None:
    """Forgets the keys that expire at `now` or before."""
    connection.execute(delete(SIGNING_KEYS).where(SIGNING_KEYS.c.expires_at <= now))


_KEYS = select(*(SIGNING_KEYS.c[item.name] for item in fields(SigningKey)))
_ALL_KEYS = Frequent(_KEYS)


def _insert(connection: Connection, key: SigningKey) -> None:
    connection.execute(insert(SIGNING_KEYS).values(asdict(key)))
