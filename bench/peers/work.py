"""What the peers have in common: tokens, frames, and a stock pytlas agent in a thread.

None of them has what surrounds a turn here: no log, no order between devices, no limits, no
check of what a message looks like beyond what they need.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import jwt
import orjson
from attrs import define

SECRET = os.environ.get("BENCH_SECRET", "")
# As many as our server has: the usual 32 would be less than what sits in slow skills.
THREADS = ThreadPoolExecutor(256, thread_name_prefix="skill")
READY = orjson.dumps({"type": "ready", "language": "en-US"})


def user_of(text: str | bytes) -> int:
    """Whose token the first frame has.

    Raises:
      jwt.InvalidTokenError: nobody's.
    """
    claims = jwt.decode(orjson.loads(text)["token"], SECRET, algorithms=["HS256"])
    return int(claims["user_id"])


def encode(kind: str, re: str | None, **more: Any) -> bytes:
    """A frame of the conversation."""
    return orjson.dumps({"type": kind, "re": re, **more})


def plain_answer(text: str | bytes) -> list[bytes]:
    """The three frames of a turn without any assistant."""
    message = orjson.loads(text)
    said, re = message["message"], message.get("id")
    data = {"text": said, "raw_text": said, "cards": None}
    return [
        encode("thinking", re),
        encode("answer", re, data=data),
        encode("done", re, require_input=False),
    ]


@define
class Talk:
    """The conversation of one connection, with an agent of its own.

    Args:
      send: takes each frame; called in the thread of the skill.
      interpreter: as all have.
    """

    send: Callable[[bytes], object]
    interpreter: Any
    _agent: Any = None
    _re: str | None = None

    def say(self, text: str | bytes) -> None:
        """Take a turn (blocks as long as the skill does)."""
        message = orjson.loads(text)
        if self._agent is None:
            # Not before: a connection shall not wait for what it may not need.
            import pytlas  # noqa: PLC0415 - bare peers have none

            self._agent = pytlas.Agent(self.interpreter, model=self)
        self._re = message.get("id")
        self._agent.parse(message["message"])

    def on_thinking(self) -> None:
        """See `pytlas.Agent`."""
        self.send(encode("thinking", self._re))

    def on_answer(self, text: str, cards: Any, **meta: Any) -> None:
        """See `pytlas.Agent`."""
        self.send(encode("answer", self._re, data={**meta, "text": text, "cards": cards}))

    def on_done(self, require_input: bool) -> None:  # noqa: FBT001 - pytlas' signature
        """See `pytlas.Agent`."""
        self.send(encode("done", self._re, require_input=require_input))


class Speaker(Protocol):
    """The conversation of one connection."""

    def say(self, text: str | bytes) -> None:
        """Take a turn (blocks as long as the skill does)."""


class Mailbox:
    """Carries frames from the thread of a skill to an event loop, which is woken once for many.

    Args:
      loop: where they are awaited.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._frames: deque[bytes | None] = deque()
        self._news = asyncio.Event()
        self._called = False

    def put(self, frame: bytes | None) -> None:
        """Send a frame (in any thread)."""
        self._frames.append(frame)
        if not self._called:
            self._called = True
            self._loop.call_soon_threadsafe(self._news.set)

    def _run(self, talk: Speaker, text: str | bytes) -> None:
        try:
            talk.say(text)
        finally:
            self.put(None)

    async def turn(self, talk: Speaker, text: str | bytes) -> AsyncIterator[bytes]:
        """The frames of a turn, as they come."""
        THREADS.submit(self._run, talk, text)
        while True:
            await self._news.wait()
            self._news.clear()
            # Before the frames are taken: one that comes now wakes us again.
            self._called = False
            while self._frames:
                frame = self._frames.popleft()
                if frame is None:
                    return
                yield frame


def prepare(kind: str) -> Callable[[Callable[[bytes], object]], Speaker]:
    """Load the skill; returns what makes the conversation of a connection.

    Args:
      kind: `agent` for that of pytlas, `light` for ours.
    """
    from bench.interpreter import FirstWord  # noqa: PLC0415 - bare peers have no pytlas

    sys.path.insert(0, str(Path(__file__).parents[1] / "skills"))
    __import__("echo")
    interpreter = FirstWord("en")
    interpreter.fit_from_skill_data()
    if kind == "agent":
        return lambda send: Talk(send, interpreter)
    from bench.peers.light import LightTalk  # noqa: PLC0415 - the others do without

    return lambda send: LightTalk(send, interpreter)
