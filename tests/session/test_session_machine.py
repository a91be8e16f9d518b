"""What a session does, by chapter of the specification (spec 3)."""

from __future__ import annotations

import pytest

from pytlas_wamp.errors import ClientError
from pytlas_wamp.session import effects as do
from pytlas_wamp.session import inputs as on
from pytlas_wamp.session.actions import State
from pytlas_wamp.session.machine import IllegalStep, Session
from pytlas_wamp.wire.codec import decode_client
from pytlas_wamp.wire.codes import Ending, ErrorCode
from pytlas_wamp.wire.messages import (
    Answer,
    AnswerData,
    Authenticate,
    Cancel,
    Done,
    Error,
    Goodbye,
    Language,
    Message,
    Renewed,
    Said,
    Thinking,
)
from session_steps import (
    ACCEPTED,
    ALICE,
    AUTHENTICATE,
    BOB,
    JOINED,
    JOINED_ASKING,
    LIMITS,
    MALFORMED,
    OPENED,
    QUESTION,
    READY_FRAME,
    ROOM,
    SERVER,
    awaiting,
    closed,
    closing,
    joining,
    ready,
    resumed,
    session_after,
    unauthenticated,
    verifying,
)

HELLO, AGAIN = Message(message="hello", id="a"), Message(message="again", id="b")
RENEWAL = Authenticate(token="second")
TOO_FAST = on.RateExceeded(retry_after=0.25, re="m61")
TALKING = [ready, awaiting, resumed]


def complaint(code: ErrorCode, text: str) -> do.Send:
    """The error frame of a complaint."""
    return do.Send(frame=Error(code=code, message=text, retryable=code.retryable))


class TestOpening:
    def test_the_first_frame_has_a_deadline(self):
        session = Session(limits=LIMITS, server=SERVER)
        timer = do.StartTimer(timer=on.Timer.AUTHENTICATION, seconds=7)
        assert session.handle(OPENED) == [timer]
        assert session.state is State.UNAUTHENTICATED

    def test_the_first_token_is_verified_and_the_deadline_is_over(self):
        session = unauthenticated()
        assert session.handle(AUTHENTICATE) == [do.StopTimers(), do.VerifyToken(token="first")]
        assert session.state is State.VERIFYING

    def test_nobody_is_known_before_the_token_is_accepted(self):
        assert verifying().user_id is None
        assert joining().user_id == ALICE

    @pytest.mark.parametrize(
        "given", [HELLO, Cancel(), MALFORMED, on.Binary(), TOO_FAST, on.Flooding()]
    )
    def test_anything_but_authenticate_closes_with_1000(self, given):
        session = unauthenticated()
        assert session.handle(given) == closing(Ending.AUTHENTICATION_EXPECTED)
        assert session.state is State.CLOSED

    @pytest.mark.parametrize("start", [unauthenticated, verifying, joining])
    def test_unreadable_bytes_before_ready_close_with_1000(self, start):
        expected = closing(Ending.AUTHENTICATION_EXPECTED)
        assert start().handle(on.Unreadable(ending=Ending.TOO_BIG)) == expected

    @pytest.mark.parametrize("start", [unauthenticated, verifying, joining])
    def test_who_does_not_read_before_ready_is_closed_with_1000(self, start):
        assert start().handle(on.SlowReader()) == closing(Ending.AUTHENTICATION_EXPECTED)

    def test_silence_closes_with_1000(self):
        late = on.DeadlinePassed(timer=on.Timer.AUTHENTICATION)
        assert unauthenticated().handle(late) == closing(Ending.AUTHENTICATION_TIMEOUT)

    @pytest.mark.parametrize("ending", [Ending.AUTHENTICATION_FAILED, Ending.ACCOUNT_DISABLED])
    def test_a_refused_token_closes_with_its_reason(self, ending):
        assert verifying().handle(on.TokenRefused(ending=ending)) == closing(ending)

    @pytest.mark.parametrize("start", [verifying, joining])
    def test_when_we_cannot_tell_the_client_shall_come_back(self, start):
        assert start().handle(on.Unavailable()) == closing(Ending.UNAVAILABLE)
        assert Ending.UNAVAILABLE.close_code == 1013

    def test_an_accepted_token_joins_the_conversation_and_expires(self):
        session = session_after(OPENED, Authenticate(token="first", after=3))
        assert session.handle(ACCEPTED) == [
            do.StartTimer(timer=on.Timer.CREDENTIALS, seconds=60),
            do.Join(user_id=ALICE, after=3),
        ]

    def test_credentials_that_die_while_joining_close(self):
        died = on.CredentialsDied(ending=Ending.AUTHENTICATION_REVOKED)
        assert joining().handle(died) == closing(Ending.AUTHENTICATION_REVOKED)

    def test_a_token_that_expires_while_joining_closes(self):
        late = on.DeadlinePassed(timer=on.Timer.CREDENTIALS)
        assert joining().handle(late) == closing(Ending.AUTHENTICATION_EXPIRED)


