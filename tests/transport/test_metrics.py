"""`/metrics`: what is counted, and who may read it."""

from __future__ import annotations

import re

import pytest
from http_line import SPEC, Line, Server, Transport, request
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress

from pytlas_wamp import __version__
from pytlas_wamp.assistant.turns import Outcome, Turn
from pytlas_wamp.session import inputs as on
from pytlas_wamp.transport.metrics import CREDENTIAL_CODES, ConnectionReadings, Metrics, Readings
from pytlas_wamp.transport.problems import PROBLEMS
from pytlas_wamp.transport.site import Watching

LOCAL = IPv4Address("TCP", "127.0.0.1", 31337)
FAR = IPv4Address("TCP", "192.0.2.7", 31337)


def readings(**others):
    return Readings(
        **{
            "conversations": lambda: 2,
            "queued": lambda: 4,
            "threads": lambda: 5,
            "abandoned": lambda: 1,
            "unwritten": lambda: 6,
            "lag_seconds": lambda: 0.25,
            "write_failures": lambda: 7,
            "open_breakers": lambda: ["weather"],
            "skills": lambda: ["clock", "weather"],
            **others,
        }
    )


@pytest.fixture
def metrics():
    made = Metrics(registry=CollectorRegistry(), skills=lambda: ["clock", "weather"])
    made.watch(readings())
    made.watch(ConnectionReadings(connections=lambda: {"ready": 3, "verifying": 1}))
    return made


def samples(metrics):
    """All that is told: value by name and labels."""
    text = metrics.text("")[0].decode()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(metrics, name, **labels):
    return samples(metrics)[name, tuple(sorted(labels.items()))]


class TestReadings:
    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("pytlas_conversations", 2),
            ("pytlas_queued_messages", 4),
            ("pytlas_skill_threads", 5),
            ("pytlas_abandoned_threads", 1),
            ("pytlas_log_unwritten_frames", 6),
            ("pytlas_log_lag_seconds", 0.25),
            ("pytlas_log_write_failures_total", 7),
        ],
    )
    def test_are_told(self, metrics, name, expected):
        assert value(metrics, name) == expected

    def test_are_read_when_they_are_asked_for(self):
        numbers = iter([1, 2])
        metrics = Metrics(registry=CollectorRegistry(), skills=list)
        metrics.watch(readings(conversations=lambda: next(numbers)))
        assert value(metrics, "pytlas_conversations") == 1
        assert value(metrics, "pytlas_conversations") == 2

    def test_connections_have_every_state(self, metrics):
        told = {
            dict(labels)["state"]: number
            for (name, labels), number in samples(metrics).items()
            if name == "pytlas_connections"
        }
        assert told == {
            "unauthenticated": 0,
            "verifying": 1,
            "ready": 3,
            "awaiting-answer": 0,
            "closed": 0,
        }

    def test_every_skill_has_a_breaker(self, metrics):
        assert value(metrics, "pytlas_breaker_open", skill="clock") == 0
        assert value(metrics, "pytlas_breaker_open", skill="weather") == 1

    def test_a_skill_that_was_removed_shows_until_it_is_forgotten(self):
        metrics = Metrics(registry=CollectorRegistry(), skills=list)
        metrics.watch(readings(skills=list))
        assert value(metrics, "pytlas_breaker_open", skill="weather") == 1


