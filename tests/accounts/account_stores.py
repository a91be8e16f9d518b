"""What the tests of the accounts share: stores to try, a clock, cheap hashing."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from attrs import define, field

from postgres import shared_server
from pytlas_wamp.accounts.model import Login
from pytlas_wamp.accounts.sql import SqlAccountStore

if TYPE_CHECKING:
    from pathlib import Path

    from pytlas_wamp.accounts.store import AccountStore

MakeStore = Callable[["Path"], "AccountStore"]

# Every kind of store has to pass the same tests; `folder` is empty and its own, and so is
# what is in PostgreSQL.
STORES: dict[str, MakeStore] = {
    "file": lambda folder: SqlAccountStore(folder / "accounts.db"),
    "postgresql": lambda folder: SqlAccountStore(shared_server().create_migrated()),
}

# For tests that have one store at a time: the same empty database again and again.
ONE_BY_ONE: dict[str, MakeStore] = {
    **STORES,
    "postgresql": lambda folder: SqlAccountStore(shared_server().emptied()),
}

CHEAP = {"time_cost": 1, "memory_cost": 8, "parallelism": 1}

NOON = 1_800_000_000  # seconds since the epoch


def made_login(user_id, login_id="phone", **others):
    """Returns a login of a phone that signed in at noon, but for what is said otherwise."""
    values = {
        "kind": "password",
        "client": "Ana's phone",
        "created_at": NOON,
        "seen_at": NOON,
        "address": "192.0.2.1",
        "refresh_id": "refresh-1",
        "expires_at": NOON + 100,
    }
    return Login(id=login_id, user_id=user_id, **values | others)


@define
class HandClock:
    """Shows the time it is set to."""

    time: float = NOON

    def __call__(self) -> float:
        return self.time


@define
class CountedIds:
    """Makes ids that are 32 hexadecimal digits and rise by one."""

    _numbers: count = field(factory=lambda: count(1))

    def __call__(self) -> str:
        return f"{next(self._numbers):032x}"


@define
class CountingHasher:
    """Hashes cheaply and remembers how often it was asked to."""

    _hasher: PasswordHasher = field(factory=lambda: PasswordHasher(**CHEAP))
    hashed: int = 0
    verified: int = 0

    def hash(self, password):
        self.hashed += 1
        return self._hasher.hash(password)

    def verify(self, password_hash, password):
        self.verified += 1
        return self._hasher.verify(password_hash, password)

    def __getattr__(self, name):
        """Whatever else a hasher has."""
        return getattr(self._hasher, name)
