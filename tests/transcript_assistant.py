"""The assistant of spec/transcripts: the skills its README describes, and who understands them.

Skills register into pytlas' global stores, so `installed` puts them there for a
while. `Gates` is how a test lets `slow` and `later` go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Thread
from typing import Any

from pytlas.handling.card import Card
from pytlas.handling.skill import GLOBAL_HANDLERS
from pytlas.understanding import Intent, Interpreter

from workers_for_tests import Gate

Skill = Callable[[Any], None]


class WordInterpreter(Interpreter):
    """Takes the first word for the name of an intent, and the others for its slot `text`.

    Args:
      intents: what it understands; `vault/peek` is said as "peek", `__cancel__` as "cancel".
      sentences: whole sentences that mean something else, such as two intents.
      with_text: intents that may have more words than one.
    """

    def __init__(
        self,
        language: str,
        intents: Sequence[str],
        *,
        sentences: Mapping[str, Sequence[str]] | None = None,
        with_text: Sequence[str] = ("echo",),
    ) -> None:
        super().__init__("words", language)
        self._known = list(intents)
        self._sentences = sentences or {}
        self._with_text = with_text

    def fit_from_skill_data(self, skills: Any = None) -> None:
        """Know the intents."""
        self.intents = list(self._known)

    def parse(self, msg: str, scopes: Any = None) -> list[Intent]:
        """See pytlas."""
        allowed = self.intents if scopes is None else scopes
        if msg in self._sentences:
            names = self._sentences[msg]
            return [Intent(name) for name in names] if set(names) <= set(allowed) else []
        word, _, rest = msg.strip().partition(" ")
        for name in allowed:
            if _said_as(name) == word.lower() and (not rest or name in self._with_text):
                return [Intent(name, **({"text": rest} if rest else {}))]
        return []


def _said_as(intent: str) -> str:
    return intent.rpartition("/")[2].strip("_")


class Gates:
    """Lets waiting skills go on: `release("slow")`, `release("later")`."""

    def __init__(self) -> None:
        self.slow = Gate()
        self._later: list[Callable[[], None]] = []

    @property
    def later(self) -> int:
        """How many `later` wait."""
        return len(self._later)

    def keep(self, continuation: Callable[[], None]) -> None:
        """Keep what a skill does later."""
        self._later.append(continuation)

    def release(self, name: str) -> None:
        """Let the skills of this name go on, also those that were cancelled."""
        if name == "slow":
            self.slow.release()
            return
        waiting, self._later = self._later, []
        for continuation in waiting:
            thread = Thread(target=continuation, daemon=True)
            thread.start()
            thread.join()


def _slot(request: Any, name: str) -> Any:
    return request.intent.slot(name).first().value


def _answering(text: str) -> Skill:
    def skill(request: Any) -> None:
        request.agent.answer(text)
        request.agent.done()

    return skill


def echo(request: Any) -> None:
    """Say it again."""
    request.agent.answer(_slot(request, "text"))
    request.agent.done()


def cards(request: Any) -> None:
    """Show two cards."""
    first = Card(
        "First",
        "A **bold** text",
        subhead="one",
        header_link="https://example.org/first",
        media="https://example.org/first.png",
    )
    request.agent.answer("Two **cards**", [first, Card("Second", "Plain")])
    request.agent.done()


def lights(request: Any) -> None:
    """Ask for one slot after the other."""
    if not (room := _slot(request, "room")):
        request.agent.ask("room", "Which **room**?")
    elif not (level := _slot(request, "level")):
        request.agent.ask("level", "Which level?", ["dim", "normal", "full"])
    else:
        request.agent.answer(f"Lights in {room} set to {level}")
        request.agent.done()


def enter(request: Any) -> None:
    """Enter a context."""
    request.agent.context("vault")
    request.agent.answer("You are in the vault")
    request.agent.done()


def leave(request: Any) -> None:
    """Leave the context."""
    request.agent.context(None)
    request.agent.answer("You left the vault")
    request.agent.done()


def boom(request: Any) -> None:
    """Fail."""
    raise ValueError("boom")


def silent(request: Any) -> None:
    """Say nothing."""
    request.agent.done()


def badmeta(request: Any) -> None:
    """Answer with metadata of which JSON can hold a part."""
    request.agent.answer("Some metadata is missing", kept={"numbers": [1, 2.5]}, lost=object())
    request.agent.done()


def fallback(request: Any) -> None:
    """Say what was not understood."""
    text = _slot(request, "text")
    request.agent.answer(f"Did not get: {text}" if text else "Did not get anything")
    request.agent.done()


def _slow(gates: Gates) -> Skill:
    def slow(request: Any) -> None:
        gates.slow.wait()
        request.agent.answer("Too late")
        request.agent.done()

    return slow


def _later(gates: Gates) -> Skill:
    def later(request: Any) -> None:
        def go_on() -> None:
            request.agent.answer("Later")
            request.agent.done()

        gates.keep(go_on)

    return later


def transcript_skills(gates: Gates) -> dict[str, Skill]:
    """The skills by intent."""
    return {
        "echo": echo,
        "cards": cards,
        "lights": lights,
        "enter": enter,
        "vault/peek": _answering("Gold"),
        "vault/leave": leave,
        "boom": boom,
        "slow": _slow(gates),
        "later": _later(gates),
        "silent": silent,
        "pair_one": _answering("One"),
        "pair_two": _answering("Two"),
        "badmeta": badmeta,
        "__cancel__": _answering("Cancelled"),
        "__fallback__": fallback,
    }


TRANSCRIPT_INTENTS = tuple(transcript_skills(Gates()))
PAIR = {"pair": ("pair_one", "pair_two")}


def make_transcript_interpreter(language: str, _cache_directory: str | None = None) -> Interpreter:
    """An interpreter for the transcripts, not fitted yet, as an entry point makes them."""
    return WordInterpreter(language, TRANSCRIPT_INTENTS, sentences=PAIR)


@contextmanager
def installed(skills: Mapping[str, Skill], *, package: str = "transcripts") -> Iterator[None]:
    """Have these skills, and no others, in pytlas' global store."""
    handlers = GLOBAL_HANDLERS._data
    before = dict(handlers)
    handlers.clear()
    for name, skill in skills.items():
        skill.__pytlas_package__ = package  # type: ignore[attr-defined]
        handlers[name] = skill
    try:
        yield
    finally:
        handlers.clear()
        handlers.update(before)
