"""A PostgreSQL server of the tests' own: in a temporary folder, on a unix socket only.

One per process of pytest (also under xdist), started when the first test wants it and
stopped at the end of the session. A test gets a database of its own, copied from one
that was migrated once, or the one that is emptied for it, which costs a tenth of that.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from functools import cache
from itertools import count
from pathlib import Path

import psycopg
import pytest
from attrs import define, field

from pytlas_wamp.accounts.sql import SqlAccountStore
from pytlas_wamp.accounts.tables import METADATA

MISSING = (
    "PostgreSQL is not installed: install it (on Debian: apt-get install postgresql), so that "
    "initdb and postgres are on the PATH or in /usr/lib/postgresql/VERSION/bin, "
    "or set PYTLAS_WITHOUT_POSTGRESQL=1 to do without these tests."
)
USER = "pytlas"
TEMPLATE = "migrated"
EMPTIED = "emptied"
TABLES = ", ".join(f'"{name}"' for name in METADATA.tables)
INSTALLED = Path("/usr/lib/postgresql")  # where Debian has them, by version

_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "16MB",
    "max_connections": "60",
    "logging_collector": "off",
}
_LOGS_COPIES = 150_000  # as `server_version_num` has it
_START_SECONDS = 60  # a loaded machine; it takes one
KEPT_DATABASES = 6  # each is 8 MB in 300 files


@define
class PostgresServer:
    """A running server; made with `start`, not directly.

    Args:
      folder: holds everything; its path is short, as that of a socket has to be.
      programs: where initdb and postgres are.
      address: where it listens beside its socket, "" for nowhere.
      clients: the network that may connect there without a password.
    """

    folder: Path
    programs: Path
    address: str = ""
    clients: str = ""
    _process: subprocess.Popen | None = None
    _numbers: count = field(factory=count)
    _made: list[str] = field(factory=list)
    _has_template: bool = False
    _is_logging_copies: bool | None = None

    @classmethod
    def start(cls, parent="/tmp", **more):  # noqa: S108 - a short path that all may enter
        """Returns a new server in a folder of its own; skips or fails when none is installed.

        To be called in the main thread: Linux ends the server with the thread.
        """
        programs = _programs()
        server = cls(Path(tempfile.mkdtemp(prefix="pg-", dir=parent)), programs, **more)
        try:
            server._initialise()
            server.resume()
        except BaseException:
            server.stop()
            raise
        return server

    def url(self, database="postgres"):
        """Returns how SQLAlchemy names a database of this server."""
        return f"postgresql+psycopg://{USER}@/{database}?host={self.folder}"

    def create(self, database=None, *, template="template0"):
        """Makes a database, by default under a new name, and returns its URL."""
        name = database or f"test_{next(self._numbers)}"
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}" {self._strategy()}')
        self._made.append(name)
        if len(self._made) > KEPT_DATABASES:
            self.run(f'DROP DATABASE IF EXISTS "{self._made.pop(0)}" WITH (FORCE)')
        return self.url(name)

    def create_migrated(self, database=None):
        """Makes a database with all tables, quickly, and returns its URL."""
        if not self._has_template:
            self.run(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0")
            SqlAccountStore(self.url(TEMPLATE)).close()
            self._has_template = True
        return self.create(database, template=TEMPLATE)

    def emptied(self):
        """Returns the URL of a database with all tables and no rows: the same each time.

        For one test at a time. One that leaves it broken, or open, gets the next a new one.
        """
        if not self._try_to_empty():
            self.run(f'DROP DATABASE IF EXISTS "{EMPTIED}" WITH (FORCE)')
            self.create_migrated(EMPTIED)
            self._made.remove(EMPTIED)
        return self.url(EMPTIED)

    def _strategy(self):
        # Copies files, as before 15: by default all their blocks go through the log since.
        if self._is_logging_copies is None:
            ((version,),) = self.run("SHOW server_version_num")
            self._is_logging_copies = int(version) >= _LOGS_COPIES
        return "STRATEGY file_copy" if self._is_logging_copies else ""

    def _try_to_empty(self):
        try:
            with psycopg.connect(
                host=str(self.folder), user=USER, dbname=EMPTIED, options="-c lock_timeout=1s"
            ) as connection:
                connection.execute(f"TRUNCATE {TABLES} RESTART IDENTITY")
        except psycopg.Error:
            return False
        return True

    def run(self, statement):
        """Runs a statement in no test's database, and returns the rows if there are any."""
        with psycopg.connect(
            host=str(self.folder), user=USER, dbname="postgres", autocommit=True
        ) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def pause(self):
        """Ends the server at once, as a power cut does; what was committed stays."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait()
            self._process = None

    def resume(self):
        """Starts the server again, and waits until it answers."""
        if self._process is not None:
            return
        settings = _SETTINGS | {"listen_addresses": self.address}
        options = [f"-c{name}={value}" for name, value in settings.items()]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - the program is PostgreSQL's
                [
                    self.programs / "postgres",
                    *("-D", self.folder / "data", "-k", self.folder),
                    *options,
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=_end_with_parent,  # noqa: PLW1509 - one system call, no lock
                **self._who(),
            )
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"PostgreSQL does not start: {(self.folder / 'log').read_text()}")
            time.sleep(0.02)

    def stop(self):
        """Ends the server and deletes everything."""
        self.pause()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _initialise(self):
        account = _unprivileged()
        if account:
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        done = subprocess.run(  # noqa: S603 - the program is PostgreSQL's
            [
                self.programs / "initdb",
                *("-D", self.folder / "data", "-U", USER, "-A", "trust", "-E", "UTF8"),
                *("--locale=C", "--no-sync"),
            ],
            capture_output=True,
            check=False,
            text=True,
            **self._who(),
        )
        if done.returncode:
            pytest.fail(f"initdb failed: {done.stdout}{done.stderr}")
        if self.clients:
            with (self.folder / "data" / "pg_hba.conf").open("a") as rules:
                rules.write(f"host all all {self.clients} trust\n")

    def _who(self):
        how = {"cwd": self.folder, "env": {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}}
        account = _unprivileged()
        if account:
            how |= {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        return how

    def _answers(self):
        try:
            self.run("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True


@cache
def shared_server():
    """Returns the server of this process, which ends with the session (or the process)."""
    server = PostgresServer.start()
    atexit.register(server.stop)
    return server


def stop_shared_server():
    """Ends the server of this process, if there is one."""
    if shared_server.cache_info().currsize:
        shared_server().stop()
        shared_server.cache_clear()


def _programs():
    on_path = shutil.which("initdb")
    found = [Path(on_path).resolve().parent] if on_path else []
    # The newest one first: 9 comes before 15 where digits are compared.
    installed = INSTALLED.glob("*/bin")
    found += sorted(installed, key=lambda path: int(path.parent.name), reverse=True)
    for folder in found:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    if os.environ.get("PYTLAS_WITHOUT_POSTGRESQL") == "1":
        pytest.skip("without PostgreSQL, as PYTLAS_WITHOUT_POSTGRESQL=1 asks for")
    pytest.fail(MISSING)


def _unprivileged():
    """Returns the account to be, None to stay: postgres refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    pytest.fail("PostgreSQL does not run as root, and there is no account to run it as.")


def _end_with_parent():
    """Lets the server end when the tests are killed, which cleans nothing up."""
    if _SYSTEM == "Linux":
        set_parent_death_signal = 1
        _LIBRARY.prctl(set_parent_death_signal, signal.SIGQUIT)


# Loaded before there are threads, and not between fork and exec.
_SYSTEM = os.uname().sysname
_LIBRARY = ctypes.CDLL(None)
