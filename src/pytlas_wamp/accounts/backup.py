"""What is in a database as plain values, and back, whatever kind of database it is.

A dump of SQLite can be loaded into PostgreSQL and the other way round, and one of an
older version into a newer. The list of changes is not part of it: running servers
follow that of the database which they use. Nor is which of them has a conversation.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from attrs import field, frozen
from sqlalchemy import (
    Boolean,
    Float,
    Integer,
    MetaData,
    String,
    create_engine,
    delete,
    func,
    insert,
    select,
)
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from pytlas_wamp.accounts import migrations
from pytlas_wamp.accounts.sql_changes import NOBODY, note
from pytlas_wamp.accounts.sql_fence import begin_leases_anew, end_all_leases
from pytlas_wamp.accounts.sql_ids import highest_id, keep_ids_above
from pytlas_wamp.accounts.sql_journal import entry_of, record_of
from pytlas_wamp.accounts.tables import (
    CHANGES,
    CONVERSATIONS,
    ENTRIES,
    LEASES,
    LOGINS,
    METADATA,
    NODES,
    REVOKED_TOKENS,
    USERS,
)
from pytlas_wamp.errors import OperatorError
from pytlas_wamp.journal.model import MAX_SEQ

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Column, ColumnElement, Connection, Select, Table

    from pytlas_wamp.accounts.database import Database
    from pytlas_wamp.accounts.model import ChangeKind

    Row = Mapping[str, Any]

# Parents before those that refer to them.
_LEFT_OUT: Final = (CHANGES, NODES, LEASES)
_TABLES: Final = tuple(table for table in METADATA.sorted_tables if table not in _LEFT_OUT)

_SCRIPTS = Path(migrations.__file__).parent

_LARGEST_INTEGER = 2**63 - 1
# Far more people than there are, and still far from the last id a database can give.
_LAST_USER_ID = 2**53

# As `as_lines` writes it, the log of all conversations may have half of what is held in
# memory of a table; a household has a tenth of this. Older frames are left out.
MAX_LOG_BYTES: Final = 2**29

# What was sent after a backup was made has numbers that must not be used again. Nobody
# gets so many frames between two backups.
UNUSED_NUMBERS: Final = 1_000_000


class BadBackup(OperatorError):
    """The backup cannot be used; the text says why."""


class NotEmpty(OperatorError):
    """The database holds something that a backup would replace."""


@frozen(kw_only=True)
class Dump:
    """Everything in a database at one moment.

    Args:
      revision: of the tables, as the migrations name it.
      last_user_id: the highest id that was ever given to somebody.
      tables: rows by table; their values are texts, numbers, booleans and None.
      left_out: how many entries of logs are not in it, the oldest ones, because all of
        them were too much.
    """

    revision: str
    last_user_id: int
    tables: Mapping[str, Sequence[Row]] = field(repr=False)
    left_out: int = 0


def dump(database: Database, *, max_log_bytes: int = MAX_LOG_BYTES) -> Dump:
    """Returns what is in a database, which may be in use; raises StoreBroken.

    Args:
      database: what to save.
      max_log_bytes: how much of the logs of conversations, the newest of each, as JSON.
    """
    with database.reading() as connection:
        return _dumped(connection, highest_id(connection, USERS), max_log_bytes)


def load(database: Database, dumped: Dump, *, replace: bool = False) -> int:
    """Puts a dump into a database, all or nothing, and returns how many accounts that are.

    Servers that run with this database bring open conversations up to date; where several
    share it, none of them has any, and what they have not written yet is lost. What is
    said later gets numbers that were not used since the backup was made.

    Args:
      database: may be in use.
      dumped: of this version or an older one.
      replace: whether what is there goes; otherwise nothing may be there.

    Raises:
      BadBackup: when the dump is newer than this code, or makes no sense.
      NotEmpty: when there is something, and `replace` does not say that it goes.
      StoreBroken: when the database fails.
    """
    present = _brought_up(dumped)
    rows = {table.name: _checked(table, present.tables) for table in _TABLES}
    _check_conversations(rows)
    if not 0 <= present.last_user_id <= _LAST_USER_ID:
        raise BadBackup("The backup names an impossible number of accounts: use another one.")
    with database.writing() as connection:
        before = _what_servers_use(connection)
        if not replace:
            _refuse_to_replace(connection, database.place)
        epochs = end_all_leases(connection)
        _number_anew(connection, rows)
        _fill(connection, rows)
        begin_leases_anew(connection, epochs)
        # Tokens of those who had an id once may still be about.
        keep_ids_above(connection, USERS, present.last_user_id)
        _note_all(connection, before, _what_servers_use(connection))
    return len(rows[USERS.name])


def as_lines(rows: Iterable[Row]) -> bytes:
    """Returns rows as JSON, one a line."""
    return b"".join(json.dumps(dict(row)).encode("ascii") + b"\n" for row in rows)


def from_lines(lines: bytes) -> list[Row]:
    """Returns the rows of `as_lines`; raises BadBackup when these are none."""
    try:
        rows = [json.loads(line) for line in lines.splitlines()]
    except (ValueError, RecursionError) as error:
        raise BadBackup("The backup is damaged: a table in it is not JSON.") from error
    if not all(isinstance(row, dict) for row in rows):
        raise BadBackup("The backup is damaged: a table in it holds something else than rows.")
    return rows


# Reading


def _dumped(connection: Connection, last_user_id: int, max_log_bytes: int = MAX_LOG_BYTES) -> Dump:
    queries: dict[Table, Select[Any]] = {table: select(table) for table in _TABLES}
    entries, size = connection.execute(select(func.count(), func.sum(_LINE_BYTES))).one()
    if (size or 0) > max_log_bytes:
        queries[ENTRIES] = _newest(max_log_bytes)
    tables = {
        table.name: [
            dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
            for row in connection.execute(query.order_by(*table.primary_key))
        ]
        for table, query in queries.items()
    }
    return Dump(
        revision=_revision(connection),
        last_user_id=last_user_id,
        tables=tables,
        left_out=entries - len(tables[ENTRIES.name]),
    )


def _newest(max_bytes: int) -> Select[Any]:
    """The newest entries of each conversation, as many of one as of another."""
    age = func.row_number().over(partition_by=ENTRIES.c.user_id, order_by=ENTRIES.c.seq.desc())
    sizes = select(ENTRIES.c.user_id, ENTRIES.c.seq, _LINE_BYTES.label("size"), age.label("age"))
    each = sizes.subquery()
    total = func.sum(each.c.size).over(order_by=(each.c.age, each.c.user_id))
    sums = select(each.c.user_id, each.c.seq, total.label("total")).subquery()
    same = (sums.c.user_id == ENTRIES.c.user_id) & (sums.c.seq == ENTRIES.c.seq)
    return select(ENTRIES).join(sums, same).where(sums.c.total <= max_bytes)


def _most_bytes() -> ColumnElement[int]:
    """How many bytes the JSON of an entry has at the most."""
    ids = (ENTRIES.c.re, ENTRIES.c.message_id, ENTRIES.c.digest)
    lengths = [func.coalesce(func.length(column), 0) for column in ids]
    # Bodies are ASCII, in which JSON doubles a character at the most; of another one it
    # may make twelve.
    return 250 + 2 * func.length(ENTRIES.c.body) + 12 * (lengths[0] + lengths[1] + lengths[2])


_LINE_BYTES: Final = _most_bytes()


def _revision(connection: Connection) -> str:
    options = {"version_table": migrations.REVISION_TABLE}
    context = MigrationContext.configure(connection, opts=options)
    return str(context.get_current_revision())


# Bringing an older one up


def _brought_up(dumped: Dump) -> Dump:
    """The same in today's tables: an older one goes through a database of its own."""
    config = Config()
    # A percent sign in the path would be read as an interpolation.
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    script = ScriptDirectory.from_config(config)
    if dumped.revision == script.get_current_head():
        return dumped
    if dumped.revision not in {known.revision for known in script.walk_revisions()}:
        raise BadBackup(
            f"The backup was made by a newer version of pytlas-wamp (revision {dumped.revision}): "
            "install that version."
        )
    engine = create_engine("sqlite://")
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, dumped.revision)
            _fill_as_it_was(connection, dumped)
            command.upgrade(config, "head")
            return _dumped(connection, dumped.last_user_id)
    except SQLAlchemyError as error:
        raise _contradictory() from error
    finally:
        engine.dispose()


