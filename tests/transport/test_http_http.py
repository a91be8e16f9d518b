"""Connections byte by byte: sizes, times, noise, peers that leave, faults of ours."""

from __future__ import annotations

import io

import pytest
from http_line import FakeAccounts, Later, Server, request
from hypothesis import given
from hypothesis import strategies as st
from twisted.logger import LogLevel, capturedLogs
from twisted.web.server import NOT_DONE_YET

from pytlas_wamp.transport.http import LINGER_SECONDS

SIGN_IN = b'{"username":"ann","password":"secret"}'
TYPE = {"Content_Type": "application/json"}
ORIGIN = {"Origin": "https://example.org"}


def chunked(*chunks: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)


def post_head(*fields: str) -> bytes:
    return "\r\n".join(
        ["POST /api/token HTTP/1.1", "Host: a", "Content-Type: application/json", *fields, "", ""]
    ).encode()


def errors(logs):
    return [event for event in logs if event["log_level"] >= LogLevel.warn]


class TestBodiesThatAreTooLarge:
    def test_an_announced_one_is_refused_before_any_of_it_came(self):
        line = Server().line()
        line.send(post_head("Content-Length: 2049"))
        assert line.answer().problem() == (413, "payload-too-large")

    def test_the_limit_itself_is_accepted(self):
        body = SIGN_IN.ljust(2048)
        assert Server().ask("POST", "/api/token", body, **TYPE).status == 200

    def test_a_chunked_one_of_the_size_of_the_limit_is_accepted(self):
        line = Server().line()
        body = SIGN_IN.ljust(2048)
        head = post_head("Transfer-Encoding: chunked")
        line.send(head + chunked(body[:1000], body[1000:]) + b"0\r\n\r\n")
        assert line.answer().status == 200

    def test_a_chunked_one_is_refused_as_soon_as_it_exceeds(self):
        line = Server().line()
        line.send(post_head("Transfer-Encoding: chunked") + chunked(b" " * 2048))
        assert line.answers() == []
        line.send(b"1\r\nx")
        assert line.answer().problem() == (413, "payload-too-large")

    def test_a_single_chunk_is_refused_before_its_end(self):
        line = Server().line()
        line.send(post_head("Transfer-Encoding: chunked") + b"ffffff\r\n" + b" " * 2049)
        assert line.answer().status == 413

    def test_what_comes_after_the_refusal_is_dropped(self):
        server = Server()
        line = server.line()
        line.send(
            post_head("Transfer-Encoding: chunked")
            + chunked(b" " * 2000, b" " * 2000, b" " * 2000)
            + b"0\r\n\r\n"
            + request("GET", "/healthz")
        )
        line.send(request("GET", "/healthz"))
        assert line.answer().status == 413
        assert server.accounts.asked == []

    def test_the_rest_of_an_announced_body_is_dropped(self):
        line = Server().line()
        line.send(post_head("Content-Length: 3000") + b" " * 1500)
        line.send(b" " * 1500 + request("GET", "/healthz"))
        assert line.answer().status == 413

    def test_nobody_is_told_to_continue_who_was_refused(self):
        line = Server().line()
        line.send(post_head("Content-Length: 2049", "Expect: 100-continue"))
        assert line.answer().status == 413

    def test_who_may_send_is_told_to_continue(self):
        line = Server().line()
        line.send(post_head("Content-Length: 38", "Expect: 100-continue"))
        assert line.transport.value() == b"HTTP/1.1 100 Continue\r\n\r\n"
        line.transport.clear()
        line.send(SIGN_IN)
        assert line.answer().status == 200

    def test_web_pages_can_read_the_refusal(self):
        answer = Server().ask("POST", "/api/token", b" " * 2049, **TYPE, **ORIGIN)
        assert answer.header("Access-Control-Allow-Origin") == "*"

    def test_the_refusal_says_that_the_connection_ends(self):
        answer = Server().ask("POST", "/api/token", b" " * 2049, **TYPE)
        assert answer.header("Connection") == "close"

    def test_the_connection_stays_open_for_a_moment_so_that_the_answer_arrives(self):
        server = Server()
        line = server.line()
        line.send(post_head("Content-Length: 2049"))
        server.clock.advance(LINGER_SECONDS - 0.1)
        line.send(b" " * 500)
        assert not line.transport.disconnecting
        server.clock.advance(0.2)
        assert line.transport.disconnecting

    def test_a_connection_that_does_not_go_away_is_cut(self):
        server = Server()
        line = server.line()
        line.send(post_head("Content-Length: 2049"))
        server.clock.pump([LINGER_SECONDS, 60])
        assert line.transport.cut

    def test_no_timer_is_left_when_the_peer_closes_first(self):
        server = Server()
        line = server.line()
        line.send(post_head("Content-Length: 2049"))
        line.lose()
        assert server.clock.getDelayedCalls() == []

    def test_a_body_is_kept_in_memory_and_not_in_a_file(self):
        line = Server().line()
        line.send(post_head("Transfer-Encoding: chunked") + chunked(b"{"))
        assert isinstance(line.channel.requests[0].content, io.BytesIO)


