"""The client at a terminal: a prompt below, the conversation above it.

Output never breaks into the line being typed: it is printed while the prompt steps
aside, one piece after the other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from typing import Any, Final

from attrs import define, field
from prompt_toolkit import PromptSession
from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import DummyHistory, History
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.output import Output
from prompt_toolkit.styles import Style
from rich.console import RenderableType

from pytlas_wamp.chat.client import Client, Connected, Disconnected, Event
from pytlas_wamp.chat.conversation import Conversation
from pytlas_wamp.chat.neutral import one_line
from pytlas_wamp.chat.paper import Paper
from pytlas_wamp.chat.problems import ChatProblem, Refused
from pytlas_wamp.chat.texts import Texts
from pytlas_wamp.chat.tokens import Tokens, TokenSource
from pytlas_wamp.chat.view import PROMPT_MARK, View, draw_note, draw_trouble

COMMANDS: Final = ("/help", "/cancel", "/who", "/quit")

_SPINNER: Final = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_FRAME_SECONDS: Final = 0.1
_PASSWORD_ATTEMPTS: Final = 3

_STYLE: Final = Style.from_dict(
    {
        "bottom-toolbar": "noreverse ansibrightblack",
        "name": "bold",
        "context": "ansimagenta",
        "busy": "ansicyan",
        "trouble": "ansiyellow",
    }
)


class _Interrupted(Exception):
    """Makes the prompt step aside for a question of the client's own."""


