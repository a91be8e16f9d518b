"""Opening a database: sound, ours, up to date, or one sentence that says what to do."""

from __future__ import annotations

import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from pytlas_wamp.accounts.database import Database
from pytlas_wamp.accounts.model import StoreBroken
from transactions import begun_transactions


def opened(path):
    Database(path).close()
    return path


def complaint(url, **how):
    with pytest.raises(StoreBroken) as caught:
        Database(url, **how)
    text = str(caught.value)
    assert text.endswith(".")
    assert "\n" not in text
    return text


class TestOpening:
    def test_makes_the_file_for_its_owner_only(self, tmp_path):
        path = opened(tmp_path / "new.db")

        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_takes_any_character_in_a_path(self, tmp_path):
        path = opened(tmp_path / "a b?c=d#e%f.db")

        assert [found.name for found in tmp_path.iterdir()] == [path.name]

    @pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
    def test_in_memory_leaves_no_file(self, url, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        database = Database(url)

        assert database.place == ":memory:"
        assert list(tmp_path.iterdir()) == []
        database.close()

    def test_again_finds_everything_done(self, tmp_path):
        path = opened(tmp_path / "new.db")
        before = path.read_bytes()

        assert opened(path).read_bytes() == before

    @pytest.mark.parametrize(
        ("pragma", "value"), [("foreign_keys", 1), ("journal_mode", "wal"), ("busy_timeout", 5000)]
    )
    def test_sets_each_connection_up(self, tmp_path, pragma, value):
        database = Database(tmp_path / "new.db")

        with database.reading() as one, database.reading() as other:
            values = [c.exec_driver_sql(f"PRAGMA {pragma}").scalar() for c in (one, other)]

        assert values == [value, value]
        database.close()


class TestRefusals:
    def test_a_file_that_is_no_database(self, tmp_path):
        path = tmp_path / "junk.db"
        path.write_bytes(b"hello" * 1000)

        text = complaint(path)

        assert str(path) in text
        assert "name another file, or restore a backup" in text

    def test_a_damaged_database(self, tmp_path):
        path = opened(tmp_path / "damaged.db")
        content = bytearray(path.read_bytes())
        content[8192:16384] = b"\xff" * 8192
        path.write_bytes(content)

        assert complaint(path) == f"The database {path} is damaged: restore a backup."

    def test_a_database_cut_short(self, tmp_path):
        path = opened(tmp_path / "short.db")
        path.write_bytes(path.read_bytes()[:6000])

        assert "malformed): restore a backup." in complaint(path)

    def test_a_directory(self, tmp_path):
        assert "Is a directory" in complaint(tmp_path)

    @pytest.mark.parametrize("inside", ["file/accounts.db", "missing/accounts.db"])
    def test_a_directory_that_cannot_be_written_to(self, tmp_path, inside):
        (tmp_path / "file").touch()

        text = complaint(tmp_path / inside)

        assert str(tmp_path / inside) in text
        assert "a directory that exists and can be written to" in text

    def test_a_path_that_cannot_be(self):
        assert "null" in complaint(Path("a\0b"))

    def test_a_database_that_another_program_keeps_busy(self, tmp_path):
        path = opened(tmp_path / "busy.db")
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")

            assert "keeps it busy" in complaint(path, busy_timeout_seconds=0)

    def test_a_new_file_that_another_program_keeps_busy(self, tmp_path):
        path = tmp_path / "busy.db"
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")

            assert "keeps it busy" in complaint(path, busy_timeout_seconds=0)


class TestTransactions:
    @pytest.fixture
    def database(self, tmp_path):
        made = Database(tmp_path / "accounts.db", busy_timeout_seconds=0)
        yield made
        made.close()

    @pytest.mark.parametrize(("flushed", "expected"), [(True, 2), (False, 1)])
    def test_wait_for_the_disk_unless_they_need_not(self, database, flushed, expected):
        for order in (flushed, not flushed, flushed):
            with database.writing(flushed=order) as connection:
                found = connection.exec_driver_sql("PRAGMA synchronous").scalar()

        assert found == expected

    def test_of_readers_are_not_kept_waiting_by_a_writer(self, database):
        with database.writing(), database.reading() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM users").scalar() == 0

    def test_of_readers_see_one_state_throughout(self, database):
        with database.reading() as reader:
            reader.exec_driver_sql("SELECT count(*) FROM changes").scalar()
            with database.writing() as writer:
                writer.exec_driver_sql("INSERT INTO changes (user_id, kind) VALUES (1, 'token')")

            assert reader.exec_driver_sql("SELECT count(*) FROM changes").scalar() == 0

    def test_of_two_writers_at_once_do_not_happen(self, database):
        with (
            database.writing(),
            pytest.raises(StoreBroken, match="keeps it busy"),
            database.writing(),
        ):
            pass

    def test_of_two_writers_are_not_out_of_turn_either(self, database):
        with (
            database.writing(in_turn=False),
            pytest.raises(StoreBroken, match="keeps it busy"),
            database.writing(in_turn=False),
        ):
            pass

    def test_that_fail_are_undone(self, database):
        def write_and_stumble():
            with database.writing() as writer:
                writer.exec_driver_sql("INSERT INTO changes (user_id, kind) VALUES (1, 'token')")
                writer.exec_driver_sql("SELECT missing FROM changes")

        with pytest.raises(StoreBroken, match="no such column"):
            write_and_stumble()
        with database.reading() as reader:
            assert reader.exec_driver_sql("SELECT count(*) FROM changes").scalar() == 0

    def test_do_not_word_errors_that_are_not_the_database_s(self, database):
        with pytest.raises(ZeroDivisionError), database.writing():
            raise ZeroDivisionError

    def test_that_stay_open_are_not_many(self, database):
        """Every thread of a busy server may hold one, and each gives it back."""
        for _ in range(50):
            with database.reading(), database.reading():
                pass

    def test_word_what_sqlalchemy_finds_wrong_by_itself(self, database):
        with pytest.raises(StoreBroken, match="look at its disk"), database.reading() as reader:
            reader.begin()


class TestPostgresql:
    """What is the same on the other database; what is its own is in the tests beside."""

    @pytest.fixture
    def database(self, postgres):
        made = Database(postgres.create_migrated(), busy_timeout_seconds=0)
        yield made
        made.close()

    def test_is_named_without_its_password(self, postgres):
        url = postgres.create().replace("pytlas@", "pytlas:s3cret@")
        database = Database(f"{url}&password=s4cret")

        assert database.kind == "postgresql"
        assert "pytlas:***@" in database.place
        assert "cret" not in database.place + repr(database)
        database.close()

    def test_readers_see_one_state_throughout(self, database):
        with database.reading() as reader:
            reader.exec_driver_sql("SELECT count(*) FROM changes").scalar()
            with database.writing() as writer:
                writer.exec_driver_sql("INSERT INTO changes (user_id, kind) VALUES (1, 'token')")

            assert reader.exec_driver_sql("SELECT count(*) FROM changes").scalar() == 0

    def test_writers_always_wait_for_the_disk(self, database):
        for flushed in (True, False):
            with database.writing(flushed=flushed) as connection:
                found = connection.exec_driver_sql("SHOW synchronous_commit").scalar()
            assert found == "on"

    def test_readers_cannot_write(self, database):
        with (
            pytest.raises(StoreBroken, match="read-only transaction"),
            database.reading() as reader,
        ):
            reader.exec_driver_sql("DELETE FROM changes")

    def test_two_writers_at_once_do_not_happen(self, database):
        with (
            database.writing(),
            pytest.raises(StoreBroken, match="keeps it busy"),
            database.writing(),
        ):
            pass

    def test_writers_out_of_turn_wait_for_nobody(self, database):
        with database.writing(), database.writing(in_turn=False) as one:
            one.exec_driver_sql("INSERT INTO changes (user_id, kind) VALUES (1, 'token')")
            with database.writing(in_turn=False) as other:
                other.exec_driver_sql("INSERT INTO changes (user_id, kind) VALUES (2, 'token')")

        assert count(database) == 2

    def test_what_fails_is_undone(self, database):
        def write_and_stumble():
            with database.writing() as writer:
                writer.exec_driver_sql("INSERT INTO changes (user_id, kind) VALUES (1, 'token')")
                writer.exec_driver_sql("SELECT missing FROM changes")

        with pytest.raises(StoreBroken, match='column "missing" does not exist') as caught:
            write_and_stumble()
        assert "SELECT" not in str(caught.value)
        with database.reading() as reader:
            assert reader.exec_driver_sql("SELECT count(*) FROM changes").scalar() == 0

    def test_a_failed_opening_leaves_no_connection(self, postgres):
        url = postgres.create()
        foreign = create_engine(url)
        with foreign.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE auth_user (id int)")

        assert "belongs to another program" in complaint(url)

        with foreign.begin() as connection:
            others = connection.exec_driver_sql(
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            assert others.scalar() == 0
        foreign.dispose()


def count(database):
    with database.reading() as reader:
        return reader.exec_driver_sql("SELECT count(*) FROM changes").scalar()


def write(database):
    with database.writing() as writer:
        writer.exec_driver_sql("INSERT INTO changes (user_id, kind) VALUES (1, 'token')")


# Where others can use it at the same time; what is in memory has one connection.
WITH_OTHERS = pytest.mark.parametrize("database", ["file", "postgresql"], indirect=True)


class TestTogether:
    """What a thread reads in one block; wherever there is a database to read."""

    @pytest.fixture(params=["file", "memory", "postgresql"])
    def database(self, request, tmp_path):
        if request.param == "postgresql":
            url = request.getfixturevalue("postgres").create_migrated()
        else:
            url = {"file": tmp_path / "accounts.db", "memory": "sqlite://"}[request.param]
        made = Database(url, busy_timeout_seconds=1)
        yield made
        made.close()

    def test_reads_take_one_transaction(self, database):
        with begun_transactions() as begun, database.together():
            assert [count(database) for _ in range(3)] == [0, 0, 0]

        assert len(begun) == 1

    @WITH_OTHERS
    def test_reads_see_one_state(self, database):
        other = Database(database.url)
        with database.together():
            before = count(database)
            write(other)
            assert (before, count(database), count(other)) == (0, 0, 1)

        assert count(database) == 1
        other.close()

    def test_a_block_in_a_block_changes_nothing(self, database):
        with begun_transactions() as begun, database.together():
            with database.together():
                count(database)
            count(database)

        assert len(begun) == 1

    def test_nothing_begins_before_there_is_a_read(self, database):
        with begun_transactions() as begun, database.together():
            pass

        assert begun == []

    def test_the_block_is_over_at_its_end(self, database):
        with database.together():
            count(database)

        with begun_transactions() as begun:
            assert [count(database), count(database)] == [0, 0]
        assert len(begun) == 2

    def test_a_write_is_done_at_once_and_seen_from_then_on(self, database):
        def write_and_stumble():
            with database.together():
                before = count(database)
                write(database)
                assert (before, count(database), count(database)) == (0, 1, 1)
                raise ZeroDivisionError

        with begun_transactions() as begun, pytest.raises(ZeroDivisionError):
            write_and_stumble()

        assert len(begun) == 3
        assert count(database) == 1

    def test_a_write_before_every_read_is_one_as_well(self, database):
        with database.together():
            write(database)
            assert count(database) == 1

    def test_a_write_that_fails_leaves_reads_as_they_were(self, database):
        with database.together():
            assert count(database) == 0
            with pytest.raises(StoreBroken), database.writing() as writer:
                writer.exec_driver_sql("SELECT missing FROM changes")
            assert count(database) == 0

    @WITH_OTHERS
    def test_other_threads_have_transactions_of_their_own(self, database):
        with ThreadPoolExecutor(1) as pool, database.together():
            before = count(database)
            pool.submit(write, database).result()

            assert pool.submit(count, database).result() == 1
            assert (before, count(database)) == (0, 0)

    def test_another_database_is_not_meant(self, database):
        other = Database("sqlite://")
        write(other)

        with begun_transactions() as begun, database.together(), other.together():
            assert [count(database), count(other), count(database), count(other)] == [0, 1, 0, 1]

        assert len(begun) == 2
        other.close()

    def test_connections_are_given_back(self, database):
        """A pool has few: the last of these would wait for ever."""

        def read_and_stumble():
            with database.together():
                count(database)
                raise ZeroDivisionError

        for _ in range(25):
            with database.together():
                count(database)
            with pytest.raises(ZeroDivisionError):
                read_and_stumble()

        assert count(database) == 0

    def test_what_goes_wrong_in_a_read_is_worded_at_once(self, database):
        with (
            database.together(),
            pytest.raises(StoreBroken, match="missing"),
            database.reading() as reader,
        ):
            reader.exec_driver_sql("SELECT missing FROM changes")

    def test_what_goes_wrong_in_a_read_ends_the_block(self, database):
        def stumble():
            with database.together():
                count(database)
                with database.reading() as reader:
                    reader.exec_driver_sql("SELECT missing FROM changes")

        with pytest.raises(StoreBroken, match="missing"):
            stumble()
        assert count(database) == 0


class TestTogetherInAnOutage:
    """The database's server goes away while a thread reads."""

    AWAY = "is used again as soon as it answers"

    @pytest.fixture
    def database(self, postgres):
        made = Database(postgres.create_migrated())
        yield made
        made.close()

    def test_before_the_first_read_is_told(self, database, postgres):
        def read():
            with database.together():
                postgres.pause()
                count(database)

        with pytest.raises(StoreBroken, match=self.AWAY):
            read()
        postgres.resume()
        assert count(database) == 0

    def test_between_two_reads_is_told(self, database, postgres):
        def read_twice():
            with database.together():
                count(database)
                postgres.pause()
                count(database)

        with pytest.raises(StoreBroken, match=self.AWAY):
            read_twice()
        postgres.resume()
        assert count(database) == 0

    def test_after_the_last_read_is_told(self, database, postgres):
        def read():
            with database.together():
                count(database)
                postgres.pause()

        with pytest.raises(StoreBroken, match=self.AWAY):
            read()
        postgres.resume()
        assert count(database) == 0

    def test_between_a_read_and_a_write_is_told(self, database, postgres):
        def read_and_write():
            with database.together():
                count(database)
                postgres.pause()
                write(database)

        with pytest.raises(StoreBroken, match=self.AWAY):
            read_and_write()
        postgres.resume()
        assert count(database) == 0