class TestRequestsThatAreNone:
    @pytest.mark.parametrize(
        "raw",
        [
            b"hello\r\n",
            b"GET /\r\n",
            b"GET / HTTP/2.0\r\n",
            b"GET  / HTTP/1.1\r\n",
            b"G\x00T / HTTP/1.1\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n",
            b"GET / HTTP/1.1\r\nnothing\r\n\r\n",
            b"GET / HTTP/1.1\r\nA b: c\r\n\r\n",
            b"GET / HTTP/1.1\r\nnothing\r\nHost: a\r\n\r\n",
            b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
            b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
            b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
            b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc",
            b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n",
            b"GET /" + b"a" * 20_000,
            b"GET / HTTP/1.1\r\n" + b"A: %s\r\n" % (b"b" * 6_000) * 3 + b"\r\n",
            b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 501 + b"\r\n",
        ],
    )
    def test_each_is_refused_with_a_problem_and_nothing_is_logged(self, raw):
        line = Server().line()
        with capturedLogs() as logs:
            line.send(raw)
            line.send(request("GET", "/healthz"))
        assert line.answer().problem() == (400, "invalid-request")
        assert logs == []

    @given(st.binary())
    def test_noise_is_answered_with_400_or_not_at_all(self, noise):
        line = Server().line()
        with capturedLogs() as logs:
            line.send(noise + b"\r\n\r\n")
        assert {answer.status for answer in line.answers()} <= {400}
        assert errors(logs) == []

    def test_requests_before_it_are_answered(self):
        line = Server().line()
        line.send(request("GET", "/healthz") + b"hello\r\n")
        assert [answer.status for answer in line.answers()] == [200, 400]


class TestTime:
    def test_a_request_has_to_come_in_whole_in_time_however_busily_it_trickles(self):
        server = Server(options={"timeout_seconds": 30})
        line = server.line()
        server.clock.advance(29)
        for byte in request("GET", "/healthz")[:29]:
            line.send(bytes([byte]))
            server.clock.advance(1)
        assert not line.transport.disconnecting
        line.send(b"a")
        server.clock.advance(1.1)
        assert line.transport.disconnecting

    def test_a_body_has_to_come_in_whole_in_time(self):
        server = Server(options={"timeout_seconds": 30})
        line = server.line()
        line.send(post_head("Content-Length: 1000"))
        for _ in range(31):
            line.send(b" ")
            server.clock.advance(1)
        assert line.transport.disconnecting

    def test_every_request_of_a_connection_has_the_whole_time(self):
        server = Server(options={"timeout_seconds": 30})
        line = server.line()
        for _ in range(3):
            server.clock.advance(20)
            line.send(b"GET /healthz HTTP/1.1\r\n")
            server.clock.advance(20)
            line.send(b"Host: a\r\n\r\n")
        assert [answer.status for answer in line.answers()] == [200, 200, 200]
        assert not line.transport.disconnecting

    def test_an_idle_connection_is_closed(self):
        server = Server(options={"timeout_seconds": 30})
        line = server.line()
        line.send(request("GET", "/healthz"))
        server.clock.advance(29)
        assert not line.transport.disconnecting
        server.clock.advance(2)
        assert line.transport.disconnecting

    def test_an_answer_may_take_its_time(self):
        server = Server(run=Later(), options={"timeout_seconds": 30})
        line = server.line()
        line.send(request("POST", "/api/token", SIGN_IN, **TYPE))
        server.clock.advance(1000)
        server.run.go()
        assert line.answer().status == 200


class TestAnswers:
    def test_a_preflight_is_answered_before_anybody_is_asked(self):
        server = Server()
        answer = server.ask("OPTIONS", "/api/token", Access_Control_Request_Method="POST")
        assert (answer.status, server.accounts.asked) == (204, [])

    def test_a_connection_serves_pipelined_requests_in_order(self):
        server = Server(run=Later())
        line = server.line()
        line.send(request("POST", "/api/token", SIGN_IN, **TYPE) + request("GET", "/healthz"))
        assert line.answers() == []
        server.run.go()
        assert [set(answer.json()) for answer in line.answers()] == [
            {"refresh", "access"},
            {"status"},
        ]

    def test_bytes_may_come_one_by_one(self):
        line = Server().line()
        for byte in request("POST", "/api/token", SIGN_IN, **TYPE):
            line.send(bytes([byte]))
        assert line.answer().status == 200

    @pytest.mark.parametrize("raw", [b"GET /healthz HTTP/1.0\r\n\r\n", b""])
    def test_the_connection_closes_where_the_peer_wants_that(self, raw):
        line = Server().line()
        line.send(raw or request("GET", "/healthz", Connection="close"))
        assert line.answer().status == 200
        assert line.transport.disconnecting

    def test_an_address_with_the_server_in_it_is_understood(self):
        assert Server().ask("GET", "http://example.org:80/healthz").status == 200
        assert Server().ask("GET", "HTTPS://example.org").status == 200

    @pytest.mark.parametrize("path", ["*", "healthz", "ftp://a/healthz"])
    def test_what_is_no_path_leads_nowhere(self, path):
        assert Server().ask("GET", path).problem() == (404, "not-found")

    def test_a_compressed_body_is_refused(self):
        answer = Server().ask("POST", "/api/token", SIGN_IN, **TYPE, Content_Encoding="gzip")
        assert answer.problem() == (415, "unsupported-media-type")

    def test_an_identity_coding_is_no_compression(self):
        answer = Server().ask("POST", "/api/token", SIGN_IN, **TYPE, Content_Encoding="Identity")
        assert answer.status == 200


