"""Dumps of a database: complete, loaded as a whole, from any kind into any other."""

from __future__ import annotations

import math
import sqlite3
from contextlib import closing

import pytest
from account_stores import NOON, STORES
from alembic.command import upgrade
from alembic.config import Config
from attrs import evolve
from sqlalchemy import create_engine

from pytlas_wamp.accounts import backup
from pytlas_wamp.accounts.backup import BadBackup, Dump, NotEmpty, as_lines, dump, from_lines, load
from pytlas_wamp.accounts.model import Login, SigningKey, StoreBroken
from pytlas_wamp.accounts.sql import SqlAccountStore
from pytlas_wamp.accounts.sql_journal import SqlJournalStore
from pytlas_wamp.accounts.sql_leases import SqlLeaseStore
from pytlas_wamp.journal.leases import Lease, Node
from pytlas_wamp.journal.model import Batch, Entry, OpenTurn, Record

LOGIN = Login(
    id="phone",
    user_id=1,
    kind="password",
    client="a phone",
    created_at=NOON,
    seen_at=NOON,
    address="192.0.2.1",
    refresh_id="r1",
    expires_at=NOON + 60,
)
KEY = SigningKey(kid="k", secret="s" * 32, purpose="own", created_at=NOON, expires_at=None)


def filled(store):
    """Everything that a store can hold, and an id that is gone."""
    store.add("Ann é", "hash", language="fr-FR", admin=True, display_name="Ann", original_id=9)
    store.add("bob", "hash", language="en", admin=False, active=False, created_at=NOON)
    store.delete(store.add("gone", "hash", language="en", admin=False).id)
    store.change_settings(1, {"CITY": "Rouen\n😀", "EMPTY": ""})
    store.add_login(LOGIN)
    store.revoke_token("t1", 2, NOON + 60)
    store.rotate_key(KEY, old_expires_at=NOON + 60)
    return store


def contents(store):
    return dump(store.database).tables


@pytest.fixture(params=STORES)
def other(request, tmp_path):
    """A second store, of each kind in turn."""
    folder = tmp_path / "other"
    folder.mkdir()
    made = STORES[request.param](folder)
    yield made
    made.close()


class TestDump:
    def test_holds_everything_but_the_changes(self, store):
        found = dump(filled(store).database)

        assert sorted(found.tables) == [
            "conversations",
            "entries",
            "logins",
            "revoked_tokens",
            "settings",
            "signing_keys",
            "users",
        ]
        assert [row["name"] for row in found.tables["users"]] == ["Ann é", "bob"]
        assert [len(found.tables[name]) for name in sorted(found.tables)] == [0, 0, 1, 1, 2, 2, 2]
        assert found.last_user_id == 3

    def test_of_nothing_is_empty(self, store):
        found = dump(store.database)

        assert (found.last_user_id, set(map(len, found.tables.values()))) == (0, {0})

    def test_does_not_show_secrets_in_a_repr(self, store):
        assert "hash" not in repr(dump(filled(store).database))


