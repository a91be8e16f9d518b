"""The assembled server: what it is made of, and that it serves."""

from __future__ import annotations

import sys

import pytest
from assembled import add_user

from pytlas_wamp.errors import OperatorError


class TestBuild:
    def test_makes_what_is_not_there(self, build, tmp_path):
        built = build()
        data = tmp_path / "data"
        assert set(built.created) == {data / "cache", data / "secret"}
        assert built.setup_code is not None
        assert not built.has_people
        assert [skill.name for skill in built.shelf.skills] == ["waiting_skill"]

    def test_brings_the_skills_that_are_shipped(self, build):
        built = build(SERVER_BUNDLED_SKILLS="home_basics")
        assert [skill.name for skill in built.shelf.skills] == ["home_basics", "waiting_skill"]
        sys.modules.pop("home_basics")

    def test_knows_whether_anybody_has_an_account(self, build, tmp_path):
        build()
        _, store, _ = add_user(tmp_path)
        store.close()
        sys.modules.pop("waiting_skill")
        built = build()
        assert (built.setup_code, built.has_people) == (None, True)

    def test_makes_no_setup_code_any_more_when_the_last_account_was_deleted(self, build, tmp_path):
        build()
        accounts, store, _ = add_user(tmp_path)
        accounts.delete(accounts.people()[0].name)
        store.close()
        sys.modules.pop("waiting_skill")
        built = build()
        assert (built.setup_code, built.has_people) == (None, False)

    def test_refuses_what_it_cannot_use(self, build):
        with pytest.raises(OperatorError, match="there is no interpreter 'crystal-ball'"):
            build(SERVER_INTERPRETER="crystal-ball")
