"""What a client that comes back is told (spec 5.9)."""

from __future__ import annotations

from attrs import evolve

from pytlas_wamp.session import effects as do
from pytlas_wamp.session.actions import State
from pytlas_wamp.wire.messages import Message
from session_steps import (
    ACCEPTED,
    AUTHENTICATE,
    MISSED,
    OPENED,
    READY_FRAME,
    RESUMED,
    RESUMED_ASKING,
    ROOM,
    joining,
    session_after,
)

HELLO = Message(message="hello", id="a")


class TestResuming:
    def test_what_was_missed_follows_in_place_of_the_present_state(self):
        session = joining()
        told = evolve(READY_FRAME, resumed=True)
        sent = [do.Send(frame=frame) for frame in (told, *MISSED)]
        assert session.handle(RESUMED_ASKING) == sent
        assert session.state is State.AWAITING_ANSWER

    def test_a_question_that_was_seen_before_is_still_pending(self):
        session = joining()
        told = evolve(READY_FRAME, resumed=True)
        joined = evolve(RESUMED_ASKING, replay=())
        assert session.handle(joined) == [do.Send(frame=told)]
        assert session.state is State.AWAITING_ANSWER

    def test_a_question_in_the_past_awaits_no_answer(self):
        session = joining()
        session.handle(evolve(RESUMED_ASKING, ask=None))
        assert session.state is State.READY

    def test_without_resuming_nothing_is_replayed(self):
        session = joining()
        joined = evolve(RESUMED, resumed=False)
        assert session.handle(joined) == [do.Send(frame=READY_FRAME), do.Send(frame=ROOM)]

    def test_what_is_said_behind_the_token_comes_after_what_was_missed(self):
        session = session_after(OPENED, AUTHENTICATE, HELLO, ACCEPTED)
        effects = session.handle(RESUMED_ASKING)
        assert effects[1:] == [*(do.Send(frame=one) for one in MISSED), do.Say(message=HELLO)]
        assert session.state is State.READY
