"""Migrations: from every revision to the newest tables, all or nothing, ours only."""

from __future__ import annotations

import logging
import subprocess
import sys
from contextlib import closing

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.command import downgrade, upgrade
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from attrs import evolve
from sqlalchemy import create_engine, event, inspect, text

from postgres import shared_server
from pytlas_wamp.accounts import migrations
from pytlas_wamp.accounts.database import Database
from pytlas_wamp.accounts.lookalikes import name_skeleton
from pytlas_wamp.accounts.migrations import REVISION_TABLE, migrate
from pytlas_wamp.accounts.model import Account, Change, NameTaken, StoreBroken
from pytlas_wamp.accounts.sql import SqlAccountStore
from pytlas_wamp.accounts.tables import METADATA

REVISIONS = [
    revision.revision
    for revision in ScriptDirectory.from_config(migrations._config()).walk_revisions()
]

# Each kind of database, empty, by its URL.
DATABASES = {
    "sqlite": lambda folder: f"sqlite:///{folder / 'accounts.db'}",
    "postgresql": lambda folder: shared_server().create(),
}


@pytest.fixture(params=DATABASES)
def url(request, tmp_path):
    return DATABASES[request.param](tmp_path)


@pytest.fixture
def database(url):
    made = Database(url)
    yield made
    made.close()


