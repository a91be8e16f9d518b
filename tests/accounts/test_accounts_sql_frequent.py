"""What is asked of the driver itself: the same rows, and the same failures."""

from __future__ import annotations

import pytest
from sqlalchemy import (
    Boolean,
    Column,
    Integer,
    MetaData,
    Table,
    Text,
    bindparam,
    create_engine,
    insert,
    select,
)
from sqlalchemy.exc import DBAPIError

from pytlas_wamp.accounts.sql_frequent import Frequent, ask_driver

THINGS = Table(
    "things",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("is_good", Boolean),
    Column("name", Text),
)
BY_NAME = select(THINGS.c.name, THINGS.c.is_good, THINGS.c.id).where(
    THINGS.c.name == bindparam("name")
)
ROWS = [
    {"id": 1, "is_good": True, "name": "a"},
    {"id": 2, "is_good": False, "name": "a"},
    {"id": 3, "is_good": None, "name": "it's :name?"},
]


@pytest.fixture
def connection():
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        THINGS.create(connection)
        connection.execute(insert(THINGS), ROWS)
        yield connection
    engine.dispose()


class TestFrequent:
    @pytest.mark.parametrize("name", ["a", "it's :name?", "nobody's"])
    def test_finds_what_sqlalchemy_finds(self, connection, name):
        expected = [dict(row) for row in connection.execute(BY_NAME, {"name": name}).mappings()]

        assert Frequent(BY_NAME).rows(connection, {"name": name}) == expected

    def test_has_values_of_the_same_types(self, connection):
        found = Frequent(BY_NAME).rows(connection, {"name": "a"})

        assert [row["is_good"] is True for row in found] == [True, False]
        assert [row["is_good"] is False for row in found] == [False, True]

    def test_needs_no_parameters(self, connection):
        everything = Frequent(select(THINGS).order_by(THINGS.c.id))

        assert everything.rows(connection, {}) == ROWS

    def test_sees_what_its_transaction_has_written(self, connection):
        connection.execute(insert(THINGS).values(id=4, name="new"))

        found = Frequent(BY_NAME).rows(connection, {"name": "new"})

        assert found == [{"name": "new", "is_good": None, "id": 4}]

    def test_asks_sqlalchemy_about_other_databases(self, connection, monkeypatch):
        frequent = Frequent(BY_NAME)
        expected = frequent.rows(connection, {"name": "a"})
        monkeypatch.setattr(connection.dialect, "name", "postgresql")
        monkeypatch.setattr(frequent, "_text", "this is not SQL")

        assert frequent.rows(connection, {"name": "a"}) == expected


class TestAskDriver:
    def test_takes_parameters_by_name(self, connection):
        found = ask_driver(connection, "SELECT name FROM things WHERE id = :id", {"id": 2})

        assert found == [("a",)]

    def test_fails_as_sqlalchemy_does(self, connection):
        with pytest.raises(DBAPIError) as caught:
            ask_driver(connection, "SELECT 1 FROM nowhere")

        assert str(caught.value.orig) == "no such table: nowhere"
