"""A session with small limits and the inputs that bring it to each state."""

from __future__ import annotations

from pytlas_wamp.limits import Limits
from pytlas_wamp.session import effects as do
from pytlas_wamp.session import inputs as on
from pytlas_wamp.session.machine import Session
from pytlas_wamp.wire.codes import Ending, ErrorCode
from pytlas_wamp.wire.messages import (
    Ask,
    AskData,
    Authenticate,
    Context,
    Done,
    Ready,
    ReadyLimits,
    Said,
    ServerInfo,
    Thinking,
)

SERVER = ServerInfo(name="pytlas-wamp", version="1.0")
LIMITS = Limits(max_held_frames=3, auth_deadline_seconds=7)
ALICE, BOB = 1, 2
QUESTION = Ask(seq=5, data=AskData(slot="room", text="?", raw_text="?", choices=None))
ROOM = Context(seq=4, name="room")

OPENED = on.Opened()
AUTHENTICATE = Authenticate(token="first")
ACCEPTED = on.TokenAccepted(user_id=ALICE, expires_in=60)
JOINED = on.Joined(language="en", seq=5, context=None, ask=None)
JOINED_ASKING = on.Joined(language="en", seq=5, context=ROOM, ask=QUESTION)
READY_FRAME = Ready(
    language="en",
    seq=5,
    resumed=False,
    server=SERVER,
    limits=ReadyLimits(
        max_message_bytes=65_536,
        max_queued_messages=32,
        turn_deadline_seconds=60.0,
        max_remembered_ids=1_000,
        message_burst=60,
        message_rate_per_second=10.0,
    ),
)

# What a client missed that had seen number 1.
MISSED = (
    Said(seq=2, message="lights", id="m1"),
    Thinking(seq=3, re="m1"),
    Done(seq=4, require_input=True, re="m1"),
    QUESTION,
)
RESUMED = on.Joined(language="en", seq=5, context=ROOM, ask=None, resumed=True, replay=MISSED[:2])
RESUMED_ASKING = on.Joined(
    language="en", seq=5, context=ROOM, ask=QUESTION, resumed=True, replay=MISSED
)
MALFORMED = on.Malformed(code=ErrorCode.INVALID_MESSAGE, detail="message.id must be a string")


def closing(ending: Ending) -> list[do.Effect]:
    """What every close by the server consists of."""
    return [do.StopTimers(), do.Leave(), do.Close(ending=ending)]


def session_after(*inputs: on.Input) -> Session:
    """A session that was given these."""
    session = Session(limits=LIMITS, server=SERVER)
    for given in inputs:
        session.handle(given)
    return session


def unauthenticated() -> Session:
    """Opened, nothing sent."""
    return session_after(OPENED)


def verifying() -> Session:
    """The first token is being checked."""
    return session_after(OPENED, AUTHENTICATE)


def joining() -> Session:
    """The token was good; the conversation has not answered yet."""
    return session_after(OPENED, AUTHENTICATE, ACCEPTED)


def ready() -> Session:
    """Alice can talk."""
    return session_after(OPENED, AUTHENTICATE, ACCEPTED, JOINED)


def awaiting() -> Session:
    """Alice can talk, and has been asked something."""
    return session_after(OPENED, AUTHENTICATE, ACCEPTED, JOINED_ASKING)


def resumed() -> Session:
    """Alice has got what she missed; no question is pending."""
    return session_after(OPENED, AUTHENTICATE, ACCEPTED, RESUMED)


def closed() -> Session:
    """The connection is gone before anybody joined anything."""
    return session_after(OPENED, on.TransportLost())
