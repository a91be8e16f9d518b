"""`/api/users`: how administrators manage people."""

from __future__ import annotations

import pytest
from api_people import OTHER_PASSWORD

NEW = {"name": "dave", "password": OTHER_PASSWORD}


def overtaken(house, method, ask):
    """What is answered when another write to bob comes just before this method of accounts."""
    write = getattr(type(house.accounts), method)

    def late(self, user_id, **fields):
        house.store.change(user_id, language="it")
        return write(self, user_id, **fields)

    with pytest.MonkeyPatch.context() as patching:
        patching.setattr(type(house.accounts), method, late)
        return ask()


class TestList:
    def test_has_everybody(self, still):
        users = still.alice.get("/api/users").json()["users"]
        assert [one["name"] for one in users] == ["alice", "bob", "carol"]
        assert users[1] == {
            "id": 2,
            "name": "bob",
            "display_name": "",
            "language": "fr-FR",
            "admin": False,
            "created_at": "2027-01-15T08:00:00Z",
            "active": True,
            "original": False,
        }

    def test_has_no_passwords(self, still):
        assert b"argon2" not in still.alice.get("/api/users").body


class TestAdding:
    def test_a_person_who_may_sign_in(self, house):
        alice = house.alice
        answer = alice.post(
            "/api/users", {**NEW, "display_name": "Dave", "language": "de-DE", "admin": True}
        )
        assert answer.status == 201
        assert (answer.header("Location"), answer.header("ETag")) == ("/api/users/4", '"a1"')
        assert answer.json() == {
            "id": 4,
            "name": "dave",
            "display_name": "Dave",
            "language": "de-DE",
            "admin": True,
            "created_at": "2027-01-15T08:00:00Z",
            "active": True,
            "original": False,
        }
        assert alice.get(answer.header("Location")).json() == answer.json()
        pair = house.accounts.sign_in("dave", OTHER_PASSWORD)
        assert house.accounts.check(pair.access).account.id == 4

    def test_speaks_the_language_of_the_server_by_default(self, house):
        made = house.alice.post("/api/users", NEW).json()
        assert (made["language"], made["display_name"], made["admin"]) == ("fr-FR", "", False)

    @pytest.mark.parametrize(
        "name",
        [
            "'; DROP TABLE users; --",
            'a"b\\c',
            "%s%n",
            "日本語",
            "مرحبا",
            "Ünïcødé Person",
            "x" * 150,
        ],
    )
    def test_in_any_script(self, house, name):
        made = house.alice.post("/api/users", {**NEW, "name": f" {name[:148]} "}).json()
        assert made["name"] == name[:148]
        assert house.accounts.find(name[:148]).id == made["id"]

    @pytest.mark.parametrize("name", ["bob", "BOB", " bob ", "\uff42ob", "b\u043eb"])
    def test_not_under_a_name_like_anothers(self, still, name):
        answer = still.alice.post("/api/users", {**NEW, "name": name})
        assert (answer.problem(), answer.field()) == ((409, "name-taken"), "name")

    @pytest.mark.parametrize("weak", ["password", "dave", "dave1", "11111111"])
    def test_not_with_a_weak_password(self, still, weak):
        answer = still.alice.post("/api/users", {**NEW, "password": weak})
        assert (answer.problem(), answer.field()) == ((422, "weak-password"), "password")

    @pytest.mark.parametrize(
        ("document", "field"),
        [
            ({}, "name"),
            ({"name": "dave"}, "password"),
            ({**NEW, "name": ""}, "name"),
            ({**NEW, "name": "  "}, "name"),
            ({**NEW, "name": "x" * 151}, "name"),
            ({**NEW, "name": "ﷺ" * 150}, "name"),
            ({**NEW, "name": "a\u200bb"}, "name"),
            ({**NEW, "name": "a\0b"}, "name"),
            ({**NEW, "name": "a\ud800b"}, "name"),
            ({**NEW, "name": 7}, "name"),
            ({**NEW, "password": ""}, "password"),
            ({**NEW, "password": "x" * 1_025}, "password"),
            ({**NEW, "password": None}, "password"),
            ({**NEW, "language": "deutsch"}, "language"),
            ({**NEW, "language": None}, "language"),
            ({**NEW, "display_name": "a\nb"}, "display_name"),
            ({**NEW, "admin": 1}, "admin"),
            ({**NEW, "admin": "yes"}, "admin"),
            ({**NEW, "active": False}, "active"),
            ({**NEW, "id": 9}, "id"),
        ],
    )
    def test_not_with_anything(self, still, document, field):
        answer = still.alice.post("/api/users", document)
        assert (answer.problem(), answer.field()) == ((400, "invalid-request"), field)
        assert len(still.accounts.people()) == 3


