"""One user's conversation: its devices, its order, its agent (spec 5).

Everything in here happens in the reactor's thread. The agent is only ever
touched through `Workers`, so nothing in here waits for a skill.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from attrs import define, field, frozen
from twisted.logger import Logger
from twisted.python.failure import Failure

from pytlas_wamp.assistant.agent import HostedAgent
from pytlas_wamp.assistant.turns import Emission, Turn
from pytlas_wamp.assistant.worker import Busy, Workers
from pytlas_wamp.limits import Limits
from pytlas_wamp.wire.codes import ErrorCode
from pytlas_wamp.wire.messages import (
    Ask,
    Context,
    Done,
    Error,
    Language,
    Message,
    Said,
    ServerMessage,
    Thinking,
)

_log = Logger()


class Device(Protocol):
    """One connection of the user, as the conversation sees it."""

    def deliver(self, frame: ServerMessage) -> None:
        """Take a frame; must not raise."""


@frozen(kw_only=True)
class Presence:
    """The present state of a conversation (spec 5.9).

    Args:
      language: the user's language as stored.
      seq: the last number used.
      context: the frame that told of the context it is in; None at the root.
      ask: the frame of the pending question, if any.
    """

    language: str
    seq: int
    context: Context | None
    ask: Ask | None


# Makes the agent of a conversation: (emit, settled, wake) -> agent.
AgentFactory = Callable[
    [Callable[[Emission], None], Callable[[Turn], None], Callable[[], None]], HostedAgent
]


@define(kw_only=True, eq=False)
class Conversation:
    """Takes what devices say one at a time, and gives every frame to all of them.

    Args:
      user_id: whose it is.
      language: the user's language as stored.
      workers: where skills run.
      urgent: where the few quick calls run that must not wait for skills.
      clock: an IReactorTime, for the deadline of a turn.
      limits: bounds on the queue and on turns.
    """

    user_id: int
    language: str
    _workers: Workers
    _urgent: Workers
    _clock: Any
    _limits: Limits
    _agent: HostedAgent = field(init=False, repr=False)
    _devices: list[Device] = field(init=False, factory=list)
    _seq: int = field(init=False, default=0)
    _context: Context | None = field(init=False, default=None)
    _ask: Ask | None = field(init=False, default=None)
    # Whether the agent waits for a reply; `_ask` is gone as soon as one was said.
    _asking: bool = field(init=False, default=False)
    _queue: deque[Turn] = field(init=False, factory=deque)
    _current: Turn | None = field(init=False, default=None)
    _deadline: Any = field(init=False, default=None)
    _successor: tuple[HostedAgent, str] | None = field(init=False, default=None)
    _on_idle: list[Callable[[], None]] = field(init=False, factory=list)

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

    def begin(self, agent: HostedAgent) -> None:
        """Start with this agent."""
        self._agent = agent

    def change_language(self, agent: HostedAgent, language: str) -> None:
        """Go on with another agent as soon as nothing runs (spec 4.12)."""
        self._successor = (agent, language)
        self._go_on()

    @property
    def coming_language(self) -> str:
        """The language it goes on in as soon as nothing runs."""
        return self.language if self._successor is None else self._successor[1]

    def replace_settings(self, settings: Mapping[str, str], *, known: frozenset[str]) -> None:
        """Give the agent the user's settings, and take those of `known` that are no more."""
        self._agent.replace_settings(settings, known=known)
        if self._successor is not None:
            self._successor[0].replace_settings(settings, known=known)

    # Devices

    def attach(self, device: Device) -> Presence:
        """Count a connection among the devices from now on."""
        self._devices.append(device)
        return Presence(language=self.language, seq=self._seq, context=self._context, ask=self._ask)

    def detach(self, device: Device) -> None:
        """Forget a connection; what runs goes on without it."""
        self._devices.remove(device)

    @property
    def device_count(self) -> int:
        """How many connections take part."""
        return len(self._devices)

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs and nothing waits."""
        return self._current is None and not self._queue

    def when_idle(self, callback: Callable[[], None]) -> None:
        """Call back as soon as nothing runs and nothing waits."""
        self._on_idle.append(callback)
        self._go_on()

    # What devices say

    def say(self, device: Device, message: Message) -> None:
        """Take a message of one device (spec 5.2, 5.4)."""
        pending = None if self._ask is None else self._ask.seq
        if message.answers is not None and message.answers != pending:
            self._complain(
                device, message.id, ErrorCode.QUESTION_GONE, "this question is no longer open"
            )
        elif self._current is not None and len(self._queue) >= self._limits.max_queued_messages:
            self._complain(
                device, message.id, ErrorCode.BUSY, "too many messages wait for their turn"
            )
        else:
            turn = Turn(
                id=message.id,
                text=message.message,
                meta=message.meta or {},
                reply=self._ask is not None,
            )
            self._publish(Said, without=device, message=message.message)
            self._enqueue(turn)
            if self._current is not None:
                self._look_for_cancel(turn)
            self._go_on()

    def cancel(self, id_: str | None) -> None:
        """Stop what is going on, whoever began it (spec 5.5)."""
        self._cancel_with(Turn(id=id_))

    def _enqueue(self, turn: Turn) -> None:
        """A reply goes first: what was said before the question was no reply to it."""
        if turn.reply:
            self._queue.appendleft(turn)
        else:
            self._queue.append(turn)

    def _complain(self, device: Device, id_: str | None, code: ErrorCode, text: str) -> None:
        device.deliver(Error(code=code.value, message=text, retryable=code.retryable, re=id_))

    def _look_for_cancel(self, turn: Turn) -> None:
        """A sentence that means cancel does not wait for the skill it wants to stop."""
        self._urgent.run(self._agent.reads_as_cancel, turn.text or "").addCallbacks(
            self._cancel_unless_begun,
            self._leave_in_queue,
            callbackArgs=(turn,),
        )

    def _cancel_unless_begun(self, means_cancel: bool, turn: Turn) -> None:  # noqa: FBT001 - a result
        if means_cancel and turn in self._queue:
            self._queue.remove(turn)
            self._cancel_with(turn)

    def _leave_in_queue(self, failure: Failure) -> None:
        if not isinstance(failure.value, Busy):
            _log.failure("could not look for a cancel", failure=failure)

    def _cancel_with(self, turn: Turn) -> None:
        self._ask = None
        self._asking = False
        if self._current is not None:
            # No thread may have taken it yet, and none shall any more.
            self._current.over = True
        self._current = turn
        self._start_deadline(turn)
        self._urgent.run(self._agent.cancel, turn).addCallback(
            lambda _: self._run(self._agent.carry_on, turn)
        ).addErrback(self._not_run, turn)

    # Turns

    def _go_on(self) -> None:
        if self._current is not None:
            return
        if self._successor is not None:
            self._switch(*self._successor)
        if self._queue and (self._queue[0].reply or not self._asking):
            turn = self._queue.popleft()
            self._asking = False
            self._current = turn
            self._start_deadline(turn)
            self._run(self._agent.run_queued if turn.text is None else self._agent.take, turn)
        elif self.is_idle:
            waiting, self._on_idle = self._on_idle, []
            for callback in waiting:
                callback()

    def _run(self, function: Callable[[Turn], None], turn: Turn) -> None:
        if turn is self._current:
            self._workers.run(function, turn).addErrback(self._not_run, turn)

    def _not_run(self, failure: Failure, turn: Turn) -> None:
        """No thread was free, or the agent itself failed: the turn ends with an error."""
        if isinstance(failure.value, Busy):
            code, text = ErrorCode.BUSY, "too many skills are at work; try again later"
        else:
            _log.failure("a turn failed", failure=failure)
            code, text = ErrorCode.INTERNAL_ERROR, "the turn failed; the server's log says more"
        self._give_up(turn, code, text)

    def _give_up(self, turn: Turn, code: ErrorCode, text: str) -> None:
        self._urgent.run(self._agent.abandon, turn, code, text).addErrback(
            self._not_given_up, turn, code, text
        )

    def _not_given_up(self, failure: Failure, turn: Turn, code: ErrorCode, text: str) -> None:
        """Even the agent cannot be told: the devices are, at least."""
        if not isinstance(failure.value, Busy):
            _log.failure("a turn could not be given up", failure=failure)
        if turn is self._current:
            turn.over = True
            self._publish(Error, turn, code=code.value, message=text, retryable=code.retryable)
            self._publish(Done, turn, require_input=False)
            self._finish()

    def _start_deadline(self, turn: Turn) -> None:
        self._stop_deadline()
        self._deadline = self._clock.callLater(
            self._limits.turn_deadline_seconds, self._too_late, turn
        )

    def _stop_deadline(self) -> None:
        if self._deadline is not None and self._deadline.active():
            self._deadline.cancel()
        self._deadline = None

    def _too_late(self, turn: Turn) -> None:
        seconds = f"{self._limits.turn_deadline_seconds:g}"
        text = f"the skill did not finish within {seconds} seconds"
        _log.warn("user {user}: {text}", user=self.user_id, text=text)
        self._give_up(turn, ErrorCode.SKILL_TIMEOUT, text)

    def _finish(self) -> None:
        self._stop_deadline()
        self._current = None
        self._go_on()

    def _switch(self, agent: HostedAgent, language: str) -> None:
        self._successor = None
        # Timers that skills have started keep the agent they were started from.
        self._agent.hand_over(agent)
        self._agent = agent
        self._asking = False
        self.language = language
        self._publish(Language, language=language)
        if self._context is not None:
            self._publish(Context, name=None)
        if self._ask is not None:
            self._publish(Done, require_input=False)

    # What the agent tells

    def _emitted(self, agent: HostedAgent, emission: Emission) -> None:
        if agent is self._agent:
            self._publish(emission.kind, emission.turn, **emission.fields)

    def _settled(self, agent: HostedAgent, turn: Turn) -> None:
        if agent is self._agent and turn is self._current:
            self._finish()

    def _woken(self, agent: HostedAgent) -> None:
        if agent is not self._agent:
            return
        if self._current is not None:
            self._start_deadline(self._current)
            self._run(self._agent.carry_on, self._current)
        else:
            self._queue.appendleft(Turn())
            self._go_on()

    def _publish(
        self,
        kind: type[ServerMessage],
        turn: Turn | None = None,
        *,
        without: Device | None = None,
        **fields: Any,
    ) -> None:
        """Number a frame and give it to all devices (spec 5.3, 5.8)."""
        self._seq += 1
        if turn is not None and turn.id is not None:
            fields["re"] = turn.id
        frame = kind(seq=self._seq, **fields)  # type: ignore[call-arg]
        self._remember(frame)
        for device in tuple(self._devices):
            if device is not without:
                device.deliver(frame)

    def _remember(self, frame: ServerMessage) -> None:
        if isinstance(frame, Context):
            self._context = None if frame.name is None else frame
        elif isinstance(frame, Ask):
            self._ask = frame
            self._asking = True
        elif isinstance(frame, Thinking | Done | Said):
            self._ask = None
