"""One bus out of several routers."""

from __future__ import annotations

import pytest
from bus_in_memory import Network
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from inboxes import NotedInbox
from pytlas_wamp.cluster.bus import MAX_BODY_BYTES, TooBig, Unreachable
from pytlas_wamp.cluster.shards import ShardedBus
from pytlas_wamp.errors import OperatorError

G, W = "g-00000001", "w-00000001"


class House:
    """Two nodes at some routers."""

    def __init__(self, routers):
        self.clock = Clock()
        self.routers = [Network(self.clock) for _ in range(routers)]
        self.buses = {}
        self.inboxes = {}
        for node in (G, W):
            self.buses[node] = ShardedBus([router.bus(node) for router in self.routers], self.clock)
            self.inboxes[node] = NotedInbox(answer=1)
            self.buses[node].start(self.inboxes[node])
        self.clock.advance(0)

    def ask(self, key=0):
        """Asks, and returns what came of it."""
        found = outcome(self.buses[G].ask(W, "join", {"key": key}, key=key))
        self.clock.advance(0)
        return found

    def told(self, key=0):
        """Tells, and returns what the gateway got."""
        self.inboxes[G].taken()
        self.buses[W].tell(G, key, key=key)
        self.clock.advance(0)
        return [event[2] for event in self.inboxes[G].taken() if event[0] == "told"]

    def shard(self, node, number):
        return self.buses[node]._shards[number]

    def key_of(self, number):
        """Returns a key whose router is this one."""
        self.buses[G]._missing.setdefault(W, set())
        return next(key for key in range(100) if self.buses[G]._ways(key)[0] == number)

    def advance(self, seconds):
        """Lets time pass in small steps: a clock that jumps has all at its end."""
        for _ in range(int(seconds * 2)):
            self.clock.advance(0.5)


def outcome(deferred):
    found = []
    deferred.addCallbacks(found.append, lambda failure: found.append(failure.type))
    return found


@pytest.fixture
def house():
    return House(2)


@pytest.fixture
def joined(house):
    """Both have to do with each other."""
    house.ask()
    for inbox in house.inboxes.values():
        inbox.taken()
    return house


class TestStart:
    def test_is_done_with_the_first_router(self):
        clock = Clock()
        routers = [Network(clock), Network(clock)]
        routers[0].break_router()
        inbox = NotedInbox()
        bus = ShardedBus([router.bus(G) for router in routers], clock)
        found = outcome(bus.start(inbox))
        assert (found, bus.is_connected) == ([], False)
        clock.advance(0)

        assert (found, bus.is_connected) == ([None], True)
        assert inbox.taken() == ["connected"]

    def test_the_others_are_no_news(self, house):
        assert house.inboxes[G].taken() == ["connected"]

    @pytest.mark.parametrize("first", [True, False])
    def test_fails_when_a_router_refuses_unless_it_goes_on_without_it(self, first):
        shards = [FakeShard(), FakeShard()]
        found = outcome(ShardedBus(shards, Clock()).start(NotedInbox()))
        if not first:
            shards[1].starting.callback(None)
        shards[0].starting.errback(OperatorError("no"))

        assert found == ([OperatorError] if first else [None])


class FakeShard:
    """A bus whose start is up to the test."""

    is_connected = False

    def __init__(self):
        self.starting = Deferred()

    def start(self, inbox):
        return self.starting


class TestRouters:
    def test_share_the_work_by_key(self, joined):
        for key in range(100):
            joined.ask(key)
        counts = [len(joined.shard(G, number).asked) for number in range(2)]

        assert sum(counts) == 101
        assert min(counts) > 25

    def test_the_same_key_goes_by_the_same_router_on_both_sides(self, joined):
        for key in range(-5, 20):
            before = [len(joined.shard(G, each).asked) for each in range(2)]
            joined.ask(key)
            after = [len(joined.shard(G, each).asked) for each in range(2)]
            asked = [new - old for new, old in zip(after, before, strict=True)].index(1)
            told = [len(joined.shard(W, each).told) for each in range(2)]
            assert joined.told(key) == [key]
            assert len(joined.shard(W, asked).told) == told[asked] + 1

    def test_one_that_is_away_is_passed_over(self, joined):
        key = joined.key_of(0)
        joined.routers[0].break_router()

        assert joined.ask(key) == [1]
        assert joined.told(key) == [key]

    def test_that_are_all_away_reach_nobody(self, joined):
        for router in joined.routers:
            router.break_router()
        assert joined.inboxes[G].taken()[-1] == "disconnected"
        assert not joined.buses[G].is_connected
        assert joined.ask() == [Unreachable]
        assert joined.told() == []
        with pytest.raises(TooBig):
            joined.buses[W].tell(G, b"x" * MAX_BODY_BYTES)

        joined.routers[1].restore_router()
        joined.clock.advance(0)

        assert joined.inboxes[G].taken() == ["connected"]
        assert joined.ask() == [1]

    def test_one_that_comes_back_is_used_again_and_nothing_was_lost(self, joined):
        key = joined.key_of(0)
        joined.routers[0].break_router()
        joined.advance(10)
        joined.inboxes[G].taken()
        joined.routers[0].restore_router()
        joined.advance(10)
        before = len(joined.shard(G, 0).asked)

        assert "connected" not in joined.inboxes[G].taken()
        assert joined.ask(key) == [1]
        assert len(joined.shard(G, 0).asked) == before + 1


