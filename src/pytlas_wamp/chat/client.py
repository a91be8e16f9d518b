"""Keeps a conversation connected: opens, authenticates, renews, reconnects.

Sockets, waiting and chance come in through the constructor.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from attrs import define, field, frozen

from pytlas_wamp.chat.conversation import Conversation, Turn
from pytlas_wamp.chat.problems import ChatProblem, Refused, Unreachable
from pytlas_wamp.chat.tokens import Tokens, TokenSource
from pytlas_wamp.errors import ClientError
from pytlas_wamp.wire.codec import decode_server, encode
from pytlas_wamp.wire.codes import ErrorCode
from pytlas_wamp.wire.messages import Authenticate, Goodbye, Ready, ServerMessage

FIRST_DELAY_SECONDS: Final = 1.0
LONGEST_DELAY_SECONDS: Final = 30.0
# A server that says it comes back tomorrow is asked sooner: a person is waiting.
_LONGEST_WISH_SECONDS: Final = 60.0

# Answers may carry pictures as data URLs, several levels deep in metadata.
_MAX_DEPTH: Final = 64

_NORMAL: Final = 1000
_RENEW_EARLY_SECONDS: Final = 300.0
_RENEW_SOONEST_SECONDS: Final = 5.0


@frozen(kw_only=True)
class Closed:
    """The end of a connection: code and reason as in spec 7.2, 1006 without any."""

    code: int
    reason: str


class Link(Protocol):
    """An open WebSocket."""

    def send(self, text: str, /) -> None:
        """Sends a text frame; does nothing when the connection has ended."""

    async def receive(self) -> str | Closed:
        """Returns the next text frame, or how the connection ended."""

    async def close(self) -> None:
        """Closes it, if it is still open."""


Dial = Callable[[], Awaitable[Link]]


@frozen(kw_only=True)
class Connected:
    """The conversation can go on.

    Args:
      again: whether it was connected before.
    """

    again: bool


@frozen(kw_only=True)
class Disconnected:
    """The connection is lost, and will be tried again.

    Args:
      problem: why, None when the server had said goodbye.
      delay: seconds until the next attempt.
      unfinished: turns whose outcome is not known. They are never sent again by
        itself: the server may have done what they say.
      first: whether this is news, and not one more attempt that failed.
    """

    problem: ChatProblem | None
    delay: float
    unfinished: tuple[Turn, ...]
    first: bool


Event = ServerMessage | Connected | Disconnected


class Screen(Protocol):
    """Who shows what happens."""

    def show(self, event: Event, /) -> None:
        """Shows it; the conversation has already learned from it."""

    async def sign_in(self, problem: ChatProblem, /) -> Tokens | None:
        """Asks the person for credentials, telling why; None when that is not possible."""


@define(kw_only=True)
class Client:
    """One device of a user.

    Args:
      conversation: is told every frame.
      screen: is shown every frame, after that.
      dial: opens a WebSocket, or raises ChatProblem.
      source: gives fresh tokens.
      tokens: to begin with.
      sleep: waits for some seconds.
      random: returns a number from 0 to 1.
    """

    conversation: Conversation
    _screen: Screen
    _dial: Dial
    _source: TokenSource
    _tokens: Tokens = field(repr=False)
    _sleep: Callable[[float], Awaitable[object]]
    _random: Callable[[], float]
    _link: Link | None = None
    _was_ready: bool = False
    _is_lost: bool = False
    _failures: int = 0
    _refusals: int = 0
    _has_asked: bool = False
    _wish: float | None = None

    @property
    def is_connected(self) -> bool:
        """Whether what is said now would be sent."""
        return self.conversation.ready is not None

    def say(self, line: str) -> str:
        """Sends what the user says, and returns its id.

        Raises:
          ChatProblem: not connected, or too long; nothing was sent.
        """
        link = self._connected_link()
        message = self.conversation.say(line)
        link.send(encode(message))
        return message.id or ""

    def cancel(self) -> None:
        """Stops what the assistant is doing.

        Raises:
          ChatProblem: not connected.
        """
        link = self._connected_link()
        link.send(encode(self.conversation.cancel()))

    async def run(self) -> None:
        """Stays connected until it is cancelled.

        Raises:
          ChatProblem: there is no point in going on; says why.
        """
        refusal: str | None = None
        while True:
            try:
                if refusal is not None:
                    await self._replace_tokens(refusal)
                    refusal = None
                closed = await self._talk()
            except Unreachable as unreachable:
                await self._pause(unreachable)
                continue
            if closed.code == _NORMAL:
                refusal = closed.reason
                self._report_unfinished()
            else:
                said_goodbye = self._wish is not None
                lost = ChatProblem("lost", reason=_told(closed))
                await self._pause(None if said_goodbye else lost)

    async def _talk(self) -> Closed:
        """Holds one connection from its opening to its end."""
        link = await self._dial()
        self._wish = None
        renewal: asyncio.Future[None] | None = None
        try:
            self._link = link
            link.send(encode(self._authenticate()))
            while not isinstance(received := await link.receive(), Closed):
                frame = self._read(received)
                if isinstance(frame, Ready):
                    renewal = renewal or asyncio.ensure_future(self._renew(link))
                if frame is not None:
                    self._take(frame)
            return received
        finally:
            self._link = None
            if renewal is not None:
                renewal.cancel()
            await link.close()

    def _authenticate(self) -> Authenticate:
        return Authenticate(token=self._tokens.access, after=self.conversation.last_seq)

    def _read(self, text: str) -> ServerMessage | None:
        try:
            return decode_server(text, max_depth=_MAX_DEPTH)
        except ClientError as error:
            # Newer servers say more than this client knows (spec 9.1).
            if error.code == ErrorCode.UNKNOWN_TYPE:
                return None
            raise ChatProblem("unreadable", detail=error.detail) from None

    def _take(self, frame: ServerMessage) -> None:
        self.conversation.take(frame)
        if isinstance(frame, Goodbye):
            self._wish = min(frame.retry_after, _LONGEST_WISH_SECONDS)
        if isinstance(frame, Ready):
            # Not before: a server that accepts and then closes would be called without end.
            self._failures = self._refusals = 0
            self._has_asked = False
            self._is_lost = False
            self._screen.show(Connected(again=self._was_ready))
            self._was_ready = True
        else:
            self._screen.show(frame)

    async def _renew(self, link: Link) -> None:
        """Shows fresh tokens in-band before the old ones expire (spec 3.6)."""
        while self._tokens.expires_in is not None:
            left = self._tokens.expires_in
            early = min(_RENEW_EARLY_SECONDS, left / 2)
            await self._sleep(max(left - early, _RENEW_SOONEST_SECONDS))
            try:
                self._tokens = await self._source.refresh(self._tokens.refresh)
            except ChatProblem:
                # The connection ends with the old token, and that path asks the person.
                return
            link.send(encode(Authenticate(token=self._tokens.access)))

    async def _replace_tokens(self, reason: str) -> None:
        """Gets other tokens after a close with 1000: first by itself, then from the person."""
        if reason == "account-disabled":
            raise ChatProblem("account-disabled")
        why = self.conversation.texts.reason(reason)
        fresh = await self._refreshed() if self._refusals == 0 else None
        if fresh is None and not self._has_asked:
            self._has_asked = True
            fresh = await self._screen.sign_in(ChatProblem("sign-in-again", reason=why))
        if fresh is None:
            raise ChatProblem("closed-for-good", reason=why)
        self._refusals += 1
        self._tokens = fresh

    async def _refreshed(self) -> Tokens | None:
        try:
            return await self._source.refresh(self._tokens.refresh)
        except Refused:
            return None

    def _report_unfinished(self) -> None:
        unfinished = self.conversation.drop()
        if unfinished:
            self._screen.show(
                Disconnected(problem=None, delay=0, unfinished=unfinished, first=False)
            )

    async def _pause(self, problem: ChatProblem | None) -> None:
        delay = self._next_delay()
        first, self._is_lost = not self._is_lost, True
        unfinished = self.conversation.drop()
        self._screen.show(
            Disconnected(problem=problem, delay=delay, unfinished=unfinished, first=first)
        )
        await self._sleep(delay)

    def _next_delay(self) -> float:
        """Seconds to wait: doubled each time, changed by chance so that clients spread out."""
        wish, self._wish = self._wish, None
        if wish is not None:
            return wish + self._random()
        delay = FIRST_DELAY_SECONDS * 2 ** min(self._failures, 10)
        self._failures += 1
        spread: float = delay * (0.75 + self._random() / 2)
        return min(max(spread, FIRST_DELAY_SECONDS), LONGEST_DELAY_SECONDS)

    def _connected_link(self) -> Link:
        if self._link is None or not self.is_connected:
            raise ChatProblem("not-connected")
        return self._link


def _told(closed: Closed) -> str:
    return f"{closed.code} {closed.reason}".strip()
