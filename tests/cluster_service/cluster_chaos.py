"""People who talk while parts of a cluster die, hang and are cut off, and what came of it."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from random import Random
from typing import TYPE_CHECKING

from attrs import define, field, frozen
from cluster_failover import quantile
from cluster_stage import Cluster, Inhabitant

from reliability.audit import AUDIT_QUERY, writings
from reliability.cluster_verdict import Story, judge_cluster
from reliability.ledger import QUERY, Ledger, ledgers
from reliability.notes import Notes
from reliability.talker import Habits, Talker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cluster_cables import Cable
    from cluster_units import Unit

    from reliability.verdict import Verdict

DEVICES = 2
# Beyond the three seconds that a node promises to live, and the four in which a router notices.
SHORTEST_PAUSE, LONGEST_PAUSE = 4.0, 8.0
# As systemd has it, and some more.
_RESTART_SECONDS = (1.0, 3.0)
_BETWEEN_SECONDS = (0.5, 3.0)
_OPENING_SECONDS = 2.0
# For everything that is open to come to an end, once nothing happens any more.
_PATIENCE_SECONDS = 120.0
_SETTLING_SECONDS = 0.1
SHOWN = 50


def crowd(cluster: Cluster, people: list[Inhabitant], seed: int, habits: Habits) -> list[Talker]:
    """A client for each device, half of them beginning at the first gateway."""
    found = []
    for one in people:
        for number, token in enumerate(one.tokens):
            places = cluster.addresses
            places = places[number % len(places) :] + places[: number % len(places)]
            device = f"/{number}"
            found.append(
                Talker(
                    address=places[0],
                    others=places[1:],
                    token=token,
                    notes=Notes(name=one.name, user_id=one.user_id, device=device),
                    random=Random(f"{seed} {one.name}{device}"),  # noqa: S311 - nothing to guess
                    habits=habits,
                )
            )
    return found


@define(kw_only=True, eq=False)
class Scene:
    """What faults are done to.

    Args:
      cluster: runs.
      random: makes all decisions.
      times: when something was done.
      told: what, with the seconds since the beginning.
    """

    cluster: Cluster
    random: Random
    times: list[float] = field(factory=list)
    told: list[str] = field(factory=list)
    _began: float = field(factory=time.time)

    def note(self, what: str) -> None:
        """Something is done now."""
        self.times.append(time.time())
        self.told.append(f"{time.time() - self._began:6.1f} s: {what}")

    def any(self, kind: str) -> Unit:
        """One of the nodes."""
        return self.random.choice(self.cluster.of(kind))

    async def wait(self, shortest: float, longest: float) -> None:
        """Let people talk."""
        await asyncio.sleep(self.random.uniform(shortest, longest))

    async def restart_failed(self) -> None:
        """Do what systemd does, for as long as this is not cancelled."""
        while True:
            await asyncio.sleep(_RESTART_SECONDS[0])
            for name in self.cluster.restart_failed():
                self.note(f"{name} had ended, and is started")

    # What can be done

    async def kill(self, unit: Unit) -> None:
        """End a node with SIGKILL, and start it again."""
        self.note(f"{unit.name} is killed")
        unit.kill()
        await self.wait(*_RESTART_SECONDS)
        unit.start()
        self.note(f"{unit.name} is started")

    async def hang(self, unit: Unit) -> None:
        """Stop a node with SIGSTOP, until it has lost what it had."""
        self.note(f"{unit.name} is paused")
        unit.tell(signal.SIGSTOP)
        await self.wait(SHORTEST_PAUSE, LONGEST_PAUSE)
        self.note(f"{unit.name} goes on")
        unit.tell(signal.SIGCONT)

    async def cut(self, unit: Unit, *cables: dict[str, Cable], **but: bool) -> None:
        """Cut a node off from something, `but` what it says or hears, and mend that."""
        names = {id(self.cluster.to_router): "router", id(self.cluster.to_database): "database"}
        what = " and ".join(names[id(each)] for each in cables)
        forgotten = self.random.random() < 0.5
        left = "".join(f", but {word}" for word in but)
        self.note(f"{unit.name} is cut off from the {what}{left}")
        for each in cables:
            each[unit.name].cut(**but)
        await self.wait(SHORTEST_PAUSE, LONGEST_PAUSE)
        self.note(f"{unit.name} is joined with the {what}, as {'new' if forgotten else 'before'}")
        for each in cables:
            each[unit.name].mend(forgotten=forgotten)


async def kill_a_worker(scene: Scene) -> None:
    """SIGKILL, and a start as systemd would do it."""
    await scene.kill(scene.any("worker"))


async def kill_two_workers(scene: Scene) -> None:
    """So that what the first one had moves twice."""
    first, second = scene.random.sample(scene.cluster.of("worker"), 2)
    await asyncio.gather(scene.kill(first), scene.kill(second))


async def kill_a_gateway(scene: Scene) -> None:
    """SIGKILL, and a start as systemd would do it."""
    await scene.kill(scene.any("gateway"))


async def hang_a_worker(scene: Scene) -> None:
    """SIGSTOP for longer than a lease lasts."""
    await scene.hang(scene.any("worker"))


async def hang_one_and_kill_another(scene: Scene) -> None:
    """So that only one is left for a while."""
    first, second = scene.random.sample(scene.cluster.of("worker"), 2)
    await asyncio.gather(scene.hang(first), scene.kill(second))


async def kill_the_router(scene: Scene) -> None:
    """SIGKILL, and a start as systemd would do it, which takes a while."""
    (router,) = scene.cluster.of("router")
    await scene.kill(router)
    await asyncio.to_thread(scene.cluster.wait_until_ready)


async def restart_the_database(scene: Scene) -> None:
    """As after a power cut."""
    scene.note("the database is gone")
    scene.cluster.postgres.pause()
    await scene.wait(0.5, 4.0)
    # In this thread: Linux ends the server with the thread that started it.
    scene.cluster.postgres.resume()
    scene.note("the database is back")


async def cut_a_worker_from_the_router(scene: Scene) -> None:
    """It lives, says the database, and nobody can reach it."""
    await scene.cut(scene.any("worker"), scene.cluster.to_router)


async def cut_a_worker_from_the_database(scene: Scene) -> None:
    """It can be reached, and can keep nothing."""
    await scene.cut(scene.any("worker"), scene.cluster.to_database)


async def cut_a_worker_off(scene: Scene) -> None:
    """It is alone, and knows nothing of what happens meanwhile."""
    await scene.cut(scene.any("worker"), scene.cluster.to_router, scene.cluster.to_database)


async def make_a_worker_deaf(scene: Scene) -> None:
    """What it says arrives, and it is told nothing."""
    await scene.cut(scene.any("worker"), scene.cluster.to_router, says=True)


async def make_a_worker_dumb(scene: Scene) -> None:
    """It is told everything, and nothing that it says arrives."""
    await scene.cut(scene.any("worker"), scene.cluster.to_router, hears=True)


async def cut_a_gateway_from_the_database(scene: Scene) -> None:
    """It reaches all workers, and cannot look up which one to ask."""
    await scene.cut(scene.any("gateway"), scene.cluster.to_database)


async def cut_a_gateway_from_the_router(scene: Scene) -> None:
    """People are connected to somebody who reaches nobody."""
    await scene.cut(scene.any("gateway"), scene.cluster.to_router)


async def drain_a_worker(scene: Scene) -> None:
    """An operator has it give away what it has, and then has it work again."""
    worker = scene.any("worker")
    for word in ("drain", "resume"):
        scene.note(f"{worker.name} is told to {word}")
        if await scene.cluster.tell(word, worker.name):
            scene.note(f"{worker.name} could not {word}")
        await scene.wait(*_RESTART_SECONDS)


async def kill_a_worker_that_drains(scene: Scene) -> None:
    """What it still had moves all the same."""
    worker = scene.any("worker")
    scene.note(f"{worker.name} is told to drain")
    telling = asyncio.create_task(scene.cluster.tell("drain", worker.name))
    await scene.wait(*_RESTART_SECONDS)
    await scene.kill(worker)
    await telling


Fault = Callable[[Scene], Awaitable[None]]

FAULTS: tuple[Fault, ...] = (
    kill_a_worker,
    kill_a_gateway,
    hang_a_worker,
    kill_the_router,
    restart_the_database,
    cut_a_worker_off,
    cut_a_worker_from_the_router,
    cut_a_worker_from_the_database,
    hang_one_and_kill_another,
    kill_two_workers,
    cut_a_gateway_from_the_router,
    cut_a_gateway_from_the_database,
    make_a_worker_deaf,
    make_a_worker_dumb,
    drain_a_worker,
    kill_a_worker_that_drains,
)


def schedule(random: Random, faults: Sequence[Fault], count: int) -> list[Fault]:
    """So many faults, all of them equally often, in any order."""
    found: list[Fault] = []
    while len(found) < count:
        found += random.sample(faults, len(faults))
    return found[:count]


@frozen(kw_only=True)
class Finding:
    """What came of it.

    Args:
      verdict: what was counted and violated.
      told: what was done.
      waits: seconds from each message to its outcome.
    """

    verdict: Verdict
    told: list[str]
    waits: list[float]

    def report(self) -> list[str]:
        """All of it, for people."""
        figures = sorted(self.verdict.figures.items())
        waits = ", ".join(
            f"{share:.0%} within {quantile(self.waits, share):.2f} s" for share in (0.5, 0.99, 1.0)
        )
        return [
            *self.told,
            *("| what | how many |", "|---|---|"),
            *(f"| {name} | {count:,} |" for name, count in figures),
            f"messages had their outcome: {waits}",
            *(f"VIOLATION: {violation}" for violation in self.verdict.violations[:SHOWN]),
            f"{len(self.verdict.violations)} violations",
        ]


async def suffer(
    cluster: Cluster,
    *,
    people: int,
    count: int,
    seed: int,
    faults: Sequence[Fault] = FAULTS,
    habits: Habits | None = None,
) -> Finding:
    """Start it, have people talk, do so many things to it, and look what came of it."""
    random = Random(seed)  # noqa: S311 - nothing to guess here
    names = [f"person{number:02d}" for number in range(people)]
    inhabitants = cluster.settle(names, DEVICES)
    await cluster.lay_cables()
    await asyncio.to_thread(cluster.start)
    talkers = crowd(cluster, inhabitants, seed, habits or Habits())
    talking = [asyncio.create_task(one.run()) for one in talkers]
    scene = Scene(cluster=cluster, random=random)
    await asyncio.sleep(_OPENING_SECONDS)
    watching = asyncio.create_task(scene.restart_failed())
    for fault in schedule(random, faults, count):
        await fault(scene)
        print(scene.told[-1], flush=True)  # noqa: T201 - it takes minutes
        await scene.wait(*_BETWEEN_SECONDS)
    troubles = await _calm_down(talkers, talking)
    await asyncio.to_thread(cluster.wait_until_ready)
    watching.cancel()
    troubles += await asyncio.to_thread(cluster.stop)
    troubles += [f"logged: {line}" for line in cluster.output() if "Traceback" in line]
    verdict = judge_cluster(stories(cluster, inhabitants, talkers, scene.times))
    verdict.violations[:0] = troubles
    verdict.figures["faults"] = count
    leave_evidence(cluster, talkers, scene.told)
    waits = [seconds for one in talkers for seconds in _waits(one.notes)]
    return Finding(verdict=verdict, told=scene.told, waits=waits)


def _waits(notes: Notes) -> list[float]:
    """Seconds from each message to its first `done`; it may be told again much later."""
    told: dict[str, float] = {}
    for seen in notes.seen:
        if seen.document["type"] == "done":
            told.setdefault(seen.document.get("re", ""), seen.at)
    return [told[sent.id] - sent.at for sent in notes.sent.values() if sent.id in told]


async def _calm_down(talkers: list[Talker], talking: list[asyncio.Task[None]]) -> list[str]:
    """Let clients finish what they have begun; what is wrong with that."""
    for one in talkers:
        one.stop()
    _, pending = await asyncio.wait(talking, timeout=_PATIENCE_SECONDS)
    for task in pending:
        task.cancel()
    done = await asyncio.gather(*talking, return_exceptions=True)
    troubles = [f"a client failed: {one!r}" for one in done if isinstance(one, Exception)]
    late = [f"{one.notes.name}{one.notes.device}" for one in talkers if not one.is_content]
    if late:
        troubles.append(f"not all was answered within {_PATIENCE_SECONDS:g} s: {', '.join(late)}")
    await asyncio.sleep(_SETTLING_SECONDS)
    return troubles


def stories(
    cluster: Cluster, people: list[Inhabitant], talkers: list[Talker], faults: list[float]
) -> list[Story]:
    """What is known of each."""
    books = ledgers(cluster.rows(QUERY))
    audits = writings(cluster.rows(AUDIT_QUERY))
    runs: dict[int, Counter[str]] = {}
    for user_id, id_ in cluster.runs():
        runs.setdefault(user_id, Counter())[id_] += 1
    return [
        Story(
            name=one.name,
            devices=[each.notes for each in talkers if each.notes.user_id == one.user_id],
            ledger=books.get(one.user_id, Ledger([])),
            audit=audits.get(one.user_id, []),
            runs=runs.get(one.user_id, Counter()),
            faults=faults,
        )
        for one in people
    ]


def leave_evidence(cluster: Cluster, talkers: list[Talker], told: list[str]) -> None:
    """Write down what the database and the devices have, for those who look into it."""
    for name, query in (("entries", QUERY), ("audit", AUDIT_QUERY)):
        lines = [json.dumps(row) for row in cluster.rows(query)]
        (cluster.folder / f"{name}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    lines = [
        f"{seen.at:.3f} {one.notes.name}{one.notes.device} {visit.number} {seen.document}"
        for one in talkers
        for visit in one.notes.visits
        for seen in visit.seen
    ]
    (cluster.folder / "seen.txt").write_text("\n".join(lines), encoding="utf-8")
    lines = [
        f"{sent.at:.3f} {sent.told - sent.at:.3f} {sent.times} {sent.outcome} {sent.document}"
        for one in talkers
        for sent in one.notes.sent.values()
    ]
    (cluster.folder / "sent.txt").write_text("\n".join(sorted(lines)), encoding="utf-8")
    (cluster.folder / "told.txt").write_text("\n".join(told), encoding="utf-8")
