"""The whole client: signs in, and talks at a terminal or through pipes."""

from __future__ import annotations

import asyncio
import getpass
import os
import platform
import random
import stat
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import Any, Final, TextIO

from attrs import define, field
from platformdirs import user_state_path
from prompt_toolkit.input import Input, create_input
from prompt_toolkit.output import Output, create_output
from rich.console import Console

from pytlas_wamp.chat.addresses import DEFAULT_URL, Address, parse_address
from pytlas_wamp.chat.client import Client, Dial, Screen
from pytlas_wamp.chat.conversation import Conversation
from pytlas_wamp.chat.history import open_history
from pytlas_wamp.chat.paper import Paper
from pytlas_wamp.chat.pipe import Pipe
from pytlas_wamp.chat.problems import ChatProblem
from pytlas_wamp.chat.terminal import Terminal
from pytlas_wamp.chat.texts import Texts
from pytlas_wamp.chat.tokens import HttpTokens, Tokens, TokenSource, UrllibPost, make_opener

PASSWORD_VARIABLE: Final = "PYTLAS_WAMP_PASSWORD"  # noqa: S105 - a name, not a password

_INTERRUPTED: Final = 130
_LONGEST_LINE_BYTES: Final = 1024 * 1024


def run_chat(
    url: str = DEFAULT_URL,
    *,
    name: str | None = None,
    password: str | None = None,
    password_stdin: bool = False,
) -> int:
    """Talks to a server until the user leaves; returns the exit code.

    At a terminal it asks for what it lacks. Without one it says each line of standard
    input, waits for the end of its turn and prints the answers.

    Args:
      url: of the server; http, https, ws or wss, with a path prefix or without.
      name: of the account; asked for when None.
      password: of the account; when None PYTLAS_WAMP_PASSWORD counts, then it is asked for.
      password_stdin: the first line of standard input is the password, unless that is
        a terminal.

    Returns:
      0 when all went well, 1 when it could not sign in or stay connected or a turn ended
      with an error (without a terminal), 130 when it was interrupted. What went wrong
      is printed to standard error.
    """
    texts = Texts(_language(os.environ))
    run = Run(
        name=name,
        password=password or os.environ.get(PASSWORD_VARIABLE),
        password_stdin=password_stdin,
        texts=texts,
    )
    try:
        return asyncio.run(run.talk(url))
    except ChatProblem as problem:
        sys.stderr.write(problem.told(run.spoken) + "\n")
        return 1
    except EOFError:
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED


