"""The highest ids that were ever given, so that none is given twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import case, column, func, insert, select, update
from sqlalchemy import table as named_table

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

MAX_ROW_ID = 2**63 - 1  # what both databases count to


def is_row_id(number: int) -> bool:
    """Says whether a row could have this id; asking a database for others is an error."""
    return 0 < number <= MAX_ROW_ID


def highest_id(connection: Connection, table: Table) -> int:
    """Returns the highest id that a table has given, also to rows that are gone; 0 for none.

    Args:
      connection: of a transaction, as below.
      table: USERS or CHANGES, which count by themselves.
    """
    if connection.dialect.name == "sqlite":
        query = select(_SQLITE.c.seq).where(_SQLITE.c.name == table.name)
        return int(connection.execute(query).scalar() or 0)
    counter = named_table(_counter(table), column("last_value"), column("is_called"))
    given = case((counter.c.is_called, counter.c.last_value), else_=0)
    return int(connection.execute(select(given)).scalar_one())


def keep_ids_above(connection: Connection, table: Table, number: int) -> None:
    """Lets a table give no id any more that is `number` or lower.

    To be called after rows were added with ids of their own.
    """
    if number <= highest_id(connection, table):
        return
    if connection.dialect.name != "sqlite":
        connection.execute(select(func.setval(_counter(table), number)))
        return
    raised = update(_SQLITE).where(_SQLITE.c.name == table.name).values(seq=number)
    if connection.execute(raised).rowcount == 0:
        connection.execute(insert(_SQLITE).values(name=table.name, seq=number))


# Where SQLite keeps what AUTOINCREMENT has given.
_SQLITE = named_table("sqlite_sequence", column("name"), column("seq"))


def _counter(table: Table) -> str:
    return f"{table.name}_id_seq"
