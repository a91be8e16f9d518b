"""A data directory for our server: its configuration, people, and an interpreter for it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Final
from uuid import uuid4

from attrs import field, frozen

from pytlas_wamp.config import prepare_data_dir, read_config
from pytlas_wamp.service.accounts import make_secret, make_tokens, open_accounts

HERE: Final = Path(__file__).parent
# All clients are at one address, and all say something at once, as nobody does. Everything else
# is as it comes.
_LIMITS: Final = {
    "max_connections": 20_000,
    "max_connections_per_address": 20_000,
    "message_burst": 1_000_000,
    "message_rate_per_second": 1_000_000,
}
_ENTRY_POINTS: Final = "[pytlas_wamp.interpreters]\nfirst-word = bench.interpreter:create\n"


@frozen(kw_only=True)
class House:
    """Everything that is kept for one server.

    Args:
      folder: where; may be empty.
      interpreter: as in `[server]`.
      limits: what differs from the defaults beyond what the load needs.
    """

    folder: Path
    interpreter: str = "first-word"
    limits: dict[str, float] = field(factory=dict)

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.folder / "data"

    @property
    def plugins(self) -> Path:
        """A folder for PYTHONPATH, by which the server finds the interpreter."""
        return self.folder / "plugins"

    def furnish(self) -> None:
        """Write the configuration."""
        self.data.mkdir(parents=True)
        lines = [f"{name} = {value}" for name, value in {**_LIMITS, **self.limits}.items()]
        text = "\n".join(
            [
                *("[server]", f"interpreter = {self.interpreter}", "bundled_skills = none"),
                *(*lines, "[pytlas]", f"skills_dir = {HERE / 'skills'}", "lang = en"),
            ]
        )
        (self.data / "pytlas.ini").write_text(text + "\n", encoding="utf-8")
        metadata = self.plugins / "bench_interpreter-1.dist-info"
        metadata.mkdir(parents=True)
        (metadata / "METADATA").write_text("Name: bench-interpreter\nVersion: 1\n")
        (metadata / "entry_points.txt").write_text(_ENTRY_POINTS)


@frozen
class Village:
    """People, to move into as many houses as there are.

    Args:
      folder: where their accounts are kept.
      tokens: of a device of each.
    """

    folder: Path
    tokens: list[str]

    @classmethod
    def of(cls, count: int, folder: Path) -> Village:
        """Make so many accounts: the first as it is done, the others as its copies.

        Each by itself would take longer than all that is measured.
        """
        house = House(folder=folder)
        house.furnish()
        config = read_config(
            config_file=house.data / "pytlas.ini",
            options={"data_dir": str(house.data)},
            environ={},
        )
        secret = prepare_data_dir(config, make_secret=make_secret).secret
        accounts, store = open_accounts(config, secret)
        account = store.add("user1", "none", language="en-US", admin=False)
        login, token = accounts.add_device(account.id, "bench")
        tokens = make_tokens(config, secret, store)
        others = {account.id + number: uuid4().hex for number in range(1, count)}
        issued = [tokens.issue_device(*other)[0] for other in others.items()]
        store.close()
        with closing(sqlite3.connect(house.data / "pytlas.sqlite3")) as database, database:
            names = ({"id": id_, **_named(f"user{id_}")} for id_ in others)
            _copy(database, "users", "id", account.id, names)
            logins = ({"id": login_id, "user_id": id_} for id_, login_id in others.items())
            _copy(database, "logins", "id", login.id, logins)
        return cls(house.data, [token, *issued])

    def move_into(self, house: House) -> None:
        """Let all of them have their accounts there."""
        for path in (*self.folder.glob("pytlas.sqlite3*"), self.folder / "secret"):
            shutil.copy2(path, house.data)


def _named(name: str) -> dict[str, str]:
    return {"name": name, "name_key": name, "skeleton": name}


def _copy(
    database: sqlite3.Connection,
    name: str,
    key: str,
    value: object,
    changes: Iterable[dict[str, object]],
) -> None:
    """Add rows like one that is there."""
    found = database.execute(f"SELECT * FROM {name} WHERE {key} = ?", (value,))  # noqa: S608 - our own names
    columns = [column[0] for column in found.description]
    row = dict(zip(columns, found.fetchone(), strict=True))
    places = ", ".join(f":{column}" for column in columns)
    database.executemany(
        f"INSERT INTO {name} VALUES ({places})",  # noqa: S608 - our own names
        ({**row, **change} for change in changes),
    )
