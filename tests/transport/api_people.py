"""The real site with real accounts behind it: people, their logins, and what skills declare."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from itertools import count

from argon2 import PasswordHasher
from attrs import define, field
from http_line import Answer, Server
from twisted.internet.defer import maybeDeferred

from pytlas_wamp.accounts.accounts import Accounts, Origin
from pytlas_wamp.accounts.passwords import Passwords
from pytlas_wamp.accounts.sql import SqlAccountStore
from pytlas_wamp.accounts.sql_journal import SqlJournalStore
from pytlas_wamp.accounts.throttle import Throttle
from pytlas_wamp.accounts.tokens import Tokens
from pytlas_wamp.assistant.settings_form import SettingField
from pytlas_wamp.transport.api.history import History
from pytlas_wamp.transport.api.routes import PeopleEndpoints

NOON = 1_800_000_000  # 2027-01-15T08:00:00Z
CHEAP = {"time_cost": 1, "memory_cost": 8, "parallelism": 1}
SECRET = "0123456789abcdef0123456789abcdef"
PASSWORD = "correct horse battery"
OTHER_PASSWORD = "staple wrong mule"
ADDRESS = "192.0.2.7"

DECLARED = (
    SettingField(
        key="WEATHER_API_KEY",
        section="weather",
        name="api_key",
        description="Of openweathermap.org",
        secret=True,
        skills=("weather",),
    ),
    SettingField(key="WEATHER_CITY", section="weather", name="city", skills=("weather", "trip")),
    SettingField(key="WEATHER_DAYS", section="weather", name="days", type="integer"),
    SettingField(key="WEATHER_ICONS", section="weather", name="icons", type="boolean"),
    SettingField(key="WEATHER_WIND", section="weather", name="wind", type="number"),
    SettingField(key="NEWS_FEEDS", section="news", name="feeds", type="list"),
)


def declared(language: str) -> list[SettingField]:
    """What skills declare, in a language of two letters."""
    assert len(language) == 2
    return list(DECLARED)


@define
class Client:
    """Somebody with a token, or without."""

    server: Server
    token: str | None = None
    refresh: str | None = None

    def ask(self, method: str, path: str, document: object = None, **headers: str) -> Answer:
        """One request, with a body of JSON unless the document is None."""
        fields = dict(headers)
        if self.token is not None:
            fields.setdefault("Authorization", f"Bearer {self.token}")
        if document is None:
            return self.server.ask(method, path, **fields)
        fields.setdefault("Content_Type", "application/json")
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        return self.server.ask(method, path, body, **fields)

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, **headers)

    def post(self, path: str, document: object, **headers: str) -> Answer:
        return self.ask("POST", path, document, **headers)

    def patch(self, path: str, document: object, **headers: str) -> Answer:
        return self.ask("PATCH", path, document, **headers)

    def put(self, path: str, document: object, **headers: str) -> Answer:
        return self.ask("PUT", path, document, **headers)

    def delete(self, path: str, **headers: str) -> Answer:
        return self.ask("DELETE", path, **headers)


@define(kw_only=True)
class House:
    """A server with alice (1, an administrator), bob (2, who is none) and carol (3)."""

    time: float = NOON
    options: dict = field(factory=dict)
    further: Callable = lambda doors: {}
    declared: Callable = declared
    server_values: dict = field(factory=dict)
    changes: int = 0
    throttle: Throttle = field(init=False)
    store: SqlAccountStore = field(init=False)
    tokens: Tokens = field(init=False)
    accounts: Accounts = field(init=False)
    server: Server = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Put everything together."""
        numbers = count(1)
        self.throttle = Throttle(lambda: self.time)
        self.store = SqlAccountStore("sqlite://")
        self.tokens = Tokens(
            secret=SECRET,
            now=lambda: self.time,
            make_id=lambda: f"{next(numbers):032x}",
            access_lifetime_seconds=600,
            refresh_lifetime_seconds=3_600,
            device_lifetime_seconds=100_000,
            keys=self.store.keys,
        )
        self.accounts = Accounts(
            self.store,
            Passwords(PasswordHasher(**CHEAP)),
            self.tokens,
            self.throttle,
        )
        self.server = Server(
            accounts=self.accounts,
            options={
                "changed": self._changed,
                "people": PeopleEndpoints(
                    language="fr-FR",
                    declared=self.declared,
                    server_value=lambda one: self.server_values.get(one.key, ("default", None)),
                    history=History(log=self, erase=partial(maybeDeferred, self.erase)),
                ),
                "further": self.further,
                **self.options,
            },
        )
        self.accounts.create("alice", PASSWORD, admin=True, display_name="Alice")
        self.accounts.create("bob", PASSWORD, language="fr-FR")
        self.accounts.create("carol", PASSWORD)

    # Asked for anew each time: a test may have taken the database away.

    def page(self, user_id: int, *, before: int | None, limit: int) -> tuple:
        return SqlJournalStore(self.store.database).page(user_id, before=before, limit=limit)

    def erase(self, user_id: int) -> int:
        return SqlJournalStore(self.store.database).erase(user_id)

    def older_client(self, user_id: int) -> Client:
        """Somebody with a token of an earlier version, which has no login."""
        self.store.change(user_id, plain_tokens=True)
        return Client(self.server, self.tokens.issue(user_id).access)

    def client(self, name: str = "") -> Client:
        """Somebody who has just signed in, or (no name) who has not."""
        if not name:
            return Client(self.server)
        pair = self.accounts.sign_in(name, PASSWORD, Origin(address=ADDRESS, client="a test"))
        return Client(self.server, pair.access, pair.refresh)

    @property
    def alice(self) -> Client:
        return self.client("alice")

    @property
    def bob(self) -> Client:
        return self.client("bob")

    def _changed(self) -> None:
        self.changes += 1
