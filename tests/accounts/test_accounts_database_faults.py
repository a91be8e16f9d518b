"""What goes wrong with a database is told in one sentence, with advice and without secrets."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy.exc import InvalidRequestError, OperationalError

from pytlas_wamp.accounts.database_faults import complaint, sentence, worded
from pytlas_wamp.accounts.model import StoreBroken


class TestSentence:
    @pytest.mark.parametrize(
        ("said", "advice"),
        [
            ("database is locked", "keeps it busy"),
            ("canceling statement due to lock timeout", "keeps it busy"),
            ("canceling statement due to statement timeout", "keeps it busy"),
            ("database or disk is full", "make room on the disk"),
            ('could not extend file "base/1": No space left on device', "make room on the disk"),
            ("attempt to write a readonly database", "write to the file and its directory"),
            ("cannot execute INSERT in a read-only transaction", "the server that may be written"),
            ("unable to open database file", "a directory that exists"),
            ("file is not a database", "name another file"),
            ("database disk image is malformed", "restore a backup"),
            ('password authentication failed for user "ana"', "correct the user and the password"),
            ("fe_sendauth: no password supplied", "correct the user and the password"),
            ('no pg_hba.conf entry for host "192.0.2.1"', "accept this user from here"),
            ('FATAL: role "ana" does not exist', "createuser"),
            ("permission denied for schema public", "the owner of the database"),
            ('FATAL: database "accounts" does not exist', "createdb"),
            ("sorry, too many clients already", "max_connections"),
            ("remaining connection slots are reserved for superusers", "max_connections"),
            ("connection failed: Connection refused", "as soon as it answers"),
            ("connection timeout expired", "as soon as it answers"),
            ("server closed the connection unexpectedly", "as soon as it answers"),
            ("terminating connection due to administrator command", "as soon as it answers"),
            ("the connection is lost", "as soon as it answers"),
            ("the database system is starting up", "as soon as it answers"),
            ("failed to resolve host 'nowhere'", "correct the host"),
            ("something unheard of", "look at its disk and permissions"),
        ],
    )
    def test_says_what_to_do(self, said, advice):
        text = sentence("accounts.db", said)

        assert text.startswith(f"The database accounts.db cannot be used ({said}): ")
        assert advice in text

    def test_is_one_line(self):
        assert "(a b c): " in sentence("x", "a\n\tb\nc\n")

    def test_says_when_there_is_nothing_to_say(self):
        assert "(no reason given)" in sentence("x", " ")

    def test_hides_secrets(self):
        text = sentence("x", "bad option s3cret in s3cret/two", ["s3cret", "two"])

        assert "(bad option *** in ***/***)" in text


class TestComplaint:
    def test_of_sqlite_is_its_text(self):
        assert complaint(ValueError("database is locked")) == "database is locked"

    def test_of_postgresql_has_no_statement(self, postgres):
        with psycopg.connect(host=str(postgres.folder), user="pytlas", dbname="postgres") as server:
            with pytest.raises(psycopg.Error) as caught:
                server.execute("SELECT missing")
            assert "SELECT" in str(caught.value)

        assert complaint(caught.value) == 'column "missing" does not exist'

    def test_of_a_connection_that_failed_is_its_text(self):
        assert complaint(psycopg.OperationalError("connection failed")) == "connection failed"


class TestWorded:
    def test_words_the_driver(self):
        with pytest.raises(StoreBroken, match="locked"), worded("x"):
            raise OperationalError("SELECT 1", {}, Exception("database is locked"))

    def test_words_sqlalchemy_without_its_address(self):
        with pytest.raises(StoreBroken, match="look at its disk") as caught, worded("x"):
            raise InvalidRequestError("no such thing", code="abc")
        assert "http" not in str(caught.value)

    def test_leaves_other_errors_alone(self):
        with pytest.raises(ZeroDivisionError), worded("x"):
            raise ZeroDivisionError
