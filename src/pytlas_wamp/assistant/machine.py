"""pytlas' state machine, with its steps as a server takes them.

The states, and the order of what is told, are pytlas'. Here a step only prepares the call
of a skill, and what is told goes to an `Output`. Whoever uses it sees to it that one thread
at a time does (`assistant.agent`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from twisted.logger import Logger

from pytlas_wamp import compat
from pytlas_wamp.assistant.calls import NO_SKILL, Calls, skill_of
from pytlas_wamp.assistant.light_agent import LightAgent
from pytlas_wamp.assistant.output import Output
from pytlas_wamp.assistant.requests import HOOKS, NO_TEXTS, HostedRequest
from pytlas_wamp.assistant.standing import Question, Standing
from pytlas_wamp.assistant.states import grown, table_of
from pytlas_wamp.assistant.turns import Frame
from pytlas_wamp.wire.codes import ErrorCode
from pytlas_wamp.wire.messages import (
    Answer,
    AnswerData,
    Ask,
    AskData,
    Context,
    Done,
    Error,
    Thinking,
)

compat.import_pytlas()

from pytlas.conversing.agent import (  # noqa: E402 - after compat
    CONTEXT_SEPARATOR,
    STATE_ASK,
    STATE_ASLEEP,
    is_builtin,
)

_log = Logger()
# Where no skill is at work for the user.
AT_REST = (STATE_ASLEEP, STATE_ASK)


class AgentMachine(LightAgent):
    """The states and steps of one agent.

    Args:
      interpreter: whose intents are states.
      output: where frames go.
      calls: of the skills.
      meta: the user's settings and number, which skills read as `agent.meta`.
    """

    # In a dictionary of more than 30 names, each agent would have the names to itself.
    __slots__ = ("_calls", "_given", "_output", "_states_of")

    # pytlas' own, which it does not declare in a way that can be checked.
    _request: Any
    _asked_slot: Any
    _choices: Any
    _intents_queue: list[Any]

    def __init__(
        self, interpreter: Any, *, output: Output, calls: Calls, meta: Mapping[str, Any]
    ) -> None:
        self._output = output
        self._calls = calls
        # The names in `meta` that are not of a skill's making.
        self._given = (*meta, "uid")
        # The list that the states were made from; one that learns anew has another.
        self._states_of: Any = interpreter.intents
        with output.silence():
            super().__init__(interpreter, hooks_store=HOOKS, translations_store=NO_TEXTS, **meta)

    def replace_settings(self, settings: Mapping[str, str], *, known: frozenset[str]) -> None:
        """Set the user's settings, and remove those of `known` that are no more."""
        for name in known - settings.keys():
            self.meta.pop(name, None)
        self.meta.update(settings)
        kept = (name for name in self._given if name not in known and name not in settings)
        self._given = (*kept, *settings)

    # How things stand

    def _standing(self) -> Standing:
        question = None
        if self.state == STATE_ASK:
            question = Question(
                intent=self._request.intent, slot=self._asked_slot, choices=self._choices
            )
        return Standing(
            question=question,
            context=self.current_context,
            queue=tuple(self._intents_queue),
            meta=self._own(self.meta),
        )

    def _go_on_from(self, standing: Standing) -> bool:
        """Be in the place of another agent; False when its question is lost."""
        super().context(standing.context)
        self._intents_queue.extend(standing.queue)
        self.meta.update(self._own(standing.meta))
        return standing.question is None or self._await_reply(standing.question)

    def _own(self, meta: Mapping[str, Any]) -> dict[str, Any]:
        """What skills have put there; a copy, because they may do so at this moment."""
        if not meta.keys() - self._given:
            # As it is after most turns.
            return {}
        return {name: value for name, value in dict(meta).items() if name not in self._given}

    def _await_reply(self, question: Question) -> bool:
        intent = question.intent
        handler = self._handler_of(intent)
        if handler is None or intent.name not in self._machine.states:
            _log.warn("a question is lost, nothing handles {intent!r} now", intent=intent.name)
            return False
        self._request = HostedRequest(self, intent, handler)
        self._asked_slot, self._choices = question.slot, question.choices
        self.state = STATE_ASK
        return True

    # Steps that pytlas has too

    def build(self) -> None:
        """Take over what the interpreter knows now, and be asleep."""
        super().build()
        # Without those, new intents cannot be reached.
        self._former = ()

    def end_conversation(self, event: Any = None) -> None:
        """End the request; what waits is run by a loop, not from in here."""
        self._request = None
        self._asked_slot = None
        self._choices = None
        required = bool(event.kwargs.get("require_input")) if event else False
        self._tell(Done, require_input=required)

    def _is_current_request(self, request: Any) -> bool:
        # Looked at once: without the guard, another thread may end the request meanwhile.
        current = self._request
        return current is not None and (current is request or current.id == request.id)

    def _process_intent(self, intent: Any) -> None:
        """Prepare the call of the skill."""
        handler = self._handler_of(intent)
        if handler is None:
            _log.warn("no skill handles the intent {intent!r}", intent=intent.name)
            self.done()
            return
        if self._request is None or self._request.intent is not intent:
            self._request = HostedRequest(self, intent, handler)
        if not self._output.takes_call():
            self._refuse_calls(skill_of(handler))
        elif (wait := self._calls.prepare(handler, self._request)) is None:
            self._tell(Thinking)
        else:
            text = (
                f"the skill {self.skill_at_work()} failed too often; it is left alone for a while"
            )
            self._tell_error(ErrorCode.SKILL_UNAVAILABLE, text, retry_after=wait)
            self.done()

    def _refuse_calls(self, skill: str) -> None:
        bound = self._output.bounds.max_frames_per_turn
        text = f"the skill {skill} was to be called in a turn with more than {bound} calls"
        self._tell_error(ErrorCode.SKILL_FAILED, text)
        # More of the same, most probably: skills can queue without end.
        self._intents_queue.clear()
        self.done()

    def _handler_of(self, intent: Any) -> Callable[[Any], None] | None:
        special = None
        if self.current_context and is_builtin(intent.name):
            special = self._handlers.get(self.current_context + CONTEXT_SEPARATOR + intent.name)
        handler: Callable[[Any], None] | None = special or self._handlers.get(intent.name)
        return handler

    def _on_cancel(self, event: Any) -> None:
        self.tell_context(None)
        self._on_intent(event)

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
                _log.info("the intent {intent!r} led nowhere", intent=intent.name)

    def _log_transition(self, _event: Any) -> None:
        """Nothing: pytlas would write what the user said to the log."""

    # What our speech calls (see `Speaker`)

    def is_over(self, request: Any) -> bool:
        """Whether a request has ended; None never does."""
        return request is not None and not self._is_current_request(request)

    def skill_at_work(self) -> str:
        """The skill that the present request is for."""
        request = self._request
        return NO_SKILL if request is None else skill_of(self._handler_of(request.intent))

    def tell_answer(self, body: AnswerData) -> None:
        """Show something to the user."""
        self._tell(Answer, data=body)

    def tell_context(self, name: str | None) -> None:
        """Enter a context, or leave it with None."""
        super().context(name)
        self._tell(Context, name=name)

    # Our own steps

    def _keep_up(self) -> None:
        """Reach the intents that the interpreter has learnt meanwhile.

        Intents that are no more keep their states, so that they can end, but are in no scope.
        """
        intents = self._interpreter.intents
        if intents is self._states_of:
            return
        self._states_of = intents
        self._machine = grown(self._machine, intents)
        self._available_scopes = table_of(tuple(intents)).scopes
        self._current_scopes = self._available_scopes.get(
            self.current_context, self._available_scopes[None]
        )

    def _end_request(self) -> None:
        """End the request in any state; pytlas itself has no way from a question to its end."""
        self.state = STATE_ASLEEP
        self.end_conversation()

    def _tell(self, kind: type[Frame], **fields: Any) -> None:
        # What waits in the queue is of the same turn.
        last = kind is Ask or (kind is Done and not self._intents_queue)
        self._output.tell(kind, self._calls.skill, last=last, **fields)

    def _tell_error(self, code: ErrorCode, text: str, **fields: Any) -> None:
        self._tell(Error, code=code.value, message=text, retryable=code.retryable, **fields)