@define(kw_only=True)
class Terminal:
    """A Screen for people.

    Args:
      conversation: what is known.
      server: its address, as it is shown.
      source: takes names and passwords.
      history: of what was said.
      input: the keyboard.
      output: the terminal.
      paper: draws on it.
      clock: returns seconds, the same as the conversation's.
      sleep: waits for some seconds.
    """

    conversation: Conversation
    _server: str
    _source: TokenSource
    _history: History
    _input: Input
    _output: Output
    _paper: Paper
    _clock: Callable[[], float]
    _sleep: Callable[[float], Awaitable[object]]
    _client: Client | None = None
    _retry_at: float | None = None
    _kept: str = ""
    _sign_in: tuple[ChatProblem, asyncio.Future[Tokens | None]] | None = None
    _pages: list[RenderableType] = field(factory=list)
    _page_came: asyncio.Event = field(factory=asyncio.Event)
    _prompt: PromptSession[str] | None = None

    def show(self, event: Event) -> None:
        """Prints what an event looks like, above the prompt."""
        if isinstance(event, Disconnected) and event.delay:
            self._retry_at = self._clock() + event.delay
        if isinstance(event, Connected):
            self._retry_at = None
            if not event.again:
                self._put(draw_note(self._welcome()))
        page = View(self.conversation).draw(event)
        if page is not None:
            self._put(page)
        self._redraw()

    async def ask_name(self, default: str, texts: Texts) -> str:
        """Returns who the user says to be."""
        session: PromptSession[str] = PromptSession(
            history=DummyHistory(), input=self._input, output=self._output
        )
        name = await session.prompt_async(texts("ask-name", default=default))
        return name.strip() or default

    async def ask_tokens(self, texts: Texts) -> Tokens:
        """Asks for the password, three times at most; returns what it buys.

        Raises:
          ChatProblem: wrong each time, or the server cannot be asked.
        """
        for attempt in range(1, _PASSWORD_ATTEMPTS + 1):
            session: PromptSession[str] = PromptSession(
                history=DummyHistory(), input=self._input, output=self._output
            )
            password = await session.prompt_async(
                texts("ask-password", name=self.conversation.name), is_password=True
            )
            try:
                return await self._source.sign_in(self.conversation.name, password)
            except Refused as refused:
                if attempt == _PASSWORD_ATTEMPTS:
                    raise
                self._print(draw_trouble(refused.told(texts)))
        raise AssertionError("the loop returns or raises")

    async def sign_in(self, problem: ChatProblem) -> Tokens | None:
        """Asks for the password again, in place of the prompt."""
        answer: asyncio.Future[Tokens | None] = asyncio.get_running_loop().create_future()
        self._sign_in = (problem, answer)
        if self._prompt is not None and self._prompt.app.is_running:
            self._kept = self._prompt.default_buffer.text
            self._prompt.app.exit(exception=_Interrupted())
        return await answer

    async def run(self, client: Client) -> int:
        """Lets the user talk until they leave; returns the exit code.

        Raises:
          ChatProblem: the server ended it for good.
        """
        self._client = client
        connection = asyncio.ensure_future(client.run())
        helpers = [asyncio.ensure_future(self._spin()), asyncio.ensure_future(self._print_pages())]
        talk = asyncio.ensure_future(self._talk())
        try:
            await asyncio.wait({connection, talk}, return_when=asyncio.FIRST_COMPLETED)
            if talk.done():
                return await talk
            await connection
        finally:
            for task in (connection, talk, *helpers):
                task.cancel()
            await asyncio.gather(connection, talk, *helpers, return_exceptions=True)
            self._flush()
        return 0

    async def _talk(self) -> int:
        self._prompt = session = self._make_prompt()
        while True:
            if self._sign_in is not None:
                await self._answer_sign_in()
            try:
                line = await session.prompt_async(self._message, default=self._kept)
            except _Interrupted:
                continue
            except EOFError:
                self._print(draw_note(self.conversation.texts("bye")))
                return 0
            self._kept = ""
            if line.strip() == "/quit":
                return 0
            self._obey(line)

    async def _answer_sign_in(self) -> None:
        assert self._sign_in is not None  # noqa: S101 - the caller looked
        (problem, answer), self._sign_in = self._sign_in, None
        texts = self.conversation.texts
        self._flush()
        self._print(draw_trouble(problem.told(texts)))
        try:
            tokens: Tokens | None = await self.ask_tokens(texts)
        except (ChatProblem, EOFError, KeyboardInterrupt):
            tokens = None
        answer.set_result(tokens)

    def _obey(self, line: str) -> None:
        word = line.strip()
        client = self._running_client
        try:
            if not word:
                return
            if not word.startswith("/") or word.startswith("//"):
                client.say(line.replace("//", "/", 1) if word.startswith("//") else line)
            elif word == "/cancel":
                client.cancel()
            elif word == "/help":
                self._put(draw_note(self._help()))
            elif word == "/who":
                who = View(self.conversation).who(self._server, is_connected=client.is_connected)
                self._put(who)
            else:
                self._put(draw_trouble(self.conversation.texts("unknown-command", command=word)))
        except ChatProblem as problem:
            self._kept = line
            self._put(draw_trouble(problem.told(self.conversation.texts)))

    def _help(self) -> str:
        return self.conversation.texts.paragraph("help")

    def _welcome(self) -> str:
        name, server = self.conversation.name, self._server
        return self.conversation.texts("welcome", name=name, server=server)

    @property
    def _running_client(self) -> Client:
        assert self._client is not None  # noqa: S101 - run() has set it
        return self._client

    # What stands on the screen

    def _message(self) -> StyleAndTextTuples:
        conversation = self.conversation
        parts: StyleAndTextTuples = [("class:name", one_line(conversation.name))]
        if conversation.context is not None:
            parts.append(("class:context", f" [{one_line(conversation.context)}]"))
        parts.append(("class:name", f" {PROMPT_MARK} "))
        return parts

    def _toolbar(self) -> StyleAndTextTuples:
        conversation, texts = self.conversation, self.conversation.texts
        if not self._running_client.is_connected:
            if self._retry_at is None:
                return [("class:trouble", texts("connecting"))]
            left = max(round(self._retry_at - self._clock()), 0)
            return [("class:trouble", texts("waiting", seconds=left))]
        if conversation.working_since is not None:
            elapsed = self._clock() - conversation.working_since
            turn = _SPINNER[int(elapsed / _FRAME_SECONDS) % len(_SPINNER)]
            told = texts("thinking", seconds=int(elapsed))
            return [("class:busy", f"{turn} {told}"), ("", f"  {texts('thinking-keys')}")]
        if conversation.choices:
            return [("", texts("choice-keys", count=len(conversation.choices)))]
        return [("", texts("question-keys" if conversation.ask else "idle-keys"))]

    def _make_prompt(self) -> PromptSession[str]:
        return PromptSession(
            history=self._history,
            completer=Offers(self.conversation),
            complete_while_typing=Condition(self._offers),
            key_bindings=self._keys(),
            bottom_toolbar=self._toolbar,
            style=_STYLE,
            input=self._input,
            output=self._output,
            reserve_space_for_menu=4,
        )

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()

        @keys.add("c-c")
        def _(event: KeyPressEvent) -> None:
            self._interrupt(event.current_buffer)

        @keys.add("enter", filter=Condition(self._is_blank))
        def _(_: KeyPressEvent) -> None:
            """Nothing to send: the prompt stays where it is."""

        @keys.add("tab")
        @keys.add("down", filter=Condition(lambda: self._is_blank() and self._offers()))
        def _(event: KeyPressEvent) -> None:
            line = event.current_buffer
            if line.complete_state:
                line.complete_next()
            else:
                line.start_completion(select_first=True)

        return keys

    def _is_blank(self) -> bool:
        return self._prompt is not None and not self._prompt.default_buffer.text.strip()

    def _offers(self) -> bool:
        return bool(self.conversation.choices)

    def _interrupt(self, line: Buffer) -> None:
        conversation = self.conversation
        asked = conversation.ask is not None and not line.text
        if conversation.working_since is not None or asked:
            with suppress(ChatProblem):
                self._running_client.cancel()
        else:
            line.reset()

    def _redraw(self) -> None:
        if self._prompt is not None and self._prompt.app.is_running:
            self._prompt.app.invalidate()

    async def _spin(self) -> None:
        while True:
            await self._sleep(_FRAME_SECONDS)
            if self.conversation.working_since is not None or self._retry_at is not None:
                self._redraw()

    # Printing above the prompt

    def _put(self, page: RenderableType) -> None:
        self._pages.append(page)
        self._page_came.set()

    async def _print_pages(self) -> None:
        while True:
            await self._page_came.wait()
            self._page_came.clear()
            if self._prompt is not None and self._prompt.app.is_running:
                await run_in_terminal(self._flush)
            else:
                self._flush()

    def _flush(self) -> None:
        while self._pages:
            self._print(self._pages.pop(0))

    def _print(self, page: RenderableType) -> None:
        self._output.write_raw(self._paper.draw(page))
        self._output.flush()


@define
class Offers(Completer):
    """Completes the choices of a pending question, and commands."""

    _conversation: Conversation

    def get_completions(self, document: Document, _event: Any) -> Iterator[Completion]:
        """Yields what goes on from what was typed; all choices when nothing was."""
        typed = document.text_before_cursor.lstrip()
        if typed.startswith("/"):
            offers: list[str] = list(COMMANDS)
        else:
            offers = self._conversation.choices
        for number, offer in enumerate(offers, 1):
            if offer.casefold().startswith(typed.casefold()):
                shown = offer if typed.startswith("/") else f"{number} {offer}"
                yield Completion(offer, -len(document.text_before_cursor), display=shown)
