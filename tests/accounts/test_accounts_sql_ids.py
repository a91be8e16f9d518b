"""Ids that are never given twice, on every kind of store."""

from __future__ import annotations

import pytest
from sqlalchemy import insert

from pytlas_wamp.accounts.sql_ids import highest_id, is_row_id, keep_ids_above
from pytlas_wamp.accounts.tables import CHANGES, USERS


class TestRowIds:
    @pytest.mark.parametrize(
        ("number", "expected"), [(0, False), (1, True), (2**63 - 1, True), (2**63, False)]
    )
    def test_are_what_a_row_can_have(self, number, expected):
        assert is_row_id(number) is expected


class TestHighestIds:
    @pytest.fixture
    def connection(self, store):
        with store.database.writing() as connection:
            yield connection

    def add(self, connection, **values):
        row = {"user_id": 1, "kind": "account"} | values
        return connection.execute(insert(CHANGES).values(row).returning(CHANGES.c.id)).scalar()

    def test_are_none_at_first(self, connection):
        assert [highest_id(connection, USERS), highest_id(connection, CHANGES)] == [0, 0]

    def test_rise_with_each_row(self, connection):
        assert [self.add(connection), self.add(connection)] == [1, 2]
        assert [highest_id(connection, CHANGES), highest_id(connection, USERS)] == [2, 0]

    def test_outlive_the_rows(self, connection):
        self.add(connection)
        connection.execute(CHANGES.delete())

        assert highest_id(connection, CHANGES) == 1
        assert self.add(connection) == 2

    @pytest.mark.parametrize("before", [0, 1])
    def test_are_raised(self, connection, before):
        for _ in range(before):
            self.add(connection)

        keep_ids_above(connection, CHANGES, 40)

        assert highest_id(connection, CHANGES) == 40
        assert self.add(connection) == 41

    def test_are_raised_after_rows_with_ids_of_their_own(self, connection):
        self.add(connection, id=40)
        keep_ids_above(connection, CHANGES, 40)

        assert self.add(connection) == 41

    def test_are_never_lowered(self, connection):
        keep_ids_above(connection, CHANGES, 40)
        keep_ids_above(connection, CHANGES, 3)

        assert highest_id(connection, CHANGES) == 40
