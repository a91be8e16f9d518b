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
class _Parcel:
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
    # By gateway and lane; the last parcel of each takes what comes.
    _parcels: dict[tuple[str, int], list[_Parcel]] = field(init=False, factory=dict)
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
        parcel = self._parcel(gateway, user_id, len(text) + ENTRY_BYTES)
        if parcel is None:
            _log.error(
                "user {user}: a frame of {size} bytes is too big to be told: devices have a gap",
                user=user_id,
                size=len(text),
            )
        else:
            parcel.frames.append([user_id, epoch, text, device])

    def moved(self, gateway: str, user_id: int, epoch: int) -> None:
        """Have a gateway told that a conversation is not here any more, after its frames."""
        parcel = self._parcel(gateway, user_id, ENTRY_BYTES)
        if parcel is not None:
            parcel.moved.append([user_id, epoch])

    def drop(self, gateway: str) -> None:
        """Forget what waits for a gateway that is gone."""
        for place in [place for place in self._parcels if place[0] == gateway]:
            del self._parcels[place]

    def tell(self) -> None:
        """Tell now all that waits, as before a stop."""
        if self._soon is not None:
            self._soon.cancel()
            self._tell()

    def _parcel(self, gateway: str, user_id: int, size: int) -> _Parcel | None:
        """The one that takes so many bytes more; None when none ever could."""
        if BODY_BYTES + size > self._max_bytes:
            return None
        parcels = self._parcels.setdefault((gateway, self._lane(user_id)), [])
        if not parcels or parcels[-1].size + size > self._max_bytes:
            parcels.append(_Parcel())
        parcels[-1].size += size
        if self._soon is None:
            self._soon = self._clock.callLater(0, self._tell)
        return parcels[-1]

    def _tell(self) -> None:
        self._soon = None
        waiting, self._parcels = self._parcels, {}
        for (gateway, _), parcels in waiting.items():
            for parcel in parcels:
                self._tell_one(gateway, parcel)

    def _tell_one(self, gateway: str, parcel: _Parcel) -> None:
        try:
            self._bus.tell(gateway, parcel.body, key=parcel.user_id)
        except BusError as error:
            # Devices notice the gap with the next frame, and join again.
            _log.error("{gateway} was not told: {error}", gateway=gateway, error=error)
        except Exception:  # noqa: BLE001 - the next ones are for others
            _log.failure("{gateway} was not told", gateway=gateway)
        else:
            self.frames += len(parcel.frames)
            self.bodies += 1
