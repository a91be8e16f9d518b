"""The servers that are compared, and how each is started."""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import jwt
from attrs import define, field, frozen

from bench.house import House, Village
from bench.processes import CpuClock, cores, resident_bytes

ROOT: Final = Path(__file__).parents[1]
_START_SECONDS: Final = 120.0
_UNLOAD_SECONDS: Final = 60.0
_NO_CONVERSATIONS: Final = re.compile(rb"^pytlas_conversations 0", re.MULTILINE)
_SECRET: Final = secrets.token_hex(32)


@frozen(kw_only=True)
class Contender:
    """A server that can be started.

    Args:
      name: on the command line.
      label: in tables.
      command: starts it, but for the port.
      has_agent: whether skills answer.
      ours: whether it is a pytlas-wamp with its own accounts.
    """

    name: str
    label: str
    command: tuple[str, ...]
    has_agent: bool = True
    ours: bool = False


def _peer(name: str, label: str, module: str, kind: str) -> Contender:
    command = (sys.executable, "-m", f"bench.peers.{module}", "{port}", kind)
    return Contender(name=name, label=label, command=command, has_agent=kind != "bare")


_TWISTD: Final = str(Path(sys.executable).parent / "twistd")
_DAEMON: Final = (
    *("--nodaemon", "--pidfile=", "pytlas", "--data-dir", "{data}"),
    *("--listen", "tcp:{port}:interface=127.0.0.1"),
)
CONTENDERS: Final[Mapping[str, Contender]] = {
    one.name: one
    for one in (
        Contender(
            name="ours",
            label="pytlas-wamp",
            command=(_TWISTD, *_DAEMON),
            ours=True,
        ),
        _peer("aiohttp", "aiohttp, stock agent", "aiohttp_peer", "agent"),
        _peer("uvicorn", "uvicorn + Starlette, stock agent", "uvicorn_peer", "agent"),
        _peer("channels", "Channels + daphne, stock agent", "channels_peer", "agent"),
        _peer("aiohttp-light", "aiohttp, our agent", "aiohttp_peer", "light"),
        Contender(
            name="ours-bare",
            label="pytlas-wamp, no agent, no log",
            command=(sys.executable, "-m", "bench.peers.ours_bare", *_DAEMON),
            has_agent=False,
            ours=True,
        ),
        _peer("autobahn-bare", "Autobahn, no agent", "autobahn_peer", "bare"),
        _peer("aiohttp-bare", "aiohttp, no agent", "aiohttp_peer", "bare"),
    )
}


class ServerError(Exception):
    """A server, or the load for it, did not do what it should."""


