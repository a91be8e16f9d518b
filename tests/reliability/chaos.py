"""One fault after the other, each with a daemon of its own and people who talk meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from attrs import define, field, frozen

from reliability.crashes import calm_down, talkers
from reliability.household import Household, Resident
from reliability.ledger import Ledger, read_sqlite
from reliability.notes import DONE
from reliability.talker import Habits, Talker
from reliability.verdict import Verdict, evidence_of, judge

CLIENTS = 6
_WARM_SECONDS = 2.0
_AFTER_SECONDS = 1.0
_PATIENCE_SECONDS = 40.0
_LOOK_SECONDS = 0.02


@define(kw_only=True, eq=False)
class Scene:
    """What a fault is done to.

    Args:
      household: the daemon.
      crowd: those who talk.
      residents: others with accounts, who do not.
      told: what the fault says of how it went.
    """

    household: Household
    crowd: list[Talker]
    residents: list[Resident] = field(factory=list)
    told: list[str] = field(factory=list)

    async def wait(self, seconds: float) -> None:
        """Let people talk."""
        await asyncio.sleep(seconds)


@frozen(kw_only=True)
class Fault:
    """One fault.

    Args:
      name: for the table.
      inject: does it, and returns when it is over.
      limits: what differs from the defaults in `[server]`.
      codes: errors that accepted messages may end with.
      habits: of those who talk.
      others: how many people there are who do not talk.
      hangers: how many talk to a skill that hangs.
      make: makes the household, unless it is an ordinary one.
      read: reads the logs of it.
    """

    name: str
    inject: Callable[[Scene], Awaitable[None]]
    limits: dict[str, object] = field(factory=dict)
    codes: frozenset[str] = frozenset()
    habits: Habits = field(factory=lambda: Habits(pause_seconds=0.15, hold=0, odd_after=0))
    others: int = 0
    hangers: int = 0
    make: Callable[..., Household] = Household
    read: Callable[[Household], dict[int, Ledger]] = field(
        default=lambda household: read_sqlite(household.database_file)
    )


@define(kw_only=True)
class Finding:
    """What came of a fault.

    Args:
      fault: its name.
      verdict: what was counted and violated.
      lost: messages that somebody sent, or the server accepted, without an outcome.
      normal_seconds: after the fault until everybody had an answer again; None: never.
      told: what the fault says.
    """

    fault: str
    verdict: Verdict
    lost: int
    normal_seconds: float | None
    told: list[str]

    def row(self) -> str:
        """As a row of the table."""
        figures = self.verdict.figures
        done = figures["outcome done"]
        others = _listed(_named(figures, "outcome ", without=("done",)))
        refused = _listed(_named(figures, "refused ") + _named(figures, "closed "))
        normal = "never" if self.normal_seconds is None else f"{self.normal_seconds:.1f} s"
        name = "; ".join([self.fault, *self.told])
        accepted = figures["messages accepted"]
        return f"| {name} | {accepted} | {done} | {others} | {self.lost} | {refused} | {normal} |"


HEAD = (
    "| injected | accepted | done | other outcomes | lost | refused, closed | normal again after |",
    "|---|---|---|---|---|---|---|",
)


def _named(figures: Counter[str], prefix: str, without: Sequence[str] = ()) -> Counter[str]:
    found = {name.removeprefix(prefix): n for name, n in figures.items() if name.startswith(prefix)}
    return Counter({name: count for name, count in found.items() if name not in without})


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"`{name}` {count}" for name, count in sorted(counts.items())) or "none"


async def suffer(fault: Fault, folder: Path, seed: int) -> Finding:
    """Start a daemon, have people talk, do it, and look what came of it."""
    household = fault.make(folder=folder, limits=fault.limits)
    try:
        names = [f"client{number:02d}" for number in range(CLIENTS)]
        crowd = talkers(household, household.settle(names), seed, fault.habits)
        names = [f"hanger{number:02d}" for number in range(fault.hangers)]
        hanging = Habits(pause_seconds=0.3, sentences={"hang around with {}": 1})
        crowd += talkers(household, household.settle(names), seed, hanging)
        residents = household.settle([f"other{number:03d}" for number in range(fault.others)])
        await household.start_soon()
        return await _suffer(fault, Scene(household=household, crowd=crowd, residents=residents))
    finally:
        household.end()
        (folder / "daemon.log").write_text("\n".join(household.output), encoding="utf-8")


async def _suffer(fault: Fault, scene: Scene) -> Finding:
    household, crowd = scene.household, scene.crowd
    talking = [asyncio.create_task(one.run()) for one in crowd]
    await scene.wait(_WARM_SECONDS)
    await fault.inject(scene)
    normal = await _normal_after(crowd, time.time())
    await scene.wait(_AFTER_SECONDS)
    troubles = await calm_down(crowd, talking)
    troubles += await household.stop_soon()
    troubles += [f"logged: {line}" for line in household.output if "Traceback" in line]
    notes = [one.notes for one in crowd]
    books = fault.read(household)
    verdict = judge(evidence_of(notes, books, household.runs(), allowed=fault.codes))
    verdict.violations[:0] = troubles
    lost = sum(len(one.open) for one in notes)
    lost += verdict.figures["outcome NONE"]
    if normal is None:
        verdict.violations.append(f"not everybody had an answer within {_PATIENCE_SECONDS:g} s")
    return Finding(
        fault=fault.name, verdict=verdict, lost=lost, normal_seconds=normal, told=scene.told
    )


async def _normal_after(crowd: list[Talker], lifted: float) -> float | None:
    """Seconds until everybody has an answer to something that was said since."""
    while time.time() - lifted < _PATIENCE_SECONDS:
        since = [_first_answer(one, lifted) for one in crowd]
        if None not in since:
            return max(since) - lifted
        await asyncio.sleep(_LOOK_SECONDS)
    return None


def _first_answer(talker: Talker, lifted: float) -> float | None:
    told = [
        sent.told
        for sent in talker.notes.sent.values()
        if sent.at >= lifted and sent.outcome == DONE
    ]
    return min(told, default=None)
