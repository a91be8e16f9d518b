"""What a session does when there is too much of something (spec 3.8, 5.8)."""

from __future__ import annotations

import pytest

from pytlas_wamp.session import effects as do
from pytlas_wamp.session import inputs as on
from pytlas_wamp.session.actions import State
from pytlas_wamp.wire.codes import Ending, ErrorCode
from pytlas_wamp.wire.messages import Error, Message
from session_steps import (
    ACCEPTED,
    AUTHENTICATE,
    JOINED,
    LIMITS,
    OPENED,
    READY_FRAME,
    awaiting,
    closing,
    joining,
    ready,
    resumed,
    session_after,
    verifying,
)

HELLO, AGAIN = Message(message="hello", id="a"), Message(message="again", id="b")
TOO_FAST = on.RateExceeded(retry_after=0.25, re="m61")
TALKING = [ready, awaiting, resumed]


class TestTooMuch:
    @pytest.mark.parametrize("start", TALKING)
    def test_a_frame_that_is_too_fast_is_told_with_the_time_to_wait(self, start):
        session = start()
        before = session.state
        error = Error(
            code="rate-limited",
            message="frames come too fast; wait 0.25 seconds",
            retryable=True,
            retry_after=0.25,
            re="m61",
        )
        assert session.handle(TOO_FAST) == [do.Send(frame=error)]
        assert session.state is before

    def test_a_frame_without_an_id_is_told_without_re(self):
        (told,) = ready().handle(on.RateExceeded(retry_after=0.1))
        assert (told.frame.retry_after, told.frame.re) == (0.1, None)

    @pytest.mark.parametrize("start", TALKING)
    def test_a_flood_closes_with_1008(self, start):
        session = start()
        assert session.handle(on.Flooding()) == closing(Ending.FLOODING)
        assert session.state is State.CLOSED

    @pytest.mark.parametrize("start", TALKING)
    def test_a_slow_reader_is_closed_with_1013(self, start):
        session = start()
        assert session.handle(on.SlowReader()) == closing(Ending.SLOW_READER)
        assert session.state is State.CLOSED

    def test_those_that_came_too_fast_are_told_after_ready(self):
        session = session_after(OPENED, AUTHENTICATE, TOO_FAST, HELLO, ACCEPTED)
        (ready_frame, told, said) = session.handle(JOINED)
        assert (ready_frame.frame, said) == (READY_FRAME, do.Say(message=HELLO))
        assert (told.frame.code, told.frame.re) == (ErrorCode.RATE_LIMITED, "m61")

    def test_those_that_came_too_fast_count_to_the_limit(self):
        session = verifying()
        assert [session.handle(TOO_FAST) for _ in range(LIMITS.max_held_frames)] == [[]] * 3
        assert session.handle(TOO_FAST) == closing(Ending.TOO_MANY_FRAMES)

    def test_a_flood_among_them_closes_after_ready(self):
        session = session_after(OPENED, AUTHENTICATE, HELLO, on.Flooding(), AGAIN, ACCEPTED)
        expected = [do.Say(message=HELLO), *closing(Ending.FLOODING)]
        assert session.handle(JOINED)[1:] == expected

    def test_one_device_too_many_is_turned_away_and_may_come_back(self):
        session = joining()
        assert session.handle(on.TooManyConnections()) == closing(Ending.TOO_MANY_CONNECTIONS)
        assert session.state is State.CLOSED
        assert Ending.TOO_MANY_CONNECTIONS.close_code == 1013
