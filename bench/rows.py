"""What is measured: one function a row, on servers that run already or that it starts.

Servers take turns within a round, so that what else the machine does hits all of them, and
ratios are those of a round.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from attrs import define, field, frozen

from bench.contenders import CONTENDERS, Running, ServerError
from bench.figures import slope
from bench.house import House, Village

Results = dict[str, dict[str, list[Any]]]

FEW, MANY = 200, 1_000
_TALKERS, _SLEEPERS = 100, 200
_PER_SECOND: Final = 500.0
_INTENTS: Final = (30, 300)
_STUDENTS: Final = 4
_WAVES: Final = 4


@frozen(kw_only=True)
class Plan:
    """What a run shall do.

    Args:
      rows: their names, see `ROWS`.
      servers: names of contenders.
      connections: of the row `turns`.
      crowd: how many people the row `crowd` has.
      rounds: how often everything is repeated.
      seconds: how long one measurement takes.
    """

    rows: tuple[str, ...]
    servers: tuple[str, ...]
    connections: tuple[int, ...]
    crowd: int
    rounds: int
    seconds: float

    @property
    def people_together(self) -> int:
        """How many clients a server has, but for the row `crowd`."""
        needs = {"memory": MANY, "slow": _TALKERS + _SLEEPERS, "turns": max(self.connections)}
        return max(_TALKERS, *(needs.get(row, 0) for row in self.rows))

    @property
    def people(self) -> int:
        """How many accounts are needed."""
        return max(self.people_together, self.crowd if "crowd" in self.rows else 0)


@define(kw_only=True, eq=False)
class Run:
    """One run of the benchmark.

    Args:
      plan: what to do.
      folder: where servers write; may be empty.
      village: who has an account.
    """

    plan: Plan
    folder: Path
    village: Village
    results: Results = field(init=False, factory=dict)
    running: dict[str, Running] = field(init=False, factory=dict)
    _count: int = field(init=False, default=0)

    def all_rows(self) -> None:
        """Measure everything; what was measured stays in `results` whatever happens."""
        with self._servers():
            for name, row in _TOGETHER.items():
                if name in self.plan.rows:
                    self._row(name, row)
        for name, row in _ALONE.items():
            if name in self.plan.rows:
                self._row(name, row)

    def _row(self, name: str, row: Callable[[Run], None]) -> None:
        began = time.perf_counter()
        try:
            row(self)
        except ServerError as error:
            note(f"{name}: {error}")
        note(f"{name}: {time.perf_counter() - began:.0f} s")

    @contextmanager
    def _servers(self) -> Iterator[None]:
        try:
            if not _TOGETHER.keys().isdisjoint(self.plan.rows):
                people = self.plan.people_together
                for name in self.plan.servers:
                    self.running[name] = self.begin(name, people=people)
                    self.record("start", name, self.running[name].start)
            yield
        finally:
            self.end_all()

    def end_all(self) -> None:
        """End the servers that run."""
        for one in self.running.values():
            one.end()
        self.running.clear()

    def begin(self, name: str, **more: Any) -> Running:
        """Start a server in a folder of its own."""
        self._count += 1
        folder = self.folder / f"{name}-{self._count}"
        return Running(contender=CONTENDERS[name], folder=folder, village=self.village, **more)

    def record(self, row: str, name: str, result: Any) -> None:
        """Keep what came of a measurement."""
        self.results.setdefault(row, {}).setdefault(name, []).append(result)

    def rounds(
        self, row: str, measure: Callable[[Running], Any], *, only: Callable[[Running], bool]
    ) -> None:
        """Measure with all servers, one after the other, again and again."""
        for _ in range(self.plan.rounds):
            for name, one in list(self.running.items()):
                if only(one):
                    self.attempt(row, name, lambda one=one: measure(one))  # type: ignore[misc]

    def attempt(self, row: str, name: str, measure: Callable[[], Any]) -> None:
        """Measure once; a server that cannot do it has no figure in this round."""
        try:
            result = measure()
        except ServerError as error:
            note(f"{row}: {error}")
            result = None
        self.record(row, name, result)
        if result is None and (one := self.running.pop(name, None)) is not None:
            # Nobody knows what state it is in.
            one.end()
            self.running[name] = self.begin(name, people=one.people)


def note(text: str) -> None:
    """Tell how far it is."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _any(_: Running) -> bool:
    return True


def _with_agent(one: Running) -> bool:
    return one.contender.has_agent