@define(kw_only=True)
class Run:
    """One run of the client.

    Args:
      name: see run_chat.
      password: the same.
      password_stdin: the same.
      texts: in the language of the environment, until the server tells the user's.
      stdin: where lines come from.
      stdout: where answers go.
      stderr: where complaints go.
      make_source: gives tokens of a server.
      make_dial: opens connections to it.
      state: folder for the history.
      make_input: the keyboard.
      make_output: the terminal.
    """

    name: str | None = None
    password: str | None = field(default=None, repr=False)
    password_stdin: bool = False
    texts: Texts = field(factory=Texts)
    stdin: TextIO = field(factory=lambda: sys.stdin)
    stdout: TextIO = field(factory=lambda: sys.stdout)
    stderr: TextIO = field(factory=lambda: sys.stderr)
    make_source: Callable[[Address], TokenSource] = field(factory=lambda: _http_tokens)
    make_dial: Callable[[Address], Dial] = field(factory=lambda: _websocket_dial)
    state: Path = field(factory=lambda: user_state_path("pytlas-wamp"))
    make_input: Callable[[], Input] = create_input
    make_output: Callable[[], Output] = create_output
    _conversation: Conversation | None = None

    @property
    def spoken(self) -> Texts:
        """The user's language once it is known, else that of the environment."""
        conversation = self._conversation
        return conversation.texts if conversation and conversation.language else self.texts

    async def talk(self, url: str) -> int:
        """Talks to the server at this address; returns the exit code.

        Raises:
          ChatProblem: that was not possible.
        """
        address = parse_address(url)
        if self.stdin.isatty() and self.stdout.isatty():
            return await self._talk_at_terminal(address)
        async with aclosing(read_lines(self.stdin)) as lines:
            if self.password_stdin:
                self.password = await anext(lines, None)
            return await self._talk_through_pipes(address, lines)

    async def _talk_through_pipes(self, address: Address, lines: AsyncIterator[str]) -> int:
        name = self.name or _user_name()
        if name is None:
            raise ChatProblem("no-name")
        if not self.password:
            raise ChatProblem("no-password")
        conversation = self._begin(name)
        source = self.make_source(address)
        tokens = await source.sign_in(name, self.password)
        pipe = Pipe(
            conversation=conversation,
            lines=lines,
            out=partial(_print, self.stdout),
            complain=partial(_print, self.stderr),
            sleep=asyncio.sleep,
        )
        return await pipe.run(self._client(conversation, pipe, address, source, tokens))

    async def _talk_at_terminal(self, address: Address) -> int:
        source, output = self.make_source(address), self.make_output()
        conversation = self._begin(self.name or "")
        terminal = Terminal(
            conversation=conversation,
            server=address.http,
            source=source,
            history=open_history(self.state / "chat-history"),
            input=self.make_input(),
            output=output,
            paper=Paper(
                columns=lambda: output.get_size().columns,
                color_system=Console(file=self.stdout).color_system,
            ),
            clock=time.monotonic,
            sleep=asyncio.sleep,
        )
        if not conversation.name:
            conversation.name = await terminal.ask_name(_user_name() or "", self.texts)
        if self.password is None:
            tokens = await terminal.ask_tokens(self.texts)
        else:
            tokens = await source.sign_in(conversation.name, self.password)
        return await terminal.run(self._client(conversation, terminal, address, source, tokens))

    def _begin(self, name: str) -> Conversation:
        self._conversation = Conversation(name=name.strip(), clock=time.monotonic, texts=self.texts)
        return self._conversation

    def _client(
        self,
        conversation: Conversation,
        screen: Screen,
        address: Address,
        source: TokenSource,
        tokens: Tokens,
    ) -> Client:
        return Client(
            conversation=conversation,
            screen=screen,
            dial=self.make_dial(address),
            source=source,
            tokens=tokens,
            sleep=asyncio.sleep,
            random=random.random,
        )


def _http_tokens(address: Address) -> TokenSource:
    client = f"pytlas-wamp chat on {platform.node() or 'a computer'}"
    return HttpTokens(address=address, post=UrllibPost(opener=make_opener()), client=client)


def _websocket_dial(address: Address) -> Dial:
    # Importing it binds Autobahn to asyncio, which the rest of the package must not feel.
    from pytlas_wamp.chat.link import dial  # noqa: PLC0415 - see above

    return partial(dial, address)


def _language(environment: Mapping[str, str]) -> str:
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(variable):
            return environment[variable]
    return ""


def _user_name() -> str | None:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return None


def _print(stream: TextIO, text: str) -> None:
    stream.write(text + "\n")
    stream.flush()


async def read_lines(stream: TextIO) -> AsyncGenerator[str, None]:
    """Yields the lines of a stream, without their ends, as UTF-8.

    Pipes and terminals are waited for without blocking; a file never makes one wait.

    Raises:
      ChatProblem: a line is longer than any server would take.
    """
    if not _must_wait(stream):
        for line in stream:
            yield line.rstrip("\r\n")
        return
    reader = asyncio.StreamReader(limit=_LONGEST_LINE_BYTES)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), stream
    )
    try:
        while line_bytes := await _read_line(reader):
            yield line_bytes.decode("utf-8", "replace").rstrip("\r\n")
    finally:
        transport.close()


async def _read_line(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readline()
    except ValueError:
        raise ChatProblem("too-long", limit=_LONGEST_LINE_BYTES) from None


def _must_wait(stream: Any) -> bool:
    try:
        mode = os.fstat(stream.fileno()).st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or stream.isatty()
