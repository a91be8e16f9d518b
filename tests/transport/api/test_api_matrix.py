"""What no operation of the contract may let pass: bad tokens, bad bodies, a database that is gone.

The operations are those of spec/openapi.yaml, so a new one is held to all of this at once.
"""

from __future__ import annotations

import json
from contextlib import nullcontext
from urllib.parse import quote

import jwt
import pytest
from admin_stage import FakeShelf
from api_people import NOON, PASSWORD, SECRET, Client, House
from attrs import define, frozen
from http_contract import OPENAPI, validator
from processes_for_tests import FakeReactor
from prometheus_client import CollectorRegistry
from twisted.internet.defer import Deferred, maybeDeferred, succeed
from twisted.internet.task import Clock

from pytlas_wamp.accounts.model import StoreBroken
from pytlas_wamp.accounts.throttle import Throttle
from pytlas_wamp.transport.api.routes import ServerEndpoints
from pytlas_wamp.transport.jobs import Jobs
from pytlas_wamp.transport.metrics import Metrics
from pytlas_wamp.transport.readiness import Readiness
from pytlas_wamp.transport.recent_errors import RecentErrors
from pytlas_wamp.transport.setup import Setup, SetupCode
from pytlas_wamp.transport.site import Watching
from pytlas_wamp.transport.skill_folder import SkillFolder

PLACES = {
    "id": "2",
    "login": "x",
    "key": "WEATHER_CITY",
    "name": "o__weather",
    "file": "errors.json",
}


class FakeReader:
    """An interpreter that understands nothing."""

    intents = ()

    def parse(self, _msg, _scopes=None):
        return []


METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "BREW", "get"}


@frozen
class Operation:
    """One of the contract."""

    method: str
    template: str

    def path(self, **places: str) -> str:
        return self.template.format(**{**PLACES, **places})

    @property
    def entry(self) -> dict:
        return OPENAPI["paths"][self.template][self.method.lower()]

    @property
    def content(self) -> dict:
        reference = self.entry.get("requestBody", {}).get("$ref")
        return OPENAPI["components"]["requestBodies"][reference.rpartition("/")[2]]["content"]

    @property
    def schema(self) -> dict:
        reference = self.content["application/json"]["schema"]["$ref"]
        return OPENAPI["components"]["schemas"][reference.rpartition("/")[2]]

    def body(self, **changes: object) -> dict:
        """The example of the contract, which is good but for these changes."""
        (example,) = self.content["application/json"]["examples"].values()
        return {**example["value"], **changes}


ALL = [
    Operation(method.upper(), template)
    for template, methods in OPENAPI["paths"].items()
    for method in methods
]
API = [one for one in ALL if one.template.startswith("/api/")]
SIGNED_IN = [one for one in ALL if one.entry.get("security")]
ADMINS = [one for one in ALL if one.entry["x-who"] == "administrator"]
WITH_BODY = [one for one in ALL if "requestBody" in one.entry]
STRICT = [one for one in WITH_BODY if len(one.content) == 1]
LENIENT = [one for one in WITH_BODY if one not in STRICT]
MISSING = (401, "token-missing")
MALFORMED = (400, "malformed-json")
INVALID = (400, "invalid-request")
UNSUPPORTED = (415, "unsupported-media-type")
TOO_LARGE = (413, "payload-too-large")


def each(operations):
    return pytest.mark.parametrize(
        "operation", operations, ids=[f"{one.method} {one.template}" for one in operations]
    )


def each_field(operations, names):
    found = [(one, name) for one in operations for name in names(one)]
    ids = [f"{one.method} {one.template} {name}" for one, name in found]
    return pytest.mark.parametrize(("operation", "name"), found, ids=ids)


def wrong_values(schema) -> list:
    """Values of JSON that are of no type the contract has for a field."""
    values = [None, True, 7, 1.5, "words", [], [7], {}, {"a": 1}]
    kinds = [value for value in values if not validator(schema).is_valid(value)]
    return [value for value in kinds if not isinstance(value, str)]


