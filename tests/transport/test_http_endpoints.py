"""Addresses and methods."""

from __future__ import annotations

import pytest
from http_line import Server

TOKEN_PATHS = ["/api/token", "/api/token/", "/api/token/revoke"]


class TestMethods:
    @pytest.mark.parametrize("path", ["/healthz", "/", "/spec/", "/spec/errors.json", "/spec"])
    def test_head_is_get_without_the_body(self, path):
        got, headed = Server().ask("GET", path), Server().ask("HEAD", path)
        for answer in (got, headed):
            answer.headers.pop("date")
        assert (headed.status, headed.headers) == (got.status, got.headers)
        assert headed.body == b""

    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "TRACE", "BREW", "post"])
    @pytest.mark.parametrize("path", TOKEN_PATHS)
    def test_tokens_are_posted(self, method, path):
        answer = Server().ask(method, path)
        assert answer.problem() == (405, "method-not-allowed")
        assert answer.header("Allow") == "OPTIONS, POST"
        assert answer.detail() == "Use one of OPTIONS, POST here."

    def test_head_of_what_cannot_be_got_is_refused_without_a_body(self):
        answer = Server().ask("HEAD", "/api/token")
        assert (answer.status, answer.body) == (405, b"")
        assert answer.header("Content-Type") == "application/problem+json"

    @pytest.mark.parametrize("path", ["/", "/healthz", "/spec/", "/spec/errors.json"])
    def test_pages_are_got(self, path):
        answer = Server().ask("POST", path, b"x")
        assert answer.problem() == (405, "method-not-allowed")
        assert answer.header("Allow") == "GET, HEAD, OPTIONS"

    @pytest.mark.parametrize(
        ("path", "allowed"), [("/api/token", "OPTIONS, POST"), ("/", "GET, HEAD, OPTIONS")]
    )
    def test_options_says_what_there_is(self, path, allowed):
        answer = Server().ask("OPTIONS", path)
        assert (answer.status, answer.header("Allow"), answer.body) == (204, allowed, b"")


class TestAddresses:
    @pytest.mark.parametrize(
        "path",
        [
            "/nowhere",
            "/api",
            "/api/",
            "/api/token/other",
            "/api/token//",
            "//api/token",
            "/api//token",
            "/api%2Ftoken",
            "/API/token",
            "/healthz/x",
            "/ws",
            "/ws/assistant/x",
            "//",
            "/%",
            "/%ff",
            "/%00",
            "/../etc/passwd",
            "/index.html",
            "//healthz",
            "//*",
        ],
    )
    @pytest.mark.parametrize("method", ["GET", "POST", "BREW", "OPTIONS"])
    def test_where_nothing_is_the_answer_is_404(self, method, path):
        answer = Server().ask(method, path)
        if (method, path) == ("OPTIONS", "//*"):
            assert answer.status == 204
        else:
            assert answer.problem() == (404, "not-found")

    def test_head_of_nothing_is_404_without_a_body(self):
        answer = Server().ask("HEAD", "/nowhere")
        assert (answer.status, answer.body) == (404, b"")

    def test_other_spellings_of_a_letter_are_the_same_address(self):
        assert Server().ask("GET", "/health%7A").status == 200

    def test_somebody_is_there(self):
        answer = Server().ask("OPTIONS", "*")
        assert (answer.status, answer.body) == (204, b"")

    def test_the_asterisk_is_no_address(self):
        assert Server().ask("GET", "*").problem() == (404, "not-found")