class TestLoad:
    def test_makes_the_other_one_the_same(self, store, other):
        assert load(other.database, dump(filled(store).database)) == 2

        assert contents(other) == contents(store)
        assert other.find("Ann é") == store.find("Ann é")

    def test_never_gives_an_id_again(self, store, other):
        load(other.database, dump(filled(store).database))

        assert other.add("new", "hash", language="en", admin=False).id == 4

    def test_knows_that_there_was_an_account_also_when_nobody_is_left(self, store, other):
        store.delete(store.add("gone", "hash", language="en", admin=True).id)

        load(other.database, dump(store.database))

        assert (other.count(), other.ever_had_accounts()) == (0, True)

    def test_into_a_used_one_is_refused(self, store, other):
        other.add("eve", "hash", language="en", admin=False)

        with pytest.raises(NotEmpty, match="is not empty"):
            load(other.database, dump(filled(store).database))
        assert [account.name for account in other.all()] == ["eve"]

    def test_keys_alone_count_as_used(self, store, other):
        other.rotate_key(KEY, old_expires_at=NOON)

        with pytest.raises(NotEmpty):
            load(other.database, dump(store.database))

    def test_replaces_when_it_is_told_to(self, store, other):
        for name in ("eve", "joe", "kim", "lea"):
            other.add(name, "hash", language="en", admin=False)
        other.set_setting(1, "CITY", "Paris")

        load(other.database, dump(filled(store).database), replace=True)

        assert contents(other) == contents(store)
        assert other.add("new", "hash", language="en", admin=False).id == 5

    def test_of_nothing_into_nothing(self, store, other):
        assert load(other.database, dump(store.database)) == 0
        assert other.add("first", "hash", language="en", admin=False).id == 1

    def test_into_itself_changes_nothing(self, store):
        before = dump(filled(store).database)

        load(store.database, before, replace=True)

        assert dump(store.database) == before


class TestNews:
    """What a running server learns."""

    def news(self, store, before):
        return {(one.user_id, one.kind, one.token_id) for one in store.changes(before)}

    def test_is_about_everybody_and_the_keys_and_the_skills(self, store, other):
        other.add("eve", "hash", language="en", admin=False)
        other.delete(other.add("joe", "hash", language="en", admin=False).id)
        other.add("kim", "hash", language="en", admin=False)
        before = other.last_change()

        load(other.database, dump(filled(store).database), replace=True)

        news = self.news(other, before)
        assert {(n, "account", None) for n in (1, 2, 3)} < news
        assert {(0, "keys", None), (0, "skills", None), (2, "token", "t1")} < news

    def test_ends_what_is_not_allowed_any_more(self, store):
        filled(store)
        saved = dump(store.database)
        store.add_login(evolve(LOGIN, id="tablet"))
        before = store.last_change()

        load(store.database, saved, replace=True)

        assert self.news(store, before) == {
            (1, "login", "tablet"),
            (1, "account", None),
            (2, "login", None),
            (2, "account", None),
            (0, "keys", None),
            (0, "skills", None),
        }

    def test_ends_tokens_without_a_login_of_whom_they_no_longer_name(self, store, other):
        for name in ("eve", "bob", "kim"):
            other.add(name, "hash", language="en", admin=False)
        filled(store).end_logins(2)
        before = other.last_change()

        load(other.database, dump(store.database), replace=True)

        ended = {one for one in self.news(other, before) if one[1] == "login"}
        assert ended == {(1, "login", None), (2, "login", None)}

    def test_numbers_go_on(self, store):
        before = filled(store).last_change()

        load(store.database, dump(store.database), replace=True)

        assert store.changes(before)[0].id == before + 1


def talk(store, user_id, last, **others):
    """Writes a conversation of so many frames, and returns its record."""
    nothing = {"re": "\ud800", "message_id": None, "digest": None}
    entries = [
        Entry(user_id=user_id, seq=seq, at=NOON + seq / 8, kind="answer", body='{"a":1}', **nothing)
        for seq in range(1, last + 1)
    ]
    turns = (OpenTurn(seq=last, id="\0"),)
    values = {"user_id": user_id, "seq": last, "reserved": last + 9, "snapshot": "\0"}
    record = Record(**values | {"open_turns": turns} | others)
    SqlJournalStore(store.database).write([Batch(record=record, entries=tuple(entries))])
    return record