class TestTurns:
    @pytest.mark.parametrize(
        ("outcome", "told"),
        [
            (Outcome.ANSWERED, "done"),
            (Outcome.UNHANDLED, "done"),
            (Outcome.ASKED, "asked"),
            (Outcome.CANCELLED, "cancelled"),
            (Outcome.FAILED, "skill-failed"),
            (Outcome.TIMEOUT, "skill-timeout"),
            (Outcome.UNAVAILABLE, "skill-unavailable"),
            (Outcome.BUSY, "busy"),
            (None, "cancelled"),
            ("a word of tomorrow", "skill-failed"),
        ],
    )
    def test_are_counted_by_what_became_of_them(self, metrics, outcome, told):
        metrics.turn_ended(Turn(skill="clock", outcome=outcome), 0.3)
        assert value(metrics, "pytlas_turns_total", skill="clock", outcome=told) == 1

    def test_every_outcome_has_a_word(self, metrics):
        for outcome in Outcome:
            metrics.turn_ended(Turn(skill="clock", outcome=outcome), 0.3)
        assert value(metrics, "pytlas_turns_total", skill="clock", outcome="skill-failed") == 1

    def test_all_of_them_are_a_number(self, metrics):
        assert metrics.turns == 0
        for skill in ("clock", "clock", None):
            metrics.turn_ended(Turn(skill=skill, outcome=Outcome.ANSWERED), 0.3)
        metrics.turn_ended(Turn(skill="clock", outcome=Outcome.CANCELLED), 0.3)
        assert metrics.turns == 4

    def test_that_no_skill_could_be_asked_about(self, metrics):
        metrics.turn_ended(Turn(outcome=Outcome.UNAVAILABLE), 0.0)
        assert value(metrics, "pytlas_turns_total", skill="none", outcome="unavailable") == 1

    def test_of_skills_nobody_knows_are_counted_together(self, metrics):
        for number in range(3):
            metrics.turn_ended(Turn(skill=f"made-up-{number}", outcome=Outcome.ANSWERED), 0.0)
        assert value(metrics, "pytlas_turns_total", skill="other", outcome="done") == 3

    def test_take_time(self, metrics):
        for seconds in (0.004, 0.3, 130.0):
            metrics.turn_ended(Turn(skill="clock", outcome=Outcome.ANSWERED), seconds)
        name = "pytlas_turn_duration_seconds"
        assert value(metrics, f"{name}_count", skill="clock") == 3
        assert value(metrics, f"{name}_sum", skill="clock") == pytest.approx(130.304)
        assert value(metrics, f"{name}_bucket", skill="clock", le="0.005") == 1
        assert value(metrics, f"{name}_bucket", skill="clock", le="0.5") == 2
        assert value(metrics, f"{name}_bucket", skill="clock", le="120.0") == 2


class TestRefusals:
    def test_of_credentials_begin_at_nothing(self, metrics):
        name = "pytlas_authentication_failures_total"
        for reason in CREDENTIAL_CODES:
            assert value(metrics, name, reason=reason) == 0

    def test_of_credentials_are_counted(self, metrics):
        metrics.credentials_refused("token-expired")
        name = "pytlas_authentication_failures_total"
        assert value(metrics, name, reason="token-expired") == 1

    def test_of_credentials_are_those_of_the_contract(self):
        assert {PROBLEMS[code][0] for code in CREDENTIAL_CODES} == {401, 403}

    def test_of_other_kinds_are_none_of_credentials(self, metrics):
        before = samples(metrics)
        metrics.credentials_refused("not-found")
        assert len(samples(metrics)) == len(before)

    @pytest.mark.parametrize(
        ("given", "code"),
        [
            (on.RateExceeded, "rate-limited"),
            (on.Flooding, "flooding"),
            (on.SlowReader, "slow-reader"),
            (on.TooManyConnections, "too-many-connections"),
        ],
    )
    def test_for_limits_are_counted(self, metrics, given, code):
        assert value(metrics, "pytlas_refusals_total", code=code) == 0
        metrics.happened(given.__new__(given))
        assert value(metrics, "pytlas_refusals_total", code=code) == 1

    def test_what_else_happens_is_no_refusal(self, metrics):
        metrics.happened(on.Opened())
        told = samples(metrics)
        assert not any(
            number for (name, _), number in told.items() if name == "pytlas_refusals_total"
        )

    def test_of_handshakes_are_counted(self, metrics):
        metrics.handshake_refused()
        assert value(metrics, "pytlas_refusals_total", code="unavailable") == 1


class TestContract:
    def test_has_every_metric_of_the_contract(self, metrics):
        prose = (SPEC / "protocol.md").read_text()
        section = prose.partition("### 6.22 Metrics")[2].partition("\n## ")[0]
        promised = re.findall(r"^\| `(pytlas_\w+)` \| (\w+)(?:, (.*?))? \|", section, re.MULTILINE)
        assert len(promised) >= 11
        metrics.turn_ended(Turn(skill="clock", outcome=Outcome.ANSWERED), 0.3)
        text = metrics.text("")[0].decode()
        for name, kind, labels in promised:
            assert f"# TYPE {name} {kind}\n" in text
            for label in re.findall(r"`(\w+)`", labels):
                assert re.search(rf"^{name}\w*{{[^}}]*\b{label}=", text, re.MULTILINE), name

    def test_tells_what_runs(self, metrics):
        (labels,) = [
            dict(labels) for (name, labels) in samples(metrics) if name == "pytlas_build_info"
        ]
        assert labels["version"] == __version__

    @pytest.mark.parametrize(
        "name", ["process_resident_memory_bytes", "process_open_fds", "process_cpu_seconds_total"]
    )
    def test_tells_of_the_process(self, metrics, name):
        assert value(metrics, name) > 0

    def test_tells_of_python(self, metrics):
        assert value(metrics, "python_gc_collections_total", generation="0") >= 0

    def test_two_servers_do_not_share_numbers(self, metrics):
        other = Metrics(registry=CollectorRegistry(), skills=list)
        metrics.handshake_refused()
        assert value(other, "pytlas_refusals_total", code="unavailable") == 0


