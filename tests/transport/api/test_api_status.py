"""`/api/status`: how the server is."""

from __future__ import annotations

import platform
import re
from importlib.metadata import version
from pathlib import Path

import pytest
from admin_stage import AdminStage
from attrs import frozen
from twisted.logger import LogLevel

from pytlas_wamp import __version__
from pytlas_wamp.assistant.breakers import BreakerState, BreakerStatus
from pytlas_wamp.transport.api.status import PROTOCOL, StatusEndpoints
from pytlas_wamp.transport.recent_errors import RecentErrors

STARTED = 1_800_000_000.25


@frozen
class FakeInterpreter:
    language: str = "en"
    state: str = "ready"
    intents: int = 24
    trained_seconds: float | None = 1.5
    trained_at: float | None = STARTED + 2
    error: str | None = None


def stage(**others) -> AdminStage:
    arguments = {
        "database": "sqlite",
        "interpreter": "statistical",
        "started_at": STARTED,
        "now": lambda: STARTED + 90.125,
        "interpreters": list,
        "conversations": lambda: 3,
        "connections": lambda: 4,
        "errors": RecentErrors(),
        **others,
    }
    return AdminStage(lambda doors: StatusEndpoints(doors=doors, **arguments).routes())


def status(**others):
    return stage(**others).ask("GET", "/api/status").json()


class TestStatus:
    def test_tells_versions_and_numbers(self):
        assert status() == {
            "server": {"name": "pytlas-wamp", "version": __version__},
            "protocol": PROTOCOL,
            "python": platform.python_version(),
            "pytlas": version("pytlas"),
            "twisted": version("twisted"),
            "autobahn": version("autobahn"),
            "database": "sqlite",
            "started_at": "2027-01-15T08:00:00Z",
            "uptime_seconds": 90.125,
            "conversations": 3,
            "connections": 4,
            "interpreter": "statistical",
            "interpreters": [],
            "breakers": [],
            "errors": [],
        }

    def test_knows_the_protocol_it_speaks(self):
        prose = (Path(__file__).parents[3] / "spec" / "protocol.md").read_text()
        assert re.search(r"version (\d+\.\d+)", prose)[1] == PROTOCOL

    def test_a_clock_that_was_set_back_is_no_negative_time(self):
        assert status(now=lambda: STARTED - 5)["uptime_seconds"] == 0

    def test_tells_how_each_language_is(self):
        failed = FakeInterpreter("fr", "failed", 0, None, None, "There is no data.")
        told = status(interpreters=lambda: [FakeInterpreter(), failed])["interpreters"]
        assert told == [
            {
                "language": "en",
                "state": "ready",
                "intents": 24,
                "trained_seconds": 1.5,
                "trained_at": "2027-01-15T08:00:02Z",
                "error": None,
            },
            {
                "language": "fr",
                "state": "failed",
                "intents": 0,
                "trained_seconds": None,
                "trained_at": None,
                "error": "There is no data.",
            },
        ]

    def test_tells_which_skills_are_switched_off(self):
        breakers = {
            "clock": BreakerStatus(state=BreakerState.CLOSED, failures=2, seconds_left=0.0),
            "news": BreakerStatus(state=BreakerState.PROBING, failures=6, seconds_left=59.0),
            "weather": BreakerStatus(state=BreakerState.OPEN, failures=5, seconds_left=41.99999),
        }
        assert status(breakers=lambda: breakers)["breakers"] == [
            {"skill": "news", "state": "half-open", "failures": 6, "retry_after": 59.0},
            {"skill": "weather", "state": "open", "failures": 5, "retry_after": 42.0},
        ]

    def test_tells_the_last_errors(self):
        errors = RecentErrors()
        for text in ("first", "second"):
            errors({"log_level": LogLevel.error, "log_format": text, "log_time": STARTED})
        assert status(errors=errors)["errors"] == [
            {"time": "2027-01-15T08:00:00Z", "text": "first"},
            {"time": "2027-01-15T08:00:00Z", "text": "second"},
        ]


class TestAccess:
    @pytest.mark.parametrize("token", ["admin", "operator"])
    def test_is_for_administrators_and_the_command_line(self, token):
        assert stage().ask("GET", "/api/status", token=token).status == 200

    @pytest.mark.parametrize(
        ("token", "problem"),
        [
            (None, (401, "token-missing")),
            ("stranger", (401, "token-invalid")),
            ("person", (403, "forbidden")),
        ],
    )
    def test_is_for_nobody_else(self, token, problem):
        assert stage().ask("GET", "/api/status", token=token).problem() == problem

    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
    def test_is_for_reading(self, method):
        assert stage().ask(method, "/api/status").problem() == (405, "method-not-allowed")
