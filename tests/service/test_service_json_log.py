"""The log as JSON."""

from __future__ import annotations

import json
import sys
from io import StringIO

import pytest
from twisted.application.service import Application, IService, MultiService, Service
from twisted.logger import ILogObserver, Logger, LogLevel, LogPublisher
from twisted.python.failure import Failure
from twisted.python.usage import Options

from pytlas_wamp.assistant.about import run_turn
from pytlas_wamp.assistant.turns import Turn
from pytlas_wamp.service.json_log import ABOUT, JsonLines, JsonLogged, log_as_json

THEN = 1_795_420_800.0426


class Page:
    """What was written."""

    def __init__(self):
        self.out = StringIO()
        self.publisher = LogPublisher(JsonLines(self.out))
        self.log = Logger("pytlas_wamp.some.place", observer=self.publisher)

    def documents(self):
        return [json.loads(line) for line in self.out.getvalue().splitlines()]

    def document(self):
        (document,) = self.documents()
        return document


@pytest.fixture
def page():
    return Page()


class TestLines:
    def test_say_when_how_bad_where_and_what(self, page):
        page.publisher(
            {
                "log_time": THEN,
                "log_level": LogLevel.warn,
                "log_namespace": "pytlas_wamp.some.place",
                "log_format": "{count} things",
                "count": 3,
            }
        )
        assert page.document() == {
            "time": "2026-11-23T08:00:00.042Z",
            "level": "warn",
            "logger": "pytlas_wamp.some.place",
            "message": "3 things",
        }

    def test_say_whom_they_are_about(self, page):
        known = {"connection": "c1", "user": 7, "turn": 42, "skill": "weather"}
        page.log.info("hello", **known, other="not this", re="m1", token="a.b.c")
        document = page.document()
        assert {name: document[name] for name in ABOUT} == known
        assert set(document) == {"time", "level", "logger", "message", *ABOUT}

    def test_say_which_turn_they_were_written_in(self, page):
        run_turn(7, lambda _: page.log.info("hello", user=8), Turn(id="m1", seq=42))
        document = page.document()
        found = {name: document[name] for name in ABOUT if name in document}
        assert found == {"user": 8, "turn": 42}

    def test_leave_out_what_nobody_knows(self, page):
        page.log.info("hello", user=None, connection=object)
        assert "user" not in page.document()
        assert page.document()["connection"] == str(object)

    def test_have_traces_in_a_field(self, page):
        try:
            {}["x"]
        except KeyError:
            page.log.failure("skill {skill} failed", Failure(), skill="x")
        document = page.document()
        assert document["failure"] == "builtins.KeyError"
        assert document["traceback"].startswith("Traceback (most recent call last):\n")
        assert document["message"] == "skill x failed"

    def test_are_one_each_whatever_is_said(self, page):
        for text in ("two\nlines", "½ \ud800", "\x00 \x1b[31m", '"quotes"'):
            page.log.info("{text}", text=text)
        assert [one["message"] for one in page.documents()] == [
            "two\nlines",
            "½ \ud800",
            "\x00 \x1b[31m",
            '"quotes"',
        ]
        assert page.out.getvalue().isascii()

    def test_of_nothing_are_not_written(self, page):
        page.publisher({"log_time": THEN, "log_format": None})
        assert page.documents() == []

    def test_of_events_that_cannot_be_shown_do_not_show_them(self, page):
        page.log.info("{missing}", text="said in private")
        assert page.document()["message"] == "an event cannot be shown: '{missing}'"
        assert "private" not in page.out.getvalue()

    def test_of_events_with_nothing_but_a_text_have_the_rest_by_default(self, page):
        page.publisher({"log_format": "old"})
        assert page.document() == {
            "time": "1970-01-01T00:00:00.000Z",
            "level": "info",
            "logger": "-",
            "message": "old",
        }


class TestProgram:
    """Where the log goes, by the options of the program that runs the server."""

    @pytest.fixture
    def inner(self):
        return Service()

    @staticmethod
    def observer(service):
        """What twistd finds when it begins to log."""
        application = Application("pytlas")
        service.setServiceParent(application)
        assert list(IService(application)) == [service]
        return application.getComponent(ILogObserver)

    def test_that_is_unknown_gets_it_on_its_output(self, inner):
        observer = self.observer(log_as_json(inner, None))
        assert observer == JsonLines(sys.stdout)

    @pytest.mark.parametrize(
        "options",
        [
            {"nodaemon": True, "logfile": None, "syslog": False},
            {"nodaemon": True, "logfile": "-"},
        ],
    )
    def test_in_the_foreground_gets_it_on_its_output(self, inner, options):
        assert self.observer(log_as_json(inner, options)) == JsonLines(sys.stdout)

    @pytest.mark.parametrize(
        ("options", "name"),
        [
            ({"nodaemon": False, "logfile": None}, "twistd.log"),
            ({"nodaemon": False, "logfile": "my.log"}, "my.log"),
            ({"nodaemon": True, "logfile": "my.log"}, "my.log"),
        ],
    )
    def test_gets_it_in_the_file_it_would_write(self, inner, tmp_path, monkeypatch, options, name):
        monkeypatch.chdir(tmp_path)
        observer = self.observer(log_as_json(inner, options))
        observer({"log_format": "hello"})
        observer._out.close()
        assert json.loads((tmp_path / name).read_text())["message"] == "hello"

    def test_that_logs_to_syslog_keeps_its_own_way(self, inner):
        assert log_as_json(inner, {"syslog": True}) is inner

    def test_of_the_newer_kind_is_told_in_its_options(self, inner):
        options = Options()
        options["fileLogObserverFactory"] = None
        assert log_as_json(inner, options) is inner
        assert options["fileLogObserverFactory"] is JsonLines

    def test_runs_what_it_was_given(self, inner):
        whole = JsonLogged(inner, JsonLines(StringIO()))
        whole.startService()
        assert inner.running
        whole.stopService()
        assert not inner.running

    def test_may_be_another_service(self, inner):
        parent = MultiService()
        whole = JsonLogged(inner, JsonLines(StringIO()))
        whole.setServiceParent(parent)
        assert list(parent) == [whole]
