"""Reads the database of the original server, without changing it.

The original is pytlas-server; Django 2.1 and 2.2 wrote these tables.
"""

from __future__ import annotations

import sqlite3
import unicodedata
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from attrs import field, frozen

from pytlas_wamp.accounts.model import MAX_NAME_CHARACTERS
from pytlas_wamp.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_BUSY_TIMEOUT_SECONDS = 5.0

_COMPLAINTS = (
    ("not a database", "is no SQLite database, or it is encrypted: name the original's db.sqlite3"),
    ("malformed", "is damaged: repair it with `sqlite3 FILE .recover`, or use a backup"),
    ("locked", "is kept busy by another program: stop pytlas-server, or use a copy of the file"),
    ("no such column", "is of a version of pytlas-server that is not known: use one of 2019"),
    ("unable to open", "cannot be opened: let this account read the file and its directory"),
    ("readonly", "was not closed properly: start and stop pytlas-server once, or use a copy"),
)


class NotTheOriginal(OperatorError):
    """The file is not a database of pytlas-server that can be read."""


@frozen(kw_only=True)
class OriginalPerson:
    """A person as the original's database has them.

    Args:
      id: which its tokens name.
      name: with which the person signs in there.
      password_hash: as Django keeps it.
      admin: superuser or staff.
      active: whether the person may sign in there.
      display_name: first and last name; may be empty.
      created_at: seconds since the epoch; None when it cannot be read.
      language: of the profile; empty when there is none.
      settings: name and value, in the order in which they were made.
    """

    id: int
    name: str
    password_hash: str = field(repr=False)
    admin: bool
    active: bool
    display_name: str
    created_at: int | None
    language: str
    settings: tuple[tuple[str, str], ...] = field(repr=False)


def read_original(path: Path) -> list[OriginalPerson]:
    """Returns everybody in the database of an original server, ordered by id (blocks).

    Raises:
      NotTheOriginal: when it is no such database, or cannot be read; nothing was read then.
    """
    _refuse_what_is_no_file(path)
    with _worded(path), closing(_opened(path)) as connection:
        connection.execute("BEGIN").close()
        _refuse_other_databases(connection, path)
        settings = _settings_by_user(connection)
        languages = dict(
            connection.execute("SELECT user_id, language FROM assistant_profile ORDER BY id")
        )
        rows = connection.execute(
            "SELECT id, username, password, is_superuser, is_staff, is_active, first_name,"
            " last_name, date_joined FROM auth_user ORDER BY id"
        ).fetchall()
    return [
        _person(row, _text(languages.get(row["id"])), settings.get(row["id"], ())) for row in rows
    ]


def _refuse_what_is_no_file(path: Path) -> None:
    try:
        if path.is_file():
            return
        what = "is a directory" if path.is_dir() else "is no file"
        if not path.exists():
            what = "does not exist"
    except (OSError, ValueError) as error:
        what = f"cannot be read ({getattr(error, 'strerror', None) or error})"
    raise NotTheOriginal(
        f"{path} {what}: name the database of pytlas-server, usually db.sqlite3 in its directory."
    )


@contextmanager
def _worded(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        complaint = str(error)
        meaning = next((said for word, said in _COMPLAINTS if word in complaint), None)
        said = f"{path} cannot be read ({complaint})." if meaning is None else f"{path} {meaning}."
        raise NotTheOriginal(said) from error


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"file:{quote(str(path.absolute()))}?mode=ro",
        uri=True,
        timeout=_BUSY_TIMEOUT_SECONDS,
        isolation_level=None,
    )
    connection.row_factory = sqlite3.Row
    # One broken name must not keep the others from being read; the rules for names find it.
    connection.text_factory = lambda raw: raw.decode(errors="surrogateescape")
    return connection


def _refuse_other_databases(connection: sqlite3.Connection, path: Path) -> None:
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    present = {row["name"] for row in rows}
    missing = sorted({"auth_user", "assistant_profile", "assistant_setting"} - present)
    if missing:
        raise NotTheOriginal(
            f"{path} is no database of pytlas-server (it has no table {missing[0]}): "
            "name its db.sqlite3."
        )


def _settings_by_user(connection: sqlite3.Connection) -> dict[Any, list[tuple[str, str]]]:
    found: dict[Any, list[tuple[str, str]]] = {}
    for row in connection.execute("SELECT user_id, name, value FROM assistant_setting ORDER BY id"):
        found.setdefault(row["user_id"], []).append((_text(row["name"]), _text(row["value"])))
    return found


def _person(row: sqlite3.Row, language: str, settings: Iterable[tuple[str, str]]) -> OriginalPerson:
    names = (_text(row["first_name"]).strip(), _text(row["last_name"]).strip())
    return OriginalPerson(
        id=row["id"],
        name=_text(row["username"]),
        password_hash=_text(row["password"]),
        admin=bool(row["is_superuser"] or row["is_staff"]),
        active=bool(row["is_active"]),
        display_name=presentable(" ".join(filter(None, names))),
        created_at=_seconds(_text(row["date_joined"])),
        language=language,
        settings=tuple(settings),
    )


def _text(value: object) -> str:
    """What a column holds: SQLite does not keep to the types that a table declares."""
    if isinstance(value, bytes):
        return value.decode(errors="surrogateescape")
    return "" if value is None else str(value)


def presentable(name: str) -> str:
    """A name to be shown, without what cannot be."""
    seen = "".join(one for one in name if unicodedata.category(one) not in _UNSEEN_CATEGORIES)
    return seen[:MAX_NAME_CHARACTERS].strip()


_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})


def _seconds(written: str) -> int | None:
    try:
        read = datetime.fromisoformat(written)
        seconds = int((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return None
    return seconds if seconds >= 0 else None
