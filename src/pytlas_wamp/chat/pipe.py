"""The client without a terminal: lines in, plain text out, one after the other.

Only what the own messages cause is printed, so that a script sees its answers and
not those to somebody who talks on another device.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from attrs import define, field

from pytlas_wamp.chat.client import Client, Connected, Disconnected, Event
from pytlas_wamp.chat.conversation import Conversation
from pytlas_wamp.chat.problems import ChatProblem
from pytlas_wamp.chat.tokens import Tokens
from pytlas_wamp.chat.view import plain_answer, plain_ask, tell_error
from pytlas_wamp.wire.messages import Answer, Ask, Done, Error, ServerMessage

# An `ask` comes after its `done` (spec 5.2), and so does a second intent's answer.
LINGER_SECONDS: Final = 0.25


@define(kw_only=True)
class Pipe:
    """A Screen for scripts, and what reads their lines.

    Args:
      conversation: says which turns are under way.
      lines: what to say, one after the other, without line ends.
      out: prints a text and a line end to standard output.
      complain: the same to standard error.
      sleep: waits for some seconds.
    """

    conversation: Conversation
    _lines: AsyncIterator[str]
    _out: Callable[[str], None]
    _complain: Callable[[str], None]
    _sleep: Callable[[float], Awaitable[object]]
    _changed: asyncio.Event = field(factory=asyncio.Event)
    _own: set[str] = field(factory=set)
    _has_failed: bool = False
    _is_cut_off: bool = False
    _may_ask: bool = False

    def show(self, event: Event) -> None:
        """Prints what an own message caused, and complaints."""
        match event:
            case Connected():
                pass
            case Disconnected(unfinished=unfinished) if unfinished:
                self._complain(self.conversation.texts("gave-up"))
                self._has_failed = self._is_cut_off = True
            case Disconnected():
                pass
            case _ if self._is_own(event):
                self._print(event)
            case Ask(data=data):
                self._complain(self.conversation.texts("pending", question=data.text))
        self._changed.set()

    async def sign_in(self, _: ChatProblem) -> Tokens | None:
        """Returns nothing: nobody is there to be asked."""
        return None

    async def run(self, client: Client) -> int:
        """Says every line, waiting for the end of each turn; returns the exit code.

        Returns 0 when every turn ended well, 1 when one ended with an error or its
        answer never came.

        Raises:
          ChatProblem: a line could not be sent, or the server ended it for good.
        """
        connection = asyncio.ensure_future(client.run())
        talk = asyncio.ensure_future(self._talk(client))
        try:
            await asyncio.wait({connection, talk}, return_when=asyncio.FIRST_COMPLETED)
            if not talk.done():
                # It never returns, so there is a reason to tell.
                await connection
            return await talk
        finally:
            connection.cancel()
            talk.cancel()
            await asyncio.gather(connection, talk, return_exceptions=True)

    async def _talk(self, client: Client) -> int:
        await self._until(lambda: client.is_connected)
        # A question that was pending is told before it is answered by the first line.
        await self._settle()
        async for line in self._lines:
            if not line.strip():
                continue
            # The connection may have been lost while no line came.
            await self._until(lambda: client.is_connected)
            self._own.add(client.say(line))
            await self._until(lambda: not self.conversation.turns)
            if self._is_cut_off:
                break
            if self._may_ask:
                await self._settle()
        await self._settle()
        return int(self._has_failed)

    async def _settle(self) -> None:
        """Waits for what may come behind a `done`."""
        await self._sleep(LINGER_SECONDS)
        await self._until(lambda: self.conversation.working_since is None)

    async def _until(self, is_so: Callable[[], bool]) -> None:
        while not is_so():
            self._changed.clear()
            await self._changed.wait()

    def _is_own(self, event: ServerMessage) -> bool:
        return getattr(event, "re", None) in self._own

    def _print(self, frame: ServerMessage) -> None:
        texts = self.conversation.texts
        match frame:
            case Answer(data=data):
                self._out(plain_answer(data, texts))
            case Ask(data=data):
                self._out(plain_ask(data))
            case Error():
                self._complain(tell_error(frame, texts))
                self._has_failed = True
            case Done(require_input=require_input):
                self._may_ask = require_input
