"""People, looked after on the command line."""

from __future__ import annotations

import json

import pytest
from outcomes import refused, said, told

GOOD = "correct horse battery"


class TestUser:
    def test_add_tells_who_was_added(self, call):
        result = call(
            *("user", "add", "ann", "--admin", "--language", "fr-FR", "--password-stdin"),
            typed=f"{GOOD}\n",
        )

        assert said(result) == "added the administrator ann, who speaks fr-FR\n"

    def test_add_asks_for_the_password_twice(self, call):
        assert "added the user bob" in said(call("user", "add", "bob", typed=f"{GOOD}\n{GOOD}\n"))

    def test_add_does_not_show_the_password(self, call):
        assert GOOD not in said(call("user", "add", "bob", typed=f"{GOOD}\n{GOOD}\n"))

    def test_add_asks_again_while_the_password_is_weak(self, call):
        result = call("user", "add", "bob", typed=f"secret\nsecret\n{GOOD}\n{GOOD}\n")

        assert "added the user bob" in said(result)
        assert result.stderr.startswith("pytlas-wamp: ")
        assert result.stderr.count("\n") == 1

    def test_a_weak_password_is_refused_where_nobody_can_be_asked(self, call):
        result = call("user", "add", "bob", "--password-stdin", typed="secret\nsecret\n")

        assert refused(result).count("\n") == 1
        assert told(call("user", "list", "--json")) == {"users": []}

    def test_a_name_is_taken_once(self, call, ann):
        result = call("user", "add", "Ann", "--password-stdin", typed=f"{GOOD}\n")

        assert "ann" in refused(result).lower()

    def test_a_bad_language_is_named(self, call):
        result = call(
            "user", "add", "bob", "--language", "klingon", "--password-stdin", typed=f"{GOOD}\n"
        )

        assert "klingon" in refused(result)

    def test_an_empty_password_is_refused(self, call):
        assert "assword" in refused(call("user", "add", "bob", "--password-stdin", typed="\n"))

    def test_list_shows_everybody(self, call, ann):
        assert "ann" in said(call("user", "list"))

    def test_list_takes_no_name_for_markup(self, call):
        said(call("user", "add", "[red]bob", "--password-stdin", typed=f"{GOOD}\n"))

        assert "[red]bob" in said(call("user", "list"))

    def test_list_says_who_may_not_sign_in(self, call, ann):
        said(call("user", "disable", "ann"))

        assert "no" in said(call("user", "list")).splitlines()[3]

    def test_enable_lets_in_again(self, call, ann):
        said(call("user", "disable", "ann"))
        said(call("user", "enable", "ann"))

        assert "yes" in said(call("user", "list")).splitlines()[3]

    def test_passwd_gives_a_new_password(self, call, ann):
        result = call("user", "passwd", "ann", "--password-stdin", typed="another good one 57\n")

        assert said(result) == "ann has a new password\n"

    def test_passwd_ends_all_logins(self, call, ann):
        said(call("login", "device", "ann", "kitchen"))
        said(call("user", "passwd", "ann", "--password-stdin", typed="another good one 57\n"))

        assert told(call("login", "list", "ann", "--json")) == {"logins": []}

    def test_passwd_asks_for_nothing_when_there_is_nobody(self, call):
        assert "nobody" in refused(call("user", "passwd", "nobody"))

    def test_language_changes(self, call, ann):
        said(call("user", "language", "ann", "fr-FR"))

        assert "fr-FR" in said(call("user", "list"))

    def test_delete_asks_first(self, call, ann):
        result = call("user", "delete", "ann", typed="n\n")

        assert result.exit_code == 1
        assert "ann" in said(call("user", "list"))

    def test_delete_removes(self, call, ann):
        said(call("user", "delete", "ann", "--yes"))

        assert "ann" not in said(call("user", "list"))

    @pytest.mark.parametrize(
        "command", ["disable", "enable", "passwd", "delete", "show", "change", "language"]
    )
    def test_an_unknown_name_is_named(self, call, command):
        words = {
            "passwd": ["--password-stdin"],
            "delete": ["--yes"],
            "change": ["--admin"],
            "language": ["fr"],
        }.get(command, [])

        assert "nobody" in refused(call("user", command, "nobody", *words, typed=f"{GOOD}\n"))


class TestUserShow:
    def test_tells_what_is_known(self, call):
        said(
            call(
                *("user", "add", "ann", "--display-name", "Ann Smith", "--password-stdin"),
                typed=f"{GOOD}\n",
            )
        )
        said(call("user", "setting", "ann", "city", "Rouen", "--free"))

        lines = [line.split(maxsplit=1) for line in said(call("user", "show", "ann")).splitlines()]

        assert ["name", "ann"] in lines
        assert ["display", "name   Ann Smith"] in lines
        assert ["settings", "1"] in lines
        assert ["logins", "0"] in lines

    def test_leaves_out_what_is_empty(self, call, ann):
        shown = said(call("user", "show", "ann"))

        assert "display name" not in shown
        assert "pytlas-server" not in shown


class TestUserChange:
    def test_changes_all_that_is_said(self, call, ann):
        result = call(
            *("user", "change", "ann", "--name", "anna", "--display-name", "Anna"),
            *("--language", "fr", "--admin", "--inactive", "--json"),
        )

        changed = told(result)
        assert {
            name: changed[name] for name in ("name", "display_name", "language", "admin", "active")
        } == {
            "name": "anna",
            "display_name": "Anna",
            "language": "fr",
            "admin": True,
            "active": False,
        }

    def test_leaves_the_rest(self, call, ann):
        before = told(call("user", "show", "ann", "--json"))

        assert said(call("user", "change", "ann", "--admin")) == "ann is changed\n"
        assert told(call("user", "show", "ann", "--json")) == {**before, "admin": True}

    def test_asks_what_to_change(self, call, ann):
        result = call("user", "change", "ann")

        assert result.exit_code == 2
        assert "--language" in result.stderr


class TestUserJson:
    """Programs get one document, with what the API tells."""

    def test_add(self, call):
        result = call("user", "add", "ann", "--json", "--password-stdin", typed=f"{GOOD}\n")

        user = told(result)
        assert user.pop("created_at").endswith("Z")
        assert user == {
            "id": 1,
            "name": "ann",
            "display_name": "",
            "language": "en-US",
            "admin": False,
            "active": True,
            "original": False,
        }

    def test_list(self, call, ann):
        [user] = told(call("user", "list", "--json"))["users"]

        assert user == told(call("user", "show", "ann", "--json"))

    @pytest.mark.parametrize(
        ("words", "field", "value"),
        [
            (("language", "ann", "fr"), "language", "fr"),
            (("disable", "ann"), "active", False),
            (("enable", "ann"), "active", True),
            (("passwd", "ann", "--password-stdin"), "name", "ann"),
            (("delete", "ann", "--yes"), "name", "ann"),
        ],
    )
    def test_changes(self, call, ann, words, field, value):
        assert told(call("user", *words, "--json", typed="another good one 57\n"))[field] == value

    def test_questions_do_not_stand_in_it(self, call, ann):
        result = call("user", "delete", "ann", "--json", typed="y\n")

        # Click's runner shows what was typed; a terminal does that itself.
        assert json.loads(said(result).removeprefix("y\n"))["name"] == "ann"
        assert "Remove ann" in result.stderr

    def test_errors_are_a_line_as_ever(self, call):
        result = call("user", "show", "nobody", "--json")

        assert "nobody" in refused(result)
        assert result.stdout == ""
