"""Moving from pytlas-server, on the command line."""

from __future__ import annotations

import json

import pytest
from outcomes import refused, said, told

from original_databases import add_original, make_original
from pytlas_wamp.accounts.sql import SqlAccountStore

SECRET = "a secret of the past that is long enough"


@pytest.fixture
def database(tmp_path):
    """An original with two people."""
    path = make_original(tmp_path / "db.sqlite3")
    add_original(path, "julien", language="fr-FR", superuser=True, settings=[("CITY", "Rouen")])
    add_original(path, "ann")
    return str(path)


def document(result):
    assert result.exit_code in {0, 1}
    return json.loads(result.stdout)


class TestImport:
    def test_reports_each_person_and_the_totals(self, call, database):
        shown = said(call("import-django", database, "--secret", SECRET))

        assert shown.splitlines() == [
            "julien: added, settings added: 1",
            "ann: added",
            "2 people: 2 added, 0 already here, 0 left out; settings added: 1",
            "phones stay signed in: tokens of pytlas-server are accepted for 30 days",
        ]
        [julien, ann] = told(call("user", "list", "--json"))["users"]
        assert (julien["admin"], julien["language"], julien["original"]) == (True, "fr-FR", True)
        assert ann["name"] == "ann"

    def test_again_changes_nothing(self, call, database):
        said(call("import-django", database, "--secret", SECRET))
        said(call("user", "language", "julien", "en"))
        before = told(call("user", "list", "--json"))

        shown = said(call("import-django", database, "--secret", SECRET))

        assert "julien: already here\n" in shown
        assert "tokens of pytlas-server are accepted already" in shown
        assert told(call("user", "list", "--json")) == before

    def test_dry_run_says_the_same_and_changes_nothing(self, call, database):
        tried = said(call("import-django", database, "--secret", SECRET, "--dry-run"))

        assert told(call("user", "list", "--json")) == {"users": []}
        assert len(told(call("key", "list", "--json"))["keys"]) == 1
        done = said(call("import-django", database, "--secret", SECRET))
        assert tried == done + "nothing was changed: this was a dry run\n"

    def test_ends_with_1_when_something_is_left_out(self, call, database):
        add_original(database, "a\u200bb", settings=[("uid", "1")])

        result = call("import-django", database)

        assert result.exit_code == 1
        lines = result.stdout.splitlines()
        at = lines.index("'a\\u200bb': left out")
        assert "invisible characters" in lines[at + 1]
        assert lines[at + 2] == ("    give them another name, such as --rename 'a\\u200bb=ab'")
        assert lines[-1].startswith("not everything was moved")

    def test_takes_other_names(self, call, database):
        result = call("import-django", database, "--rename", "ann=anna")

        assert "ann: added\n    is named 'anna' here\n" in said(result)

    def test_a_new_name_for_nobody_is_refused(self, call, database):
        assert "nobody named 'eve'" in refused(
            call("import-django", database, "--rename", "eve=eva")
        )

    def test_a_new_name_has_to_be_a_pair(self, call, database):
        result = call("import-django", database, "--rename", "eve")

        assert (result.exit_code, "OLD=NEW" in result.stderr) == (2, True)

    def test_uses_the_servers_language_when_there_is_none(self, call, database, tmp_path):
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "pytlas.ini").write_text("[pytlas]\nlanguage = de\n")
        add_original(database, "bob", language="")

        said(call("import-django", database))

        assert told(call("user", "show", "bob", "--json"))["language"] == "de"

    def test_what_is_no_database_is_one_sentence(self, call, tmp_path):
        for path in (tmp_path / "nowhere", tmp_path):
            assert refused(call("import-django", str(path))).count("\n") == 1


class TestJson:
    def test_has_the_report(self, call, database):
        shown = told(call("import-django", database, "--json", "--secret", SECRET))

        user = shown["users"][0]
        assert user.pop("user")["name"] == "julien"
        assert user == {
            "original_id": 1,
            "original_name": "julien",
            "outcome": "added",
            "settings_added": ["CITY"],
            "notes": [],
            "suggestion": None,
            "complete": True,
        }
        assert shown["totals"] == {
            "added": 2,
            "already_here": 0,
            "left_out": 0,
            "settings_added": 1,
            "incomplete": 0,
        }
        assert (shown["tokens"], shown["dry_run"]) == ("accepted", False)

    def test_is_printed_also_with_broken_names(self, call, tmp_path):
        path = make_original(tmp_path / "db.sqlite3")
        add_original(path, "a\u200bb")

        shown = document(call("import-django", str(path), "--json"))

        assert (shown["users"][0]["user"], shown["users"][0]["suggestion"]) == (None, "ab")


