"""What a question, and something that is told, cost by each way between processes.

    python -m bench.buses --crossbar PATH/crossbar

Decides what `--processes` uses. Both sides and the router count; the ways take turns in one run,
so read the figures as ratios. The sizes are those of a message and of a short answer.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any, Final

from twisted.internet import reactor as global_reactor
from twisted.internet.defer import Deferred, DeferredSemaphore, gatherResults, inlineCallbacks
from twisted.internet.task import deferLater, react

from bench.processes import CpuClock
from bench.tables import table
from pytlas_wamp.cluster.direct import DirectBus
from pytlas_wamp.cluster.identity import NodeKey, make_key
from pytlas_wamp.cluster.wamp import WampBus

_TEXT: Final = '{"type": "message", "message": "turn on the light in the kitchen please", "id": "'
_QUESTION: Final = {"user": 4711, "epoch": 12, "device": 3, "message": _TEXT + "x" * 90 + '"}'}
_ANSWER: Final = {"frames": []}
_FRAME: Final = [4711, 12, '{"type": "answer", "text": "' + "y" * 220 + '"}', None]
_PER_TURN: Final = 4  # a turn of a worker's reactor has some frames at once
_GATEWAY: Final = "g1-00000001"
_WORKER: Final = "w1-00000001"


class _WorkerInbox:
    """Answers, tells as often as it is asked to, and says how much time it has used."""

    bus: Any = None

    def asked(self, sender: str, what: str, body: Any) -> Any:
        if what == "cpu":
            return time.process_time()
        if what == "flood":
            self._tell(sender, body)
            return None
        return _ANSWER

    def _tell(self, to: str, left: int) -> None:
        for _ in range(min(left, _PER_TURN)):
            self.bus.tell(to, {"frames": [_FRAME]})
        if left > _PER_TURN:
            self.bus._reactor.callLater(0, self._tell, to, left - _PER_TURN)  # noqa: SLF001

    def told(self, sender: str, body: Any) -> None:
        """Nobody tells a worker anything."""

    def connected(self) -> None:
        """Go on."""

    def disconnected(self) -> None:
        """What was told is lost, so that nobody need wait for it."""
        sys.exit("the connection was lost; is the machine busy with other things?")

    def left(self, node: str) -> None:
        """Go on."""


class _GatewayInbox(_WorkerInbox):
    """Counts what is told."""

    def __init__(self) -> None:
        self.missing = 0
        self.all_here: Deferred[None] = Deferred()

    def told(self, sender: str, body: Any) -> None:  # noqa: ARG002 - it counts
        self.missing -= 1
        if not self.missing:
            self.all_here.callback(None)

    def expect(self, count: int) -> Deferred[None]:
        self.missing, self.all_here = count, Deferred()
        return self.all_here


def _bus(place: str, role: str, seed: str) -> Any:
    node = _GATEWAY if role == "gateway" else _WORKER
    if place.startswith("ws"):
        return WampBus(place, node, role, NodeKey(bytes.fromhex(seed)), global_reactor)
    return DirectBus(Path(place), node, role, global_reactor)


def _work(place: str, seed: str) -> None:
    """Be the worker, until killed."""
    inbox = _WorkerInbox()
    inbox.bus = _bus(place, "worker", seed)
    inbox.bus.start(inbox).addErrback(lambda failure: sys.exit(str(failure.value)))
    global_reactor.run()


@inlineCallbacks
def _measure(place: str, seed: str, worker_seed: str, router: CpuClock | None, plan: Any) -> Any:
    """Returns the µs of gateway, worker and router for a question and for what is told."""
    worker = subprocess.Popen(  # noqa: S603 - ourselves
        [sys.executable, "-m", "bench.buses", "--be-worker", place, worker_seed]
    )
    inbox = _GatewayInbox()
    bus = _bus(place, "gateway", seed)
    try:
        yield bus.start(inbox)
        while True:
            try:
                yield bus.ask(_WORKER, "cpu", None)
                break
            except Exception:  # noqa: BLE001 - it is not there yet
                yield deferLater(global_reactor, 0.1)
        found = {}
        for name, work in (("question", _ask_many), ("told", _be_told)):
            yield work(bus, inbox, plan.count // 10)
            began = yield _read(bus, router)
            yield work(bus, inbox, plan.count)
            ended = yield _read(bus, router)
            spent = [
                (after - before) / plan.count * 1e6
                for before, after in zip(began, ended, strict=True)
            ]
            found[name] = spent
        waits = []
        for _ in range(200):
            began_at = time.perf_counter()
            yield bus.ask(_WORKER, "say", _QUESTION)
            waits.append((time.perf_counter() - began_at) * 1e3)
        found["ms"] = median(waits)
        yield bus.stop()
        return found
    finally:
        worker.kill()
        worker.wait()


@inlineCallbacks
def _read(bus: Any, router: CpuClock | None) -> Any:
    theirs = yield bus.ask(_WORKER, "cpu", None)
    own = time.process_time()
    return own, theirs, router.read() / 1e9 if router else 0.0, time.perf_counter()


def _ask_many(bus: Any, _: Any, count: int) -> Deferred[Any]:
    turns = DeferredSemaphore(64)
    return gatherResults([turns.run(bus.ask, _WORKER, "say", _QUESTION) for _ in range(count)])


def _be_told(bus: Any, inbox: _GatewayInbox, count: int) -> Deferred[Any]:
    all_here = inbox.expect(count)
    bus.ask(_WORKER, "flood", count)
    return all_here


@inlineCallbacks
def _run(_: Any, plan: Any) -> Any:
    # Where the tests have what starts one.
    sys.path.append(str(Path(__file__).parent.parent / "tests"))
    crossbar: Any = import_module("router_for_tests")
    crossbar.PROGRAM = plan.crossbar
    gateway, worker = make_key(), make_key()
    nodes = {"g1": ("gateway", gateway.public), "w1": ("worker", worker.public)}
    port = crossbar.free_port()
    router = crossbar.Crossbar(crossbar.configuration(port, nodes), port)
    rounds: dict[str, list[Any]] = {"sockets": [], "Crossbar": []}
    with tempfile.TemporaryDirectory(prefix="buses-") as folder:
        try:
            router.start()
            clock = CpuClock(router.process.pid)
            for _ in range(plan.rounds):
                for name, place, counted in (
                    ("sockets", f"{folder}/bus", None),
                    ("Crossbar", router.url, clock),
                ):
                    found = yield _measure(
                        place, gateway.seed.hex(), worker.seed.hex(), counted, plan
                    )
                    rounds[name].append(found)
        finally:
            router.stop()
    sys.stdout.write(_report(rounds))


def _report(rounds: dict[str, list[Any]]) -> str:
    head = (
        "way",
        "what",
        "gateway µs",
        "worker µs",
        "router µs",
        "together µs",
        "per s",
        "ms alone",
    )
    lines = []
    for name, found in rounds.items():
        for what in ("question", "told"):
            columns = [median(each[what][number] for each in found) for number in range(4)]
            together = sum(columns[:3])
            alone = f"{median(each['ms'] for each in found):.2f}" if what == "question" else ""
            lines.append(
                (
                    name,
                    what,
                    *(f"{each:.0f}" for each in (*columns[:3], together)),
                    f"{1e6 / columns[3]:.0f}",
                    alone,
                )
            )
    return table(head, lines)


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.buses", description=__doc__)
    parser.add_argument("--crossbar", default="crossbar", help="the program")
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--be-worker", nargs=2, help=argparse.SUPPRESS)
    plan = parser.parse_args()
    if plan.be_worker:
        _work(*plan.be_worker)
    else:
        react(_run, (plan,))


if __name__ == "__main__":
    main()
