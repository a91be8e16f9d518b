"""`/api/setup`: the first account, over HTTP."""

from __future__ import annotations

import json

import pytest
from admin_stage import AdminStage
from attrs import Factory, define
from http_line import FakePair
from hypothesis import given
from hypothesis import strategies as st

from pytlas_wamp.accounts.model import BadLanguage, BadName, SetupDone, WeakPassword
from pytlas_wamp.errors import ClientError, OperatorError
from pytlas_wamp.transport.api.setup import SetupEndpoints

GOOD = {"code": "k7mp-x3qd", "username": "ann", "password": "correct horse battery"}


@define
class FakeSetup:
    done: bool = False
    trouble: Exception | None = None
    asked: list = Factory(list)

    def needed(self):
        if self.trouble is not None:
            raise self.trouble
        return not self.done

    def begin(self, typed, name, password, *, language, origin):
        self.asked.append((typed, name, password, language, origin.address))
        if self.trouble is not None:
            raise self.trouble
        return FakePair("a.c.c", "r.e.f")


@define
class Stage:
    setup: FakeSetup = Factory(FakeSetup)

    def ask(self, method):
        stage = AdminStage(lambda doors: SetupEndpoints(doors=doors, setup=self.setup).routes())
        return stage.ask(method, "/api/setup", token=None)

    def post(self, document):
        return self.send(json.dumps(document).encode())

    def send(self, body):
        stage = AdminStage(lambda doors: SetupEndpoints(doors=doors, setup=self.setup).routes())
        return stage.send("POST", "/api/setup", body, token=None)

    def refusal(self, trouble):
        self.setup.trouble = trouble
        return self.post(GOOD)


class TestNeed:
    @pytest.mark.parametrize("done", [False, True])
    def test_is_told_to_everybody(self, done):
        assert Stage(FakeSetup(done)).ask("GET").json() == {"needed": not done}

    def test_is_not_known_without_a_store(self):
        stage = Stage(FakeSetup(trouble=OperatorError("The database is gone.")))
        assert stage.ask("GET").problem() == (503, "unavailable")


class TestSettingUp:
    def test_signs_the_first_person_in(self):
        stage = Stage()
        answer = stage.post(GOOD)
        assert (answer.status, answer.json()) == (201, {"refresh": "r.e.f", "access": "a.c.c"})
        assert answer.header("Cache-Control") == "no-store"
        assert stage.setup.asked == [
            ("k7mp-x3qd", "ann", "correct horse battery", None, "127.0.0.1")
        ]

    def test_may_say_a_language(self):
        stage = Stage()
        stage.post({**GOOD, "language": "fr-FR"})
        assert stage.setup.asked[0][3] == "fr-FR"

    @pytest.mark.parametrize(
        ("trouble", "problem", "field"),
        [
            (SetupDone("There is an account."), (409, "setup-done"), None),
            (ClientError("wrong-code", "No.", field="code"), (403, "wrong-code"), "code"),
            (WeakPassword("The password is weak."), (422, "weak-password"), "password"),
            (BadName("The name is odd."), (400, "invalid-request"), "username"),
            (BadLanguage("The language is odd."), (400, "invalid-request"), "language"),
        ],
    )
    def test_may_be_refused(self, trouble, problem, field):
        answer = Stage().refusal(trouble)
        assert (answer.problem(), answer.field()) == (problem, field)

    def test_may_be_too_often(self):
        answer = Stage().refusal(ClientError("rate-limited", "Later.", retry_after=17))
        assert answer.problem() == (429, "rate-limited")
        assert answer.header("Retry-After") == "17"


class TestBodies:
    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"code": ""}, "code"),
            ({"code": "x" * 65}, "code"),
            ({"code": 7}, "code"),
            ({"username": " "}, "username"),
            ({"username": "x" * 151}, "username"),
            ({"username": "a\u202eb"}, "username"),
            ({"username": None}, "username"),
            ({"password": ""}, "password"),
            ({"password": ["x"]}, "password"),
            ({"language": None}, "language"),
            ({"admin": True}, "admin"),
        ],
    )
    def test_have_to_be_as_they_should(self, change, field):
        stage = Stage()
        answer = stage.post({**GOOD, **change})
        assert (answer.problem(), answer.field()) == ((400, "invalid-request"), field)
        assert stage.setup.asked == []

    @pytest.mark.parametrize("field", ["code", "username", "password"])
    def test_have_to_be_whole(self, field):
        answer = Stage().post({name: GOOD[name] for name in GOOD if name != field})
        assert (answer.problem(), answer.field()) == ((400, "invalid-request"), field)

    def test_have_to_be_json(self):
        assert Stage().send(b"{").problem() == (400, "malformed-json")

    @given(
        st.dictionaries(
            st.sampled_from([*GOOD, "language", "x"]), st.none() | st.integers() | st.text()
        )
    )
    def test_are_never_a_fault_of_ours(self, document):
        assert Stage().post(document).status in {201, 400}


class TestAccess:
    @pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
    def test_is_for_asking_and_doing(self, method):
        assert Stage().ask(method).problem() == (405, "method-not-allowed")
