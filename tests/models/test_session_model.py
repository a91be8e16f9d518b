"""A session driven as a transport would drive it, against a model of what a peer may observe.

The model knows no states of the table: it keeps who was let in, what was sent
and not yet acted upon, and what is pending. Two measures keep it honest: all
that goes wrong is one rule among several, so that most steps are spent talking,
and before that, every cell of the table is visited on purpose.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from pytlas_wamp.session import effects as do
from pytlas_wamp.session import inputs as on
from pytlas_wamp.session.actions import State
from pytlas_wamp.session.machine import Session
from pytlas_wamp.session.table import TABLE
from pytlas_wamp.wire.codes import Ending, ErrorCode
from pytlas_wamp.wire.messages import (
    Authenticate,
    Cancel,
    Done,
    Error,
    Goodbye,
    Language,
    Message,
    Ready,
    Renewed,
    Said,
    Thinking,
)
from session_steps import ALICE, BOB, LIMITS, MISSED, QUESTION, ROOM, SERVER

VISITED: Counter[tuple[State, type[Any]]] = Counter()

BEFORE_READY = (do.Close, do.VerifyToken, do.Join, do.Leave, do.StartTimer, do.StopTimers)
REFUSED = on.TokenRefused(ending=Ending.AUTHENTICATION_FAILED)
DIED = on.CredentialsDied(ending=Ending.AUTHENTICATION_REVOKED)
UNREADABLE = on.Unreadable(ending=Ending.NOT_UTF8)
STOPPING = on.ShuttingDown(retry_after=5)
STOPPED = on.Stopped()
MALFORMED = on.Malformed(code=ErrorCode.INVALID_MESSAGE, detail="message.id is missing")
MOVES = (Thinking(seq=6), Done(seq=7, require_input=False), Said(seq=8, message="kitchen"))
OTHERS = (ROOM, Language(seq=9, language="fr"))
TOO_FAST = on.RateExceeded(retry_after=0.1)

# What may still arrive when all is over; Joined comes only if it was asked for.
LATE: tuple[on.Input, ...] = (
    on.Opened(),
    Authenticate(token="late"),
    Message(message="late"),
    Cancel(),
    MALFORMED,
    on.Binary(),
    TOO_FAST,
    on.Flooding(),
    UNREADABLE,
    on.SlowReader(),
    on.TokenAccepted(user_id=ALICE, expires_in=60),
    on.TooManyConnections(),
    REFUSED,
    on.Asked(frame=QUESTION),
    on.Moved(frame=MOVES[0]),
    on.Delivered(frame=OTHERS[0]),
    on.DeadlinePassed(timer=on.Timer.CREDENTIALS),
    DIED,
    on.Unavailable(),
    STOPPING,
    STOPPED,
    on.Crashed(),
    on.TransportLost(),
)
# How far a client gets without any trouble, mostly all of it.
_ALL_THE_WAY = ("present_token", "be_accepted", "be_welcomed")
_BACK_AGAIN = ("present_number", "be_accepted", "catch_up")
WAYS = (
    (),
    _ALL_THE_WAY[:1],
    _ALL_THE_WAY[:2],
    _ALL_THE_WAY,
    (*_ALL_THE_WAY, "renew"),
    (*_ALL_THE_WAY, "be_asked"),
    (*_ALL_THE_WAY, "be_asked", "renew"),
    (*_ALL_THE_WAY, "renew", "renew", "be_asked"),
    _BACK_AGAIN[:2],
    _BACK_AGAIN,
)

WELCOMES = (
    (None, None, None),
    (ROOM, QUESTION, None),
    (ROOM, QUESTION, ()),
    (ROOM, QUESTION, MISSED),
    (None, None, MISSED),
)

STRANGERS: tuple[on.Input, ...] = (Message(message="hello"), Cancel(), MALFORMED, TOO_FAST)
TIMED_OUT = {
    on.Timer.AUTHENTICATION: Ending.AUTHENTICATION_TIMEOUT,
    on.Timer.CREDENTIALS: Ending.AUTHENTICATION_EXPIRED,
}


# Frames that end a ready connection, also when they were held until then.
FATAL: dict[type, Ending] = {on.Binary: Ending.BINARY, on.Flooding: Ending.FLOODING}


def asked(given: on.PeerInput) -> Any:
    """What a ready session does for what a peer sends, as one word with its object."""
    if isinstance(given, Message):
        return ("say", given.message)
    if isinstance(given, Cancel):
        return ("cancel", given.id)
    if isinstance(given, Authenticate):
        return ("verify", given.token)
    if type(given) in FATAL:
        return ("close", FATAL[type(given)])
    return ("error", getattr(given, "code", ErrorCode.RATE_LIMITED))


def observed(effect: do.Effect) -> Any:  # noqa: PLR0911 - a table of seven lines
    """The same word for an effect; None for timers and leaving, which have invariants."""
    match effect:
        case do.Say(message=message):
            return ("say", message.message)
        case do.CancelTurn(id=number):
            return ("cancel", number)
        case do.VerifyToken(token=token):
            return ("verify", token)
        case do.Join(user_id=user, after=after):
            return ("join", user, after)
        case do.Close(ending=ending):
            return ("close", ending)
        case do.Send(frame=Error(code=code)):
            return ("error", code)
        case do.Send(frame=frame):
            return ("send", type(frame) if isinstance(frame, Ready | Goodbye | Renewed) else frame)
    return None


class SessionModel(RuleBasedStateMachine):
    """One device after the other, each with one connection."""

    def connection(self) -> None:
        """Forget the last connection."""
        self.session = Session(limits=LIMITS, server=SERVER)
        self.over = False
        self.sent_token = False  # the peer's first `authenticate` has come
        self.verifications = 0  # asked of the accounts and not answered
        self.joining = False  # asked of the conversation and not answered
        self.talking = False  # `ready` was due
        self.asking = False  # the user has a question before them
        self.after: int | None = None
        self.pipeline: list[on.PeerInput] = []
        self.timers: set[on.Timer] = set()
        self.effects: list[do.Effect] = []
        self.number = 0

    def feed(self, given: on.Input, *expected: Any) -> None:
        """Give one input, keep the books, and compare what a peer or a store would see."""
        VISITED[self.session.state, type(given)] += 1
        was_over = self.over
        effects = self.session.handle(given)
        if was_over:
            assert effects == ([do.Leave()] if isinstance(given, on.Joined) else [])
            return
        for effect in effects:
            self.note(effect)
        self.over = self.over or isinstance(given, on.TransportLost)
        assert [word for effect in effects if (word := observed(effect))] == list(expected)
        if self.over:
            assert do.Leave() in effects

    def note(self, effect: do.Effect) -> None:
        """Count one effect among those of the connection."""
        assert not self.over, "nothing follows a close"
        match effect:
            case do.StartTimer(timer=timer):
                self.timers.add(timer)
            case do.StopTimers():
                self.timers.clear()
            case do.VerifyToken():
                self.verifications += 1
            case do.Join():
                self.joining = True
            case do.Close():
                self.over = True
        self.effects.append(effect)

    def end(self, given: on.Input, ending: Ending, *before: Any) -> None:
        """Give an input after which the server must close."""
        self.feed(given, *before, ("close", ending))
        assert self.over

    @initialize()
    def open(self) -> None:
        self.connection()
        self.feed(on.Opened())

    @precondition(lambda self: self.over)
    @rule(late=st.lists(st.sampled_from(LATE), max_size=3), way=st.sampled_from(WAYS))
    def reconnect(self, late: list[on.Input], way: tuple[str, ...]) -> None:
        """Let the last stragglers in, then connect anew and go some of the way at once.

        One rule, because Hypothesis leaves rules out of a run at random: with the parts
        as rules of their own, most runs never left `closed` or `verifying` again.
        """
        for given in late:
            self.feed(given)
        if self.joining:
            self.join(None, None)
        self.open()
        self.follow(way)

    def follow(self, way: tuple[str, ...]) -> None:
        for step in way:
            getattr(self, step)()

    def present_token(self) -> None:
        self.authenticate(None)

    def present_number(self) -> None:
        self.authenticate(1)

    def catch_up(self) -> None:
        self.join(ROOM, QUESTION, MISSED)

    def be_accepted(self) -> None:
        self.accept(ALICE)

    def be_welcomed(self) -> None:
        self.join(None, None)

    def be_asked(self) -> None:
        self.converse(QUESTION)

    def renew(self) -> None:
        self.send("renew")

    # What a well-behaved client does.

    @precondition(lambda self: not self.sent_token and not self.over)
    @rule(after=st.sampled_from([None, 3]))
    def authenticate(self, after: int | None) -> None:
        self.sent_token, self.after = True, after
        self.feed(Authenticate(token="first", after=after), ("verify", "first"))

    @precondition(lambda self: self.sent_token and not self.over)
    @rule(kind=st.sampled_from(["say", "say", "cancel", "renew", "malformed", "hurry"]))
    def send(self, kind: str) -> None:
        self.number += 1
        name = f"{kind}-{self.number}"
        given = {
            "say": Message(message=name),
            "cancel": Cancel(id=name),
            "renew": Authenticate(token=name),
            "malformed": MALFORMED,
            "hurry": TOO_FAST,
        }[kind]
        self.send_one(given)

    def send_one(self, given: on.PeerInput) -> None:
        """Send a frame behind the first: acted upon at once, held, or one too many."""
        if self.talking:
            self.answer_question(given)
            self.feed(given, asked(given))
        elif len(self.pipeline) == LIMITS.max_held_frames:
            self.end(given, Ending.TOO_MANY_FRAMES)
        else:
            self.pipeline.append(given)
            self.feed(given)

    def answer_question(self, given: on.PeerInput) -> None:
        """A message or a cancel ends the pending question."""
        self.asking = self.asking and not isinstance(given, Message | Cancel)

    # What the accounts and the conversation answer.

    @precondition(lambda self: self.verifications and not self.over)
    @rule(user=st.sampled_from([ALICE, ALICE, ALICE, BOB]))
    def accept(self, user: int) -> None:
        self.verifications -= 1
        given = on.TokenAccepted(user_id=user if self.talking else ALICE, expires_in=60)
        if not self.talking:
            self.feed(given, ("join", ALICE, self.after))
        elif user == ALICE:
            self.feed(given, ("send", Renewed))
        else:
            self.feed(given, ("error", ErrorCode.WRONG_USER))

    @precondition(lambda self: self.joining)
    @rule(
        context=st.sampled_from([None, ROOM]),
        ask=st.sampled_from([None, None, QUESTION]),
        missed=st.sampled_from([None, (), MISSED, MISSED[:2]]),
    )
    def join(self, context: Any, ask: Any, missed: Any = None) -> None:
        """What was missed is told to who has said `after`; to others, how it stands."""
        self.joining = False
        resumed = missed is not None and self.after is not None
        given = on.Joined(
            language="en",
            seq=5,
            context=context,
            ask=ask,
            resumed=resumed,
            replay=missed if resumed else (),
        )
        if self.over:
            self.feed(given)
            return
        self.talking, self.asking = True, ask is not None
        told = given.replay if resumed else [frame for frame in (context, ask) if frame]
        expected = [("send", Ready), *(("send", frame) for frame in told)]
        for held in self.pipeline:
            expected.append(asked(held))
            self.answer_question(held)
            if type(held) in FATAL:
                break
        self.feed(given, *expected)

    @precondition(lambda self: self.talking and not self.over)
    @rule(frame=st.sampled_from([QUESTION, QUESTION, *MOVES, *OTHERS]))
    def converse(self, frame: Any) -> None:
        self.asking = frame == QUESTION or (self.asking and frame in OTHERS)
        self.feed(on.from_frame(frame), ("send", frame))

    @precondition(lambda self: self.talking and not self.over)
    @rule()
    def say_something(self) -> None:
        """Liveness: whatever happened before, a message of a ready client gets through."""
        self.send("say")

    # Everything that goes wrong, as one rule: as several it would be all that happens.

    @precondition(lambda self: not self.over)
    @rule(data=st.data())
    def trouble(self, data: st.DataObject) -> None:
        data.draw(st.sampled_from(self.possible_trouble()))()

    def possible_trouble(self) -> list[Callable[[], None]]:
        """What can go wrong always, and what can go wrong only now."""
        strangers = [partial(self.stranger, given) for given in STRANGERS]
        return [
            *(self.stopping, self.stop, self.crash, self.loss),
            *(self.unreadable, self.slow_reading),
            *(partial(self.fatal, kind()) for kind in FATAL),
            *(strangers if not self.sent_token else []),
            *([self.deadline] if self.timers else []),
            *([self.refusal] if self.verifications else []),
            *([self.unavailable] if self.verifications or self.waits_for_join() else []),
            *([self.death] if self.talking or self.joining else []),
            *([self.crowd] if self.waits_for_join() else []),
        ]

    def waits_for_join(self) -> bool:
        """Whether the conversation has been asked to take the device."""
        return self.joining and not self.talking

    def stopping(self) -> None:
        if self.talking:
            self.feed(STOPPING, ("send", Goodbye))
        else:
            self.end(STOPPING, Ending.SHUTDOWN, ("send", Goodbye))

    def stop(self) -> None:
        self.end(STOPPED, Ending.SHUTDOWN)

    def crash(self) -> None:
        self.end(on.Crashed(), Ending.INTERNAL_ERROR)

    def loss(self) -> None:
        self.feed(on.TransportLost())

    def unreadable(self) -> None:
        self.end(UNREADABLE, Ending.NOT_UTF8 if self.talking else Ending.AUTHENTICATION_EXPECTED)

    def slow_reading(self) -> None:
        ending = Ending.SLOW_READER if self.talking else Ending.AUTHENTICATION_EXPECTED
        self.end(on.SlowReader(), ending)

    def fatal(self, given: on.PeerInput) -> None:
        if self.sent_token:
            self.send_one(given)
        else:
            self.end(given, Ending.AUTHENTICATION_EXPECTED)

    def crowd(self) -> None:
        self.joining = False
        self.end(on.TooManyConnections(), Ending.TOO_MANY_CONNECTIONS)

    def stranger(self, given: on.Input) -> None:
        self.end(given, Ending.AUTHENTICATION_EXPECTED)

    def deadline(self) -> None:
        (timer,) = self.timers
        self.end(on.DeadlinePassed(timer=timer), TIMED_OUT[timer])

    def refusal(self) -> None:
        self.verifications -= 1
        if self.talking:
            self.feed(REFUSED, ("error", ErrorCode.AUTHENTICATION_FAILED))
        else:
            self.end(REFUSED, Ending.AUTHENTICATION_FAILED)

    def unavailable(self) -> None:
        if self.talking:
            self.verifications -= 1
            self.feed(on.Unavailable(), ("error", ErrorCode.UNAVAILABLE))
        else:
            self.joining = False
            self.end(on.Unavailable(), Ending.UNAVAILABLE)

    def death(self) -> None:
        self.end(DIED, DIED.ending)

    # What holds after every step.

    @invariant()
    def nothing_is_said_before_ready(self) -> None:
        for effect in self.effects:
            if isinstance(effect, do.Send) and isinstance(effect.frame, Ready):
                return
            goodbye = isinstance(effect, do.Send) and isinstance(effect.frame, Goodbye)
            assert goodbye or isinstance(effect, BEFORE_READY)

    @invariant()
    def ready_is_sent_once(self) -> None:
        frames = [effect.frame for effect in self.effects if isinstance(effect, do.Send)]
        assert sum(isinstance(frame, Ready) for frame in frames) == self.talking

    @invariant()
    def a_conversation_is_joined_once_at_most(self) -> None:
        assert sum(isinstance(effect, do.Join) for effect in self.effects) <= 1

    @invariant()
    def no_timer_outlives_the_connection(self) -> None:
        assert not (self.over and self.timers)
        assert self.over or self.timers or (self.sent_token and not self.talking)

    @invariant()
    def the_state_is_what_the_peer_would_think(self) -> None:
        if self.over:
            expected = State.CLOSED
        elif self.talking:
            expected = State.AWAITING_ANSWER if self.asking else State.READY
        else:
            expected = State.VERIFYING if self.sent_token else State.UNAUTHENTICATED
        assert self.session.state is expected

    def look(self) -> None:
        """Check all of this after a step that Hypothesis did not do."""
        self.nothing_is_said_before_ready()
        self.ready_is_sent_once()
        self.a_conversation_is_joined_once_at_most()
        self.no_timer_outlives_the_connection()
        self.the_state_is_what_the_peer_would_think()

    def possible(self) -> list[Callable[[], None]]:
        """All that can happen next to a connection that is not over."""
        kinds = ("say", "cancel", "renew", "malformed", "hurry")
        sends = [partial(self.send, kind) for kind in kinds]
        accepts = [partial(self.accept, user) for user in (ALICE, BOB)]
        joins = [partial(self.join, *welcome) for welcome in WELCOMES]
        turns = [partial(self.converse, frame) for frame in (QUESTION, *MOVES, *OTHERS)]
        return [
            *self.possible_trouble(),
            *(sends if self.sent_token else [self.present_token]),
            *(accepts if self.verifications else []),
            *(joins if self.waits_for_join() else []),
            *(turns if self.talking else []),
        ]


class TestSessionModel:
    def test_a_session_does_what_its_model_does_in_every_cell(self):
        VISITED.clear()
        session = SessionModel()
        for way in WAYS:
            session.open()
            session.follow(way)
            for number in range(len(session.possible())):
                session.open()
                session.follow(way)
                session.possible()[number]()
                session.look()
                if session.over:
                    session.reconnect(list(LATE), ())
        cells = {(state, kind) for state, row in TABLE.items() for kind in row}
        assert cells - set(VISITED) == set()

    def test_a_session_does_what_its_model_does_in_any_order(self):
        VISITED.clear()
        examples = max(100, settings.default.max_examples)
        run_state_machine_as_test(
            SessionModel, settings=settings(max_examples=examples, stateful_step_count=50)
        )
        talking = sum(
            count
            for (state, _), count in VISITED.items()
            if state in (State.READY, State.AWAITING_ANSWER)
        )
        assert talking >= VISITED.total() / 4
