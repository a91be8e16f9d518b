"""Does what a session asks for; the one place where its effects become calls.

`feed` takes everything that happens to a connection. It never raises: what goes
wrong in here is our bug, is logged with its trace, and closes the connection with
1011 (spec 7.3).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from attrs import define, field, frozen
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from pytlas_wamp.accounts.accounts import Grant
from pytlas_wamp.assistant.audience import Device, Presence
from pytlas_wamp.assistant.host import Person
from pytlas_wamp.errors import ClientError, OperatorError
from pytlas_wamp.limits import Limits
from pytlas_wamp.session import effects as do
from pytlas_wamp.session import inputs as on
from pytlas_wamp.session.actions import State
from pytlas_wamp.session.machine import Session
from pytlas_wamp.transport.hosts import Conversation, Host
from pytlas_wamp.transport.message_rate import FLOODING, MessageRate
from pytlas_wamp.transport.people import Admission
from pytlas_wamp.transport.seats import Seats
from pytlas_wamp.transport.timers import Timer, Timers
from pytlas_wamp.wire.codec import decode_client, encode
from pytlas_wamp.wire.codes import Ending
from pytlas_wamp.wire.messages import ServerMessage, Thinking

_log = Logger()

# Before `ready` any other refusal, of a revoked token too, is "failed" (spec 3.2).
_ENDINGS: Mapping[str, Ending] = {
    "token-expired": Ending.AUTHENTICATION_EXPIRED,
    "account-disabled": Ending.ACCOUNT_DISABLED,
}


class Link(Protocol):
    """The connection itself."""

    def send_text(self, text: str, *, droppable: bool = False) -> None:
        """Send a text frame; a slow peer can do without one that is droppable."""

    def close(self, code: int, reason: str) -> None:
        """Begin the closing handshake."""


@frozen(kw_only=True)
class Surroundings:
    """What all connections have in common.

    Args:
      admit: who comes with an access token; fails with ClientError if nobody may.
      ended_count: how many tokens and logins have ended so far.
      has_ended: whether what the token allowed has ended since there were so many.
      host: where conversations are.
      clock: an IReactorTime, for timers.
      now: seconds since the epoch.
      limits: bounds on what peers send.
      seats: how many connections each user has, by the user's number.
      observe: told everything that happens to a connection.

    Attributes:
      timers: those of all connections.
    """

    admit: Callable[[str], Deferred[Admission]]
    ended_count: Callable[[], int]
    has_ended: Callable[[Grant, int], bool]
    host: Host
    clock: Any
    now: Callable[[], float]
    limits: Limits
    seats: Seats
    observe: Callable[[on.Input], object] = lambda _: None
    timers: Timers = field(init=False)

    @timers.default
    def _make_timers(self) -> Timers:
        return Timers(self.clock)


@define(kw_only=True, eq=False)
class Performer:
    """One connection: its session, its link, and what it has joined.

    Args:
      session: decides.
      link: the connection.
      around: what it shares with others.
      name: of the connection, in the log.
    """

    _session: Session
    _link: Link
    _around: Surroundings
    name: str
    token_id: str | None = field(init=False, default=None)
    login_id: str | None = field(init=False, default=None)
    # Who was admitted and has not joined yet.
    _person: Person | None = field(init=False, default=None)
    _rate: MessageRate = field(init=False)
    _conversation: Conversation | None = field(init=False, default=None)
    _leave_seat: Callable[[], None] | None = field(init=False, default=None)
    _timers: dict[on.Timer, Timer] = field(init=False, factory=dict)
    # A list, since there are two or three at the most, and an empty deque takes 700 bytes.
    _waiting: list[on.Input] = field(init=False, factory=list)
    _busy: bool = field(init=False, default=False)

    @_rate.default
    def _make_rate(self) -> MessageRate:
        limits = self._around.limits
        return MessageRate(
            burst=limits.message_burst,
            per_second=limits.message_rate_per_second,
            max_warnings=limits.max_rate_warnings,
            now=self._around.clock.seconds,
        )

    @property
    def user_id(self) -> int | None:
        """Whose connection it is, once a token was accepted."""
        return self._session.user_id

    @property
    def state(self) -> State:
        """Where it is in its life (spec 3.1)."""
        return self._session.state

    @property
    def _about(self) -> Mapping[str, Any]:
        """What lines of the log say about whom they are."""
        return {"connection": self.name, "user": self.user_id}

    def receive(self, payload: bytes, *, is_binary: bool) -> None:
        """Take a frame of the peer, unless it comes too fast (spec 2.2, 3.8)."""
        given = on.Binary() if is_binary else self._read(payload)
        wait = self._rate.check()
        if wait is FLOODING:
            given = on.Flooding()
        elif wait is not None:
            given = on.RateExceeded(retry_after=wait, re=getattr(given, "id", None))
        self.feed(given)

    def deliver(self, frame: ServerMessage) -> None:
        """Take a frame of the conversation."""
        self.feed(on.from_frame(frame))

    def repeat(self, frame: ServerMessage) -> None:
        """Take a frame of the conversation that tells of the past (spec 5.3)."""
        self.feed(on.Delivered(frame=frame))

    def overhear(self, frame: ServerMessage, speaker: Device) -> None:
        """Take a frame of the conversation, unless it tells what was said here."""
        if speaker is not self:
            self.feed(on.from_frame(frame))

    def moved(self) -> None:
        """Have the client connect again: the conversation is no longer in this process."""
        self.feed(on.Stopped())

    def feed(self, given: on.Input) -> None:
        """Let something happen; effects are done before the next input is looked at."""
        self._waiting.append(given)
        if self._busy:
            return
        self._busy = True
        try:
            while self._waiting:
                self._step(self._waiting.pop(0))
        finally:
            self._busy = False

    def _step(self, given: on.Input) -> None:
        try:
            self._around.observe(given)
            for effect in self._session.handle(given):
                _PERFORM[type(effect)](self, effect)
        except Exception:  # noqa: BLE001 - the last resort, as promised above
            _log.failure("connection {connection} failed", **self._about)
            if not isinstance(given, on.Crashed):
                self._waiting.insert(0, on.Crashed())

    def _read(self, payload: bytes) -> on.Input:
        try:
            return decode_client(payload.decode("utf-8"), max_depth=self._around.limits.max_depth)
        except ClientError as error:
            return on.Malformed(code=error.code, detail=error.detail)

    # One method per effect

    def _send(self, effect: do.Send) -> None:
        droppable = isinstance(effect.frame, Thinking)
        self._link.send_text(encode(effect.frame), droppable=droppable)

    def _verify_token(self, effect: do.VerifyToken) -> None:
        self._around.admit(effect.token).addCallbacks(
            self._token_good, self._token_bad, callbackArgs=(self._around.ended_count(),)
        ).addErrback(self._crash)

    def _token_good(self, admission: Admission, ended_before: int) -> None:
        grant = admission.grant
        if self._around.has_ended(grant, ended_before):
            self.feed(on.TokenRefused(ending=Ending.AUTHENTICATION_FAILED))
            return
        now = self._around.now()
        accepted = on.TokenAccepted(
            user_id=grant.account.id,
            expires_in=max(0.0, grant.token_expires_at - now),
            ends_in=max(0.0, grant.expires_at - now),
        )
        if self.user_id is None:
            self._person = admission.person
        if self.user_id in (None, grant.account.id):
            self.token_id, self.login_id = grant.token_id, grant.login_id
        self.feed(accepted)

    def _token_bad(self, failure: Failure) -> None:
        error = failure.value
        if isinstance(error, ClientError):
            ending = _ENDINGS.get(error.code, Ending.AUTHENTICATION_FAILED)
            self.feed(on.TokenRefused(ending=ending))
        else:
            self._unavailable(failure)

    def _join(self, effect: do.Join) -> None:
        person, self._person = self._person, None
        assert person is not None  # noqa: S101 - nobody joins who was not admitted
        self._leave_seat = self._around.seats.take(effect.user_id)
        if self._leave_seat is None:
            self.feed(on.TooManyConnections())
            return
        self._around.host.join(person, self, effect.after).addCallbacks(
            self._joined, self._unavailable
        ).addErrback(self._crash)

    def _joined(self, joined: tuple[Conversation, Presence]) -> None:
        self._conversation, presence = joined
        self.feed(
            on.Joined(
                language=presence.language,
                seq=presence.seq,
                context=presence.context,
                ask=presence.ask,
                resumed=presence.missed is not None,
                replay=presence.missed or (),
            )
        )

    def _unavailable(self, failure: Failure) -> None:
        if isinstance(failure.value, OperatorError):
            _log.error("connection {connection}: {error}", error=failure.value, **self._about)
        else:
            _log.failure("connection {connection}", failure=failure, **self._about)
        self.feed(on.Unavailable())

    def _crash(self, failure: Failure) -> None:
        _log.failure("connection {connection} failed", failure=failure, **self._about)
        self.feed(on.Crashed())

    def _leave(self, _: do.Leave) -> None:
        conversation, self._conversation = self._conversation, None
        if conversation is not None:
            conversation.detach(self)
        if self._leave_seat is not None:
            self._leave_seat()

    def _say(self, effect: do.Say) -> None:
        if self._conversation is not None:
            self._conversation.say(self, effect.message)

    def _cancel_turn(self, effect: do.CancelTurn) -> None:
        if self._conversation is not None:
            self._conversation.cancel(effect.id)

    def _start_timer(self, effect: do.StartTimer) -> None:
        self._stop_timer(effect.timer)
        self._timers[effect.timer] = self._around.timers.start(
            effect.seconds, self._ring, effect.timer
        )

    def _ring(self, timer: on.Timer) -> None:
        self.feed(on.DeadlinePassed(timer=timer))

    def _stop_timers(self, _: do.StopTimers) -> None:
        for timer in tuple(self._timers):
            self._stop_timer(timer)

    def _stop_timer(self, timer: on.Timer) -> None:
        started = self._timers.pop(timer, None)
        if started is not None:
            self._around.timers.stop(started)

    def _close(self, effect: do.Close) -> None:
        self._link.close(effect.ending.close_code, effect.ending.reason)


_PERFORM: Mapping[type[do.Effect], Callable[[Performer, Any], None]] = {
    do.Send: Performer._send,  # noqa: SLF001 - the table stands beside its class
    do.VerifyToken: Performer._verify_token,  # noqa: SLF001
    do.Join: Performer._join,  # noqa: SLF001
    do.Leave: Performer._leave,  # noqa: SLF001
    do.Say: Performer._say,  # noqa: SLF001
    do.CancelTurn: Performer._cancel_turn,  # noqa: SLF001
    do.StartTimer: Performer._start_timer,  # noqa: SLF001
    do.StopTimers: Performer._stop_timers,  # noqa: SLF001
    do.Close: Performer._close,  # noqa: SLF001
}
