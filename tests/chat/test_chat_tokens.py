"""Signing in says in one sentence why it did not work."""

from __future__ import annotations

import asyncio
import http.client
import io
import json
import ssl
import urllib.error
from email.message import Message

import pytest

from pytlas_wamp.chat.addresses import parse_address
from pytlas_wamp.chat.problems import ChatProblem, Refused, Unreachable
from pytlas_wamp.chat.tokens import HttpReply, HttpTokens, Tokens, UrllibPost, explain, make_opener

ADDRESS = parse_address("https://a.example/p/")


def reply(status, document=None, **kwargs):
    return HttpReply(status=status, body=json.dumps(document).encode(), **kwargs)


class FakePost:
    def __init__(self, *replies):
        self.calls = []
        self._replies = list(replies)

    def __call__(self, url, fields):
        self.calls.append((url, fields))
        answer = self._replies.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def sign_in(*replies):
    post = FakePost(*replies)
    return asyncio.run(HttpTokens(address=ADDRESS, post=post).sign_in("alice", "pw")), post.calls


def told_by(*replies):
    with pytest.raises(ChatProblem) as told:
        sign_in(*replies)
    return told.value


PAIR = reply(200, {"access": "a", "refresh": "r", "more": 1})


class TestSigningIn:
    def test_it_yields_a_pair_and_how_long_it_lasts(self):
        tokens, calls = sign_in(PAIR, reply(200, {"expires_in": 60}))

        assert tokens == Tokens(access="a", refresh="r", expires_in=60)
        assert calls == [
            (
                "https://a.example/p/api/token",
                {"username": "alice", "password": "pw", "client": "pytlas-wamp chat"},
            ),
            ("https://a.example/p/api/token/verify", {"token": "a"}),
        ]

    @pytest.mark.parametrize(
        "verified", [reply(404), Unreachable("timeout", url="u", seconds=1), reply(200, {})]
    )
    def test_without_knowing_how_long_it_goes_on(self, verified):
        assert sign_in(PAIR, verified)[0].expires_in is None

    def test_tokens_are_not_printed(self):
        assert "secret" not in repr(Tokens(access="secret", refresh="secret"))

    def test_a_wrong_password_is_told(self):
        told = told_by(reply(401, {"code": "authentication-failed", "detail": "x"}))

        assert isinstance(told, Refused)
        assert str(told) == "The name or the password is wrong, or the account is disabled."

    @pytest.mark.parametrize(
        ("answer", "kind", "sentence"),
        [
            (
                reply(401, {"code": "newer", "detail": "No\x1b."}),
                Refused,
                "The server refuses to sign you in: No␛.",
            ),
            (
                reply(400, {"code": "invalid-request", "detail": "username is empty"}),
                ChatProblem,
                "The server refuses to sign you in: username is empty",
            ),
            (
                reply(503, {"code": "unavailable", "detail": "no database"}),
                Unreachable,
                "The server at https://a.example/p is in trouble (no database).",
            ),
            (
                HttpReply(status=502, body=b"<html>"),
                Unreachable,
                "The server at https://a.example/p is in trouble (HTTP 502).",
            ),
            (
                HttpReply(status=404, body=b"<html>"),
                ChatProblem,
                "https://a.example/p answers, but is no pytlas-wamp server (HTTP 404).",
            ),
            (
                HttpReply(status=200, body=b"[" * 60000),
                ChatProblem,
                "https://a.example/p answers, but is no pytlas-wamp server (HTTP 200).",
            ),
            (
                reply(200, {"access": "a"}),
                ChatProblem,
                "https://a.example/p answers, but is no pytlas-wamp server (HTTP 200).",
            ),
            (
                reply(200, {"access": 1, "refresh": "r"}),
                ChatProblem,
                "https://a.example/p answers, but is no pytlas-wamp server (HTTP 200).",
            ),
            (
                reply(200, ["access"]),
                ChatProblem,
                "https://a.example/p answers, but is no pytlas-wamp server (HTTP 200).",
            ),
            (
                reply(308, location="https://b.example/"),
                ChatProblem,
                "https://a.example/p has moved to https://b.example/. Use that address.",
            ),
        ],
    )
    def test_anything_else_is_told_too(self, answer, kind, sentence):
        told = told_by(answer)

        assert (type(told), str(told)) == (kind, sentence)


