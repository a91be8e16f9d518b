"""What tokens are signed with, on the command line."""

from __future__ import annotations

import pytest
from outcomes import said, told

from pytlas_wamp.accounts.sql import SqlAccountStore
from pytlas_wamp.cli import keys


def listed(call):
    return told(call("key", "list", "--json"))["keys"]


class TestList:
    def test_begins_with_the_secret_of_the_configuration(self, call):
        assert listed(call) == [
            {
                "id": "configured",
                "purpose": "own",
                "state": "signs",
                "created_at": None,
                "expires_at": None,
            }
        ]

    def test_is_a_table_for_people(self, call):
        said(call("key", "rotate"))

        shown = said(call("key", "list"))

        for word in ("configured", "signs", "verifies", "this server"):
            assert word in shown

    def test_never_shows_a_secret(self, call, tmp_path):
        said(call("key", "rotate"))
        store = SqlAccountStore(tmp_path / "data" / "pytlas.sqlite3")
        secret = store.keys()[0].secret
        store.close()

        assert secret
        assert secret not in said(call("key", "list", "--json")) + said(call("key", "list"))

    def test_names_those_that_have_expired(self, call, monkeypatch):
        said(call("key", "rotate"))
        monkeypatch.setattr(keys.time, "time", lambda: 9e9)

        assert [one["state"] for one in listed(call)] == ["signs", "expired"]


class TestRotate:
    def test_signs_with_another_one(self, call):
        made = told(call("key", "rotate", "--json"))

        assert made["state"] == "signs"
        assert [(one["id"], one["state"]) for one in listed(call)] == [
            (made["id"], "signs"),
            ("configured", "verifies"),
        ]

    def test_says_until_when_older_tokens_are_good(self, call):
        shown = said(call("key", "rotate"))

        assert "accepted until they expire, 20" in shown

    def test_can_end_them_at_once(self, call, monkeypatch):
        assert "have to sign in again" in said(call("key", "rotate", "--at-once"))

        assert [one["state"] for one in listed(call)] == ["signs", "expired"]


@pytest.mark.parametrize("command", ["list", "rotate"])
def test_each_says_what_it_does(call, command):
    assert "key" in said(call("key", command, "--help"))
