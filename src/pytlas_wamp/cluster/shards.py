"""One bus out of several routers that know nothing of each other.

Each node is at all of them. Who sends chooses by the key, so that routers share the work and
what has the same key keeps its order; and passes over a router that it is not connected with,
or at which the other node is not. For that each side learns at every router whether the other
one is there.

What is lost when a way breaks: who had told something over a router that its receiver has lost
did not know that yet, and neither side is told what it was. So a node that loses one of its
routers, or learns that another node has, while there are other ways, reports `connected` ("what
was told before may be lost") at once, to go on, and once more when the other side must
have noticed as well. When a router comes back nothing was lost: nobody used it until both
sides were there.

A gateway takes a worker for gone when it is at none of the routers that there are; as long as it
is at one, it is looked for at the others. A worker takes a gateway for gone when that watches it
at no router.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol

from attrs import define, field
from twisted.internet.defer import Deferred, DeferredList, fail
from twisted.logger import Logger
from twisted.python.failure import Failure

from pytlas_wamp.cluster.bus import Bus, Inbox, Unreachable, lane_of

_log = Logger()

# After that, routers and nodes have noticed that a connection broke, and said so.
_SETTLE_SECONDS: Final = 5.0
# How often a node is asked after at a router that it has left.
_AGAIN_SECONDS: Final = 2.0


class Shard(Bus, Protocol):
    """A bus by way of one router."""

    def watch(self, node: str) -> None:
        """Learn whether a node is there, from now on; `left` tells when it goes, or is not."""

    def reaches(self, node: str) -> bool:
        """Whether it is known that a node is there."""


@define(eq=False)
class _ShardInbox:
    """What comes by one router."""

    _bus: ShardedBus
    _number: int

    def asked(self, sender: str, what: str, body: Any) -> Any:
        return self._bus.inbox.asked(sender, what, body)

    def told(self, sender: str, body: Any) -> None:
        self._bus.inbox.told(sender, body)

    def connected(self) -> None:
        self._bus.shard_connected(self._number)

    def disconnected(self) -> None:
        self._bus.shard_disconnected()

    def left(self, node: str) -> None:
        self._bus.shard_left(self._number, node)


@define(eq=False)
class ShardedBus:
    """A `Bus` by way of several routers.

    Args:
      shards: one for each router, in the same order at every node.
      clock: an IReactorTime.
    """

    _shards: Sequence[Shard]
    _clock: Any
    inbox: Inbox = field(init=False)
    _was_connected: bool = field(default=False, init=False)
    # By each node that was asked, the routers at which it is not.
    _missing: dict[str, set[int]] = field(factory=dict, init=False)
    _settling: Any = field(default=None, init=False)

    @property
    def is_connected(self) -> bool:
        """See `Bus`: by one router at least."""
        return any(shard.is_connected for shard in self._shards)

    def start(self, inbox: Inbox) -> Deferred[None]:
        """See `Bus`; fires with the first router, and fails when one refuses before that."""
        self.inbox = inbox
        starting: Deferred[None] = Deferred()

        def succeeded(_: None) -> None:
            if not starting.called:
                starting.callback(None)

        def failed(failure: Failure) -> None:
            if starting.called:
                # It goes on without this one.
                _log.error("{error}", error=failure.value)
            else:
                starting.errback(failure)

        for number, shard in enumerate(self._shards):
            shard.start(_ShardInbox(self, number)).addCallbacks(succeeded, failed)
        return starting

    def stop(self) -> Deferred[None]:
        """See `Bus`."""
        self._missing.clear()
        if self._settling is not None and self._settling.active():
            self._settling.cancel()
        stopping = DeferredList([shard.stop() for shard in self._shards], consumeErrors=True)
        return stopping.addCallback(lambda _: None)

    def ask(self, node: str, what: str, body: Any, *, key: int = 0) -> Deferred[Any]:
        """See `Bus`."""
        if node not in self._missing:
            self._missing[node] = set()
            for shard in self._shards:
                shard.watch(node)
        ways = self._ways(key)
        if not ways:
            return fail(Unreachable("there is no connection with any router"))
        missing = self._missing[node]
        number = next((each for each in ways if each not in missing), ways[0])
        return self._shards[number].ask(node, what, body, key=key)

    def tell(self, node: str, body: Any, *, key: int = 0) -> None:
        """See `Bus`."""
        # One that is not connected still says whether it is too big.
        ways = self._ways(key) or [0]
        number = next((each for each in ways if self._shards[each].reaches(node)), ways[0])
        self._shards[number].tell(node, body, key=key)

    def _ways(self, key: int) -> list[int]:
        """The routers that are there, the one for a key first."""
        count = len(self._shards)
        first = lane_of(key, count)
        numbers = [(first + each) % count for each in range(count)]
        return [number for number in numbers if self._shards[number].is_connected]

    # What the routers say.

    def shard_connected(self, number: int) -> None:
        """A router is there, for the first time or again."""
        for node, missing in self._missing.items():
            missing.discard(number)
            self._shards[number].watch(node)
        if not self._was_connected:
            self._was_connected = True
            self.inbox.connected()

    def shard_disconnected(self) -> None:
        """A router is away."""
        if not self.is_connected:
            self._was_connected = False
            self.inbox.disconnected()
            return
        self._lost_something()
        for node in tuple(self._missing):
            if self._is_gone(node):
                self._forget(node)

    def shard_left(self, number: int, node: str) -> None:
        """A node is not at a router, or no more."""
        if node in self._missing:
            is_news = number not in self._missing[node]
            self._missing[node].add(number)
        else:
            is_news = True
        if self._is_gone(node):
            self._forget(node)
        elif is_news:
            self._lost_something()
            self._clock.callLater(_AGAIN_SECONDS, self._look_again, number, node)

    def _is_gone(self, node: str) -> bool:
        missing = self._missing.get(node)
        if missing is None:
            return not any(shard.reaches(node) for shard in self._shards)
        return not set(self._ways(0)) - missing

    def _forget(self, node: str) -> None:
        self._missing.pop(node, None)
        self.inbox.left(node)

    def _look_again(self, number: int, node: str) -> None:
        missing = self._missing.get(node, set())
        if number not in missing:
            return
        if self._shards[number].reaches(node):
            missing.discard(number)
        else:
            self._shards[number].watch(node)
            self._clock.callLater(_AGAIN_SECONDS, self._look_again, number, node)

    def _lost_something(self) -> None:
        if self._settling is not None and self._settling.active():
            self._settling.reset(_SETTLE_SECONDS)
        else:
            self._settling = self._clock.callLater(_SETTLE_SECONDS, self._settle)
        self.inbox.connected()

    def _settle(self) -> None:
        if self.is_connected:
            self.inbox.connected()