class TestLeases:
    """Which server has a conversation is not saved: that is of the database in use."""

    def test_of_a_restored_database_are_nobody_s_and_rise(self, store):
        leases = SqlLeaseStore(filled(store).database)
        leases.claim(1, "a-1")
        saved = dump(store.database)
        eve = store.add("eve", "hash", language="en", admin=False).id
        for user_id in (1, eve):
            leases.claim(user_id, "a-1")

        load(store.database, saved, replace=True)

        assert leases.lease(1) == Lease(user_id=1, node_id=None, epoch=3)
        assert [leases.lease(user_id) for user_id in (2, eve)] == [None, None]

    def test_do_not_make_a_database_a_used_one(self, store, other):
        SqlLeaseStore(other.database).announce(
            Node(id="a-1", name="a", role="worker", host="", address="", protocol=1, version="2"),
            seconds=3,
        )

        assert load(other.database, dump(filled(store).database)) == 2
        assert [one.node.id for one in SqlLeaseStore(other.database).nodes()] == ["a-1"]


class TestConversations:
    """What was said goes along, and what will be said gets numbers of its own."""

    def test_come_back_as_they_were(self, store, other):
        record = talk(filled(store), 1, 3)

        load(other.database, dump(store.database))

        assert SqlJournalStore(other.database).load(1) == evolve(record, reserved=1_000_012)
        assert contents(other)["entries"] == contents(store)["entries"]
        assert [row["seq"] for row in contents(other)["entries"]] == [1, 2, 3]

    def test_go_on_above_what_was_sent_since(self, store):
        saved = dump(talk(filled(store), 1, 3) and store.database)
        talk(store, 1, 5, reserved=500)
        talk(store, 2, 2)

        load(store.database, saved, replace=True)

        journal = SqlJournalStore(store.database)
        assert [journal.load(user_id).reserved for user_id in (1, 2)] == [1_000_500, 1_000_011]
        assert journal.load(2) == Record(
            user_id=2, seq=0, reserved=1_000_011, snapshot="", open_turns=()
        )
        assert journal.size() == 3

    def test_of_people_who_are_gone_are_gone(self, store, other):
        other.add("eve", "hash", language="en", admin=False)
        talk(other, 1, 3)

        load(other.database, dump(store.database), replace=True)

        assert [contents(other)[name] for name in ("conversations", "entries")] == [[], []]

    def test_have_numbers_that_can_be_counted(self, store, other):
        talk(filled(store), 1, 3, reserved=2**63 - 9)

        load(other.database, dump(store.database))

        assert SqlJournalStore(other.database).load(1).reserved == 2**63 - 1

    def test_that_are_too_long_lose_the_oldest_frames(self, store, other):
        talk(filled(store), 1, 5)
        talk(store, 2, 2)
        line = 250 + 2 * 7 + 12 * 7

        found = dump(store.database, max_log_bytes=5 * line)

        assert [(row["user_id"], row["seq"]) for row in found.tables["entries"]] == [
            *((1, 3), (1, 4), (1, 5)),
            *((2, 1), (2, 2)),
        ]
        assert found.left_out == 2
        assert load(other.database, found) == 2
        assert dump(store.database, max_log_bytes=7 * line).left_out == 0

    def test_have_lines_that_are_no_longer_than_was_reckoned(self, store):
        filled(store)
        odd = "\U0001f600" * 200
        body = '{"a":"' + '\\"' * 1000 + '"}'
        entry = Entry(
            user_id=1,
            seq=2**63 - 1,
            at=-1.2345678901234567e-300,
            kind="said",
            body=body,
            re=odd,
            message_id=odd,
            digest="\0" * 200,
        )
        record = Record(user_id=1, seq=entry.seq, reserved=entry.seq, snapshot="", open_turns=())
        SqlJournalStore(store.database).write([Batch(record=record, entries=(entry,))])

        size = len(as_lines(contents(store)["entries"]))
        assert dump(store.database, max_log_bytes=size - 1).left_out == 1

    @pytest.mark.parametrize(
        ("table", "values"),
        [
            ("entries", {"seq": 0}),
            ("entries", {"body": "\u00e9"}),
            ("entries", {"re": "\\\\"}),
            ("conversations", {"reserved": 2}),
            ("conversations", {"open_turns": "[7]"}),
        ],
    )
    def test_that_make_no_sense_are_refused(self, table, values):
        store = SqlAccountStore("sqlite://")
        talk(filled(store), 1, 3)
        found = dump(store.database)
        rows = [{**found.tables[table][0], **values}]

        with pytest.raises(BadBackup, match=f"damaged: a row of {table} makes no sense"):
            load(store.database, evolve(found, tables={**found.tables, table: rows}), replace=True)

    @pytest.mark.parametrize("at", [math.nan, math.inf, "now", 1, True, None])
    def test_that_were_never_are_refused(self, at):
        store = SqlAccountStore("sqlite://")
        talk(filled(store), 1, 1)
        found = dump(store.database)
        rows = [{**found.tables["entries"][0], "at": at}]

        with pytest.raises(BadBackup, match=r"a value of entries\.at is impossible"):
            load(
                store.database,
                evolve(found, tables={**found.tables, "entries": rows}),
                replace=True,
            )


