"""One user's conversation as a gateway sees it: it is on a worker, now this one, now that one.

Devices notice nothing of that, but for the time it takes: what they say waits meanwhile, and what
they have missed is told to them (docs/reference/cluster-protocol.md, section 5).
"""

from __future__ import annotations

from collections import deque
from typing import Any, Final

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from pytlas_wamp.assistant.audience import Presence, log_unless_expected
from pytlas_wamp.assistant.turns import Frame
from pytlas_wamp.cluster.answers import (
    Told,
    Unreadable,
    Welcome,
    read_frame,
    read_said,
    read_welcome,
)
from pytlas_wamp.cluster.bus import Refused, Unreachable
from pytlas_wamp.cluster.bus import Unanswered as NoAnswer
from pytlas_wamp.cluster.followers import Follower, RemoteDevice, complaint
from pytlas_wamp.cluster.placement import Choice, NoWorker
from pytlas_wamp.cluster.search import Search, Surroundings
from pytlas_wamp.cluster.states import TABLE, Event, State
from pytlas_wamp.cluster.unanswered import Saying, Unanswered
from pytlas_wamp.errors import OperatorError
from pytlas_wamp.wire.codec import encode
from pytlas_wamp.wire.codes import ErrorCode
from pytlas_wamp.wire.messages import Message

_log = Logger()

# Clients wait about so long for `ready` before they try again by themselves.
NEWCOMER_SECONDS: Final = 10.0
# Longer than a router or a database takes to start.
PATIENCE_SECONDS: Final = 30.0
# Frames that are kept while devices join; more make a gap, and they join again.
_KEPT_FRAMES: Final = 1_000

_NOT_FOUND: Final = "no worker could be reached for the conversation; try again later"
_STOPPING: Final = "the server is about to stop"

