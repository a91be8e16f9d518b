"""The daemon as a process of its own, and a small client that talks to it over a socket."""

from __future__ import annotations

import http.client
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any
from weakref import finalize

from attrs import define, field

from frames import check_frame, short
from pytlas_wamp.accounts.accounts import Accounts
from pytlas_wamp.config import prepare_data_dir, read_config
from pytlas_wamp.service.accounts import make_secret, open_accounts
from wire_devices import HANDSHAKE, frame, text

BIN = Path(sys.executable).parent
# What the shell sees of a daemon that was told to end, and has done so.
IN_ORDER = 0
# Far beyond what anything takes; a test that gets here has failed.
PATIENCE_SECONDS = 20


def environment(**more: str) -> dict[str, str]:
    """That of this process without what would configure a daemon."""
    ours = ("WEB_", "SERVER_", "DATABASE_", "PYTLAS_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "PYTHONUNBUFFERED": "1", **more}


def twistd(*arguments: str | Path) -> list[str]:
    return [str(BIN / "twistd"), "-n", "--pidfile=", "pytlas", *map(str, arguments)]


@define(eq=False)
class Daemon:
    """A running daemon.

    Args:
      process: itself.
      lines: what it has printed and logged so far.
    """

    process: subprocess.Popen[str]
    lines: list[str] = field(init=False, factory=list)
    _talks: list[Talk] = field(init=False, factory=list)
    _news: threading.Condition = field(init=False, factory=threading.Condition)
    _ended: bool = field(init=False, default=False)
    _reader: threading.Thread = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Read what it prints, so that it never waits for us."""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @classmethod
    def start(cls, command: list[str], folder: Path, **more: str) -> Daemon:
        """Start it in a folder; HOME is that folder too."""
        return cls(
            subprocess.Popen(  # noqa: S603 - our own command
                command,
                cwd=folder,
                env=environment(HOME=str(folder), **more),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        )

    def _read(self) -> None:
        for line in self.process.stdout:
            with self._news:
                self.lines.append(line.rstrip("\n"))
                self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()

    def wait_for(self, pattern: str) -> re.Match[str]:
        """The first line that this pattern is found in."""

        def found() -> re.Match[str] | None:
            return next(filter(None, (re.search(pattern, line) for line in self.lines)), None)

        with self._news:
            self._news.wait_for(lambda: found() or self._ended, PATIENCE_SECONDS)
        match = found()
        assert match is not None, self.output()
        return match

    def output(self) -> str:
        return "\n".join(self.lines)

    def address(self) -> tuple[str, int]:
        """Where it listens."""
        match = self.wait_for(r"listening on http://([0-9.]+):([0-9]+)")
        return match[1], int(match[2])

    def wait(self) -> int:
        """Wait for its end; the exit code."""
        code = self.process.wait(PATIENCE_SECONDS)
        self._reader.join(PATIENCE_SECONDS)
        self.process.stdout.close()
        return code

    def stop(self) -> int:
        """End it as the system does, if it still runs; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def end(self) -> None:
        """Stop it if it still runs, and hang up all that was opened to it."""
        if not self.process.stdout.closed:
            self.stop()
        for talk in self._talks:
            talk.hang_up()

    def ask(
        self, method: str, path: str, document: object = None, *, token: str | None = None
    ) -> tuple[int, Any]:
        """An HTTP request; status and document of the answer, None if it has none."""
        status, _, found = self.ask_whole(method, path, document, token=token)
        return status, found

    def ask_whole(
        self, method: str, path: str, document: object = None, *, token: str | None = None
    ) -> tuple[int, http.client.HTTPMessage, Any]:
        """The same, with the headers of the answer between the two."""
        connection = http.client.HTTPConnection(*self.address(), timeout=PATIENCE_SECONDS)
        body = None if document is None else json.dumps(document)
        headers = {"Content-Type": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        raw = answer.read()
        connection.close()
        return answer.status, answer.headers, json.loads(raw) if raw else None

    def sign_in(self, name: str, password: str) -> str:
        """An access token, by HTTP."""
        credentials = {"username": name, "password": password}
        status, pair = self.ask("POST", "/api/token", credentials)
        assert status == 200, pair
        return pair["access"]

    def connect(self, token: str) -> Talk:
        """A WebSocket that has got `ready`."""
        talk = Talk(socket.create_connection(self.address(), PATIENCE_SECONDS))
        self._talks.append(talk)
        talk.send({"type": "authenticate", "token": token})
        assert talk.next()["type"] == "ready"
        return talk


@define(eq=False)
class Talk:
    """One WebSocket; blocks until what it waits for is there.

    Args:
      closed: the code and the reason, once the server has closed.
    """

    line: socket.socket
    closed: tuple[int, str] | None = field(init=False, default=None)
    _file: Any = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Shake hands."""
        self._file = self.line.makefile("rb")
        self.line.sendall(HANDSHAKE)
        assert self._file.readline().startswith(b"HTTP/1.1 101")
        while self._file.readline() != b"\r\n":
            pass

    def send(self, document: object) -> None:
        self.line.sendall(text(document))

    def next(self) -> dict[str, Any] | None:
        """The next frame; None when the connection is closed, see `closed`."""
        head = self._file.read(2)
        if not head:
            return None
        length = head[1]
        if length > 125:
            length = int.from_bytes(self._file.read(2 if length == 126 else 8), "big")
        payload = self._file.read(length)
        match head[0] & 0x0F:
            case 1:
                return check_frame(payload)
            case 8:
                self.closed = (int.from_bytes(payload[:2], "big"), payload[2:].decode())
                # A daemon that has waited for long enough is gone by now.
                with suppress(ConnectionError):
                    self.line.sendall(frame(payload[:2], 8))
                return None
            case _:
                return self.next()

    def say(self, message: str) -> list[str]:
        """Say something; what came of it up to the end of the turn, each as one short text."""
        self.send({"message": message})
        return self.turn()

    def turn(self) -> list[str]:
        heard = []
        while True:
            document = self.next()
            heard.append("" if document is None else short(document))
            is_question = document is not None and document.get("require_input", False)
            if document is None or (document["type"] == "done" and not is_question):
                return heard
            if document["type"] == "ask":
                return heard

    def hang_up(self) -> None:
        self._file.close()
        self.line.close()


def accounts_of(data_dir: Path) -> Accounts:
    """The accounts of a daemon, as the command line sees them."""
    config = read_config(config_file=None, options={"data_dir": str(data_dir)}, environ={})
    directory = prepare_data_dir(config, make_secret=make_secret)
    accounts, store = open_accounts(config, directory.secret)
    finalize(accounts, store.close)
    return accounts


def shown_command(daemon: Daemon, word: str) -> list[str]:
    """The command that the daemon told people to use, as a list of words."""
    match = daemon.wait_for(rf"^pytlas-wamp:.*?(\S*pytlas-wamp (?:.* )?{word} .*)$")
    return shlex.split(match[1])