def statements(url, *texts):
    """Runs them in one transaction, with foreign keys kept; returns the rows of the last one."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(
            engine, "connect", lambda driver, _: driver.execute("PRAGMA foreign_keys = ON")
        )
    with engine.begin() as connection:
        for statement in texts:
            result = connection.execute(text(statement))
        rows = [tuple(row) for row in result] if result.returns_rows else None
    engine.dispose()
    return rows


def tables(url):
    engine = create_engine(url)
    with engine.connect() as connection:
        found = inspect(connection).get_table_names()
    engine.dispose()
    return sorted(found)


def move(database, step, revision):
    with database._writers.begin() as connection:
        config = migrations._config()
        config.attributes["connection"] = connection
        step(config, revision)


def differences(database):
    with database.reading() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "version_table": REVISION_TABLE,
                "compare_type": True,
                "compare_server_default": True,
            },
        )
        return compare_metadata(context, METADATA)


class TestMigrate:
    def test_builds_the_tables_that_the_queries_use(self, database):
        assert differences(database) == []

    def test_names_every_constraint(self, database):
        with database.reading() as connection:
            found = inspect(connection)
            names = {
                table: sorted(
                    [
                        found.get_pk_constraint(table)["name"] or "nameless",
                        *(item["name"] for item in found.get_foreign_keys(table)),
                        *(item["name"] for item in found.get_unique_constraints(table)),
                        *(item["name"] for item in found.get_indexes(table)),
                    ]
                )
                for table in METADATA.tables
            }

        # SQLite cannot name the keys that it counts up by itself; PostgreSQL makes an
        # index of a constraint's name for it.
        users, changes, unique = (
            ("nameless", "nameless", [])
            if database.kind == "sqlite"
            else ("pk_users", "pk_changes", ["uq_users_name_key"])
        )
        assert names == {
            "users": sorted(
                [
                    *(users, "uq_users_name_key", *unique),
                    *("ix_users_skeleton", "ix_users_original_id"),
                ]
            ),
            "settings": ["fk_settings_user_id_users", "pk_settings"],
            "revoked_tokens": [
                "fk_revoked_tokens_user_id_users",
                "ix_revoked_tokens_expires_at",
                "ix_revoked_tokens_user_id",
                "pk_revoked_tokens",
            ],
            "logins": [
                "fk_logins_user_id_users",
                "ix_logins_expires_at",
                "ix_logins_user_id",
                "pk_logins",
            ],
            "signing_keys": ["pk_signing_keys"],
            "changes": [changes],
            "nodes": ["pk_nodes"],
            "leases": ["fk_leases_user_id_users", "ix_leases_node_id", "pk_leases"],
            "conversations": ["fk_conversations_user_id_users", "pk_conversations"],
            "entries": [
                "fk_entries_user_id_conversations",
                "ix_entries_user_id_seq",
                "pk_entries",
            ],
        }

    def test_says_which_revision_it_came_to(self, database, url):
        assert statements(url, "SELECT version_num FROM pytlas_wamp_revision") == [(REVISIONS[0],)]

    def test_again_has_nothing_left_to_do(self, database, monkeypatch):
        monkeypatch.delattr(command, "upgrade")

        assert migrate(database._writers) is None

    def test_goes_down_and_up_again(self, database, url):
        move(database, downgrade, "base")
        assert tables(url) == [REVISION_TABLE]
        statements(url, f"DROP TABLE {REVISION_TABLE}")

        migrate(database._writers)

        assert differences(database) == []

    def test_leaves_nothing_behind_when_it_fails(self, url, monkeypatch):
        def upgrade_half(config, revision):
            config.attributes["connection"].exec_driver_sql("CREATE TABLE half (a int)")
            raise ZeroDivisionError

        monkeypatch.setattr(command, "upgrade", upgrade_half)
        with pytest.raises(ZeroDivisionError):
            Database(url)

        assert tables(url) == []

    def test_leaves_logging_alone(self, url):
        root = logging.getLogger()
        before = (root.level, list(root.handlers), logging.getLogger("alembic").handlers[:])
        mine = logging.getLogger("somebody.else")

        Database(url).close()

        after = (root.level, list(root.handlers), logging.getLogger("alembic").handlers[:])
        assert after == before
        assert not mine.disabled

    def test_refuses_a_newer_database(self, database, url):
        statements(url, "UPDATE pytlas_wamp_revision SET version_num = '9999'")

        with pytest.raises(StoreBroken) as caught:
            Database(url)

        assert str(caught.value) == (
            f"The database {database.place} was written by a newer version of pytlas-wamp "
            "(revision 9999): install that version, or restore a backup made with this one."
        )

    def test_refuses_a_database_of_another_program(self, url):
        statements(url, "CREATE TABLE auth_user (id INTEGER)")

        with pytest.raises(StoreBroken, match="belongs to another program: name one of its own"):
            Database(url)
        assert tables(url) == ["auth_user"]


# What stands in the tables of a revision, by the revision in which each row came.
ROWS = {
    "0001": [
        """INSERT INTO users (id, name, name_key, password_hash, language, active, admin)
        VALUES (3, 'Ana', 'ana', 'hash-1', 'fr-FR', true, true),
               (7, 'Bob', 'bob', 'hash-2', 'en', false, false),
               (9, 'gone', 'gone', 'hash-3', 'en', true, false)""",
        "DELETE FROM users WHERE id = 9",
        "INSERT INTO settings VALUES (3, 'A', '1'), (3, 'B', '2'), (7, 'A', '3')",
        "INSERT INTO revoked_tokens VALUES ('token', 3, 100)",
        "INSERT INTO changes (id, user_id, kind, token_id) VALUES (41, 3, 'token', 'token')",
    ],
    "0002": [
        "UPDATE users SET skeleton = 'ana', revision = 5 WHERE id = 3",
        "INSERT INTO logins VALUES ('phone', 3, 'password', 'x', 1, 2, NULL, 'r', 200)",
        "INSERT INTO signing_keys VALUES ('k', 's', 'own', 1, NULL)",
    ],
    "0003": [
        "INSERT INTO conversations VALUES (3, 1, 9, '{}', '[[1, null]]')",
        "INSERT INTO entries VALUES (3, 1, 1.5, 'said', '{}', NULL, 'm', 'd')",
    ],
    "0004": ["UPDATE entries SET re = 'm' WHERE user_id = 3"],
    "0005": [
        """INSERT INTO nodes VALUES
        ('a-1', 'a', 'worker', 'h', '', 1, '2.0', 'en', 1, '{}', 'active', 1.5, 2.5, 3.5)""",
        "INSERT INTO leases VALUES (3, 'a-1', 4), (7, NULL, 2)",
    ],
}

# What PostgreSQL counts by itself only when it gives the ids.
COUNTED = [
    "SELECT setval('users_id_seq', 9)",
    "SELECT setval('changes_id_seq', 41)",
]


class TestData:
    @pytest.fixture(params=DATABASES)
    def at(self, request, tmp_path):
        """Makes a database at a revision, with rows in it, and returns its URL."""

        def make(revision):
            url = DATABASES[request.param](tmp_path)
            database = Database(url)
            move(database, downgrade, "base")
            for step in [one for one in reversed(REVISIONS) if one <= revision]:
                move(database, upgrade, step)
                statements(url, *ROWS[step])
            database.close()
            if request.param == "postgresql":
                statements(url, *COUNTED)
            return url

        return make

    @pytest.mark.parametrize("revision", REVISIONS)
    def test_of_every_revision_stays(self, at, revision):
        store = SqlAccountStore(at(revision))

        ana = Account(id=3, name="Ana", language="fr-FR", active=True, admin=True)
        bob = Account(id=7, name="Bob", language="en", active=False, admin=False)
        assert store.all() == [ana if revision == "0001" else evolve(ana, revision=5), bob]
        assert [store.password_hash(3), store.password_hash(7)] == ["hash-1", "hash-2"]
        assert [store.settings(3), store.settings(7)] == [{"A": "1", "B": "2"}, {"A": "3"}]
        assert store.is_revoked("token")
        assert store.changes(0) == [Change(id=41, user_id=3, kind="token", token_id="token")]
        assert differences(store.database) == []
        store.close()

    @pytest.mark.parametrize("revision", REVISIONS)
    def test_keeps_ids_from_being_given_twice(self, at, revision):
        store = SqlAccountStore(at(revision))

        assert store.add("Eva", "hash", language="en", admin=False).id == 10
        assert store.last_change() == 42
        store.close()

    @pytest.mark.parametrize("revision", REVISIONS)
    def test_still_goes_with_its_account(self, at, revision):
        store = SqlAccountStore(at(revision))

        store.delete(3)

        assert [store.settings(3), store.settings(7)] == [{}, {"A": "3"}]
        assert not store.is_revoked("token")
        store.close()

    def test_gets_the_skeletons_of_names_that_were_there(self, at):
        url = at("0001")
        store = SqlAccountStore(url)

        assert statements(url, "SELECT id, skeleton FROM users ORDER BY id") == [
            (3, name_skeleton("Ana")),
            (7, name_skeleton("Bob")),
        ]
        with pytest.raises(NameTaken, match="mistaken for 'Ana'"):
            store.add("\u0410na", "hash", language="en", admin=False)
        store.close()

    def test_goes_down_to_every_revision_with_what_fits_there(self, at):
        url = at(REVISIONS[0])
        database = Database(url)

        for revision in REVISIONS[1:]:
            move(database, downgrade, revision)
            assert statements(url, "SELECT id, name FROM users ORDER BY id") == [
                (3, "Ana"),
                (7, "Bob"),
            ]
            assert statements(url, "SELECT count(*) FROM settings") == [(3,)]
        with closing(database):
            migrate(database._writers)
            assert differences(database) == []


class TestRevisions:
    def test_stand_in_one_line(self):
        script = ScriptDirectory.from_config(migrations._config())

        assert len(script.get_heads()) == 1
        assert len(script.get_bases()) == 1
        assert script.get_current_head() == migrations.HEAD

    def test_are_read_only_where_one_is_missing(self, tmp_path):
        code = (
            "import sys\n"
            "from pytlas_wamp.accounts.database import Database\n"
            "Database(sys.argv[1]).close()\n"
            "print('alembic' in sys.modules)\n"
        )
        url = f"sqlite:///{tmp_path / 'accounts.db'}"
        told = [
            subprocess.run(  # noqa: S603 - our own code
                [sys.executable, "-c", code, url], capture_output=True, text=True, check=True
            ).stdout
            for _ in range(2)
        ]

        assert told == ["True\n", "False\n"]

    def test_say_why(self):
        script = ScriptDirectory.from_config(migrations._config())

        assert [r.revision for r in script.walk_revisions() if "Why:" not in r.longdoc] == []

    def test_have_rows_to_be_tried_with(self):
        assert sorted(ROWS) == sorted(REVISIONS)
