"""One user's conversation as a gateway sees it: it is on a worker, now this one, now that one.

Devices notice nothing of that, but for the time it takes: what they say waits meanwhile, and what
they have missed is told to them (docs/reference/cluster-protocol.md, section 5).
"""

from __future__ import annotations

from typing import Any, Final

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from pytlas_wamp.assistant.audience import Device, Presence, log_unless_expected
from pytlas_wamp.cluster.answers import (
    Told,
    Unreadable,
    Welcome,
    read_frame,
    read_welcome,
)
from pytlas_wamp.cluster.bus import Refused, Unreachable
from pytlas_wamp.cluster.errands import NO_MORE, Errands, Link, log_unless_usual
from pytlas_wamp.cluster.followers import Follower, complaint
from pytlas_wamp.cluster.following import Following
from pytlas_wamp.cluster.placement import Choice, NoWorker
from pytlas_wamp.cluster.search import Search, Surroundings
from pytlas_wamp.cluster.states import TABLE, Event, State
from pytlas_wamp.errors import OperatorError
from pytlas_wamp.wire.codes import ErrorCode
from pytlas_wamp.wire.messages import Message

_log = Logger()

# Clients wait about so long for `ready` before they try again by themselves.
NEWCOMER_SECONDS: Final = 10.0
# Longer than a router or a database takes to start.
PATIENCE_SECONDS: Final = 30.0

_NOT_FOUND: Final = "no worker could be reached for the conversation; try again later"
_STOPPING: Final = "the server is about to stop"

# What a worker refuses that another one may accept.
_ASK_ANOTHER: Final = frozenset({"draining", "language"})


class Unavailable(OperatorError):
    """A conversation cannot be joined now."""