class TestOlderOnes:
    @pytest.fixture
    def old(self, tmp_path):
        """A dump of the first tables."""
        users = [
            {
                "id": 4,
                "name": "ann",
                "name_key": "ann",
                "password_hash": "hash",
                "language": "fr",
                "active": True,
                "admin": False,
            }
        ]
        settings = [{"user_id": 4, "key": "CITY", "value": "Rouen"}]
        revoked = [{"token_id": "t", "user_id": 4, "expires_at": NOON}]
        tables = {"users": users, "settings": settings, "revoked_tokens": revoked}
        return Dump(revision="0001", last_user_id=8, tables=tables)

    def test_are_brought_up(self, store, old):
        assert load(store.database, old) == 1

        account = store.find("ann")
        assert (account.id, account.language, account.plain_tokens) == (4, "fr", True)
        assert (store.settings(4), store.is_revoked("t")) == ({"CITY": "Rouen"}, True)
        assert store.add("anna", "hash", language="fr", admin=False).id == 9

    def test_may_lack_what_came_later(self, store, other):
        found = dump(filled(other).database)
        later = {"conversations", "entries"}
        tables = {name: rows for name, rows in found.tables.items() if name not in later}

        assert load(store.database, evolve(found, revision="0002", tables=tables)) == 2

        assert contents(store) == contents(other)

    def test_may_be_empty(self, store, old):
        empty = {name: [] for name in old.tables}

        assert load(store.database, evolve(old, tables=empty)) == 0

    def test_become_what_a_migration_makes_of_them(self, store, old, tmp_path):
        path = tmp_path / "old.sqlite3"
        engine = create_engine(f"sqlite:///{path}")
        config = Config()
        config.set_main_option("script_location", str(backup._SCRIPTS))
        config.set_main_option("path_separator", "os")
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            upgrade(config, "0001")
        engine.dispose()
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("INSERT INTO users VALUES (4, 'ann', 'ann', 'hash', 'fr', 1, 0)")
            connection.execute("INSERT INTO settings VALUES (4, 'CITY', 'Rouen')")
            connection.execute("INSERT INTO revoked_tokens VALUES ('t', 4, ?)", (NOON,))
        migrated = SqlAccountStore(path)
        load(store.database, old)

        assert contents(store) == contents(migrated)
        migrated.close()

    def test_that_lack_a_table_are_refused(self, store, old):
        tables = {"users": old.tables["users"], "settings": []}

        with pytest.raises(BadBackup, match="lacks the table revoked_tokens"):
            load(store.database, evolve(old, tables=tables))

    def test_that_contradict_themselves_are_refused(self, store, old):
        tables = {**old.tables, "users": [*old.tables["users"]] * 2}

        with pytest.raises(BadBackup, match="contradicts itself"):
            load(store.database, evolve(old, tables=tables))

    def test_newer_ones_are_refused(self, store, old):
        with pytest.raises(BadBackup, match=r"newer version of pytlas-wamp \(revision 9999\)"):
            load(store.database, evolve(old, revision="9999"))