class TestSecret:
    def tokens(self, call, database, *words, typed=""):
        return document(call("import-django", database, "--json", *words, typed=typed))["tokens"]

    def test_may_be_left_out(self, call, database):
        shown = said(call("import-django", database))

        assert "phones have to sign in again; to keep them signed in" in shown
        assert "--config pytlas.ini" in shown

    def test_comes_from_a_file(self, call, database, tmp_path):
        (tmp_path / "secret").write_text(f"{SECRET}\n")

        assert self.tokens(call, database, "--secret-file", str(tmp_path / "secret")) == "accepted"

    def test_is_typed(self, call, database):
        result = call("import-django", database, "--secret-file", "-", typed=f"{SECRET}\n")

        assert "phones stay signed in" in said(result)

    def test_comes_from_the_old_configuration(self, call, database, tmp_path):
        (tmp_path / "old.ini").write_text(
            "[web]\nsecret = a%%b\\=c of the past, long enough\n[DEFAULT]\nx = 1\n"
        )
        said(call("import-django", database, "--config", str(tmp_path / "old.ini")))

        # The original reads it in this very way.
        assert self.tokens(call, database, "--secret", "a%b\\=c of the past, long enough") == (
            "accepted"
        )
        assert len(told(call("key", "list", "--json"))["keys"]) == 2

    def test_that_is_published_is_refused(self, call, database):
        result = call("import-django", database, "--secret", "generateAStrongSecretKeyHere")

        assert "everybody can download" in refused(result)
        assert told(call("user", "list", "--json")) == {"users": []}

    @pytest.mark.parametrize(
        ("text", "said_about_it"),
        [
            ("[web]\ndebug = no\n", "has no secret in its section [web]"),
            ("[pytlas]\n", "has no secret in its section [web]"),
            ("[web]\nsecret = a%b\n", "cannot be read as a pytlas.ini"),
            ("secret = x\n", "cannot be read as a pytlas.ini"),
        ],
    )
    def test_that_is_not_in_the_configuration(self, call, database, tmp_path, text, said_about_it):
        (tmp_path / "old.ini").write_text(text)

        shown = refused(call("import-django", database, "--config", str(tmp_path / "old.ini")))

        assert said_about_it in shown
        assert "a%b" not in shown

    def test_files_that_cannot_be_read_are_named(self, call, database, tmp_path):
        (tmp_path / "latin").write_bytes(b"[web]\nsecret = \xe9\n")

        assert "is not UTF-8" in refused(
            call("import-django", database, "--config", str(tmp_path / "latin"))
        )
        assert "No such file" in refused(
            call("import-django", database, "--secret-file", str(tmp_path / "nowhere"))
        )

    def test_is_given_once(self, call, database):
        result = call("import-django", database, "--secret", SECRET, "--config", "x")

        assert (result.exit_code, "Say one of" in result.stderr) == (2, True)

    def test_may_be_this_servers_own(self, call, database, tmp_path):
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "pytlas.ini").write_text(f"[web]\nsecret = {SECRET}\n")

        assert self.tokens(call, database, "--secret", SECRET) == "own"

    def test_of_both_servers_does_not_open_others_accounts(self, call, ann, database, tmp_path):
        (tmp_path / "data" / "pytlas.ini").write_text(f"[web]\nsecret = {SECRET}\n")

        said(call("import-django", database, "--secret", SECRET, "--rename", "ann=anna"))

        again = said(call("import-django", database, "--secret", SECRET, "--rename", "ann=anna"))
        store = SqlAccountStore(tmp_path / "data" / "pytlas.sqlite3")
        # ann has the id of the original's julien, and julien that of the original's ann.
        plain = {one.name: one.plain_tokens for one in store.all()}
        store.close()
        assert plain == {"ann": False, "julien": False, "anna": True}
        assert "sign in again" not in again

    def test_of_both_servers_says_who_has_to_sign_in_again(self, call, ann, database, tmp_path):
        (tmp_path / "data" / "pytlas.ini").write_text(f"[web]\nsecret = {SECRET}\n")
        store = SqlAccountStore(tmp_path / "data" / "pytlas.sqlite3")
        store.change(store.find("ann").id, plain_tokens=True)  # as one of an older version
        store.close()

        shown = call("import-django", database, "--secret", SECRET).stdout

        assert "but not julien, whose id 1 is that of ann here: both have to sign in" in shown
