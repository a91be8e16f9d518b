"""One bus out of several routers that know nothing of each other.

Each node is at all of them. Who sends chooses by the key, so that routers share the work and
what has the same key keeps its order; and passes over a router that it is not connected with,
or at which the other node is not known to be. For that each side learns at every router
whether the other one is there.

What is lost when a way breaks. Who had told something over a router that its receiver has lost
did not know it yet, and neither side is told what. So a node that loses one of its routers, or
learns that another node has, while there are other ways, reports `connected` ("what was
told before may be lost") at once, to go on, and once more when the other side must
have noticed as well. When a router comes back nothing was lost: nobody used it until both sides
were there.

A node has left when it has left at the last router at which it was; it is asked after again at the
others as long as there is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol
from zlib import crc32

from attrs import define, field
from twisted.internet.defer import Deferred, DeferredList, fail
from twisted.logger import Logger
from twisted.python.failure import Failure

from pytlas_wamp.cluster.bus import Bus, Inbox, Unreachable

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
    _shard: Shard

    def asked(self, sender: str, what: str, body: Any) -> Any:
        return self._bus.inbox.asked(sender, what, body)

    def told(self, sender: str, body: Any) -> None:
        self._bus.inbox.told(sender, body)

    def connected(self) -> None:
        self._bus.shard_connected(self._shard)

    def disconnected(self) -> None:
        self._bus.shard_disconnected()

    def left(self, node: str) -> None:
        self._bus.shard_left(self._shard, node)


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
    _is_connected: bool = field(default=False, init=False)
    _asked: set[str] = field(factory=set, init=False)
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

        for shard in self._shards:
            shard.start(_ShardInbox(self, shard)).addCallbacks(succeeded, failed)
        return starting

    def stop(self) -> Deferred[None]:
        """See `Bus`."""
        self._asked.clear()
        if self._settling is not None and self._settling.active():
            self._settling.cancel()
        stopping = DeferredList([shard.stop() for shard in self._shards], consumeErrors=True)
        return stopping.addCallback(lambda _: None)

    def ask(self, node: str, what: str, body: Any, *, key: int = 0) -> Deferred[Any]:
        """See `Bus`."""
        if node not in self._asked:
            self._asked.add(node)
            for shard in self._shards:
                shard.watch(node)
        shard = self._way(node, key)
        if shard is None:
            return fail(Unreachable("there is no connection with any router"))
        return shard.ask(node, what, body, key=key)

    def tell(self, node: str, body: Any, *, key: int = 0) -> None:
        """See `Bus`."""
        # One that is not connected says whether it is too big.
        (self._way(node, key) or self._shards[0]).tell(node, body, key=key)

    def _way(self, node: str, key: int) -> Shard | None:
        """The router for a key, or the next one by which the node is known to be reached."""
        first = crc32(key.to_bytes(8, "big", signed=True)) % len(self._shards)
        connected = [
            shard for shard in (*self._shards[first:], *self._shards[:first]) if shard.is_connected
        ]
        for shard in connected:
            if shard.reaches(node):
                return shard
        return connected[0] if connected else None

    # What the routers say.

    def shard_connected(self, shard: Shard) -> None:
        """A router is there, for the first time or again."""
        for node in self._asked:
            shard.watch(node)
        if not self._is_connected:
            self._is_connected = True
            self.inbox.connected()

    def shard_disconnected(self) -> None:
        """A router is away."""
        if self.is_connected:
            self._lost_something()
        else:
            self._is_connected = False
            self.inbox.disconnected()

    def shard_left(self, shard: Shard, node: str) -> None:
        """A node is not at a router, or no more."""
        if any(other.reaches(node) for other in self._shards if other is not shard):
            self._lost_something()
            self._clock.callLater(_AGAIN_SECONDS, self._watch_again, shard, node)
        else:
            self._asked.discard(node)
            self.inbox.left(node)

    def _watch_again(self, shard: Shard, node: str) -> None:
        if node in self._asked:
            shard.watch(node)

    def _lost_something(self) -> None:
        if self._settling is None or not self._settling.active():
            self._settling = self._clock.callLater(_SETTLE_SECONDS, self._settle)
            self.inbox.connected()

    def _settle(self) -> None:
        if self.is_connected:
            self.inbox.connected()
