"""A line to the server without sockets: bytes in, answers out, and fakes behind it.

What `Server.ask` returns has been held against spec/openapi.yaml.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import http_contract
from attrs import Factory, define, field, frozen
from jsonschema import Draft202012Validator
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.web.server import NOT_DONE_YET

from pytlas_wamp.limits import Limits
from pytlas_wamp.transport.documents import Documents, load_documents
from pytlas_wamp.transport.http import HttpRequest, HttpSite
from pytlas_wamp.transport.site import make_site

SPEC = Path(__file__).parents[2] / "spec"
CONTRACT = load_documents(SPEC)
NOW = 1_800_000_000.25

PROBLEM_SCHEMA = Draft202012Validator(
    {
        "type": "object",
        "required": ["type", "title", "status", "detail", "code"],
        "additionalProperties": False,
        "properties": {
            "type": {"type": "string", "pattern": "^/spec/errors.json#[a-z0-9-]+$"},
            "title": {"type": "string", "minLength": 1},
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": {"type": "string", "pattern": r"^[A-Z\"'].*\.$"},
            "code": {"type": "string", "pattern": "^[a-z0-9-]+$"},
            "field": {"type": "string", "minLength": 1},
        },
    }
)
KNOWN_PROBLEMS = {
    (entry["code"], entry["status"])
    for entry in json.loads((SPEC / "errors.json").read_text())["problems"]
}


@frozen
class Answer:
    """An answer as it came over the line."""

    status: int
    headers: dict[str, list[str]]
    body: bytes

    def header(self, name: str) -> str | None:
        values = self.headers.get(name.lower(), [None])
        assert len(values) == 1, (name, values)
        return values[0]

    def json(self) -> object:
        return json.loads(self.body)

    def problem(self) -> tuple[int, str]:
        """Status and code, once the document is found to be one of the contract."""
        assert self.header("Content-Type") == "application/problem+json"
        document = self.json()
        PROBLEM_SCHEMA.validate(document)
        assert document["status"] == self.status
        assert document["type"] == f"/spec/errors.json#{document['code']}"
        assert (document["code"], self.status) in KNOWN_PROBLEMS
        return self.status, document["code"]

    def detail(self) -> str:
        return self.json()["detail"]

    def field(self) -> str | None:
        """What field of the request a problem is about."""
        return self.json().get("field")


class Transport(StringTransport):
    """Remembers whether it was cut, which the original has no method for."""

    cut = False

    def abortConnection(self):  # noqa: N802 - Twisted's name
        self.cut = True


@define
class Line:
    """One connection to the site."""

    site: HttpSite
    transport: Transport = Factory(
        lambda: Transport(
            hostAddress=IPv4Address("TCP", "127.0.0.1", 8000),
            peerAddress=IPv4Address("TCP", "127.0.0.1", 31337),
        )
    )
    channel: object = None

    def __attrs_post_init__(self):
        """Connect."""
        self.channel = self.site.buildProtocol(None)
        self.transport.protocol = self.channel
        self.channel.makeConnection(self.transport)

    def send(self, raw: bytes) -> None:
        self.channel.dataReceived(raw)

    def lose(self) -> None:
        self.channel.connectionLost(Failure(ConnectionDone()))

    def answers(self, *, heads: bool = False) -> list[Answer]:
        raw, answers = self.transport.value(), []
        while raw:
            head, blank, raw = raw.partition(b"\r\n\r\n")
            assert blank, head
            answer, length = _head(head)
            body, raw = (b"", raw) if heads else (raw[:length], raw[length:])
            assert len(body) == (0 if heads else length)
            answers.append(Answer(answer.status, answer.headers, body))
        return answers

    def answer(self, *, heads: bool = False) -> Answer:
        (answer,) = self.answers(heads=heads)
        return answer


def _head(raw: bytes) -> tuple[Answer, int]:
    first, *lines = raw.decode("ascii").split("\r\n")
    version, status, _ = first.split(" ", 2)
    assert version in {"HTTP/1.1", "HTTP/1.0"}
    headers: dict[str, list[str]] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        headers.setdefault(name.lower(), []).append(value)
    return Answer(int(status), headers, b""), int(headers.get("content-length", ["0"])[0])


@frozen
class FakePair:
    access: str
    refresh: str


@frozen
class FakeClaims:
    kind: str = "access"
    user_id: int = 7
    expires_at: int = int(NOW) + 60


@define
class FakeAccounts:
    """Remembers what it was asked, and does what it was told."""

    asked: list[tuple] = Factory(list)
    trouble: Exception | None = None
    claims: FakeClaims = FakeClaims()

    def _do(self, *question):
        self.asked.append(question)
        if self.trouble is not None:
            raise self.trouble
        return FakePair("a.c.c", "r.e.f")

    def sign_in(self, name, password, origin, /):
        return self._do("sign_in", name, password, origin)

    def refresh(self, refresh_token, origin, /):
        return self._do("refresh", refresh_token, origin)

    def verify(self, token, /):
        self._do("verify", token)
        return self.claims

    def revoke(self, token, /):
        self._do("revoke", token)


@define
class FakeTakeover:
    """Does to the connection what Autobahn's WebSocketResource does, or gives up."""

    taken: list[bytes] = Factory(list)
    outcome: object = NOT_DONE_YET

    def render(self, request: HttpRequest, /) -> object:
        if self.outcome is NOT_DONE_YET:
            self.taken.append(request.uri)
            request.channel.transport = None
        return self.outcome


@define
class Later:
    """Calls in another thread, which is as slow as the test wants."""

    waiting: list[tuple[Deferred, Callable]] = Factory(list)

    def __call__(self, function, *args):
        deferred = Deferred()
        self.waiting.append((deferred, lambda: function(*args)))
        return deferred

    def go(self) -> None:
        deferred, call = self.waiting.pop(0)
        maybeDeferred(call).chainDeferred(deferred)


@define(kw_only=True)
class Server:
    """The real site with fakes behind it."""

    accounts: FakeAccounts = Factory(FakeAccounts)
    websocket: object = Factory(FakeTakeover)
    clock: Clock = Factory(Clock)
    run: Callable = maybeDeferred
    healthy: bool = True
    limits: Limits = Factory(lambda: Limits(max_http_body_bytes=2_048))
    spec: Documents = CONTRACT
    options: dict = Factory(dict)
    site: HttpSite = field(init=False)

    def __attrs_post_init__(self):
        """Put the site together."""
        self.site = make_site(
            accounts=self.accounts,
            run=self.run,
            websocket=self.websocket,
            spec=self.spec,
            reactor=self.clock,
            now=lambda: NOW,
            limits=self.limits,
            healthy=lambda: self.healthy,
            **self.options,
        )

    def line(self) -> Line:
        return Line(self.site)

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """One request on a line of its own; header names with _ for -."""
        line = self.line()
        line.send(request(method, path, body, **headers))
        answer = line.answer(heads=method == "HEAD")
        http_contract.check(method, path, answer)
        return answer

    def post(self, path: str, document: object) -> Answer:
        return self.ask(
            "POST", path, json.dumps(document).encode(), Content_Type="application/json"
        )


def request(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """The bytes of a request."""
    fields = {"Host": "localhost", **{n.replace("_", "-"): v for n, v in headers.items()}}
    if body:
        fields["Content-Length"] = str(len(body))
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body
