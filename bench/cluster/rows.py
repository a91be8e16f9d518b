"""What is measured of servers of several processes: groups that run together, and their rows.

The servers of a group take turns within a round, so that what else the machine does hits all
of them; the single process is in each group, and ratios are those of a round.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from attrs import define, field, frozen

from bench import frames
from bench.cluster.installations import Installation, InstallationError, Shape
from bench.cluster.people import People
from bench.figures import slope

Results = dict[str, dict[str, list[Any]]]

TALKERS: Final = 100
# Each works for 5 ms: more would wait longer than a measurement takes.
WORKERS: Final = 20
# More than four workers have threads.
PAUSERS: Final = 96
# So few that they, and not the two cores, are what limits a worker.
PAUSE_THREADS: Final = 16
PER_SECOND: Final = 50.0
FEW, MANY = 100, 400
_TOLD_SECONDS: Final = 3.0
# More than the time between two pings.
_REST_SECONDS: Final = 30.0

_SINGLE: Final = (
    Shape(kind="single", database="sqlite"),
    Shape(kind="single", database="postgresql"),
)


def _family(kind: Any, database: Any, **more: Any) -> tuple[Shape, ...]:
    return tuple(Shape(kind=kind, database=database, workers=count, **more) for count in (1, 2, 4))


_FEW_THREADS: Final = {"limits": {"max_skill_threads": PAUSE_THREADS}}
GROUPS: Final[dict[str, tuple[Shape, ...]]] = {
    "sqlite": (*_SINGLE[:1], *_family("processes", "sqlite")),
    "postgresql": (*_SINGLE, *_family("processes", "postgresql")),
    "routed": (*_SINGLE, *_family("routed", "postgresql")),
    "costs": (_SINGLE[1], *_family("routed", "postgresql")[1:2]),
    "pauses": (
        Shape(kind="single", database="postgresql", **_FEW_THREADS),  # type: ignore[arg-type]
        *_family("processes", "postgresql", **_FEW_THREADS),
        *_family("routed", "postgresql", **_FEW_THREADS),
    ),
}


@frozen(kw_only=True)
class Plan:
    """What a run shall do.

    Args:
      rounds: how often everything is repeated.
      seconds: how long one measurement takes.
      crossbar: the program.
    """

    rounds: int
    seconds: float
    crossbar: str


@define(kw_only=True, eq=False)
class Run:
    """One run.

    Args:
      plan: what to do.
      folder: where servers write; may be empty.
      people: who has an account.

    Attributes:
      results: what was measured so far.
      loads: the load average after each measurement.
    """

    plan: Plan
    folder: Path
    people: People
    results: Results = field(init=False, factory=dict)
    loads: list[float] = field(init=False, factory=list)
    _began: float = field(init=False, factory=time.perf_counter)
    _running: dict[str, Installation] = field(init=False, factory=dict)
    _count: int = field(init=False, default=0)

    @property
    def seconds(self) -> float:
        """Since it was begun."""
        return time.perf_counter() - self._began

    def group(self, name: str) -> None:
        """Measure a group; what was measured stays in `results` whatever happens."""
        began = time.perf_counter()
        try:
            for shape in GROUPS[name]:
                self._begin(shape)
            for row, measure in _ROWS[name].items():
                self._row(f"{name} {row}", measure, once=row == "memory")
        finally:
            self._end_all()
        note(f"{name}: {time.perf_counter() - began:.0f} s")

    def _begin(self, shape: Shape) -> None:
        self._running[shape.label] = self.begin(shape)

    def begin(self, shape: Shape) -> Installation:
        """Start a server in a folder of its own."""
        self._count += 1
        name = re.sub(r"\W+", "-", shape.label)
        folder = self.folder / f"{name}-{self._count}"
        folder.mkdir(parents=True)
        return Installation(
            shape=shape, folder=folder, people=self.people, crossbar=self.plan.crossbar
        )

    def _row(self, row: str, measure: Callable[[Run, Installation], Any], *, once: bool) -> None:
        for _ in range(1 if once else self.plan.rounds):
            for label, one in list(self._running.items()):
                try:
                    result = measure(self, one)
                except InstallationError as error:
                    note(f"{row}: {label}: {error}: {one.last_words()}")
                    result = None
                self.record(row, label, result)
                if result is None:
                    # Nobody knows what state it is in.
                    one.end()
                    self._begin(one.shape)

    def record(self, row: str, label: str, result: Any) -> None:
        """Keep what came of a measurement."""
        self.results.setdefault(row, {}).setdefault(label, []).append(result)
        self.loads.append(round(os.getloadavg()[0], 1))

    def _end_all(self) -> None:
        for one in self._running.values():
            one.end()
        self._running.clear()


def note(text: str) -> None:
    """Tell how far it is."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stderr.flush()


def _memory(_: Run, one: Installation) -> dict[str, Any]:
    """What each part holds, and what each connected user adds who has said something."""
    points = {0: one.memory()}
    for count in (FEW, MANY):
        one.connect(count)
        time.sleep(1)
        points[count] = one.memory()
    return {
        "start": points[0],
        "each": {
            part: slope((FEW, points[FEW][part]), (MANY, points[MANY][part])) for part in points[0]
        },
    }


