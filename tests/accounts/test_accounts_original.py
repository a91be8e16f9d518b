"""The database of the original server: what is read, and what is refused."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from original_databases import (
    CHEAP_HASH,
    JOINED_SECONDS,
    add_original,
    django_hash,
    make_original,
)
from pytlas_wamp.accounts import original
from pytlas_wamp.accounts.original import NotTheOriginal, presentable, read_original


@pytest.fixture
def path(tmp_path):
    return make_original(tmp_path / "db.sqlite3")


def only(path):
    [person] = read_original(path)
    return person


def execute(path, statement, *values):
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement, values)


class TestPerson:
    def test_has_all_that_moves(self, path):
        add_original(
            path,
            "julien",
            language="fr-FR",
            settings=[("WEATHER_API_KEY", "k1"), ("HOME", "Rouen")],
            first_name="Julien",
            last_name="Leicher",
        )

        person = only(path)

        assert (person.id, person.name, person.password_hash) == (1, "julien", CHEAP_HASH)
        assert (person.display_name, person.language) == ("Julien Leicher", "fr-FR")
        assert person.settings == (("WEATHER_API_KEY", "k1"), ("HOME", "Rouen"))
        assert (person.admin, person.active, person.created_at) == (False, True, JOINED_SECONDS)

    @pytest.mark.parametrize("kind", ["superuser", "staff"])
    def test_superusers_and_staff_are_administrators(self, path, kind):
        add_original(path, "root", **{kind: True})

        assert only(path).admin

    def test_may_be_inactive(self, path):
        add_original(path, "gone", active=False)

        assert not only(path).active

    def test_without_a_profile_has_no_language(self, path):
        add_original(path, "bare", language=None)

        assert only(path).language == ""

    @pytest.mark.parametrize(
        ("joined", "seconds"),
        [
            ("2019-01-11 07:49:00", JOINED_SECONDS),
            ("2019-01-11T08:49:00+01:00", JOINED_SECONDS),
            ("some day", None),
            ("", None),
            ("0001-01-01 00:00:00+14:00", None),
        ],
    )
    def test_joined_at_a_time_or_at_none(self, path, joined, seconds):
        add_original(path, "ann", joined=joined)

        assert only(path).created_at == seconds

    def test_columns_may_hold_other_types_than_they_declare(self, path):
        add_original(path, 42, settings=[("CITY", b"Caf\xc3\xa9")])

        person = only(path)

        assert (person.name, person.settings) == ("42", (("CITY", "Café"),))

    def test_broken_text_spoils_nothing_else(self, path):
        add_original(path, "ann")
        execute(path, "UPDATE auth_user SET username = CAST(x'61ff62' AS TEXT)")

        assert only(path).name == "a\udcffb"

    def test_does_not_show_secrets_in_a_repr(self, path):
        add_original(path, "ann", settings=[("KEY", "s3cr3t")])

        shown = repr(only(path))

        assert "s3cr3t" not in shown
        assert CHEAP_HASH not in shown

    def test_they_come_by_id(self, path):
        for user_id, name in ((7, "late"), (2, "early")):
            add_original(path, name, user_id=user_id)

        assert [person.name for person in read_original(path)] == ["early", "late"]


class TestReading:
    def test_changes_nothing(self, path):
        add_original(path, "ann")
        before = path.read_bytes()

        read_original(path)

        assert path.read_bytes() == before
        assert [one.name for one in path.parent.iterdir()] == ["db.sqlite3"]

    def test_could_not_change_anything(self, path):
        with (
            closing(original._opened(path)) as connection,
            pytest.raises(sqlite3.OperationalError, match="readonly"),
        ):
            connection.execute("DELETE FROM auth_user")

    def test_takes_any_name_of_a_file(self, tmp_path):
        odd = make_original(tmp_path / "what? 100% #1.sqlite3")
        add_original(odd, "ann")

        assert only(odd).name == "ann"

    def test_an_empty_installation_has_nobody(self, path):
        assert read_original(path) == []


class TestRefusals:
    def refused(self, path):
        with pytest.raises(NotTheOriginal) as caught:
            read_original(path)
        text = str(caught.value)
        assert text.startswith(str(path))
        assert text.endswith(".")
        assert "\n" not in text
        return text

    def test_a_file_that_is_not_there(self, tmp_path):
        assert "does not exist" in self.refused(tmp_path / "nowhere.sqlite3")
        assert list(tmp_path.iterdir()) == []

    def test_a_directory(self, tmp_path):
        assert "is a directory" in self.refused(tmp_path)

    def test_what_is_no_file(self):
        assert "is no file" in self.refused(Path("/dev/null"))

    def test_a_name_that_no_file_can_have(self, tmp_path):
        assert "does not exist" in self.refused(tmp_path / "a\0b")

    def test_a_place_that_cannot_be_looked_at(self, tmp_path):
        assert "cannot be read (File name too long)" in self.refused(tmp_path / ("x" * 300))

    def test_text(self, tmp_path):
        path = tmp_path / "notes.txt"
        path.write_text("this is no database at all, " * 100)

        assert "is no SQLite database, or it is encrypted" in self.refused(path)

    def test_an_empty_file(self, tmp_path):
        path = tmp_path / "empty"
        path.touch()

        assert "is no database of pytlas-server" in self.refused(path)

    def test_a_database_of_another_program(self, tmp_path):
        path = tmp_path / "other.sqlite3"
        execute(path, "CREATE TABLE auth_user (id INTEGER)")

        assert "it has no table assistant_profile" in self.refused(path)

    def test_tables_of_another_form(self, path):
        execute(path, "ALTER TABLE auth_user DROP COLUMN is_staff")

        assert "of a version of pytlas-server that is not known" in self.refused(path)

    def test_a_damaged_one(self, path):
        for number in range(300):
            add_original(path, f"user{number}", settings=[("KEY", "v" * 200)])
        damaged = bytearray(path.read_bytes())
        damaged[4096 * 3 : -4096] = b"\xaa" * (len(damaged) - 4096 * 4)
        path.write_bytes(damaged)

        assert "is damaged" in self.refused(path)

    def test_a_busy_one(self, path, monkeypatch):
        monkeypatch.setattr("pytlas_wamp.accounts.original._BUSY_TIMEOUT_SECONDS", 0.01)
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("BEGIN EXCLUSIVE")

            assert "is kept busy by another program" in self.refused(path)

    def test_any_other_complaint_is_passed_on(self, path, monkeypatch):
        def complain(*_):
            raise sqlite3.OperationalError("disk I/O error")

        monkeypatch.setattr("pytlas_wamp.accounts.original._settings_by_user", complain)

        assert "cannot be read (disk I/O error)." in self.refused(path)


class TestPresentable:
    def test_leaves_out_what_cannot_be_shown(self):
        assert presentable("A\u202enn\n \udcff\u2028") == "Ann"

    def test_is_not_too_long(self):
        assert len(presentable("x" * 400)) == 150


def test_hashes_are_made_as_django_makes_them():
    """The expected one stands in Django 2.1's own tests."""
    assert django_hash("lètmein", iterations=120_000, salt="seasalt") == (
        "pbkdf2_sha256$120000$seasalt$fsgWMpOXin7ZAmi4j+7XjKCZ4JCvxJTGiwwDrawRqSc="
    )
