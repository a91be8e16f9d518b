"""What every answer carries, and what pages of other origins may do."""

from __future__ import annotations

import pytest
from http_line import Server, request
from hypothesis import example, given
from hypothesis import strategies as st
from twisted.logger import capturedLogs
from twisted.web.http_headers import Headers

from pytlas_wamp.transport.headers import (
    Origins,
    is_preflight,
    prefers_gzip,
    preflight,
    standing_headers,
)

HOME = "https://home.example"
FEW = {"options": {"allowed_origins": (HOME, "http://localhost:3000")}}
PATHS = ["/", "/healthz", "/spec/", "/api/token", "/nowhere", "/ws/assistant/", "/api//token", "*"]


class TestEveryAnswer:
    @pytest.mark.parametrize("path", PATHS)
    @pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS", "BREW"])
    def test_is_safe_and_does_not_say_what_twisted_is(self, method, path):
        answer = Server().ask(method, path)
        assert answer.header("Server") == "pytlas-wamp"
        assert answer.header("X-Content-Type-Options") == "nosniff"
        assert answer.header("Referrer-Policy") == "no-referrer"
        assert answer.header("Content-Security-Policy").startswith("default-src 'none'; ")
        assert answer.header("Date").endswith(" GMT")
        assert answer.header("Set-Cookie") is None

    def test_so_is_a_refusal_of_what_is_no_request(self):
        line = Server().line()
        line.send(b"hello\r\n")
        answer = line.answer()
        assert answer.header("Server") == "pytlas-wamp"
        assert answer.header("X-Content-Type-Options") == "nosniff"

    def test_is_not_kept_by_caches_unless_it_says_so(self):
        assert Server().ask("GET", "/healthz").header("Cache-Control") == "no-store"


class TestCrossOrigin:
    @pytest.mark.parametrize("path", PATHS)
    @pytest.mark.parametrize("origin", [HOME, "null"])
    def test_every_page_may_read_every_answer_by_default(self, path, origin):
        answer = Server().ask("GET", path, Origin=origin)
        assert answer.header("Access-Control-Allow-Origin") == "*"
        assert answer.header("Vary") is None
        assert answer.header("Access-Control-Allow-Credentials") is None

    def test_who_is_no_page_of_another_origin_is_told_nothing(self):
        assert Server().ask("GET", "/").header("Access-Control-Allow-Origin") is None

    @pytest.mark.parametrize("path", PATHS)
    def test_an_allowed_origin_is_named(self, path):
        answer = Server(**FEW).ask("GET", path, Origin=HOME)
        assert answer.header("Access-Control-Allow-Origin") == HOME
        assert answer.header("Vary") == "Origin"

    @pytest.mark.parametrize("origin", ["https://other.example", "null", "", "*", HOME + "/"])
    def test_another_one_is_not(self, origin):
        answer = Server(**FEW).ask("GET", "/", Origin=origin)
        assert answer.header("Access-Control-Allow-Origin") is None

    def test_caches_learn_that_it_depends_even_without_an_origin(self):
        assert Server(**FEW).ask("GET", "/").header("Vary") == "Origin"

    def test_nobody_is_allowed_where_the_list_is_empty(self):
        server = Server(options={"allowed_origins": ()})
        assert server.ask("GET", "/", Origin=HOME).header("Access-Control-Allow-Origin") is None

    def test_pages_may_read_the_headers_that_matter(self):
        answer = Server().ask("GET", "/", Origin=HOME)
        exposed = answer.header("Access-Control-Expose-Headers")
        assert exposed == "ETag, Location, Retry-After, WWW-Authenticate"


