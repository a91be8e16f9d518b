"""The token endpoints, with a fake of the accounts behind them."""

from __future__ import annotations

import json

import pytest
from http_line import FakeAccounts, FakeClaims, Server, request
from hypothesis import given
from hypothesis import strategies as st
from twisted.logger import capturedLogs
from twisted.web.http import INTERNAL_SERVER_ERROR

from pytlas_wamp.accounts.accounts import Origin
from pytlas_wamp.errors import ClientError, OperatorError

FORM = "application/x-www-form-urlencoded"
TOKEN = {"token": "t.o.k"}
ANN = {"username": "ann", "password": "p w"}
PEER = Origin(address="127.0.0.1")


class TestSigningIn:
    @pytest.mark.parametrize("path", ["/api/token", "/api/token/", "/api/token?next=/"])
    def test_gives_a_pair_of_tokens(self, path):
        server = Server()
        answer = server.post(path, {"username": " ann ", "password": " p w ", "remember": True})
        assert (answer.status, answer.body) == (200, b'{"refresh":"r.e.f","access":"a.c.c"}')
        assert answer.header("Content-Type") == "application/json"
        assert answer.header("Cache-Control") == "no-store"
        assert answer.header("Content-Length") == "36"
        assert server.accounts.asked == [("sign_in", " ann ", " p w ", PEER)]

    def test_works_with_a_form(self):
        server = Server()
        answer = server.ask("POST", "/api/token", b"username=ann&password=p+w", Content_Type=FORM)
        assert answer.status == 200
        assert server.accounts.asked == [("sign_in", "ann", "p w", PEER)]

    def test_works_with_the_other_kind_of_form(self):
        body = (
            b'--x\r\nContent-Disposition: form-data; name="username"\r\n\r\nann\r\n'
            b'--x\r\nContent-Disposition: form-data; name="password"\r\n\r\np w\r\n--x--\r\n'
        )
        server = Server()
        server.ask("POST", "/api/token", body, Content_Type="multipart/form-data; boundary=x")
        assert server.accounts.asked == [("sign_in", "ann", "p w", PEER)]

    @pytest.mark.parametrize(
        ("fields", "client"),
        [
            ({}, "Browser/1"),
            ({"client": "kitchen tablet"}, "kitchen tablet"),
            ({"client": " c\0d\u200b "}, "cd"),
            ({"client": "é" * 200}, "é" * 200),
            ({"client": " "}, "Browser/1"),
        ],
    )
    def test_a_login_is_called_what_the_client_says(self, fields, client):
        server = Server()
        body = json.dumps({**ANN, **fields}).encode()
        server.ask(
            "POST", "/api/token", body, Content_Type="application/json", User_Agent="Browser/1"
        )
        assert server.accounts.asked[0][3] == Origin(address="127.0.0.1", client=client)

    def test_a_form_may_say_it_too(self):
        server = Server()
        body = b"username=ann&password=p&client=kitchen+tablet"
        server.ask("POST", "/api/token", body, Content_Type=FORM)
        assert server.accounts.asked[0][3].client == "kitchen tablet"

    @pytest.mark.parametrize("client", [7, None, ["x"], "x" * 201])
    def test_not_everything_is_a_name_of_a_client(self, client):
        server = Server()
        answer = server.post("/api/token", {**ANN, "client": client})
        assert (answer.problem(), answer.field()) == ((400, "invalid-request"), "client")
        assert server.accounts.asked == []

    def test_who_tried_too_often_is_told_to_wait(self):
        trouble = ClientError("rate-limited", "Try again later.", retry_after=12.2)
        answer = Server(accounts=FakeAccounts(trouble=trouble)).post("/api/token", ANN)
        assert answer.problem() == (429, "rate-limited")
        assert answer.header("Retry-After") == "13"

    def test_a_broken_form_does_not_cost_the_connection(self):
        line = Server().line()
        broken = request("POST", "/api/token", b"username=a", Content_Type="multipart/form-data")
        line.send(broken + broken)
        first, second = line.answers()
        assert first.problem() == second.problem() == (400, "invalid-request")
        assert first.detail().startswith("The body is not a form")

    def test_ignores_a_token_and_what_the_client_would_like_to_get(self):
        answer = Server().ask(
            "POST",
            "/api/token",
            b'{"username":"a","password":"b"}',
            Content_Type="application/json",
            Authorization="Bearer nonsense",
            Accept="application/xml",
        )
        assert answer.status == 200

    def test_a_refusal_is_a_problem(self):
        trouble = ClientError("authentication-failed", "No active account has this name.")
        answer = Server(accounts=FakeAccounts(trouble=trouble)).post(
            "/api/token", {"username": "a", "password": "b"}
        )
        assert answer.problem() == (401, "authentication-failed")
        assert answer.detail() == "No active account has this name."
        assert answer.header("WWW-Authenticate") == 'Bearer realm="pytlas"'

    def test_nobody_is_asked_about_a_request_that_lacks_something(self):
        server = Server()
        answer = server.post("/api/token", {"username": "ann"})
        assert answer.problem() == (400, "invalid-request")
        assert answer.detail() == '"password" is missing.'
        assert answer.field() == "password"
        assert server.accounts.asked == []

    def test_an_empty_request_lacks_everything(self):
        answer = Server().ask("POST", "/api/token")
        assert answer.problem() == (400, "invalid-request")

    def test_only_what_has_a_known_type_is_read(self):
        answer = Server().ask("POST", "/api/token", b"{}", Content_Type="text/plain")
        assert answer.problem() == (415, "unsupported-media-type")

    def test_what_is_no_json_is_refused(self):
        answer = Server().ask("POST", "/api/token", b"{", Content_Type="application/json")
        assert answer.problem() == (400, "malformed-json")


