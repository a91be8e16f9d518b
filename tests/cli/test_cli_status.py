"""How the running server is, on the command line; servers here are made up."""

from __future__ import annotations

import http.client
import json
import ssl

import click
import pytest
from attrs import define, field
from outcomes import refused, said, told

from pytlas_wamp.cli import status
from pytlas_wamp.cli.accounts import open_people
from pytlas_wamp.config import read_config

STATUS = {
    "server": {"name": "pytlas-wamp", "version": "0.1.0"},
    "protocol": "1.1",
    "python": "3.11.9",
    "pytlas": "5.1.3",
    "twisted": "24.10.0",
    "autobahn": "24.4.2",
    "database": "sqlite",
    "started_at": "2026-11-23T04:00:00Z",
    "uptime_seconds": 90_061.5,
    "conversations": 3,
    "connections": 4,
    "interpreter": "statistical",
    "interpreters": [
        {
            "language": "en",
            "state": "ready",
            "intents": 24,
            "trained_seconds": 1.94,
            "trained_at": "2026-11-23T04:00:02Z",
            "error": None,
        },
        {
            "language": "fr",
            "state": "failed",
            "intents": 0,
            "trained_seconds": None,
            "trained_at": None,
            "error": "no sentences",
        },
    ],
    "errors": [{"time": "2026-11-23T04:10:00Z", "text": "the skill weather failed"}],
}


@define
class Server:
    """What answers, and what it was asked."""

    code: int = 200
    body: bytes = json.dumps(STATUS).encode()
    error: Exception | None = None
    asked: list = field(factory=list)

    def request(self, method, path, headers):
        self.asked.append((method, path, headers))
        if self.error is not None:
            raise self.error

    def getresponse(self):
        return self

    @property
    def status(self):
        return self.code

    def read(self, _):
        return self.body

    def close(self):
        self.asked.append("closed")


@pytest.fixture
def answer(monkeypatch):
    """Puts servers where the command looks for them, one after the other."""

    def put(*servers):
        left, places = list(servers), []

        def connection(place):
            places.append(place)
            return left.pop(0), "/prefix"

        monkeypatch.setattr(status, "_connection", connection)
        return places

    return put


class TestAnswer:
    def test_is_shown_to_people(self, call, answer):
        answer(Server())

        shown = said(call("status"))

        for text in ("pytlas-wamp 0.1.0", "1 d 1 h", "sqlite", "1.9 s", "no sentences"):
            assert text in shown
        assert shown.splitlines()[-1] == "2026-11-23T04:10:00Z  the skill weather failed"

    def test_is_passed_on_to_programs(self, call, answer):
        answer(Server())

        assert told(call("status", "--json")) == STATUS

    def test_of_a_newer_server_may_lack_something(self, call, answer):
        answer(Server(body=b'{"server": {"name": "pytlas-wamp"}}'))

        assert said(call("status")) == "server  pytlas-wamp \n"

    def test_is_asked_for_with_a_token_of_the_operator(self, call, answer, tmp_path):
        server = Server()
        answer(server)

        said(call("status"))

        (method, path, headers), closed = server.asked
        assert (method, path, closed) == ("GET", "/prefix/api/status", "closed")
        token = headers["Authorization"].removeprefix("Bearer ")
        config = read_config(
            config_file=None, options={"data_dir": str(tmp_path / "data")}, environ={}
        )
        with click.Context(click.Command("status")):
            open_people(lambda: config).check_operator(token)


