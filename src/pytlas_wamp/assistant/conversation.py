"""One user's conversation: its devices, its order, its agent (spec 5).

Everything in here happens in the reactor's thread. The agent is only ever
touched through `Workers`, so nothing in here waits for a skill, and what is kept
of it is written behind (`ConversationLog`), so no answer waits for a disk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from pytlas_wamp.assistant.agent import HostedAgent
from pytlas_wamp.assistant.audience import Audience, Device, Presence, log_unless_expected
from pytlas_wamp.assistant.deadlines import Deadline
from pytlas_wamp.assistant.departure import Departure
from pytlas_wamp.assistant.giving_up import Abandon, GivingUp
from pytlas_wamp.assistant.log import ConversationLog
from pytlas_wamp.assistant.reception import Reception
from pytlas_wamp.assistant.skill_slots import SkillSlots
from pytlas_wamp.assistant.succession import Succession
from pytlas_wamp.assistant.taking_up import take_up
from pytlas_wamp.assistant.turns import Emission, Outcome, Turn
from pytlas_wamp.assistant.worker import Workers
from pytlas_wamp.limits import Limits
from pytlas_wamp.wire.codes import ErrorCode
from pytlas_wamp.wire.messages import (
    Answer,
    Ask,
    Message,
    Thinking,
)

_log = Logger()


# Makes the agent of a conversation: (emit, settled, wake) -> agent.
AgentFactory = Callable[
    [Callable[[Emission], None], Callable[[Turn], None], Callable[[], None]], HostedAgent
]


@define(kw_only=True, eq=False)
class Conversation:
    """Takes what devices say one at a time, and gives every frame to all of them.

    Args:
      audience: its devices and its log.
      workers: brings what agents tell to the reactor's thread.
      slots: where skills run.
      urgent: where the few quick calls run that must not wait for skills.
      clock: an IReactorTime, for the deadline of a turn.
      limits: bounds on the queue and on turns.
      skill_deadlines: seconds for the turns of certain skills.
      observe: told of every turn that is over: the turn, and how many seconds it took.
    """

    audience: Audience
    _workers: Workers
    _slots: SkillSlots
    _urgent: Workers
    _clock: Any
    _limits: Limits
    _skill_deadlines: Mapping[str, float] = field(factory=dict)
    _observe: Callable[[Turn, float], None] = field(default=lambda _turn, _seconds: None)
    _agent: HostedAgent = field(init=False, repr=False)
    # Whether the agent waits for a reply; `log.ask` is gone as soon as one was said.
    _asking: bool = field(init=False, default=False)
    _current: Turn | None = field(init=False, default=None)
    _began: float = field(init=False, default=0.0)
    _deadline: Deadline = field(init=False)
    _reception: Reception = field(init=False)
    # What is told together with the next one.
    _held: Emission | None = field(init=False, default=None)
    # Whether the process is about to end, and nothing counts any more.
    _ended: bool = field(init=False, default=False)
    _giving_up: GivingUp = field(init=False)
    _succession: Succession = field(init=False)
    _on_idle: list[Callable[[], None]] = field(init=False, factory=list)
    _elsewhere: Callable[[], Deferred[Conversation]] | None = field(init=False, default=None)
    _departure: Departure | None = field(init=False, default=None)

    @_deadline.default
    def _make_deadline(self) -> Deadline:
        return Deadline(
            clock=self._clock,
            too_late=self._too_late,
            seconds=self._limits.turn_deadline_seconds,
            by_skill=self._skill_deadlines,
        )

    @_reception.default
    def _make_reception(self) -> Reception:
        return Reception(
            audience=self.audience,
            max_waiting=self._limits.max_queued_messages,
            go_on=self._go_on,
        )

    @_giving_up.default
    def _make_giving_up(self) -> GivingUp:
        return GivingUp(user_id=self.user_id, urgent=self._urgent, fail=self._fail)

    @_succession.default
    def _make_succession(self) -> Succession:
        return Succession(self.audience)

    @property
    def log(self) -> ConversationLog:
        """Its frames."""
        return self.audience.log

    @property
    def user_id(self) -> int:
        """Whose it is."""
        return self.log.user_id

    @property
    def epoch(self) -> int:
        """Under which this process has it; 0 when there is no other process."""
        return self.log.epoch or 0

    @property
    def language(self) -> str:
        """The user's language as stored."""
        return self.log.language

    def make_agent(self, factory: AgentFactory) -> HostedAgent:
        """Make an agent whose events come here (blocks, from a worker thread)."""
        door = self._workers.call_from_thread
        agent: HostedAgent

        def emit(emission: Emission) -> None:
            door(self._emitted, agent, emission)

        def settled(turn: Turn) -> None:
            door(self._settled, agent, turn)

        def wake() -> None:
            door(self._woken, agent)

        agent = factory(emit, settled, wake)
        return agent

    def begin(
        self,
        agent: HostedAgent,
        state: Mapping[str, Any] | None = None,
        language: str | None = None,
    ) -> None:
        """Start with this agent, or go on from what was kept (spec 5.1).

        Args:
          agent: a new one.
          state: that of the agent before, if there was one.
          language: of the new one, if that may be another than before.
        """
        self._agent = agent
        self._asking = take_up(self.audience, agent, state or {}, language)
        self._keep()
        agent.wake_if_waiting()

    def change_language(self, agent: HostedAgent, language: str) -> None:
        """Go on with another agent as soon as nothing runs (spec 4.12)."""
        if not self.log.is_over:
            self._succession.name(agent, language)
            self._go_on()

    @property
    def coming_language(self) -> str:
        """The language it goes on in as soon as nothing runs."""
        return self._succession.language

    def replace_settings(self, settings: Mapping[str, str], *, known: frozenset[str]) -> None:
        """Give the agent the user's settings, and take those of `known` that are no more."""
        self._agent.replace_settings(settings, known=known)
        self._succession.replace_settings(settings, known=known)

    # Devices

    def join(self, device: Device, after: int | None = None) -> Deferred[Presence]:
        """Count a connection among the devices; see `Audience.join`."""
        return self.audience.join(device, after)

    def detach(self, device: Device) -> None:
        """Forget a connection; what runs goes on without it."""
        self.audience.detach(device)

    @property
    def device_count(self) -> int:
        """How many connections take part."""
        return self.audience.count

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs and nothing waits."""
        return self._current is None and self._reception.is_empty

    @property
    def waiting(self) -> int:
        """How many messages wait for their turn."""
        return len(self._reception)

    def forget_history(self) -> None:
        """Forget what was said so far; what is present goes on (spec 6.21)."""
        self.log.forget()

    def when_idle(self, callback: Callable[[], None]) -> None:
        """Call back as soon as nothing runs and nothing waits."""
        self._on_idle.append(callback)
        self._go_on()

    # What devices say

    def say(
        self, device: Device, message: Message, taken: Callable[[], None] | None = None
    ) -> None:
        """Take a message of one device (spec 5.2, 5.4).

        Args:
          device: who says it; complaints and repetitions go to it alone.
          message: what it says.
          taken: called once nothing more goes to this device alone because of it: it is in the
            database, or was complained about, or repeated. Never called when another process
            has the conversation by then; its devices are told that it has moved.
        """
        if self._departure is not None:
            self._departure.hold(partial(self.say, device, message, taken), device)
            return
        waits = not self.is_idle
        busy = self._current is not None
        turn = self._reception.take(device, message, busy=busy, taken=taken)
        if turn is not None and waits:
            self._look_for_cancel(turn)

    def cancel(self, id_: str | None) -> None:
        """Stop what is going on, whoever began it (spec 5.5)."""
        if self._departure is not None:
            self._departure.hold(partial(self.cancel, id_))
        else:
            self._cancel_with(Turn(id=id_))

    def _look_for_cancel(self, turn: Turn) -> None:
        """A sentence that means cancel does not wait for the skill it wants to stop."""
        self._urgent.run(self._agent.reads_as_cancel, turn.text or "").addCallbacks(
            self._cancel_unless_begun,
            self._leave_in_queue,
            callbackArgs=(turn,),
        )

    def _cancel_unless_begun(self, means_cancel: bool, turn: Turn) -> None:  # noqa: FBT001 - a result
        if means_cancel and self._reception.withdraw(turn):
            self._cancel_with(turn)

    def _leave_in_queue(self, failure: Failure) -> None:
        log_unless_expected(failure, "could not look for a cancel")

    def _cancel_with(self, turn: Turn) -> None:
        self.log.ask = None
        stopped = self._current or self._reception.unwritten(asking=self._asking)
        self._asking = False
        if stopped is not None:
            # No thread may have taken it yet, and none shall any more.
            stopped.over = True
            stopped.went(Outcome.CANCELLED)
            began = self._began if stopped is self._current else self._clock.seconds()
            self._observe(stopped, self._clock.seconds() - began)
            # What it was stopped by is its outcome, too.
            turn.stops = stopped.open_seqs
        self._take(turn)
        self._urgent.run(self._agent.cancel, turn).addCallback(
            lambda _: self._carry_on(turn)
        ).addErrback(self._not_run, turn)

    # Turns

    def _go_on(self) -> None:
        if self._current is not None:
            return
        if self._succession.is_due:
            self._agent = self._succession.pass_to_next(self._agent)
            self._asking = False
            self._keep()
        turn = self._reception.next(asking=self._asking)
        if turn is not None:
            self._asking = False
            self._take(turn)
            self._run(self._agent.run_queued if turn.text is None else self._agent.take, turn)
        elif self.is_idle:
            waiting, self._on_idle = self._on_idle, []
            for callback in waiting:
                callback()

    def _take(self, turn: Turn) -> None:
        self._current = turn
        self._began = self._clock.seconds()
        self._deadline.start(turn)

    def _run(
        self,
        function: Callable[[Turn], None],
        turn: Turn,
        abandon: Abandon | None = None,
    ) -> None:
        if turn is self._current:
            self._slots.run(self.user_id, function, turn).addErrback(self._not_run, turn, abandon)

    def _carry_on(self, turn: Turn) -> None:
        self._run(self._agent.carry_on, turn, self._agent.abandon_unless_at_work)

    def _not_run(self, failure: Failure, turn: Turn, unless_failed: Abandon | None = None) -> None:
        self._giving_up.not_run(failure, turn, self._agent.abandon, unless_failed)

    def _too_late(self, turn: Turn, seconds: float) -> None:
        self._giving_up.too_late(turn, seconds, self._agent.abandon)

    def _fail(self, turn: Turn, code: ErrorCode, text: str) -> None:
        if turn is self._current:
            self.audience.fail(turn, code, text)
            self._finish()

    def _finish(self) -> None:
        self._deadline.stop()
        turn, self._current = self._current, None
        self._keep()
        if turn is not None:
            self._end(turn)
        self._go_on()

    def _end(self, turn: Turn) -> None:
        self.log.end_turns(turn.open_seqs)
        self._observe(turn, self._clock.seconds() - self._began)

    def _keep(self) -> None:
        self.log.keep(self._agent.snapshot(), asking=self._asking)

    # The end of a process, and of a conversation that nobody has used for a while

    def close(self) -> None:
        """Take nothing more: what waits is told so, what runs goes on (spec 3.7)."""
        self._reception.close()
        self._keep()
        self._go_on()

    def interrupt(self) -> None:
        """End what still runs; its skill is told nothing, the process ends."""
        turn = self._current
        self._ended = True
        if turn is not None and self.log.needs_outcome(turn.open_seqs):
            self._deadline.stop()
            self.audience.interrupt(turn)

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing runs and nothing is to change."""
        return self.is_idle and not self._succession.is_due

    @property
    def is_unused(self) -> bool:
        """Whether it could be put away: nobody is connected, nothing runs."""
        return self.audience.is_empty and self.is_at_rest

    def retire(self, elsewhere: Callable[[], Deferred[Conversation]]) -> None:
        """Be put away; what a skill's own thread still says then goes to another object."""
        self._elsewhere = elsewhere
        self._deadline.forget()

    def come_back(self) -> None:
        """Not be put away after all."""
        self._elsewhere = None
        self.log.take_back()

    # What is done in another process from now on

    def depart(self) -> None:
        """Let another process have it, unless it is to `stay` after all; nothing runs."""
        self._departure = Departure()

    def stay(self) -> None:
        """Go on here, with what was said meanwhile."""
        departure = self._departure
        if departure is not None and not departure.is_over:
            self._departure = None
            departure.stay()

    def end(self) -> None:
        """Drop everything: another process goes on from what is in the database."""
        self._departure = self._departure or Departure()
        self._departure.end()
        self._ended = True
        self._current = self._held = None
        self._deadline.forget()
        self._succession.drop()
        self._reception.drop()
        self.log.end()
        self.audience.leave()
        # Somebody may wait for its end.
        self._go_on()

    # What the agent tells

    def _emitted(self, agent: HostedAgent, emission: Emission) -> None:
        if agent is not self._agent or self._ended:
            return
        if self._elsewhere is not None:
            self._pass_on(lambda other: other.speak(emission))
        elif emission.joined:
            self._held = emission
        else:
            self._tell(emission)

    def _tell(self, emission: Emission) -> None:
        """Tell the devices; what is kept with it says how the turn stands then."""
        held, self._held = self._held, None
        if held is not None:
            self.audience.publish(held.kind, held.turn, **held.fields)
        turn = emission.turn
        if emission.kind is Thinking and turn is not None and turn is self._current:
            self._deadline.limit(emission.skill)
            if turn.seq is not None:
                self.log.reopen_turn(turn.seq, turn.id)
        if emission.last and turn is not None:
            self.log.end_turns(turn.open_seqs)
        self.audience.publish(emission.kind, turn, **emission.fields)
        if emission.kind is Ask:
            self._asking = True
            self._keep()

    def speak(self, emission: Emission) -> None:
        """Say what a skill's own thread says that began before this was put away."""
        if emission.kind is Answer:
            self.audience.publish(emission.kind, None, **emission.fields)

    def _pass_on(self, function: Callable[[Conversation], object]) -> None:
        assert self._elsewhere is not None  # noqa: S101 - the callers looked
        self._elsewhere().addCallback(function).addErrback(
            log_unless_expected, "what a skill said late was lost"
        )

    def _settled(self, agent: HostedAgent, turn: Turn) -> None:
        if agent is self._agent and turn is self._current:
            self._finish()

    def _woken(self, agent: HostedAgent) -> None:
        if agent is not self._agent:
            return
        if self._elsewhere is not None:
            self._pass_on(lambda other: agent.hand_over(other.agent))
        elif self._current is not None:
            self._deadline.start(self._current)
            self._carry_on(self._current)
        else:
            self._reception.take_wake()

    @property
    def agent(self) -> HostedAgent:
        """The one that talks now."""
        return self._agent
