"""Brings a database to the tables that this version of the code knows.

Alembic is driven from here, with this folder as its scripts, so that an installed
wheel needs neither an `alembic.ini` nor a checkout. It is imported only where there is
something to do: that takes longer than opening a database that is as it should be.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import String, column, inspect, select, table

from pytlas_wamp.accounts.database_urls import place
from pytlas_wamp.accounts.model import StoreBroken

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from sqlalchemy import Connection, Engine

# A name of our own: a database with Alembic's usual one belongs to another program.
REVISION_TABLE = "pytlas_wamp_revision"

# The last of the scripts, which Alembic would have to read all of them to find out.
HEAD = "0005"


def migrate(engine: Engine) -> None:
    """Runs the missing migrations, all or none of them.

    The transaction that `engine` begins has to keep other writers out from its first
    statement on: a daemon and a command line that start together then take turns, and
    the second finds nothing left to do.

    Raises:
      StoreBroken: when the database is newer than this code, or another program's.
    """
    with engine.begin() as connection:
        present = _revision(connection)
        if present != HEAD:
            _bring_up(connection, present)


def _bring_up(connection: Connection, present: str | None) -> None:
    from alembic import command  # noqa: PLC0415 - takes longer than all the rest, and is rarely used
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - the same

    config = _config()
    _refuse_what_is_not_ours(connection, ScriptDirectory.from_config(config), present)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> Config:
    from alembic.config import Config  # noqa: PLC0415 - takes longer than all the rest

    config = Config()
    # A percent sign in the path would be read as an interpolation.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(REVISION_TABLE):
        return None
    found = select(column("version_num", String)).select_from(table(REVISION_TABLE))
    return connection.execute(found).scalar()


def _refuse_what_is_not_ours(
    connection: Connection, script: ScriptDirectory, present: str | None
) -> None:
    named = place(connection.engine.url)
    known = {revision.revision for revision in script.walk_revisions()}
    if present is not None and present not in known:
        raise StoreBroken(
            f"The database {named} was written by a newer version of pytlas-wamp (revision "
            f"{present}): install that version, or restore a backup made with this one."
        )
    if present is None and inspect(connection).get_table_names():
        raise StoreBroken(f"The database {named} belongs to another program: name one of its own.")
