"""What devices have said, and no worker has answered yet, in order."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import define, field

from pytlas_wamp.assistant.turns import Frame
from pytlas_wamp.cluster.followers import Follower
from pytlas_wamp.wire.messages import Message, Said

# Numbers of `said` of which is known whose they are, while some devices have not got that far.
_KEPT_CLAIMS = 256
# Messages that were taken, and of which the log has not told yet. More there are only when the
# log has lost what it knew of messages that came a second time.
_KEPT_ANSWERED = 64
_NOBODY = 0


@define(kw_only=True, eq=False)
class Saying:
    """A message, or a cancel.

    Args:
      number: rises from one to the next.
      follower: the device; None for a cancel.
      message: what it says; None for a cancel.
      id: the client's, if it gave one.
      since: when it was said.

    Attributes:
      sent_by: the way it was sent last.
      is_out: whether it was sent and no answer has come yet.
      was_out: whether it was ever sent, so that it may have been taken.
      is_told: whether the log tells that it was taken.
      is_answered: whether the worker has taken it; the log has still to tell so.
    """

    number: int
    follower: Follower | None
    message: Message | None
    id: str | None
    since: float
    sent_by: object = field(init=False, default=None)
    is_out: bool = field(init=False, default=False)
    was_out: bool = field(init=False, default=False)
    is_told: bool = field(init=False, default=False)
    is_answered: bool = field(init=False, default=False)

    @property
    def waits(self) -> bool:
        """Whether it has still to be sent."""
        return not (self.is_out or self.is_answered or self.is_told)

    def is_told_by(self, frame: Frame) -> bool:
        """Whether a frame tells that this was taken."""
        if not self.was_out:
            return False
        if self.message is None:
            return self.id is not None and getattr(frame, "re", None) == self.id
        return (
            isinstance(frame, Said)
            and frame.message == self.message.message
            and frame.id == self.id
        )


@define(eq=False)
class Sayings:
    """All of it, of one conversation."""

    _sayings: list[Saying] = field(init=False, factory=list)
    _number: int = field(init=False, default=0)
    # The number of the newest saying that was surely taken.
    _newest_taken: int = field(init=False, default=0)
    # Whose a `said` is, by its number in the log.
    _claims: dict[int, int] = field(init=False, factory=dict)

    def __iter__(self) -> Iterator[Saying]:
        """Those that are not settled."""
        return iter(tuple(one for one in self._sayings if not one.is_answered))

    def __contains__(self, saying: Saying) -> bool:
        """Whether nothing has become of it yet."""
        return saying in self._sayings and not saying.is_answered

    def __len__(self) -> int:
        """How many are not settled."""
        return sum(not one.is_answered for one in self._sayings)

    def add(
        self, follower: Follower | None, message: Message | None, id_: str | None, now: float
    ) -> None:
        """Have one more, behind all others."""
        self._number += 1
        saying = Saying(number=self._number, follower=follower, message=message, id=id_, since=now)
        self._sayings.append(saying)

    @property
    def waiting(self) -> list[Saying]:
        """Those that have still to be sent, in order."""
        return [one for one in self._sayings if one.waits]

    def of(self, follower: Follower) -> list[Saying]:
        """Those of a device that are not settled."""
        return [one for one in self if one.follower is follower]

    def send(self, saying: Saying, link: object) -> None:
        """It was sent, by this way."""
        saying.is_out = saying.was_out = True
        saying.sent_by = link

    def settle(self, saying: Saying, *, taken: bool) -> None:
        """It was answered.

        Args:
          saying: which.
          taken: whether it is in the log now, which will tell so.
        """
        if taken:
            self._newest_taken = max(self._newest_taken, saying.number)
        if taken and saying.message is not None and not saying.is_told:
            saying.is_out, saying.is_answered = False, True
            answered = [one for one in self._sayings if one.is_answered]
            if len(answered) > _KEPT_ANSWERED:
                self.drop(answered[0])
        else:
            self.drop(saying)

    def drop(self, saying: Saying) -> None:
        """Know it no more."""
        if saying in self._sayings:
            self._sayings.remove(saying)

    def drop_all_of(self, follower: Follower) -> None:
        """Know nothing more of a device."""
        self._sayings = [one for one in self._sayings if one.follower is not follower]

    def clear(self) -> None:
        """Know nothing more: only cancels can be left when no device is."""
        self._sayings.clear()

    def lost(self) -> None:
        """No answer comes any more to what was sent: it waits again, unless it was taken."""
        for one in tuple(self._sayings):
            # Asked in order: what came before something that was taken had its turn, too. A
            # cancel that comes again would stop what was said behind it.
            done = one.message is None and one.was_out and one.number < self._newest_taken
            if one.is_told or done:
                self.drop(one)
            one.is_out = False

    # What the log tells of it

    def look_at(self, frame: Frame, device: int | None) -> None:
        """See a frame that is told.

        Args:
          frame: it.
          device: the number of the device whose message it is, if any.
        """
        if isinstance(frame, Said):
            self._claim(frame, _NOBODY if device is None else device)
        elif self._sayings and getattr(frame, "re", None) is not None:
            for one in tuple(self._sayings):
                if one.message is None and one.is_told_by(frame):
                    self._tell(one)

    def is_of(self, frame: Frame, follower: Follower) -> bool:
        """Whether a frame of which is not told whose it is tells what this device said."""
        if not isinstance(frame, Said):
            self.look_at(frame, None)
            return False
        if frame.seq not in self._claims and self._find(frame, follower.number) is not None:
            self._claim(frame, follower.number)
        return self._claims.get(frame.seq) == follower.number

    def all_know(self) -> None:
        """Know no more whose messages those were of which all devices have got the `said`."""
        self._claims.clear()

    def _claim(self, frame: Said, device: int) -> None:
        self._claims[frame.seq] = device
        if len(self._claims) > _KEPT_CLAIMS:
            del self._claims[next(iter(self._claims))]
        found = self._find(frame, device)
        if found is not None:
            self._tell(found)

    def _find(self, frame: Said, device: int) -> Saying | None:
        for one in self._sayings:
            of_device = one.follower is not None and one.follower.number == device
            if of_device and not one.is_told and one.is_told_by(frame):
                return one
        return None

    def _tell(self, saying: Saying) -> None:
        self._newest_taken = max(self._newest_taken, saying.number)
        if saying.is_out:
            saying.is_told = True
        else:
            self.drop(saying)