def _fill_as_it_was(connection: Connection, dumped: Dump) -> None:
    tables = MetaData()
    tables.reflect(connection)
    left_out = {migrations.REVISION_TABLE, *(table.name for table in _LEFT_OUT)}
    for table in tables.sorted_tables:
        if table.name not in left_out:
            rows = _checked(table, dumped.tables)
            if rows:
                connection.execute(insert(table), rows)


# Checking: a backup may have gone through many hands


def _checked(table: Table, tables: Mapping[str, Sequence[Row]]) -> list[dict[str, Any]]:
    if table.name not in tables:
        raise BadBackup(f"The backup is not complete: it lacks the table {table.name}.")
    names = set(table.c.keys())
    for row in tables[table.name]:
        if set(row) != names:
            odd = min(set(row) ^ names)
            raise BadBackup(
                f"The backup is damaged: the column {odd!r} of {table.name} is missing or one "
                "too many."
            )
        for column in table.c:
            if not _fits(column, row[column.name]):
                raise BadBackup(
                    f"The backup is damaged: a value of {table.name}.{column.name} is impossible."
                )
    return [dict(row) for row in tables[table.name]]


def _fits(column: Column[Any], value: object) -> bool:
    kind = column.type
    if value is None:
        return bool(column.nullable)
    if isinstance(kind, Boolean):
        return isinstance(value, bool)
    if isinstance(kind, Integer):
        if isinstance(value, bool) or not isinstance(value, int):
            return False
        return _is_in_range(column.name, value)
    if isinstance(kind, Float):
        return isinstance(value, float) and math.isfinite(value)
    return isinstance(kind, String) and isinstance(value, str) and _is_text(value, kind.length)


