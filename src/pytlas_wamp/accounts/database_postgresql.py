"""How PostgreSQL is opened: writers take turns, and nobody waits for long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, text

from pytlas_wamp.accounts.database_urls import place
from pytlas_wamp.accounts.model import StoreBroken

if TYPE_CHECKING:
    from sqlalchemy import URL

CONNECT_TIMEOUT_SECONDS = 3  # somebody is waiting; a server in the same house answers at once
_STATEMENT_TIMEOUT_SECONDS = 10  # ours take milliseconds: longer means that something is wrong
_IDLE_TIMEOUT_SECONDS = 60  # a program of ours that hangs must not keep the others out for ever
_SILENCE_SECONDS = 5  # a network that is gone is noticed after that

# Who writes without taking a turn holds conversations that others may be waiting to take over,
# because it was paused or is cut off.
_IDLE_OUT_OF_TURN_SECONDS = 2

# As many as threads may want one at once; the server has 100 by default, for everybody.
_KEPT_CONNECTIONS = 5
_MORE_CONNECTIONS = 15

# Any number will do that no other program locks in the same database.
_WRITERS_TURN = 0x7079746C6173


def postgresql_engines(url: URL, busy_timeout_seconds: float) -> tuple[Engine, Engine]:
    """Returns where readers and where writers get their transactions.

    Args:
      url: of psycopg; what its options say goes before what is said here.
      busy_timeout_seconds: how long to wait for other writers.

    Raises:
      StoreBroken: when psycopg is not installed.
    """
    try:
        engine = create_engine(
            url,
            # Whatever a skill does to the log: what is written is nobody's business.
            hide_parameters=True,
            connect_args=_connect_args(url, busy_timeout_seconds),
            # A connection that broke while nobody used it is replaced without a word.
            pool_pre_ping=True,
            pool_size=_KEPT_CONNECTIONS,
            max_overflow=_MORE_CONNECTIONS,
            pool_timeout=max(busy_timeout_seconds, 1),
        )
    except ImportError as error:
        raise StoreBroken(
            f"The database {place(url)} needs psycopg, which is not installed: "
            'run pip install "pytlas-wamp[postgres]".'
        ) from error
    event.listen(engine, "begin", _begin)
    readers = engine.execution_options(
        # One state throughout, as a reader of SQLite has.
        isolation_level="REPEATABLE READ",
        postgresql_readonly=True,
    )
    # Each statement of a writer sees what was written before its turn came.
    return readers, engine.execution_options(isolation_level="READ COMMITTED", immediate=True)


def check_postgresql(engine: Engine) -> None:
    """Looks whether the database can hold every name.

    Raises:
      StoreBroken: when it cannot.
    """
    with engine.connect() as connection:
        encoding = connection.execute(text("SHOW server_encoding")).scalar()
    if encoding != "UTF8":
        raise StoreBroken(
            f"The database {place(engine.url)} is encoded in {encoding}: "
            "make one with createdb --encoding=UTF8 --template=template0."
        )


def _connect_args(url: URL, busy_timeout_seconds: float) -> dict[str, Any]:
    limits = {
        "statement_timeout": _STATEMENT_TIMEOUT_SECONDS,
        # 0 would mean to wait for ever.
        "lock_timeout": max(busy_timeout_seconds, 0.001),
        "idle_in_transaction_session_timeout": _IDLE_TIMEOUT_SECONDS,
    }
    args = {
        "application_name": "pytlas-wamp",
        "connect_timeout": CONNECT_TIMEOUT_SECONDS,
        "options": " ".join(f"-c {name}={round(s * 1000)}" for name, s in limits.items()),
        "keepalives_idle": _SILENCE_SECONDS,
        "keepalives_interval": 1,
        "keepalives_count": 3,
        "tcp_user_timeout": _SILENCE_SECONDS * 1000,
    }
    return {name: value for name, value in args.items() if name not in url.query}


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("immediate", False):
        return
    if options.get("in_turn", True):
        # Writers take turns, as in SQLite: what one looks at stays as it is until it has
        # written, and the ids of changes appear in the order in which they are given.
        connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _WRITERS_TURN})
    else:
        milliseconds = _IDLE_OUT_OF_TURN_SECONDS * 1000
        connection.exec_driver_sql(
            f"SET LOCAL idle_in_transaction_session_timeout = {milliseconds}"
        )
