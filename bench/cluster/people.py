"""People with accounts in SQLite and in PostgreSQL: the same in all servers that are compared."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from attrs import define, field
from sqlalchemy import create_engine, func, insert, select, text

from bench.cluster.postgres import Postgres
from bench.house import House, Village
from pytlas_wamp.accounts.sql import SqlAccountStore
from pytlas_wamp.accounts.tables import LOGINS, SIGNING_KEYS, USERS

ROOT: Final = Path(__file__).parents[2]
_AT_ONCE: Final = 5_000
_MAKE: Final = """
import json, sys
from pathlib import Path
from bench.house import Village
village = Village.of(int(sys.argv[1]), Path(sys.argv[2]))
print(json.dumps([str(village.folder), village.tokens]))
"""


@define(kw_only=True, eq=False)
class People:
    """Accounts, and a token of a device of each.

    Args:
      count: how many.
      folder: where they are kept; may be empty.
      source: the folder of the package that makes them; None for the one in use.
    """

    count: int
    folder: Path
    source: Path | None = None
    village: Village = field(init=False)
    _postgres: Postgres | None = field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        """Make them."""
        folder = self.folder / "village"
        if self.source is None:
            self.village = Village.of(self.count, folder)
        else:
            self.village = _made_by(self.source, self.count, folder)

    @property
    def tokens(self) -> list[str]:
        """Of each, in the order of their numbers, which begin with 1."""
        return self.village.tokens

    def move_into(self, house: House) -> None:
        """Have all of them in the house's SQLite."""
        self.village.move_into(house)

    def secret_for(self, house: House) -> None:
        """Have the house know the tokens of those who are in a database elsewhere."""
        shutil.copy2(self.village.folder / "secret", house.data)

    def postgres(self) -> Postgres:
        """A new PostgreSQL with all of them."""
        if self._postgres is None:
            self._postgres = Postgres()
            self._copy(self._postgres.url)
            self._postgres.pause()
        return Postgres(like=self._postgres)

    def end(self) -> None:
        """Delete what is not in the folder."""
        if self._postgres is not None:
            self._postgres.end()

    def _copy(self, url: str) -> None:
        SqlAccountStore(url).close()
        source = create_engine(f"sqlite:///{self.village.folder / 'pytlas.sqlite3'}")
        target = create_engine(url)
        with source.connect() as reading, target.begin() as writing:
            for table in (USERS, LOGINS, SIGNING_KEYS):
                writing.execute(table.delete())
                found = reading.execute(select(table)).mappings()
                while rows := found.fetchmany(_AT_ONCE):
                    writing.execute(insert(table), [dict(row) for row in rows])
            sequence = func.pg_get_serial_sequence("users", "id")
            writing.execute(select(func.setval(sequence, func.max(USERS.c.id))))
            writing.execute(text("ANALYZE"))
        source.dispose()
        target.dispose()


def _made_by(source: Path, count: int, folder: Path) -> Village:
    """People as another version of the package has them."""
    done = subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, "-c", _MAKE, str(count), str(folder)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(source), str(ROOT)))},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    where, tokens = json.loads(done.stdout)
    return Village(Path(where), tokens)