@define(kw_only=True, eq=False)
class Running:
    """A server that runs, and the process that speaks for its clients.

    Args:
      contender: which one.
      folder: where it keeps what it writes.
      village: who has an account at ours.
      people: how many clients there may be.
      intents: how many intents its skill has.
      house: of our server; None for one as it comes.
    """

    contender: Contender
    folder: Path
    village: Village
    people: int
    intents: int = 34
    house: House | None = None
    tokens: list[str] = field(init=False)
    start: dict[str, float] = field(init=False, factory=dict)
    server: subprocess.Popen[bytes] = field(init=False)
    load: subprocess.Popen[str] = field(init=False)
    port: int = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Start both."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with socket.create_server(("127.0.0.1", 0)) as found:
            self.port = found.getsockname()[1]
        environ = {"BENCH_INTENTS": str(self.intents), "BENCH_SECRET": _SECRET}
        paths = [os.environ.get("PYTHONPATH", ""), str(ROOT)]
        if self.contender.ours:
            self._move_in()
            paths.append(str(self._house.plugins))
        else:
            self.tokens = [_token(number) for number in range(self.people)]
        self._environ = {**_clean(), **environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
        self._start_server()
        self._start_load()

    _house: House = field(init=False)
    _environ: dict[str, str] = field(init=False)

    def _move_in(self) -> None:
        self._house = self.house or House(folder=self.folder)
        if not self._house.data.exists():
            self._house.furnish()
            self.village.move_into(self._house)
        self.tokens = self.village.tokens[: self.people]

    def _start_server(self) -> None:
        data = self._house.data if self.contender.ours else None
        began = time.perf_counter()
        with (self.folder / "server.log").open("wb") as log:
            self.server = subprocess.Popen(  # noqa: S603 - our own command
                [part.format(port=self.port, data=data) for part in self.contender.command],
                cwd=self.folder,
                env=self._environ,
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            )
        os.sched_setaffinity(self.server.pid, {cores()[0]})
        clock = CpuClock(self.server.pid)
        while not self._answers():
            clock.read()
            if time.perf_counter() - began > _START_SECONDS or self.server.poll() is not None:
                self.end()
                raise ServerError(f"{self.contender.name} does not start: {self.last_words()}")
            time.sleep(0.02)
        self.start = {
            "seconds": time.perf_counter() - began,
            "cpu_seconds": clock.read() / 1e9,
        }

    def _answers(self) -> bool:
        """Whether it does what it is there for; ours says so itself."""
        try:
            if self.contender.ours:
                return self._ask("/readyz").startswith(b"HTTP/1.1 200")
            with socket.create_connection(("127.0.0.1", self.port), timeout=5):
                return True
        except OSError:
            return False

    def _start_load(self) -> None:
        self.load = subprocess.Popen(
            [sys.executable, "-m", "bench.load"],
            env=self._environ,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        os.sched_setaffinity(self.load.pid, {cores()[1]})
        self.tell("open", port=self.port, pid=self.server.pid)

    def tell(self, command: str, **more: Any) -> dict[str, Any]:
        """Have the load do something; what came of it.

        Raises:
          ServerError: something else than what was wanted.
        """
        assert self.load.stdin is not None  # noqa: S101 - we asked for pipes
        assert self.load.stdout is not None  # noqa: S101
        self.load.stdin.write(json.dumps({"do": command, **more}) + "\n")
        self.load.stdin.flush()
        line = self.load.stdout.readline()
        result = json.loads(line) if line else {"trouble": "the load has ended"}
        if "trouble" in result:
            raise ServerError(
                f"{self.contender.name}: {command}: {result['trouble']}: {self.last_words()}"
            )
        return dict(result)

    def connect(self, count: int) -> None:
        """Have so many people connected, each of whom has said something."""
        now = self.tell("shrink", count=count)["connected"]
        if now < count:
            now = self.tell("grow", tokens=self.tokens[now:count])["connected"]
        if now != count:
            raise ServerError(f"{self.contender.name}: {now} are connected, not {count}")

    def memory(self) -> int:
        """What it holds, in bytes."""
        return resident_bytes(self.server.pid)

    def wait_until_unloaded(self) -> None:
        """Wait until our server has put away all conversations.

        Raises:
          ServerError: it keeps some.
        """
        deadline = time.monotonic() + _UNLOAD_SECONDS
        while not _NO_CONVERSATIONS.search(self._ask("/metrics")):
            if time.monotonic() > deadline:
                raise ServerError(f"{self.contender.name} keeps conversations that nobody uses")
            time.sleep(0.2)

    def _ask(self, path: str) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as line:
            line.sendall(
                f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
            )
            return b"".join(iter(lambda: line.recv(65_536), b""))

    def last_words(self) -> str:
        """The end of what it has printed."""
        return (self.folder / "server.log").read_text(errors="replace")[-600:]

    def end(self) -> None:
        """End both."""
        for process in (getattr(self, "load", None), self.server):
            if process is None:
                continue
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _token(user_id: int) -> str:
    claims = {"token_type": "access", "exp": int(time.time()) + 86_400, "user_id": user_id}
    return jwt.encode(claims, _SECRET, algorithm="HS256")


def _clean() -> dict[str, str]:
    """The environment without what would configure a server."""
    ours = ("WEB_", "SERVER_", "DATABASE_", "PYTLAS_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}