@define(kw_only=True, eq=False)
class RemoteConversation:
    """Joins a conversation for the devices of a gateway, as often as that takes.

    Args:
      user_id: whose it is.
      language: of the user; chooses a worker when nobody has it.
      around: what it shares with others.

    Attributes:
      state: see `State`.
      owner: the worker that was asked last.
      epoch: under which the owner has it, when it is live.
      moves: how often it was joined under another epoch.
    """

    user_id: int
    language: str
    _around: Surroundings
    state: State = field(init=False, default=State.LOST)
    owner: str | None = field(init=False, default=None)
    # Who had it when it was live last.
    _held_by: str | None = field(init=False, default=None)
    epoch: int = field(init=False, default=0)
    moves: int = field(init=False, default=0)
    # Counts up whenever what was asked before counts no more.
    _attempt: int = field(init=False, default=0)
    _joins: int = field(init=False, default=0)
    _moved_epoch: int = field(init=False, default=-1)
    _on_answered: list[Deferred[None]] = field(init=False, factory=list)
    _errands: Errands = field(init=False)
    _following: Following = field(init=False)
    _search: Search = field(init=False)

    @_errands.default
    def _make_errands(self) -> Errands:
        return Errands(
            user_id=self.user_id,
            ask=self._ask,
            broken=self._lose,
            settled=self._tidy,
        )

    @_following.default
    def _make_following(self) -> Following:
        return Following(self._errands.sayings)

    @_search.default
    def _make_search(self) -> Search:
        return Search(
            user_id=self.user_id,
            around=self._around,
            begins=self._look,
            waits=self._give_up_late,
            is_urgent=self._is_urgent,
            found=self._found,
            failed=self._break,
        )

    # For those who are connected

    def join(self, device: Device, after: int | None = None) -> Deferred[Presence]:
        """Count a connection among the devices; fails with Unavailable when nobody is reached.

        Args:
          device: gets every frame from the moment on that this fires.
          after: the last frame it has seen, if it says so.
        """
        follower = Follower(
            number=self._around.next_number(), device=device, last=after, since=self._now
        )
        self._following.add(follower)
        if self.state is State.LIVE:
            self._join_waiting()
        else:
            self._hurry()
        return follower.arrived

    def detach(self, device: Device) -> None:
        """Forget a connection; what it said is still said."""
        follower = self._following.find(device)
        if follower is not None:
            follower.has_left = True
            self._tidy()

    def say(self, device: Device, message: Message) -> None:
        """Take a message of one device, and bring it to the worker."""
        follower = self._following.find(device)
        if follower is None:
            device.deliver(complaint(message.id, ErrorCode.UNAVAILABLE, _NOT_FOUND))
        elif self._around.is_closed():
            follower.complain(message.id, ErrorCode.UNAVAILABLE, _STOPPING)
        elif self.waiting >= self._around.max_waiting:
            text = "too many messages wait for their turn"
            follower.complain(message.id, ErrorCode.BUSY, text)
        else:
            self._errands.say(follower, message, self._now)
            self._hurry()

    def cancel(self, id_: str | None) -> None:
        """Stop what is going on, behind what was said before."""
        self._errands.cancel(id_, self._now)
        self._hurry()

    @property
    def device_count(self) -> int:
        """How many connections take part."""
        return self._following.devices

    @property
    def waiting(self) -> int:
        """How many messages have still to be sent."""
        return len(self._errands.sayings.waiting)

    @property
    def unanswered(self) -> int:
        """How many messages no worker has answered."""
        return len(self._errands.sayings)

    @property
    def is_settled(self) -> bool:
        """Whether all devices follow, and everything is answered."""
        return not self.unanswered and self._following.is_complete

    def when_answered(self) -> Deferred[None]:
        """Fires when nothing is unanswered."""
        answered: Deferred[None] = Deferred()
        self._on_answered.append(answered)
        self._tidy()
        return answered

    @property
    def _now(self) -> float:
        return float(self._around.clock.seconds())

    # What the bus brings

    def told(self, sender: str, told: Told) -> None:
        """Take a frame that a worker tells."""
        if sender != self.owner or self.state not in (State.JOINING, State.LIVE):
            return
        if self.state is State.LIVE and told.epoch > self.epoch:
            self._break(Choice(node=sender))
            return
        try:
            frame = read_frame(told.text)
        except Unreadable as error:
            # The next one shows the gap, and whoever it concerns begins anew.
            _log.error("user {user}: {error}", user=self.user_id, error=error)
            return
        if self.state is State.JOINING:
            self._following.keep(told.epoch, frame, told.device)
        elif told.epoch == self.epoch:
            self._following.take(told.epoch, frame, told.device, self._now)
            self._tidy()
            self._join_waiting()

    def moved(self, sender: str, epoch: int) -> None:
        """Learn that a worker has the conversation no more that it had under this epoch."""
        if sender != self.owner:
            return
        self._moved_epoch = max(self._moved_epoch, epoch)
        if self.state is State.LIVE and epoch >= self.epoch:
            self._break()

    def left(self, node: str) -> None:
        """Learn that a worker is gone."""
        if node == self.owner and self.state not in (State.LOOKING, State.ENDED):
            self._break(self._instead_of(self.epoch) if self._held_by == node else None)

    def _instead_of(self, epoch: int) -> Choice | None:
        placement = self._around.placement
        try:
            return placement.choose(self.user_id, self.language, instead_of=epoch)
        except NoWorker:
            return None

    def connected(self) -> None:
        """Learn that workers can be reached again, and that what they told may be lost."""
        if self.state is State.LOST:
            self._search.look()
        elif self.state is State.LIVE and self._is_urgent():
            self._following.wait(self._now)
            self._join_waiting()
        elif self.state is State.LIVE:
            self._break(Choice(node=str(self.owner)))

    # Looking for the owner

    def _step(self, event: Event) -> None:
        self.state = TABLE[self.state][event]

    def _hurry(self) -> None:
        """Have the owner looked for, if that was not begun or waits for others."""
        self._search.hurry()
        if self.state is State.LOST and not self._search.is_waiting:
            self._search.look()

    def _break(self, choice: Choice | None = None) -> None:
        """Look anew who has it.

        Args:
          choice: who may have it; None when the database has to be asked.
        """
        self._attempt += 1
        self._search.over()
        self._errands.lost()
        self._following.wait(self._now)
        if self.state is not State.LOST:
            self._step(Event.BROKEN)
        self._give_up_late()
        if self.state is State.LOST:
            self._search.retry(choice)

    def _lose(self, same: bool) -> None:  # noqa: FBT001 - a callback
        self._break(Choice(node=str(self.owner)) if same else None)

    def _is_urgent(self) -> bool:
        """Whether somebody waits for what becomes of it."""
        return self.unanswered > 0 or any(one.is_newcomer for one in self._following)

    def _look(self) -> str | None:
        self._give_up_late()
        if self.state is not State.LOST:
            return None
        self._step(Event.LOOK)
        return self.language

    def _found(self, choice: Choice) -> None:
        if len(self._following):
            self._step(Event.FOUND)
            self.owner = choice.node
            self._join_one_of(list(self._following), choice.instead_of)
        else:
            self._end()

    # Joining

    def _join_waiting(self) -> None:
        """Have those join that do not follow, if it is known where."""
        while self.state is State.LIVE and (waiting := self._following.waiting):
            self._join_one_of(waiting, 0)

    def _join_one_of(self, followers: list[Follower], instead_of: int) -> None:
        """Join with the first, and all that have got as far as that one."""
        after = followers[0].last
        group = [one for one in followers if one.last == after]
        for one in group:
            one.asked = True
        body = {"user": self.user_id, "after": after, "instead_of": instead_of}
        self._joins += 1
        self._ask("join", body).addCallbacks(
            self._answered_join,
            self._refused_join,
            callbackArgs=(group, after, self._attempt),
            errbackArgs=(self._attempt,),
        ).addErrback(log_unless_expected, "a conversation is stuck")

    def _ask(self, what: str, body: dict[str, Any]) -> Deferred[Any]:
        owner, placement = str(self.owner), self._around.placement

        def reached(answer: Any) -> Any:
            placement.reached(owner)
            return answer

        def failed(failure: Failure) -> Failure:
            if isinstance(failure.value, Refused):
                placement.reached(owner)
            elif isinstance(failure.value, Unreachable) and self._around.bus.is_connected:
                placement.unreachable(owner)
            return failure

        return self._around.bus.ask(owner, what, body, key=self.user_id).addCallbacks(
            reached, failed
        )

    def _answered_join(
        self, answer: Any, group: list[Follower], after: int | None, attempt: int
    ) -> None:
        self._joins -= 1
        if attempt != self._attempt:
            self._tidy()
            return
        try:
            welcome = read_welcome(answer)
        except Unreadable as error:
            _log.error("user {user}: {error}", user=self.user_id, error=error)
            self._break()
            return
        if welcome.epoch <= self._moved_epoch:
            # It has moved again before we learnt that it was there.
            self._break()
        elif self.state is State.LIVE and welcome.epoch != self.epoch:
            self._break(Choice(node=str(self.owner)))
        else:
            self._welcome(welcome, group, after)

    def _welcome(self, welcome: Welcome, group: list[Follower], after: int | None) -> None:
        attempt = self._attempt
        if self.state is State.JOINING:
            self._go_live(welcome.epoch)
        self.language = welcome.presence.language
        for one in group:
            one.asked = False
            # Some may have left, or have joined otherwise; and who gets a frame may do whatever
            # it likes.
            fits = one.is_newcomer or (after is not None and not one.follows)
            if fits and one in self._following and attempt == self._attempt:
                presence = welcome.presence
                if not self._following.catch_up(one, presence, self.epoch, self._now):
                    self._give_up(one)
        if attempt == self._attempt:
            self._join_waiting()
            self._tidy()
            self._errands.go_on()

    def _go_live(self, epoch: int) -> None:
        """Have all that is said go to this worker, once those who spoke are there."""
        self._step(Event.WELCOMED)
        self._search.over()
        self._search.avoid.clear()
        self.moves += self.epoch not in (0, epoch)
        self.epoch, self._held_by = epoch, self.owner
        self._following.begin(epoch)
        self._errands.begin(Link(epoch))

    def _refused_join(self, failure: Failure, attempt: int) -> None:
        self._joins -= 1
        if attempt != self._attempt:
            self._tidy()
            return
        error = failure.value
        self._search.trouble = str(error)
        if isinstance(error, Refused) and error.code in _ASK_ANOTHER:
            self._search.avoid.add(str(self.owner))
        elif isinstance(error, Refused) and error.code == NO_MORE:
            for one in self._following:
                self._give_up(one)
        log_unless_usual(failure, "a conversation could not be joined")
        self._break()

    # The end

    def _give_up_late(self) -> None:
        """Let those begin anew that have waited for too long."""
        for one in self._following:
            patience = NEWCOMER_SECONDS if one.is_newcomer else PATIENCE_SECONDS
            if not one.follows and self._now - one.since >= patience:
                self._give_up(one)
        self._tidy()

    def _give_up(self, follower: Follower) -> None:
        if follower not in self._following:
            return
        self._following.remove(follower)
        self._errands.give_up(follower, _NOT_FOUND)
        if follower.is_newcomer:
            text = f"user {self.user_id}: the conversation cannot be joined: {self._search.trouble}"
            follower.arrived.errback(Unavailable(text))
        elif not follower.has_left:
            follower.device.moved()

    def _tidy(self) -> None:
        """Forget those that have left, as soon as what they said is answered."""
        for one in self._following:
            if one.has_left and not self._errands.sayings.of(one):
                self._following.remove(one)
                self._errands.sayings.drop_all_of(one)
        if not self.unanswered:
            waiting, self._on_answered = self._on_answered, []
            for answered in waiting:
                answered.callback(None)
        if not (len(self._following) or self._joins) and self.state in (State.LOST, State.LIVE):
            self._end()

    def _end(self) -> None:
        self._attempt += 1
        self._errands.sayings.clear()
        self._search.over()
        self._search.stop()
        if self.state is State.LIVE:
            self.leave()
        self._step(Event.DESERTED)
        self._around.ended(self.user_id)

    def leave(self) -> Deferred[Any]:
        """Have the worker know that no device is here any more; never fails."""
        body = {"user": self.user_id, "epoch": self.epoch}
        # Who does not hear it will learn that nobody is here when it tells the next frame.
        return self._ask("leave", body).addErrback(lambda _: None)
