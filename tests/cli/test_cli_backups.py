"""Saving everything and bringing it back, on the command line."""

from __future__ import annotations

import io
import tarfile
from functools import partial

import pytest
from attrs import evolve
from click.testing import CliRunner
from outcomes import refused, said, told

from postgres import shared_server
from pytlas_wamp.accounts import backup
from pytlas_wamp.accounts.sql import SqlAccountStore
from pytlas_wamp.accounts.sql_journal import SqlJournalStore
from pytlas_wamp.cli import backups, main
from pytlas_wamp.errors import ConfigError
from pytlas_wamp.journal.model import Batch, Entry, Record


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def file(tmp_path):
    return str(tmp_path / "backup.tar.gz")


@pytest.fixture
def elsewhere(tmp_path, pytlas_as_new):
    """Calls `pytlas-wamp` for another data folder."""

    def run(*words, typed=b"", options=()):
        runner = CliRunner(mix_stderr=False)
        arguments = ["--data-dir", str(tmp_path / "other"), *options, *words]
        return runner.invoke(main, arguments, input=typed, catch_exceptions=False)

    return run


@pytest.fixture
def full(call, ann, data):
    """A data folder with something of each kind."""
    said(call("user", "setting", "ann", "city", "Rouen", "--free"))
    said(call("login", "device", "ann", "kitchen"))
    (data / "skills" / "tea").mkdir()
    (data / "skills" / "tea" / "__init__.py").write_text("pass\n")
    (data / "pytlas.ini").write_text("[tea]\nminutes = 4\n")


def talk(data):
    """Lets Ann's conversation have two frames."""
    nothing = {"re": None, "message_id": None, "digest": None}
    entries = tuple(
        Entry(user_id=1, seq=seq, at=float(seq), kind="done", body="{}", **nothing)
        for seq in (1, 2)
    )
    record = Record(user_id=1, seq=2, reserved=2, snapshot="{}", open_turns=())
    store = SqlAccountStore(data / "pytlas.sqlite3")
    SqlJournalStore(store.database).write([Batch(record=record, entries=entries)])
    store.close()
    return entries


