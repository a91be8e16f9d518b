"""New SQLite databases get their tables from a list of statements, not from Alembic.

The list is what the migrations make, read back from a database that they made in this
process. To run them takes twenty milliseconds, and nearly every test of accounts, the
command line and the HTTP interface opens a database of its own. Where migrations or the
opening of databases are the subject they run as ever, and so they do in other processes,
on PostgreSQL, and on whatever is not new.
"""

from __future__ import annotations

from functools import cache

import pytest
from sqlalchemy import text

from pytlas_wamp.accounts import database
from pytlas_wamp.accounts.migrations import REVISION_TABLE, migrate

# By the beginnings of their names: the tests for which it has to be the real way.
ABOUT_MIGRATING = (
    "test_accounts_database",
    "test_accounts_migrations",
    "test_accounts_sql_journal_model",
    "test_accounts_store_model",
)


@cache
def statements():
    """Returns what makes all tables, their indexes, and the row that tells the revision."""
    made = database.Database("sqlite://")
    with made.reading() as connection:
        tables = connection.execute(
            text(
                "SELECT sql FROM sqlite_master"
                " WHERE sql IS NOT NULL AND name NOT GLOB 'sqlite_*' ORDER BY rowid"
            )
        )
        revision = connection.execute(text(f'SELECT version_num FROM "{REVISION_TABLE}"'))  # noqa: S608
        rows = f"INSERT INTO \"{REVISION_TABLE}\" VALUES ('{revision.scalar_one()}')"  # noqa: S608
        found = [*tables.scalars(), rows]
    made.close()
    return found


def migrate_quickly(engine):
    """Does to an SQLite database without tables what migrating does, and migrates others."""
    if engine.dialect.name == "sqlite":
        with engine.begin() as connection:
            is_new = not connection.execute(text("SELECT 1 FROM sqlite_master")).first()
            if is_new:
                for statement in statements():
                    connection.exec_driver_sql(statement)
        if is_new:
            return
    migrate(engine)


@pytest.fixture(autouse=True, scope="module")
def _migrated_once(request):
    """A module of tests opens new databases quickly, unless that is what it is about."""
    if request.path.name.startswith(ABOUT_MIGRATING):
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        statements()
        patch.setattr(database, "migrate", migrate_quickly)
        yield
