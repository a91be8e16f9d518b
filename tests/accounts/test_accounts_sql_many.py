"""Many rows in few statements: all of them there, in any number, for each database."""

from __future__ import annotations

import pytest
from sqlalchemy import event, select

from pytlas_wamp.accounts.sql_journal import SqlJournalStore
from pytlas_wamp.accounts.sql_many import MAX_IDS, count_ids, insert_many, select_many
from pytlas_wamp.accounts.tables import ENTRIES, USERS
from pytlas_wamp.journal.model import Batch, Record

# Around the sizes of the statements that are made.
NUMBERS = [0, 1, 3, 4, 5, 15, 16, 20, 63, 64, 255, 256, 257, 600]


def row(number, **others):
    values = {"user_id": 1, "seq": number, "at": 1.5, "kind": "\u00e9", "body": ""}
    return values | {"re": None, "message_id": None, "digest": None} | others


def leave(new):
    return new.on_conflict_do_nothing()


def replace(new):
    return new.on_conflict_do_update(
        index_elements=[ENTRIES.c.user_id, ENTRIES.c.seq], set_={"re": new.excluded["re"]}
    )


@pytest.fixture
def kept(store, ana):
    """Inserts rows; what the table has then, and in how many statements."""
    record = Record(user_id=ana.id, seq=0, reserved=0, snapshot="", open_turns=())
    SqlJournalStore(store.database).write([Batch(record=record, entries=())])

    def keep(rows, on_conflict=leave):
        statements = []

        def note(_connection, _cursor, statement, *_others):
            statements.append(statement)

        with store.database.writing() as connection:
            event.listen(connection, "before_cursor_execute", note)
            insert_many(connection, ENTRIES, [tuple(one.values()) for one in rows], on_conflict)
        with store.database.reading() as connection:
            query = select(ENTRIES).order_by(ENTRIES.c.seq)
            return [dict(one) for one in connection.execute(query).mappings()], len(statements)

    return keep


class TestInsertMany:
    def test_takes_any_number(self, kept, store):
        found = {}
        for number in NUMBERS:
            rows = [row(seq) for seq in range(1, number + 1)]
            found[number] = kept(rows)
            assert found[number][0] == rows
            with store.database.writing() as connection:
                connection.execute(ENTRIES.delete())

        assert max(statements for _, statements in found.values()) <= 12

    def test_does_what_it_is_told_about_rows_that_are_there(self, kept):
        kept([row(1), row(2)])

        assert kept([row(1, re="m")])[0] == [row(1), row(2)]
        assert kept([row(1, re="m")], replace)[0] == [row(1, re="m"), row(2)]


class TestCountIds:
    def test_counts_those_that_are_there(self, store, ana, bob):
        nobodies = list(range(bob.id + 1, 2 * MAX_IDS))
        found = {}
        with store.database.reading() as connection:
            for number in [0, 1, 2, 3, 16, 17, 64, 65, 256, 257, MAX_IDS]:
                ids = [ana.id, bob.id, *nobodies][:number]
                found[number] = count_ids(connection, USERS.c.id, ids)

        assert found == {number: min(number, 2) for number in found}

    def test_counts_none_twice(self, store, ana, bob):
        with store.database.reading() as connection:
            # The last one stands where others are missing.
            assert count_ids(connection, USERS.c.id, [ana.id, bob.id]) == 2

    def test_has_few_statements(self, store, ana):
        statements = set()

        def note(_connection, _cursor, statement, *_others):
            statements.add(statement)

        with store.database.reading() as connection:
            event.listen(connection, "before_cursor_execute", note)
            for number in range(1, MAX_IDS + 1, 5):
                count_ids(connection, USERS.c.id, range(1, number + 1))

        assert len(statements) <= 4


class TestSelectMany:
    QUERY = select(USERS.c.id, USERS.c.name).order_by(USERS.c.id.desc())

    def test_finds_those_that_are_there(self, store, ana, bob):
        nobodies = list(range(bob.id + 1, 2 * MAX_IDS))
        people = [(bob.id, "Bob"), (ana.id, "Ana")]
        with store.database.reading() as connection:
            for number in [0, 1, 2, 3, 16, 17, MAX_IDS]:
                ids = [ana.id, bob.id, *nobodies][:number]
                found = select_many(connection, self.QUERY, USERS.c.id, ids)
                assert [tuple(row) for row in found] == people[2 - min(number, 2) :]
