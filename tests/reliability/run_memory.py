"""Connects, talks and hangs up again and again, and fails if the server's memory grows.

`python tests/reliability/run_memory.py [--cycles 50000] [--people 500]`, or `tox -e memory`.
What counts is the resident memory of the daemon after the first tenth of the cycles, when
all that is made once has been made, and at the end: 5 % more is too much. Conversations are
put away after one second, the least that can be set, so they come and go all the time.
"""

# ruff: noqa: T201 - a script

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from attrs import define, field

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "service")]

from reliability.household import Household, Resident  # noqa: E402 - found by the line above
from reliability.line import Line  # noqa: E402

MOST_GROWTH = 0.05
REPORTS = 10
# Cycles under way at the same time: both cores have something to do.
AT_ONCE = 24
LIMITS = {"conversation_idle_seconds": 1}
# For conversations to be put away, before memory is looked at.
REST_SECONDS = 3.0


@define
class Cycles:
    """People who come, say something, hear the answer and go.

    Args:
      household: where.
      people: who; one after the other.
      numbers: counts them.
      failures: what went wrong.
    """

    household: Household
    people: list[Resident]
    numbers: Iterator[int]
    failures: list[str] = field(factory=list)

    async def run(self) -> None:
        """Go on as long as there are numbers."""
        for number in self.numbers:
            await self._once(number, self.people[number % len(self.people)])

    async def _once(self, number: int, who: Resident) -> None:
        line = await Line.open(
            self.household.address,
            {"type": "authenticate", "token": who.token},
            {
                "type": "message",
                "message": f"quick greeting to {who.name}",
                "id": f"{who.name}-{number}",
                "meta": {"message_id": f"{who.name}-{number}"},
            },
        )
        heard = []
        while not heard or heard[-1] not in ("done", "closed"):
            frame = await line.next()
            heard.append("closed" if frame is None else frame["type"])
        line.abort()
        if heard != ["ready", "thinking", "answer", "done"]:
            self.failures.append(f"cycle {number}: {heard}")


def resident_kib(pid: int) -> int:
    """The resident memory of a process, as Linux has it."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise ValueError(f"process {pid} has no memory")


async def measure(household: Household, cycles: int, people: int) -> tuple[list[int], list[str]]:
    """Run it; the memory after each tenth in KiB, and what went wrong."""
    residents = household.settle([f"person{number:03d}" for number in range(people)])
    await household.start_soon()
    found, failures, began = [], [], time.monotonic()
    share = cycles // REPORTS
    for tenth in range(REPORTS):
        part = Cycles(household, residents, iter(range(tenth * share, (tenth + 1) * share)))
        await asyncio.gather(*(part.run() for _ in range(AT_ONCE)))
        await asyncio.sleep(REST_SECONDS)
        found.append(resident_kib(household.daemon.process.pid))
        failures += part.failures
        done = (tenth + 1) * share
        rate = done / (time.monotonic() - began)
        print(f"| {done:,} | {found[-1] / 1024:.1f} MiB | {rate:.0f} |", flush=True)
    failures += await household.stop_soon()
    failures += [f"logged: {line}" for line in household.output if "Traceback" in line]
    return found, failures


def main(arguments: list[str]) -> int:
    """Run it; 0 when memory stayed as it was."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cycles", type=int, default=50_000)
    parser.add_argument("--people", type=int, default=500)
    options = parser.parse_args(arguments)
    print("| cycles | resident memory | cycles per second |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as place:
        household = Household(folder=Path(place), limits=LIMITS)
        try:
            found, failures = asyncio.run(measure(household, options.cycles, options.people))
        finally:
            household.end()
    growth = found[-1] / found[0] - 1
    print(
        f"growth {growth:+.1%} from the first tenth to the end; at most {MOST_GROWTH:.0%} is right"
    )
    for failure in failures[:REPORTS]:
        print(f"FAILED: {failure}")
    return int(growth > MOST_GROWTH or bool(failures))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
