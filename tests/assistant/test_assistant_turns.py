"""What became of a turn: the first thing that went wrong, or the last that went well."""

from __future__ import annotations

import pytest

from pytlas_wamp.assistant.turns import Emission, Outcome, Turn
from pytlas_wamp.wire.codes import ErrorCode
from pytlas_wamp.wire.messages import Done


class TestOutcomes:
    @pytest.mark.parametrize(
        ("code", "outcome"),
        [
            (ErrorCode.SKILL_FAILED, "failed"),
            (ErrorCode.SKILL_TIMEOUT, "timeout"),
            (ErrorCode.SKILL_UNAVAILABLE, "unavailable"),
            (ErrorCode.UNAVAILABLE, "unavailable"),
            (ErrorCode.BUSY, "busy"),
            (ErrorCode.INTERNAL_ERROR, "failed"),
        ],
    )
    def test_an_error_has_one(self, code, outcome):
        assert Outcome.of_error(code.value) == outcome

    def test_a_turn_has_none_at_first(self):
        assert (Turn().outcome, Turn().skill) == (None, None)

    def test_the_last_that_goes_well_stays(self):
        turn = Turn()
        turn.went(Outcome.ANSWERED, "one")
        turn.went(Outcome.ASKED, "two")
        assert (turn.outcome, turn.skill) == ("asked", "two")

    @pytest.mark.parametrize("wrong", ["failed", "timeout", "unavailable", "busy"])
    def test_the_first_that_goes_wrong_stays(self, wrong):
        turn = Turn()
        turn.went(Outcome.ANSWERED, "one")
        turn.went(Outcome(wrong), "two")
        turn.went(Outcome.ANSWERED, "three")
        turn.went(Outcome.CANCELLED)
        assert (turn.outcome, turn.skill) == (wrong, "two")

    def test_a_skill_is_not_forgotten(self):
        turn = Turn()
        turn.went(Outcome.ANSWERED, "one")
        turn.went(Outcome.CANCELLED)
        assert (turn.outcome, turn.skill) == ("cancelled", "one")


def test_a_frame_may_be_of_no_skill():
    assert Emission(turn=None, kind=Done, fields={}).skill is None


def test_what_was_said_is_not_shown():
    assert "secret" not in repr(Turn(text="secret", meta={"a": "secret"}))
