"""Opens a database so that it is sound, ours and up to date, and words its faults."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import define, field
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from pytlas_wamp.accounts.migrations import migrate
from pytlas_wamp.accounts.model import StoreBroken

if TYPE_CHECKING:
    from collections.abc import Iterator

BUSY_TIMEOUT_SECONDS = 5.0  # a write takes milliseconds; a backup of a big file a second or two

# Nobody else may read the hashes and settings; SQLite gives its side files the same mode.
_FILE_MODE = 0o600

# How often a switch to WAL is tried again that another process was in the way of.
_WAL_ATTEMPTS = 20

# What the driver's complaint means to the person who runs the server.
_ADVICE = (
    ("locked", "another program keeps it busy: stop that one or try again"),
    ("full", "make room on the disk"),
    ("readonly", "let the account that runs the server write to the file and its directory"),
    ("unable to open", "name a file in a directory that exists and can be written to"),
    ("not a database", "name another file, or restore a backup"),
    ("malformed", "restore a backup"),
)
_ADVICE_OTHERWISE = "look at its disk and permissions, or restore a backup"


@define(eq=False)
class Database:
    """A migrated database, from which to take transactions.

    Safe to use from any thread. A transaction must not be begun inside another one.

    Args:
      url: an SQLAlchemy URL of SQLite, or the path of an SQLite file; made when missing.
      busy_timeout_seconds: how long to wait for other writers.

    Raises:
      StoreBroken: when the database cannot be used.
    """

    url: str | Path
    busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS
    place: str = field(init=False)
    _readers: Engine = field(init=False)
    _writers: Engine = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Opens, checks and migrates."""
        url = _parsed(self.url)
        self.place = _place(url)
        if not _is_in_memory(url):
            _ensure_file(Path(str(url.database)), self.place)
        self._readers = _engine(url, self.busy_timeout_seconds)
        self._writers = self._readers.execution_options(immediate=True)
        try:
            with self._worded():
                self._check()
                migrate(self._writers)
        except BaseException:
            self.close()
            raise

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Gives a connection that sees one state of the database throughout."""
        with self._worded(), self._readers.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Gives the only connection that may write; all is undone when the body raises."""
        with self._worded(), self._writers.begin() as connection:
            yield connection

    def close(self) -> None:
        """Closes all connections."""
        self._readers.dispose()

    def _check(self) -> None:
        driver = self._readers.raw_connection()
        try:
            cursor = driver.cursor()
            verdict = cursor.execute("PRAGMA quick_check(1)").fetchone()
            if verdict is None or verdict[0] != "ok":
                raise StoreBroken(f"The database {self.place} is damaged: restore a backup.")
            _switch_to_wal(cursor)
            cursor.close()
        except self._readers.dialect.loaded_dbapi.Error as error:
            raise StoreBroken(_sentence(self.place, str(error))) from error
        finally:
            driver.close()

    @contextmanager
    def _worded(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise StoreBroken(_sentence(self.place, str(error.orig))) from error
        except SQLAlchemyError as error:
            # Its str() ends in an address for programmers.
            raise StoreBroken(_sentence(self.place, "".join(map(str, error.args[:1])))) from error


def _parsed(url: str | Path) -> URL:
    if isinstance(url, Path):
        return URL.create("sqlite", database=str(url))
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        # The URL is not repeated: there may be a password in it.
        raise StoreBroken(
            "The database's URL cannot be read: write it like sqlite:////var/lib/pytlas/pytlas.db."
        ) from error
    if parsed.drivername not in {"sqlite", "sqlite+pysqlite"}:
        raise StoreBroken(
            f"The database {_place(parsed)} is of a kind that is not supported: use sqlite:///PATH."
        )
    if (parsed.database or "").startswith("file:"):
        # SQLite would read options from it, among them not to lock or not to keep anything.
        raise StoreBroken(
            f"The database {_place(parsed)} is named by an address: use sqlite:///PATH."
        )
    return parsed


def _place(url: URL) -> str:
    if url.get_backend_name() == "sqlite":
        return url.database or ":memory:"
    return url.render_as_string(hide_password=True)


def _is_in_memory(url: URL) -> bool:
    return url.database in {None, "", ":memory:"}


def _ensure_file(path: Path, place: str) -> None:
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, _FILE_MODE))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise StoreBroken(
            f"The database {place} cannot be opened ({reason}): "
            "name a file in a directory that exists and can be written to."
        ) from error


def _engine(url: URL, busy_timeout_seconds: float) -> Engine:
    pool: dict[str, Any] = {"poolclass": QueuePool}
    if _is_in_memory(url):
        # The data live in the connection, so there is one, and threads take turns with it
        # (a StaticPool would hand it to several at once and mix their transactions).
        pool |= {"pool_size": 1, "max_overflow": 0}
    engine = create_engine(
        url,
        connect_args={"timeout": busy_timeout_seconds, "check_same_thread": False},
        **pool,
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(driver: Any, _record: object) -> None:
    # Otherwise the driver begins transactions by itself, late, and as readers.
    driver.isolation_level = None
    driver.execute("PRAGMA foreign_keys = ON").close()


def _begin(connection: Connection) -> None:
    # A transaction that first reads and then writes fails at once, without waiting, when
    # another wrote in between; one that is a writer from its beginning waits its turn.
    writes = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _switch_to_wal(cursor: Any) -> None:
    """Lets readers and one writer work side by side; the file remembers it."""
    for attempt in range(_WAL_ATTEMPTS):
        try:
            cursor.execute("PRAGMA journal_mode = WAL").fetchone()
        except Exception as error:
            # The switch does not wait for others, a transaction does.
            if "locked" not in str(error) or attempt == _WAL_ATTEMPTS - 1:
                raise
            cursor.execute("BEGIN IMMEDIATE")
            cursor.execute("COMMIT")
        else:
            return


def _sentence(place: str, complaint: str) -> str:
    reason = " ".join(complaint.split()) or "no reason given"
    advice = next((said for word, said in _ADVICE if word in reason), _ADVICE_OTHERWISE)
    return f"The database {place} cannot be used ({reason}): {advice}."
