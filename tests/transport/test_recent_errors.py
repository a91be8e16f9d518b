"""The last errors of the log, as they may be shown."""

from __future__ import annotations

import pytest
from twisted.logger import Logger, LogLevel, LogPublisher
from twisted.python.failure import Failure

from pytlas_wamp.errors import OperatorError
from pytlas_wamp.transport.recent_errors import KEPT, MAX_CHARACTERS, RecentErrors

PASSED_OVER = [LogLevel.debug, LogLevel.info, LogLevel.warn]


class Unprintable:
    def __repr__(self):
        """Fail with what nobody must see."""
        raise ZeroDivisionError("unprintable-secret")


def observed(**options) -> tuple[Logger, RecentErrors]:
    """A logger, and what sees all that it logs."""
    errors = RecentErrors(**options)
    return Logger(observer=LogPublisher(errors)), errors


def texts(errors: RecentErrors) -> list[str]:
    return [error.text for error in errors.newest()]


class TestRecentErrors:
    def test_have_time_and_text(self):
        errors = RecentErrors()
        errors(
            {
                "log_level": LogLevel.error,
                "log_format": "skill {name} failed",
                "name": "weather",
                "log_time": 1_800_000_000.5,
            }
        )
        (error,) = errors.newest()
        assert (error.time, error.text) == (1_800_000_000.5, "skill weather failed")

    @pytest.mark.parametrize("level", PASSED_OVER)
    def test_are_nothing_less(self, level):
        log, errors = observed()
        log.emit(level, "not so bad")
        assert errors.newest() == []

    def test_events_without_a_level_are_none(self):
        errors = RecentErrors()
        errors({"log_format": "old"})
        assert errors.newest() == []

    def test_the_newest_are_kept_and_stand_last(self):
        log, errors = observed()
        for number in range(KEPT + 3):
            log.error("error {number}", number=number)
        assert texts(errors) == [f"error {number}" for number in range(3, KEPT + 3)]

    def test_an_unexpected_failure_shows_neither_its_text_nor_its_trace(self):
        log, errors = observed()
        log.failure("a job failed", failure=Failure(ValueError("INSERT ... 'private'")))
        assert texts(errors) == ["a job failed (ValueError)"]

    def test_a_failure_for_the_operator_shows_its_text(self):
        log, errors = observed()
        log.failure("no store", failure=Failure(OperatorError("The database is gone.")))
        assert texts(errors) == ["no store (OperatorError: The database is gone.)"]

    def test_only_the_first_line_counts(self):
        log, errors = observed()
        log.error("\n first \nTraceback (most recent call last):\n ...")
        assert texts(errors) == ["first"]

    @pytest.mark.parametrize("text", ["", "{thing!r}", "{missing}"])
    def test_what_cannot_be_shown_is_told_as_such(self, text):
        log, errors = observed()
        log.error(text, thing=Unprintable() if "thing" in text else "secret")
        assert texts(errors) == ["Something went wrong"]

    def test_are_bounded(self):
        log, errors = observed()
        log.error("x" * 1_000_000)
        assert [len(text) for text in texts(errors)] == [MAX_CHARACTERS]

    def test_have_no_control_characters(self):
        log, errors = observed()
        log.error("{said}", said="red \x1b[31malert\x07")
        assert texts(errors) == ["red alert"]

    def test_never_show_what_is_private(self):
        log, errors = observed(private=["k" * 40, ""])
        log.error("the key is {key}", key="k" * 40)
        assert texts(errors) == ["the key is ***"]
        assert "kkk" not in repr(errors)

    def test_never_show_what_looks_like_a_credential(self):
        log, errors = observed()
        log.error("no connection to postgresql://me:hunter2@db/x")
        assert texts(errors) == ["no connection to postgresql://***@db/x"]
