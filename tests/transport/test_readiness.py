"""`/readyz`: whether conversations can be had."""

from __future__ import annotations

import pytest
from http_line import Server
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.task import Clock

from pytlas_wamp.errors import OperatorError
from pytlas_wamp.transport.readiness import PATIENCE_SECONDS, Readiness
from pytlas_wamp.transport.site import Watching


class Stage:
    """A server whose parts are as the test wants them."""

    def __init__(self):
        self.serving = True
        self.learnt = True
        self.log_failures = 0
        self.questions = []
        self.answer = lambda: succeed(7)
        self.clock = Clock()
        readiness = Readiness(
            serving=lambda: self.serving,
            ask_database=self.ask_database,
            needs={
                "the log": lambda: self.log_failures == 0,
                "the interpreter of fr": lambda: self.learnt,
            },
            clock=self.clock,
        )
        self.server = Server(options={"watching": Watching(readiness=readiness)})

    def ask_database(self):
        self.questions.append(self.answer())
        return self.questions[-1]

    def ask(self):
        return self.server.ask("GET", "/readyz")

    def begin(self):
        line = self.server.line()
        line.send(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return line

    def missing(self):
        answer = self.ask()
        assert answer.problem() == (503, "unavailable")
        assert int(answer.header("Retry-After")) >= 1
        return answer.detail()


@pytest.fixture
def stage():
    return Stage()


class TestReadiness:
    def test_is_ok_when_all_is_there(self, stage):
        answer = stage.ask()
        assert (answer.status, answer.json()) == (200, {"status": "ok"})
        assert stage.clock.getDelayedCalls() == []

    def test_needs_the_database(self, stage):
        stage.answer = lambda: fail(OperatorError("gone"))
        assert stage.missing() == "Not ready: the database."

    def test_needs_the_log(self, stage):
        stage.log_failures = 1
        assert stage.missing() == "Not ready: the log."

    def test_needs_the_language_of_the_server(self, stage):
        stage.learnt = False
        assert stage.missing() == "Not ready: the interpreter of fr."

    def test_names_all_that_is_missing(self, stage):
        stage.answer = lambda: fail(RuntimeError("a bug"))
        stage.log_failures, stage.learnt = 3, False
        assert stage.missing() == "Not ready: the database, the log, the interpreter of fr."

    def test_is_over_when_the_server_stops(self, stage):
        stage.serving = False
        assert stage.missing() == "Not ready: the server is stopping."
        assert stage.questions == []

    def test_is_for_reading(self, stage):
        assert stage.server.ask("POST", "/readyz").problem() == (405, "method-not-allowed")

    def test_is_not_there_when_nobody_made_it(self):
        assert Server().ask("GET", "/readyz").problem() == (404, "not-found")


class TestDatabaseThatHangs:
    def test_is_waited_for_up_to_two_seconds(self, stage):
        stage.answer = Deferred
        line = stage.begin()
        stage.clock.advance(PATIENCE_SECONDS - 0.1)
        assert line.answers() == []
        stage.clock.advance(0.1)
        assert line.answer().detail() == "Not ready: the database."

    def test_is_asked_once_at_a_time(self, stage):
        stage.answer = Deferred
        lines = [stage.begin(), stage.begin()]
        stage.clock.advance(PATIENCE_SECONDS)
        lines.append(stage.begin())
        assert len(stage.questions) == 1
        stage.questions[0].callback(7)
        assert [line.answer().status for line in lines] == [503, 503, 200]
        assert stage.clock.getDelayedCalls() == []

    def test_is_asked_again_when_it_is_back(self, stage):
        stage.answer = Deferred
        stage.begin()
        stage.clock.advance(PATIENCE_SECONDS)
        stage.questions[0].callback(7)
        stage.answer = lambda: succeed(8)
        assert stage.ask().status == 200
        assert len(stage.questions) == 2