def _talk(count: int, sentence: str) -> Callable[[Run, Installation], Any]:
    def measure(run: Run, one: Installation) -> Any:
        one.connect(count)
        return one.tell("turns", seconds=run.plan.seconds, sentence=sentence)

    return measure


def _rate(run: Run, one: Installation) -> Any:
    one.connect(TALKERS)
    return one.tell("rate", seconds=run.plan.seconds, per_second=PER_SECOND)


def _connect(run: Run, one: Installation) -> Any:
    one.connect(0)
    return one.tell("visits", seconds=run.plan.seconds, tokens=one.people.tokens[:MANY])


def _writes(run: Run, one: Installation) -> dict[str, float]:
    """What a turn is for the database: of many at once, and each by itself."""
    one.connect(TALKERS)
    found: dict[str, float] = {}
    _, idle = _counted(one, "rest", seconds=4 * run.plan.seconds)
    for name, command, more in (
        ("many at once", "turns", {}),
        ("each by itself", "rate", {"per_second": PER_SECOND / 5}),
    ):
        result, counts = _counted(one, command, seconds=2 * run.plan.seconds, **more)
        for key in idle:
            if key != "seconds":
                # Nodes say that they live, and look who does, whether anybody talks or not.
                unused = idle[key] * counts["seconds"] / idle["seconds"]
                found[f"{name}: {key}"] = (counts[key] - unused) / result["said"]
    rows, size = _kept(one)
    return {**found, "bytes of a frame in the table of frames and its indexes": size / rows}


def _counted(
    one: Installation, command: str, **more: Any
) -> tuple[dict[str, Any], dict[str, float]]:
    """Has something done, and says how much of everything the database did then."""
    before = _counts(one)
    result = one.tell(command, **more)
    after = _counts(one)
    return result, {key: after[key] - before[key] for key in before}


def _counts(one: Installation) -> dict[str, float]:
    # What a session has done it tells a second later, and more where there is much to do.
    time.sleep(_TOLD_SECONDS)
    assert one.postgres is not None  # noqa: S101 - asked of those that have one
    with one.postgres.connect() as connection:
        row = connection.execute(
            "SELECT xact_commit, tup_inserted, tup_updated, tup_deleted,"
            " pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0'),"
            " (SELECT sum(calls) FROM pg_stat_statements)"
            " FROM pg_stat_database WHERE datname = current_database()"
        ).fetchone()
    names = ("transactions", "rows inserted", "rows updated", "rows deleted", "bytes of WAL")
    numbers = zip((*names, "statements"), map(float, row or ()), strict=True)
    return {"seconds": time.monotonic(), **dict(numbers)}


def _kept(one: Installation) -> tuple[int, int]:
    assert one.postgres is not None  # noqa: S101
    with one.postgres.connect() as connection:
        connection.execute("VACUUM ANALYZE entries")
        row = connection.execute(
            "SELECT count(*), pg_total_relation_size('entries') FROM entries"
        ).fetchone()
    return (int(row[0]), int(row[1])) if row else (1, 0)


def _crowd(_: Run, one: Installation) -> dict[str, Any]:
    """What those cost who are connected and say nothing."""
    one.connect(0)
    nobody = one.tell("rest", seconds=_REST_SECONDS)["parts_us"]
    one.connect(len(one.people.tokens))
    held = one.memory()
    time.sleep(1)
    somebody = one.tell("rest", seconds=_REST_SECONDS)["parts_us"]
    count = len(one.people.tokens)
    return {
        "connected": count,
        **{
            f"us per second of each, {part}": (somebody[part] - nobody[part]) / count
            for part in nobody
        },
        **{f"MiB of {part}": held[part] / 2**20 for part in held},
    }


def _idle(run: Run, one: Installation) -> Any:
    """What it uses while nobody says anything, in cores."""
    one.connect(TALKERS)
    result = one.tell("rest", seconds=run.plan.seconds)
    return {"parts_share": result["parts_us"], **result}


def _some(*names: str) -> dict[str, Callable[[Run, Installation], Any]]:
    rows = {
        "memory": _memory,
        "echo": _talk(TALKERS, frames.SENTENCE),
        "alone": _talk(1, frames.SENTENCE),
        "rate": _rate,
        "work": _talk(WORKERS, frames.WORKING_SENTENCE),
        "pause": _talk(PAUSERS, frames.PAUSING_SENTENCE),
        "connect": _connect,
        "idle": _idle,
        "writes": _writes,
        "crowd": _crowd,
    }
    return {name: rows[name] for name in names}


_USUAL: Final = ("memory", "idle", "echo", "rate", "work", "connect")
_ROWS: Final = {
    "sqlite": _some(*_USUAL),
    "postgresql": _some(*_USUAL),
    "routed": _some(*_USUAL),
    "pauses": _some("pause"),
    "costs": _some("writes", "crowd"),
}
