"""Whether one process became dearer from one version of this package to another.

    python -m bench.trees OLD/src NEW/src

Servers of both take turns on one core, for half a second each, again and again; which of them is
first changes with each round. What counts is the processor time of a turn, and the ratio within a
round: other work on the machine slows both down alike.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Final

from attrs import frozen

from bench.cluster.installations import Installation, Shape
from bench.cluster.people import ROOT, People
from bench.figures import percentile
from bench.machine import describe
from bench.processes import cores
from bench.tables import table

_SHAPE: Final = Shape(kind="single", database="sqlite")
_PEOPLE: Final = 100
_DRAWS: Final = 2_000
_IMPORTS: Final = """
import json, sys
from pytlas_wamp.tap import Options, makeService
options = Options()
options.parseOptions(["--data-dir", sys.argv[1]])
makeService(options)
names = {name.partition(".")[0] for name in sys.modules}
print("\\n" + json.dumps([sorted(names - set(sys.stdlib_module_names)), len(sys.modules),
    [name for name in sys.modules if name.startswith("pytlas_wamp.cluster")]]))
"""


@frozen
class Ratio:
    """How many times the work of the old one the new one does in the same processor time.

    Args:
      middle: the median of all rounds.
      lowest: that is in so many samples of the rounds: 95 % of them are between these two.
      highest: see `lowest`.
      quarter: a quarter of the rounds are below it.
      three_quarters: a quarter of the rounds are above it.
      quiet: the ratio of the tenths of each side that took least: others do not make
        anything cheaper, so these have been disturbed least.
    """

    middle: float
    lowest: float
    highest: float
    quarter: float
    three_quarters: float
    quiet: float

    @classmethod
    def of(cls, rounds: list[tuple[float, float]]) -> Ratio:
        """Of what old and new took, in each round."""
        ratios = [old / new for old, new in rounds]
        chance = random.Random(1)  # noqa: S311 - the same each time
        drawn = sorted(median(chance.choices(ratios, k=len(ratios))) for _ in range(_DRAWS))
        quarter, _, three_quarters = quantiles(ratios, n=4)
        edge = _DRAWS // 40
        old, new = (percentile([taken[side] for taken in rounds], 10) for side in (0, 1))
        return cls(
            median(ratios), drawn[edge], drawn[-edge - 1], quarter, three_quarters, old / new
        )


def _turns(one: Installation, seconds: float) -> float:
    one.connect(_PEOPLE)
    return float(one.tell("turns", seconds=seconds)["cpu_us"])


def _alone(one: Installation, seconds: float) -> float:
    one.connect(1)
    return float(one.tell("turns", seconds=seconds)["cpu_us"])


def _visits(one: Installation, seconds: float) -> float:
    one.connect(0)
    return float(one.tell("visits", seconds=seconds, tokens=one.people.tokens)["cpu_us"])


_ROWS: Final = {
    "turns": _turns,
    "alone": _alone,
    "connect": _visits,
}
_LABELS: Final = {
    "start": "a start (s)",
    "turns": "a turn, 100 connections (us)",
    "alone": "a turn, 1 connection (us)",
    "connect": "from connecting to ready (us)",
}


def _rounds(sides: list[Installation], measure: Any, count: int, seconds: float) -> Any:
    found = []
    for number in range(count):
        order = (0, 1) if number % 2 == 0 else (1, 0)
        taken = {side: measure(sides[side], seconds) for side in order}
        found.append((taken[0], taken[1]))
    return found


def _starts(people: list[People], folder: Path, count: int) -> list[tuple[float, float]]:
    found = []
    for number in range(count):
        taken = {}
        for side in (0, 1) if number % 2 == 0 else (1, 0):
            one = _begin(people[side], folder / f"start-{number}-{side}")
            taken[side] = one.start["cpu_seconds"]
            one.end()
        found.append((taken[0], taken[1]))
    return found


def _begin(people: People, folder: Path) -> Installation:
    folder.mkdir(parents=True)
    return Installation(shape=_SHAPE, folder=folder, people=people, core=cores()[0])


def _imports(source: Path, folder: Path) -> Any:
    """What a server has imported when it is made: packages, how many modules, those of clusters."""
    folder.mkdir()
    (folder / "pytlas.ini").write_text("[server]\ninterpreter = patterns\n", encoding="utf-8")
    done = subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, "-c", _IMPORTS, str(folder)],
        env={**os.environ, "PYTHONPATH": str(source)},
        cwd=folder,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.trees", description=__doc__)
    parser.add_argument("old", type=Path, help="the folder that has the package")
    parser.add_argument("new", type=Path, default=ROOT / "src", nargs="?")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--starts", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--rows", default=",".join(_ROWS), help=f"of {','.join(_ROWS)}")
    given = parser.parse_args()
    sources = [given.old.resolve(), given.new.resolve()]
    about = describe()
    lines = []
    with tempfile.TemporaryDirectory(prefix="trees-") as name:
        folder = Path(name)
        people = [
            People(count=_PEOPLE, folder=folder / f"people-{side}", source=source)
            for side, source in enumerate(sources)
        ]
        measured = {"start": _starts(people, folder, given.starts)}
        sides = [_begin(people[side], folder / f"side-{side}") for side in (0, 1)]
        try:
            for row in given.rows.split(","):
                measure = _ROWS[row]
                _rounds(sides, measure, 2, given.seconds)
                measured[row] = _rounds(sides, measure, given.rounds, given.seconds)
        finally:
            for one in sides:
                one.end()
        for row, rounds in measured.items():
            lines.append(_line(row, rounds))
        old, new = (_imports(source, folder / f"imports-{i}") for i, source in enumerate(sources))
    head = (
        *("what", "old", "new", "old/new", "95 % of medians", "middle half of rounds"),
        *("of the least tenths", "rounds"),
    )
    sys.stdout.write(
        f"{about['date']}, {about['processor']}, load {about['load_before']} before and"
        f" {os.getloadavg()[0]:.1f} after\n\n{table(head, lines)}\n"
        f"packages imported by the new one alone: {sorted(set(new[0]) - set(old[0])) or 'none'};"
        f" by the old one alone: {sorted(set(old[0]) - set(new[0])) or 'none'};"
        f" modules: {old[1]} and {new[1]}, of them of clusters: {', '.join(new[2]) or 'none'}\n"
    )


def _line(row: str, rounds: list[tuple[float, float]]) -> list[str]:
    ratio = Ratio.of(rounds)
    digits = 2 if row == "start" else 0
    return [
        _LABELS[row],
        *(f"{median(taken[side] for taken in rounds):,.{digits}f}" for side in (0, 1)),
        f"{ratio.middle:.3f}",
        f"{ratio.lowest:.3f}-{ratio.highest:.3f}",
        f"{ratio.quarter:.3f}-{ratio.three_quarters:.3f}",
        f"{ratio.quiet:.3f}",
        str(len(rounds)),
    ]


if __name__ == "__main__":
    main()
