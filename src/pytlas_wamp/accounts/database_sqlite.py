"""How SQLite is opened: one file, many readers beside one writer."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from pytlas_wamp.accounts.database_faults import sentence
from pytlas_wamp.accounts.database_urls import is_in_memory, place
from pytlas_wamp.accounts.model import StoreBroken
from pytlas_wamp.accounts.sql_frequent import ask_driver

if TYPE_CHECKING:
    from sqlalchemy import URL

# Nobody else may read the hashes and settings; SQLite gives its side files the same mode.
_FILE_MODE = 0o600

_CACHE_KIB = 256

# Each connection keeps so many prepared. A statement takes some 20 KiB and there are many
# that differ in the length of a list only, so the driver's 128 would be megabytes of those.
_STATEMENTS = 24

# How often a switch to WAL is tried again that another process was in the way of.
_WAL_ATTEMPTS = 20


def sqlite_engines(url: URL, busy_timeout_seconds: float) -> tuple[Engine, Engine]:
    """Returns where readers and where writers get their transactions.

    Args:
      url: an SQLite URL; the file is made, for its owner only, when it is missing.
      busy_timeout_seconds: how long to wait for other writers.

    Raises:
      StoreBroken: when the file cannot be made or opened.
    """
    # The last one first: each connection that is used fills a cache of its own.
    pool: dict[str, Any] = {"poolclass": QueuePool, "pool_use_lifo": True}
    if is_in_memory(url):
        # The data live in the connection, so there is one, and threads take turns with it
        # (a StaticPool would hand it to several at once and mix their transactions).
        pool |= {"pool_size": 1, "max_overflow": 0}
    else:
        _ensure_file(Path(str(url.database)), place(url))
    engine = create_engine(
        url,
        # Whatever a skill does to the log: what is written is nobody's business.
        hide_parameters=True,
        connect_args={
            "timeout": busy_timeout_seconds,
            "check_same_thread": False,
            "cached_statements": _STATEMENTS,
        },
        **pool,
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine, engine.execution_options(immediate=True)


def check_sqlite(engine: Engine) -> None:
    """Looks whether the file is sound, and lets readers and a writer work side by side.

    Raises:
      StoreBroken: when it is damaged, or no database at all.
    """
    named = place(engine.url)
    try:
        with closing(engine.raw_connection()) as driver:
            cursor = driver.cursor()
            verdict = cursor.execute("PRAGMA quick_check(1)").fetchone()
            if verdict is None or verdict[0] != "ok":
                raise StoreBroken(f"The database {named} is damaged: restore a backup.")
            _switch_to_wal(cursor)
            cursor.close()
    except engine.dialect.loaded_dbapi.Error as error:
        raise StoreBroken(sentence(named, str(error))) from error


def _ensure_file(path: Path, named: str) -> None:
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, _FILE_MODE))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise StoreBroken(
            f"The database {named} cannot be opened ({reason}): "
            "name a file in a directory that exists and can be written to."
        ) from error


def _prepare(driver: Any, _record: object) -> None:
    # Otherwise the driver begins transactions by itself, late, and as readers.
    driver.isolation_level = None
    driver.execute("PRAGMA foreign_keys = ON").close()
    # Each connection has a cache of its own; the system has all of the file in one.
    driver.execute(f"PRAGMA cache_size = -{_CACHE_KIB}").close()


def _begin(connection: Connection) -> None:
    # A transaction that first reads and then writes fails at once, without waiting, when
    # another wrote in between; one that is a writer from its beginning waits its turn.
    options = connection.get_execution_options()
    writes = options.get("immediate", False)
    if writes:
        flushed = options.get("flushed", True)
        ask_driver(connection, f"PRAGMA synchronous = {'FULL' if flushed else 'NORMAL'}")
    ask_driver(connection, "BEGIN IMMEDIATE" if writes else "BEGIN")


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