class TestRefreshing:
    def test_gives_a_new_pair(self):
        server = Server()
        answer = server.post("/api/token/refresh", {"refresh": "r"})
        assert answer.json() == {"refresh": "r.e.f", "access": "a.c.c"}
        assert server.accounts.asked == [("refresh", "r", PEER)]

    def test_needs_a_refresh_token(self):
        answer = Server().post("/api/token/refresh", {"token": "r"})
        assert answer.detail() == '"refresh" is missing.'


class TestVerifying:
    def test_says_whose_token_it_is_and_for_how_long(self):
        server = Server()
        answer = server.post("/api/token/verify/", TOKEN)
        assert answer.body == b'{"token_type":"access","user_id":7,"expires_in":59}'
        assert server.accounts.asked == [("verify", "t.o.k")]

    def test_a_token_that_ends_now_has_no_time_left(self):
        accounts = FakeAccounts(claims=FakeClaims(kind="refresh", expires_at=5))
        answer = Server(accounts=accounts).post("/api/token/verify", TOKEN)
        assert answer.json() == {"token_type": "refresh", "user_id": 7, "expires_in": 0}

    @pytest.mark.parametrize(
        "code", ["token-invalid", "token-expired", "token-revoked", "account-disabled"]
    )
    def test_a_refusal_is_a_problem_with_a_challenge(self, code):
        accounts = FakeAccounts(trouble=ClientError(code, "Sign in again."))
        answer = Server(accounts=accounts).post("/api/token/verify", TOKEN)
        assert answer.problem() == (401, code)
        assert answer.header("WWW-Authenticate").startswith("Bearer ")


class TestRevoking:
    def test_answers_with_nothing(self):
        server = Server()
        answer = server.post("/api/token/revoke", TOKEN)
        assert (answer.status, answer.body) == (204, b"")
        assert answer.header("Content-Type") is None
        assert server.accounts.asked == [("revoke", "t.o.k")]


class TestNews:
    @pytest.mark.parametrize("trouble", [None, ClientError("token-revoked", "Sign in again.")])
    def test_others_look_for_what_changed_also_after_a_refusal(self, trouble):
        looks = []
        server = Server(
            accounts=FakeAccounts(trouble=trouble), options={"changed": lambda: looks.append(1)}
        )
        server.post("/api/token/refresh", {"refresh": "r"})
        assert looks == [1]


class TestTrouble:
    def test_a_store_that_is_away_is_503(self):
        accounts = FakeAccounts(trouble=OperatorError("The database /srv/x is gone."))
        with capturedLogs() as logs:
            answer = Server(accounts=accounts).post("/api/token/verify", TOKEN)
        assert answer.problem() == (503, "unavailable")
        assert answer.header("Retry-After") == "5"
        assert b"/srv" not in answer.body
        assert len(logs) == 1

    def test_a_fault_of_ours_is_500(self):
        accounts = FakeAccounts(trouble=ZeroDivisionError("secret"))
        with capturedLogs() as logs:
            answer = Server(accounts=accounts).post("/api/token/verify", TOKEN)
        assert answer.problem() == (500, "internal-error")
        assert b"secret" not in answer.body
        assert logs[0]["log_failure"].type is ZeroDivisionError


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
NEAR = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("username", "password", "token", "refresh", "client"), JSON)
)
PATHS = ["/api/token", "/api/token/refresh", "/api/token/verify", "/api/token/revoke"]


class TestHostileBodies:
    @given(
        st.sampled_from(PATHS),
        st.binary() | (JSON | NEAR).map(lambda document: json.dumps(document).encode()),
        st.sampled_from(["application/json", FORM, "multipart/form-data; boundary=x", "text/plain"])
        | st.text(st.characters(min_codepoint=32, max_codepoint=126)),
    )
    def test_none_is_a_fault_of_ours(self, path, body, content_type):
        with capturedLogs() as logs:
            answer = Server().ask("POST", path, body, Content_Type=content_type)
        assert answer.status < INTERNAL_SERVER_ERROR
        assert logs == []
        if answer.status >= 400:
            assert answer.problem()[0] in {400, 413, 415}