class TestPeersThatLeave:
    @pytest.mark.parametrize("trouble", [None, ValueError("too late")])
    def test_nothing_is_written_to_them(self, trouble):
        server = Server(run=Later(), accounts=FakeAccounts(trouble=trouble))
        line = server.line()
        line.send(request("POST", "/api/token", SIGN_IN, **TYPE))
        line.lose()
        with capturedLogs() as logs:
            server.run.go()
        assert line.transport.value() == b""
        # A fault of ours is one whoever is there to see it; leaving is none.
        assert len(logs) == (0 if trouble is None else 1)

    def test_leaving_in_the_middle_of_a_body_is_no_error(self):
        line = Server().line()
        with capturedLogs() as logs:
            line.send(post_head("Content-Length: 100") + b"{")
            line.lose()
        assert logs == []


class BrokenTree:
    """Addresses that break in a chosen way."""

    def __init__(self, how):
        self.how = how

    def render(self, request):
        if self.how == "started":
            request.setResponseCode(200)
            request.write(b"so far")
        elif self.how == "taken":
            request.channel.transport = None
        elif self.how == "gone":
            request.connectionLost(ConnectionError())
        raise ValueError("token=secret")


def broken(how):
    server = Server()
    server.site.tree = BrokenTree(how)
    line = server.line()
    with capturedLogs() as logs:
        line.send(request("GET", "/"))
    return line, logs


class TestFaultsOfOurs:
    def test_the_peer_learns_no_more_than_that_there_was_one(self):
        line, logs = broken("at once")
        answer = line.answer()
        assert answer.problem() == (500, "internal-error")
        assert b"secret" not in answer.body
        assert b"Traceback" not in answer.body
        assert logs[0]["log_failure"].type is ValueError

    def test_a_half_written_answer_is_cut_off(self):
        line, logs = broken("started")
        assert b"500" not in line.transport.value()
        assert line.transport.disconnecting
        assert len(logs) == 1

    @pytest.mark.parametrize("how", ["taken", "gone"])
    def test_nothing_is_written_where_nobody_reads_http(self, how):
        line, logs = broken(how)
        assert line.transport.value() == b""
        assert logs[0]["log_failure"].type is ValueError

    def test_an_answer_that_cannot_be_written_is_logged(self):
        server = Server()

        class Tree:
            def render(self, request):
                request.respond(lambda _: None)

        server.site.tree = Tree()
        line = server.line()
        with capturedLogs() as logs:
            line.send(request("GET", "/"))
        assert line.answer().problem() == (500, "internal-error")
        assert len(logs) == 1


class TestSite:
    def test_requests_are_not_logged(self):
        server = Server()
        server.site.startFactory()
        assert server.clock.getDelayedCalls() == []
        with capturedLogs() as logs:
            server.ask("GET", "/healthz?token=secret")
            server.ask("GET", "/nowhere")
        server.site.stopFactory()
        assert logs == []

    def test_requests_are_logged_where_somebody_wants_it(self, tmp_path):
        server = Server(options={"access_log": True})
        server.site.logPath = str(tmp_path / "access.log")
        server.site.startFactory()
        server.ask("GET", "/healthz")
        server.site.stopFactory()
        assert '"GET /healthz HTTP/1.1" 200' in (tmp_path / "access.log").read_text()

    def test_http_2_is_never_agreed_on(self):
        assert Server().site.acceptableProtocols() == [b"http/1.1"]

    def test_a_connection_that_was_taken_over_is_left_alone(self):
        server = Server()
        line = server.line()
        line.send(
            request(
                "GET",
                "/ws/assistant/",
                Upgrade="websocket",
                Connection="Upgrade",
                Sec_WebSocket_Version="13",
                Sec_WebSocket_Key="x" * 22 + "==",
            )
        )
        assert server.websocket.outcome is NOT_DONE_YET
        assert server.websocket.taken == [b"/ws/assistant/"]
        assert line.transport.value() == b""
        assert line.transport.producer is None
        assert server.clock.getDelayedCalls() == []