class TestReady:
    def test_ready_comes_first_and_tells_the_limits(self):
        session = joining()
        assert session.handle(JOINED) == [do.Send(frame=READY_FRAME)]
        assert session.state is State.READY

    def test_the_present_state_follows_ready(self):
        session = joining()
        sent = [do.Send(frame=frame) for frame in (READY_FRAME, ROOM, QUESTION)]
        assert session.handle(JOINED_ASKING) == sent
        assert session.state is State.AWAITING_ANSWER

    def test_a_context_alone_is_no_question(self):
        session = joining()
        joined = on.Joined(language="en", seq=5, context=ROOM, ask=None)
        assert session.handle(joined) == [do.Send(frame=READY_FRAME), do.Send(frame=ROOM)]
        assert session.state is State.READY


class TestHeldFrames:
    def test_nothing_happens_to_them_before_ready(self):
        session = verifying()
        assert [session.handle(given) for given in (HELLO, RENEWAL, MALFORMED)] == [[], [], []]
        assert session.state is State.VERIFYING
        assert session.handle(ACCEPTED)[1:] == [do.Join(user_id=ALICE, after=None)]

    def test_they_follow_ready_in_order(self):
        session = session_after(OPENED, AUTHENTICATE, HELLO, Cancel(id="c"), AGAIN, ACCEPTED)
        assert session.handle(JOINED) == [
            do.Send(frame=READY_FRAME),
            do.Say(message=HELLO),
            do.CancelTurn(id="c"),
            do.Say(message=AGAIN),
        ]

    def test_they_are_done_once(self):
        session = session_after(OPENED, AUTHENTICATE, HELLO, ACCEPTED, JOINED)
        assert session.handle(AGAIN) == [do.Say(message=AGAIN)]

    def test_the_limit_is_held_and_one_above_closes_with_1000(self):
        session = verifying()
        assert [session.handle(HELLO) for _ in range(LIMITS.max_held_frames)] == [[]] * 3
        assert session.handle(AGAIN) == closing(Ending.TOO_MANY_FRAMES)
        assert session.state is State.CLOSED

    def test_mistakes_among_them_count_as_after_ready(self):
        session = session_after(OPENED, AUTHENTICATE, MALFORMED, HELLO, ACCEPTED)
        assert session.handle(JOINED)[1:] == [
            complaint(ErrorCode.INVALID_MESSAGE, MALFORMED.detail),
            do.Say(message=HELLO),
        ]

    def test_what_stands_behind_a_fatal_one_is_dropped(self):
        session = session_after(OPENED, AUTHENTICATE, HELLO, on.Binary(), AGAIN, ACCEPTED)
        expected = [do.Say(message=HELLO), *closing(Ending.BINARY)]
        assert session.handle(JOINED)[1:] == expected

    def test_a_second_token_among_them_is_a_renewal(self):
        session = session_after(OPENED, AUTHENTICATE, RENEWAL, ACCEPTED)
        assert session.handle(JOINED)[1:] == [do.VerifyToken(token="second")]

    def test_a_pipelined_message_answers_the_pending_question(self):
        session = session_after(OPENED, AUTHENTICATE, HELLO, ACCEPTED, JOINED_ASKING)
        assert session.state is State.READY

    def test_they_are_dropped_when_the_token_is_refused(self):
        session = session_after(OPENED, AUTHENTICATE, HELLO, on.Binary())
        refused = on.TokenRefused(ending=Ending.AUTHENTICATION_FAILED)
        assert session.handle(refused) == closing(Ending.AUTHENTICATION_FAILED)


