"""Measures servers of several processes beside one of one process: `make bench-cluster`."""

from __future__ import annotations

import argparse
import json
import os
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
    found: dict[str, Any] = {**describe(), "arguments": sys.argv[1:]}
    began = time.perf_counter()
    # Who ends us early gets what was measured so far, and no server is left behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended early"))
    groups = [name for name in given.groups.split(",") if name in GROUPS]
    count = given.leases if "leases" in given.groups else MANY
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        people = People(count=count, folder=folder)
        plan = Plan(
            groups=tuple(groups),
            rounds=given.rounds,
            seconds=given.seconds,
            crossbar=given.crossbar,
        )
        run = Run(plan=plan, folder=folder, people=people)
        try:
            run.all_groups()
            if "leases" in given.groups:
                measure_leases(run, connected=given.connected)
        finally:
            people.end()
            found.update(
                seconds=round(time.perf_counter() - began),
                load_after=round(os.getloadavg()[0], 2),
                rows=run.results,
            )
            RESULTS.mkdir(exist_ok=True)
            stamp = found["date"].replace(":", "").partition("+")[0]
            path = RESULTS / f"cluster-{stamp}-{int(time.time()) % 1000:03}.json"
            path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
            sys.stdout.write(f"{tables(run.results)}\n{path}, {found['seconds']} s\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.cluster", description=__doc__)
    add = parser.add_argument
    every = ",".join((*GROUPS, "leases"))
    add("--groups", default=every, help=f"of {every}")
    add("--crossbar", default="crossbar", help="the program")
    add("--rounds", type=int, default=5)
    add("--seconds", type=float, default=2.0, help="how long one measurement takes")
    add("--leases", type=int, default=100_000, help="how many conversations are registered")
    add("--connected", type=int, default=500, help="whose worker dies")
    return parser.parse_args()


if __name__ == "__main__":
    main()
