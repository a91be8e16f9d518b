"""Servers of one process and of several, and the processes that each consists of."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping
from configparser import ConfigParser
from contextlib import closing
from pathlib import Path
from typing import Any, Final, Literal

from attrs import define, field, frozen

from bench.cluster.people import ROOT, People
from bench.cluster.postgres import Postgres
from bench.house import House
from bench.processes import CpuClock, resident_bytes, tree

_BIN: Final = Path(sys.executable).parent
_START_SECONDS: Final = 180.0
# What gateways have looked up by then.
_SETTLE_SECONDS: Final = 3.0

Kind = Literal["single", "processes", "routed"]


class InstallationError(Exception):
    """A server, or the load for it, did not do what it should."""


@frozen(kw_only=True)
class Shape:
    """What a server consists of.

    Args:
      kind: one process; `--processes`; a gateway and workers by way of a Crossbar.
      database: where it keeps everything.
      workers: how many.
      limits: what differs from the defaults, beyond what the load needs.
    """

    kind: Kind
    database: Literal["sqlite", "postgresql"]
    workers: int = 0
    limits: Mapping[str, float] = field(factory=dict)

    @property
    def label(self) -> str:
        """In tables."""
        database = "SQLite" if self.database == "sqlite" else "PostgreSQL"
        if self.kind == "single":
            return f"one process, {database}"
        if self.kind == "processes":
            return f"--processes {self.workers}, {database}"
        plural = "" if self.workers == 1 else "s"
        return f"Crossbar, {self.workers} worker{plural}"


@define(kw_only=True, eq=False)
class Speaker:
    """The process that speaks for all clients of one server.

    Args:
      environ: of that process.
    """

    environ: Mapping[str, str] = field(repr=False)
    _process: subprocess.Popen[str] = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Start it."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.load"],
            env=dict(self.environ),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def tell(self, command: str, **more: Any) -> dict[str, Any]:
        """Have something done; returns what came of it.

        Raises:
          InstallationError: something else than what was wanted.
        """
        assert self._process.stdin is not None  # noqa: S101 - we asked for pipes
        assert self._process.stdout is not None  # noqa: S101
        self._process.stdin.write(json.dumps({"do": command, **more}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        result = json.loads(line) if line else {"trouble": "the load has ended"}
        if "trouble" in result:
            raise InstallationError(f"{command}: {result['trouble']}")
        return dict(result)

    def end(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait()


@define(kw_only=True, eq=False)
class Installation:
    """A server that runs.

    Args:
      shape: what it consists of.
      folder: where it keeps what it writes; may be empty.
      people: who has an account.
      crossbar: the program.
      core: the only one that it may use; None for all.

    Attributes:
      start: what it took until it was ready: `seconds`, and `cpu_seconds` of one process.
      parts: processes by what they are: server, gateway, worker, router, database.
    """

    shape: Shape
    folder: Path
    people: People
    crossbar: str = "crossbar"
    core: int | None = None
    start: dict[str, float] = field(init=False, factory=dict)
    parts: dict[str, list[int]] = field(init=False, factory=dict)
    postgres: Postgres | None = field(init=False, default=None)
    port: int = field(init=False)
    _processes: list[subprocess.Popen[bytes]] = field(init=False, factory=list)
    _environ: dict[str, str] = field(init=False)
    _house: House = field(init=False)
    _speaker: Speaker | None = field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        """Start everything."""
        self.port = free_port()
        self._house = House(folder=self.folder / "house", limits=dict(self.shape.limits))
        self._house.furnish()
        skills = self.folder / "skills"
        skills.mkdir()
        (skills / "echo").symlink_to(ROOT / "bench" / "skills" / "echo")
        (skills / "chores").symlink_to(ROOT / "bench" / "chores" / "chores")
        source = "" if self.people.source is None else str(self.people.source)
        paths = [source, os.environ.get("PYTHONPATH", ""), str(ROOT), str(self._house.plugins)]
        self._environ = {**_clean(), "PYTHONPATH": os.pathsep.join(filter(None, paths))}
        try:
            if self.shape.database == "postgresql":
                self.postgres = self.people.postgres()
                self.parts["database"] = [self.postgres.pid]
            if self.shape.kind == "routed":
                self._start_routed()
            else:
                self._start_alone()
            self._await_workers()
        except BaseException:
            self.end()
            raise

    # Starting

    def _start_alone(self) -> None:
        """One process, and those that it starts itself."""
        settings = {"database": self.postgres.url} if self.postgres else {}
        self._configure(self._house.data / "pytlas.ini", settings)
        if self.postgres:
            self.people.secret_for(self._house)
        else:
            self.people.move_into(self._house)
        more = ("--processes", str(self.shape.workers)) if self.shape.kind == "processes" else ()
        began = time.perf_counter()
        server = self._start_node("server", self._house.data, *more)
        self._await_ready(server)
        if self.shape.kind == "single":
            cpu = CpuClock(server.pid).read() / 1e9
            self.start = {"seconds": time.perf_counter() - began, "cpu_seconds": cpu}
            self.parts["server"] = [server.pid]
        else:
            self.parts["gateway"] = [server.pid]
            self.parts["worker"] = [pid for pid in tree(server.pid) if pid != server.pid]

    def _start_routed(self) -> None:
        """A cluster as `cluster init` writes it, each node as the process it is."""
        assert self.postgres is not None  # noqa: S101 - it cannot be otherwise
        cluster = self.folder / "cluster"
        subprocess.run(  # noqa: S603 - our own command
            [
                *(str(_BIN / "pytlas-wamp"), "cluster", "init", str(cluster)),
                *("--gateways", "1", "--workers", str(self.shape.workers)),
                *("--database", self.postgres.url, "--crossbar", self.crossbar),
                *("--port", str(self.port), "--router-port", str(free_port())),
            ],
            check=True,
            env=self._environ,
            stdout=subprocess.DEVNULL,
        )
        router = cluster / "routers" / "router1"
        command = [self.crossbar, "start", "--cbdir", str(router)]
        # Otherwise what it logs would wait in its memory.
        plain = {"PATH": os.environ["PATH"], "HOME": str(router), "PYTHONUNBUFFERED": "1"}
        self.parts["router"] = [self._start("router", command, plain).pid]
        self._await_text(self.folder / "router.log", "NODE_BOOT_COMPLETE")
        for role in ("worker", "gateway"):
            self.parts[role] = []
            for data in sorted((cluster / f"{role}s").iterdir()):
                self._configure(data / "pytlas.ini", {})
                (data / "secret").write_bytes((self.people.village.folder / "secret").read_bytes())
                self.parts[role].append(self._start_node(data.name, data).pid)
        self._await_ready(self._processes[-1])

    def _configure(self, path: Path, settings: Mapping[str, str]) -> None:
        """Have what the load needs in a configuration, whoever wrote it."""
        found = ConfigParser(interpolation=None)
        found.read([self._house.data / "pytlas.ini", path], encoding="utf-8")
        found["server"].update(settings)
        found["pytlas"].update({"skills_dir": str(self.folder / "skills"), "lang": "en"})
        with path.open("w", encoding="utf-8") as file:
            found.write(file)

    def _start_node(self, name: str, data: Path, *more: str) -> subprocess.Popen[bytes]:
        is_worker = name.startswith("worker")
        listen = () if is_worker else ("--listen", f"tcp:{self.port}:interface=127.0.0.1")
        command = [
            *(str(_BIN / "twistd"), "--nodaemon", "--pidfile=", "pytlas"),
            *("--data-dir", str(data), *listen, *more),
        ]
        return self._start(name, command, self._environ)

    def _start(
        self, name: str, command: list[str], environ: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        bound = () if self.core is None else ("taskset", "--cpu-list", str(self.core))
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - our own commands
                [*bound, *command],
                cwd=self.folder,
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._processes.append(process)
        return process

    # Waiting

    def _await_ready(self, process: subprocess.Popen[bytes]) -> None:
        self._await(lambda: self._ask("/readyz").startswith(b"HTTP/1.1 200"), process)

    def _await_text(self, path: Path, wanted: str) -> None:
        self._await(lambda: wanted in path.read_text(errors="replace"), self._processes[-1])

    def _await_workers(self) -> None:
        """All of them, not one alone."""
        if self.shape.kind != "single":
            self._await(lambda: self._workers() >= self.shape.workers, self._processes[-1])
            time.sleep(_SETTLE_SECONDS)

    def _workers(self) -> int:
        query = "SELECT count(*) FROM nodes WHERE role = 'worker'"
        if self.postgres is not None:
            with self.postgres.connect() as connection:
                row = connection.execute(query).fetchone()
        else:
            with closing(sqlite3.connect(self._house.data / "pytlas.sqlite3")) as database:
                row = database.execute(query).fetchone()
        return int(row[0]) if row else 0

    def _await(self, there: Any, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                if there():
                    return
            except OSError:
                pass
            if process.poll() is not None or time.monotonic() > deadline:
                raise InstallationError(f"{self.shape.label} does not start: {self.last_words()}")
            time.sleep(0.1)

    def _ask(self, path: str) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as line:
            line.sendall(
                f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
            )
            return b"".join(iter(lambda: line.recv(65_536), b""))

    # While it runs

    def tell(self, command: str, **more: Any) -> dict[str, Any]:
        """Have its clients do something, see `bench.load`."""
        if self._speaker is None:
            self._speaker = Speaker(environ=self._environ)
            self._speaker.tell(
                "open", port=self.port, parts=self.parts, trees=["database", "router"]
            )
        return self._speaker.tell(command, **more)

    def connect(self, count: int, first: int = 0) -> None:
        """Have so many people connected, each of whom has said something."""
        now = self.tell("shrink", count=count)["connected"]
        if now < count:
            some = self.people.tokens[first + now : first + count]
            now = self.tell("grow", tokens=some)["connected"]
        if now != count:
            raise InstallationError(f"{now} are connected, not {count}")

    def memory(self) -> dict[str, int]:
        """What each part holds, in bytes: of several alike, all together."""
        return {
            name: sum(resident_bytes(pid, children=name in ("database", "router")) for pid in pids)
            for name, pids in self.parts.items()
        }

    def last_words(self) -> str:
        """The end of what each has printed."""
        texts = [path.read_text(errors="replace")[-800:] for path in self.folder.glob("*.log")]
        return "\n---\n".join(texts)

    def end(self) -> None:
        """End everything."""
        if self._speaker is not None:
            self._speaker.end()
        for process in reversed(self._processes):
            process.send_signal(signal.SIGTERM)
        for process in self._processes:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self.postgres is not None:
            self.postgres.end()


def free_port() -> int:
    """A port that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def _clean() -> dict[str, str]:
    """The environment without what would configure a server."""
    ours = ("WEB_", "SERVER_", "DATABASE_", "PYTLAS_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}
