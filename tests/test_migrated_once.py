"""A database that tests were given quickly is the one that a server makes."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from migrated_once import migrate_quickly
from pytlas_wamp.accounts import database
from pytlas_wamp.accounts.database import Database
from pytlas_wamp.accounts.migrations import migrate


def made(path, monkeypatch, way):
    """What is in the file of a new database, as statements of SQL."""
    monkeypatch.setattr(database, "migrate", way)
    Database(path).close()
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


class TestNewDatabases:
    def test_are_as_migrated_ones(self, tmp_path, monkeypatch):
        quick = made(tmp_path / "quick.db", monkeypatch, migrate_quickly)
        real = made(tmp_path / "real.db", monkeypatch, migrate)
        assert len(real) > 15
        assert sorted(quick) == sorted(real)

    def test_are_opened_the_real_way_the_next_time(self, tmp_path, monkeypatch):
        path = tmp_path / "quick.db"
        quick = made(path, monkeypatch, migrate_quickly)
        assert made(path, monkeypatch, migrate) == quick