class TestRefreshing:
    def test_it_yields_another_pair(self):
        post = FakePost(PAIR, reply(200, {"expires_in": 60}))
        tokens = asyncio.run(HttpTokens(address=ADDRESS, post=post).refresh("old"))

        assert tokens.refresh == "r"
        assert post.calls[0] == ("https://a.example/p/api/token/refresh", {"refresh": "old"})

    def test_a_spent_token_is_refused(self):
        post = FakePost(reply(401, {"code": "token-revoked", "detail": "It was used before."}))

        with pytest.raises(Refused, match=r"The session has ended: It was used before\."):
            asyncio.run(HttpTokens(address=ADDRESS, post=post).refresh("old"))


class FakeOpener:
    """Stands for urllib's opener, which would use sockets."""

    def __init__(self, outcome):
        self._outcome = outcome
        self.requests = []

    def open(self, request, timeout):
        self.requests.append((request, timeout))
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome


class Answer(io.BytesIO):
    status = 200
    headers = Message()


class TestPosting:
    def test_it_sends_json_and_returns_the_answer(self):
        opener = FakeOpener(Answer(b"{}"))
        answer = UrllibPost(opener=opener, timeout=3)("http://a/api/token", {"x": "é"})

        ((request, timeout),) = opener.requests
        assert answer == HttpReply(status=200, body=b"{}")
        assert (json.loads(request.data), timeout) == ({"x": "é"}, 3)
        assert request.get_method() == "POST"
        assert request.headers["Content-type"] == "application/json"

    def test_an_error_status_is_an_answer_too(self):
        headers = Message()
        headers["Location"] = "http://b/"
        error = urllib.error.HTTPError("http://a", 301, "Moved", headers, io.BytesIO(b"x"))

        answer = UrllibPost(opener=FakeOpener(error))("http://a/api/token", {})
        assert answer == HttpReply(status=301, body=b"x", location="http://b/")

    @pytest.mark.parametrize(
        ("failure", "kind", "sentence"),
        [
            (TimeoutError(), Unreachable, "http://a does not answer within 10 s."),
            (
                urllib.error.URLError(TimeoutError()),
                Unreachable,
                "http://a does not answer within 10 s.",
            ),
            (
                urllib.error.URLError(ConnectionRefusedError(111, "Connection refused")),
                Unreachable,
                "Nothing answers at http://a (Connection refused). Is the server running?",
            ),
            (
                urllib.error.URLError("no host"),
                Unreachable,
                "Nothing answers at http://a (<urlopen error no host>). Is the server running?",
            ),
            (
                http.client.BadStatusLine("SSH-2.0"),
                ChatProblem,
                "http://a answers, but is no pytlas-wamp server (BadStatusLine).",
            ),
        ],
    )
    def test_no_answer_is_a_sentence(self, failure, kind, sentence):
        with pytest.raises(ChatProblem) as told:
            UrllibPost(opener=FakeOpener(failure))("http://a/api/token", {})

        assert (type(told.value), str(told.value)) == (kind, sentence)


class TestExplaining:
    def test_a_certificate_that_is_no_good_is_not_tried_again(self):
        error = ssl.SSLCertVerificationError("x")
        error.verify_message = "self-signed certificate"

        told = explain("https://a", error)

        assert type(told) is ChatProblem
        assert str(told) == "https://a cannot be trusted (self-signed certificate)."

    def test_a_server_without_tls_is_recognised(self):
        told = explain("https://a", ssl.SSLError(1, "wrong version number"))

        assert str(told).startswith("https://a does not speak TLS (")

    def test_an_error_without_words_has_a_name(self):
        assert "(OSError)" in str(explain("http://a", OSError()))


class TestOpener:
    def test_a_password_follows_no_redirect(self):
        (redirects,) = [
            h for h in make_opener().handlers if isinstance(h, urllib.request.HTTPRedirectHandler)
        ]

        assert redirects.redirect_request(None, None, 302, "", {}, "http://b/") is None

    def test_no_proxy_of_the_environment_sees_it(self, monkeypatch):
        monkeypatch.setenv("http_proxy", "http://proxy.example:3128")

        proxies = [h for h in make_opener().handlers if isinstance(h, urllib.request.ProxyHandler)]
        assert not any(handler.proxies for handler in proxies)
