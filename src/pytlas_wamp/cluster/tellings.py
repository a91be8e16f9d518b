"""What a worker has for its gateways: all of one turn of the reactor together, in order.

To tell costs about the same for one frame as for twenty, and a turn of a conversation has
some frames for each gateway that has a seat in it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from attrs import define, field
from twisted.logger import Logger

from pytlas_wamp.cluster.bus import MAX_BODY_BYTES, Bus, BusError

_log = Logger()

# At most, in CBOR, besides the text: five heads of up to nine bytes.
ENTRY_BYTES: Final = 45
# At most, in CBOR, besides the entries: the map, its two names, and the heads of two lists.
BODY_BYTES: Final = 40


@define(eq=False)
class _Bundle:
    """What one body will have, and how many bytes that may be."""

    frames: list[list[Any]] = field(factory=list)
    moved: list[list[int]] = field(factory=list)
    size: int = BODY_BYTES

    @property
    def user_id(self) -> int:
        """Somebody whom it is about."""
        return int((self.frames or self.moved)[0][0])

    @property
    def body(self) -> dict[str, Any]:
        """As the reference has it: what is empty is missing."""
        parts = {"frames": self.frames, "moved": self.moved}
        return {name: part for name, part in parts.items() if part}


@define(kw_only=True, eq=False)
class Tellings:
    """Collects what gateways are told, and tells it when the reactor has done all else.

    Args:
      bus: reaches them.
      clock: an IReactorTime.
      lane: which of several ways what is about a user takes. What is told together takes one
        way, so it has to be the same for all in it, and the one that the bus chooses.
      max_bytes: of one body.

    Attributes:
      frames: how many were told so far.
      bodies: in how many bodies.
    """

    _bus: Bus
    _clock: Any
    _lane: Callable[[int], int] = field(default=lambda _: 0)
    _max_bytes: int = MAX_BODY_BYTES
    frames: int = field(init=False, default=0)
    bodies: int = field(init=False, default=0)
    # By gateway and lane; the last bundle of each takes what comes.
    _bundles: dict[tuple[str, int], list[_Bundle]] = field(init=False, factory=dict)
    _soon: Any = field(init=False, default=None)

    def frame(
        self, gateway: str, user_id: int, epoch: int, text: str, device: int | None = None
    ) -> None:
        """Have a gateway told a frame.

        Args:
          gateway: its id.
          user_id: in whose conversation.
          epoch: under which this worker has that.
          text: the frame, as JSON in ASCII.
          device: the one of this gateway that does not get it.
        """
        bundle = self._bundle(gateway, user_id, len(text) + ENTRY_BYTES)
        if bundle is None:
            _log.error(
                "user {user}: a frame of {size} bytes is too big to be told: devices have a gap",
                user=user_id,
                size=len(text),
            )
        else:
            bundle.frames.append([user_id, epoch, text, device])

    def moved(self, gateway: str, user_id: int, epoch: int) -> None:
        """Have a gateway told that a conversation is not here any more, after its frames."""
        bundle = self._bundle(gateway, user_id, ENTRY_BYTES)
        if bundle is not None:
            bundle.moved.append([user_id, epoch])

    def drop(self, gateway: str) -> None:
        """Forget what waits for a gateway that is gone."""
        for place in [place for place in self._bundles if place[0] == gateway]:
            del self._bundles[place]

    def tell(self) -> None:
        """Tell now all that waits, as before a stop."""
        if self._soon is not None:
            self._soon.cancel()
            self._tell()

    def _bundle(self, gateway: str, user_id: int, size: int) -> _Bundle | None:
        """The one that takes so many bytes more; None when none ever could."""
        if BODY_BYTES + size > self._max_bytes:
            return None
        bundles = self._bundles.setdefault((gateway, self._lane(user_id)), [])
        if not bundles or bundles[-1].size + size > self._max_bytes:
            bundles.append(_Bundle())
        bundles[-1].size += size
        if self._soon is None:
            self._soon = self._clock.callLater(0, self._tell)
        return bundles[-1]

    def _tell(self) -> None:
        self._soon = None
        waiting, self._bundles = self._bundles, {}
        for (gateway, _), bundles in waiting.items():
            for bundle in bundles:
                self._tell_one(gateway, bundle)

    def _tell_one(self, gateway: str, bundle: _Bundle) -> None:
        try:
            self._bus.tell(gateway, bundle.body, key=bundle.user_id)
        except BusError as error:
            # Devices notice the gap with the next frame, and join again.
            _log.error("{gateway} was not told: {error}", gateway=gateway, error=error)
        except Exception:  # noqa: BLE001 - the next ones are for others
            _log.failure("{gateway} was not told", gateway=gateway)
        else:
            self.frames += len(bundle.frames)
            self.bodies += 1