def _is_in_range(column: str, value: int) -> bool:
    if column in {"id", "user_id"}:
        return 0 < value <= _LAST_USER_ID
    return abs(value) <= _LARGEST_INTEGER


def _is_text(value: str, length: int | None) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in value and (length is None or len(value) <= length)


def _check_conversations(tables: Mapping[str, list[dict[str, Any]]]) -> None:
    """Refuses what could not be read later, when nobody would expect it."""
    for table, read in ((CONVERSATIONS, record_of), (ENTRIES, entry_of)):
        try:
            for row in tables[table.name]:
                read(row)
        except ValueError as error:
            raise BadBackup(
                f"The backup is damaged: a row of {table.name} makes no sense ({error})."
            ) from error


# Writing


def _number_anew(connection: Connection, rows: Mapping[str, list[dict[str, Any]]]) -> None:
    """Lets conversations go on with numbers that nobody has seen, as after a crash."""
    query = select(CONVERSATIONS.c.user_id, CONVERSATIONS.c.reserved)
    used = {row.user_id: row.reserved for row in connection.execute(query)}
    saved = {row["user_id"]: row for row in rows[CONVERSATIONS.name]}
    for user_id in used.keys() & {row["id"] for row in rows[USERS.name]} - saved.keys():
        unsaid = {"seq": 0, "reserved": 0, "snapshot": "", "open_turns": "[]"}
        saved[user_id] = {"user_id": user_id, **unsaid}
        rows[CONVERSATIONS.name].append(saved[user_id])
    for user_id, row in saved.items():
        sent = max(row["reserved"], used.get(user_id, 0))
        row["reserved"] = min(sent + UNUSED_NUMBERS, MAX_SEQ)


def _refuse_to_replace(connection: Connection, place: str) -> None:
    for table in _TABLES:
        if connection.execute(select(table).limit(1)).first() is not None:
            raise NotEmpty(
                f"The database {place} is not empty: what is in it has to be "
                "replaced, or another one named."
            )


def _fill(connection: Connection, rows: Mapping[str, list[dict[str, Any]]]) -> None:
    for table in reversed(_TABLES):
        connection.execute(delete(table))
    try:
        for table in _TABLES:
            if rows[table.name]:
                connection.execute(insert(table), rows[table.name])
    except IntegrityError as error:
        raise _contradictory() from error


def _contradictory() -> BadBackup:
    return BadBackup(
        "The backup contradicts itself (two have the same name or id, or something belongs to "
        "nobody): use another one."
    )


@frozen(kw_only=True)
class _InUse:
    """What a running server may hold open connections for."""

    users: dict[int, tuple[str, bool]]
    logins: dict[str, int]
    revoked: dict[str, int]


def _what_servers_use(connection: Connection) -> _InUse:
    users = select(USERS.c.id, USERS.c.name_key, USERS.c.plain_tokens)
    logins = select(LOGINS.c.id, LOGINS.c.user_id)
    revoked = select(REVOKED_TOKENS.c.token_id, REVOKED_TOKENS.c.user_id)
    return _InUse(
        users={row.id: (row.name_key, row.plain_tokens) for row in connection.execute(users)},
        logins={row.id: row.user_id for row in connection.execute(logins)},
        revoked={row.token_id: row.user_id for row in connection.execute(revoked)},
    )


def _note_all(connection: Connection, before: _InUse, after: _InUse) -> None:
    """Tells running servers: they end what is no longer allowed, and look at everybody anew."""
    revoked = after.revoked.keys() - before.revoked
    ended = before.logins.keys() - after.logins
    notes: list[tuple[int, ChangeKind, str | None]] = [
        *((after.revoked[token], "token", token) for token in revoked),
        *((before.logins[login], "login", login) for login in ended),
    ]
    for user_id in sorted({*before.users, *after.users}):
        was, now = before.users.get(user_id), after.users.get(user_id)
        # Somebody else may have the id now, and tokens without a login name nothing but it.
        if was and now and (was[0] != now[0] or not now[1]):
            notes.append((user_id, "login", None))
        notes.append((user_id, "account", None))
    for user_id, kind, token_id in [*notes, (NOBODY, "keys", None), (NOBODY, "skills", None)]:
        note(connection, user_id, kind, token_id)
