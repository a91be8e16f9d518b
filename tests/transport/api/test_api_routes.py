"""Every address of the API that the contract has, and no other."""

from __future__ import annotations

import pytest
from http_contract import OPENAPI

from pytlas_wamp.transport.addresses import Proxies
from pytlas_wamp.transport.api.doors import Doors
from pytlas_wamp.transport.api.history import History
from pytlas_wamp.transport.api.routes import PeopleEndpoints, ServerEndpoints


@pytest.fixture
def doors(still):
    return Doors(
        accounts=still.accounts,
        run=lambda *_: None,
        proxies=Proxies(),
        changed=lambda: None,
        max_depth=8,
    )


def contracted(*beginnings: str) -> list[str]:
    return sorted(path for path in OPENAPI["paths"] if path.startswith(beginnings))


class TestRoutes:
    def test_of_people_are_those_of_the_contract(self, still, doors):
        history = History(log=None, erase=None)
        routes = PeopleEndpoints(history=history).routes(doors, still.accounts)
        assert sorted(routes) == contracted("/api/me", "/api/users")

    def test_of_people_have_no_history_where_none_is_kept(self, still, doors):
        assert "/api/me/history" not in PeopleEndpoints().routes(doors, still.accounts)

    def test_of_the_server_are_those_of_the_contract(self, doors):
        behind = dict.fromkeys(("setup", "jobs", "shelf", "folder", "errors"))
        questions = ("run", "interpreters", "interpreter_of", "conversations", "connections")
        endpoints = ServerEndpoints(
            **behind,
            **dict.fromkeys(questions, lambda: None),
            may_install=False,
            database="sqlite",
            interpreter="patterns",
            now=lambda: 1.0,
        )
        assert sorted(endpoints.routes(doors)) == contracted(
            "/api/setup", "/api/skills", "/api/jobs", "/api/status", "/api/understand"
        )
