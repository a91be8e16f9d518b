"""What each cell of the table does: `(memory, input) -> Step`, nothing else.

Actions are pure but for `Memory`, the little a session remembers besides its
state. They know no clock and no connection; they return what should be done.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from attrs import Factory, define, fields, frozen

from pytlas_wamp.limits import Limits
from pytlas_wamp.session import effects as do
from pytlas_wamp.session import inputs as on
from pytlas_wamp.wire.codes import Ending, ErrorCode
from pytlas_wamp.wire.messages import (
    Authenticate,
    Cancel,
    Error,
    Goodbye,
    Message,
    Ready,
    ReadyLimits,
    Renewed,
    ServerInfo,
    ServerMessage,
)


class State(StrEnum):
    """Where a connection is in its life (spec 3.1)."""

    UNAUTHENTICATED = "unauthenticated"
    VERIFYING = "verifying"
    READY = "ready"
    AWAITING_ANSWER = "awaiting-answer"
    CLOSED = "closed"


@frozen(kw_only=True)
class Step:
    """The outcome of an action: the next state, and what to do, in order."""

    state: State
    effects: tuple[do.Effect, ...] = ()


@define(kw_only=True)
class Memory:
    """What a session remembers besides its state.

    Args:
      limits: the bounds that apply to it.
      server: what `ready` says about us.
      user_id: whose token was accepted.
      after: from the first `authenticate`.
      held: frames that came behind `authenticate`, in order (spec 3.3).
    """

    limits: Limits
    server: ServerInfo
    user_id: int | None = None
    after: int | None = None
    held: list[on.PeerInput] = Factory(list)


Action = Callable[[State, Memory, Any], Step]


def _closed(ending: Ending, *before: do.Effect) -> Step:
    ending_effects = (do.StopTimers(), do.Leave(), do.Close(ending=ending))
    return Step(state=State.CLOSED, effects=(*before, *ending_effects))


def _sent(state: State, *frames: ServerMessage) -> Step:
    return Step(state=state, effects=tuple(do.Send(frame=frame) for frame in frames))


def _complaint(state: State, code: ErrorCode, text: str) -> Step:
    return _sent(state, Error(code=code, message=text, retryable=code.retryable))


def await_authentication(state: State, memory: Memory, _: on.Opened) -> Step:
    """Start the clock for the first frame (spec 3.2)."""
    timer = do.StartTimer(
        timer=on.Timer.AUTHENTICATION, seconds=memory.limits.auth_deadline_seconds
    )
    return Step(state=state, effects=(timer,))


def verify(_: State, memory: Memory, given: Authenticate) -> Step:
    """Check the first token; frames behind it are held meanwhile (spec 3.3)."""
    memory.after = given.after
    effects = (do.StopTimers(), do.VerifyToken(token=given.token))
    return Step(state=State.VERIFYING, effects=effects)


def reject_stranger(_state: State, _memory: Memory, _: object) -> Step:
    """Close on anything but `authenticate` as the first frame (spec 3.2)."""
    return _closed(Ending.AUTHENTICATION_EXPECTED)


def hold(state: State, memory: Memory, given: on.PeerInput) -> Step:
    """Keep a frame until the token is verified (spec 3.3)."""
    if len(memory.held) >= memory.limits.max_held_frames:
        return _closed(Ending.TOO_MANY_FRAMES)
    memory.held.append(given)
    return Step(state=state)


def join(state: State, memory: Memory, given: on.TokenAccepted) -> Step:
    """The token is good: go on to the user's conversation."""
    memory.user_id = given.user_id
    effects = (_expiry(given), do.Join(user_id=given.user_id, after=memory.after))
    return Step(state=state, effects=effects)


def _expiry(given: on.TokenAccepted) -> do.StartTimer:
    return do.StartTimer(timer=on.Timer.CREDENTIALS, seconds=given.ends_in)


def welcome(_: State, memory: Memory, given: on.Joined) -> Step:
    """Send `ready`, then what was missed, or else the present state (spec 5.9)."""
    ready = Ready(
        language=given.language,
        seq=given.seq,
        resumed=given.resumed,
        server=memory.server,
        limits=_told(memory.limits),
    )
    present = [frame for frame in (given.context, given.ask) if frame is not None]
    state = State.READY if given.ask is None else State.AWAITING_ANSWER
    return _sent(state, ready, *(given.replay if given.resumed else present))


def _told(limits: Limits) -> ReadyLimits:
    """The limits a client can run into, as `ready` tells them (spec 4.5)."""
    return ReadyLimits(**{each.name: getattr(limits, each.name) for each in fields(ReadyLimits)})


def turn_away(_state: State, _memory: Memory, _: on.TooManyConnections) -> Step:
    """Close because the user has devices enough; the credentials are good (spec 3.8)."""
    return _closed(Ending.TOO_MANY_CONNECTIONS)


def leave_again(state: State, _memory: Memory, _: on.Joined) -> Step:
    """The conversation answered too late: the connection is gone already."""
    return Step(state=state, effects=(do.Leave(),))


def refuse(_state: State, _memory: Memory, given: on.TokenRefused | on.CredentialsDied) -> Step:
    """Close because the credentials are no good, or no longer (spec 3.2, 3.7)."""
    return _closed(given.ending)


def renew(state: State, _memory: Memory, given: Authenticate) -> Step:
    """Check a fresh token while the conversation goes on (spec 3.6)."""
    return Step(state=state, effects=(do.VerifyToken(token=given.token),))


