"""What a cluster for many users needs: a calculation with what was measured.

    python -m bench.scaling            writes the tables of docs/explanation/scaling.md
    python -m bench.scaling --users 50000

Measured figures are in `scaling.toml`, each with where it is from. Everything else is an
assumption, and has its default here.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Iterable
from math import ceil
from pathlib import Path
from typing import Any, Final

from attrs import define, field, fields, frozen

from bench.pages import replaced
from bench.tables import table

HERE: Final = Path(__file__).parent
PAGE: Final = HERE.parent / "docs" / "explanation" / "scaling.md"
BEGIN: Final = "<!-- reckoned by python -m bench.scaling -->"
END: Final = "<!-- end of what was reckoned -->"

PARTS: Final = ("gateway", "worker", "router", "database")
_DAY: Final = 86_400
_MONTH_HOURS: Final = 730
_US: Final = 1e-6
_GIB: Final = 1024**3
_KIB: Final = 1024
_MIB: Final = 1024**2


@frozen(kw_only=True)
class Part:
    """What one part of a cluster uses.

    Args:
      turn_us: processor time of a turn.
      visit_us: from connecting to `ready`.
      held_us: each second, for each who is connected and says nothing.
      start_mib: memory of a process.
      user_kib: memory for each user whom it has.
    """

    turn_us: float
    visit_us: float
    held_us: float = 0.0
    start_mib: float
    user_kib: float = 0.0


@frozen(kw_only=True)
class Measured:
    """All that was measured, see `scaling.toml`.

    Args:
      gateway: and the others: what they use.
      understanding_us: of a sentence by the default interpreter, which the other figures lack.
      transactions: of a turn, when many come together.
      transactions_alone: of a turn, when none comes together with it.
      wal_bytes: that the database writes ahead for a turn.
      frames: of a turn that are kept.
      frame_bytes: of one in the table and its indexes.
    """

    gateway: Part
    worker: Part
    router: Part
    database: Part
    understanding_us: float
    transactions: float
    transactions_alone: float
    wal_bytes: float
    frames: float
    frame_bytes: float


@frozen(kw_only=True)
class Assumed:
    """What nobody measured.

    Args:
      users: people with an account.
      turns_each: that each says in a day.
      peak: how many times the mean the busiest hour has.
      turns_in_visit: that somebody says before they leave.
      connected: the part of all users who are connected in the busiest hour.
      skill_us: processor time that a skill takes of a turn.
      busy: how much of each core may be used in the busiest hour.
      connections: at most at one gateway.
      idle_seconds: how long a conversation stays in memory when all have left.
      history_days: how long frames are kept.
      core_hour: the price of a core.
      gib_hour: the price of memory.
      gib_month: the price of disk space that is kept twice.
    """

    users: int = 1_000_000
    turns_each: float = 20.0
    peak: float = 5.0
    turns_in_visit: float = 4.0
    connected: float = 0.10
    skill_us: float = 0.0
    busy: float = 0.5
    connections: int = 10_000
    idle_seconds: float = 900.0
    history_days: float = 90.0
    core_hour: float = 0.04
    gib_hour: float = 0.005
    gib_month: float = 0.20


@define(kw_only=True)
class Need:
    """What that comes to.

    Args:
      measured: what things cost.
      assumed: how many of them there are.
    """

    measured: Measured
    assumed: Assumed
    turns: float = field(init=False)
    visits: float = field(init=False)
    held: float = field(init=False)
    in_memory: float = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Count what happens in a second of the busiest hour."""
        a = self.assumed
        self.turns = a.users * a.turns_each * a.peak / _DAY
        self.visits = self.turns / a.turns_in_visit
        self.held = a.users * a.connected
        self.in_memory = self.held + self.visits * a.idle_seconds

    def part(self, name: str) -> Part:
        """What is known of a part."""
        found: Part = getattr(self.measured, name)
        return found

    def cores(self, name: str) -> float:
        """How many cores a part is busy with in the busiest hour."""
        part = self.part(name)
        turn = part.turn_us
        if name == "worker":
            turn += self.measured.understanding_us + self.assumed.skill_us
        spent = self.turns * turn + self.visits * part.visit_us + self.held * part.held_us
        return spent * _US

    def processes(self, name: str) -> int:
        """How many are needed: one core each, none of them full, and one that may fail."""
        needed = ceil(self.cores(name) / self.assumed.busy)
        if name == "gateway":
            needed = max(needed, ceil(self.held / self.assumed.connections))
        return needed + 1

    @property
    def database_cores(self) -> int:
        """Of one PostgreSQL; and as many of its stand-by."""
        return ceil(self.cores("database") / self.assumed.busy)

    @property
    def all_cores(self) -> int:
        """Of everything."""
        processes = sum(self.processes(name) for name in ("gateway", "worker", "router"))
        return processes + 2 * self.database_cores

    def gib(self, name: str) -> float:
        """Memory of all processes of a part."""
        part = self.part(name)
        users = {"gateway": self.held, "worker": self.in_memory, "router": 0.0}[name]
        at_start = self.processes(name) * part.start_mib * _MIB
        return (at_start + users * part.user_kib * _KIB) / _GIB

    @property
    def database_gib(self) -> float:
        """Memory of both: as much as a tenth of what a week keeps, and 4 GiB at least."""
        return 2 * max(4.0, self.kept_gib * 7 / self.assumed.history_days / 10)

    @property
    def kept_gib(self) -> float:
        """What the frames that are kept need on a disk, once."""
        a, m = self.assumed, self.measured
        frames = a.users * a.turns_each * a.history_days * m.frames
        return frames * m.frame_bytes / _GIB

    @property
    def month(self) -> float:
        """What all of it costs in a month."""
        a = self.assumed
        memory = sum(self.gib(name) for name in ("gateway", "worker", "router"))
        hourly = self.all_cores * a.core_hour + (memory + self.database_gib) * a.gib_hour
        return hourly * _MONTH_HOURS + self.kept_gib * a.gib_month

    def lines(self) -> Iterable[tuple[str, str]]:
        """Each figure with what it is."""
        m = self.measured
        yield "turns/s in the busiest hour", f"{self.turns:,.0f}"
        yield "people who connect, per second", f"{self.visits:,.0f}"
        yield "connected at the same time", f"{self.held:,.0f}"
        yield "conversations in memory", f"{self.in_memory:,.0f}"
        for name in ("gateway", "worker", "router"):
            yield f"cores busy in {name}s", f"{self.cores(name):.1f}"
            yield f"{name}s, one of them to spare", f"{self.processes(name):,}"
            yield f"memory of {name}s", f"{self.gib(name):.1f} GiB"
        yield "cores busy in the database", f"{self.cores('database'):.1f}"
        yield "cores of the database, and as many of its stand-by", f"{self.database_cores}"
        least, most = m.transactions * self.turns, m.transactions_alone * self.turns
        yield "transactions/s, by how many turns share one", f"{least:,.0f}-{most:,.0f}"
        yield "frames written per second", f"{m.frames * self.turns:,.0f}"
        yield "write-ahead log", f"{m.wal_bytes * self.turns / _MIB:,.1f} MiB/s"
        yield f"frames of {self.assumed.history_days:g} days", f"{self.kept_gib:,.0f} GiB"
        yield "all cores", f"{self.all_cores}"
        yield "a month, in all", f"{self.month:,.0f}"
        yield "a month, for a thousand users", f"{self.month / self.assumed.users * 1000:,.2f}"


