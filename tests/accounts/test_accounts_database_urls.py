"""Which URLs name a database, and how it is named to people."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytlas_wamp.accounts.database_urls import is_in_memory, parse_url, place, secrets
from pytlas_wamp.accounts.model import StoreBroken


def complaint(url):
    with pytest.raises(StoreBroken) as caught:
        parse_url(url)
    return str(caught.value)


class TestParseUrl:
    @pytest.mark.parametrize(
        ("url", "driver", "database"),
        [
            (Path("/var/lib/a b?c#d.db"), "sqlite", "/var/lib/a b?c#d.db"),
            ("sqlite:////var/lib/pytlas.db", "sqlite", "/var/lib/pytlas.db"),
            ("sqlite+pysqlite:///pytlas.db", "sqlite+pysqlite", "pytlas.db"),
            ("postgresql+psycopg://ana@host/accounts", "postgresql+psycopg", "accounts"),
            ("postgresql://ana@host/accounts", "postgresql+psycopg", "accounts"),
            ("postgresql:///accounts?host=/run/postgresql", "postgresql+psycopg", "accounts"),
        ],
    )
    def test_takes_files_and_servers(self, url, driver, database):
        parsed = parse_url(url)

        assert (parsed.drivername, parsed.database) == (driver, database)

    @pytest.mark.parametrize(
        "url", ["", "nonsense", "/var/lib/accounts.db", "://", "postgresql://a:s3cret@host:no/db"]
    )
    def test_refuses_a_text_that_is_no_url(self, url):
        text = complaint(url)

        assert "write it like sqlite:////" in text
        assert "s3cret" not in text

    @pytest.mark.parametrize("scheme", ["mysql", "postgresql+asyncpg", "postgres"])
    def test_refuses_other_kinds_without_telling_the_password(self, scheme):
        text = complaint(f"{scheme}://ana:s3cret@host/accounts?password=s4cret")

        assert f"{scheme}://ana:***@host/accounts is of a kind that is not supported" in text
        assert "cret" not in text

    def test_refuses_an_address_in_a_url(self):
        assert "use sqlite:///PATH" in complaint("sqlite:///file:x?mode=memory&uri=true")

    def test_refuses_a_password_that_would_be_taken_for_a_host(self):
        text = complaint("postgresql://ana:s3@cret@host/accounts")

        assert "written as %40" in text
        assert "cret" not in text

    def test_refuses_a_server_without_a_database(self):
        assert "postgresql://ana@host has no name" in complaint("postgresql://ana@host")

    def test_takes_the_password_out_of_the_options(self):
        parsed = parse_url("postgresql://ana@host/accounts?password=s4cret&sslmode=require")

        assert parsed.password == "s4cret"
        assert dict(parsed.query) == {"sslmode": "require"}


class TestPlace:
    @pytest.mark.parametrize(
        ("url", "named"),
        [
            ("sqlite://", ":memory:"),
            ("sqlite:////var/lib/pytlas.db", "/var/lib/pytlas.db"),
            ("postgresql://ana:s3cret@host:5433/db", "postgresql+psycopg://ana:***@host:5433/db"),
            ("postgresql:///db?host=/run&sslpassword=s4cret", "postgresql+psycopg:///db"),
        ],
    )
    def test_has_no_password(self, url, named):
        assert place(parse_url(url)) == named


class TestSecrets:
    @pytest.mark.parametrize(
        ("url", "found"),
        [
            ("sqlite://", []),
            ("postgresql://ana@host/db", []),
            ("postgresql://ana:s3%40cret@host/db", ["s3@cret"]),
            ("postgresql://a@h/db?password=one&sslpassword=two", ["one", "two"]),
        ],
    )
    def test_are_what_must_not_be_seen(self, url, found):
        assert secrets(parse_url(url)) == found


class TestInMemory:
    @pytest.mark.parametrize(
        ("url", "expected"),
        [("sqlite://", True), ("sqlite:///:memory:", True), ("sqlite:///a.db", False)],
    )
    def test_is_what_has_no_file(self, url, expected):
        assert is_in_memory(parse_url(url)) is expected
