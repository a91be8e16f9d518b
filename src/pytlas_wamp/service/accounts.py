"""Opens the accounts of a server; the command line needs nothing else, and it is quick."""

from __future__ import annotations

import secrets
import time
from uuid import uuid4

from pytlas_wamp.accounts.accounts import Accounts
from pytlas_wamp.accounts.passwords import Passwords
from pytlas_wamp.accounts.sql import SqlAccountStore
from pytlas_wamp.accounts.throttle import Throttle
from pytlas_wamp.accounts.tokens import Tokens
from pytlas_wamp.config import Config


def open_accounts(
    config: Config, secret: str, *, throttle: Throttle | None = None
) -> tuple[Accounts, SqlAccountStore]:
    """Open the account database, bringing its tables up to date (blocks).

    Raises:
      OperatorError: when it cannot be used.
    """
    store = SqlAccountStore(config.database_url)
    tokens = make_tokens(config, secret, store)
    accounts = Accounts(store, Passwords(), tokens, throttle or Throttle(), make_secret=make_secret)
    return accounts, store


def make_tokens(config: Config, secret: str, store: SqlAccountStore) -> Tokens:
    """What issues and reads tokens as the configuration says, with the keys of a store."""
    return Tokens(
        secret=secret,
        now=time.time,
        make_id=lambda: uuid4().hex,
        access_lifetime_seconds=config.access_lifetime_seconds,
        refresh_lifetime_seconds=config.refresh_lifetime_seconds,
        leeway_seconds=config.token_leeway_seconds,
        keys=store.keys,
        device_lifetime_seconds=config.device_lifetime_seconds,
    )


def make_secret() -> str:
    """A key for signing tokens."""
    return secrets.token_hex(32)
