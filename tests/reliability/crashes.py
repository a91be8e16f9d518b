"""Clients that talk while the server is killed again and again, and what came of it."""

from __future__ import annotations

import asyncio
import time
from random import Random
from typing import TYPE_CHECKING

from reliability.ledger import read_sqlite
from reliability.notes import Notes
from reliability.talker import Habits, Talker
from reliability.verdict import Verdict, evidence_of, judge

if TYPE_CHECKING:
    from reliability.household import Household, Resident

# After it listens; the first lets a kill hit what happens when conversations come back.
EARLIEST_KILL, LATEST_KILL = 0.2, 3.0
_SETTLING_SECONDS = 0.1
# It is stopped in order so often instead: numbers then go on without a gap.
IN_ORDER_EVERY = 10
# For everything that is open to come to an end, once nothing is killed any more.
PATIENCE_SECONDS = 60.0


def talkers(
    household: Household, residents: list[Resident], seed: int, habits: Habits | None = None
) -> list[Talker]:
    """One client for each, with decisions of its own."""
    return [
        Talker(
            address=household.address,
            token=one.token,
            notes=Notes(name=one.name, user_id=one.user_id),
            random=Random(f"{seed} {one.name}"),  # noqa: S311 - nothing to guess here
            habits=habits or Habits(),
        )
        for one in residents
    ]


async def calm_down(clients: list[Talker], talking: list[asyncio.Task[None]]) -> list[str]:
    """Let clients finish what they have begun; what is wrong with that."""
    for client in clients:
        client.stop()
    _, pending = await asyncio.wait(talking, timeout=PATIENCE_SECONDS)
    for task in pending:
        task.cancel()
    done = await asyncio.gather(*talking, return_exceptions=True)
    troubles = [f"a client failed: {one!r}" for one in done if isinstance(one, Exception)]
    names = [one.notes.name for one in clients if not one.is_content]
    if names:
        troubles.append(f"not all was answered within {PATIENCE_SECONDS:g} s: {', '.join(names)}")
    return troubles


async def crash(
    household: Household, *, clients: int, kills: int, seed: int, latest_kill: float = LATEST_KILL
) -> Verdict:
    """Kill it so often, stop it in the end, and judge."""
    random = Random(seed)  # noqa: S311 - nothing to guess here
    residents = household.settle([f"client{number:02d}" for number in range(clients)])
    crowd = talkers(household, residents, seed)
    talking = [asyncio.create_task(one.run()) for one in crowd]
    troubles: list[str] = []
    started = time.monotonic()
    for number in range(kills):
        await household.start_soon()
        await asyncio.sleep(random.uniform(EARLIEST_KILL, latest_kill))
        if (number + 1) % IN_ORDER_EVERY == 0:
            troubles += await household.stop_soon()
            await household.start_soon()
            await asyncio.sleep(random.uniform(EARLIEST_KILL, latest_kill))
        household.kill()
        # What is on its way still is read and dated before there is another server.
        await asyncio.sleep(_SETTLING_SECONDS)
        if (number + 1) % 10 == 0:
            rate = (time.monotonic() - started) / (number + 1)
            print(f"  {number + 1} kills, {rate:.1f} s each", flush=True)  # noqa: T201
    await household.start_soon()
    troubles += await calm_down(crowd, talking)
    troubles += await household.stop_soon()
    troubles += [f"logged: {line}" for line in household.output if "Traceback" in line]
    everybody = evidence_of(
        [one.notes for one in crowd],
        read_sqlite(household.database_file),
        household.runs(),
        kills=household.kills,
        starts=household.starts,
    )
    verdict = judge(everybody)
    verdict.violations[:0] = troubles
    verdict.figures["kills"] = len(household.kills)
    verdict.figures["stops in order"] = len(household.starts) - len(household.kills)
    return verdict


def table(verdict: Verdict) -> list[str]:
    """The figures as Markdown."""
    rows = [f"| {name} | {count:,} |" for name, count in sorted(verdict.figures.items())]
    worst = f"{verdict.worst_lost_seconds * 1000:.0f} ms"
    return [
        "| what | how many |",
        "|---|---|",
        *rows,
        f"| oldest frame lost from the log | {worst} before the kill |",
        f"| violations | {len(verdict.violations)} |",
    ]
