"""What befalls hosts: cables that are cut, pulled out, or carry only some of what is sent."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

from cluster_chaos import LONGEST_PAUSE, SHORTEST_PAUSE, Fault, Scene

if TYPE_CHECKING:
    from collections.abc import Sequence

# Of packets that a host sends, and of those that it gets.
LOSS = 0.3
# Each way, so it takes 200 ms to be there and back.
DELAY_SECONDS = 0.1
_BAD_SECONDS = (15.0, 20.0)


async def _cut(scene: Scene, host: str) -> None:
    scene.note(f"the cable of {host} is cut")
    scene.cluster.networks.make(host, cut=True)
    await scene.wait(SHORTEST_PAUSE, LONGEST_PAUSE)
    scene.cluster.networks.make(host, cut=False)
    scene.note(f"the cable of {host} is mended")


async def _bad(scene: Scene, hosts: Sequence[str], *, loss: float, delay: float) -> None:
    names = " and ".join(hosts)
    scene.note(f"cables of {names} lose {loss:.0%}, and take {delay * 1000:.0f} ms each way")
    for host in hosts:
        scene.cluster.networks.make(host, loss=loss, delay=delay)
    await scene.wait(*_BAD_SECONDS)
    for host in hosts:
        scene.cluster.networks.make(host, loss=0.0, delay=0.0)
    scene.note(f"cables of {names} are good")


async def cut_a_worker(scene: Scene) -> None:
    """Neither it nor the others notice at once."""
    await _cut(scene, scene.any("worker").name)


async def cut_a_gateway(scene: Scene) -> None:
    """Not even devices reach it."""
    await _cut(scene, scene.any("gateway").name)


async def cut_the_router(scene: Scene) -> None:
    """Nobody reaches anybody."""
    await _cut(scene, "router1")


async def cut_the_database(scene: Scene) -> None:
    """Nothing can be kept."""
    await _cut(scene, "database")


async def pull_the_plug_of_a_worker(scene: Scene) -> None:
    """It notices itself, as its device is down."""
    name = scene.any("worker").name
    scene.note(f"the plug of {name} is pulled")
    scene.cluster.networks.plug(name, out=True)
    await scene.wait(SHORTEST_PAUSE, LONGEST_PAUSE)
    scene.cluster.networks.plug(name, out=False)
    scene.note(f"the plug of {name} is in again")


async def bad_cable_of_a_worker(scene: Scene) -> None:
    """It is there, and it is not."""
    await _bad(scene, [scene.any("worker").name], loss=LOSS, delay=DELAY_SECONDS)


async def bad_cable_of_one_while_another_dies(scene: Scene) -> None:
    """What the one had may go to the other."""
    first, second = scene.random.sample(scene.cluster.of("worker"), 2)
    await asyncio.gather(
        _bad(scene, [first.name], loss=LOSS, delay=DELAY_SECONDS), scene.kill(second)
    )


async def bad_cables_of_what_all_need(scene: Scene) -> None:
    """All that nodes say goes by way of one or the other."""
    await _bad(scene, ["router1", "database"], loss=LOSS, delay=DELAY_SECONDS)


async def far_away(scene: Scene) -> None:
    """The same without losses, as between continents."""
    await _bad(scene, ["router1", "database"], loss=0.0, delay=DELAY_SECONDS)


async def cut_one_and_hang_another(scene: Scene) -> None:
    """Two that have lost what they had, and do not know."""
    first, second = scene.random.sample(scene.cluster.of("worker"), 2)
    scene.note(f"{second.name} is paused")
    second.tell(signal.SIGSTOP)
    await _cut(scene, first.name)
    second.tell(signal.SIGCONT)
    scene.note(f"{second.name} goes on")


NETWORK_FAULTS: tuple[Fault, ...] = (
    cut_a_worker,
    pull_the_plug_of_a_worker,
    bad_cable_of_a_worker,
    cut_a_gateway,
    cut_the_router,
    cut_the_database,
    bad_cable_of_one_while_another_dies,
    bad_cables_of_what_all_need,
    far_away,
    cut_one_and_hang_another,
)
