"""Codes of errors and of closes (spec 7)."""

from __future__ import annotations

import pytest

from pytlas_wamp.wire.codes import Ending, ErrorCode


class TestErrorCodes:
    @pytest.mark.parametrize("code", list(ErrorCode))
    def test_what_the_peer_got_wrong_is_not_worth_repeating(self, code):
        peers_fault = {
            "malformed-json",
            "not-an-object",
            "too-deep",
            "unknown-type",
            "invalid-message",
            "id-reused",
            "question-gone",
            "authentication-failed",
            "wrong-user",
        }
        assert code.retryable is (code.value not in peers_fault)

    def test_a_code_is_the_text_that_is_sent(self):
        assert f"{ErrorCode.BUSY}" == "busy"


class TestEndings:
    def test_code_and_reason_are_told_apart(self):
        assert (Ending.SHUTDOWN.close_code, Ending.SHUTDOWN.reason) == (1001, "shutdown")

    def test_1000_says_that_the_credentials_are_no_good_or_were_not_given(self):
        reasons = {ending.reason for ending in Ending if ending.close_code == 1000}
        assert reasons == {
            "authentication-expected",
            "authentication-failed",
            "authentication-timeout",
            "authentication-expired",
            "authentication-revoked",
            "account-disabled",
            "too-many-frames",
        }

    @pytest.mark.parametrize("ending", list(Ending))
    def test_a_close_frame_can_carry_the_reason(self, ending):
        # RFC 6455 5.5: a control frame has 125 bytes, two of which are the code.
        assert len(ending.reason.encode()) <= 123
        assert 1000 <= ending.close_code <= 1013

    def test_each_reason_stands_once(self):
        assert len({ending.reason for ending in Ending}) == len(Ending)
