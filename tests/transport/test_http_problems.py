"""Refusals as documents."""

from __future__ import annotations

import json

import pytest
from http_line import KNOWN_PROBLEMS, PROBLEM_SCHEMA, SPEC
from twisted.logger import capturedLogs
from twisted.python.failure import Failure

from pytlas_wamp.accounts.model import Outdated, UnknownUser
from pytlas_wamp.errors import ClientError, OperatorError
from pytlas_wamp.transport.problems import PROBLEMS, internal_error, problem, refusal, unavailable

CODES = [entry["code"] for entry in json.loads((SPEC / "errors.json").read_text())["problems"]]
TOKEN_CODES = ["token-invalid", "token-expired", "token-revoked", "account-disabled"]


class TestProblems:
    def test_the_codes_are_those_of_the_contract(self):
        assert {(code, status) for code, (status, _) in PROBLEMS.items()} == KNOWN_PROBLEMS

    def test_the_codes_have_the_order_of_the_contract(self):
        assert list(PROBLEMS) == CODES

    @pytest.mark.parametrize("code", PROBLEMS)
    def test_each_is_a_document_as_rfc_9457_has_them(self, code):
        reply = problem(code, "Something was wrong.")
        PROBLEM_SCHEMA.validate(json.loads(reply.body))
        assert reply.content_type == "application/problem+json"
        assert reply.status == PROBLEMS[code][0]

    def test_the_members_have_an_order(self):
        assert problem("not-found", "Nothing.").body == (
            b'{"type":"/spec/errors.json#not-found","title":"Not found","status":404,'
            b'"detail":"Nothing.","code":"not-found"}'
        )

    def test_details_may_be_in_any_script(self):
        assert json.loads(problem("not-found", "日本\ud800").body)["detail"] == "日本\ud800"

    @pytest.mark.parametrize("code", TOKEN_CODES)
    def test_a_bad_token_is_challenged(self, code):
        assert problem(code, "No.").headers == {
            "WWW-Authenticate": 'Bearer realm="pytlas", error="invalid_token"'
        }

    @pytest.mark.parametrize("code", ["authentication-failed", "token-missing"])
    def test_who_has_no_token_yet_has_none_that_could_be_wrong(self, code):
        assert problem(code, "No.").headers == {"WWW-Authenticate": 'Bearer realm="pytlas"'}

    def test_the_field_that_is_wrong_comes_last(self):
        document = json.loads(problem("invalid-request", "No.", field="settings.A").body)
        PROBLEM_SCHEMA.validate(document)
        assert list(document)[-1] == "field"
        assert document["field"] == "settings.A"

    def test_further_headers_are_kept(self):
        assert problem("method-not-allowed", "No.", {"Allow": "GET"}).headers == {"Allow": "GET"}

    def test_what_works_again_later_says_when(self):
        assert unavailable().headers == {"Retry-After": "5"}
        assert unavailable().status == 503

    @pytest.mark.parametrize("code", ["rate-limited", "unavailable"])
    @pytest.mark.parametrize(("seconds", "told"), [(None, "5"), (0, "1"), (0.2, "1"), (59.1, "60")])
    def test_seconds_are_whole_and_never_too_few(self, code, seconds, told):
        assert problem(code, "No.", retry_after=seconds).headers == {"Retry-After": told}

    def test_waiting_helps_for_nothing_else(self):
        assert problem("not-found", "No.", retry_after=3).headers == {}


def refused(error):
    with capturedLogs() as logs:
        reply = refusal(Failure(error))
    return json.loads(reply.body), logs


class TestRefusals:
    def test_what_the_peer_did_is_told_to_the_peer_and_not_logged(self):
        document, logs = refused(ClientError("token-expired", "Sign in again."))
        assert (document["code"], document["detail"]) == ("token-expired", "Sign in again.")
        assert logs == []

    def test_the_peer_is_told_which_field_and_how_long(self):
        error = ClientError("rate-limited", "Wait.", field="password", retry_after=7.5)
        reply = refusal(Failure(error))
        assert json.loads(reply.body)["field"] == "password"
        assert (reply.status, reply.headers) == (429, {"Retry-After": "8"})

    @pytest.mark.parametrize(
        ("kind", "code"), [(UnknownUser, "not-found"), (Outdated, "precondition-failed")]
    )
    def test_what_both_can_mend_is_told_to_the_peer(self, kind, code):
        document, logs = refused(kind("It is so."))
        assert (document["code"], document["detail"], logs) == (code, "It is so.", [])

    def test_what_the_operator_can_mend_is_told_to_the_operator(self):
        document, logs = refused(OperatorError("/var/db/accounts is not writable"))
        assert document["code"] == "unavailable"
        assert "/var" not in json.dumps(document)
        assert logs[0]["reason"] == "/var/db/accounts is not writable"
        assert "log_failure" not in logs[0]

    @pytest.mark.parametrize("error", [ValueError("secret"), ClientError("busy", "no HTTP code")])
    def test_anything_else_is_a_fault_of_ours(self, error):
        document, logs = refused(error)
        assert document == json.loads(internal_error().body)
        assert logs[0]["log_failure"].value is error
