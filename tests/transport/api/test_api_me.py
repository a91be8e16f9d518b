"""`/api/me`: one's own account."""

from __future__ import annotations

import pytest
from api_people import NOON, OTHER_PASSWORD, PASSWORD, Client
from twisted.logger import capturedLogs

from pytlas_wamp.accounts.model import StoreBroken
from pytlas_wamp.limits import Limits


class TestSeeing:
    def test_oneself(self, still):
        answer = still.bob.get("/api/me")
        assert answer.json() == {
            "id": 2,
            "name": "bob",
            "display_name": "",
            "language": "fr-FR",
            "admin": False,
            "created_at": "2027-01-15T08:00:00Z",
        }
        assert answer.header("ETag") == '"a1"'
        assert answer.header("Cache-Control") == "no-store"

    def test_works_with_the_token_of_a_device(self, house):
        token = house.bob.post("/api/me/logins", {"name": "kitchen"}).json()["token"]
        assert Client(house.server, token).get("/api/me").json()["name"] == "bob"

    def test_works_with_a_token_without_a_login(self, house):
        assert house.older_client(2).get("/api/me").json()["name"] == "bob"


class TestChanging:
    def test_what_is_given(self, house):
        bob = house.bob
        answer = bob.patch("/api/me", {"display_name": " Bobby 😀 ", "language": "en_GB"})
        assert answer.json()["display_name"] == "Bobby 😀"
        assert answer.json()["language"] == "en_GB"
        assert answer.header("ETag") == '"a2"'
        assert bob.get("/api/me").json() == answer.json()

    def test_leaves_the_rest(self, house):
        alice = house.alice
        assert alice.patch("/api/me", {"language": "fr"}).json()["display_name"] == "Alice"
        assert alice.patch("/api/me", {"display_name": ""}).json()["display_name"] == ""

    @pytest.mark.parametrize(
        ("patch", "field"),
        [
            ({"language": "french"}, "language"),
            ({"language": ""}, "language"),
            ({"language": None}, "language"),
            ({"language": 7}, "language"),
            ({"language": "en\0"}, "language"),
            ({"display_name": None}, "display_name"),
            ({"display_name": "x" * 151}, "display_name"),
            ({"display_name": "a\nb"}, "display_name"),
            ({"display_name": "a\u202eb"}, "display_name"),
            ({"display_name": "\u061c"}, "display_name"),
            ({"display_name": "\ud800"}, "display_name"),
            ({"display_name": ["x"]}, "display_name"),
            ({"name": "robert"}, "name"),
            ({"admin": True}, "admin"),
            ({"id": 1}, "id"),
            ({"password": "x"}, "password"),
            ({"language": "en", "active": True}, "active"),
            (b'{"language":"en","language":"fr"}', "language"),
        ],
    )
    def test_not_everything(self, still, patch, field):
        bob = still.bob
        answer = bob.patch("/api/me", patch)
        assert (answer.problem(), answer.field()) == ((400, "invalid-request"), field)
        assert bob.get("/api/me").header("ETag") == '"a1"'

    @pytest.mark.parametrize(
        "name", ["'; DROP TABLE users; --", '"', "\\", "%s {0} ${x}", "日本 مرحبا"]
    )
    def test_takes_any_script(self, house, name):
        bob = house.bob
        assert bob.patch("/api/me", {"display_name": name}).json()["display_name"] == name
        assert bob.get("/api/me").json()["display_name"] == name

    def test_what_one_has_seen(self, house):
        bob = house.bob
        assert bob.patch("/api/me", {"language": "en"}, If_Match='"a1"').status == 200
        late = bob.patch("/api/me", {"language": "de"}, If_Match='"a1"')
        assert late.problem() == (412, "precondition-failed")
        assert bob.get("/api/me").json()["language"] == "en"
        assert bob.patch("/api/me", {"language": "de"}, If_Match='"a1", "a2"').status == 200
        assert bob.patch("/api/me", {"language": "it"}, If_Match="*").status == 200

    @pytest.mark.parametrize("tag", ['W/"a1"', "a1", '"s1"', '""', "\xe9"])
    def test_needs_the_whole_tag(self, still, tag):
        answer = still.bob.patch("/api/me", {"language": "en"}, If_Match=tag)
        assert answer.problem() == (412, "precondition-failed")

    def test_is_refused_when_another_write_comes_between(self, house):
        bob, change = house.bob, type(house.accounts).change

        def overtaken(self, user_id, **fields):
            house.store.change(user_id, language="it")
            return change(self, user_id, **fields)

        house.server.accounts = house.accounts
        with pytest.MonkeyPatch.context() as patching:
            patching.setattr(type(house.accounts), "change", overtaken)
            answer = bob.patch("/api/me", {"language": "en"}, If_Match='"a1"')
        assert answer.problem() == (412, "precondition-failed")
        assert house.accounts.user(2).language == "it"

    def test_nothing_is_fine(self, house):
        assert house.bob.patch("/api/me", {}).json()["language"] == "fr-FR"


