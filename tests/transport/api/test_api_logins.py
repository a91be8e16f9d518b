"""Logins: one's own, and those of others."""

from __future__ import annotations

import pytest
from api_people import ADDRESS, NOON, PASSWORD, Client

from pytlas_wamp.accounts.model import LoginBounds


def logins(client, path="/api/me/logins"):
    return client.get(path).json()["logins"]


class TestList:
    def test_says_where_one_is_signed_in(self, house):
        bob = house.bob
        assert logins(bob) == [
            {
                "id": logins(bob)[0]["id"],
                "kind": "password",
                "client": "a test",
                "created_at": "2027-01-15T08:00:00Z",
                "seen_at": "2027-01-15T08:00:00Z",
                "address": ADDRESS,
                "expires_at": "2027-01-15T09:00:00Z",
                "current": True,
            }
        ]

    def test_the_newest_comes_first(self, house):
        first = house.bob
        house.time += 60
        second = house.bob
        assert [one["current"] for one in logins(first)] == [False, True]
        assert [one["current"] for one in logins(second)] == [True, False]

    def test_tells_when_and_where_each_was_seen(self, house):
        bob = house.bob
        house.time += 90
        bob.get("/api/me")
        (login,) = logins(bob)
        assert (login["seen_at"], login["address"]) == ("2027-01-15T08:01:30Z", "127.0.0.1")

    def test_holds_what_was_signed_in_over_http(self, house):
        house.client().ask(
            "POST", "/api/token", {"username": "bob", "password": PASSWORD, "client": "tablet"}
        )
        assert "tablet" in [one["client"] for one in logins(house.bob)]

    def test_has_nobody_elses(self, house):
        house.client("carol")
        assert len(logins(house.bob)) == 1

    def test_has_none_for_a_token_without_one(self, house):
        assert logins(house.older_client(2)) == []

    def test_administrators_see_those_of_others(self, house):
        bob = house.bob
        (login,) = logins(house.alice, "/api/users/2/logins")
        assert login == {**logins(bob)[0], "current": False}

    def test_is_not_that_of_nobody(self, still):
        assert still.alice.get("/api/users/9/logins").problem() == (404, "not-found")


class TestDevices:
    def test_get_a_token_that_is_shown_once(self, house):
        bob = house.bob
        answer = bob.post("/api/me/logins", {"name": " kitchen radio "})
        made = answer.json()
        assert answer.status == 201
        assert made["login"] == {
            "id": made["login"]["id"],
            "kind": "device",
            "client": "kitchen radio",
            "created_at": "2027-01-15T08:00:00Z",
            "seen_at": "2027-01-15T08:00:00Z",
            "address": "127.0.0.1",
            "expires_at": "2027-01-16T11:46:40Z",
            "current": False,
        }
        assert made["token"] not in bob.get("/api/me/logins").body.decode()

    def test_stay_when_others_go(self, house):
        bob = house.bob
        device = Client(house.server, bob.post("/api/me/logins", {"name": "x"}).json()["token"])
        house.time = NOON + 99_000
        assert device.get("/api/me").status == 200
        assert bob.get("/api/me").problem() == (401, "token-expired")
        house.time = NOON + 100_001
        assert device.get("/api/me").problem() == (401, "token-expired")

    @pytest.mark.parametrize(
        ("document", "field"),
        [
            ({}, "name"),
            ({"name": ""}, "name"),
            ({"name": " "}, "name"),
            ({"name": "x" * 201}, "name"),
            ({"name": None}, "name"),
            ({"name": 7}, "name"),
            ({"name": "a\tb"}, "name"),
            ({"name": "\u200b"}, "name"),
            ({"name": "\ue000"}, "name"),
            ({"name": "x", "kind": "device"}, "kind"),
        ],
    )
    def test_have_proper_names(self, still, document, field):
        bob = still.bob
        answer = bob.post("/api/me/logins", document)
        assert (answer.problem(), answer.field()) == ((400, "invalid-request"), field)
        assert "device" not in [one["kind"] for one in logins(bob)]

    def test_are_made_by_their_owner_only(self, still):
        answer = still.alice.post("/api/users/2/logins", {"name": "x"})
        assert answer.problem() == (405, "method-not-allowed")


class TestBounds:
    def test_one_device_too_many_is_refused(self, house):
        house.store.bounds = LoginBounds(devices=1)
        bob = house.bob
        assert bob.post("/api/me/logins", {"name": "kitchen"}).status == 201
        answer = bob.post("/api/me/logins", {"name": "hall"})
        assert answer.problem() == (400, "invalid-request")
        assert "1 devices at most" in answer.json()["detail"]
        assert [one["client"] for one in logins(bob) if one["kind"] == "device"] == ["kitchen"]

    def test_the_login_ends_that_was_unseen_for_longest(self, house):
        house.store.bounds = LoginBounds(passwords=2)
        old = house.bob
        house.time += 1
        new, newest = house.bob, house.bob
        assert old.get("/api/me").problem() == (401, "token-revoked")
        assert [one.get("/api/me").status for one in (new, newest)] == [200, 200]


