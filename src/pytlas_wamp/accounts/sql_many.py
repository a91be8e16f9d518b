"""Many rows in one statement.

A driver that is given rows one by one lets go of Python's lock after each of them, and
where other threads are busy it waits every time until it gets it back: a batch of some
hundred rows then takes half a second instead of milliseconds.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection, Dialect, Table

# For so many rows statements are made. SQLite takes 32,766 values in one.
_SIZES: Final = (256, 64, 16, 4, 1)


def insert_many(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    on_conflict: Callable[[Any], Any],
) -> None:
    """Insert rows, in as few statements as that takes.

    Args:
      connection: inside of a transaction.
      table: where to.
      rows: of each the value of every column in the same order, as the driver takes it; no
        two may be in conflict with each other.
      on_conflict: adds to the statement what is done about rows that are there already.
        The statement is kept under it, so it must not be made anew for every call.
    """
    done = 0
    for size in _SIZES:
        while len(rows) - done >= size:
            some = rows[done : done + size]
            text, names = _statement(connection.dialect, table, tuple(some[0]), size, on_conflict)
            values = tuple(value for row in some for value in row.values())
            is_positional = connection.dialect.positional
            given = values if is_positional else dict(zip(names, values, strict=True))
            connection.exec_driver_sql(text, given)
            done += size


@lru_cache(maxsize=64)
def _statement(
    dialect: Dialect,
    table: Table,
    columns: tuple[str, ...],
    size: int,
    on_conflict: Callable[[Any], Any],
) -> tuple[str, tuple[str, ...]]:
    """Its text, and the names of its parameters row by row."""
    insert = sqlite.insert if dialect.name == "sqlite" else postgresql.insert
    names = [[f"{column}_{number}" for column in columns] for number in range(size)]
    rows: list[dict[str, Any]] = [
        {column: bindparam(name) for column, name in zip(columns, row, strict=True)}
        for row in names
    ]
    text = str(on_conflict(insert(table).values(rows)).compile(dialect=dialect))
    return text, tuple(name for row in names for name in row)