def sign_in(house, password):
    return house.client().post("/api/token", {"username": "bob", "password": password})


class TestPasswords:
    def test_are_changed_by_who_knows_the_present_one(self, house):
        answer = house.bob.post("/api/me/password", {"old": PASSWORD, "new": OTHER_PASSWORD})
        assert (answer.status, answer.body) == (204, b"")
        assert sign_in(house, PASSWORD).problem() == (401, "authentication-failed")
        assert sign_in(house, OTHER_PASSWORD).status == 200

    def test_end_all_other_logins(self, house):
        here, there, old = house.bob, house.bob, house.older_client(2)
        here.post("/api/me/password", {"old": PASSWORD, "new": OTHER_PASSWORD})
        assert here.get("/api/me").status == 200
        assert there.get("/api/me").problem() == (401, "token-revoked")
        assert old.get("/api/me").problem() == (401, "token-revoked")
        assert len(here.get("/api/me/logins").json()["logins"]) == 1

    def test_are_not_changed_by_who_does_not(self, house):
        answer = house.bob.post("/api/me/password", {"old": "guess", "new": OTHER_PASSWORD})
        assert answer.problem() == (403, "wrong-password")
        assert sign_in(house, PASSWORD).status == 200

    def test_are_not_guessed_here_either(self, house):
        bob = house.bob
        for _ in range(5):
            bob.post("/api/me/password", {"old": "guess", "new": OTHER_PASSWORD})
        answer = bob.post("/api/me/password", {"old": PASSWORD, "new": OTHER_PASSWORD})
        assert answer.problem() == (429, "rate-limited")
        assert 1 <= int(answer.header("Retry-After")) <= 3_600
        house.time = NOON + int(answer.header("Retry-After"))
        answer = bob.post("/api/me/password", {"old": PASSWORD, "new": OTHER_PASSWORD})
        assert answer.status == 204

    @pytest.mark.parametrize("weak", ["password", "bob", "12345678", "pytlas", "a"])
    def test_are_not_weak(self, still, weak):
        answer = still.bob.post("/api/me/password", {"old": PASSWORD, "new": weak})
        assert (answer.problem(), answer.field()) == ((422, "weak-password"), "new")
        assert sign_in(still, PASSWORD).status == 200

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({}, "old"),
            ({"old": PASSWORD}, "new"),
            ({"old": PASSWORD, "new": ""}, "new"),
            ({"old": "", "new": OTHER_PASSWORD}, "old"),
            ({"old": PASSWORD, "new": None}, "new"),
            ({"old": PASSWORD, "new": 12345678}, "new"),
            ({"old": PASSWORD, "new": "x" * 1_025}, "new"),
            ({"old": "x" * 1_025, "new": OTHER_PASSWORD}, "old"),
            ({"old": PASSWORD, "new": OTHER_PASSWORD + "\0"}, "new"),
            ({"old": PASSWORD, "new": OTHER_PASSWORD + "\udc00"}, "new"),
            ({"old": PASSWORD, "new": OTHER_PASSWORD, "again": ""}, "again"),
        ],
    )
    def test_are_texts(self, still, change, field):
        answer = still.bob.post("/api/me/password", change)
        assert (answer.problem(), answer.field()) == ((400, "invalid-request"), field)

    def test_may_have_a_thousand_characters_of_any_script(self, house):
        long = "grüß 日本 " * 100
        house.server.limits = Limits()
        house.server.__attrs_post_init__()
        answer = house.bob.post("/api/me/password", {"old": PASSWORD, "new": long})
        assert answer.status == 204
        assert sign_in(house, long).status == 200

    def test_are_in_no_answer_and_no_log(self, house):
        with capturedLogs() as logs:
            answer = house.bob.post("/api/me/password", {"old": "hush-1", "new": "hush-2"})
        assert b"hush" not in answer.body
        assert logs == []


class TestTrouble:
    def test_a_store_that_is_away_comes_back_by_itself(self, house):
        bob = house.bob

        def broken(*_, **__):
            raise StoreBroken("The database /srv/x cannot be reached.")

        with pytest.MonkeyPatch.context() as patching, capturedLogs() as logs:
            patching.setattr(type(house.store), "get", broken)
            answer = bob.patch("/api/me", {"language": "en"})
        assert answer.problem() == (503, "unavailable")
        assert answer.header("Retry-After") == "5"
        assert b"/srv" not in answer.body
        assert len(logs) == 1
        assert bob.patch("/api/me", {"language": "en"}).status == 200
