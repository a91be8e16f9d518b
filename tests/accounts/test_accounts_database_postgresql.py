"""PostgreSQL: opening it, its limits, and what is missing."""

from __future__ import annotations

import sys

import psycopg
import pytest

from pytlas_wamp.accounts.database import Database
from pytlas_wamp.accounts.database_postgresql import _connect_args
from pytlas_wamp.accounts.database_urls import parse_url
from pytlas_wamp.accounts.model import StoreBroken


def complaint(url):
    with pytest.raises(StoreBroken) as caught:
        Database(url)
    text = str(caught.value)
    assert text.endswith(".")
    assert "\n" not in text
    return text


class TestOpening:
    @pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg"])
    def test_makes_the_tables(self, postgres, scheme):
        url = postgres.create().replace("postgresql+psycopg", scheme)
        database = Database(url)

        with database.reading() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM users").scalar() == 0
        database.close()

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("statement_timeout", "10s"),
            ("lock_timeout", "5s"),
            ("idle_in_transaction_session_timeout", "1min"),
            ("application_name", "pytlas-wamp"),
            ("transaction_isolation", "repeatable read"),
            ("transaction_read_only", "on"),
        ],
    )
    def test_sets_each_connection_up(self, postgres, name, value):
        database = Database(postgres.create_migrated())

        with database.reading() as connection:
            assert connection.exec_driver_sql(f"SHOW {name}").scalar() == value
        database.close()

    def test_gives_writers_each_statement_s_own_view(self, postgres):
        database = Database(postgres.create_migrated())

        with database.writing() as connection:
            shown = connection.exec_driver_sql("SHOW transaction_isolation").scalar()
        assert shown == "read committed"
        database.close()

    @pytest.mark.parametrize(("in_turn", "seconds"), [(True, "1min"), (False, "2s")])
    def test_gives_up_writers_that_stand_still(self, postgres, in_turn, seconds):
        """Those out of turn sooner: others wait for the very conversations they have locked."""
        database = Database(postgres.create_migrated())

        with database.writing(in_turn=in_turn) as connection:
            shown = connection.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar()
        assert shown == seconds
        with database.writing() as connection:
            shown = connection.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar()
        assert shown == "1min"
        database.close()


class TestRefusals:
    def test_a_database_that_is_not_there(self, postgres):
        text = complaint(postgres.url("missing"))

        assert 'database "missing" does not exist' in text
        assert "make it with createdb" in text

    def test_a_server_that_is_not_there(self, tmp_path):
        text = complaint(f"postgresql://ana:s3cret@/accounts?host={tmp_path}")

        assert "postgresql+psycopg://ana:***@/accounts" in text
        assert "is used again as soon as it answers" in text
        assert "s3cret" not in text

    def test_an_option_that_is_none_without_telling_the_password(self, postgres):
        text = complaint(f"{postgres.url()}&password=s3cret&connect_timeout=s3cret")

        assert "***" in text
        assert "s3cret" not in text

    def test_a_database_that_cannot_hold_every_name(self, postgres):
        with psycopg.connect(
            host=str(postgres.folder), user="pytlas", dbname="postgres", autocommit=True
        ) as server:
            server.execute("DROP DATABASE IF EXISTS latin")
            server.execute("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0")

        text = complaint(postgres.url("latin"))

        assert text.endswith(
            "/latin is encoded in LATIN1: make one with createdb --encoding=UTF8 "
            "--template=template0."
        )

    def test_to_do_without_psycopg(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "psycopg", None)

        assert 'run pip install "pytlas-wamp[postgres]"' in complaint("postgresql://host/accounts")


class TestConnectArguments:
    def test_let_the_url_go_first(self):
        url = parse_url("postgresql://host/accounts?connect_timeout=30&sslmode=require")

        args = _connect_args(url, 5)

        assert "connect_timeout" not in args
        assert args["application_name"] == "pytlas-wamp"

    def test_never_wait_for_ever(self):
        args = _connect_args(parse_url("postgresql://host/accounts"), 0)

        assert "-c lock_timeout=1 " in args["options"]
        assert args["connect_timeout"] == 3
