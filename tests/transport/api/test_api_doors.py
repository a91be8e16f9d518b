"""Who is let in, at doors of our own; test_api_matrix.py has those of the contract."""

from __future__ import annotations

import pytest
from api_people import PASSWORD, Client, House
from http_line import Later, request
from twisted.internet.defer import Deferred, fail
from twisted.logger import capturedLogs

from pytlas_wamp.accounts.model import StoreBroken, UnknownUser
from pytlas_wamp.errors import ClientError, OperatorError
from pytlas_wamp.transport.api.doors import Access, nothing_here
from pytlas_wamp.transport.replies import json_reply, no_content

MISSING = (401, "token-missing")
INVALID = (401, "token-invalid")


class TestTokens:
    @pytest.mark.parametrize("scheme", ["Bearer {}", "bearer {}", "BEARER  {} "])
    def test_come_in_the_header(self, still, scheme):
        answer = still.client().get("/api/me", Authorization=scheme.format(still.bob.token))
        assert answer.json()["name"] == "bob"

    @pytest.mark.parametrize(
        ("header", "problem"),
        [
            ("", MISSING),
            ("Basic YWxpY2U6cHc=", MISSING),
            ("Token {}", MISSING),
            ("{}", MISSING),
            ("Bearer", INVALID),
            ("Bearer ", INVALID),
            ("Bearer {} {}", INVALID),
            ("Bearer {},", INVALID),
            ("Bearer\t{}", MISSING),
            ('Bearer "{}"', INVALID),
            ("Bearer \xe9", INVALID),
            ("Bearer " + "x" * 5_000, INVALID),
        ],
    )
    def test_are_not_guessed_out_of_other_headers(self, still, header, problem):
        token = still.bob.token
        answer = still.client().get("/api/me", Authorization=header.replace("{}", token))
        assert answer.problem() == problem

    def test_come_alone(self, still):
        token = still.bob.token
        line = still.server.line()
        line.send(
            request("GET", "/api/me", Authorization=f"Bearer {token}", authorization="Bearer x")
        )
        assert line.answer().problem() == INVALID

    def test_of_a_disabled_person_are_refused(self):
        house = House()
        bob = house.bob
        house.accounts.disable("bob")
        assert bob.get("/api/me").problem() == (401, "account-disabled")

    def test_that_end_now_are_refused(self):
        house = House()
        bob = house.bob
        house.time += 600
        assert bob.get("/api/me").problem() == (401, "token-expired")