class TestBadOnes:
    @pytest.fixture
    def refuse(self, store):
        """Loads a good dump with other rows in one table."""
        good = dump(filled(SqlAccountStore("sqlite://")).database)
        store.add("eve", "hash", language="en", admin=False)

        def run(table, **values):
            rows = [{**good.tables[table][0], **values}, *good.tables[table][1:]]
            with pytest.raises(BadBackup) as caught:
                load(
                    store.database,
                    evolve(good, tables={**good.tables, table: rows}),
                    replace=True,
                )
            assert [account.name for account in store.all()] == ["eve"]
            return str(caught.value)

        return run

    @pytest.mark.parametrize(
        ("table", "column", "value"),
        [
            ("users", "id", 0),
            ("users", "id", -1),
            ("users", "id", 2**60),
            ("users", "id", "1"),
            ("users", "id", True),
            ("users", "id", 1.0),
            ("users", "id", None),
            ("users", "name", None),
            ("users", "name", 7),
            ("users", "name", "x" * 151),
            ("users", "name", "a\0b"),
            ("users", "name", "a\ud800"),
            ("users", "active", 1),
            ("users", "created_at", 2**63),
            ("users", "created_at", float("nan")),
            ("settings", "user_id", 2**63),
            ("settings", "value", ["x"]),
            ("signing_keys", "expires_at", "soon"),
        ],
    )
    def test_impossible_values(self, refuse, table, column, value):
        assert f"a value of {table}.{column} is impossible" in refuse(table, **{column: value})

    def test_columns_that_nobody_knows(self, refuse):
        assert "the column 'shoe_size' of users" in refuse("users", shoe_size=42)

    @pytest.mark.parametrize(
        ("table", "values"),
        [
            ("users", {"id": 2}),
            ("users", {"name_key": "bob"}),
            ("settings", {"user_id": 77}),
            ("settings", {"key": "EMPTY"}),
        ],
    )
    def test_contradictions(self, refuse, table, values):
        assert "contradicts itself" in refuse(table, **values)

    @pytest.mark.parametrize("last", [-1, 2**53 + 1])
    def test_impossible_numbers_of_accounts(self, store, last):
        with pytest.raises(BadBackup, match="impossible number"):
            load(store.database, evolve(dump(store.database), last_user_id=last))

    def test_missing_columns(self, store):
        good = dump(filled(SqlAccountStore("sqlite://")).database)
        tables = {**good.tables, "settings": [{"user_id": 1, "key": "CITY"}]}

        with pytest.raises(BadBackup, match="the column 'value' of settings"):
            load(store.database, evolve(good, tables=tables))

    def test_the_fault_of_a_database_is_its_own(self, store):
        saved = dump(store.database)
        store.close()
        broken = SqlAccountStore("sqlite://")
        with broken.database.writing() as connection:
            connection.exec_driver_sql("DROP TABLE settings")

        with pytest.raises(StoreBroken):
            load(broken.database, saved)


class TestLines:
    def test_are_one_row_each(self):
        rows = [{"a": "é\n", "b": None}, {"a": "x", "b": 2**62}]

        lines = as_lines(rows)

        assert lines.count(b"\n") == 2
        assert lines.isascii()
        assert from_lines(lines) == rows

    @pytest.mark.parametrize(
        "lines",
        [
            b"{",
            b"\xff",
            b"[" * 100_000,
            b'{"a": ' + b"1" * 10_000 + b"}",
            b"{}\n{",
        ],
    )
    def test_that_are_not_json_are_refused(self, lines):
        with pytest.raises(BadBackup, match="is not JSON"):
            from_lines(lines)

    @pytest.mark.parametrize("lines", [b"[]", b"1\n{}", b"null"])
    def test_that_are_no_rows_are_refused(self, lines):
        with pytest.raises(BadBackup, match="something else than rows"):
            from_lines(lines)

    def test_of_nothing_are_none(self):
        assert (as_lines([]), from_lines(b"")) == (b"", [])
