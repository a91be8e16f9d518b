"""What skills say, before it is told: built outside of the guard, and bounded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

from attrs import define

from pytlas_wamp.assistant.bodies import BodyTooBig, answer_body, ask_body, context_name
from pytlas_wamp.assistant.output import Output
from pytlas_wamp.wire.messages import AnswerData, AskData

T = TypeVar("T")


class Speaker(Protocol):
    """An agent, as its speech sees it; all but the first two under its guard."""

    def is_over(self, request: Any) -> bool:
        """Whether a request has ended; None never does."""

    def skill_at_work(self) -> str:
        """The skill that the present request is for."""

    def tell_answer(self, body: AnswerData) -> None:
        """Show something to the user."""

    def tell_question(self, body: AskData | None) -> None:
        """Ask the user for a slot; None is a question that cannot be asked."""

    def tell_context(self, name: str | None) -> None:
        """Enter a context, or leave it with None."""

    def say_no_more(self, reason: str) -> None:
        """End the turn of a skill that knows no measure."""


@define(kw_only=True, eq=False)
class Speech:
    """Lets skills speak on behalf of a request, while it lasts and within the bounds.

    What is said on behalf of no request (None) may come from a timer that an earlier turn
    has set. So it ends no turn when it is too much, but is dropped.

    Args:
      speaker: the agent.
      guard: its guard.
      output: its output, which counts.
    """

    _speaker: Speaker
    _guard: AbstractContextManager[Any]
    _output: Output

    def answer(self, request: Any, text: Any, cards: Any, meta: Mapping[str, Any]) -> None:
        """Show something to the user."""
        speaker = self._speaker
        self._say(request, answer_body, (text, cards, meta), speaker.tell_answer, counts=True)

    def ask(
        self, request: Any, slot: Any, text: Any, choices: Any, meta: Mapping[str, Any]
    ) -> None:
        """Ask the user for a slot."""
        question = (slot, text, choices, meta)
        self._say(request, ask_body, question, self._speaker.tell_question, counts=False)

    def context(self, request: Any, name: Any) -> None:
        """Enter a context, or leave it with None."""
        self._say(request, context_name, (name,), self._speaker.tell_context, counts=True)

    def _say(
        self,
        request: Any,
        build: Callable[..., T],
        said: tuple[Any, ...],
        tell: Callable[[T], None],
        *,
        counts: bool,
    ) -> None:
        speaker, output = self._speaker, self._output
        if speaker.is_over(request):
            return
        skill = speaker.skill_at_work()
        try:
            body = build(*said, skill=skill, max_bytes=output.bounds.max_frame_bytes)
        except BodyTooBig:
            bound = output.bounds.max_frame_bytes
            with self._guard:
                self._refuse(request, f"the skill {skill} sent a frame of more than {bound} bytes")
            return
        with self._guard:
            if speaker.is_over(request):
                return
            if not counts or output.takes_frame(of_turn=self._is_of_turn(request)):
                tell(body)
            else:
                bound = output.bounds.max_frames_per_turn
                self._refuse(request, f"the skill {skill} sent more than {bound} frames in a turn")

    def _is_of_turn(self, request: Any) -> bool:
        return request is not None and self._output.turn is not None

    def _refuse(self, request: Any, reason: str) -> None:
        if self._is_of_turn(request) and not self._speaker.is_over(request):
            self._speaker.say_no_more(reason)
        else:
            self._output.drop(reason)