class TestBackup:
    def test_says_what_it_saved(self, call, full, file):
        assert said(call("backup", file)) == f"saved 1 account and the skills to {file}\n"

    def test_is_for_its_owner_only(self, call, full, file, tmp_path):
        said(call("backup", file))

        assert (tmp_path / "backup.tar.gz").stat().st_mode & 0o777 == 0o600
        assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.tar.gz", "data"]

    def test_holds_everything(self, call, full, file):
        said(call("backup", file))

        with tarfile.open(file) as archive:
            assert sorted(archive.getnames()) == [
                "database/conversations.jsonl",
                "database/entries.jsonl",
                "database/logins.jsonl",
                "database/revoked_tokens.jsonl",
                "database/settings.jsonl",
                "database/signing_keys.jsonl",
                "database/users.jsonl",
                "manifest.json",
                "pytlas.ini",
                "secret",
                "skills/tea",
                "skills/tea/__init__.py",
            ]

    def test_tells_programs(self, call, full, file, tmp_path):
        document = told(call("backup", file, "--json"))

        assert document.pop("created").endswith("Z")
        assert document == {
            "file": file,
            "bytes": (tmp_path / "backup.tar.gz").stat().st_size,
            "accounts": 1,
            "left_out": [],
        }

    def test_replaces_an_older_one(self, call, full, file, tmp_path):
        (tmp_path / "backup.tar.gz").write_text("old")

        said(call("backup", file))

        assert tarfile.is_tarfile(file)

    def test_says_what_it_left_out(self, call, full, file, data):
        (data / "skills" / "away").symlink_to("/etc")

        result = call("backup", file)

        assert said(result)
        assert result.stderr.startswith("warning: left out: skills/away is a link to /etc")

    def test_says_how_much_was_said_that_it_left_out(self, call, full, file, data, monkeypatch):
        talk(data)
        monkeypatch.setattr(backup, "dump", partial(backup.dump, max_log_bytes=1))

        result = call("backup", file)

        assert said(result)
        assert result.stderr == ("warning: left out: the 2 oldest frames of conversations.\n")

    def test_goes_to_standard_output(self, call, full):
        result = call("backup", "-")

        with tarfile.open(fileobj=io.BytesIO(result.stdout_bytes)) as archive:
            assert "manifest.json" in archive.getnames()
        assert (result.exit_code, result.stderr) == (0, "")

    def test_is_nothing_for_a_terminal(self, call, full, monkeypatch):
        monkeypatch.setattr(
            backups.sys, "stdout", type("Terminal", (), {"isatty": lambda _: True})()
        )
        with pytest.raises(backups.OperatorError, match="nothing for a terminal"):
            backups._written("-").__enter__()

    def test_and_json_cannot_both_go_there(self, call, full):
        result = call("backup", "-", "--json")

        assert (result.exit_code, "name a file" in result.stderr) == (2, True)

    def test_a_directory_is_no_file(self, call, full, tmp_path):
        assert "is a directory" in refused(call("backup", str(tmp_path)))

    def test_a_place_that_is_not_there_is_named(self, call, full, tmp_path):
        assert "No such file or directory" in refused(call("backup", str(tmp_path / "no" / "b")))

    def test_leaves_nothing_behind_when_it_fails(self, call, full, file, tmp_path, monkeypatch):
        def fail(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("pytlas_wamp.cli.archives.write_archive", fail)
        (tmp_path / "backup.tar.gz").write_text("old")

        assert refused(call("backup", file)) == (
            f"pytlas-wamp: {file} cannot be written: No space left on device\n"
        )
        assert (tmp_path / "backup.tar.gz").read_text() == "old"
        assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.tar.gz", "data"]


class TestRestore:
    @pytest.fixture
    def saved(self, call, full, file):
        said(call("backup", file))

    def test_brings_everything_to_another_place(self, call, saved, file, elsewhere, tmp_path, data):
        shown = said(elsewhere("restore", file))

        assert shown.startswith("restored 1 account as of 20")
        assert shown.count("\n") == 1
        for words in (("user", "list"), ("login", "list", "ann"), ("user", "setting", "ann")):
            assert said(elsewhere(*words, "--json")) == said(call(*words, "--json"))
        other = tmp_path / "other"
        for name in ("secret", "pytlas.ini", "skills/tea/__init__.py"):
            assert (other / name).read_text().strip() == (data / name).read_text().strip()
        assert (other / "secret").stat().st_mode & 0o777 == 0o600
        assert [path.name for path in other.iterdir() if path.name.startswith(".")] == []

    def test_brings_what_was_said(self, call, full, file, elsewhere, tmp_path, data):
        frames = talk(data)
        said(call("backup", file))
        said(elsewhere("restore", file))

        store = SqlAccountStore(tmp_path / "other" / "pytlas.sqlite3")
        assert SqlJournalStore(store.database).page(1, before=None, limit=9) == frames
        store.close()

    def test_tells_programs(self, saved, file, elsewhere):
        document = told(elsewhere("restore", file, "--json"))

        assert (document["accounts"], document["skills"], document["notes"]) == (1, ["tea"], [])

    def test_comes_from_standard_input_too(self, call, full, elsewhere):
        content = call("backup", "-").stdout_bytes

        assert "restored 1 account" in said(elsewhere("restore", "-", typed=content))

    def test_loses_nothing_unless_it_is_told_to(self, call, saved, file):
        said(call("user", "add", "bob", "--password-stdin", typed="correct horse battery\n"))

        assert "--replace" in refused(call("restore", file))
        assert len(told(call("user", "list", "--json"))["users"]) == 2

    def test_replaces_what_is_there(self, call, saved, file, data):
        said(call("user", "add", "bob", "--password-stdin", typed="correct horse battery\n"))
        (data / "skills" / "tea" / "__init__.py").write_text("changed\n")
        (data / "skills" / "mine").mkdir()

        shown = said(call("restore", file, "--replace"))

        assert shown.count("\n") == 1
        [user] = told(call("user", "list", "--json"))["users"]
        assert user["name"] == "ann"
        assert (data / "skills" / "tea" / "__init__.py").read_text() == "pass\n"
        assert (data / "skills" / "mine").is_dir()

    def test_keeps_skills_that_are_there(self, saved, file, elsewhere, tmp_path):
        mine = tmp_path / "other" / "skills" / "tea"
        mine.mkdir(parents=True)
        (mine / "__init__.py").write_text("mine\n")

        assert "kept the skill tea" in said(elsewhere("restore", file))
        assert (mine / "__init__.py").read_text() == "mine\n"

    def test_a_running_server_learns_of_it(self, call, saved, file, data):
        store = SqlAccountStore(data / "pytlas.sqlite3")
        before = store.last_change()

        said(call("restore", file, "--replace"))

        kinds = [change.kind for change in store.changes(before)]
        store.close()
        assert kinds == ["login", "account", "keys", "skills", "skills"]

    def test_goes_to_postgresql_as_well(self, saved, file, elsewhere, monkeypatch):
        monkeypatch.setenv("SERVER_DATABASE", shared_server().create())

        said(elsewhere("restore", file))

        [user] = told(elsewhere("user", "list", "--json"))["users"]
        assert (user["name"], user["id"]) == ("ann", 1)
        said(elsewhere("user", "add", "bob", "--password-stdin", typed=b"correct horse battery\n"))
        assert told(elsewhere("user", "show", "bob", "--json"))["id"] == 2

    @pytest.mark.parametrize("content", [b"", b"no archive"])
    def test_what_is_no_backup_changes_nothing(self, elsewhere, tmp_path, content):
        (tmp_path / "b").write_bytes(content)

        assert "is no backup" in refused(elsewhere("restore", str(tmp_path / "b")))
        assert told(elsewhere("user", "list", "--json")) == {"users": []}

    def test_a_file_that_is_not_there_is_named(self, elsewhere, tmp_path):
        assert "No such file or directory" in refused(elsewhere("restore", str(tmp_path / "b")))


class TestSecret:
    @pytest.fixture
    def saved(self, call, full, file):
        said(call("backup", file))

    def test_in_use_means_a_restart(self, saved, file, elsewhere, tmp_path, data):
        said(elsewhere("user", "list"))

        assert "restart the server" in said(elsewhere("restore", file))
        assert (tmp_path / "other" / "secret").read_text() == (data / "secret").read_text()

    def test_of_the_configuration_stays(self, saved, file, elsewhere, monkeypatch, tmp_path):
        monkeypatch.setenv("WEB_SECRET", "z" * 40)

        assert "people have to sign in again" in said(elsewhere("restore", file))
        assert not (tmp_path / "other" / "secret").exists()

    def test_too_short_for_one_is_refused(self, call, full, file, elsewhere, monkeypatch):
        monkeypatch.setenv("WEB_SECRET", "z" * 16)
        said(call("backup", file))
        monkeypatch.delenv("WEB_SECRET")
        monkeypatch.setattr(backups, "SHORTEST_SECRET", 17)

        assert "too short" in refused(elsewhere("restore", file))


class TestConfiguration:
    @pytest.fixture
    def save(self, call, ann, file, data):
        """Makes a backup with a configuration."""

        def run(text):
            (data / "pytlas.ini").write_text(text)
            said(call("backup", file))

        return run

    def test_that_is_there_stays(self, save, file, elsewhere, tmp_path):
        save("[tea]\nminutes = 4\n")
        other = tmp_path / "other"
        other.mkdir()
        (other / "pytlas.ini").write_text("[tea]\nminutes = 5\n")

        shown = said(elsewhere("restore", file))

        assert "is not used, because there is another one" in shown
        assert (other / "pytlas.ini").read_text() == "[tea]\nminutes = 5\n"
        assert (other / "pytlas.ini.restored").read_text() == "[tea]\nminutes = 4\n"

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("[database]\npath = other.sqlite3\n", "it names another database"),
            ("[pytlas]\nskills_dir = elsewhere\n", "it names another folder of skills"),
        ],
    )
    def test_that_leads_elsewhere_is_not_used(self, save, file, elsewhere, tmp_path, text, why):
        save(text)

        assert f"because {why}" in said(elsewhere("restore", file))
        assert not (tmp_path / "other" / "pytlas.ini").exists()
        assert (tmp_path / "other" / "pytlas.ini.restored").read_text() == text

    def test_that_is_not_valid_here_is_not_used(self, save, file, elsewhere, monkeypatch, tmp_path):
        save("[tea]\nminutes = 4\n")
        real, calls = backups._Restored._trouble_with_config, []

        def read():
            raise ConfigError(["something is wrong"])

        monkeypatch.setattr(
            backups._Restored,
            "_trouble_with_config",
            lambda self, _: calls.append(1) or real(self, read),
        )

        assert "not valid here (something is wrong)" in said(elsewhere("restore", file))
        assert calls == [1]

    def test_with_another_secret_is_not_used(self, save, file, elsewhere, monkeypatch):
        save("[web]\nsecret = " + "a" * 40 + "\n")
        real = backups._Restored.put_secret

        def change(self, *, was_in_use):
            self.backup = evolve(self.backup, secret="b" * 40)
            real(self, was_in_use=was_in_use)

        monkeypatch.setattr(backups._Restored, "put_secret", change)

        assert "because it has another secret" in said(elsewhere("restore", file))

    def test_is_not_needed(self, call, ann, file, elsewhere, tmp_path):
        said(call("backup", file))

        said(elsewhere("restore", file))

        assert not list((tmp_path / "other").glob("pytlas.ini*"))

    def test_that_cannot_be_read_stops_a_backup(self, save, call, file, data, monkeypatch):
        save("[tea]\n")
        real = backups.Path.read_bytes

        def refuse(path):
            if path.name == "pytlas.ini":
                raise PermissionError(13, "Permission denied")
            return real(path)

        monkeypatch.setattr(backups.Path, "read_bytes", refuse)

        assert "pytlas.ini cannot be read: Permission denied" in refused(call("backup", file))
