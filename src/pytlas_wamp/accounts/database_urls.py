"""Which databases can be named, and how; a password is never repeated."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from pytlas_wamp.accounts.model import StoreBroken

_SQLITE = frozenset({"sqlite", "sqlite+pysqlite"})
_POSTGRESQL = frozenset({"postgresql", "postgresql+psycopg"})


def parse_url(url: str | Path) -> URL:
    """Returns the URL of a database, with the driver that is used for it.

    Args:
      url: "sqlite:///PATH", "sqlite://" for memory, "postgresql+psycopg://..." or
        "postgresql://..." (which means the same); or the path of an SQLite file.

    Raises:
      StoreBroken: when it is none of these.
    """
    if isinstance(url, Path):
        return URL.create("sqlite", database=str(url))
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:  # the second for a port that is no number
        # The URL is not repeated: there may be a password in it.
        raise StoreBroken(
            "The database's URL cannot be read: write it like sqlite:////var/lib/pytlas/pytlas.db "
            "or postgresql+psycopg://user:password@host/database."
        ) from error
    if parsed.drivername in _POSTGRESQL:
        return _parse_postgresql(parsed)
    if parsed.drivername not in _SQLITE:
        raise StoreBroken(
            f"The database {place(parsed)} is of a kind that is not supported: "
            "use sqlite:///PATH or postgresql+psycopg://user:password@host/database."
        )
    if (parsed.database or "").startswith("file:"):
        # SQLite would read options from it, among them not to lock or not to keep anything.
        raise StoreBroken(
            f"The database {place(parsed)} is named by an address: use sqlite:///PATH."
        )
    return parsed


def place(url: URL) -> str:
    """Returns how to name the database to a person, without its password."""
    if url.get_backend_name() == "sqlite":
        return url.database or ":memory:"
    # Options are left out: one of them may be a password as well.
    return url.set(query={}).render_as_string(hide_password=True)


def is_in_memory(url: URL) -> bool:
    """Says whether an SQLite database is gone when it is closed."""
    return url.database in {None, "", ":memory:"}


def secrets(url: URL) -> list[str]:
    """Returns what must not be seen in any text."""
    found = [url.password, url.query.get("sslpassword")]
    return [text for text in found if isinstance(text, str) and text]


def _parse_postgresql(url: URL) -> URL:
    if "@" in (url.host or ""):
        # What stands before it would be taken for the host's name, and shown.
        raise StoreBroken(
            "The database's URL cannot be read: there is an @ in its user or password, "
            "which has to be written as %40."
        )
    if not url.database:
        raise StoreBroken(
            f"The database {place(url)} has no name: write "
            "postgresql+psycopg://user:password@host/database."
        )
    password = url.query.get("password")
    if password is not None:
        # There it would be shown with the other options.
        url = url.difference_update_query(["password"]).set(password=str(password))
    return url.set(drivername="postgresql+psycopg")