def measured(path: Path = HERE / "scaling.toml") -> Measured:
    """What was measured, as it was written down."""
    found: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    parts = {name: Part(**found.pop(name)) for name in PARTS}
    return Measured(**parts, **found["all"])


_ABOUT: Final = {
    "users": "people with an account",
    "turns_each": "turns of each in a day",
    "peak": "times the mean in the busiest hour",
    "turns_in_visit": "turns before somebody leaves",
    "connected": "part of all users who are connected in the busiest hour",
    "skill_us": "us of a core that a skill takes of a turn",
    "busy": "part of each core that may be used in the busiest hour",
    "connections": "at one gateway",
    "idle_seconds": "seconds that a conversation stays in memory when all have left",
    "history_days": "days for which frames are kept",
    "core_hour": "price of a core for an hour",
    "gib_hour": "price of a GiB of memory for an hour",
    "gib_month": "price of a GiB of disk for a month, kept twice",
}
# What the page shows beside each other: what differs from the defaults.
CASES: Final = {
    "cheap skills": {},
    "skills of 5 ms": {"skill_us": 5_000.0},
    "5 ms, a week of history": {"skill_us": 5_000.0, "history_days": 7.0},
}


def tables(known: Measured, **given: Any) -> str:
    """The assumptions, and what they come to."""
    base = Assumed(**given)
    assumed = [
        [f"`--{one.name.replace('_', '-')}`", _ABOUT[one.name], f"{getattr(base, one.name):,}"]
        for one in fields(Assumed)
    ]
    cases = [Need(measured=known, assumed=Assumed(**{**given, **more})) for more in CASES.values()]
    columns = [list(case.lines()) for case in cases]
    names = [
        name.replace(f"{cases[0].assumed.history_days:g} days", "all days that are kept")
        for name, _ in columns[0]
    ]
    lines = [
        [name, *(column[number][1] for column in columns)] for number, name in enumerate(names)
    ]
    head = ("option", "assumed", "by default")
    return f"{table(head, assumed)}\n{table(('', *CASES), lines)}"


def page(text: str, known: Measured) -> str:
    """The page with its tables as they have to be."""
    return replaced(text, tables(known), begin=BEGIN, end=END)


def main() -> None:
    """Write the page, or print what other assumptions come to."""
    parser = argparse.ArgumentParser(prog="python -m bench.scaling", description=__doc__)
    for one in fields(Assumed):
        kind = int if isinstance(one.default, int) else float
        parser.add_argument(f"--{one.name.replace('_', '-')}", type=kind)
    given = {name: value for name, value in vars(parser.parse_args()).items() if value is not None}
    if given:
        sys.stdout.write(tables(measured(), **given))
    else:
        PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), measured()), encoding="utf-8")


if __name__ == "__main__":
    main()
