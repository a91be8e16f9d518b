"""How long people wait when the worker that has their conversation is killed, or hangs."""

from __future__ import annotations

import asyncio
import math
import signal
import time
from collections import Counter
from random import Random
from typing import TYPE_CHECKING

from attrs import define, field

from reliability.line import Line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cluster_stage import Cluster, Inhabitant

    from reliability.line import Document

PATIENCE_SECONDS = 60.0
# What somebody does when it happens.
ASKED, IDLE, BUSY = "a question waits for its answer", "nothing", "a skill runs"
_FIRST = {ASKED: "open a room for {}", BUSY: "hang around with {}"}
_THEN = {ASKED: "the attic", IDLE: "quick greeting to {}"}
_WAITS_FOR = {ASKED: "ask", BUSY: "thinking"}
# What is taken for an answer: what was interrupted is told by an error.
_NEXT = {ASKED: "answer", IDLE: "answer", BUSY: "error"}
_MOMENT_SECONDS = (0.05, 0.5)
# Until one that hung is known to be there again, and forgiven.
_CALM_SECONDS = 6.0


@define(eq=False)
class Waiter:
    """Somebody with one device.

    Args:
      inhabitant: who.
      line: is connected.
    """

    inhabitant: Inhabitant
    line: Line
    _number: int = 0

    @classmethod
    async def connect(cls, cluster: Cluster, inhabitant: Inhabitant) -> Waiter:
        """Connect to one of the gateways."""
        address = cluster.addresses[inhabitant.user_id % len(cluster.addresses)]
        (token, *_) = inhabitant.tokens
        waiter = cls(inhabitant, await Line.open(address, {"type": "authenticate", "token": token}))
        await waiter.hear("ready")
        return waiter

    def say(self, words: str) -> None:
        """Say something, which may have the name in it."""
        self._number += 1
        id_ = f"{self.inhabitant.name}-{self._number}"
        words = words.format(self.inhabitant.name)
        meta = {"message_id": id_}
        self.line.send({"type": "message", "message": words, "id": id_, "meta": meta})

    async def hear(self, kind: str) -> Document:
        """The next frame of a kind."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                frame = await self.line.next()
                assert frame is not None, f"closed: {self.line.closed}"
                if frame["type"] == kind:
                    return frame

    async def prepare(self, state: str) -> None:
        """Get into this state."""
        if state in _FIRST:
            self.say(_FIRST[state])
            await self.hear(_WAITS_FOR[state])

    async def wait(self, state: str, killed: float) -> float:
        """Go on, and say how many seconds after the kill there was an answer."""
        if state in _THEN:
            self.say(_THEN[state])
        await self.hear(_NEXT[state])
        took = time.perf_counter() - killed
        await self.hear("done")
        return took


@define
class Waits:
    """Seconds, by what people did when it happened."""

    found: dict[str, list[float]] = field(factory=lambda: {ASKED: [], IDLE: [], BUSY: []})
    kills: int = 0

    @property
    def all(self) -> list[float]:
        """Those of everybody."""
        return [one for some in self.found.values() for one in some]

    def table(self) -> list[str]:
        """As Markdown."""
        rows = [(name, some) for name, some in self.found.items() if some] + [("all", self.all)]
        return [
            "| meanwhile | waits | p50 | p99 | longest |",
            "|---|---|---|---|---|",
            *(
                f"| {name} | {len(some)} | {quantile(some, 0.5):.2f} s "
                f"| {quantile(some, 0.99):.2f} s | {max(some):.2f} s |"
                for name, some in rows
            ),
        ]


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest of the values that so many are not above."""
    return sorted(values)[max(math.ceil(share * len(values)) - 1, 0)]


async def measure(
    cluster: Cluster, *, people: int, kills: int, seed: int, hang: bool = False
) -> Waits:
    """Kill the worker with the most conversations, again and again, and watch the people.

    Args:
      cluster: not started yet.
      people: how many.
      kills: how often.
      seed: decides who does what at which moment.
      hang: stop it with SIGSTOP instead, so that nobody is told that it is gone.
    """
    random = Random(seed)  # noqa: S311 - nothing to guess here
    cluster.hanging.touch()
    inhabitants = cluster.settle([f"person{number:02d}" for number in range(people)], 1)
    await asyncio.to_thread(cluster.start)
    waiters = {one.user_id: await Waiter.connect(cluster, one) for one in inhabitants}
    waits = Waits()
    for _ in range(kills):
        leases = dict(cluster.rows("SELECT user_id, node_id FROM leases ORDER BY user_id"))
        ((node, _),) = Counter(leases.values()).most_common(1)
        victim = cluster.units[node.rpartition("-")[0]]
        hit = [waiters[user_id] for user_id, owner in leases.items() if owner == node]
        states = [(ASKED, IDLE, BUSY)[n % 3] for n in range(len(hit))]
        random.shuffle(states)
        together = list(zip(hit, states, strict=True))
        await asyncio.gather(*(one.prepare(state) for one, state in together))
        await asyncio.sleep(random.uniform(*_MOMENT_SECONDS))
        killed = time.perf_counter()
        if hang:
            victim.tell(signal.SIGSTOP)
        else:
            victim.kill()
        took = await asyncio.gather(*(one.wait(state, killed) for one, state in together))
        for state, seconds in zip(states, took, strict=True):
            waits.found[state].append(seconds)
        waits.kills += 1
        if hang:
            victim.tell(signal.SIGCONT)
            await asyncio.sleep(_CALM_SECONDS)
        else:
            victim.start()
            await asyncio.to_thread(cluster.wait_until_back, victim)
    for one in waiters.values():
        one.line.abort()
    return waits
