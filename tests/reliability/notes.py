"""What a client writes down while it talks, to be held against the log afterwards."""

from __future__ import annotations

from collections import Counter
from typing import Any

from attrs import define, field, frozen

Document = dict[str, Any]

# The outcome of a message that went well; any other is the code of an error.
DONE = "done"


@define(eq=False, kw_only=True)
class Sent:
    """One message.

    Args:
      document: the frame, the same each time it is sent.
      at: when it was sent first, in seconds since the epoch.
      times: how often it was sent.
      visits: the connections it was sent on.
      outcome: the last one seen, None as long as there is none.
      told: when that was.
      code: of the error seen last, until the `done` behind it is seen.
    """

    document: Document
    at: float
    times: int = 0
    visits: set[int] = field(factory=set)
    outcome: str | None = None
    told: float = 0.0
    code: str | None = None

    @property
    def id(self) -> str:
        """Its id."""
        return self.document["id"]


@frozen
class Seen:
    """One frame with a number, and when it came."""

    document: Document
    at: float

    @property
    def seq(self) -> int:
        """Its number."""
        return self.document["seq"]


@define(eq=False, kw_only=True)
class Visit:
    """One connection that got `ready`.

    Args:
      number: counted from 0.
      after: what the client said it had seen.
      seq: what `ready` said.
      resumed: the same.
      seen: its frames, as they came.
    """

    number: int
    after: int | None
    seq: int
    resumed: bool
    seen: list[Seen] = field(factory=list)


@define(eq=False, kw_only=True)
class Notes:
    """Everything that one client has seen.

    Args:
      name: of the user; stands in every text.
      user_id: the number.
      device: which of the user's clients it is, where there are several; stands in the ids.
      sent: messages by their id.
      refused: how often which code came without a number.
      closes: how often the server closed, by code.
      complaints: what was wrong at once.
      gone: of every `question-gone`: the number of the question, and the id of the reply.
    """

    name: str
    user_id: int
    device: str = ""
    sent: dict[str, Sent] = field(factory=dict)
    visits: list[Visit] = field(factory=list)
    refused: Counter[str] = field(factory=Counter)
    closes: Counter[str] = field(factory=Counter)
    complaints: list[str] = field(factory=list)
    gone: list[tuple[int, str]] = field(factory=list)

    @property
    def open(self) -> list[Sent]:
        """Messages without an outcome."""
        return [one for one in self.sent.values() if one.outcome is None]

    @property
    def seen(self) -> list[Seen]:
        """All frames of all connections."""
        return [one for visit in self.visits for one in visit.seen]
