"""A pytlas agent that many threads may touch.

pytlas' own `Agent` has no lock, calls the skill in the middle of its state
machine, and lets a skill that was cancelled or lost end the turn of another.
This one keeps its states, its order of events and its callbacks, and changes
three things:

- Every change happens under a guard; a skill is called outside of it, by the
  loop in `_run`, so that a cancel never waits for a skill.
- A skill's request is checked and used under the same guard: what comes late
  from a cancelled skill is dropped, whenever it comes.
- What goes wrong in a skill is told (spec 5.7).

Any method may be called from any thread; `take` and `carry_on` block for as long
as a skill does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from twisted.logger import Logger

from pytlas_wamp import compat, local_time
from pytlas_wamp.assistant.bodies import answer_body, ask_body
from pytlas_wamp.assistant.comprehension import (
    cancel_among,
    understood,
    understood_reply,
    zone_of,
)
from pytlas_wamp.assistant.requests import ForgivingHooks, RequestAgent, translations_of
from pytlas_wamp.assistant.states import add_intents, scopes_of
from pytlas_wamp.assistant.turns import Emission, Turn
from pytlas_wamp.wire.codes import ErrorCode
from pytlas_wamp.wire.messages import (
    Answer,
    Ask,
    AskData,
    Context,
    Done,
    Error,
    ServerMessage,
    Thinking,
)

compat.import_pytlas()

from pytlas.conversing.agent import (  # noqa: E402 - after compat
    CONTEXT_SEPARATOR,
    STATE_ASK,
    STATE_ASLEEP,
    STATE_CANCEL,
    Agent,
    is_builtin,
)
from pytlas.conversing.request import Request  # noqa: E402
from pytlas.understanding import Intent  # noqa: E402

_log = Logger()


class HostedAgent(Agent):
    """The agent of one conversation.

    Args:
      interpreter: understands the user's language; its `parse` is called from several threads.
      guard: a lock that its holder may take again.
      emit: takes every frame in the making, under the guard and so in order.
      settled: told, under the guard, that a turn is over.
      wake: told, under the guard, that intents wait and nobody runs them.
      meta: what skills read as `agent.meta` and through `agent.settings`.
    """

    # pytlas' own, which it does not declare in a way that can be checked.
    _request: Any
    _asked_slot: Any
    _choices: Any
    _intents_queue: list[Any]

    def __init__(
        self,
        interpreter: Any,
        *,
        guard: AbstractContextManager[Any],
        emit: Callable[[Emission], None],
        settled: Callable[[Turn], None],
        wake: Callable[[], None],
        meta: Mapping[str, Any],
    ) -> None:
        self._guard = guard
        self._emit = emit
        self._settled = settled
        self._wake = wake
        self._turn: Turn | None = None
        self._told = False
        self._heir: HostedAgent | None = None
        self._call: tuple[Callable[[Any], None], Any] | None = None
        self._running = False
        # Rises whenever another thread takes over; the loop of the former one then ends.
        self._generation = 0
        # The list that the states were made from; one that learns anew has another.
        self._states_of: Any = interpreter.intents
        self._silent = True
        super().__init__(interpreter, hooks_store=ForgivingHooks(), **meta)
        self._silent = False

    # Turns, called by the conversation

    def take(self, turn: Turn) -> None:
        """Understand what the user said and run the skills it calls for."""
        with self._guard:
            if turn.over or turn is self._turn:
                # It was cancelled or given up before a thread took it.
                return
            generation = self._begin(turn)
            self._told = False
            asking = self.state == STATE_ASK
            scopes, request, slot, choices = (
                self._current_scopes,
                self._request,
                self._asked_slot,
                self._choices,
            )
        values = None
        with local_time.in_zone(zone_of(self.settings)):
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
            if self._running or turn is not self._turn:
                return
            generation = self._begin(turn)
        self._run(generation)

    def cancel(self, turn: Turn) -> None:
        """Stop what is going on; `carry_on` then runs the cancel skill (spec 5.5)."""
        with self._guard:
            if turn.over:
                return
            self._begin(turn)
            self._call = None
            self._go_cancel(Intent(STATE_CANCEL))
            self._running = False
            self._after_change()

    def abandon(self, turn: Turn, code: ErrorCode, text: str) -> None:
        """Give up a turn that does not end, or that no thread could take (spec 5.7)."""
        with self._guard:
            if turn.over:
                return
            late = code is ErrorCode.SKILL_TIMEOUT
            said_all = turn is self._turn and self._told and self.state in (STATE_ASLEEP, STATE_ASK)
            self._begin(turn)
            self._call = None
            if not (late and said_all):
                self._tell_error(code, text)
                self._end_request()
            self._running = False
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
            for name in known - settings.keys():
                self.meta.pop(name, None)
            self.meta.update(settings)

    def hand_over(self, heir: HostedAgent) -> None:
        """Let another agent go on: what skills queue here runs there (spec 4.12)."""
        with self._guard:
            self._heir = heir
            waiting, self._intents_queue = self._intents_queue, []
        for intent in waiting:
            heir.queue_intent(intent)

    # What skills call, by way of RequestAgent or, as pytlas allows, directly

    def answer(self, text: Any, cards: Any = None, **meta: Any) -> None:
        """Show something to the user."""
        body = answer_body(text, cards, meta, skill=self._skill())
        with self._guard:
            self._tell(Answer, data=body)

    def answer_for(self, request: Any, text: Any, cards: Any, meta: Mapping[str, Any]) -> None:
        """Show something to the user, unless the request is over."""
        if self._is_current_request(request):
            body = answer_body(text, cards, meta, skill=self._skill())
            self.call_if_current(request, self._tell, Answer, data=body)

    def ask(self, slot: str, text: Any, choices: Any = None, **meta: Any) -> None:
        """Ask the user for a slot; ends the turn."""
        body = ask_body(slot, text, choices, meta, skill=self._skill())
        with self._guard:
            self._ask(body)

    def ask_for(
        self, request: Any, slot: str, text: Any, choices: Any, meta: Mapping[str, Any]
    ) -> None:
        """Ask the user for a slot, unless the request is over."""
        if self._is_current_request(request):
            body = ask_body(slot, text, choices, meta, skill=self._skill())
            self.call_if_current(request, self._ask, body)

    def done(self, require_input: bool = False) -> None:  # noqa: FBT001, FBT002 - pytlas' signature
        """End the turn; nothing happens when it is over already."""
        with self._guard:
            if self.state not in (STATE_ASLEEP, STATE_ASK):
                self.go(STATE_ASLEEP, require_input=require_input)
                self._after_change()

    def context(self, context_name: str | None) -> None:
        """Enter a context, or leave it with None (spec 5.6)."""
        with self._guard:
            name = context_name if context_name is None else str(context_name)
            super().context(name)
            self._tell(Context, name=name)

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

    # Overridden steps of pytlas' state machine, always under the guard

    def parse(self, msg: str, **meta: Any) -> None:
        """Take a turn with this sentence, as pytlas' own tools and tests do."""
        self.take(Turn(text=msg, meta=meta))

    def end_conversation(self, event: Any = None) -> None:
        """End the request; what waits is run by the loop, not from in here."""
        self._request = None
        self._asked_slot = None
        self._choices = None
        required = bool(event.kwargs.get("require_input")) if event else False
        self._tell(Done, require_input=required)

    def _is_current_request(self, request: Any) -> bool:
        # Looked at once: without the guard, another thread may end the request meanwhile.
        current = self._request
        return current is not None and current.id == request.id

    def _process_intent(self, intent: Any) -> None:
        """Prepare the call of the skill; the loop makes it outside of the guard."""
        handler = self._handler_of(intent)
        if handler is None:
            _log.warn("no skill handles the intent {intent!r}", intent=intent.name)
            self.done()
            return
        if self._request is None or self._request.intent is not intent:
            self._request = Request(self, intent, translations_of(handler, self.lang))
            self._request.agent = RequestAgent(self._request, self)
        self._tell(Thinking)
        self._call = (handler, self._request)

    def _handler_of(self, intent: Any) -> Callable[[Any], None] | None:
        special = None
        if self.current_context and is_builtin(intent.name):
            special = self._handlers.get(self.current_context + CONTEXT_SEPARATOR + intent.name)
        handler: Callable[[Any], None] | None = special or self._handlers.get(intent.name)
        return handler

    def _on_asked(self, event: Any) -> None:
        body: AskData = event.kwargs["body"]
        self._asked_slot = body.slot
        self._choices = body.choices
        self._tell(Ask, data=body)

    def _process_next_intent(self) -> None:
        if self._intents_queue:
            intent = self._intents_queue.pop(0)
            self.go(intent.name, intent=intent)
            if self.state == STATE_ASLEEP:
                _log.warn("the intent {intent!r} cannot be reached from here", intent=intent.name)

    def _log_transition(self, _event: Any) -> None:
        """Nothing: pytlas would write what the user said to the log."""

    # Our own steps

    def _begin(self, turn: Turn) -> int:
        self._keep_up()
        self._generation += 1
        self._turn = turn
        self._running = True
        return self._generation

    def _keep_up(self) -> None:
        """Reach the intents that the interpreter has learnt meanwhile.

        Intents that are no more keep their states, so that they can end, but are in no scope.
        """
        intents = self._interpreter.intents
        if intents is self._states_of:
            return
        self._states_of = intents
        add_intents(self._machine, self, intents)
        self._available_scopes = scopes_of(intents)
        self._current_scopes = self._available_scopes.get(
            self.current_context, self._available_scopes[None]
        )

    def _route(self, turn: Turn, intents: list[Any], *, asking: bool, values: Any) -> None:
        cancel = cancel_among(intents)
        if not asking:
            self._intents_queue.extend(i for i in intents if i.name != STATE_CANCEL)
        if cancel:
            self._go_cancel(cancel)
        elif asking:
            intent = self._request.intent
            if values is not None:
                intent.update_slots(**{self._asked_slot: values})
                intent.meta.update(turn.meta)
            self.go(intent.name, intent=intent)
            if self.state == STATE_ASK:
                _log.warn("the intent {intent!r} cannot be reached any more", intent=intent.name)
                self._end_request()

    def _end_request(self) -> None:
        """End the request in any state; pytlas itself has no way from a question to its end."""
        self._machine.set_state(STATE_ASLEEP, model=self)
        self.end_conversation()

    def _run(self, generation: int) -> None:
        """Call one skill after the other until nothing waits or another thread took over."""
        while True:
            with self._guard:
                if generation != self._generation:
                    return
                while self._call is None and self.state == STATE_ASLEEP and self._intents_queue:
                    self._process_next_intent()
                call, self._call = self._call, None
                if call is None:
                    self._running = False
                    self._answer_something()
                    self._report()
                    return
            handler, request = call
            try:
                handler(request)
            except (Exception, SystemExit):  # noqa: BLE001 - a skill may raise anything
                self._failed(request)

    def _answer_something(self) -> None:
        """No message stays without an outcome, not even one that led nowhere."""
        said = self._turn is not None and self._turn.text is not None
        if said and not self._told and self.state in (STATE_ASLEEP, STATE_ASK):
            self._tell(Done, require_input=False)

    def _failed(self, request: Any) -> None:
        skill = _package_of(request, self)
        _log.failure("skill {skill} failed", skill=skill)
        self.call_if_current(request, self._fail, f"the skill {skill} failed")

    def _fail(self, text: str) -> None:
        if self.state == STATE_ASK:
            # It had asked, so its turn was over, as it is after done.
            return
        self._tell_error(ErrorCode.SKILL_FAILED, text)
        self.done()

    def _ask(self, body: AskData | None) -> None:
        if self.state in (STATE_ASLEEP, STATE_ASK):
            _log.warn("skill {skill} asks while nothing is asked for", skill=self._skill())
            return
        if body is None:
            self._fail(f"the skill {self._skill()} asked without a slot or a text")
        elif self.state == STATE_CANCEL:
            self._fail(f"the skill {self._skill()} asked something while it cancels")
        else:
            self._tell(Done, require_input=True)
            self.go(STATE_ASK, body=body)
            self._after_change()

    def _go_cancel(self, intent: Any) -> None:
        if self.state == STATE_CANCEL:
            self.done()
        elif self._has_current_request_or_context():
            self.go(STATE_CANCEL, intent=intent)
        else:
            self._tell(Done, require_input=False)

    def _after_change(self) -> None:
        """Go on when a skill's own thread changed something and no loop is there to see it."""
        if self._running or self._call is not None:
            return
        if self.state == STATE_ASLEEP and self._intents_queue:
            self._wake()
        else:
            self._report()

    def _report(self) -> None:
        """Tell once that a turn is over; what comes later was caused by no turn."""
        if self.state in (STATE_ASLEEP, STATE_ASK) and self._turn is not None:
            turn, self._turn = self._turn, None
            turn.over = True
            self._settled(turn)

    def _tell(self, kind: type[ServerMessage], **fields: Any) -> None:
        self._told = True
        if not self._silent:
            self._emit(Emission(turn=self._turn, kind=kind, fields=fields))

    def _tell_error(self, code: ErrorCode, text: str) -> None:
        self._tell(Error, code=code.value, message=text, retryable=code.retryable)

    def _skill(self) -> str:
        return _package_of(self._request, self)


def _package_of(request: Any, agent: HostedAgent) -> str:
    handler = agent._handler_of(request.intent) if request is not None else None  # noqa: SLF001
    return getattr(handler, "__pytlas_package__", "?")