class TestPlaces:
    @pytest.fixture
    def listening(self, tmp_path):
        def write(endpoints):
            (tmp_path / "data").mkdir(exist_ok=True)
            (tmp_path / "data" / "pytlas.ini").write_text(f"[server]\nlisten = {endpoints}\n")

        return write

    def test_are_those_of_the_configuration(self, call, answer, listening):
        listening("tcp:7, unix:/run/x, ssl:9:privateKey=k")
        places = answer(Server(error=ConnectionRefusedError(111, "refused")), Server(), Server())

        said(call("status"))

        assert [(place.shown, place.trusted) for place in places] == [
            ("/run/x", True),
            ("http://127.0.0.1:7", True),
        ]

    def test_may_be_another_one(self, call, answer):
        places = answer(Server())

        said(call("status", "--url", "home.example:9000/assistant/"))

        [place] = places
        assert (place.url, place.trusted) == ("http://home.example:9000/assistant", False)

    def test_that_are_none_are_refused(self, call):
        refused(call("status", "--url", "ftp://x"))

    def test_may_not_be_known(self, call, listening):
        listening("systemd:domain=INET:index=0")

        assert "name its address with --url" in refused(call("status"))

    def test_where_nobody_answers_are_named(self, call, answer, listening):
        listening("tcp:7, tcp:8")
        answer(
            Server(error=ConnectionRefusedError(111, "Connection refused")),
            Server(error=http.client.BadStatusLine("x")),
        )

        shown = refused(call("status"))

        assert "No server answers at http://127.0.0.1:7 (Connection refused) or http:" in shown
        assert "twistd pytlas" in shown


class TestOtherAnswers:
    @pytest.mark.parametrize(
        ("server", "text"),
        [
            (Server(code=401), "belongs to another data directory"),
            (Server(code=403), "belongs to another data directory"),
            (Server(code=404), "is not pytlas-wamp, or an older version"),
            (Server(body=b"<html>"), "is not pytlas-wamp, or an older version"),
            (Server(body=b"[]"), "is not pytlas-wamp, or an older version"),
            (Server(code=302, body=b"{}"), "is not pytlas-wamp, or an older version"),
            (
                Server(code=503, body=b'{"detail": "The database is gone."}'),
                "cannot tell: The database is gone.",
            ),
            (
                Server(error=ssl.SSLCertVerificationError(1, "certificate verify failed")),
                "certificate of http://127.0.0.1:8000 is not accepted",
            ),
        ],
        ids=str,
    )
    def test_are_told(self, call, answer, server, text):
        if isinstance(server.error, ssl.SSLCertVerificationError):
            server.error.verify_message = "self-signed certificate"
        answer(server)

        assert text in refused(call("status"))


class TestConnection:
    """Nothing is opened before something is sent."""

    def place(self, url, *, trusted=False):
        return status._Place(shown=url, url=url, trusted=trusted)

    def test_speaks_http(self):
        connection, prefix = status._connection(self.place("http://[::1]:7/a"))

        assert (connection.host, connection.port, prefix) == ("::1", 7, "/a")
        assert not isinstance(connection, http.client.HTTPSConnection)

    @pytest.mark.parametrize(
        ("trusted", "checked"), [(True, ssl.CERT_NONE), (False, ssl.CERT_REQUIRED)]
    )
    def test_checks_certificates_of_others(self, trusted, checked):
        connection, _ = status._connection(self.place("https://x.example", trusted=trusted))

        assert isinstance(connection, http.client.HTTPSConnection)
        assert connection._context.verify_mode == checked

    def test_speaks_through_a_socket_in_the_file_system(self, monkeypatch):
        monkeypatch.setattr(status, "_socket", lambda path: f"socket {path}")

        connection, prefix = status._connection(
            status._Place(shown="/run/x", url=None, trusted=True)
        )

        assert (connection.sock, prefix) == ("socket /run/x", "")

    def test_through_a_socket_that_is_not_there_is_no_answer(self, tmp_path):
        with pytest.raises(status._NoAnswer, match="No such file"):
            status._socket(str(tmp_path / "x"))

    def test_through_a_socket_that_is(self, monkeypatch):
        calls = []

        class Fake:
            def __init__(self, family):
                calls.append(family)

            def settimeout(self, seconds):
                calls.append(seconds)

            def connect(self, path):
                calls.append(path)

        monkeypatch.setattr(status.socket, "socket", Fake)

        assert isinstance(status._socket("/run/x"), Fake)
        assert calls == [status.socket.AF_UNIX, 5.0, "/run/x"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(59, "0 min"), (61, "1 min"), (7_260, "2 h 1 min"), (90_000, "1 d 1 h")],
)
def test_spans_are_rough(seconds, text):
    assert status._span(seconds) == text
