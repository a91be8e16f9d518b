"""Who is there at a router, as far as one has to do with them.

A gateway calls each worker that it has asked by a call that is never answered: a *watch*. The
router ends it when the worker goes, and tells the worker when the gateway goes. When
the own connection broke, nobody is known to have left; who is not back some seconds after
oneself has.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from attrs import define, field
from twisted.internet.defer import Deferred

# For others to come back to a router that was restarted: the longest delay between two tries,
# and time to connect.
RETURN_SECONDS: Final = 5.0
_AGAIN_SECONDS: Final = 0.5


@define(eq=False)
class Watches:
    """A gateway's side.

    Args:
      clock: an IReactorTime.
      call: begins to watch a node; what it returns fires, or fails, when that ends, and what it
        is given is to be called when the node has said that it is there.
      left: is called with a node that has left, or is not there, and whether it had been.
    """

    _clock: Any
    _call: Callable[[str, Callable[[], None]], Deferred[Any]]
    _left: Callable[[str, bool], None]
    _stands: dict[str, bool] = field(factory=dict)
    _round: int = 0
    _is_connected: bool = False
    _patient_until: float = 0.0

    def add(self, node: str) -> None:
        """Watch a node, if it is not watched yet."""
        if node not in self._stands:
            self._stands[node] = False
            if self._is_connected:
                self._begin(node, self._round)

    def reaches(self, node: str) -> bool:
        """Whether a node has said that it is there."""
        return self._stands.get(node, False)

    def connected(self) -> None:
        """Watch all again."""
        self._is_connected = True
        self._round += 1
        self._patient_until = self._clock.seconds() + RETURN_SECONDS
        for node in tuple(self._stands):
            self._begin(node, self._round)

    def disconnected(self) -> None:
        """Nothing is known of anybody, for now."""
        self._is_connected = False
        self._round += 1
        for node in self._stands:
            self._stands[node] = False

    def _begin(self, node: str, number: int) -> None:
        if number == self._round and node in self._stands:
            watching = self._call(node, partial(self._here, node, number))
            watching.addBoth(self._ended, node, number)

    def _here(self, node: str, number: int) -> None:
        if number == self._round and node in self._stands:
            self._stands[node] = True

    def _ended(self, _: Any, node: str, number: int) -> None:
        if number != self._round:
            return
        if not self._stands[node] and self._clock.seconds() < self._patient_until:
            self._clock.callLater(_AGAIN_SECONDS, self._begin, node, number)
            return
        self._left(node, self._stands.pop(node))


@define(eq=False)
class Watchers:
    """A worker's side.

    Args:
      clock: an IReactorTime.
      left: is called with a node that has left.
    """

    _clock: Any
    _left: Callable[[str], None]
    _watching: dict[str, int] = field(factory=dict)  # how many calls there are of each
    _doubtful: set[str] = field(factory=set)
    _round: int = 0

    def add(self, node: str) -> Deferred[None]:
        """A node begins to watch; it has left when what this returns is cancelled."""
        self._watching[node] = self._watching.get(node, 0) + 1
        watching: Deferred[None] = Deferred(partial(self._ended, node, self._round))
        return watching

    def reaches(self, node: str) -> bool:
        """Whether a node watches."""
        return node in self._watching

    def connected(self) -> None:
        """Give those who have watched some time to do so again."""
        if self._doubtful:
            self._clock.callLater(RETURN_SECONDS, self._settle, self._round)

    def disconnected(self) -> None:
        """Nobody watches any more, and nobody is known to have left."""
        self._round += 1
        self._doubtful.update(self._watching)
        self._watching.clear()

    def _ended(self, node: str, number: int, _: Deferred[None]) -> None:
        if number != self._round:
            return
        self._watching[node] -= 1
        # One that reconnected watches anew before the router has noticed that it was gone.
        if not self._watching[node]:
            del self._watching[node]
            self._left(node)

    def _settle(self, number: int) -> None:
        if number == self._round:
            gone = self._doubtful - self._watching.keys()
            self._doubtful.clear()
            for node in sorted(gone):
                self._left(node)
