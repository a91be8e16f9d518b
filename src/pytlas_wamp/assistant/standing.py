"""How things stand with an agent between two turns, in a form that outlives it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from pytlas_wamp import compat
from pytlas_wamp.assistant.snapshots import BadSnapshot, pack, unpack

compat.import_pytlas()

from pytlas.understanding import Intent  # noqa: E402 - after compat


@frozen(kw_only=True)
class Question:
    """What the user was asked, and has not answered.

    Args:
      intent: of the request, with its slots so far.
      slot: the one that was asked for.
      choices: what may be answered; None for anything.
    """

    intent: Any = field(repr=False)
    slot: str
    choices: list[str] | None = field(repr=False)


@frozen(kw_only=True)
class Standing:
    """All that an agent needs to go on where another one stopped.

    Args:
      question: the pending one, if any.
      context: None at the root.
      queue: intents that wait.
      meta: what skills have put into `agent.meta`.
    """

    question: Question | None = None
    context: str | None = None
    queue: tuple[Any, ...] = ()
    meta: Mapping[str, Any] = field(factory=dict, repr=False)

    def state(self) -> dict[str, Any]:
        """As `assistant.snapshots.pack` does it; what is not there is left out."""
        state: dict[str, Any] = {}
        if self.question is not None:
            state["question"] = _packed_question(self.question)
        if self.context is not None:
            state["context"] = self.context
        # A skill may queue what is no intent; it fails when its turn comes.
        if queue := [_packed_intent(one, "queue") for one in self.queue if isinstance(one, Intent)]:
            state["queue"] = queue
        if meta := self.meta and _packed_object(self.meta, "meta"):
            state["meta"] = meta
        return state

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> Standing:
        """Read what `state` wrote.

        Raises:
          BadSnapshot: it did not write this.
        """
        try:
            question = state.get("question")
            return cls(
                question=None if question is None else _question(question),
                context=_text_or_none(state.get("context")),
                queue=tuple(_intent(packed) for packed in state.get("queue", [])),
                meta=_object(unpack(state.get("meta", {}))),
            )
        except (LookupError, TypeError, AttributeError, ValueError) as error:
            raise BadSnapshot from error


def _packed_question(question: Question) -> dict[str, Any]:
    return {
        "intent": _packed_intent(question.intent, "question"),
        "slot": question.slot,
        "choices": None if question.choices is None else list(question.choices),
    }


def _question(packed: Mapping[str, Any]) -> Question:
    choices = packed["choices"]
    if choices is not None:
        choices = [_text(choice) for choice in choices]
    return Question(intent=_intent(packed["intent"]), slot=_text(packed["slot"]), choices=choices)


def _packed_intent(intent: Any, place: str) -> dict[str, Any]:
    path = f"{place}.{intent.name}"
    return {
        "name": str(intent.name),
        "slots": _packed_object(intent.slots, f"{path}.slots"),
        "meta": _packed_object(intent.meta, f"{path}.meta"),
    }


def _packed_object(value: Any, path: str) -> dict[str, Any]:
    packed = pack(value, path)
    return packed if type(value) is dict and packed is not None else {}


def _intent(packed: Mapping[str, Any]) -> Any:
    intent = Intent(_text(packed["name"]))
    intent.slots = _object(unpack(packed["slots"]))
    intent.meta = _object(unpack(packed["meta"]))
    return intent


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise BadSnapshot
    return value


def _text_or_none(value: Any) -> str | None:
    return None if value is None else _text(value)


def _object(value: Any) -> dict[Any, Any]:
    if not isinstance(value, dict):
        raise BadSnapshot
    return value
