"""Many rows in few statements: all of them there, in any number, for each database."""

from __future__ import annotations

import pytest
from sqlalchemy import event, select

from pytlas_wamp.accounts.sql_many import insert_many
from pytlas_wamp.accounts.tables import CONVERSATIONS

# Around the sizes of the statements that are made.
NUMBERS = [0, 1, 3, 4, 5, 15, 16, 20, 63, 64, 255, 256, 257, 600]


def row(number, **others):
    values = {
        "user_id": number,
        "seq": 1,
        "reserved": 2**62,
        "snapshot": "\u00e9",
        "open_turns": "",
    }
    return values | others


def leave(new):
    return new.on_conflict_do_nothing()


def replace(new):
    return new.on_conflict_do_update(
        index_elements=[CONVERSATIONS.c.user_id], set_={"seq": new.excluded["seq"]}
    )


@pytest.fixture
def people(store):
    """The ids of as many people as there are rows."""
    return [
        store.add(f"person {number}", "x", language="en", admin=False).id
        for number in range(max(NUMBERS))
    ]


@pytest.fixture
def kept(store):
    """Inserts rows; what the table has then, and in how many statements."""

    def keep(rows, on_conflict=leave):
        statements = []

        def note(_connection, _cursor, statement, *_others):
            statements.append(statement)

        with store.database.writing() as connection:
            event.listen(connection, "before_cursor_execute", note)
            insert_many(connection, CONVERSATIONS, rows, on_conflict)
        with store.database.reading() as connection:
            query = select(CONVERSATIONS).order_by(CONVERSATIONS.c.user_id)
            return [dict(one) for one in connection.execute(query).mappings()], len(statements)

    return keep


class TestInsertMany:
    def test_takes_any_number(self, kept, people, store):
        found = {}
        for number in NUMBERS:
            rows = [row(user_id) for user_id in people[:number]]
            found[number] = kept(rows)
            assert found[number][0] == rows
            with store.database.writing() as connection:
                connection.execute(CONVERSATIONS.delete())

        assert max(statements for _, statements in found.values()) <= 12

    def test_does_what_it_is_told_about_rows_that_are_there(self, kept, people):
        one, other = people[:2]
        kept([row(one), row(other)])

        assert kept([row(one, seq=5)])[0] == [row(one), row(other)]
        assert kept([row(one, seq=5)], replace)[0] == [row(one, seq=5), row(other)]
