"""PostgreSQL for one server: as it comes, but for its memory, and on a unix socket only."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import psycopg
from attrs import define, field

USER: Final = "pytlas"
DATABASE: Final = "pytlas"
_DEBIAN: Final = Path("/usr/lib/postgresql")
_START_SECONDS: Final = 60.0
# It writes to the disk before it says that it has, as people run it.
_SETTINGS: Final = {
    "listen_addresses": "",
    "shared_buffers": "128MB",
    "max_connections": "300",
    "shared_preload_libraries": "pg_stat_statements",
}


@define(kw_only=True, eq=False)
class Postgres:
    """A server that runs.

    Args:
      like: one that is stopped, whose data it begins with; None to begin with an empty database.
    """

    like: Postgres | None = None
    folder: Path = field(init=False)
    _process: subprocess.Popen[bytes] | None = field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        """Start it."""
        # Short, as the path of a socket has to be, and of an account that may run it.
        self.folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
        who = _unprivileged()
        if who is not None:
            os.chown(self.folder, who.pw_uid, who.pw_gid)
        data = self.folder / "data"
        if self.like is None:
            self._run("initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C")
        else:
            self._run("cp", "-a", self.like.folder / "data", data)
        self.start()
        if self.like is None:
            with self.connect("postgres") as connection:
                connection.execute(f"CREATE DATABASE {DATABASE}")
            with self.connect() as connection:
                connection.execute("CREATE EXTENSION pg_stat_statements")

    def start(self) -> None:
        """Start it again."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - PostgreSQL's own program
                [
                    str(_program("postgres")),
                    *("-D", str(self.folder / "data"), "-k", str(self.folder)),
                    *(f"-c{name}={value}" for name, value in _SETTINGS.items()),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **_as_who(),
            )
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                self.connect("postgres").close()
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return

    @property
    def pid(self) -> int:
        """Its first process, which has started all others."""
        assert self._process is not None  # noqa: S101 - it runs
        return self._process.pid

    @property
    def url(self) -> str:
        """How SQLAlchemy names the database."""
        return f"postgresql+psycopg://{USER}@/{DATABASE}?host={self.folder}"

    def connect(self, database: str = DATABASE) -> psycopg.Connection[Any]:
        """A connection that commits each statement."""
        return psycopg.connect(host=str(self.folder), user=USER, dbname=database, autocommit=True)

    def pause(self) -> None:
        """Stop it in order; what is in it stays."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait()
            self._process = None

    def end(self) -> None:
        """Stop it and delete all."""
        self.pause()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: object) -> None:
        subprocess.run(  # noqa: S603 - PostgreSQL's own program, or cp
            [str(_program(program)), *map(str, arguments)],
            check=True,
            stdout=subprocess.DEVNULL,
            **_as_who(),
        )


def _program(name: str) -> Path:
    found = shutil.which(name)
    if found is not None:
        return Path(found).resolve()
    installed = sorted(_DEBIAN.glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    if not installed:
        raise FileNotFoundError(f"{name} of PostgreSQL is not installed")
    return installed[-1]


def _unprivileged() -> pwd.struct_passwd | None:
    """Whom to be: PostgreSQL refuses to run as root."""
    return None if os.geteuid() else pwd.getpwnam("postgres")


def _as_who() -> dict[str, Any]:
    who = _unprivileged()
    plain: dict[str, Any] = {"cwd": "/", "env": {"PATH": os.environ["PATH"], "LC_ALL": "C"}}
    if who is None:
        return plain
    return {**plain, "user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}