def signed(*, secret: str = SECRET, algorithm: str = "HS256", **changes) -> str:
    claims = {"token_type": "access", "exp": NOON + 60, "jti": "j", "user_id": 1, **changes}
    return jwt.encode(claims, secret, algorithm=algorithm)


class Gone:
    """A database that cannot be reached."""

    def reading(self):
        raise StoreBroken("The database is gone.")

    writing = reading

    def together(self):
        return nullcontext()


@define
class Whole:
    """A house with all addresses there are, and people who are signed in."""

    house: House
    alice: Client
    carol: Client

    def nothing_written(self, answer):
        """The answer, if nothing was written since the last time."""
        assert self.house.store.last_change() == self.written
        return answer

    written: int = 0


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    directory = tmp_path_factory.mktemp("data") / "skills"
    (directory / "o__weather" / ".git").mkdir(parents=True)
    folder = SkillFolder(directory=directory, environ={})

    def further(doors):
        return ServerEndpoints(
            setup=Setup(
                code=SetupCode("k7mp-x3qd-9rtw"),
                ever_had_accounts=lambda: house.store.ever_had_accounts(),  # noqa: PLW0108 - it comes later
                accounts=doors.accounts,
                throttle=Throttle(lambda: NOON),
                language="en-US",
            ),
            jobs=Jobs(
                reactor=FakeReactor(),
                now=lambda: NOON,
                make_id=lambda: "job-1",
                sources=folder,
                reload=Deferred,
            ),
            shelf=FakeShelf(),
            folder=folder,
            may_install=True,
            run=maybeDeferred,
            database="sqlite",
            interpreter="patterns",
            interpreters=list,
            interpreter_of=lambda _: succeed(FakeReader()),
            conversations=lambda: 0,
            connections=lambda: 0,
            errors=RecentErrors(),
            now=lambda: NOON,
        ).routes(doors)

    watching = Watching(
        readiness=Readiness(
            serving=lambda: True,
            ask_database=lambda: maybeDeferred(house.store.last_change),
            needs={},
            clock=Clock(),
        ),
        metrics=Metrics(registry=CollectorRegistry(), skills=list),
    )
    house = House(further=further, options={"watching": watching})
    return Whole(house, house.alice, house.client("carol"), house.store.last_change())


@pytest.fixture(scope="module")
def bad_tokens(whole):
    """Tokens that are not accepted, with what is said to them."""
    house = whole.house
    away = house.alice
    assert away.delete("/api/me/logins/" + house.accounts.check(away.token).login_id).status == 204
    house.time -= 1_000
    expired = house.client("carol").token
    house.time += 1_000
    whole.written = house.store.last_change()
    return {
        "of a login that has ended": (away.token, "token-revoked"),
        "of another server": (signed(secret="x" * 32), "token-invalid"),
        "without a signature": (signed(secret="", algorithm="none"), "token-invalid"),
        "for another purpose": (whole.carol.refresh, "token-invalid"),
        "of an operator": (house.tokens.issue_operator(), "token-invalid"),
        "of nobody": (signed(user_id=99), "token-invalid"),
        "that has expired": (expired, "token-expired"),
        "that is none": ("\xdcnsinn", "token-invalid"),
    }


class TestTheMatrix:
    def test_has_all_operations(self):
        assert len(ALL) >= 43
        assert {one.template for one in LENIENT} == {
            "/api/token",
            "/api/token/refresh",
            "/api/token/verify",
            "/api/token/revoke",
        }
        assert set(API) - set(SIGNED_IN) - set(LENIENT) == {
            Operation("GET", "/api/setup"),
            Operation("POST", "/api/setup"),
        }

    def test_has_examples_that_are_good(self):
        for operation in WITH_BODY:
            validator(operation.schema).validate(operation.body())