class TestConversation:
    @pytest.mark.parametrize("start", TALKING)
    def test_a_message_is_handed_on_and_answers_the_question(self, start):
        session = start()
        assert session.handle(HELLO) == [do.Say(message=HELLO)]
        assert session.state is State.READY

    @pytest.mark.parametrize("start", TALKING)
    def test_a_cancel_is_handed_on_and_ends_the_question(self, start):
        session = start()
        assert session.handle(Cancel(id="c")) == [do.CancelTurn(id="c")]
        assert session.state is State.READY

    @pytest.mark.parametrize("start", TALKING)
    def test_a_question_is_passed_on_and_awaits_its_answer(self, start):
        session = start()
        assert session.handle(on.Asked(frame=QUESTION)) == [do.Send(frame=QUESTION)]
        assert session.state is State.AWAITING_ANSWER

    @pytest.mark.parametrize("start", TALKING)
    @pytest.mark.parametrize(
        "frame",
        [Thinking(seq=6), Done(seq=6, require_input=False), Said(seq=6, message="kitchen")],
    )
    def test_another_devices_answer_ends_the_question(self, start, frame):
        session = start()
        assert session.handle(on.from_frame(frame)) == [do.Send(frame=frame)]
        assert session.state is State.READY

    @pytest.mark.parametrize("start", TALKING)
    @pytest.mark.parametrize(
        "frame",
        [
            Answer(seq=6, data=AnswerData(text=None, raw_text=None, cards=None)),
            ROOM,
            Language(seq=6, language="fr"),
            Error(code="skill-failed", message="", retryable=True),
        ],
    )
    def test_other_frames_leave_the_question_pending(self, start, frame):
        session = start()
        before = session.state
        assert session.handle(on.from_frame(frame)) == [do.Send(frame=frame)]
        assert session.state is before


class TestMistakesAfterReady:
    @pytest.mark.parametrize("start", TALKING)
    def test_a_malformed_frame_is_told_and_costs_nothing(self, start):
        session = start()
        before = session.state
        expected = [complaint(ErrorCode.INVALID_MESSAGE, "message.id must be a string")]
        assert session.handle(MALFORMED) == expected
        assert session.state is before

    @pytest.mark.parametrize("start", TALKING)
    def test_what_the_codec_refuses_can_be_told(self, start):
        with pytest.raises(ClientError) as refused:
            decode_client("{}", max_depth=4)
        given = on.Malformed(code=refused.value.code, detail=refused.value.detail)
        assert start().handle(given) == [complaint(ErrorCode.INVALID_MESSAGE, refused.value.detail)]

    @pytest.mark.parametrize("start", TALKING)
    def test_a_binary_frame_closes_with_1003(self, start):
        assert start().handle(on.Binary()) == closing(Ending.BINARY)
        assert Ending.BINARY.close_code == 1003

    @pytest.mark.parametrize("start", TALKING)
    @pytest.mark.parametrize("ending", [Ending.NOT_UTF8, Ending.TOO_BIG, Ending.PROTOCOL_ERROR])
    def test_unreadable_bytes_close_with_what_they_were(self, start, ending):
        assert start().handle(on.Unreadable(ending=ending)) == closing(ending)


class TestRenewal:
    @pytest.mark.parametrize("start", TALKING)
    def test_a_fresh_token_is_verified_while_the_talk_goes_on(self, start):
        session = start()
        before = session.state
        assert session.handle(RENEWAL) == [do.VerifyToken(token="second")]
        assert session.state is before

    @pytest.mark.parametrize("start", TALKING)
    def test_the_same_users_token_counts_from_now_on(self, start):
        session = start()
        assert session.handle(on.TokenAccepted(user_id=ALICE, expires_in=90.9)) == [
            do.StartTimer(timer=on.Timer.CREDENTIALS, seconds=90.9),
            do.Send(frame=Renewed(expires_in=90)),
        ]

    @pytest.mark.parametrize("start", TALKING)
    def test_another_users_token_changes_nothing(self, start):
        session = start()
        before = session.state
        expected = [complaint(ErrorCode.WRONG_USER, "this token is another user's")]
        assert session.handle(on.TokenAccepted(user_id=BOB, expires_in=90)) == expected
        assert (session.user_id, session.state) == (ALICE, before)

    @pytest.mark.parametrize("start", TALKING)
    def test_a_refused_token_leaves_the_old_one(self, start):
        session = start()
        before = session.state
        refused = on.TokenRefused(ending=Ending.AUTHENTICATION_FAILED)
        expected = [complaint(ErrorCode.AUTHENTICATION_FAILED, "this token was refused")]
        assert session.handle(refused) == expected
        assert session.state is before

    @pytest.mark.parametrize("start", TALKING)
    def test_when_we_cannot_tell_the_old_token_goes_on(self, start):
        session = start()
        before = session.state
        text = "the token cannot be checked right now; try again later"
        assert session.handle(on.Unavailable()) == [complaint(ErrorCode.UNAVAILABLE, text)]
        assert session.state is before


