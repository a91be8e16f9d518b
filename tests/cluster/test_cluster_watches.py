"""Who is there at a router."""

from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from pytlas_wamp.cluster.watches import RETURN_SECONDS, Watchers, Watches

A, B = "a-00000001", "b-00000001"


class Calls:
    """What a gateway calls."""

    def __init__(self):
        self.clock = Clock()
        self.made = []  # (node, what to call when it is there, how it ends)
        self.left = []
        self.watches = Watches(self.clock, self._call, lambda *who: self.left.append(who))

    def _call(self, node, here):
        ending = Deferred()
        self.made.append((node, here, ending))
        return ending

    def nodes(self):
        return [node for node, _, _ in self.made]

    def here(self, number):
        self.made[number][1]()

    def end(self, number):
        self.made[number][2].errback(ValueError())


@pytest.fixture
def calls():
    calls = Calls()
    calls.watches.connected()
    calls.clock.advance(RETURN_SECONDS)
    return calls


class TestWatches:
    def test_a_node_is_watched_once(self, calls):
        calls.watches.add(A)
        calls.watches.add(A)

        assert calls.nodes() == [A]

    def test_it_is_there_when_it_has_said_so(self, calls):
        assert not calls.watches.reaches(A)
        calls.watches.add(A)
        assert not calls.watches.reaches(A)
        calls.here(0)

        assert calls.watches.reaches(A)

    def test_it_has_left_when_the_call_ends(self, calls):
        calls.watches.add(A)
        calls.here(0)
        calls.end(0)

        assert calls.left == [(A, True)]
        assert not calls.watches.reaches(A)

    def test_it_can_be_watched_again_then(self, calls):
        calls.watches.add(A)
        calls.end(0)
        calls.watches.add(A)

        assert calls.nodes() == [A, A]

    def test_whoever_is_not_there_has_left(self, calls):
        calls.watches.add(A)
        calls.end(0)

        assert calls.left == [(A, False)]

    def test_nobody_has_left_when_the_own_connection_breaks(self, calls):
        calls.watches.add(A)
        calls.here(0)
        calls.watches.disconnected()
        calls.end(0)

        assert calls.left == []
        assert not calls.watches.reaches(A)

    def test_all_are_watched_again_when_it_is_back(self, calls):
        calls.watches.add(A)
        calls.watches.disconnected()
        calls.watches.add(B)
        assert calls.nodes() == [A]
        calls.watches.connected()

        assert calls.nodes() == [A, A, B]
        calls.here(1)
        assert calls.watches.reaches(A)

    def test_they_have_some_time_to_come_back_themselves(self, calls):
        calls.watches.add(A)
        calls.watches.disconnected()
        calls.watches.connected()
        calls.end(1)
        assert calls.left == []
        calls.clock.advance(0.5)
        assert calls.nodes() == [A, A, A]
        calls.clock.advance(RETURN_SECONDS)
        calls.end(2)

        assert calls.left == [(A, False)]

    def test_what_an_earlier_connection_brings_is_forgotten(self, calls):
        calls.watches.add(A)
        calls.watches.disconnected()
        calls.watches.connected()
        calls.end(1)
        calls.watches.disconnected()
        calls.clock.advance(1)
        assert calls.nodes() == [A, A]
        calls.here(0)

        assert not calls.watches.reaches(A)


class TestWatchers:
    @pytest.fixture
    def clock(self):
        return Clock()

    @pytest.fixture
    def left(self):
        return []

    @pytest.fixture
    def watchers(self, clock, left):
        return Watchers(clock, left.append)

    @staticmethod
    def watch(watchers, node):
        watching = watchers.add(node)
        watching.addErrback(lambda _: None)
        return watching

    def test_who_watches_is_there(self, watchers):
        assert not watchers.reaches(A)
        self.watch(watchers, A)
        assert watchers.reaches(A)

    def test_who_ends_it_has_left(self, watchers, left):
        self.watch(watchers, A).cancel()

        assert left == [A]
        assert not watchers.reaches(A)

    def test_who_watches_twice_has_not(self, watchers, left):
        first, second = self.watch(watchers, A), self.watch(watchers, A)
        first.cancel()
        assert (left, watchers.reaches(A)) == ([], True)
        second.cancel()

        assert left == [A]

    def test_nobody_has_left_when_the_own_connection_breaks(self, watchers, left, clock):
        watching = self.watch(watchers, A)
        watchers.disconnected()
        watching.cancel()
        clock.advance(100)

        assert (left, watchers.reaches(A)) == ([], False)

    def test_who_is_not_back_in_time_has_left(self, watchers, left, clock):
        for node in (B, A, "c-00000001"):
            self.watch(watchers, node)
        watchers.disconnected()
        clock.advance(100)
        watchers.connected()
        self.watch(watchers, B)
        assert left == []
        clock.advance(RETURN_SECONDS)

        assert left == [A, "c-00000001"]

    def test_the_time_begins_anew_when_it_breaks_again(self, watchers, left, clock):
        self.watch(watchers, A)
        watchers.disconnected()
        watchers.connected()
        clock.advance(RETURN_SECONDS - 1)
        watchers.disconnected()
        watchers.connected()
        clock.advance(RETURN_SECONDS - 1)
        assert left == []
        clock.advance(1)

        assert left == [A]

    def test_nothing_is_waited_for_when_nobody_watched(self, watchers, clock):
        watchers.disconnected()
        watchers.connected()

        assert clock.getDelayedCalls() == []
