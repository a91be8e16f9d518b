"""Kills the real daemon again and again while people talk to it, and fails if anything is lost.

`python tests/reliability/run_crashes.py [--kills 200] [--clients 20] [--seed 1]`, or
`tox -e crash`. What must hold is in verdict.py beside this file. The same seed makes the
same decisions, though not the same moments: the machine has its own.
"""

# ruff: noqa: T201 - a script

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "service")]

from reliability.crashes import crash, table  # noqa: E402 - found by the line above
from reliability.household import Household  # noqa: E402

SHOWN = 50


def main(arguments: list[str]) -> int:
    """Run it; 0 when nothing was violated."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a new folder where all is left behind")
    options = parser.parse_args(arguments)
    print(f"{options.kills} kills, {options.clients} clients, seed {options.seed}", flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        folder = options.keep or Path(place)
        household = Household(folder=folder)
        try:
            verdict = asyncio.run(
                crash(household, clients=options.clients, kills=options.kills, seed=options.seed)
            )
        finally:
            household.end()
            (folder / "daemon.log").write_text("\n".join(household.output), encoding="utf-8")
    print("\n".join(table(verdict)))
    print(f"{time.monotonic() - began:.0f} s")
    for violation in verdict.violations[:SHOWN]:
        print(f"VIOLATION (seed {options.seed}): {violation}")
    return 1 if verdict.violations else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
