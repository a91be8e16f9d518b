"""SQLite: switching to WAL, and a disk that is full."""

from __future__ import annotations

import resource
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from account_stores import made_login

from pytlas_wamp.accounts.database import Database
from pytlas_wamp.accounts.database_sqlite import _switch_to_wal
from pytlas_wamp.accounts.model import StoreBroken
from pytlas_wamp.accounts.sql import SqlAccountStore


class TestSwitchToWal:
    class Cursor:
        """Is told to be busy for the first `busy` times."""

        def __init__(self, busy, text="database is locked"):
            self.busy = busy
            self.text = text
            self.said = []

        def execute(self, statement):
            self.said.append(statement)
            if statement.startswith("PRAGMA"):
                self.busy -= 1
                if self.busy >= 0:
                    raise sqlite3.OperationalError(self.text)
            return self

        def fetchone(self):
            return ("wal",)

    def test_waits_for_another_process_that_switches_too(self):
        cursor = self.Cursor(busy=1)

        _switch_to_wal(cursor)

        pragma = "PRAGMA journal_mode = WAL"
        assert cursor.said == [pragma, "BEGIN IMMEDIATE", "COMMIT", pragma]

    def test_gives_up_in_the_end(self):
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            _switch_to_wal(self.Cursor(busy=1000))

    def test_does_not_repeat_what_cannot_help(self):
        cursor = self.Cursor(busy=1, text="disk I/O error")

        with pytest.raises(sqlite3.OperationalError, match="disk"):
            _switch_to_wal(cursor)
        assert len(cursor.said) == 1


class TestOpening:
    def test_makes_the_file(self, tmp_path):
        Database(tmp_path / "new.db").close()

        with closing(sqlite3.connect(tmp_path / "new.db")) as connection:
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)

    def test_in_memory_makes_none(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)

        Database("sqlite://").close()

        assert list(tmp_path.iterdir()) == []

    def test_of_what_is_damaged_is_refused(self, tmp_path):
        path = tmp_path / "damaged.db"
        Database(path).close()
        content = bytearray(path.read_bytes())
        content[8192:16384] = b"\xff" * 8192
        path.write_bytes(content)

        with pytest.raises(StoreBroken, match="is damaged: restore a backup"):
            Database(path)

    def test_of_what_is_no_database_is_refused(self, tmp_path):
        path = tmp_path / "junk.db"
        path.write_bytes(b"hello" * 1000)

        with pytest.raises(StoreBroken, match="name another file, or restore a backup"):
            Database(path)

    def test_of_a_file_that_cannot_be_is_refused(self, tmp_path):
        with pytest.raises(StoreBroken, match="a directory that exists and can be written to"):
            Database(tmp_path / "missing" / "accounts.db")


def is_sound(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


class TestFullDisk:
    @pytest.fixture
    def path(self, tmp_path):
        return tmp_path / "accounts.db"

    @pytest.fixture
    def store(self, path):
        made = SqlAccountStore(path)
        yield made
        made.close()

    def allow_pages(self, store, number):
        # SQLite says the same when the file may not grow as when the disk is full.
        with store.database.reading() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {number}")

    def test_is_told_and_loses_nothing(self, store, path):
        ana = store.add("Ana", "hash", language="en", admin=False)
        store.set_setting(ana.id, "A", "1")
        store.add_login(made_login(ana.id))
        before = (store.all(), store.changes(0))
        self.allow_pages(store, 1)

        with pytest.raises(StoreBroken) as caught:
            store.change_settings(ana.id, {"A": None, "B": "x" * 80_000, "C": "x" * 80_000})

        assert str(caught.value) == (
            f"The database {path} cannot be used (database or disk is full): make room on the disk."
        )
        assert (store.all(), store.changes(0)) == before
        assert store.settings(ana.id) == {"A": "1"}
        assert len(store.logins(ana.id)) == 1
        assert is_sound(path)

    def test_is_no_trouble_any_more_when_there_is_room(self, store, path):
        ana = store.add("Ana", "hash", language="en", admin=False)
        self.allow_pages(store, 1)
        with pytest.raises(StoreBroken):
            store.set_setting(ana.id, "A", "x" * 80_000)

        self.allow_pages(store, 10_000)
        store.set_setting(ana.id, "A", "x" * 80_000)

        assert store.settings(ana.id) == {"A": "x" * 80_000}
        assert is_sound(path)

    def test_of_which_the_system_tells_loses_nothing(self, store, path):
        """The system refuses to write to any file beyond a size, in the middle of one."""
        ana = store.add("Ana", "hash", language="en", admin=False)
        store.close()

        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-c", FILL, path, str(ana.id)],
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=_allow_small_files,
        )

        kept, told = done.stdout.splitlines()
        assert told.startswith(f"The database {path} cannot be used (")
        again = SqlAccountStore(path)
        assert list(again.settings(ana.id)) == [f"KEY_{number:03}" for number in range(int(kept))]
        assert again.get(ana.id).settings_revision == int(kept) + 1
        again.close()
        assert is_sound(path)


FILL = """
import sys
from pytlas_wamp.accounts.model import StoreBroken
from pytlas_wamp.accounts.sql import SqlAccountStore

path, user_id = sys.argv[1:]
store = SqlAccountStore(f"sqlite:///{path}")
for number in range(1000):
    try:
        store.set_setting(int(user_id), f"KEY_{number:03}", "x" * 8000)
    except StoreBroken as error:
        print(number)
        print(error)
        break
"""


def _allow_small_files():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
