"""Kills workers, and prints how long people waited for the next frame.

`python tests/cluster_service/run_failover.py [--kills 20] [--people 12] [--seed 1] [--hang]`;
PYTLAS_WAMP_CROSSBAR names the program of the router. Fails when somebody waited in vain; it
says what the machine had to do beside, which counts for more than anything else.
"""

# ruff: noqa: T201 - a script

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "service")]

from cluster_failover import measure  # noqa: E402 - found by the line above
from cluster_stage import CROSSBAR, Cluster  # noqa: E402

import pytlas_wamp.compat  # noqa: E402, F401 - before pytlas
from postgres import PostgresServer  # noqa: E402


def main(arguments: list[str]) -> int:
    """Run it; 0 when everybody got an answer."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--people", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hang", action="store_true", help="SIGSTOP instead of SIGKILL")
    options = parser.parse_args(arguments)
    if not CROSSBAR:
        parser.error("PYTLAS_WAMP_CROSSBAR names no program")
    load = os.getloadavg()[0]
    postgres = PostgresServer.start()
    cluster = Cluster(postgres=postgres)
    try:
        waits = asyncio.run(
            measure(
                cluster,
                people=options.people,
                kills=options.kills,
                seed=options.seed,
                hang=options.hang,
            )
        )
    finally:
        cluster.end()
        postgres.stop()
        cluster.remove()
    times = f"{waits.kills} {'pauses' if options.hang else 'kills'}"
    print(f"{times}, {options.people} people, 2 gateways, 3 workers, 1 router")
    print(f"seed {options.seed}, load {load:.1f} before and {os.getloadavg()[0]:.1f} after\n")
    print("\n".join(waits.table()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
