"""Measures servers of several processes beside one of one process: `make bench-cluster`."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.cluster.leases import measure_leases
from bench.cluster.people import People
from bench.cluster.rows import GROUPS, MANY, Plan, Run
from bench.cluster.tables import tables
from bench.machine import describe

RESULTS = Path(__file__).parents[1] / "results"


def main() -> None:
    """Measure, keep the results, print the tables."""
    given = _arguments()
    # Where programs are on a machine is of use to nobody else.
    words = [word.rpartition("/")[2] for word in sys.argv[1:]]
    found: dict[str, Any] = {**describe(), "arguments": words}
    stamp = found["date"].replace(":", "").partition("+")[0]
    path = RESULTS / f"cluster-{stamp}-{int(time.time()) % 1000:03}.json"
    # Who ends us early gets what was measured so far, and no server is left behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended early"))
    groups = given.groups.split(",")
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        people = People(count=_count(given, groups), folder=folder)
        plan = Plan(rounds=given.rounds, seconds=given.seconds, crossbar=given.crossbar)
        run = Run(plan=plan, folder=folder, people=people)
        try:
            for group in groups:
                if group == "leases":
                    measure_leases(run, connected=given.connected)
                else:
                    run.group(group)
                _keep(path, found, run)
        finally:
            people.end()
            _keep(path, found, run)
            sys.stdout.write(f"{tables(run.results)}\n{path}\n")


def _count(given: argparse.Namespace, groups: list[str]) -> int:
    """How many people are needed."""
    if "leases" in groups:
        return int(given.leases)
    return int(given.crowd) if "costs" in groups else MANY


def _keep(path: Path, found: dict[str, Any], run: Run) -> None:
    about = {**found, "seconds": round(run.seconds), "loads": run.loads, "rows": run.results}
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.cluster", description=__doc__)
    add = parser.add_argument
    every = ",".join((*GROUPS, "leases"))
    add("--groups", default=every, help=f"of {every}")
    add("--crossbar", default="crossbar", help="the program")
    add("--rounds", type=int, default=5)
    add("--seconds", type=float, default=2.0, help="how long one measurement takes")
    add("--leases", type=int, default=100_000, help="how many conversations are registered")
    add("--crowd", type=int, default=2_000, help="how many are connected in the group costs")
    add("--connected", type=int, default=500, help="whose worker dies")
    given = parser.parse_args()
    for name in given.groups.split(","):
        if name not in (*GROUPS, "leases"):
            parser.error(f"there is no {name!r}; there are {every}")
    return given


if __name__ == "__main__":
    main()
