"""Does to a cluster what happens to clusters, and fails when a frame is lost or told twice.

`python tests/cluster_service/run_chaos.py [--faults 11] [--people 4] [--seed 1] [--keep DIR]`;
PYTLAS_WAMP_CROSSBAR names the program of the router. What must hold is in
tests/reliability/cluster_verdict.py. The same seed makes the same decisions, though not at the
same moments: the machine has its own.
"""

# ruff: noqa: T201 - a script

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "service")]

from cluster_chaos import DEVICES, FAULTS, suffer  # noqa: E402 - found by the line above
from cluster_stage import CROSSBAR, Cluster  # noqa: E402

import pytlas_wamp.compat  # noqa: E402, F401 - before pytlas
from postgres import PostgresServer  # noqa: E402


def main(arguments: list[str]) -> int:
    """Run it; 0 when nothing was violated."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--faults", type=int, default=11)
    parser.add_argument("--people", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="faults whose name has this in it")
    parser.add_argument("--keep", type=Path, help="a new folder where all is left behind")
    options = parser.parse_args(arguments)
    if not CROSSBAR:
        parser.error("PYTLAS_WAMP_CROSSBAR names no program")
    print(f"{options.faults} faults, {options.people} people with {DEVICES} devices each, ", end="")
    print(f"seed {options.seed}, load {os.getloadavg()[0]:.1f}", flush=True)
    began = time.monotonic()
    postgres = PostgresServer.start()
    cluster = Cluster(postgres=postgres, cables=True)
    try:
        finding = asyncio.run(
            suffer(
                cluster,
                people=options.people,
                count=options.faults,
                seed=options.seed,
                faults=[one for one in FAULTS if options.only in one.__name__],
            )
        )
    finally:
        cluster.end()
        postgres.stop()
        if options.keep:
            shutil.copytree(
                cluster.folder, options.keep, ignore=lambda *_: [".s.PGSQL.5432", "cluster.key"]
            )
        cluster.remove()
    print("\n".join(finding.report()))
    print(f"{time.monotonic() - began:.0f} s, load {os.getloadavg()[0]:.1f}, seed {options.seed}")
    return 1 if finding.verdict.violations else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
