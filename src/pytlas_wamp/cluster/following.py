"""Gives the frames of one conversation to the devices that follow it, in order, each once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from attrs import define, field

from pytlas_wamp.assistant.audience import Device, Presence
from pytlas_wamp.assistant.turns import Frame
from pytlas_wamp.cluster.followers import Follower
from pytlas_wamp.cluster.sayings import Sayings

# Frames that are kept while devices join; more make a gap, and they join again.
KEPT_FRAMES: Final = 1_000


@define(eq=False)
class Following:
    """All devices of a gateway in one conversation.

    Args:
      sayings: what they have said, of which frames may tell.
    """

    _sayings: Sayings
    _followers: list[Follower] = field(init=False, factory=list)
    # What was told while some join: the epoch, the frame, and whose message it is.
    # A list: there is one for each conversation, and an empty deque takes 700 bytes.
    _early: list[tuple[int, Frame, int | None]] = field(init=False, factory=list)

    def __iter__(self) -> Iterator[Follower]:
        """All of them, as they are now: to give somebody a frame may change that."""
        return iter(tuple(self._followers))

    def __contains__(self, follower: Follower) -> bool:
        """Whether it has neither left nor been sent away."""
        return follower in self._followers

    def __len__(self) -> int:
        """How many there are, those included of which only what they said is left."""
        return len(self._followers)

    @property
    def devices(self) -> int:
        """How many are connected."""
        return sum(not one.has_left for one in self._followers)

    @property
    def waiting(self) -> list[Follower]:
        """Those that have to join, and are not about to."""
        return [one for one in self._followers if not (one.follows or one.asked)]

    @property
    def is_complete(self) -> bool:
        """Whether all of them follow."""
        return all(one.follows for one in self._followers)

    def add(self, follower: Follower) -> None:
        """Have one more."""
        self._followers.append(follower)

    def remove(self, follower: Follower) -> None:
        """Have one less."""
        self._followers.remove(follower)

    def find(self, device: Device) -> Follower | None:
        """The one that is this connection, if it has not left."""
        for one in self._followers:
            if one.device is device and not one.has_left:
                return one
        return None

    def wait(self, now: float) -> None:
        """Have all of them wait until they have joined again."""
        self._early.clear()
        for one in self._followers:
            one.wait(now)

    def keep(self, epoch: int, frame: Frame, device: int | None) -> None:
        """Keep a frame for those that join."""
        self._early.append((epoch, frame, device))
        if len(self._early) > KEPT_FRAMES:
            del self._early[0]

    def take(self, epoch: int, frame: Frame, device: int | None, now: float) -> None:
        """Give a frame to all that follow.

        Args:
          epoch: under which it was written.
          frame: it.
          device: the number of the device whose message it is, if any.
          now: seconds of the clock; those that miss one before it wait from then on.
        """
        self._sayings.look_at(frame, device)
        if not self.is_complete:
            self.keep(epoch, frame, device)
        for one in self:
            _give(one, frame, device, now)
        self._look_around()

    def begin(self, epoch: int) -> None:
        """Learn under which epoch frames count from now on."""
        for told_in, frame, device in self._early:
            if told_in == epoch:
                self._sayings.look_at(frame, device)

    def catch_up(self, follower: Follower, presence: Presence, epoch: int, now: float) -> bool:
        """Have one follow that has joined.

        Returns:
          whether it does; False when what it has missed is not known.
        """
        if follower.is_newcomer:
            follower.arrive(presence)
        elif presence.missed is None:
            return False
        else:
            for frame in presence.missed:
                if not follower.has(frame):
                    follower.take(frame, is_own=self._sayings.is_of(frame, follower))
            follower.come_up_to(presence.seq)
        for told_in, frame, device in tuple(self._early):
            if told_in == epoch:
                _give(follower, frame, device, now)
        self._look_around()
        return True

    def _look_around(self) -> None:
        if self.is_complete:
            self._early.clear()
            self._sayings.all_know()


def _give(follower: Follower, frame: Frame, device: int | None, now: float) -> None:
    if not follower.follows or follower.has(frame):
        return
    if follower.is_next(frame):
        follower.take(frame, is_own=device == follower.number)
    else:
        follower.wait(now)