class TestLosses:
    def test_of_a_router_are_told_at_once_and_when_all_have_noticed(self, joined):
        joined.routers[0].break_router()
        assert joined.inboxes[G].taken() == ["connected"]
        joined.advance(4.5)
        assert joined.inboxes[G].taken() == []
        joined.advance(1)

        assert joined.inboxes[G].taken() == ["connected"]

    def test_the_second_time_is_put_off_by_another_loss(self):
        house = House(3)
        house.ask()
        house.inboxes[G].taken()
        house.routers[0].break_router()
        house.advance(4)
        house.routers[1].break_router()
        house.inboxes[G].taken()
        house.advance(4)
        assert house.inboxes[G].taken() == []
        house.advance(1)

        assert house.inboxes[G].taken() == ["connected"]

    def test_nothing_is_told_when_nobody_is_reached_by_then(self, joined):
        joined.routers[0].break_router()
        joined.routers[1].break_router()
        joined.inboxes[G].taken()
        joined.advance(10)

        assert joined.inboxes[G].taken() == []

    def test_a_worker_without_one_of_its_routers_is_asked_by_another(self, joined):
        key = joined.key_of(0)
        joined.routers[0].cut(W)
        joined.advance(4)
        assert joined.inboxes[G].taken() == ["connected"]

        assert joined.ask(key) == [1]
        assert joined.told(key) == [key]

    def test_a_gateway_without_one_of_its_routers_is_told_by_another(self, joined):
        key = joined.key_of(0)
        joined.routers[0].cut(G)
        joined.advance(4)

        assert joined.told(key) == [key]
        assert joined.ask(key) == [1]

    def test_a_worker_is_looked_for_where_it_is_not(self, joined):
        key = joined.key_of(0)
        joined.routers[0].cut(W)
        joined.advance(10)
        joined.inboxes[G].taken()
        joined.advance(20)
        assert joined.inboxes[G].taken() == []
        joined.routers[0].mend(W)
        joined.advance(5)
        before = len(joined.shard(G, 0).asked)
        assert joined.ask(key) == [1]

        assert len(joined.shard(G, 0).asked) == before + 1


class TestLeaving:
    def test_of_a_worker_is_told_when_it_is_at_no_router(self, joined):
        joined.routers[0].kill(W)
        joined.clock.advance(0)
        assert joined.inboxes[G].taken() == ["connected"]
        joined.routers[1].kill(W)
        joined.clock.advance(0)
        assert joined.inboxes[G].taken() == [("left", W)]
        joined.advance(10)

        assert joined.inboxes[G].taken() == ["connected"]

    def test_of_a_gateway_is_told_when_it_watches_nowhere(self, joined):
        joined.routers[0].kill(G)
        joined.clock.advance(0)
        assert ("left", G) not in joined.inboxes[W].taken()
        joined.routers[1].kill(G)
        joined.clock.advance(0)

        assert joined.inboxes[W].taken() == [("left", G)]

    def test_is_told_when_the_last_router_at_which_it_was_is_away(self, joined):
        joined.routers[0].kill(W)
        joined.clock.advance(0)
        joined.inboxes[G].taken()
        joined.routers[1].break_router()

        assert joined.inboxes[G].taken() == ["connected", ("left", W)]

    def test_whoever_was_never_there_is_unreachable(self, house):
        found = outcome(house.buses[G].ask("x-00000001", "join", {}))
        house.clock.advance(0)

        assert found == [Unreachable]

    def test_a_stop_is_quiet(self, joined):
        joined.routers[0].break_router()
        for inbox in joined.inboxes.values():
            inbox.taken()
        assert outcome(joined.buses[W].stop()) == [None]
        assert outcome(joined.buses[G].stop()) == [None]
        joined.advance(10)

        assert joined.inboxes[W].taken() == []

    def test_a_stop_has_nothing_to_wait_for(self, house):
        assert outcome(house.buses[W].stop()) == [None]