# What a worker refuses that another one may accept.
_ASK_ANOTHER: Final = frozenset({"draining", "language"})
# What will not be better with any worker.
_FINAL: Final = "account-disabled"


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
    _followers: list[Follower] = field(init=False, factory=list)
    _unanswered: Unanswered = field(init=False, factory=Unanswered)
    # Counts up whenever what was asked before counts no more.
    _attempt: int = field(init=False, default=0)
    _joins: int = field(init=False, default=0)
    _moved_epoch: int = field(init=False, default=-1)
    # What was told while devices join, and the numbers of whose messages that is.
    _early: deque[tuple[int, Frame, int | None]] = field(
        init=False, factory=lambda: deque(maxlen=_KEPT_FRAMES)
    )
    _on_answered: list[Deferred[None]] = field(init=False, factory=list)
    _search: Search = field(init=False)

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

    def join(self, device: RemoteDevice, after: int | None = None) -> Deferred[Presence]:
        """Count a connection among the devices; fails with Unavailable when nobody is reached.

        Args:
          device: gets every frame from the moment on that this fires.
          after: the last frame it has seen, if it says so.
        """
        follower = Follower(
            number=self._around.next_number(), device=device, last=after, since=self._now
        )
        self._followers.append(follower)
        if self.state is State.LIVE:
            self._join_waiting()
        else:
            self._hurry()
        return follower.arrived

    def detach(self, device: RemoteDevice) -> None:
        """Forget a connection; what it said is still said."""
        follower = self._find(device)
        if follower is not None:
            follower.has_left = True
            self._tidy()

    def say(self, device: RemoteDevice, message: Message) -> None:
        """Take a message of one device, and bring it to the worker."""
        follower = self._find(device)
        if follower is None:
            device.deliver(complaint(message.id, ErrorCode.UNAVAILABLE, _NOT_FOUND))
        elif self._around.is_closed():
            follower.complain(message.id, ErrorCode.UNAVAILABLE, _STOPPING)
        elif self.waiting >= self._around.max_waiting:
            text = "too many messages wait for their turn"
            follower.complain(message.id, ErrorCode.BUSY, text)
        else:
            self._unanswered.add(follower, message, message.id, self._now)
            self._go_on()

    def cancel(self, id_: str | None) -> None:
        """Stop what is going on, behind what was said before."""
        self._unanswered.add(None, None, id_, self._now)
        self._go_on()

    def _go_on(self) -> None:
        if self.state is State.LIVE:
            self._send_waiting()
        else:
            self._hurry()

    @property
    def device_count(self) -> int:
        """How many connections take part."""
        return sum(not one.has_left for one in self._followers)

    @property
    def waiting(self) -> int:
        """How many messages have still to be sent."""
        return len(self._unanswered.waiting)

    @property
    def unanswered(self) -> int:
        """How many messages no worker has answered."""
        return len(self._unanswered)

    @property
    def is_settled(self) -> bool:
        """Whether all devices follow, and everything is answered."""
        return not self.unanswered and all(one.follows for one in self._followers)

    def when_answered(self) -> Deferred[None]:
        """Fires when nothing is unanswered."""
        answered: Deferred[None] = Deferred()
        self._on_answered.append(answered)
        self._tidy()
        return answered

    def _find(self, device: RemoteDevice) -> Follower | None:
        for one in self._followers:
            if one.device is device and not one.has_left:
                return one
        return None

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
            self._early.append((told.epoch, frame, told.device))
        elif told.epoch == self.epoch:
            self._take(frame, told.device)

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
            for one in self._followers:
                one.wait(self._now)
            self._join_waiting()
        elif self.state is State.LIVE:
            self._break(Choice(node=str(self.owner)))

    def _take(self, frame: Frame, device: int | None) -> None:
        self._unanswered.look_at(frame, device)
        if all(one.follows for one in self._followers):
            self._early.clear()
        else:
            self._early.append((self.epoch, frame, device))
        for one in tuple(self._followers):
            self._give(one, frame, is_own=one.number == device)
        self._tidy()
        self._join_waiting()

    def _give(self, follower: Follower, frame: Frame, *, is_own: bool) -> None:
        if not follower.follows or follower.has(frame):
            return
        if follower.is_next(frame):
            follower.take(frame, is_own=is_own)
        else:
            follower.wait(self._now)

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
        self._early.clear()
        self._unanswered.lost()
        for one in self._followers:
            one.wait(self._now)
        if self.state is not State.LOST:
            self._step(Event.BROKEN)
        self._give_up_late()
        if self.state is State.LOST:
            self._search.retry(choice)

    def _is_urgent(self) -> bool:
        """Whether somebody waits for what becomes of it."""
        return bool(len(self._unanswered)) or any(one.is_newcomer for one in self._followers)

    def _look(self) -> str | None:
        self._give_up_late()
        if self.state is not State.LOST:
            return None
        self._step(Event.LOOK)
        return self.language

    def _found(self, choice: Choice) -> None:
        if self._followers:
            self._step(Event.FOUND)
            self.owner = choice.node
            self._join_one_of(self._followers, choice.instead_of)
        else:
            self._end()

    # Joining

    def _join_waiting(self) -> None:
        """Have those join that do not follow, if it is known where."""
        while self.state is State.LIVE:
            waiting = [one for one in self._followers if not (one.follows or one.asked)]
            if not waiting:
                return
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
        owner = str(self.owner)

        def reached(answer: Any) -> Any:
            self._around.placement.reached(owner)
            return answer

        def failed(failure: Failure) -> Failure:
            if isinstance(failure.value, Unreachable) and self._around.bus.is_connected:
                self._around.placement.unreachable(owner)
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
        if self.state is State.JOINING:
            self._go_live(welcome.epoch)
        self.language = welcome.presence.language
        attempt = self._attempt
        for one in group:
            one.asked = False
            # Some may have left, or have joined otherwise; and who gets a frame may do whatever
            # it likes.
            fits = one.is_newcomer or (after is not None and not one.follows)
            if fits and one in self._followers and attempt == self._attempt:
                self._let_follow(one, welcome.presence)
        if attempt == self._attempt:
            self._join_waiting()
            self._tidy()
            self._send_waiting()

    def _go_live(self, epoch: int) -> None:
        self._step(Event.WELCOMED)
        self._search.over()
        self._search.avoid.clear()
        self.moves += self.epoch not in (0, epoch)
        self.epoch, self._held_by = epoch, self.owner
        for told_in, frame, device in self._early:
            if told_in == epoch:
                self._unanswered.look_at(frame, device)

    def _let_follow(self, follower: Follower, presence: Presence) -> None:
        if follower.is_newcomer:
            follower.arrive(presence)
        elif presence.missed is None:
            self._give_up(follower)
            return
        else:
            for frame in presence.missed:
                if not follower.has(frame):
                    follower.take(frame, is_own=self._unanswered.is_of(frame, follower))
            follower.come_up_to(presence.seq)
        for told_in, frame, device in tuple(self._early):
            if told_in == self.epoch:
                self._give(follower, frame, is_own=device == follower.number)

    def _refused_join(self, failure: Failure, attempt: int) -> None:
        self._joins -= 1
        if attempt != self._attempt:
            self._tidy()
            return
        error = failure.value
        if isinstance(error, Refused) and error.code in _ASK_ANOTHER:
            self._search.avoid.add(str(self.owner))
        elif isinstance(error, Refused) and error.code == _FINAL:
            for one in tuple(self._followers):
                self._give_up(one)
        self._search.trouble = str(error)
        self._log_unless_usual(failure, "a conversation could not be joined")
        self._break()

    def _log_unless_usual(self, failure: Failure, text: str) -> None:
        if not isinstance(failure.value, Refused | Unreachable | NoAnswer):
            log_unless_expected(failure, text)

    # Saying

    def _send_waiting(self) -> None:
        while self.state is State.LIVE and (waiting := self._unanswered.waiting):
            if any(self._may_be_told(one) for one in waiting):
                return
            self._send(waiting[0])

    def _may_be_told(self, saying: Saying) -> bool:
        """Whether what the device has missed may tell that this was taken."""
        follower = saying.follower
        return saying.was_out and follower is not None and not follower.follows

    def _send(self, saying: Saying) -> None:
        self._unanswered.send(saying, self._attempt)
        body: dict[str, Any] = {"user": self.user_id, "epoch": self.epoch}
        if saying.message is None or saying.follower is None:
            answer = self._ask("cancel", {**body, "id": saying.id})
        else:
            text = encode(saying.message)
            answer = self._ask("say", {**body, "device": saying.follower.number, "message": text})
        answer.addCallbacks(
            self._answered,
            self._refused,
            callbackArgs=(saying, self._attempt),
            errbackArgs=(saying, self._attempt),
        ).addErrback(log_unless_expected, "a conversation is stuck")

    def _answered(self, answer: Any, saying: Saying, attempt: int) -> None:
        if saying not in self._unanswered:
            return
        try:
            frames = [] if saying.message is None else read_said(answer)
        except Unreadable:
            self._refuse(saying, ErrorCode.INTERNAL_ERROR, "the message was not understood")
            return
        if frames and attempt != saying.attempt:
            # It was said again since, and has another answer to come.
            return
        self._unanswered.settle(saying, taken=not frames)
        if saying.follower is not None:
            for frame, is_past in frames:
                if is_past:
                    saying.follower.repeat(frame)
                else:
                    saying.follower.answer(frame)
        self._tidy()

    def _refused(self, failure: Failure, saying: Saying, attempt: int) -> None:
        if saying not in self._unanswered or attempt != self._attempt:
            return
        error = failure.value
        code = error.code if isinstance(error, Refused) else None
        if code == _FINAL:
            self._refuse(saying, ErrorCode.UNAVAILABLE, "the account is disabled")
        elif code == "failed" or not isinstance(error, Refused | Unreachable | NoAnswer):
            self._log_unless_usual(failure, "a message could not be said")
            text = "the message was not taken; the server's log says more"
            self._refuse(saying, ErrorCode.INTERNAL_ERROR, text)
        else:
            self._break(Choice(node=str(self.owner)) if code == "unavailable" else None)

    def _refuse(self, saying: Saying, code: ErrorCode, text: str) -> None:
        self._unanswered.drop(saying)
        if saying.follower is not None:
            saying.follower.complain(saying.id, code, text)
        self._tidy()

    # The end

    def _give_up_late(self) -> None:
        """Let those begin anew that have waited for too long."""
        for one in tuple(self._followers):
            patience = NEWCOMER_SECONDS if one.is_newcomer else PATIENCE_SECONDS
            if not one.follows and self._now - one.since >= patience:
                self._give_up(one)
        self._tidy()

    def _give_up(self, follower: Follower) -> None:
        if follower not in self._followers:
            return
        self._followers.remove(follower)
        sayings = self._unanswered.of(follower)
        self._unanswered.drop_all_of(follower)
        for one in sayings:
            if not one.was_out:
                follower.complain(one.id, ErrorCode.UNAVAILABLE, _NOT_FOUND)
            elif one.id is None and not one.is_told:
                text = "it is not known whether the last message was taken"
                follower.complain(None, ErrorCode.UNAVAILABLE, text)
        if follower.is_newcomer:
            text = f"user {self.user_id}: the conversation cannot be joined: {self._search.trouble}"
            follower.arrived.errback(Unavailable(text))
        elif not follower.has_left:
            follower.device.moved()

    def _tidy(self) -> None:
        """Forget those that have left, as soon as what they said is answered."""
        for one in tuple(self._followers):
            if one.has_left and not self._unanswered.of(one):
                self._followers.remove(one)
                self._unanswered.drop_all_of(one)
        if not self.unanswered:
            waiting, self._on_answered = self._on_answered, []
            for answered in waiting:
                answered.callback(None)
        if not (self._followers or self._joins) and self.state in (State.LOST, State.LIVE):
            self._end()

    def _end(self) -> None:
        self._attempt += 1
        self._unanswered.clear()
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