class TestEnding:
    @pytest.mark.parametrize("start", TALKING)
    def test_an_expired_token_closes_with_1000(self, start):
        late = on.DeadlinePassed(timer=on.Timer.CREDENTIALS)
        assert start().handle(late) == closing(Ending.AUTHENTICATION_EXPIRED)

    @pytest.mark.parametrize("start", TALKING)
    def test_dead_credentials_close_with_their_reason(self, start):
        died = on.CredentialsDied(ending=Ending.ACCOUNT_DISABLED)
        assert start().handle(died) == closing(Ending.ACCOUNT_DISABLED)

    @pytest.mark.parametrize("start", [unauthenticated, verifying, joining])
    def test_goodbye_ends_what_has_not_begun(self, start):
        session = start()
        goodbye = do.Send(frame=Goodbye(reason="shutdown", retry_after=5))
        expected = [goodbye, *closing(Ending.SHUTDOWN)]
        assert session.handle(on.ShuttingDown(retry_after=5)) == expected
        assert session.state is State.CLOSED

    @pytest.mark.parametrize("start", TALKING)
    def test_goodbye_changes_nothing_for_a_device(self, start):
        session = start()
        before = session.state
        goodbye = do.Send(frame=Goodbye(reason="shutdown", retry_after=5))
        assert session.handle(on.ShuttingDown(retry_after=5)) == [goodbye]
        assert session.state is before
        done = Done(seq=9, require_input=False)
        assert session.handle(on.from_frame(done)) == [do.Send(frame=done)]

    @pytest.mark.parametrize("start", [unauthenticated, verifying, joining, *TALKING])
    def test_a_stop_closes_whatever_there_is(self, start):
        session = start()
        assert session.handle(on.Stopped()) == closing(Ending.SHUTDOWN)
        assert session.state is State.CLOSED

    @pytest.mark.parametrize("start", [unauthenticated, verifying, joining, *TALKING])
    def test_a_fault_of_ours_closes_with_1011_and_no_details(self, start):
        assert start().handle(on.Crashed()) == closing(Ending.INTERNAL_ERROR)

    @pytest.mark.parametrize("start", [unauthenticated, verifying, joining, *TALKING])
    def test_a_lost_peer_is_left_but_not_closed(self, start):
        session = start()
        assert session.handle(on.TransportLost()) == [do.StopTimers(), do.Leave()]
        assert session.state is State.CLOSED

    def test_a_conversation_joined_too_late_is_left_again(self):
        session = joining()
        session.handle(on.TransportLost())
        assert session.handle(JOINED_ASKING) == [do.Leave()]
        assert session.state is State.CLOSED

    @pytest.mark.parametrize(
        "given",
        [
            *(AUTHENTICATE, HELLO, MALFORMED, on.Binary(), ACCEPTED, on.Unavailable(), OPENED),
            *(TOO_FAST, on.Flooding(), on.SlowReader(), on.TooManyConnections()),
        ],
    )
    def test_a_closed_session_does_nothing_more(self, given):
        session = closed()
        assert session.handle(given) == []
        assert session.state is State.CLOSED


class TestIllegalSteps:
    def test_a_step_outside_the_table_is_our_bug_and_says_which(self):
        with pytest.raises(IllegalStep, match=r"^Joined in state unauthenticated$"):
            unauthenticated().handle(JOINED)

    def test_it_changes_nothing(self):
        session = ready()
        with pytest.raises(IllegalStep):
            session.handle(JOINED)
        assert session.state is State.READY
        assert session.handle(HELLO) == [do.Say(message=HELLO)]


class TestSecrets:
    def test_a_logged_session_tells_no_more_than_its_state(self):
        session = session_after(OPENED, Authenticate(token="nobody-may-read-this"), HELLO)
        assert repr(session) == "Session(state=<State.VERIFYING: 'verifying'>)"

    def test_a_logged_effect_tells_no_token(self):
        assert "first" not in repr(unauthenticated().handle(AUTHENTICATE))
