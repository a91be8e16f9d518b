"""What a session wants done; the transport's performer does it, in order."""

from __future__ import annotations

from attrs import field, frozen

from pytlas_wamp.session.inputs import Timer
from pytlas_wamp.wire.codes import Ending
from pytlas_wamp.wire.messages import Message, ServerMessage


@frozen(kw_only=True)
class Send:
    """Send a frame to the peer."""

    frame: ServerMessage


@frozen(kw_only=True)
class VerifyToken:
    """Find out whose token it is; comes back as TokenAccepted, TokenRefused or Unavailable."""

    token: str = field(repr=False)


@frozen(kw_only=True)
class Join:
    """Become a device of the user's conversation; comes back as Joined or Unavailable.

    Args:
      user_id: whose conversation.
      after: the last `seq` the client has seen, if it said so (spec 5.9).
    """

    user_id: int
    after: int | None


@frozen(kw_only=True)
class Leave:
    """Be a device no longer; harmless when there was no Join."""


@frozen(kw_only=True)
class Say:
    """Hand what the user said to the conversation."""

    message: Message


@frozen(kw_only=True)
class CancelTurn:
    """Stop what the conversation is doing; `id` is the client's, if it gave one."""

    id: str | None


@frozen(kw_only=True)
class StartTimer:
    """Start a timer, or start it anew; comes back as DeadlinePassed."""

    timer: Timer
    seconds: float


@frozen(kw_only=True)
class StopTimers:
    """Stop all timers of this session."""


@frozen(kw_only=True)
class Close:
    """Close the connection with this code and reason."""

    ending: Ending


Effect = Send | VerifyToken | Join | Leave | Say | CancelTurn | StartTimer | StopTimers | Close
EFFECTS: tuple[type[Effect], ...] = (
    Send,
    VerifyToken,
    Join,
    Leave,
    Say,
    CancelTurn,
    StartTimer,
    StopTimers,
    Close,
)
