"""A small server's accounts, with everything in reach that the tests look at."""

from __future__ import annotations

import pytest
from account_stores import NOON, CountedIds, CountingHasher, HandClock
from attrs import define, field

from pytlas_wamp.accounts.accounts import Accounts
from pytlas_wamp.accounts.logins import Logins, Origin
from pytlas_wamp.accounts.passwords import Passwords
from pytlas_wamp.accounts.sql import SqlAccountStore
from pytlas_wamp.accounts.throttle import Throttle
from pytlas_wamp.accounts.tokens import Tokens
from pytlas_wamp.errors import ClientError

HOUR = 3600
DAY = 24 * HOUR
YEAR = 365 * DAY
SECRET = "a secret that is long enough for everybody"
OLD_SECRET = "the secret of the original server, as long"
GOOD = "correct horse battery"
BETTER = "zebra lamp oven rain"
PHONE = Origin(address="192.0.2.1", client="Phone")


@define
class People:
    """Accounts on a store in memory, with a clock for tokens and one for the throttle."""

    clock: HandClock = field(factory=HandClock)
    watch: HandClock = field(factory=HandClock)
    hasher: CountingHasher = field(factory=CountingHasher)
    store: SqlAccountStore = field(factory=lambda: SqlAccountStore("sqlite://"))
    leeway: int = 0
    tokens: Tokens = field(init=False)
    logins: Logins = field(init=False)
    accounts: Accounts = field(init=False)

    def __attrs_post_init__(self):
        """Puts them together as the server does."""
        self.tokens = Tokens(
            SECRET, self.clock, CountedIds(), HOUR, DAY, self.leeway, self.store.keys, YEAR
        )
        self.logins = Logins(self.store, self.tokens)
        self.accounts = self.on(self.store)

    def on(self, store):
        """The accounts as they are on another store."""
        return Accounts(
            store,
            Passwords(self.hasher),
            self.tokens,
            Throttle(self.watch),
            make_secret=lambda: f"another secret, made at {self.clock.time}, long enough",
        )

    def plain_tokens(self, user_id):
        """A pair as earlier versions issued it, to somebody who was there then."""
        self.store.change(user_id, plain_tokens=True)
        return self.tokens.issue(user_id)

    def changes(self, after=0):
        """What other processes are told: user, kind, token."""
        return [(one.user_id, one.kind, one.token_id) for one in self.store.changes(after)]


@define
class Meanwhile:
    """A store in which something happens just before the next call of one method."""

    _store: object
    _method: str
    _happens: object

    def __getattr__(self, name):
        """Passes the call on, after what happens before it."""
        if name == self._method and self._happens:
            happens, self._happens = self._happens, None
            happens()
        return getattr(self._store, name)


def code(act, *arguments, **keywords):
    """The code with which this is refused."""
    with pytest.raises(ClientError) as caught:
        act(*arguments, **keywords)
    return caught.value.code


def old_tokens(clock=NOON):
    """What signs as the original server does, with its secret."""
    return Tokens(OLD_SECRET, HandClock(clock), CountedIds(), HOUR, DAY)
