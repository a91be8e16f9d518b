"""A place in a cluster: taken, lost, left."""

from __future__ import annotations

import pytest
from assembled import errors
from twisted.internet.defer import Deferred, fail, succeed
from twisted.python.failure import Failure

from inboxes import NotedInbox
from pytlas_wamp.cluster.direct import DirectBus
from pytlas_wamp.cluster.identity import make_key, write_key
from pytlas_wamp.cluster.shards import ShardedBus
from pytlas_wamp.config import read_config
from pytlas_wamp.errors import OperatorError
from pytlas_wamp.service import node
from pytlas_wamp.service.learning import Learning
from pytlas_wamp.service.node import make_bus

ROUTERS = ("ws://one.example/ws", "ws://two.example/ws", "ws://three.example/ws")
MAKE_BUS = make_bus


class Bus:
    """Starts as the test says."""

    is_connected = False

    def __init__(self, started):
        self.started = started

    def start(self, inbox):
        return self.started

    def stop(self):
        return succeed(None)


@pytest.fixture
def config(tmp_path):
    def make(*routers):
        options = {
            "data_dir": str(tmp_path),
            "role": "worker",
            "name": "kitchen",
            "database": "postgresql://db/x",
            "router": list(routers or ROUTERS),
        }
        return read_config(config_file=None, options=options, environ={})

    return make


class TestWay:
    def test_is_by_sockets_on_one_machine(self, tmp_path, reactor):
        alone = read_config(config_file=None, options={"data_dir": tmp_path}, environ={})
        bus = MAKE_BUS(alone, "kitchen-00000001", "worker", reactor)
        assert isinstance(bus, DirectBus)
        assert bus._folder == tmp_path / "run"

    def test_is_by_routers_otherwise(self, tmp_path, reactor, config):
        write_key(make_key(), tmp_path / "cluster.key")
        bus = MAKE_BUS(config(), "kitchen-00000001", "worker", reactor)
        assert isinstance(bus, ShardedBus)
        assert [one._url for one in bus._shards] == list(ROUTERS)

    def test_needs_a_key(self, reactor, config):
        with pytest.raises(OperatorError, match=r"there is no key in .*/cluster.key"):
            MAKE_BUS(config(), "kitchen-00000001", "worker", reactor)


class TestPlace:
    def test_has_a_new_id_with_each_start(self, stage):
        one, other = (stage.make("worker", "kitchen").place for _ in range(2))
        assert one.id != other.id
        assert one.id.startswith("kitchen-")

    def test_is_known_to_others(self, stage, reactor):
        place = stage.start("worker", "kitchen", languages=("fr",)).place
        reactor.until(place.leases.living)
        (status,) = place.leases.living()
        assert (status.node.id, status.node.role, status.node.name) == (
            *(place.id, "worker", "kitchen"),
        )
        assert status.node.languages == {"fr"}
        assert status.node.details.keys() >= {"seats", "turns_per_second"}
        assert place.is_announced

    def test_is_not_announced_before_others_can_be_reached(self, stage, reactor):
        stage.network.router_is_up = False
        place = stage.start("worker", "kitchen").place
        reactor.advance(5)
        assert place.leases.living() == ()
        stage.network.restore_router()
        reactor.until(place.leases.living)

    def test_is_not_announced_before_it_is_ready(self, stage, reactor, monkeypatch):
        ready = Deferred()
        monkeypatch.setattr(Learning, "when_over", lambda _: ready)
        place = stage.start("worker", "kitchen").place
        reactor.advance(0)
        assert place.bus.is_connected
        assert place.leases.living() == ()
        ready.callback(None)
        reactor.until(place.leases.living)

    def test_is_not_announced_after_it_has_left(self, stage, reactor, monkeypatch):
        ready = Deferred()
        monkeypatch.setattr(Learning, "when_over", lambda _: ready)
        place = stage.start("worker", "kitchen").place
        reactor.result(place.leave())
        ready.callback(None)
        reactor.advance(5)
        assert place.leases.living() == ()

    def test_has_a_lane_for_each_router(self, stage):
        place = stage.make("worker", "kitchen", routers=ROUTERS).place
        assert {place.lane(user_id) for user_id in range(50)} == {0, 1, 2}
        assert stage.make("worker", "kitchen").place.lane(7) == 0

    def test_lanes_are_the_ways_that_a_bus_chooses(self, stage, reactor):
        place = stage.make("worker", "kitchen", routers=ROUTERS).place
        shards = [_Shard(), _Shard(), _Shard()]
        bus = ShardedBus(shards, reactor)
        for user_id in (1, 7, 2**40):
            bus.tell("door-00000001", {}, key=user_id)
            assert shards[place.lane(user_id)].told.pop() == user_id


class _Shard:
    is_connected = True

    def __init__(self):
        self.told = []

    def reaches(self, node):
        return True

    def tell(self, node, body, *, key):
        self.told.append(key)


class TestRefusal:
    @pytest.fixture
    def refused(self, stage, monkeypatch):
        """`refused(started)`: a worker whose bus starts like that."""

        def make(started):
            monkeypatch.setattr(node, "make_bus", lambda *_: Bus(started))
            return stage.make("worker", "kitchen")

        return make

    def test_at_the_start_ends_it_with_a_line(self, refused):
        place = refused(fail(OperatorError("others may enter the folder"))).place
        with pytest.raises(SystemExit) as caught:
            place.enter(NotedInbox())
        assert caught.value.code == "pytlas-wamp: others may enter the folder"

    def test_later_ends_it_with_a_line_in_the_log(self, refused, reactor, log, monkeypatch):
        started, stopped = Deferred(), []
        monkeypatch.setattr(reactor, "stop", lambda: stopped.append(True))
        place = refused(started).place
        place.enter(NotedInbox())
        started.errback(Failure(OperatorError("the router does not know this node")))
        assert stopped == [True]
        assert errors(log) == [
            "this node cannot be part of the cluster: the router does not know this node"
        ]

    def test_a_bug_is_logged_with_its_trace(self, refused, reactor, log):
        place = refused(fail(RuntimeError("a bug"))).place
        with pytest.raises(SystemExit):
            place.enter(NotedInbox())
        assert errors(log) == ["the other nodes cannot be reached"]
