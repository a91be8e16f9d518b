"""A session with small limits and the inputs that bring it to each state."""

from __future__ import annotations

from pytlas_wamp.limits import Limits
from pytlas_wamp.session import inputs as on
from pytlas_wamp.session.machine import Session
from pytlas_wamp.wire.codes import ErrorCode
from pytlas_wamp.wire.messages import Ask, AskData, Authenticate, Context, ServerInfo

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
MALFORMED = on.Malformed(code=ErrorCode.INVALID_MESSAGE, detail="message.id must be a string")


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


def closed() -> Session:
    """The connection is gone before anybody joined anything."""
    return session_after(OPENED, on.TransportLost())
