"""Compares servers: `make bench`."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
import time
from pathlib import Path

from bench.contenders import CONTENDERS
from bench.house import Village
from bench.machine import describe
from bench.rows import ROWS, Plan, Run
from bench.tables import tables

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """Measure, keep the results, print the tables."""
    plan = _plan()
    found = {**describe(), "arguments": sys.argv[1:]}
    began = time.perf_counter()
    # Who ends us early gets what was measured so far, and no server is left behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended early"))
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        village = Village.of(plan.people, folder / "village")
        run = Run(plan=plan, folder=folder, village=village)
        try:
            run.all_rows()
        finally:
            found.update(seconds=round(time.perf_counter() - began), rows=run.results)
            RESULTS.mkdir(exist_ok=True)
            stamp = found["date"].replace(":", "").partition("+")[0]
            path = RESULTS / f"{stamp}-{int(time.time()) % 1000:03}.json"
            path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
            sys.stdout.write(f"{tables(run.results)}\n{path}, {found['seconds']} s\n")


def _plan() -> Plan:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    add = parser.add_argument
    add("--rows", default=",".join(ROWS), help=f"of {','.join(ROWS)}")
    add("--servers", default=",".join(CONTENDERS), help=f"of {','.join(CONTENDERS)}")
    add("--connections", default="1,100,1000", help="for the row turns")
    add("--crowd", type=int, default=10_000, help="how many people the row crowd has")
    add("--rounds", type=int, default=3)
    add("--seconds", type=float, default=1.0, help="how long one measurement takes")
    given = parser.parse_args()
    plan = Plan(
        rows=tuple(given.rows.split(",")),
        servers=tuple(given.servers.split(",")),
        connections=tuple(map(int, given.connections.split(","))),
        crowd=given.crowd,
        rounds=given.rounds,
        seconds=given.seconds,
    )
    for wanted, known in ((plan.rows, ROWS), (plan.servers, tuple(CONTENDERS))):
        for name in wanted:
            if name not in known:
                parser.error(f"there is no {name!r}; there are {', '.join(known)}")
    return plan


if __name__ == "__main__":
    main()