class TestEnding:
    def test_one(self, house):
        here, there = house.bob, house.bob
        other = next(one for one in logins(here) if not one["current"])
        assert here.delete(f"/api/me/logins/{other['id']}").status == 204
        assert there.get("/api/me").problem() == (401, "token-revoked")
        assert there.post("/api/token/refresh", {"refresh": there.refresh}).problem() == (
            401,
            "token-revoked",
        )
        assert len(logins(here)) == 1

    def test_this_one(self, house):
        bob = house.bob
        assert bob.delete(f"/api/me/logins/{logins(bob)[0]['id']}").status == 204
        assert bob.get("/api/me").problem() == (401, "token-revoked")

    def test_all(self, house):
        here, there, old = house.bob, house.bob, house.older_client(2)
        assert here.delete("/api/me/logins").status == 204
        for client in (here, there, old):
            assert client.get("/api/me").problem() == (401, "token-revoked")
        assert house.bob.get("/api/me").status == 200

    def test_all_but_this_one(self, house):
        here, there = house.bob, house.bob
        assert here.delete("/api/me/logins?keep=current").status == 204
        assert there.get("/api/me").problem() == (401, "token-revoked")
        assert [one["current"] for one in logins(here)] == [True]

    def test_a_token_without_a_login_cannot_be_kept(self, house):
        old = house.older_client(2)
        assert old.delete("/api/me/logins?keep=current").status == 204
        assert old.get("/api/me").problem() == (401, "token-revoked")

    @pytest.mark.parametrize("query", ["keep=", "keep=all", "keep=current&keep=current"])
    def test_not_what_is_unclear(self, still, query):
        bob = still.bob
        answer = bob.delete(f"/api/me/logins?{query}")
        assert (answer.problem(), answer.field()) == ((400, "invalid-request"), "keep")
        assert bob.get("/api/me").status == 200

    @pytest.mark.parametrize(
        "login", ["x", "0", "'; DROP TABLE logins; --", "%00", "%", "x" * 300, "%E2%82%AC", ".."]
    )
    def test_none_that_is_not_there(self, still, login):
        path = "/api/me/logins/" + login.replace(" ", "%20")
        assert still.bob.delete(path).problem() == (404, "not-found")

    def test_none_of_others(self, house):
        carol = house.client("carol")
        theirs = logins(carol)[0]["id"]
        for client, path in (
            (house.bob, "/api/me/logins/"),
            (house.bob, "/api/users/3/logins/"),
            (house.alice, "/api/me/logins/"),
            (house.alice, "/api/users/2/logins/"),
        ):
            assert client.delete(path + theirs).problem() == (404, "not-found")
        assert carol.get("/api/me").status == 200

    def test_those_of_others_for_administrators(self, house):
        alice, one, two = house.alice, house.bob, house.bob
        path = f"/api/users/2/logins/{logins(one)[0]['id']}"
        assert alice.delete(path).status == 204
        assert sorted([one.get("/api/me").status, two.get("/api/me").status]) == [200, 401]
        assert alice.delete("/api/users/2/logins").status == 204
        assert two.get("/api/me").problem() == (401, "token-revoked")
        assert alice.get("/api/me").status == 200
        assert alice.delete("/api/users/9/logins").problem() == (404, "not-found")
        assert alice.delete(path.replace("/2/", "/9/")).problem() == (404, "not-found")


class TestMeanwhile:
    """Something else is written between a request's being let in and its own write."""

    @pytest.fixture
    def meanwhile(self, house, monkeypatch):
        def arrange(method, happens):
            write = getattr(type(house.accounts), method)

            def late(self, *args, **how):
                happens()
                return write(self, *args, **how)

            monkeypatch.setattr(type(house.accounts), method, late)

        return arrange

    @pytest.mark.parametrize("client", ["bob", "older"])
    def test_no_device_is_made_by_who_was_signed_out(self, house, meanwhile, client):
        client = house.bob if client == "bob" else house.older_client(2)
        meanwhile("add_device", lambda: house.store.end_logins(2))
        answer = client.post("/api/me/logins", {"name": "thief"})
        assert answer.problem() == (401, "token-revoked")
        assert house.store.logins(2) == []

    @pytest.mark.parametrize(("method", "path"), [("end_logins", ""), ("end_login", "/{login}")])
    def test_no_logins_of_others_are_ended_by_who_was_demoted(self, house, meanwhile, method, path):
        alice, bob = house.alice, house.bob
        (login,) = logins(bob)
        meanwhile(method, lambda: house.store.change(1, admin=False))
        answer = alice.delete("/api/users/2/logins" + path.format(login=login["id"]))
        assert answer.problem() == (403, "forbidden")
        assert logins(bob) == [login]

    def test_ones_own_are_ended_all_the_same(self, house, meanwhile):
        alice = house.alice
        meanwhile("end_logins", lambda: house.store.change(1, admin=False))
        assert alice.delete("/api/me/logins").status == 204
