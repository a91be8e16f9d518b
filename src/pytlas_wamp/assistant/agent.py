"""A pytlas agent that many threads may touch.

pytlas' own `Agent` has no lock, calls the skill in the middle of its state
machine, and lets a skill that was cancelled or lost end the turn of another.
This one keeps its states, its order of events and its callbacks, and changes
a few things:

- Every change happens under a guard; a skill is called outside of it, by the
  loop in `_run`, so that a cancel never waits for a skill.
- A skill's request is checked and used under the same guard: what comes late
  from a cancelled skill is dropped, whenever it comes.
- What goes wrong in a skill is told (spec 5.7). One that fails again and again is not
  called for a while, and one that says too much is stopped.
- How things stand between two turns can be taken out, and put into another agent.

Any method may be called from any thread; `take` and `carry_on` block for as long
as a skill does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from twisted.logger import Logger

from pytlas_wamp import compat, local_time
from pytlas_wamp.assistant.breakers import Breakers
from pytlas_wamp.assistant.calls import Calls, SkillCall
from pytlas_wamp.assistant.comprehension import (
    cancel_among,
    understood,
    understood_reply,
    zone_of,
)
from pytlas_wamp.assistant.machine import AT_REST, AgentMachine
from pytlas_wamp.assistant.output import Output, OutputBounds
from pytlas_wamp.assistant.speech import Speech
from pytlas_wamp.assistant.standing import Standing
from pytlas_wamp.assistant.turns import Emission, Outcome, Turn
from pytlas_wamp.wire.codes import ErrorCode
from pytlas_wamp.wire.messages import AskData, Done

compat.import_pytlas()

from pytlas.conversing.agent import (  # noqa: E402 - after compat
    STATE_ASK,
    STATE_ASLEEP,
    STATE_CANCEL,
)
from pytlas.understanding import Intent  # noqa: E402

_log = Logger()


class HostedAgent(AgentMachine):
    """The agent of one conversation.

    Args:
      interpreter: understands the user's language; its `parse` is called from several threads.
      guard: a lock that its holder may take again.
      emit: takes every frame in the making, under the guard and so in order.
      settled: told, under the guard, that a turn is over.
      wake: told, under the guard, that intents wait and nobody runs them.
      meta: the user's settings and number, which skills read as `agent.meta` and through
        `agent.settings`.
      breakers: keep skills from being called that fail; None: all are called.
      bounds: on what skills say; None: there are none.
    """

    __slots__ = ("_generation", "_guard", "_heir", "_running", "_settled", "_wake", "speech")

    def __init__(
        self,
        interpreter: Any,
        *,
        guard: AbstractContextManager[Any],
        emit: Callable[[Emission], None],
        settled: Callable[[Turn], None],
        wake: Callable[[], None],
        meta: Mapping[str, Any],
        breakers: Breakers | None = None,
        bounds: OutputBounds | None = None,
    ) -> None:
        self._guard = guard
        self._settled = settled
        self._wake = wake
        self._heir: HostedAgent | None = None
        self._running = False
        # Rises whenever another thread takes over; the loop of the former one then ends.
        self._generation = 0
        output = Output(emit=emit, bounds=bounds or OutputBounds())
        self.speech = Speech(speaker=self, guard=guard, output=output)
        super().__init__(interpreter, output=output, calls=Calls(breakers), meta=meta)

    # Turns, called by the conversation

    def take(self, turn: Turn) -> None:
        """Understand what the user said and run the skills it calls for."""
        with self._guard:
            if turn.over or turn is self._output.turn:
                # It was cancelled or given up before a thread took it.
                return
            generation = self._begin(turn)
            self._output.told = False
            asking = self.state == STATE_ASK
            scopes, request, slot, choices = (
                self._current_scopes,
                self._request,
                self._asked_slot,
                self._choices,
            )
        values = None
        with local_time.InZone(partial(zone_of, self.settings)):
            intents = understood(self._interpreter, turn, scopes)
            if asking and not cancel_among(intents):
                values = understood_reply(
                    self._interpreter, turn, request.intent.name, slot, choices
                )
        with self._guard:
            if generation != self._generation:
                return
            self._route(turn, intents, asking=asking, values=values)
        self._run(generation)

    def run_queued(self, turn: Turn) -> None:
        """Run intents that skills have queued, in a turn of their own."""
        with self._guard:
            if turn.over:
                return
            generation = self._begin(turn)
        self._run(generation)

    def carry_on(self, turn: Turn) -> None:
        """Run what waits in a turn that has begun: the skill of a cancel, or queued intents."""
        with self._guard:
            # A turn that no thread has taken yet, or that is over, must not begin here.
            if self._running or turn is not self._output.turn:
                return
            generation = self._begin(turn)
        self._run(generation)

    def cancel(self, turn: Turn) -> None:
        """Stop what is going on; `carry_on` then runs the cancel skill (spec 5.5)."""
        with self._guard:
            if turn.over:
                return
            stopped = self._output.turn
            if stopped is not None:
                stopped.went(Outcome.CANCELLED)
            self._begin(turn)
            self._go_cancel(turn, Intent(STATE_CANCEL))
            self._running = False
            self._after_change()

    def abandon_unless_at_work(self, turn: Turn, code: ErrorCode, text: str) -> None:
        """Give up a turn that was to go on, but for one that a thread has, or is to take."""
        with self._guard:
            if turn is self._output.turn and not self._running:
                self.abandon(turn, code, text)

    def abandon(self, turn: Turn, code: ErrorCode, text: str) -> None:
        """Give up a turn that does not end, or that no thread could take (spec 5.7)."""
        with self._guard:
            if turn.over:
                return
            late = code is ErrorCode.SKILL_TIMEOUT
            begun = turn is self._output.turn
            said_all = begun and self._output.told and self.state in AT_REST
            if late and begun:
                self._calls.failed()
            self._begin(turn)
            if not (late and said_all):
                self._tell_error(code, text)
                self._end_request()
            self._stop()
            if late:
                self._after_change()
            else:
                # Intents that wait stay for the next turn: no thread would take them now.
                self._report()

    def reads_as_cancel(self, text: str) -> bool:
        """Whether a sentence means cancel where the conversation is now."""
        return cancel_among(self._interpreter.parse(text, self._current_scopes)) is not None

    def replace_settings(self, settings: Mapping[str, str], *, known: frozenset[str]) -> None:
        """Set the user's settings, and remove those of `known` that are no more."""
        with self._guard:
            super().replace_settings(settings, known=known)

    def hand_over(self, heir: HostedAgent) -> None:
        """Let another agent go on: what skills queue here runs there (spec 4.12)."""
        with self._guard:
            self._heir = heir
            waiting, self._intents_queue = self._intents_queue, []
        for intent in waiting:
            heir.queue_intent(intent)

    # What outlives the process

    def snapshot(self) -> dict[str, Any]:
        """How things stand, as JSON has it; {} when there is nothing to go on with.

        To be taken between two turns: a request that a skill is at work on is not in it.
        """
        with self._guard:
            return self._standing().state()

    def restore(self, state: Mapping[str, Any]) -> bool:
        """Go on from a snapshot of another agent, without a word; to be called on a new one.

        Returns:
          False when the pending question is lost, because nothing handles it any more.

        Raises:
          BadSnapshot: it is none; nothing has changed.
        """
        standing = Standing.of(state)
        with self._guard:
            return self._go_on_from(standing)

    def wake_if_waiting(self) -> None:
        """Have intents run that were restored, unless a reply is awaited first."""
        with self._guard:
            self._after_change()

    # What skills call, by way of RequestAgent or, as pytlas allows, directly

    def answer(self, text: Any, cards: Any = None, **meta: Any) -> None:
        """Show something to the user."""
        self.speech.answer(None, text, cards, meta)

    def ask(self, slot: str, text: Any, choices: Any = None, **meta: Any) -> None:
        """Ask the user for a slot; ends the turn."""
        self.speech.ask(None, slot, text, choices, meta)

    def context(self, context_name: str | None) -> None:
        """Enter a context, or leave it with None (spec 5.6)."""
        self.speech.context(None, context_name)

    def done(self, require_input: bool = False) -> None:  # noqa: FBT001, FBT002 - pytlas' signature
        """End the turn; nothing happens when it is over already."""
        with self._guard:
            if self.state not in AT_REST:
                self.go(STATE_ASLEEP, require_input=require_input)
                self._calls.end()
                self._after_change()

    def queue_intent(self, intent: Any, **slots: Any) -> None:
        """Have an intent run as soon as nothing else does."""
        queued = Intent(intent, **slots) if isinstance(intent, str) else intent
        with self._guard:
            heir = self._heir
            if heir is None:
                self._intents_queue.append(queued)
                self._after_change()
        if heir is not None:
            # Outside of our guard: two agents must never wait for each other.
            heir.queue_intent(queued)

    def call_if_current(
        self, request: Any, function: Callable[..., None], *args: Any, **kwargs: Any
    ) -> None:
        """Call a method on behalf of a request, unless the request is over."""
        with self._guard:
            if self._is_current_request(request):
                function(*args, **kwargs)

    def parse(self, msg: str, **meta: Any) -> None:
        """Take a turn with this sentence, as pytlas' own tools and tests do."""
        self.take(Turn(text=msg, meta=meta))

    # What our speech calls, under the guard

    def tell_question(self, body: AskData | None) -> None:
        """See `Speaker`."""
        if self.state in AT_REST:
            _log.warn("skill {skill} asks while nothing is asked for", skill=self.skill_at_work())
        elif body is None:
            self._fail(f"the skill {self.skill_at_work()} asked without a slot or a text")
        elif self.state == STATE_CANCEL:
            self._fail(f"the skill {self.skill_at_work()} asked something while it cancels")
        else:
            skill = self.skill_at_work()
            self._output.tell(Done, skill, joined=True, require_input=True)
            self.go(STATE_ASK, body=body)
            self._calls.end()
            self._after_change()

    def say_no_more(self, reason: str) -> None:
        """See `Speaker`; its thread may go on, as after `abandon`."""
        self._calls.failed()
        self._tell_error(ErrorCode.SKILL_FAILED, reason)
        self._end_request()
        self._stop()
        # Whatever waits is of the same turn, and would say still more.
        self._intents_queue.clear()
        self._report()

    # Our own steps

    def _begin(self, turn: Turn) -> int:
        self._keep_up()
        self._generation += 1
        self._output.begin(turn)
        self._running = True
        return self._generation

    def _stop(self) -> None:
        """Have no thread go on with what it does, and nothing count that it does."""
        self._generation += 1
        self._calls.drop()
        self._running = False

    def _route(self, turn: Turn, intents: list[Any], *, asking: bool, values: Any) -> None:
        cancel = cancel_among(intents)
        if not asking:
            self._intents_queue.extend(i for i in intents if i.name != STATE_CANCEL)
        if cancel:
            self._go_cancel(turn, cancel)
        elif asking:
            intent = self._request.intent
            if values is not None:
                intent.update_slots(**{self._asked_slot: values})
                intent.meta.update(turn.meta)
            self.go(intent.name, intent=intent)
            if self.state == STATE_ASK:
                _log.warn("the intent {intent!r} cannot be reached any more", intent=intent.name)
                self._end_request()

    def _run(self, generation: int) -> None:
        """Call one skill after the other until nothing waits or another thread took over."""
        while (call := self._next_call(generation)) is not None:
            try:
                call.handler(call.request)
            except (Exception, SystemExit):  # noqa: BLE001 - a skill may raise anything
                self._failed(call)
            else:
                with self._guard:
                    self._calls.returned(call)

    def _next_call(self, generation: int) -> SkillCall | None:
        with self._guard:
            if generation != self._generation:
                return None
            while not self._calls.is_due and self.state == STATE_ASLEEP and self._intents_queue:
                self._process_next_intent()
            call = self._calls.take_due()
            if call is None:
                self._running = False
                self._answer_something()
                self._report()
            return call

    def _answer_something(self) -> None:
        """No message stays without an outcome, not even one that led nowhere."""
        turn = self._output.turn
        said = turn is not None and turn.text is not None
        if said and not self._output.told and self.state in AT_REST:
            self._tell(Done, require_input=False)

    def _failed(self, call: SkillCall) -> None:
        _log.failure("skill {skill} failed", skill=call.skill)
        with self._guard:
            if self._calls.raised(call):
                self._fail(f"the skill {call.skill} failed")

    def _fail(self, text: str) -> None:
        self._calls.failed()
        self._tell_error(ErrorCode.SKILL_FAILED, text)
        self.done()

    def _go_cancel(self, turn: Turn, intent: Any) -> None:
        self._calls.drop()
        turn.went(Outcome.CANCELLED)
        if self.state == STATE_CANCEL:
            self.done()
        elif self._has_current_request_or_context():
            self.go(STATE_CANCEL, intent=intent)
        else:
            self._tell(Done, require_input=False)

    def _after_change(self) -> None:
        """Go on when a skill's own thread changed something and no loop is there to see it."""
        if self._running or self._calls.is_due:
            return
        if self.state == STATE_ASLEEP and self._intents_queue:
            self._wake()
        else:
            self._report()

    def _report(self) -> None:
        """Tell once that a turn is over; what comes later was caused by no turn."""
        if self.state in AT_REST and (turn := self._output.finish()) is not None:
            self._settled(turn)
