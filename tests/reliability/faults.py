"""The faults of `tox -e chaos`; each needs nothing but an ordinary account on Linux."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
import sys
import time
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from daemon import twistd

from reliability.chaos import Fault, Scene
from reliability.household import Household
from reliability.jumping_clock import set_clock
from reliability.ledger import QUERY, Ledger, ledgers
from reliability.line import BROKEN, HandshakeRefusedError, Line

if TYPE_CHECKING:
    from postgres import PostgresServer

_LOCKED_SECONDS = 8.0
_GONE_SECONDS = 6.0
_FULL_SECONDS = 6.0
_HOUR = 3_600.0
_AUTH_DEADLINE_SECONDS = 10.0
_UNAVAILABLE = frozenset({"unavailable"})


async def lock_the_database(scene: Scene) -> None:
    """Another connection holds the only lock for writing that SQLite has."""
    with closing(sqlite3.connect(scene.household.database_file, isolation_level=None)) as other:
        other.execute("PRAGMA busy_timeout = 5000")
        other.execute("BEGIN IMMEDIATE")
        await scene.wait(_LOCKED_SECONDS)
        other.execute("ROLLBACK")


async def fill_the_disk(scene: Scene) -> None:
    """Files may not grow: a write beyond the end of the journal of SQLite fails."""
    process = scene.household.daemon.process.pid
    before = resource.prlimit(process, resource.RLIMIT_FSIZE)
    room = (scene.household.journal_bytes, before[1])
    resource.prlimit(process, resource.RLIMIT_FSIZE, room)
    await scene.wait(_FULL_SECONDS)
    resource.prlimit(process, resource.RLIMIT_FSIZE, before)


async def exhaust_the_threads(scene: Scene) -> None:
    """Skills hang; those who wait for them are given up, but their threads are not back."""
    scene.household.hanging.touch()
    await scene.wait(8.0)
    scene.household.hanging.unlink()


async def _jump(scene: Scene, seconds: float) -> None:
    set_clock(scene.household.folder / "clock", seconds)
    await scene.wait(4.0)


async def jump_ahead(scene: Scene) -> None:
    """The clock is an hour ahead at once."""
    await _jump(scene, _HOUR)


async def jump_back(scene: Scene) -> None:
    """The clock is an hour behind at once."""
    await _jump(scene, -_HOUR)


def with_a_clock(*, folder: Path, limits: dict[str, object]) -> Household:
    """A household whose daemon runs with a clock that can be set."""
    clock = folder / "clock"
    set_clock(clock, 0.0)
    program = Path(__file__).with_name("jumping_clock.py")

    def command(*options: str) -> list[str]:
        return [sys.executable, str(program), str(clock), *twistd(*options)[1:]]

    return Household(folder=folder, limits=limits, command=command)


# Connections


async def _say_nothing(scene: Scene, count: int) -> list[asyncio.StreamWriter]:
    opened = []
    for _ in range(count):
        _, writer = await asyncio.open_connection(*scene.household.address)
        opened.append(writer)
    return opened


async def _never_authenticate(scene: Scene, outcomes: Counter[str]) -> None:
    try:
        line = await Line.open(scene.household.address)
    except HandshakeRefusedError as refused:
        outcomes[f"HTTP {refused.status}"] += 1
        return
    except (OSError, *BROKEN):
        outcomes["no connection"] += 1
        return
    with suppress(*BROKEN):
        await line.next()
    outcomes["closed 1000" if line.closed and line.closed[0] == 1000 else "gone"] += 1
    line.abort()


async def leave_sockets_half_open(scene: Scene) -> None:
    """500 connections that say nothing, and as many WebSockets that never authenticate."""
    silent = await _say_nothing(scene, 500)
    outcomes: Counter[str] = Counter()
    others = [asyncio.create_task(_never_authenticate(scene, outcomes)) for _ in range(400)]
    await scene.wait(_AUTH_DEADLINE_SECONDS + 2)
    scene.told.append(f"of 400 WebSockets {_summed(outcomes)} by then")
    for writer in silent:
        writer.transport.abort()
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


async def reconnect_all_at_once(scene: Scene) -> None:
    """1,000 connections, as fast as they can be made."""
    outcomes: Counter[str] = Counter()
    tokens = [one.token for one in scene.residents]
    began = time.monotonic()
    await asyncio.gather(
        *(_come_and_go(scene, tokens[n % len(tokens)], outcomes) for n in range(1000))
    )
    took = time.monotonic() - began
    scene.told.append(f"{_summed(outcomes)} in {took:.1f} s")


async def _come_and_go(scene: Scene, token: str, outcomes: Counter[str]) -> None:
    authenticate = {"type": "authenticate", "token": token, "after": 0}
    try:
        line = await Line.open(scene.household.address, authenticate)
        first = await line.next()
    except HandshakeRefusedError as refused:
        outcomes[f"HTTP {refused.status}"] += 1
    except (OSError, *BROKEN):
        outcomes["no connection"] += 1
    else:
        outcomes["closed" if first is None else first["type"]] += 1
        line.abort()


def _summed(outcomes: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(outcomes.items())) or "none"


# PostgreSQL


def without_postgresql(server: PostgresServer) -> Fault:
    """The server of the database ends as in a power cut, and comes back."""
    urls = {}

    async def inject(scene: Scene) -> None:
        server.pause()
        await scene.wait(_GONE_SECONDS)
        # In this thread: Linux ends the server with the thread that started it.
        server.resume()

    def make(*, folder: Path, limits: dict[str, object]) -> Household:
        urls[folder] = server.create_migrated()
        return Household(folder=folder, limits=limits, database=urls[folder])

    def read(household: Household) -> dict[int, Ledger]:
        url = urls[household.folder].replace("postgresql+psycopg", "postgresql")
        with psycopg.connect(url) as connection:
            return ledgers(connection.execute(QUERY))

    return Fault(
        name=f"PostgreSQL gone for {_GONE_SECONDS:g} s",
        inject=inject,
        codes=_UNAVAILABLE,
        make=make,
        read=read,
    )


FAULTS = (
    Fault(
        name=f"database locked by another program for {_LOCKED_SECONDS:g} s",
        inject=lock_the_database,
        codes=_UNAVAILABLE,
    ),
    Fault(
        name=f"disk full for {_FULL_SECONDS:g} s (files cannot grow, `RLIMIT_FSIZE`)",
        inject=fill_the_disk,
        codes=_UNAVAILABLE,
    ),
    Fault(
        name="clock one hour ahead at once",
        inject=jump_ahead,
        make=with_a_clock,
        # Timers of running turns are over at once.
        codes=frozenset({"skill-timeout"}),
    ),
    Fault(name="clock one hour behind at once", inject=jump_back, make=with_a_clock),
    Fault(
        name="6 threads for skills, 8 people whose skill hangs for 8 s, given up after 2 s",
        inject=exhaust_the_threads,
        # One skill does it all here: switched off, it would hide what is looked for.
        limits={
            "max_skill_threads": 6,
            "turn_deadline_seconds": 2,
            "breaker_failures": 100_000,
        },
        codes=frozenset({"busy", "skill-timeout"}),
        hangers=8,
    ),
    Fault(
        name="500 TCP connections that say nothing, and 400 WebSockets that never authenticate",
        inject=leave_sockets_half_open,
    ),
    Fault(
        name="1,000 reconnects at once, of 50 people",
        inject=reconnect_all_at_once,
        others=50,
    ),
)