class TestFormat:
    def test_is_text_for_people(self, metrics):
        assert metrics.text("*/*")[1] == "text/plain; version=0.0.4; charset=utf-8"

    def test_is_what_prometheus_asks_for(self, metrics):
        body, kind = metrics.text("application/openmetrics-text;version=1.0.0,text/plain;q=0.5")
        assert kind.startswith("application/openmetrics-text; version=1.0.0")
        assert body.endswith(b"# EOF\n")

    def test_an_accept_that_is_none_is_no_mistake(self, metrics):
        plain = metrics.text("")[1]
        for accept in ("text/plain;version=x.y", "text/plain;version=,,;=", "\0", "application"):
            assert metrics.text(accept)[1] == plain
        odd = "Application/OpenMetrics-Text ;version=x.y"
        assert metrics.text(odd)[1].startswith("application/openmetrics-text; version=1.0.0")


class Visitor:
    """Somebody at an address who asks a server."""

    def __init__(self, metrics, address, *, for_all=False, proxies=()):
        watching = Watching(metrics=metrics, metrics_for_all=for_all)
        server = Server(options={"watching": watching, "trusted_proxies": proxies})
        self.line = Line(server.site, transport=Transport(hostAddress=LOCAL, peerAddress=address))

    def get(self, **headers):
        self.line.send(request("GET", "/metrics", **headers))
        return self.line.answer()


class TestWhoMayRead:
    @pytest.mark.parametrize(
        "address",
        [
            LOCAL,
            IPv4Address("TCP", "127.8.9.1", 5),
            IPv6Address("TCP", "::1", 5),
            IPv6Address("TCP", "::ffff:127.0.0.1", 5),
            UNIXAddress(b"/run/pytlas.sock"),
        ],
    )
    def test_this_machine_may(self, metrics, address):
        answer = Visitor(metrics, address).get()
        assert answer.status == 200
        assert answer.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8"
        assert answer.header("Cache-Control") == "no-store"
        assert b"pytlas_conversations 2.0" in answer.body

    def test_others_may_not(self, metrics):
        answer = Visitor(metrics, FAR).get()
        assert answer.problem() == (403, "forbidden")
        assert "metrics = all" in answer.detail()

    def test_others_may_when_all_may(self, metrics):
        assert Visitor(metrics, FAR, for_all=True).get(X_Forwarded_For="192.0.2.8").status == 200

    @pytest.mark.parametrize(
        "header", ["X_Forwarded_For", "Forwarded", "X_Real_IP", "X_Forwarded_Host", "Via"]
    )
    @pytest.mark.parametrize("proxies", [(), ("127.0.0.1",)])
    def test_whoever_comes_through_a_proxy_may_not(self, metrics, header, proxies):
        visitor = Visitor(metrics, LOCAL, proxies=proxies)
        assert visitor.get(**{header: "127.0.0.1"}).problem() == (403, "forbidden")

    def test_whoever_hides_behind_a_proxy_on_this_machine_may_not(self, metrics):
        assert Visitor(metrics, LOCAL, proxies=("127.0.0.1",)).get().status == 403

    def test_a_socket_that_a_proxy_uses_is_not_this_machine(self, metrics):
        address = UNIXAddress(b"/run/pytlas.sock")
        assert Visitor(metrics, address, proxies=("unix",)).get().status == 403

    def test_nobody_may_when_it_is_off(self):
        assert Visitor(None, LOCAL).get().problem() == (404, "not-found")

    def test_format_follows_the_header(self, metrics):
        answer = Visitor(metrics, LOCAL).get(Accept="application/openmetrics-text")
        assert answer.header("Content-Type").startswith("application/openmetrics-text")