def _memory(run: Run) -> None:
    """What each connected user costs, who has said something once."""
    for name, one in list(run.running.items()):

        def measure(one: Running = one) -> dict[str, float]:
            points = {}
            for count in (FEW, MANY):
                one.connect(count)
                time.sleep(1)
                points[str(count)] = one.memory()
            return {
                **points,
                "bytes_each": slope((FEW, points[str(FEW)]), (MANY, points[str(MANY)])),
            }

        run.attempt("memory", name, measure)


def _turns(run: Run) -> None:
    """Everybody talks as fast as they can."""
    for count in sorted(run.plan.connections, reverse=True):

        def measure(one: Running, count: int = count) -> Any:
            one.connect(count)
            return one.tell("turns", seconds=run.plan.seconds)

        run.rounds(f"turns {count}", measure, only=_any)


def _rate(run: Run) -> None:
    """A fixed load."""

    def measure(one: Running) -> Any:
        one.connect(_TALKERS)
        return one.tell("rate", seconds=2 * run.plan.seconds, per_second=_PER_SECOND)

    run.rounds("rate", measure, only=_any)


def _slow(run: Run) -> None:
    """The same load, while others wait for a slow skill."""

    def measure(one: Running) -> Any:
        one.connect(_TALKERS + _SLEEPERS)
        return one.tell(
            "rate", seconds=2 * run.plan.seconds, per_second=_PER_SECOND, slow=_SLEEPERS
        )

    run.rounds("slow", measure, only=_with_agent)


def _connect(run: Run) -> None:
    """People come, are ready, and go."""

    def measure(one: Running) -> Any:
        one.connect(0)
        return one.tell("visits", seconds=run.plan.seconds, tokens=one.tokens)

    run.rounds("connect", measure, only=_any)


def _intents(run: Run) -> None:
    """A turn with few intents and with many; few people, as a stock agent takes its time."""

    def measure(one: Running) -> Any:
        one.connect(_STUDENTS)
        return one.tell("turns", seconds=run.plan.seconds)

    for intents in _INTENTS:
        try:
            for name in ("ours", "aiohttp"):
                if name in run.plan.servers:
                    run.running[name] = run.begin(name, people=_STUDENTS, intents=intents)
            run.rounds(f"intents {intents}", measure, only=_any)
        finally:
            run.end_all()


def _learning(run: Run) -> None:
    """Our server with the interpreter that it has by default: learning, starting, a turn."""
    if "ours" not in run.plan.servers:
        return
    for intents in _INTENTS:
        house = House(folder=run.folder / f"learning-{intents}", interpreter="statistical")
        for kind, people in (("cold", _STUDENTS), ("warm", 0)):
            one = run.begin("ours", people=people, intents=intents, house=house)
            try:
                result: dict[str, Any] = {**one.start, "kind": kind}
                if people:
                    one.connect(people)
                    result["turns"] = one.tell("turns", seconds=run.plan.seconds)
            finally:
                one.end()
            run.record(f"learning {intents}", kind, result)


def _crowd(run: Run) -> None:
    """Different users at our server: some at a time, who go again, then all of them at once."""
    if "ours" not in run.plan.servers:
        return
    few, many = run.plan.crowd // 5, run.plan.crowd
    wave = few // _WAVES
    house = House(folder=run.folder / "crowd", limits={"conversation_idle_seconds": 1})
    one = run.begin("ours", people=many, house=house)
    try:
        gone = []
        for start in range(0, few, wave):
            one.tell("grow", tokens=one.tokens[start : start + wave])
            one.connect(0)
            one.wait_until_unloaded()
            gone.append((start + wave, float(one.memory())))
        points: dict[str, int] = {"0": one.memory()}
        for count in (few, many):
            one.connect(count)
            time.sleep(1)
            points[str(count)] = one.memory()
    finally:
        one.end()
    run.record(
        "crowd",
        "ours",
        {
            **points,
            "bytes_each": slope((few, points[str(few)]), (many, points[str(many)])),
            "bytes_each_gone": slope(gone[0], gone[-1]),
        },
    )


# In this order: memory first, as long as it is fresh; then fewer and fewer connections.
_TOGETHER: Final[dict[str, Callable[[Run], None]]] = {
    "memory": _memory,
    "turns": _turns,
    "slow": _slow,
    "rate": _rate,
    "connect": _connect,
}
_ALONE: Final[dict[str, Callable[[Run], None]]] = {
    "intents": _intents,
    "learning": _learning,
    "crowd": _crowd,
}
ROWS: Final = (*_TOGETHER, *_ALONE)
