"""Many rows in one statement.

A driver that is given rows one by one lets go of Python's lock after each of them, and
where other threads are busy it waits every time until it gets it back: a batch of some
hundred rows then takes half a second instead of milliseconds.

Statements are made for a few numbers of rows only, and their texts are kept: to put one
together, and to have the database read it, takes longer than to execute it.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Column, Connection, Dialect, Executable, Select, Table

# For so many rows statements are made. SQLite takes 32,766 values in one.
_SIZES: Final = (256, 64, 16, 4, 1)
# The most ids that one statement looks for.
MAX_IDS: Final = 1024
_ID_SIZES: Final = (16, 64, 256, MAX_IDS)


def insert_many(
    connection: Connection,
    table: Table,
    rows: Sequence[tuple[Any, ...]],
    on_conflict: Callable[[Any], Any],
) -> None:
    """Insert rows, in as few statements as that takes.

    Args:
      connection: inside of a transaction.
      table: where to.
      rows: of each the values of all columns in the table's order, as the driver takes them;
        no two may be in conflict with each other.
      on_conflict: adds to the statement what is done about rows that are there already.
        The statement is kept under it, so it must not be made anew for every call.
    """
    done = 0
    for size in _SIZES:
        while len(rows) - done >= size:
            text, names = _insertion(connection.dialect, table, size, on_conflict)
            values = tuple(chain.from_iterable(rows[done : done + size]))
            connection.exec_driver_sql(text, _given(connection.dialect, names, values))
            done += size


def count_ids(connection: Connection, column: Column[int], ids: Sequence[int]) -> int:
    """Count those of some ids that there are.

    Args:
      connection: inside of a transaction.
      column: where they stand, each once.
      ids: such as can stand there, `MAX_IDS` at most.
    """
    if not ids:
        return 0
    size = next(size for size in _ID_SIZES if size >= len(ids))
    text, names = _count(connection.dialect, column, size)
    # An id that is looked for several times is found once.
    values = (*ids, *repeat(ids[-1], size - len(ids)))
    given = _given(connection.dialect, names, values)
    return int(connection.exec_driver_sql(text, given).scalar_one())


def select_many(
    connection: Connection, query: Select[Any], column: Column[int], ids: Sequence[int]
) -> Sequence[Sequence[Any]]:
    """Return the rows that belong to some ids.

    Args:
      connection: inside of a transaction.
      query: which rows there are. The statement is kept under it, so it must not be made
        anew for every call.
      column: where the ids stand.
      ids: such as can stand there, `MAX_IDS` at most.
    """
    if not ids:
        return ()
    size = next(size for size in _ID_SIZES if size >= len(ids))
    text, names = _selection(connection.dialect, query, column, size)
    values = (*ids, *repeat(ids[-1], size - len(ids)))
    return connection.exec_driver_sql(text, _given(connection.dialect, names, values)).all()


def _given(dialect: Dialect, names: tuple[str, ...], values: tuple[Any, ...]) -> Any:
    """The values as the driver takes them."""
    return values if dialect.positional else dict(zip(names, values, strict=True))


@lru_cache(maxsize=64)
def _insertion(
    dialect: Dialect, table: Table, size: int, on_conflict: Callable[[Any], Any]
) -> tuple[str, tuple[str, ...]]:
    """The text of a statement, and the names of its parameters row by row."""
    insert = sqlite.insert if dialect.name == "sqlite" else postgresql.insert
    rows: list[dict[str, Any]] = [
        {column.name: bindparam(f"{column.name}_{number}") for column in table.columns}
        for number in range(size)
    ]
    names = tuple(parameter.key for row in rows for parameter in row.values())
    return _text(on_conflict(insert(table).values(rows)), dialect), names


@lru_cache(maxsize=64)
def _count(dialect: Dialect, column: Column[int], size: int) -> tuple[str, tuple[str, ...]]:
    """The text of a statement, and the names of its parameters."""
    return _selection(dialect, select(func.count()), column, size)


@lru_cache(maxsize=64)
def _selection(
    dialect: Dialect, query: Select[Any], column: Column[int], size: int
) -> tuple[str, tuple[str, ...]]:
    """The same of any query."""
    names = tuple(f"id_{number}" for number in range(size))
    found = column.in_([bindparam(name) for name in names])
    return _text(query.where(found), dialect), names


def _text(statement: Executable, dialect: Dialect) -> str:
    return str(statement.compile(dialect=dialect))  # type: ignore[attr-defined]
