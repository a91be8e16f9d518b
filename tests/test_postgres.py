"""The PostgreSQL of the tests: found or asked for, paused and resumed without a loss."""

from __future__ import annotations

import psycopg
import pytest

import postgres
from postgres import PostgresServer, shared_server
from pytlas_wamp.accounts.sql import SqlAccountStore


class TestPrograms:
    @pytest.fixture(autouse=True)
    def _nothing_installed(self, tmp_path, monkeypatch):
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setattr(postgres, "INSTALLED", tmp_path)
        monkeypatch.delenv("PYTLAS_WITHOUT_POSTGRESQL", raising=False)

    def test_that_are_missing_fail_the_tests(self):
        with pytest.raises(pytest.fail.Exception, match="apt-get install postgresql"):
            PostgresServer.start()

    def test_that_are_missing_skip_the_tests_where_that_is_asked_for(self, monkeypatch):
        monkeypatch.setenv("PYTLAS_WITHOUT_POSTGRESQL", "1")

        with pytest.raises(pytest.skip.Exception, match="without PostgreSQL"):
            PostgresServer.start()

    def test_are_those_of_the_newest_version(self, tmp_path):
        for version in ("9", "15"):
            folder = tmp_path / version / "bin"
            folder.mkdir(parents=True)
            for name in ("initdb", "postgres"):
                (folder / name).touch()

        assert postgres._programs() == tmp_path / "15" / "bin"


class TestServer:
    def test_lives_until_it_is_stopped(self):
        server = PostgresServer.start()
        url = server.create("mine")
        assert url == server.url("mine")
        where = f"host={server.folder} user={postgres.USER} dbname=mine"
        with psycopg.connect(where) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS a")

        server.pause()
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(where)
        server.pause()
        server.resume()
        server.resume()

        with psycopg.connect(where) as connection:
            assert connection.execute("SELECT a FROM kept").fetchall() == [(1,)]
        server.stop()
        assert not server.folder.exists()

    def test_keeps_few_databases(self):
        server = PostgresServer.start()

        urls = [server.create_migrated() for _ in range(postgres.KEPT_DATABASES + 2)]

        names = [row[0] for row in server.run("SELECT datname FROM pg_database")]
        assert [url for url in urls if url in map(server.url, names)] == urls[2:]
        server.stop()

    def test_empties_one_and_makes_it_anew_where_that_is_impossible(self):
        server = shared_server()
        url = server.emptied()
        where = f"host={server.folder} user={postgres.USER} dbname={postgres.EMPTIED}"
        store = SqlAccountStore(url)
        store.add("Ana", "hash-1", language="fr-FR", admin=False)
        store.close()

        assert server.emptied() == url
        store = SqlAccountStore(url)
        assert (store.ever_had_accounts(), store.changes(0)) == (False, [])
        assert store.add("Ana", "hash-1", language="fr-FR", admin=False).id == 1
        store.close()

        with psycopg.connect(where) as connection:
            connection.execute("DROP TABLE changes")
        assert server.emptied() == url
        with psycopg.connect(where) as connection:
            assert connection.execute("SELECT count(*) FROM changes").fetchall() == [(0,)]