class TestChanging:
    def test_everything_at_once(self, house):
        patch = {
            "name": "robert",
            "display_name": "Bob",
            "language": "it",
            "active": False,
            "admin": True,
        }
        alice = house.alice
        answer = alice.patch("/api/users/2", {**patch, "password": OTHER_PASSWORD})
        assert patch.items() <= answer.json().items()
        assert answer.header("ETag") == '"a2"'
        assert alice.get("/api/users/2").json() == answer.json()

    def test_a_password_ends_all_logins(self, house):
        bob = house.bob
        assert house.alice.patch("/api/users/2", {"password": OTHER_PASSWORD}).status == 200
        assert bob.get("/api/me").problem() == (401, "token-revoked")
        assert house.accounts.sign_in("bob", OTHER_PASSWORD)

    def test_who_is_disabled_is_out_at_once_and_comes_back_with_the_password(self, house):
        alice, bob = house.alice, house.bob
        assert alice.patch("/api/users/2", {"active": False}).json()["active"] is False
        assert bob.get("/api/me").problem() == (401, "account-disabled")
        assert alice.patch("/api/users/2", {"active": True}).json()["active"] is True
        assert bob.get("/api/me").problem() == (401, "token-revoked")
        assert house.bob.get("/api/me").status == 200

    def test_who_is_an_administrator_no_more_is_none_at_once(self, house):
        alice = house.alice
        alice.patch("/api/users/2", {"admin": True})
        assert house.bob.patch("/api/users/1", {"admin": False}).status == 200
        assert alice.get("/api/users").problem() == (403, "forbidden")
        assert alice.get("/api/users/2").problem() == (404, "not-found")

    @pytest.mark.parametrize(
        ("patch", "field"),
        [
            ({"name": None}, "name"),
            ({"name": ""}, "name"),
            ({"name": "x\u2028y"}, "name"),
            ({"display_name": "x" * 151}, "display_name"),
            ({"language": "xx-"}, "language"),
            ({"active": "no"}, "active"),
            ({"active": None}, "active"),
            ({"admin": 0}, "admin"),
            ({"password": "\0"}, "password"),
            ({"password": None}, "password"),
            ({"id": 3}, "id"),
            ({"created_at": None}, "created_at"),
            ({"original": True}, "original"),
            ({"admin": True, "language": "xx-"}, "language"),
        ],
    )
    def test_not_everything(self, still, patch, field):
        alice = still.alice
        answer = alice.patch("/api/users/2", patch)
        assert (answer.problem(), answer.field()) == ((400, "invalid-request"), field)
        assert alice.get("/api/users/2").header("ETag") == '"a1"'

    def test_not_to_the_name_of_another(self, still):
        answer = still.alice.patch("/api/users/2", {"name": "Carol"})
        assert (answer.problem(), answer.field()) == ((409, "name-taken"), "name")

    def test_a_weak_password_changes_nothing_else_either(self, still):
        alice = still.alice
        answer = alice.patch("/api/users/2", {"password": "password", "language": "it"})
        assert (answer.problem(), answer.field()) == ((422, "weak-password"), "password")
        assert alice.get("/api/users/2").json()["language"] == "fr-FR"

    @pytest.mark.parametrize("patch", [{"admin": False}, {"active": False}])
    def test_leaves_an_administrator(self, still, patch):
        alice = still.alice
        assert alice.patch("/api/users/1", patch).problem() == (409, "last-admin")
        assert alice.get("/api/users").status == 200

    def test_what_one_has_seen(self, house):
        alice, bob = house.alice, house.bob
        seen = alice.get("/api/users/2").header("ETag")
        assert bob.patch("/api/me", {"language": "en"}, If_Match=seen).status == 200
        assert alice.patch("/api/users/2", {"language": "de"}, If_Match=seen).problem() == (
            412,
            "precondition-failed",
        )
        now = alice.get("/api/users/2").header("ETag")
        assert alice.patch("/api/users/2", {"language": "de"}, If_Match=now).status == 200

    def test_is_refused_when_another_write_comes_between(self, house):
        alice = house.alice
        answer = overtaken(
            house,
            "change",
            lambda: alice.patch("/api/users/2", {"language": "de"}, If_Match='"a1"'),
        )
        assert answer.problem() == (412, "precondition-failed")
        assert house.accounts.user(2).language == "it"