class TestTokens:
    @each(SIGNED_IN)
    def test_are_needed(self, whole, operation):
        nobody = whole.house.client()
        answer = whole.nothing_written(nobody.ask(operation.method, operation.path(), {}))
        assert answer.problem() == MISSING
        assert answer.header("WWW-Authenticate") == 'Bearer realm="pytlas"'

    @each(SIGNED_IN)
    def test_have_to_be_good(self, whole, bad_tokens, operation):
        for what, (token, code) in bad_tokens.items():
            if (what, operation.template) == ("of an operator", "/api/status"):
                continue  # the one address that is for them
            client = Client(whole.house.server, token)
            answer = whole.nothing_written(client.ask(operation.method, operation.path(), {}))
            assert (what, *answer.problem()) == (what, 401, code)
            assert (
                answer.header("WWW-Authenticate") == 'Bearer realm="pytlas", error="invalid_token"'
            )

    @each(SIGNED_IN)
    def test_are_not_taken_out_of_the_address(self, whole, operation):
        token = whole.alice.token
        query = f"?access_token={token}&token={token}&authorization=Bearer%20{token}"
        answer = whole.house.client().ask(operation.method, operation.path() + query, {})
        assert whole.nothing_written(answer).problem() == MISSING

    @each(ADMINS)
    def test_of_others_are_not_those_of_administrators(self, whole, operation):
        hidden = operation.template.startswith("/api/users/")
        answer = whole.carol.ask(operation.method, operation.path(), {})
        assert answer.problem() == ((404, "not-found") if hidden else (403, "forbidden"))
        nobody = whole.carol.ask(operation.method, operation.path(id="77"), {})
        whole.nothing_written(nobody)
        assert (nobody.status, nobody.body) == (answer.status, answer.body)


class TestMethods:
    @pytest.mark.parametrize("template", OPENAPI["paths"])
    def test_are_those_of_the_contract(self, whole, template):
        methods = {one.method for one in ALL if one.template == template}
        path = Operation("GET", template).path()
        for method in METHODS - methods:
            answer = whole.nothing_written(whole.alice.ask(method, path, {}))
            assert answer.problem() == (405, "method-not-allowed")
            allowed = methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
            assert answer.header("Allow") == ", ".join(sorted(allowed))


class TestBodies:
    # In the last place: at the addresses that take forms too and ignore what they do not know.
    @pytest.mark.parametrize(
        ("body", "content_type", "strict", "lenient"),
        [
            (b"{}", "text/plain", UNSUPPORTED, UNSUPPORTED),
            (b"{}", "text/json", UNSUPPORTED, UNSUPPORTED),
            (b"value=1", "application/x-www-form-urlencoded", UNSUPPORTED, INVALID),
            (b"%ff=%ff", "application/x-www-form-urlencoded", UNSUPPORTED, INVALID),
            (b"--x--", "multipart/form-data; boundary=x", UNSUPPORTED, INVALID),
            (b"{", "application/json", MALFORMED, MALFORMED),
            (b"", "application/json", MALFORMED, MALFORMED),
            (b"[]", "application/json", MALFORMED, MALFORMED),
            (b"null", "application/json", MALFORMED, MALFORMED),
            (b'{"a":NaN}', "application/json", MALFORMED, MALFORMED),
            (b'{"a":"\xff"}', "application/json", MALFORMED, MALFORMED),
            (b'{"a":"\xff"}', "application/json; charset=latin-1", MALFORMED, MALFORMED),
            (b'{"a":' * 40 + b"1" + b"}" * 40, "application/json", MALFORMED, MALFORMED),
            (b'{"nonsense":1}', "application/json", INVALID, INVALID),
            (b" " * 2_049, "application/json", TOO_LARGE, TOO_LARGE),
        ],
    )
    @each(WITH_BODY)
    def test_are_read_as_what_they_are(self, whole, operation, body, content_type, strict, lenient):
        answer = whole.alice.ask(
            operation.method, operation.path(), body, Content_Type=content_type
        )
        expected = lenient if operation in LENIENT else strict
        assert whole.nothing_written(answer).problem() == expected

    @each(WITH_BODY)
    def test_come_uncompressed(self, whole, operation):
        answer = whole.alice.ask(
            operation.method, operation.path(), operation.body(), Content_Encoding="gzip"
        )
        assert whole.nothing_written(answer).problem() == UNSUPPORTED


