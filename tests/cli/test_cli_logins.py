"""Where people are signed in, on the command line."""

from __future__ import annotations

import pytest
from outcomes import refused, said, told


@pytest.fixture
def device(call, ann):
    """The kitchen of ann."""
    return told(call("login", "device", "ann", "kitchen", "--json"))


class TestDevice:
    def test_shows_its_token_once_and_alone(self, call, ann):
        result = call("login", "device", "ann", "kitchen")

        token = said(result)
        assert (token.count("\n"), token.count(".")) == (1, 2)
        assert "is not shown again" in result.stderr
        assert token.strip() not in said(call("login", "list", "ann"))

    def test_programs_get_what_the_api_tells(self, device):
        login = device["login"]

        assert (login["kind"], login["client"], login["address"]) == ("device", "kitchen", None)
        assert sorted(login) == sorted(
            ["id", "kind", "client", "created_at", "seen_at", "address", "expires_at"]
        )
        assert login["created_at"].endswith("Z")
        assert device["token"].count(".") == 2

    def test_needs_a_name(self, call, ann):
        refused(call("login", "device", "ann", " "))

    def test_needs_a_person(self, call):
        assert "nobody" in refused(call("login", "device", "nobody", "kitchen"))


class TestList:
    def test_shows_whole_ids(self, call, device):
        shown = said(call("login", "list", "ann"))

        assert device["login"]["id"] in shown
        assert "kitchen" in shown

    def test_has_the_newest_first(self, call, device):
        said(call("login", "device", "ann", "hall"))

        logins = told(call("login", "list", "ann", "--json"))["logins"]

        assert sorted(login["client"] for login in logins) == ["hall", "kitchen"]
        assert device["login"] in logins


class TestRevoke:
    def test_ends_one(self, call, device):
        hall = told(call("login", "device", "ann", "hall", "--json"))["login"]

        assert said(call("login", "revoke", "ann", device["login"]["id"])) == (
            "ann is signed out of 1 login\n"
        )
        assert told(call("login", "list", "ann", "--json")) == {"logins": [hall]}

    def test_ends_all(self, call, device):
        said(call("login", "device", "ann", "hall"))

        assert said(call("login", "revoke", "ann", "--all")) == "ann is signed out of 2 logins\n"
        assert told(call("login", "list", "ann", "--json")) == {"logins": []}

    def test_tells_programs_how_many(self, call, device):
        assert told(call("login", "revoke", "ann", "--all", "--json")) == {"revoked": 1}

    def test_of_an_unknown_id_is_refused(self, call, ann):
        assert "no such login" in refused(call("login", "revoke", "ann", "77"))

    def test_of_somebody_elses_is_refused(self, call, device):
        said(call("user", "add", "bob", "--password-stdin", typed="correct horse battery\n"))

        refused(call("login", "revoke", "bob", device["login"]["id"]))

    @pytest.mark.parametrize("words", [(), ("77", "--all")])
    def test_wants_ids_or_all(self, call, ann, words):
        result = call("login", "revoke", "ann", *words)

        assert (result.exit_code, "--all" in result.stderr) == (2, True)