class TestPreflights:
    @pytest.mark.parametrize("path", PATHS)
    def test_is_answered_at_every_address(self, path):
        answer = Server().ask("OPTIONS", path, Origin=HOME, Access_Control_Request_Method="POST")
        assert (answer.status, answer.body) == (204, b"")
        assert answer.header("Access-Control-Allow-Origin") == "*"
        assert "POST" in answer.header("Access-Control-Allow-Methods").split(", ")
        allowed = answer.header("Access-Control-Allow-Headers").split(", ")
        assert {"authorization", "content-type", "if-match"} <= set(allowed)
        assert answer.header("Access-Control-Max-Age") == "86400"
        assert answer.header("Content-Length") is None

    def test_is_no_permission_for_other_origins(self):
        answer = Server(**FEW).ask(
            "OPTIONS", "/api/token", Origin="https://other", Access_Control_Request_Method="POST"
        )
        assert answer.header("Access-Control-Allow-Origin") is None

    def test_is_an_options_with_a_question(self):
        asking = Headers({"access-control-request-method": ["POST"]})
        assert is_preflight(b"OPTIONS", asking)
        assert not is_preflight(b"GET", asking)
        assert not is_preflight(b"OPTIONS", Headers())
        assert preflight().status == 204

    def test_the_connection_goes_on(self):
        line = Server().line()
        ask = request("OPTIONS", "/api/token", Access_Control_Request_Method="POST", Origin=HOME)
        line.send(ask + ask)
        assert [answer.status for answer in line.answers()] == [204, 204]


class TestHostileHeaders:
    @given(
        st.sampled_from(["/", "/spec/errors.json", "/api/token", "/ws/assistant/", "/healthz"]),
        st.lists(
            st.tuples(
                st.sampled_from(
                    [
                        b"Accept",
                        b"Connection",
                        b"Content-Encoding",
                        b"Content-Type",
                        b"Cookie",
                        b"Expect",
                        b"Host",
                        b"If-Modified-Since",
                        b"If-None-Match",
                        b"Origin",
                        b"Range",
                        b"Sec-WebSocket-Key",
                        b"Sec-WebSocket-Version",
                        b"Upgrade",
                    ]
                ),
                st.binary().filter(lambda value: not set(value) & set(b"\0\r\n")),
            )
        ),
    )
    @example("/", [(b"Origin", b"\xe9")])
    @example("/api/token", [(b"Content-Type", b"\xe9")])
    @example("/api/token", [(b"Content-Encoding", b"\xe9")])
    @example("/ws/assistant/", [(b"Upgrade", b"\xe9")])
    @example("/spec/errors.json", [(b"If-None-Match", b"\xe9")])
    @example("/spec/errors.json", [(b"If-Modified-Since", b"\xe9")])
    def test_none_is_a_fault_of_ours(self, path, fields):
        head = b"".join(b"%s: %s\r\n" % pair for pair in fields)
        line = Server(**FEW).line()
        with capturedLogs() as logs:
            line.send(b"POST %s HTTP/1.1\r\n%s\r\n" % (path.encode(), head))
            line.send(b"GET %s HTTP/1.1\r\n%s\r\n" % (path.encode(), head))
        assert {answer.status for answer in line.answers()} <= {200, 304, 400, 405, 415, 426}
        assert logs == []


class TestStandingHeaders:
    def test_a_page_that_claims_two_origins_has_the_last(self):
        origins = Origins(frozenset({HOME}))
        asking = Headers({"origin": [HOME, "https://other.example"]})
        assert not standing_headers(asking, origins).hasHeader("Access-Control-Allow-Origin")


class TestCompression:
    @pytest.mark.parametrize(
        ("accepted", "liked"),
        [
            ("gzip", True),
            ("gzip, deflate, br, zstd", True),
            ("br;q=1.0, GZip;q=0.8", True),
            ("gzip;q=0.001", True),
            ("gzip ; q=1", True),
            ("*", True),
            ("*;q=0.5, identity;q=0.5", True),
            ("identity, gzip", True),
            ("", False),
            ("br", False),
            ("identity", False),
            ("gzip;q=0", False),
            ("gzip;q=0.000", False),
            ("*, gzip;q=0", False),
            ("*;q=0", False),
            ("gzip;q=0.5, identity", False),
            ("gzip;q=much", False),
            ("gzip;level=9", False),
            ("gzip;q=1e9", False),
            ("gzipped", False),
            ("\xe9, ;;,=", False),
        ],
    )
    def test_is_done_for_who_likes_it_at_least_as_much(self, accepted, liked):
        assert prefers_gzip(Headers({b"Accept-Encoding": [accepted.encode("latin-1")]})) is liked

    def test_several_headers_are_one_list(self):
        assert prefers_gzip(Headers({"Accept-Encoding": ["br", "gzip"]}))

    def test_who_does_not_say_gets_the_bytes(self):
        assert not prefers_gzip(Headers())
