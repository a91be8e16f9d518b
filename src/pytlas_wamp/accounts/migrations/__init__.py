"""Brings a database to the tables that this version of the code knows.

Alembic is driven from here, with this folder as its scripts, so that an installed
wheel needs neither an `alembic.ini` nor a checkout.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from pytlas_wamp.accounts.database_urls import place
from pytlas_wamp.accounts.model import StoreBroken

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

# A name of our own: a database with Alembic's usual one belongs to another program.
REVISION_TABLE = "pytlas_wamp_revision"


def migrate(engine: Engine) -> None:
    """Runs the missing migrations, all or none of them.

    The transaction that `engine` begins has to keep other writers out from its first
    statement on: a daemon and a command line that start together then take turns, and
    the second finds nothing left to do.

    Raises:
      StoreBroken: when the database is newer than this code, or another program's.
    """
    with engine.begin() as connection:
        config = _config()
        script = ScriptDirectory.from_config(config)
        present = _revision(connection)
        if present == script.get_current_head():
            return
        _refuse_what_is_not_ours(connection, script, present)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    # A percent sign in the path would be read as an interpolation.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _revision(connection: Connection) -> str | None:
    context = MigrationContext.configure(connection, opts={"version_table": REVISION_TABLE})
    return context.get_current_revision()


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