def extend(state: State, memory: Memory, given: on.TokenAccepted) -> Step:
    """The fresh token counts from now on, if it is the same user's (spec 3.6)."""
    if given.user_id != memory.user_id:
        return _complaint(state, ErrorCode.WRONG_USER, "this token is another user's")
    renewed = Renewed(expires_in=math.floor(given.expires_in))
    return Step(state=state, effects=(_expiry(given), do.Send(frame=renewed)))


def keep_old_token(state: State, _memory: Memory, _: on.TokenRefused) -> Step:
    """The fresh token is no good: the connection keeps the one it has (spec 3.6)."""
    return _complaint(state, ErrorCode.AUTHENTICATION_FAILED, "this token was refused")


def say(_: State, _memory: Memory, given: Message) -> Step:
    """Hand a message on; it answers a pending question (spec 3.5)."""
    return Step(state=State.READY, effects=(do.Say(message=given),))


def cancel(_: State, _memory: Memory, given: Cancel) -> Step:
    """Hand a cancel on; it also ends a pending question (spec 3.5)."""
    return Step(state=State.READY, effects=(do.CancelTurn(id=given.id),))


def complain(state: State, _memory: Memory, given: on.Malformed) -> Step:
    """Tell what was wrong with a frame; the connection goes on (spec 3.4)."""
    return _complaint(state, ErrorCode(given.code), given.detail)


def slow_down(state: State, _memory: Memory, given: on.RateExceeded) -> Step:
    """Tell when a frame that came too fast may be sent again (spec 3.8)."""
    code = ErrorCode.RATE_LIMITED
    error = Error(
        code=code,
        message=f"frames come too fast; wait {given.retry_after:.3g} seconds",
        retryable=code.retryable,
        retry_after=given.retry_after,
        re=given.re,
    )
    return _sent(state, error)


def close_on_flood(_state: State, _memory: Memory, _: on.Flooding) -> Step:
    """Close: the client does not listen to `rate-limited` (spec 3.8)."""
    return _closed(Ending.FLOODING)


def close_on_binary(_state: State, _memory: Memory, _: on.Binary) -> Step:
    """Close: the protocol has text frames only (spec 2.2)."""
    return _closed(Ending.BINARY)


def close_unreadable(_state: State, _memory: Memory, given: on.Unreadable) -> Step:
    """Close with what made reading on impossible (spec 2.2)."""
    return _closed(given.ending)


def close_slow_reader(_state: State, _memory: Memory, _: on.SlowReader) -> Step:
    """Close; what the client has not read it gets when it comes back (spec 5.8)."""
    return _closed(Ending.SLOW_READER)


def ask(_: State, _memory: Memory, given: on.Asked) -> Step:
    """Pass a question on and wait for its answer (spec 3.5)."""
    return _sent(State.AWAITING_ANSWER, given.frame)


def move_on(_: State, _memory: Memory, given: on.Moved) -> Step:
    """Pass a frame on after which no question is pending (spec 3.5)."""
    return _sent(State.READY, given.frame)


def deliver(state: State, _memory: Memory, given: on.Delivered) -> Step:
    """Pass any other frame on."""
    return _sent(state, given.frame)


def close_late(_: State, _memory: Memory, given: on.DeadlinePassed) -> Step:
    """Close: nothing came in time, or the token has expired (spec 3.2, 3.7)."""
    endings = {
        on.Timer.AUTHENTICATION: Ending.AUTHENTICATION_TIMEOUT,
        on.Timer.CREDENTIALS: Ending.AUTHENTICATION_EXPIRED,
    }
    return _closed(endings[given.timer])


def close_unavailable(_state: State, _memory: Memory, _: on.Unavailable) -> Step:
    """Close so that the client comes back later: it did nothing wrong (spec 3.2)."""
    return _closed(Ending.UNAVAILABLE)


def complain_unavailable(state: State, _memory: Memory, _: on.Unavailable) -> Step:
    """The fresh token could not be checked; the old one goes on (spec 3.6)."""
    text = "the token cannot be checked right now; try again later"
    return _complaint(state, ErrorCode.UNAVAILABLE, text)


def _goodbye(given: on.ShuttingDown) -> Goodbye:
    return Goodbye(reason=Ending.SHUTDOWN.reason, retry_after=given.retry_after)


def send_away(_state: State, _memory: Memory, given: on.ShuttingDown) -> Step:
    """Tell the client when to come back, and close: it has begun nothing (spec 3.7)."""
    return _closed(Ending.SHUTDOWN, do.Send(frame=_goodbye(given)))


def say_goodbye(state: State, _memory: Memory, given: on.ShuttingDown) -> Step:
    """Tell the client when to come back; what it has begun may end first (spec 3.7)."""
    return _sent(state, _goodbye(given))


def stop(_state: State, _memory: Memory, _: on.Stopped) -> Step:
    """Close: the server has stopped (spec 3.7)."""
    return _closed(Ending.SHUTDOWN)


def give_up(_state: State, _memory: Memory, _: on.Crashed) -> Step:
    """Close because of a fault of ours, without details (spec 7.3)."""
    return _closed(Ending.INTERNAL_ERROR)


def vanish(_state: State, _memory: Memory, _: on.TransportLost) -> Step:
    """The peer is gone; there is nobody to close."""
    return Step(state=State.CLOSED, effects=(do.StopTimers(), do.Leave()))


def ignore(state: State, _memory: Memory, _: object) -> Step:
    """Nothing matters to a closed session."""
    return Step(state=state)
