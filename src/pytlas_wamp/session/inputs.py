"""What can happen to a session, besides the messages a client sends (spec 3).

From the peer come `wire.messages.ClientMessage` and the classes below that say so;
everything else comes from our side of the connection.
"""

from __future__ import annotations

from enum import Enum

from attrs import field, frozen

from pytlas_wamp.wire.codes import Ending
from pytlas_wamp.wire.messages import (
    Ask,
    Authenticate,
    Cancel,
    ClientMessage,
    Context,
    Done,
    Message,
    Said,
    ServerMessage,
    Thinking,
)


class Timer(Enum):
    """The two clocks of a session."""

    AUTHENTICATION = "authentication"
    CREDENTIALS = "credentials"


@frozen(kw_only=True)
class Opened:
    """The WebSocket handshake is done."""


@frozen(kw_only=True)
class Malformed:
    """Peer: a text frame that is no message; the connection can go on."""

    code: str
    detail: str


@frozen(kw_only=True)
class Binary:
    """Peer: a binary frame."""


@frozen(kw_only=True)
class RateExceeded:
    """Peer: a frame that came too fast, and stands for that frame (spec 3.8).

    Args:
      retry_after: seconds until one will be taken again.
      re: the `id` of the frame, if it had a usable one.
    """

    retry_after: float
    re: str | None = None


@frozen(kw_only=True)
class Flooding:
    """Peer: a frame that came too fast, after too many such frames in a row (spec 3.8)."""


@frozen(kw_only=True)
class Unreadable:
    """Peer: bytes after which nothing more can be read; `ending` says why."""

    ending: Ending


@frozen(kw_only=True)
class SlowReader:
    """Peer: it does not read what it is sent, and no more can be kept for it (spec 5.8)."""


@frozen(kw_only=True)
class TokenAccepted:
    """The token expires in so many seconds, and what it opened ends in so many (spec 6.18)."""

    user_id: int
    expires_in: float
    ends_in: float = field()

    @ends_in.default
    def _no_later(self) -> float:
        return self.expires_in


@frozen(kw_only=True)
class TokenRefused:
    """The token is no good; `ending` is one of those with code 1000."""

    ending: Ending


@frozen(kw_only=True)
class Joined:
    """The conversation counts this connection among its devices from now on.

    Args:
      language: the user's language as stored.
      seq: the last number used in the conversation.
      context: the frame that told of the context the conversation is in, if any.
      ask: the frame of the pending question, if any.
      resumed: whether `replay` is all that the client has missed.
      replay: the frames after the client's `after`, in order; they tell of context and
        question themselves, so neither is sent beside them.
    """

    language: str
    seq: int
    context: Context | None
    ask: Ask | None
    resumed: bool = False
    replay: tuple[ServerMessage, ...] = ()


@frozen(kw_only=True)
class TooManyConnections:
    """The user has as many devices as are allowed; this connection is none (spec 3.8)."""


@frozen(kw_only=True)
class Asked:
    """The conversation asks the user something."""

    frame: Ask


@frozen(kw_only=True)
class Moved:
    """The conversation does something, so no earlier question is pending."""

    frame: Thinking | Done | Said


@frozen(kw_only=True)
class Delivered:
    """Any other frame of the conversation."""

    frame: ServerMessage


@frozen(kw_only=True)
class DeadlinePassed:
    """A timer the session started has run out."""

    timer: Timer


@frozen(kw_only=True)
class CredentialsDied:
    """The token was revoked, or its account disabled or deleted."""

    ending: Ending


@frozen(kw_only=True)
class Unavailable:
    """Something needed to verify or to join cannot be reached right now."""


@frozen(kw_only=True)
class ShuttingDown:
    """The server is about to stop; `retry_after` is in seconds."""

    retry_after: float


@frozen(kw_only=True)
class Stopped:
    """The server has stopped: nothing comes of anything any more."""


@frozen(kw_only=True)
class Crashed:
    """We failed at something we should not have; the trace is in the log."""


@frozen(kw_only=True)
class TransportLost:
    """The connection is gone."""


PeerInput = ClientMessage | Malformed | Binary | RateExceeded | Flooding
FrameInput = Asked | Moved | Delivered
Input = (
    Opened
    | PeerInput
    | Unreadable
    | SlowReader
    | TokenAccepted
    | TokenRefused
    | Joined
    | TooManyConnections
    | FrameInput
    | DeadlinePassed
    | CredentialsDied
    | Unavailable
    | ShuttingDown
    | Stopped
    | Crashed
    | TransportLost
)
INPUTS: tuple[type[Input], ...] = (
    Opened,
    Authenticate,
    Message,
    Cancel,
    Malformed,
    Binary,
    RateExceeded,
    Flooding,
    Unreadable,
    SlowReader,
    TokenAccepted,
    TokenRefused,
    Joined,
    TooManyConnections,
    Asked,
    Moved,
    Delivered,
    DeadlinePassed,
    CredentialsDied,
    Unavailable,
    ShuttingDown,
    Stopped,
    Crashed,
    TransportLost,
)


_MOVING = (Thinking, Done, Said)


def from_frame(frame: ServerMessage) -> FrameInput:
    """What a frame of the conversation means to the session (spec 3.5)."""
    if isinstance(frame, Ask):
        return Asked(frame=frame)
    if isinstance(frame, _MOVING):
        return Moved(frame=frame)
    return Delivered(frame=frame)
