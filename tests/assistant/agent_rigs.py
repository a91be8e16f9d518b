"""Agents without a conversation: what they tell is kept as short tuples."""

from __future__ import annotations

from typing import Any

from pytlas.conversing.agent import Agent

from frames import check_frame
from pytlas_wamp.assistant.agent import HostedAgent
from pytlas_wamp.assistant.breakers import Breakers
from pytlas_wamp.assistant.output import OutputBounds
from pytlas_wamp.assistant.turns import Emission, Turn
from pytlas_wamp.assistant.worker import make_guard
from pytlas_wamp.wire.messages import Answer, Ask, Context, Done, Error, Thinking
from skills_for_tests import make_interpreter
from transcript_assistant import Gates

Told = tuple[Any, ...]


class Hosted:
    """One of our agents."""

    def __init__(
        self,
        interpreter: Any = None,
        *,
        breakers: Breakers | None = None,
        bounds: OutputBounds | None = None,
        **meta: Any,
    ) -> None:
        self.told: list[Told] = []
        self.emissions: list[Emission] = []
        self.turns: list[Turn | None] = []
        self.settled: list[Turn] = []
        self.wakes = 0
        self._latest = Turn()
        self.agent = HostedAgent(
            interpreter or make_interpreter(),
            guard=make_guard(),
            emit=self._emit,
            settled=self.settled.append,
            wake=self._wake,
            meta=meta,
            breakers=breakers,
            bounds=bounds,
        )

    def _emit(self, emission: Emission) -> None:
        check_frame(emission.kind(seq=1, **emission.fields))
        self.turns.append(emission.turn)
        self.emissions.append(emission)
        self.told.append(_SHORT[emission.kind](emission.fields))

    def _wake(self) -> None:
        self.wakes += 1

    def say(self, text: str, **meta: Any) -> Turn:
        """Take a turn, and those that it wakes."""
        turn = Turn(text=text, meta=meta)
        self.agent.take(turn)
        self.answer_wakes(turn)
        return turn

    def answer_wakes(self, turn: Turn) -> None:
        """Carry on as a conversation does."""
        while self.wakes:
            self.wakes -= 1
            self.agent.carry_on(turn)

    def play(self, step: str, gates: Gates) -> None:
        """Say something, or with an exclamation mark let a skill go on."""
        if step.startswith("!"):
            gates.release(step[1:])
            self.answer_wakes(self._latest)
        else:
            self._latest = self.say(step)

    def cancel(self) -> Turn:
        """Cancel as a conversation does for a `cancel` frame."""
        turn = Turn()
        self.agent.cancel(turn)
        self.agent.carry_on(turn)
        return turn

    def take(self) -> list[Told]:
        """What was told since the last look."""
        told, self.told = self.told, []
        return told


_SHORT = {
    Thinking: lambda _: ("thinking",),
    Answer: lambda fields: _answer(fields["data"]),
    Ask: lambda fields: _ask(fields["data"]),
    Done: lambda fields: ("done", fields["require_input"]),
    Context: lambda fields: ("context", fields["name"]),
    Error: lambda fields: ("error", fields["code"], fields["message"]),
}


def _answer(data: Any) -> Told:
    return ("answer", data.text, data.raw_text, [card.header for card in data.cards or ()])


def _ask(data: Any) -> Told:
    return ("ask", data.slot, data.text, data.raw_text, data.choices)


class Stock:
    """An agent as pytlas makes it."""

    def __init__(self, **meta: Any) -> None:
        self.told: list[Told] = []
        self.agent = Agent(make_interpreter(), **meta)
        self.agent.model = self

    def say(self, step: str, gates: Gates) -> None:
        """Parse a sentence, or with an exclamation mark let a skill go on."""
        if step.startswith("!"):
            gates.release(step[1:])
        else:
            self.agent.parse(step)

    def on_thinking(self) -> None:
        self.told.append(("thinking",))

    def on_answer(self, text: Any, cards: Any, raw_text: Any, **_: Any) -> None:
        self.told.append(("answer", text, raw_text, [card.header for card in cards or ()]))

    def on_ask(self, slot: Any, text: Any, choices: Any, raw_text: Any, **_: Any) -> None:
        self.told.append(("ask", slot, text, raw_text, choices))

    def on_done(self, require_input: bool) -> None:  # noqa: FBT001 - pytlas' signature
        self.told.append(("done", require_input))

    def on_context(self, name: str | None) -> None:
        self.told.append(("context", name))

    def take(self) -> list[Told]:
        """What was told since the last look."""
        told, self.told = self.told, []
        return told
