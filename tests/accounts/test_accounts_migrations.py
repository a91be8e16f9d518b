"""Migrations: from nothing to the newest tables, all or nothing, ours only."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.command import downgrade
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from pytlas_wamp.accounts import migrations
from pytlas_wamp.accounts.database import Database
from pytlas_wamp.accounts.migrations import REVISION_TABLE, migrate
from pytlas_wamp.accounts.model import StoreBroken
from pytlas_wamp.accounts.tables import METADATA


@pytest.fixture
def path(tmp_path):
    return tmp_path / "accounts.db"


@pytest.fixture
def database(path):
    made = Database(path)
    yield made
    made.close()


def statement(path, text):
    with closing(sqlite3.connect(path)) as connection, connection:
        return connection.execute(text).fetchall()


class TestMigrate:
    def test_builds_the_tables_that_the_queries_use(self, database):
        with database.reading() as connection:
            context = MigrationContext.configure(
                connection, opts={"version_table": REVISION_TABLE, "compare_type": True}
            )

            assert compare_metadata(context, METADATA) == []

    def test_names_every_constraint(self, database):
        """But the keys that SQLite counts up by itself, which it cannot name."""
        with database.reading() as connection:
            found = inspect(connection)
            names = {
                table: [
                    found.get_pk_constraint(table)["name"],
                    *(item["name"] for item in found.get_foreign_keys(table)),
                    *(item["name"] for item in found.get_unique_constraints(table)),
                    *(item["name"] for item in found.get_indexes(table)),
                ]
                for table in METADATA.tables
            }

        assert names == {
            "users": [None, "uq_users_name_key"],
            "settings": ["pk_settings", "fk_settings_user_id_users"],
            "revoked_tokens": [
                "pk_revoked_tokens",
                "fk_revoked_tokens_user_id_users",
                "ix_revoked_tokens_expires_at",
                "ix_revoked_tokens_user_id",
            ],
            "changes": [None],
        }

    def test_says_which_revision_it_came_to(self, database, path):
        script = ScriptDirectory.from_config(migrations._config())

        assert statement(path, "SELECT version_num FROM pytlas_wamp_revision") == [
            (script.get_current_head(),)
        ]

    def test_again_has_nothing_left_to_do(self, database, monkeypatch):
        monkeypatch.delattr(migrations.command, "upgrade")

        assert migrate(database._writers) is None

    def test_goes_down_and_up_again(self, database, path):
        with database._writers.begin() as connection:
            config = migrations._config()
            config.attributes["connection"] = connection
            downgrade(config, "base")
        assert statement(path, "SELECT name FROM sqlite_master WHERE name = 'users'") == []
        statement(path, "DROP TABLE pytlas_wamp_revision")

        migrate(database._writers)

        assert statement(path, "SELECT count(*) FROM users") == [(0,)]

    def test_leaves_nothing_behind_when_it_fails(self, path, monkeypatch):
        def upgrade(config, revision):
            config.attributes["connection"].exec_driver_sql("CREATE TABLE half (a)")
            raise ZeroDivisionError

        monkeypatch.setattr(migrations.command, "upgrade", upgrade)
        with pytest.raises(ZeroDivisionError):
            Database(path)

        assert statement(path, "SELECT name FROM sqlite_master") == []

    def test_leaves_logging_alone(self, path):
        root = logging.getLogger()
        before = (root.level, list(root.handlers), logging.getLogger("alembic").handlers[:])
        mine = logging.getLogger("somebody.else")

        Database(path).close()

        after = (root.level, list(root.handlers), logging.getLogger("alembic").handlers[:])
        assert after == before
        assert not mine.disabled

    def test_refuses_a_newer_database(self, database, path):
        statement(path, "UPDATE pytlas_wamp_revision SET version_num = '9999'")

        with pytest.raises(StoreBroken) as caught:
            Database(path)

        assert str(caught.value) == (
            f"The database {path} was written by a newer version of pytlas-wamp (revision 9999): "
            "install that version, or restore a backup made with this one."
        )

    def test_refuses_a_database_of_another_program(self, path):
        statement(path, "CREATE TABLE auth_user (id INTEGER)")

        with pytest.raises(StoreBroken, match="belongs to another program"):
            Database(path)
        assert statement(path, "SELECT name FROM sqlite_master") == [("auth_user",)]


class TestRevisions:
    def test_stand_in_one_line(self):
        script = ScriptDirectory.from_config(migrations._config())

        assert len(script.get_heads()) == 1
        assert len(script.get_bases()) == 1

    def test_say_why(self):
        script = ScriptDirectory.from_config(migrations._config())

        assert [r.revision for r in script.walk_revisions() if "Why:" not in r.longdoc] == []