class TestDeleting:
    def test_leaves_nothing(self, house):
        alice, bob = house.alice, house.bob
        bob.put("/api/me/settings/a.b", {"value": "c"})
        answer = alice.delete("/api/users/2")
        assert (answer.status, answer.body) == (204, b"")
        assert bob.get("/api/me").problem() == (401, "token-invalid")
        for path in ("/api/users/2", "/api/users/2/logins", "/api/users/2/settings"):
            assert alice.get(path).problem() == (404, "not-found")
        assert house.store.settings(2) == {}
        assert alice.delete("/api/users/2").problem() == (404, "not-found")
        assert alice.post("/api/users", {**NEW, "name": "bob"}).json()["id"] == 4

    def test_leaves_an_administrator(self, still):
        assert still.alice.delete("/api/users/1").problem() == (409, "last-admin")

    def test_oneself_is_fine_where_there_is_another(self, house):
        alice = house.alice
        alice.patch("/api/users/2", {"admin": True})
        assert alice.delete("/api/users/1").status == 204
        assert alice.get("/api/me").problem() == (401, "token-invalid")

    def test_what_one_has_seen(self, house):
        alice = house.alice
        alice.patch("/api/users/2", {"language": "en"})
        assert alice.delete("/api/users/2", If_Match='"a1"').problem() == (
            412,
            "precondition-failed",
        )
        assert alice.delete("/api/users/2", If_Match='"a2"').status == 204

    def test_is_refused_when_another_write_comes_between(self, house):
        alice = house.alice
        answer = overtaken(house, "remove", lambda: alice.delete("/api/users/2", If_Match='"a1"'))
        assert answer.problem() == (412, "precondition-failed")
        assert house.accounts.user(2).language == "it"

    @pytest.mark.parametrize("seen", [{}, {"If_Match": "*"}])
    def test_is_done_all_the_same_when_nobody_minds(self, house, seen):
        alice = house.alice
        answer = overtaken(house, "remove", lambda: alice.delete("/api/users/2", **seen))
        assert answer.status == 204
        assert house.store.get(2) is None


class TestWhoIsDemotedMeanwhile:
    """The request was let in already, and writes after that."""

    @pytest.mark.parametrize(
        ("method", "ask"),
        [
            ("create", lambda alice: alice.post("/api/users", NEW)),
            ("change", lambda alice: alice.patch("/api/users/1", {"admin": True, "active": True})),
            ("change", lambda alice: alice.patch("/api/users/2", {"admin": True})),
            ("remove", lambda alice: alice.delete("/api/users/2")),
        ],
    )
    def test_writes_nothing(self, house, monkeypatch, method, ask):
        alice, write = house.alice, getattr(type(house.accounts), method)

        def late(self, *args, **how):
            house.store.change(1, admin=False, active=False)
            return write(self, *args, **how)

        monkeypatch.setattr(type(house.accounts), method, late)
        assert ask(alice).problem() == (403, "forbidden")
        left = [(one.name, one.admin, one.active) for one in house.accounts.people()]
        assert left == [("alice", False, False), ("bob", False, True), ("carol", False, True)]
