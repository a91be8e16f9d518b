"""What a sentence leads to, frame by frame, as spec 5.2 and the skills of these tests say.

A *shape* is a frame without its number, and without what it is about: `("answer", "echo t1")`.
"""

from __future__ import annotations

from typing import Any

from attrs import define, field, frozen

from survival_skills import DOUBLE, LEVELS

Shape = tuple[Any, ...]

THINKING: Shape = ("thinking",)
DONE: Shape = ("done", False)
LISTEN: Shape = ("done", True)
ROOT: Shape = ("context", None)
ROOM: Shape = ("ask", "room", "Which room?")
# Two intents, none of which asks.
PAIRS = ("pair", "slowpair")
# What a turn may be cut off with, besides a cancel (spec 5.7).
CUTS = ("interrupted", "unavailable", "skill-timeout", "busy")


def shape_of(frame: dict[str, Any]) -> Shape:
    """A frame without number and `re`."""
    kind = frame["type"]
    if kind == "answer":
        return (kind, frame["data"]["text"])
    if kind == "ask":
        return (kind, frame["data"]["slot"], frame["data"]["text"])
    rest = {"done": "require_input", "context": "name", "error": "code"}.get(kind)
    return (kind,) if rest is None else (kind, frame[rest])


@frozen(kw_only=True)
class Sent:
    """A message as its client made it.

    Args:
      user: whose client.
      document: the whole frame; its sentence is `word tag`.
    """

    user: int
    document: dict[str, Any]

    @property
    def id(self) -> str | None:
        return self.document.get("id")

    @property
    def word(self) -> str:
        return self.document["message"].partition(" ")[0]

    @property
    def tag(self) -> str:
        return self.document["message"].partition(" ")[2]


@define(eq=False)
class Accepted:
    """A message in the log, and what became of it.

    Args:
      sent: the message.
      seq: of its `said`.
      at: when it was accepted.
      reply: whether a question was open then.
      outcome: "ended", "cancelled", "interrupted" or "forgotten"; None as long as it has none.
      failed: whether the log could not be written since.
    """

    sent: Sent
    seq: int
    at: float
    reply: bool
    outcome: str | None = None
    failed: bool = False

    @property
    def id(self) -> str | None:
        return self.sent.id


@frozen(kw_only=True)
class Question:
    """What an agent waits for.

    Args:
      frame: the `ask`.
      room: what was answered before; None when that is the question.
      queue: what will be said when all is answered: the intents that wait behind it.
    """

    frame: dict[str, Any]
    room: str | None = None
    queue: tuple[str, ...] = ()


def plan(word: str, tag: str, context: str | None) -> list[Shape]:
    """What a message leads to that is no reply and no cancel."""
    if context is not None:
        return [THINKING, ROOT, DONE] if word == "leave" else [DONE]
    if word in PAIRS:
        first, second = (("answer", f"{name} {tag}") for name in DOUBLE[word])
        return [THINKING, first, DONE, THINKING, second, DONE]
    if word in {"lights", "askpair"}:
        return [THINKING, LISTEN, ROOM]
    if word in {"echo", "slow", "linger", "later", "ring"}:
        return [THINKING, ("answer", f"{word} {tag}"), DONE]
    return {
        "silent": [THINKING, DONE],
        "boom": [THINKING, ("error", "skill-failed"), DONE],
        "enter": [THINKING, ("context", "vault"), DONE],
    }.get(word, [DONE])


def reply_plan(text: str, question: Question) -> list[Shape]:
    """What the reply to a question leads to."""
    if question.room is None:
        return [THINKING, LISTEN, ("ask", "level", f"Which level in {text}?")]
    level = next((level for level in LEVELS if level in text.split()), None)
    if level is None:
        return [THINKING, LISTEN, shape_of(question.frame)]
    return [THINKING, ("answer", f"{question.room} {level}"), DONE]


CANCEL_PLANS = (
    [ROOT, THINKING, ("answer", "cancelled"), DONE],
    [DONE],
)


@define(eq=False)
class Running:
    """A turn of which something was seen, or may be.

    Args:
      id: what its frames have as `re`.
      kind: "message", "cancel" or "wake".
      message: what began it, if a message did.
      ways: what may still come, each way a list.
      cut: whether it was cancelled; what it said before that may still come.
      question: what its message was the reply to.
      other_ways: what may come if the last `thinking` was that of another intent.
      seen: what has come of it.
    """

    id: str | None
    kind: str
    message: Accepted | None = None
    ways: list[list[Shape]] | None = None
    cut: bool = False
    question: Question | None = None
    other_ways: list[list[Shape]] = field(factory=list)
    seen: list[Shape] = field(factory=list)

    @property
    def is_complete(self) -> bool:
        return self.ways is not None and [] in self.ways

    def take(self, shape: Shape) -> bool:
        """Whether this may come next; if so, it has come."""
        ways = [way[1:] for way in self.ways or [] if way and way[0] == shape]
        if ways:
            self.ways = ways
            self.seen.append(shape)
        return bool(ways)


@frozen(kw_only=True)
class Kept:
    """How things stood with the agent after its last turn: what comes back after a kill."""

    question: Question | None = None
    context: str | None = None
    loose: tuple[str, ...] = ()


@frozen(kw_only=True)
class Durable:
    """What a batch holds that is made now.

    Args:
      seq: the last number in it.
      open: messages without an outcome.
      kept: see there.
      context: as devices know it.
      wakes: whether a turn may have been begun by no message.
      maybe: messages whose cancel has not ended, or has in the same moment.
    """

    seq: int = 0
    open: tuple[Accepted, ...] = ()
    kept: Kept = Kept()
    context: str | None = None
    wakes: bool = False
    maybe: tuple[Accepted, ...] = ()
