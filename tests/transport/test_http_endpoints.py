"""Addresses and methods."""

from __future__ import annotations

import pytest
from http_line import Server

from pytlas_wamp.transport.endpoints import Methods
from pytlas_wamp.transport.replies import json_reply

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


def named(path):
    """An address that says which one it is, and what stands in it."""

    def place(parameters):
        return Methods({"GET": lambda _: json_reply([path, dict(parameters)])})

    return place


PATTERNS = [
    "/api/things/{name}",
    "/api/things/all",
    "/api/things/{name}/parts",
    "/api/things/{name}/parts/{part}",
    "/api/{kind}/all/parts",
]


class TestPatterns:
    @pytest.fixture
    def server(self):
        return Server(
            options={"further": lambda _: {pattern: named(pattern) for pattern in PATTERNS}}
        )

    @pytest.mark.parametrize(
        ("path", "pattern", "parameters"),
        [
            ("/api/things/one", PATTERNS[0], {"name": "one"}),
            ("/api/things/one/", PATTERNS[0], {"name": "one"}),
            ("/api/things/{name}", PATTERNS[0], {"name": "{name}"}),
            ("/api/things/%E2%82%AC%20%3F%23%25", PATTERNS[0], {"name": "€ ?#%"}),
            ("/api/things/a+b;c", PATTERNS[0], {"name": "a+b;c"}),
            ("/api/things/..", PATTERNS[0], {"name": ".."}),
            ("/api/things/%00", PATTERNS[0], {"name": "\0"}),
            ("/api/things/all", PATTERNS[1], {}),
            ("/api/things/one/parts", PATTERNS[2], {"name": "one"}),
            ("/api/things/one/parts/2", PATTERNS[3], {"name": "one", "part": "2"}),
            ("/api/things/all/parts", PATTERNS[2], {"name": "all"}),
            ("/api/others/all/parts", PATTERNS[4], {"kind": "others"}),
        ],
    )
    def test_tell_what_stands_in_the_address(self, server, path, pattern, parameters):
        line = server.line()
        line.send(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        assert line.answer().json() == [pattern, parameters]

    @pytest.mark.parametrize(
        "path",
        [
            "/api/things",
            "/api/things/",
            "/api/things//",
            "/api/things//parts",
            "/api/things/one//",
            "/api/things/a%2Fb",
            "/api/things/a%2fparts",
            "/api/things/%ff",
            "/api/things/one/other",
            "/api/things/one/parts/2/3",
            "/api/others/one/parts",
        ],
    )
    def test_are_nowhere_else(self, server, path):
        assert server.ask("GET", path).problem() == (404, "not-found")

    @pytest.mark.parametrize("path", ["/api/things/one", "/api/things/one/parts/2"])
    def test_have_methods_as_others_have(self, server, path):
        assert server.ask("HEAD", path).status == 200
        assert server.ask("POST", path).problem() == (405, "method-not-allowed")
        assert server.ask("OPTIONS", path).header("Allow") == "GET, HEAD, OPTIONS"
