"""What nobody may read in the log is taken out of it."""

from __future__ import annotations

import logging

import pytest
from twisted.logger import Logger, LogLevel, LogPublisher, eventAsText, globalLogPublisher
from twisted.python.failure import Failure
from twisted.python.log import LogPublisher as OldPublisher

from pytlas_wamp.errors import OperatorError
from pytlas_wamp.service.discretion import (
    WITHHELD,
    Discretion,
    keep_discretion,
    without_text,
)
from pytlas_wamp.transport.recent_errors import RecentErrors

SAID = "my secret sentence"


class OddError(Exception):
    """One of a skill."""


@pytest.fixture
def events():
    """What observers behind get."""
    return []


@pytest.fixture
def publisher(events):
    return LogPublisher(Discretion(), events.append)


def failure(error):
    def cry():
        raise error

    try:
        cry()
    except Exception:  # noqa: BLE001 - whatever the test raises
        return Failure()


class TestFailures:
    def test_are_told_without_what_they_say(self, publisher, events):
        Logger(observer=publisher).failure(
            "skill {skill} failed", failure(OddError(SAID)), skill="x"
        )
        text = eventAsText(events[0])
        assert SAID not in text
        assert "skill x failed" in text
        assert f"OddError: {WITHHELD}" in text

    def test_show_where_they_were_raised(self, publisher, events):
        Logger(observer=publisher).failure("it failed", failure(OddError(SAID)))
        text = eventAsText(events[0])
        assert __file__ in text
        assert "raise error" in text

    def test_that_are_for_the_operator_stay_as_they_are(self, publisher, events):
        Logger(observer=publisher).failure("it failed", failure(OperatorError("the disk is full")))
        assert "the disk is full" in eventAsText(events[0])

    def test_logged_in_the_old_way_are_told_without_it_too(self, publisher, events):
        old = OldPublisher(publishPublisher=publisher, logBeginner=None)
        error = failure(OddError(SAID))
        old.msg(failure=error, why=f"because {SAID}", isError=1)
        text = eventAsText(events[0])
        assert SAID not in text
        assert "OddError" in text
        assert SAID not in str(events[0])

    def test_are_still_known_by_their_type(self):
        told = without_text(failure(OddError(SAID)))
        assert told.type is OddError
        assert type(told.value).__name__ == "OddError"
        assert SAID not in told.getErrorMessage() + repr(told) + str(told.value)

    def test_of_somebody_else_stay_as_they_are(self):
        mine = failure(OddError(SAID))
        without_text(mine)
        assert mine.getErrorMessage() == SAID

    def test_show_in_the_status_by_their_type(self, publisher):
        errors = RecentErrors()
        publisher.addObserver(errors)
        Logger(observer=publisher).failure("skill x failed", failure(OddError(SAID)))
        assert [one.text for one in errors.newest()] == ["skill x failed (OddError)"]


class TestLibraries:
    @pytest.mark.parametrize("namespace", ["autobahn.websocket.protocol.X", "txaio", "autobahn"])
    @pytest.mark.parametrize("level", [LogLevel.debug, LogLevel.info])
    def test_do_not_show_what_they_are_given(self, publisher, events, namespace, level):
        Logger(namespace, observer=publisher).emit(level, "RX Octets: {octets}", octets=SAID)
        assert eventAsText(events[0]) == ""

    def test_may_warn(self, publisher, events):
        Logger("autobahn.x", observer=publisher).warn("dropping connection")
        assert "dropping connection" in eventAsText(events[0])

    def test_we_are_none_of_them(self, publisher, events):
        Logger("pytlas_wamp.autobahn", observer=publisher).debug("listening")
        assert "listening" in eventAsText(events[0])

    def test_an_event_without_a_level_or_a_name_passes(self, publisher, events):
        publisher({"log_format": "hello"})
        assert events[0]["log_format"] == "hello"


class TestKeepDiscretion:
    @pytest.fixture(autouse=True)
    def as_it_was(self):
        levels = {name: logging.getLogger(name).level for name in ("sqlalchemy", "transitions")}
        before = list(globalLogPublisher._observers)
        yield
        globalLogPublisher._observers[:] = before
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
        logging.getLogger("hostedagent").disabled = False

    def test_once_is_enough(self):
        keep_discretion()
        count = len(globalLogPublisher._observers)
        keep_discretion()
        assert len(globalLogPublisher._observers) == count
        assert Discretion() in globalLogPublisher._observers

    def test_sentences_and_statements_are_not_shown_even_when_a_skill_turns_logging_on(
        self, caplog
    ):
        keep_discretion()
        caplog.set_level(logging.DEBUG)
        logging.getLogger("sqlalchemy.engine.Engine").info("INSERT %s", SAID)
        logging.getLogger("hostedagent").error("Parsing sentence %s", SAID)
        logging.getLogger("a.skill").info("its own words")
        assert caplog.messages == ["its own words"]
