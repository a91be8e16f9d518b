"""A real client (treq) talks to the real site, with no socket between."""

from __future__ import annotations

import json

import pytest
from http_line import SPEC, FakeTakeover, Later, Line, Server, request
from prometheus_client import CollectorRegistry
from treq.testing import StubTreq
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import capturedLogs
from twisted.web.resource import Resource

from pytlas_wamp.errors import ClientError
from pytlas_wamp.limits import Limits
from pytlas_wamp.transport.addresses import Proxies
from pytlas_wamp.transport.api.routes import PeopleEndpoints
from pytlas_wamp.transport.http import HttpSite
from pytlas_wamp.transport.metrics import Metrics
from pytlas_wamp.transport.site import Watching, make_watch_site

URL = "http://localhost"


class Client:
    """treq over the site; its stub would put the resource into a site of its own."""

    def __init__(self, server):
        self.treq = StubTreq(Resource())
        self.treq._agent._serverFactory = server.site

    def __call__(self, method, path, **options):
        response = self.wait(self.treq.request(method, URL + path, **options))
        return response, self.wait(response.content())

    def wait(self, deferred: Deferred):
        results = []
        deferred.addCallback(results.append)
        self.treq.flush()
        return results[0]


@pytest.fixture
def client():
    return Client(Server())


class TestSite:
    def test_is_a_twisted_site(self):
        assert isinstance(Server().site, HttpSite)

    def test_a_person_signs_in(self, client):
        response, body = client("POST", "/api/token", json={"username": "ann", "password": "pass"})
        assert (response.code, json.loads(body)) == (200, {"refresh": "r.e.f", "access": "a.c.c"})

    def test_a_person_signs_in_with_a_form(self, client):
        response, _ = client("POST", "/api/token", data={"username": "ann", "password": "pass"})
        assert response.code == 200

    def test_a_body_that_is_too_large_is_refused_in_a_way_clients_understand(self, client):
        response, body = client("POST", "/api/token", data=b" " * 5_000)
        assert (response.code, json.loads(body)["code"]) == (413, "payload-too-large")

    def test_the_server_says_that_it_is_well(self, client):
        response, body = client("GET", "/healthz")
        assert (response.code, body) == (200, b'{"status":"ok"}')

    def test_the_server_says_when_it_is_not(self):
        response, body = Client(Server(healthy=False))("GET", "/healthz/")
        assert (response.code, json.loads(body)["code"]) == (503, "unavailable")
        assert response.headers.getRawHeaders("Retry-After") == ["5"]

    def test_a_health_check_that_breaks_is_a_fault_of_ours(self):
        server = Server(options={})
        del server.healthy
        with capturedLogs() as logs:
            response, _ = Client(server)("GET", "/healthz")
        assert response.code == 500
        assert len(logs) == 1

    def test_the_first_page_leads_to_the_contract(self, client):
        response, body = client("GET", "/")
        assert response.code == 200
        assert b'href="spec/"' in body
        assert client("GET", "/spec/")[0].code == 200

    def test_the_contract_is_followed_through_a_redirect(self, client):
        response, body = client("GET", "/spec")
        assert response.code == 200
        assert b"errors.json" in body

    def test_the_contract_is_served_as_it_is(self, client):
        _, body = client("GET", "/spec/errors.json")
        assert body == (SPEC / "errors.json").read_bytes()

    def test_the_type_of_a_problem_leads_to_its_list(self, client):
        _, body = client("GET", "/nowhere")
        path, _, code = json.loads(body)["type"].partition("#")
        _, errors = client("GET", path)
        assert code in {entry["code"] for entry in json.loads(errors)["problems"]}

    def test_the_websocket_has_its_address(self, client):
        response, body = client("GET", "/ws/assistant/")
        assert (response.code, json.loads(body)["code"]) == (426, "upgrade-required")

    def test_skills_that_never_return_do_not_keep_the_accounts_from_work(self):
        beside = Later()
        server = Server(options={"people": PeopleEndpoints(run_skills=beside)})
        line = server.line()
        line.send(request("GET", "/api/me/settings", Authorization="Bearer x"))
        assert (len(beside.waiting), line.answers()) == (1, [])
        response, _ = Client(server)("POST", "/api/token", json={"username": "a", "password": "b"})
        assert response.code == 200

    def test_methods_may_be_asked_for(self, client):
        response, body = client("OPTIONS", "/api/token")
        assert (response.code, body) == (204, b"")


class TestWatching:
    def test_shows_nothing_unless_it_has_something(self):
        watching = Watching()
        watching.credentials_refused("token-expired")
        watching.handshake_refused()
        assert watching.endpoints(Proxies()) == {}

    def test_counts_what_is_refused(self):
        metrics = Metrics(registry=CollectorRegistry(), skills=list)
        server = Server(
            websocket=FakeTakeover(outcome=b""),
            options={"watching": Watching(metrics=metrics, metrics_for_all=True)},
        )
        server.accounts.trouble = ClientError("authentication-failed", "No such person.")
        server.post("/api/token", {"username": "ann", "password": "pass"})
        server.ask(
            "GET",
            "/ws/assistant/",
            Upgrade="websocket",
            Connection="Upgrade",
            Sec_WebSocket_Version="13",
            Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQ==",
        )
        told = server.ask("GET", "/metrics").body.decode()
        reason = 'pytlas_authentication_failures_total{reason="authentication-failed"} 1.0'
        assert reason in told
        assert 'pytlas_refusals_total{code="unavailable"} 1.0' in told


class TestWatchSite:
    @staticmethod
    def ask(path, **watching):
        site = make_watch_site(
            reactor=Clock(),
            limits=Limits(),
            healthy=lambda: True,
            trusted_proxies=(),
            watching=Watching(**watching),
        )
        line = Line(site)
        line.send(request("GET", path))
        return line.answer()

    def test_has_health_and_what_else_there_is_to_watch(self):
        metrics = Metrics(registry=CollectorRegistry(), skills=list)
        assert self.ask("/healthz").json() == {"status": "ok"}
        answer = self.ask("/metrics", metrics=metrics, metrics_for_all=True)
        assert b"pytlas_build_info" in answer.body

    @pytest.mark.parametrize("path", ["/", "/api/me", "/api/token", "/ws/assistant/", "/spec/"])
    def test_has_nothing_else(self, path):
        assert self.ask(path).status == 404