class TestPlaces:
    def made(self, answer, access=Access.PERSON, *, prompt=False, **options):
        def further(doors):
            door = doors.prompt if prompt else doors.blocking
            return {"/other": door(access, {"GET": answer, "POST": answer})}

        return House(further=further, options=options)

    @pytest.mark.parametrize("prompt", [False, True])
    @pytest.mark.parametrize(
        ("access", "admins", "others", "strangers", "operators"),
        [
            (Access.ANYBODY, 204, 204, 204, 204),
            (Access.PERSON, 204, 204, 401, 401),
            (Access.ADMIN, 204, 403, 401, 401),
            (Access.HIDDEN, 204, 404, 401, 401),
            (Access.OPERATOR, 204, 403, 401, 204),
        ],
    )
    def test_are_for_some(self, prompt, access, admins, others, strangers, operators):
        house = self.made(lambda _: no_content(), access, prompt=prompt)
        operator = Client(house.server, house.tokens.issue_operator())
        people = [house.alice, house.bob, house.client(), operator]
        found = [person.get("/other").status for person in people]
        assert found == [admins, others, strangers, operators]

    @pytest.mark.parametrize("prompt", [False, True])
    def test_know_who_calls(self, prompt):
        calls = []
        house = self.made(lambda call: calls.append(call) or no_content(), prompt=prompt)
        house.bob.post("/other?a=1", {"x": 1}, User_Agent="Browser/1", If_Match='"a1"')
        (call,) = calls
        assert (call.caller.name, call.granted.login_id is not None) == ("bob", True)
        assert (call.origin.address, call.origin.client) == ("127.0.0.1", "Browser/1")
        assert (call.content, call.content_type) == (b'{"x": 1}', "application/json")
        assert (call.queries, call.if_match) == ({"a": ["1"]}, ['"a1"'])

    @pytest.mark.parametrize("access", [Access.ANYBODY, Access.OPERATOR])
    def test_may_be_entered_without_being_anybody(self, access):
        calls = []
        house = self.made(lambda call: calls.append(call) or no_content(), access)
        Client(house.server, house.tokens.issue_operator()).get("/other")
        assert calls[0].grant is None
        with pytest.raises(AssertionError):
            _ = calls[0].caller

    def test_that_block_are_worked_at_beside_the_reactor(self):
        later, calls = Later(), []
        house = self.made(lambda call: calls.append(call) or no_content())
        house.server.run = later
        house.server.__attrs_post_init__()
        line = house.server.line()
        line.send(request("GET", "/other", Authorization=f"Bearer {house.bob.token}"))
        assert calls == []
        later.go()
        assert (len(calls), line.answer().status, later.waiting) == (1, 204, [])

    @pytest.mark.parametrize(
        ("path", "hashes"),
        [
            ("/api/token", True),
            ("/api/me/password", True),
            ("/api/token/verify", False),
            ("/api/me/logins", False),
        ],
    )
    def test_that_hash_passwords_make_nobody_else_wait(self, path, hashes):
        later = Later()
        house = House(options={"run_hashing": later})
        line = house.server.line()
        line.send(
            request(
                "POST",
                path,
                b"{}",
                Content_Type="application/json",
                Authorization=f"Bearer {house.alice.token}",
            )
        )
        assert bool(later.waiting) is hashes
        assert bool(line.answers()) is not hashes

    def test_that_are_prompt_check_the_token_beside_the_reactor_and_nothing_else(self):
        later, promise = Later(), Deferred()
        house = self.made(lambda _: promise, prompt=True)
        house.server.run = later
        house.server.__attrs_post_init__()
        line = house.server.line()
        line.send(request("GET", "/other", Authorization=f"Bearer {house.bob.token}"))
        later.go()
        assert line.answers() == []
        promise.callback(json_reply([1]))
        assert line.answer().json() == [1]

    @pytest.mark.parametrize("prompt", [False, True])
    @pytest.mark.parametrize(
        ("error", "problem"),
        [
            (ClientError("job-running", "Wait."), (409, "job-running")),
            (UnknownUser("There is no such account."), (404, "not-found")),
            (nothing_here(), (404, "not-found")),
            (StoreBroken("/srv/db is gone"), (503, "unavailable")),
            (OperatorError("too busy"), (503, "unavailable")),
            (ZeroDivisionError("x"), (500, "internal-error")),
        ],
    )
    def test_may_refuse(self, prompt, error, problem):
        def answer(_):
            raise error

        house = self.made(answer, prompt=prompt)
        with capturedLogs():
            found = house.bob.get("/other")
        assert found.problem() == problem
        assert found.header("Retry-After") == ("5" if problem[0] == 503 else None)

    def test_that_are_prompt_may_refuse_later(self):
        house = self.made(lambda _: fail(ClientError("forbidden", "No.")), prompt=True)
        assert house.bob.get("/other").problem() == (403, "forbidden")


class TestNews:
    def test_of_every_write_are_told(self):
        house = House()
        bob = house.bob
        bob.patch("/api/me", {"display_name": "Bob"})
        assert house.changes == 1
        bob.put("/api/me/settings/a", {"value": "b"})
        assert house.changes == 2
        bob.delete("/api/me/settings/a")
        assert house.changes == 3
        bob.post("/api/me/logins", {"name": "kitchen"})
        assert house.changes == 4

    @pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
    def test_are_not_told_where_nothing_is_written(self, method):
        house = House()
        house.bob.ask(method, "/api/me")
        assert house.changes == 0

    def test_are_told_of_a_refresh_token_that_came_back(self):
        house = House()
        bob = house.bob
        bob.post("/api/token/refresh", {"refresh": bob.refresh})
        assert bob.post("/api/token/refresh", {"refresh": bob.refresh}).problem() == (
            401,
            "token-revoked",
        )
        assert house.changes == 2
        assert bob.get("/api/me").problem() == (401, "token-revoked")


class TestPasswordsOfThisFile:
    def test_are_good(self):
        assert (
            House().client().post("/api/token", {"username": "bob", "password": PASSWORD}).status
            == 200
        )


class TestRefusals:
    @pytest.fixture
    def refused(self):
        return []

    @pytest.fixture
    def house(self, refused):
        class Watching:
            credentials_refused = staticmethod(refused.append)
            handshake_refused = staticmethod(lambda: None)
            endpoints = staticmethod(lambda proxies: {})

        return House(options={"watching": Watching()})

    def test_are_told_with_their_code(self, house, refused):
        bob = house.bob
        house.accounts.disable("bob")
        assert bob.get("/api/me").status == 401
        wrong = {"username": "carol", "password": "no"}
        assert house.client().post("/api/token", wrong).status == 401
        assert house.alice.get("/api/me").status == 200
        assert refused == ["account-disabled", "authentication-failed"]

    def test_of_our_own_faults_are_none(self, house, refused):
        bob = house.bob
        house.store.database = None
        assert bob.get("/api/me").status == 500
        assert refused == []
