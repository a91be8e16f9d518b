"""A switch between network namespaces, and its cables: they lose packets, take time, are cut.

Each host is a namespace whose `eth0` is a TUN device; this process has the other ends, and
carries packets from one to another. What Linux has for that, netem, is not in every kernel,
and sees to one direction only. Packets for addresses that no host has go nowhere: nothing that
is said in there gets out, nor the other way round.

`python cluster_switch.py SEED NAME=NAMESPACE=ADDRESS...`, as root; it says `ready`, and then
takes lines of JSON: {"host": NAME, "loss": 0.3, "delay": 0.1, "cut": false}, where loss and
delay count for each packet that the host sends or gets. It ends with its standard input.
"""

from __future__ import annotations

import ctypes
import fcntl
import heapq
import json
import os
import select
import socket
import struct
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_NEW_NETWORK = 0x40000000  # CLONE_NEWNET
_SET_INTERFACE = 0x400454CA  # TUNSETIFF
_TUN, _PLAIN = 0x0001, 0x1000  # IFF_TUN, IFF_NO_PI
_PACKET_BYTES = 65_536
# A line that waits for longer than this loses packets, as any switch does.
_MOST_WAITING = 20_000
_IPV4 = 4


@contextmanager
def inside(namespace: str | None) -> Iterator[None]:
    """Have this thread, and what it starts, be in a network of `ip netns`; None for its own."""
    if namespace is None:
        yield
        return
    library = ctypes.CDLL(None, use_errno=True)
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    there = os.open(Path("/run/netns") / namespace, os.O_RDONLY)
    try:
        _enter(library, there)
        try:
            yield
        finally:
            _enter(library, before)
    finally:
        os.close(before)
        os.close(there)


def _enter(library: ctypes.CDLL, network: int) -> None:
    if library.setns(network, _NEW_NETWORK):
        raise OSError(ctypes.get_errno(), "cannot enter a network namespace")


def _plug(namespace: str) -> int:
    """Make `eth0` there, and return this end of it."""
    with inside(namespace):
        device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(device, _SET_INTERFACE, struct.pack("16sH", b"eth0", _TUN | _PLAIN))
    return device


class Switch:
    """See the module.

    Args:
      hosts: the namespace and the address of each, by its name.
      random: decides which packets are lost.
    """

    def __init__(self, hosts: dict[str, tuple[str, str]], random: Random) -> None:
        self._random = random
        self._ends = {name: _plug(namespace) for name, (namespace, _) in hosts.items()}
        self._names = {end: name for name, end in self._ends.items()}
        self._by_address = {socket.inet_aton(address): name for name, (_, address) in hosts.items()}
        self._cables = {name: {"loss": 0.0, "delay": 0.0, "cut": False} for name in hosts}
        self._waiting: list[tuple[float, int, str, str, bytes]] = []
        self._number = 0

    def run(self) -> None:
        """Carry packets until nobody gives orders any more."""
        orders = sys.stdin.fileno()
        while True:
            now = time.monotonic()
            due = self._waiting[0][0] - now if self._waiting else None
            found, _, _ = select.select([orders, *self._names], [], [], due and max(due, 0.0))
            for end in found:
                if end == orders:
                    line = sys.stdin.buffer.raw.read(_PACKET_BYTES)
                    if not line:
                        return
                    for order in line.splitlines():
                        self._obey(json.loads(order))
                else:
                    self._take(end)
            self._give(time.monotonic())

    def _obey(self, order: dict) -> None:
        self._cables[order.pop("host")].update(order)

    def _take(self, end: int) -> None:
        with suppress(BlockingIOError):
            packet = os.read(end, _PACKET_BYTES)
            there = self._by_address.get(packet[16:20]) if packet[0] >> 4 == _IPV4 else None
            if there is not None and len(self._waiting) < _MOST_WAITING:
                here = self._names[end]
                delay = self._cables[here]["delay"] + self._cables[there]["delay"]
                self._number += 1
                entry = (time.monotonic() + delay, self._number, here, there, packet)
                if not self._is_lost(here):
                    heapq.heappush(self._waiting, entry)

    def _give(self, now: float) -> None:
        while self._waiting and self._waiting[0][0] <= now:
            _, _, here, there, packet = heapq.heappop(self._waiting)
            if not (self._cables[here]["cut"] or self._is_lost(there)):
                # A device that is down takes nothing; one that is full loses it.
                with suppress(OSError):
                    os.write(self._ends[there], packet)

    def _is_lost(self, name: str) -> bool:
        cable = self._cables[name]
        return cable["cut"] or self._random.random() < cable["loss"]


def main(seed: str, *named: str) -> None:
    """See the module."""
    hosts = {}
    for one in named:
        name, namespace, address = one.split("=")
        hosts[name] = (namespace, address)
    switch = Switch(hosts, Random(seed))  # noqa: S311 - nothing to guess here
    print("ready", flush=True)  # noqa: T201 - a program
    switch.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
