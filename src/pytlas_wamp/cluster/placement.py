"""Which worker gets a conversation (docs/reference/cluster-protocol.md, section 6)."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable
from typing import Final
from zlib import crc32

from attrs import define, field, frozen
from twisted.internet.defer import Deferred, succeed
from twisted.logger import Logger
from twisted.python.failure import Failure

from pytlas_wamp.assistant.worker import Workers
from pytlas_wamp.errors import OperatorError
from pytlas_wamp.journal.leases import Lease, LeaseStore, NodeStatus

_log = Logger()

# The version of what nodes say to each other; a gateway also knows the one before.
PROTOCOL: Final = 1
_KNOWN_PROTOCOLS: Final = frozenset({PROTOCOL, PROTOCOL - 1})

# A worker that lost its router and found it again is used again after this, if it says in the
# database that it lives.
FORGIVEN_SECONDS: Final = 5.0
# A worker that lives, says the database, and that nobody can reach for so long, is as good as gone.
GONE_AFTER_SECONDS: Final = 2.0
# How many refreshes until surely a worker itself has counted what it was given.
_REFRESHES_COUNTED: Final = 3


class NoWorker(OperatorError):
    """There is no worker that could have a conversation now."""


@frozen(kw_only=True)
class Choice:
    """Whom to ask for a conversation.

    Args:
      node: the worker, by its id.
      instead_of: the epoch of an owner that is known to be gone; 0 when none is.
    """

    node: str
    instead_of: int = 0


@define(kw_only=True, eq=False)
class Placement:
    """Finds the owner of a conversation, or chooses who is to be it.

    Args:
      store: says who lives, and who owns what.
      workers: the threads in which it is asked.
      now: seconds of any clock that only goes forward.
    """

    _store: LeaseStore
    _workers: Workers
    _now: Callable[[], float]
    _living: dict[str, NodeStatus] = field(init=False, factory=dict)
    # What was placed between the last refreshes: workers say each second how many they have.
    _placed: deque[Counter[str]] = field(
        init=False, factory=lambda: deque([Counter()], maxlen=_REFRESHES_COUNTED)
    )
    _left: dict[str, float] = field(init=False, factory=dict)
    # Since when somebody was not reached, and when that was tried last.
    _unreached: dict[str, tuple[float, float]] = field(init=False, factory=dict)
    _refreshed: bool = field(init=False, default=False)
    _refreshing: bool = field(init=False, default=False)
    _broken: bool = field(init=False, default=False)

    def refresh(self) -> Deferred[None]:
        """Look who lives; to be called each second, and never fails."""
        if self._refreshing:
            return succeed(None)
        self._refreshing = True
        return self._workers.run(self._store.living).addCallbacks(
            self._take_living, self._not_refreshed
        )

    def _take_living(self, living: Iterable[NodeStatus]) -> None:
        self._refreshing = self._broken = False
        self._refreshed = True
        self._living = {one.node.id: one for one in living if one.node.role == "worker"}
        self._placed.append(Counter())
        since = self._now() - FORGIVEN_SECONDS
        self._left = {node: at for node, at in self._left.items() if at > since}
        self._unreached = {node: at for node, at in self._unreached.items() if at[1] > since}

    def _not_refreshed(self, failure: Failure) -> None:
        self._refreshing = False
        if not isinstance(failure.value, OperatorError):
            _log.failure("could not look which workers live", failure=failure)
        elif not self._broken:
            # Once per outage: this is asked every second.
            _log.error("{error}", error=failure.value)
        self._broken = True

    # What is known of workers otherwise than by the database

    def left(self, node: str) -> None:
        """Be told by the bus that a worker is gone."""
        self._left[node] = self._now()

    def reached(self, node: str) -> None:
        """Be told that a worker has answered."""
        self._left.pop(node, None)
        self._unreached.pop(node, None)

    def unreachable(self, node: str) -> None:
        """Be told that nobody was there by this name."""
        now = self._now()
        first, last = self._unreached.get(node, (now, now))
        self._unreached[node] = (now if now - last > FORGIVEN_SECONDS else first, now)

    def is_gone(self, node: str) -> bool:
        """Whether a worker cannot be reached, whatever the database says."""
        now = self._now()
        left = self._left.get(node)
        if left is not None and now - left < FORGIVEN_SECONDS:
            return True
        first, last = self._unreached.get(node, (now, now))
        return now - last <= FORGIVEN_SECONDS and now - first >= GONE_AFTER_SECONDS

    @property
    def living(self) -> list[NodeStatus]:
        """The workers that live, and can be reached as far as is known."""
        return [one for one in self._living.values() if not self.is_gone(one.node.id)]

    # Finding

    def find(self, user_id: int, language: str, *, avoid: Collection[str] = ()) -> Deferred[Choice]:
        """Look whom to ask for a conversation.

        Args:
          user_id: whose it is.
          language: of the user; its first two letters count.
          avoid: workers that do not want it.

        Returns:
          its owner if that lives, else who is to be it; fails with NoWorker, or with
          StoreBroken.
        """
        ready = succeed(None) if self._refreshed else self.refresh()
        return ready.addCallback(
            lambda _: self._workers.run(self._store.lease, user_id)
        ).addCallback(self._choose_by, user_id, language, avoid)

    def owner(self, user_id: int) -> Deferred[Lease | None]:
        """Look who has a conversation: None when nobody has who lives and can be reached."""

        def unless_gone(lease: Lease | None) -> Lease | None:
            if lease is None or lease.node_id is None or not lease.alive:
                return None
            return None if self.is_gone(lease.node_id) else lease

        return self._workers.run(self._store.lease, user_id).addCallback(unless_gone)

    def _choose_by(
        self, lease: Lease | None, user_id: int, language: str, avoid: Collection[str]
    ) -> Choice:
        if lease is None or lease.node_id is None or not lease.alive:
            return self.choose(user_id, language, avoid=avoid)
        if self.is_gone(lease.node_id):
            return self.choose(user_id, language, avoid=avoid, instead_of=lease.epoch)
        known = self._living.get(lease.node_id)
        if known is not None and known.node.protocol not in _KNOWN_PROTOCOLS:
            raise NoWorker(
                f"worker {lease.node_id} speaks version {known.node.protocol} of the protocol "
                f"between nodes, this gateway {PROTOCOL}: upgrade the gateway"
            )
        return Choice(node=lease.node_id)

    def choose(
        self,
        user_id: int,
        language: str,
        *,
        avoid: Collection[str] = (),
        instead_of: int = 0,
    ) -> Choice:
        """Choose a worker for a conversation that nobody has, and count it there.

        Returns:
          the one with the fewest conversations; among equals always the same one for a user.

        Raises:
          NoWorker: when there is none.
        """
        suitable = [
            one
            for one in self._living.values()
            if self._suits(one, language[:2].lower()) and one.node.id not in avoid
        ]
        # Who was not reached a moment ago is the last choice.
        suitable = [one for one in suitable if one.node.id not in self._unreached] or suitable
        if not suitable:
            raise NoWorker(
                f"no worker is there for a conversation in {language!r}: "
                "`pytlas-wamp cluster status` shows which are"
            )
        node = min(suitable, key=lambda one: self._rank(one, user_id)).node.id
        self._placed[-1][node] += 1
        return Choice(node=node, instead_of=instead_of)

    def _suits(self, one: NodeStatus, language: str) -> bool:
        return (
            one.alive
            and one.state == "active"
            and one.node.protocol in _KNOWN_PROTOCOLS
            and (not one.node.languages or language in one.node.languages)
            and not self.is_gone(one.node.id)
        )

    def _rank(self, one: NodeStatus, user_id: int) -> tuple[int, int, str]:
        id_ = one.node.id
        placed = sum(counted[id_] for counted in self._placed)
        return one.node.conversations + placed, crc32(f"{user_id} {id_}".encode()), id_
