"""A drain moves conversations from one real worker to another, under the eyes of devices."""

from __future__ import annotations

import json

import pytest
from worker_stage import (
    COOK,
    OTHER,
    WorkerStage,
    gates,  # noqa: F401 - a fixture
)

from frames import Screen, short
from pytlas_wamp.assistant.host import Person
from pytlas_wamp.cluster.gateway import RemoteHost
from pytlas_wamp.cluster.placement import Placement
from pytlas_wamp.wire.messages import Message

CHEF = "chef-00000001"
MEANWHILE = ["said echo hello", "m1: thinking", "m1: answer hello", "m1: done"]


class Phone(Screen):
    """A device at a gateway."""

    def __init__(self, gateway, after=None):
        super().__init__()
        self.conversation = None
        gateway.join(Person(id=1, language="en-US", settings={}), self, after).addCallback(
            self._joined
        )

    def _joined(self, joined):
        self.conversation, self.presence = joined

    def say(self, text, id_=None, **fields):
        self.conversation.say(self, Message(message=text, id=id_, **fields))

    @property
    def numbers(self):
        return [frame["seq"] for frame in self.frames if "seq" in frame]


class TwoWorkers:
    """The cook, who has a conversation, and a chef; two gateways with a phone each."""

    def __init__(self):
        self.cook = WorkerStage()
        self.placements = []
        self.cook.leases.withdraw(OTHER)
        self.gateways = [self._gateway(f"door-0000000{number}") for number in (1, 2)]
        self.settle()
        self.phones = [Phone(gateway) for gateway in self.gateways]
        self.settle()
        assert self.owner == COOK
        self.chef = WorkerStage(node_id=CHEF, beside=self.cook)
        self.advance(1)

    def _gateway(self, node_id):
        bus = self.cook.network.bus(node_id)
        placement = Placement(
            store=self.cook.leases, workers=self.cook.disk, now=self.cook.clock.seconds
        )
        self.placements.append(placement)
        host = RemoteHost(
            bus=bus,
            placement=placement,
            clock=self.cook.clock,
            workers=self.cook.disk,
            erase_frames=self.cook.journal.erase,
            max_waiting=10,
        )
        bus.start(host)
        return host

    @property
    def owner(self):
        return self.cook.leases.lease(1).node_id

    @property
    def log(self):
        return [json.loads(entry.body) for entry in self.cook.journal.entries(1)]

    def drain(self):
        self.cook.leases.set_state("cook", "draining")
        self.cook.draining.learn("draining")

    def settle(self):
        self.cook.settle()

    def step(self):
        """Let one thing happen."""
        stage = self.cook
        for pool in (stage.urgent, stage.skills, stage.disk):
            if pool.jobs:
                pool.start()
                break
        if len(stage.arrivals):
            stage.arrivals.next()
        stage.clock.advance(0)

    def advance(self, seconds):
        for _ in range(seconds):
            self.cook.advance(1)
            for placement in self.placements:
                placement.refresh()
            self.settle()


@pytest.fixture
def two(gates):  # noqa: F811 - the fixture
    return TwoWorkers()


def is_gapless(numbers):
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))


class TestMoving:
    def test_devices_notice_nothing(self, two):
        two.phones[0].say("echo hello", "m1")
        two.settle()
        two.drain()
        two.advance(3)
        assert (two.owner, two.cook.host.conversations) == (CHEF, [])
        two.phones[0].say("echo hello", "m2")
        two.settle()
        texts = [short(frame) for frame in two.phones[1].frames]
        assert texts == [*MEANWHILE, *(text.replace("m1", "m2") for text in MEANWHILE)]
        assert two.phones[1].frames == two.log
        assert two.phones[0].numbers == two.phones[1].numbers[1:4] + two.phones[1].numbers[5:]
        assert [phone.moves for phone in two.phones] == [0, 0]

    def test_a_question_is_answered_where_it_is_then(self, two):
        two.phones[0].say("lights", "m1")
        two.settle()
        question = two.phones[1].frames[-1]
        assert question["type"] == "ask"
        two.drain()
        two.advance(3)
        two.phones[1].say("kitchen", "m2", answers=question["seq"])
        two.settle()
        assert [short(frame) for frame in two.phones[0].frames[-2:]] == [
            "m2: done?",
            "m2: ask level",
        ]

    def test_what_runs_ends_where_it_began(self, two, gates):  # noqa: F811
        two.phones[0].say("slow", "m1")
        two.settle()
        two.drain()
        two.phones[1].say("echo hello", "m2")
        two.advance(3)
        assert two.owner == COOK
        gates.release("slow")
        two.advance(3)
        assert two.owner == CHEF
        assert [frame["re"] for frame in two.log if frame["type"] == "done"] == ["m1", "m2"]

    @pytest.mark.parametrize("steps", range(14))
    def test_no_frame_is_lost_whenever_somebody_speaks(self, two, steps):
        two.phones[0].say("echo hello", "m1")
        two.settle()
        two.drain()
        for _ in range(steps):
            two.step()
        two.phones[0].say("echo hello", "m2")
        two.phones[1].say("echo hello", "m3")
        for _ in range(steps):
            two.step()
        two.advance(5)
        assert (two.owner, two.cook.draining.is_done) == (CHEF, True)
        assert is_gapless([frame["seq"] for frame in two.log])
        for kind in ("said", "answer", "done"):
            ids = [frame.get("id") or frame["re"] for frame in two.log if frame["type"] == kind]
            assert sorted(ids) == ["m1", "m2", "m3"]
        for phone, own in zip(two.phones, ({"m1", "m2"}, {"m3"}), strict=True):
            assert phone.frames == [frame for frame in two.log if frame.get("id") not in own]


class TestNotInOrder:
    def test_a_worker_that_is_cut_off_writes_and_tells_nothing_more(self, two, gates):  # noqa: F811
        two.phones[0].say("slow", "m1")
        two.settle()
        two.cook.network.cut(COOK)
        two.advance(6)
        assert two.owner == CHEF
        two.phones[1].say("echo hello", "m2")
        two.settle()
        gates.release("slow")
        two.settle()
        assert two.cook.host.conversations == []
        two.cook.network.mend(COOK)
        two.advance(3)
        assert is_gapless([frame["seq"] for frame in two.log])
        assert [frame["re"] for frame in two.log if frame["type"] == "done"] == ["m1", "m2"]
        assert [frame["code"] for frame in two.log if frame["type"] == "error"] == ["interrupted"]
        for phone, own in zip(two.phones, ("m1", "m2"), strict=True):
            assert phone.frames == [frame for frame in two.log if frame.get("id") != own]
        assert len(two.cook.seats) == 0
