"""A daemon that comes back at the same address after it was killed, and people who have tokens."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import define, field, frozen
from daemon import IN_ORDER, Daemon, twistd

from pytlas_wamp.config import prepare_data_dir, read_config
from pytlas_wamp.service.accounts import make_secret, open_accounts
from reliability import skill_of_the_house

if TYPE_CHECKING:
    from reliability.line import Address


@frozen
class Resident:
    """Somebody with an account.

    Args:
      name: stands in every text.
      user_id: the number.
      token: that of a device, so nobody has to sign in.
    """

    name: str
    user_id: int
    token: str = field(repr=False)


@define(kw_only=True, eq=False)
class Household:
    """Everything in one folder.

    Args:
      folder: where; may be empty.
      limits: what differs from the defaults, as in `[server]` of pytlas.ini.
      database: a URL; None for SQLite in the folder.
      command: makes the command that starts the daemon of its options.
      starts: when it was started, in seconds since the epoch.
      kills: when it was killed.
      output: what daemons printed that are no more.
      daemon: the one that runs now.
    """

    folder: Path
    limits: dict[str, object] = field(factory=dict)
    database: str | None = None
    command: Callable[..., list[str]] = twistd
    starts: list[float] = field(init=False, factory=list)
    kills: list[float] = field(init=False, factory=list)
    output: list[str] = field(init=False, factory=list)
    daemon: Daemon = field(init=False, default=None)
    _port: int = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Make all that the daemon finds there."""
        with socket.create_server(("127.0.0.1", 0)) as found:
            self._port = found.getsockname()[1]
        skill_of_the_house.install(self.data / "skills", runs=self._runs, hanging=self.hanging)
        lines = [f"{name} = {value}" for name, value in self.limits.items()]
        text = "\n".join(["[server]", "interpreter = patterns", "bundled_skills = none", *lines])
        (self.data / "pytlas.ini").write_text(text + "\n", encoding="utf-8")

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.folder / "data"

    @property
    def hanging(self) -> Path:
        """While this file is there, skills that were told to hang do so."""
        return self.folder / "hanging"

    @property
    def _runs(self) -> Path:
        return self.folder / "runs"

    @property
    def address(self) -> Address:
        """Where the daemon listens, or will."""
        return "127.0.0.1", self._port

    @property
    def database_file(self) -> Path:
        """That of SQLite."""
        return self.data / "pytlas.sqlite3"

    @property
    def journal_bytes(self) -> int:
        """The size of what SQLite has not taken over into the database yet."""
        return Path(f"{self.database_file}-wal").stat().st_size

    def settle(self, names: list[str]) -> list[Resident]:
        """Make accounts with these names, each with the token of a device."""
        options = {"data_dir": str(self.data)}
        if self.database is not None:
            options["database"] = self.database
        config = read_config(config_file=self.data / "pytlas.ini", options=options, environ={})
        directory = prepare_data_dir(config, make_secret=make_secret)
        accounts, store = open_accounts(config, directory.secret)
        residents = []
        for name in names:
            # Nobody signs in with a password: it need not be hashed at some cost.
            account = store.add(name, "none", language="en-US", admin=False)
            _, token = accounts.add_device(account.id, "client of a program")
            residents.append(Resident(name, account.id, token))
        store.close()
        return residents

    # The daemon

    def start(self) -> None:
        """Start it, and wait until it listens."""
        options = ["--data-dir", str(self.data), "--listen"]
        options.append(f"tcp:{self._port}:interface=127.0.0.1")
        if self.database is not None:
            options += ["--database", self.database]
        self.starts.append(time.time())
        self.daemon = Daemon.start(self.command(*options), self.folder)
        self.daemon.address()

    async def start_soon(self) -> None:
        """The same, while others go on."""
        await asyncio.to_thread(self.start)

    def kill(self) -> None:
        """End it with SIGKILL."""
        self.kills.append(time.time())
        self.daemon.process.kill()
        self.daemon.wait()
        self.output += self.daemon.lines

    def stop(self) -> list[str]:
        """End it in order; what is wrong with how it ended."""
        code = self.daemon.stop()
        self.output += self.daemon.lines
        return [] if code == IN_ORDER else [f"the daemon ended with {code}, not {IN_ORDER}"]

    async def stop_soon(self) -> list[str]:
        """The same, while others go on."""
        return await asyncio.to_thread(self.stop)

    def end(self) -> None:
        """Leave nothing behind, whatever happened."""
        if self.daemon is not None and self.daemon.process.poll() is None:
            self.daemon.process.kill()
            self.daemon.wait()

    # What it left

    def runs(self) -> list[tuple[int, str]]:
        """Every call of the skill: the user's number, the id of the message."""
        if not self._runs.exists():
            return []
        lines = self._runs.read_text(encoding="utf-8").splitlines()
        return [(int(user_id), id_) for user_id, id_ in map(str.split, lines)]