class TestFields:
    @each(STRICT)
    def test_are_those_of_the_contract(self, whole, operation):
        answer = whole.alice.ask(operation.method, operation.path(), operation.body(nonsense=1))
        assert whole.nothing_written(answer).problem() == INVALID
        assert answer.field() == "nonsense"

    @each(LENIENT)
    def test_that_are_not_known_mean_nothing_to_tokens(self, whole, operation):
        answers = [
            whole.alice.ask(operation.method, operation.path(), operation.body(**more))
            for more in ({}, {"nonsense": 1})
        ]
        assert answers[0].body == answers[1].body
        assert answers[0].problem()[0] == 401

    @each_field(WITH_BODY, lambda operation: operation.schema.get("required", []))
    def test_may_be_missing_only_where_the_contract_says_so(self, whole, operation, name):
        body = operation.body()
        del body[name]
        answer = whole.alice.ask(operation.method, operation.path(), body)
        assert whole.nothing_written(answer).problem() == INVALID
        assert answer.field() == name

    @each_field(WITH_BODY, lambda operation: operation.schema["properties"])
    def test_are_of_their_type(self, whole, operation, name):
        wrong = wrong_values(operation.schema["properties"][name])
        assert wrong
        for value in wrong:
            body = operation.body(**{name: value})
            answer = whole.alice.ask(operation.method, operation.path(), body)
            whole.nothing_written(answer)
            assert (value, answer.problem()) == (value, INVALID)
            assert answer.field().partition(".")[0] == name


class TestIds:
    @each([one for one in API if one.template.startswith("/api/users/{id}")])
    def test_of_nobody_lead_nowhere(self, whole, operation):
        body = operation.body() if operation in WITH_BODY else None
        for number in ("77", "0", "-2", "2x", "2.0", "02", "+2", "\u0662", "9" * 40, "me", "2 "):
            answer = whole.alice.ask(operation.method, operation.path(id=quote(number)), body)
            assert whole.nothing_written(answer).problem() == (404, "not-found")

    @each([one for one in API if "{login}" in one.template])
    def test_of_other_peoples_logins_lead_nowhere(self, whole, operation):
        """In a person's own place, and in that of somebody else."""
        theirs = whole.house.accounts.check(whole.alice.token).login_id
        asking = whole.alice if "{id}" in operation.template else whole.carol
        answer = asking.ask(operation.method, operation.path(login=theirs))
        assert whole.nothing_written(answer).problem() == (404, "not-found")
        assert whole.alice.get("/api/me").status == 200

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/api/jobs/none"),
            ("DELETE", "/api/skills/none"),
            ("POST", "/api/skills/none/update"),
            ("GET", "/api/me/settings/NOBODYS_KEY"),
            ("DELETE", "/api/me/settings/WEATHER_CITY"),
        ],
    )
    def test_of_nothing_lead_nowhere(self, whole, method, path):
        assert whole.alice.ask(method, path).problem() == (404, "not-found")

    def test_of_other_peoples_settings_do_not_exist(self, whole):
        """What one person has set is no setting of another's."""
        whole.house.accounts.change_settings(2, {"SECRET_GARDEN": "gate"})
        whole.written = whole.house.store.last_change()
        for path in ("/api/me/settings", "/api/users/3/settings"):
            answer = whole.alice.get(f"{path}/SECRET_GARDEN")
            assert answer.problem() == (404, "not-found")


class TestAnOutage:
    @pytest.fixture
    def outage(self, whole):
        database, whole.house.store.database = whole.house.store.database, Gone()
        yield
        whole.house.store.database = database

    def body(self, operation, client):
        if operation not in WITH_BODY:
            return None
        good = {"username": "alice", "password": PASSWORD, "code": "k7mp-x3qd-9rtw"}
        good |= {"refresh": client.refresh, "token": client.token}
        body = operation.body()
        return body | {name: good[name] for name in body if name in good}

    @each(API)
    def test_is_told_as_one(self, whole, outage, operation):
        body = self.body(operation, whole.alice)
        answer = whole.alice.ask(operation.method, operation.path(), body)
        assert answer.problem() == (503, "unavailable")
        assert answer.header("Retry-After") == "5"
        assert "gone" not in json.dumps(answer.json())

    def test_ends(self, whole):
        assert whole.alice.get("/api/me").status == 200
