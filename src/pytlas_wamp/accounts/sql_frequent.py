"""Selects that every connection of a client makes, for a tenth of what they would cost.

To bring a statement to SQLite, SQLAlchemy does ten times the work of SQLite itself. So it
puts the text together once, and then the driver is asked. A server elsewhere takes its time
in any case; there it is left to SQLAlchemy, which also knows when a connection has broken.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection, Select

_SQLITE: Final = SQLiteDialect_pysqlite(paramstyle="named")


@define(eq=False)
class Frequent:
    """A select that is asked again and again.

    Args:
      select: it; what differs from time to time is a `bindparam` in it.
    """

    _select: Select[Any]
    _text: str = field(init=False)
    _names: tuple[str, ...] = field(init=False)
    # By their place: the columns whose values SQLite keeps as something else.
    _kept_otherwise: tuple[tuple[int, Callable[[Any], Any]], ...] = field(init=False)

    @_text.default
    def _put_together(self) -> str:
        return str(self._select.compile(dialect=_SQLITE))

    @_names.default
    def _take_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self._select.selected_columns)

    @_kept_otherwise.default
    def _find_kept_otherwise(self) -> tuple[tuple[int, Callable[[Any], Any]], ...]:
        found = (
            column.type.dialect_impl(_SQLITE).result_processor(_SQLITE, None)
            for column in self._select.selected_columns
        )
        return tuple((place, back) for place, back in enumerate(found) if back is not None)

    def rows(self, connection: Connection, values: Mapping[str, object]) -> list[dict[str, Any]]:
        """Returns what there is, by the names of the columns.

        Args:
          connection: with a transaction of the caller.
          values: of the parameters.
        """
        if connection.dialect.name != _SQLITE.name:
            return [dict(row) for row in connection.execute(self._select, values).mappings()]
        return [self._named(row) for row in ask_driver(connection, self._text, values)]

    def _named(self, row: Sequence[Any]) -> dict[str, Any]:
        named = dict(zip(self._names, row, strict=True))
        for place, back in self._kept_otherwise:
            named[self._names[place]] = back(row[place])
        return named


def ask_driver(
    connection: Connection, text: str, values: Mapping[str, object] | None = None
) -> list[tuple[Any, ...]]:
    """Has SQLite do something without asking SQLAlchemy; fails as if it had been asked.

    Args:
      connection: of an SQLite database.
      text: the statement.
      values: of its parameters, by name.
    """
    driver: Any = connection.connection.driver_connection
    try:
        cursor = driver.execute(text, values or {})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        cursor.close()
    except sqlite3.Error as error:
        raise DBAPIError(None, None, error) from error
    return rows
