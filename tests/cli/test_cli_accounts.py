"""People, looked after on the command line."""

from __future__ import annotations

import pytest
from outcomes import refused, said


class TestUser:
    def test_add_tells_who_was_added(self, call):
        result = call(
            "user", "add", "ann", "--admin", "--language", "fr-FR", "--password-stdin", typed="x1\n"
        )

        assert said(result) == "added the administrator ann, who speaks fr-FR\n"

    def test_add_asks_for_the_password_twice(self, call):
        assert "added the user bob" in said(call("user", "add", "bob", typed="secret\nsecret\n"))

    def test_add_does_not_show_the_password(self, call):
        assert "secret" not in said(call("user", "add", "bob", typed="secret\nsecret\n"))

    def test_a_name_is_taken_once(self, call, ann):
        result = call("user", "add", "Ann", "--password-stdin", typed="x\n")

        assert "ann" in refused(result).lower()

    def test_a_bad_language_is_named(self, call):
        result = call(
            "user", "add", "bob", "--language", "klingon", "--password-stdin", typed="x\n"
        )

        assert "klingon" in refused(result)

    def test_an_empty_password_is_refused(self, call):
        assert "assword" in refused(call("user", "add", "bob", "--password-stdin", typed="\n"))

    def test_list_shows_everybody(self, call, ann):
        assert "ann" in said(call("user", "list"))

    def test_list_says_who_may_not_sign_in(self, call, ann):
        said(call("user", "disable", "ann"))

        assert "no" in said(call("user", "list")).splitlines()[3]

    def test_enable_lets_in_again(self, call, ann):
        said(call("user", "disable", "ann"))
        said(call("user", "enable", "ann"))

        assert "yes" in said(call("user", "list")).splitlines()[3]

    def test_passwd_gives_a_new_password(self, call, ann):
        result = call("user", "passwd", "ann", "--password-stdin", typed="another\n")

        assert said(result) == "ann has a new password\n"

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

    @pytest.mark.parametrize("command", ["disable", "enable", "passwd", "delete"])
    def test_an_unknown_name_is_named(self, call, command):
        words = {"passwd": ["--password-stdin"], "delete": ["--yes"]}.get(command, [])

        assert "nobody" in refused(call("user", command, "nobody", *words, typed="x\n"))


class TestUserSetting:
    def test_is_set_and_shown(self, call, ann):
        said(call("user", "setting", "ann", "weather.api_key", "k1"))

        assert said(call("user", "setting", "ann", "weather.api_key")) == "k1\n"

    def test_all_are_listed_in_the_form_skills_read(self, call, ann):
        said(call("user", "setting", "ann", "weather.api_key", "k1"))
        said(call("user", "setting", "ann", "CITY", "Rouen"))

        assert said(call("user", "setting", "ann")) == "CITY=Rouen\nWEATHER_API_KEY=k1\n"

    def test_is_deleted(self, call, ann):
        said(call("user", "setting", "ann", "city", "Rouen"))
        said(call("user", "setting", "ann", "city", "--delete"))

        assert said(call("user", "setting", "ann")) == ""

    def test_one_that_is_not_there_is_named(self, call, ann):
        assert "weather.api_key" in refused(call("user", "setting", "ann", "weather.api_key"))

    def test_the_user_id_cannot_be_overwritten(self, call, ann):
        assert "uid" in refused(call("user", "setting", "ann", "uid", "7")).lower()
