"""Skills of which every call is counted, and what understands them.

A sentence is a word and a tag that no other sentence has: `lights t7`. The tag reaches the
skill, so that whoever counts calls knows which message was run, and how often.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pytlas.understanding import Intent

from transcript_assistant import Gates, Skill, WordInterpreter

# One sentence, two intents.
DOUBLE = {"pair": ("one", "two"), "slowpair": ("slow", "two"), "askpair": ("lights", "echo")}
LEVELS = ["dim", "full"]

# Told the user, the skill and what it knows, and the tag, before a skill does anything.
Called = Callable[[int, str, str], None]
# Told the user and what will be answered, before a thread of a skill queues an intent.
Queued = Callable[[int, str], None]


class TaggedInterpreter(WordInterpreter):
    """Takes every word for the name of an intent, and what follows for its tag."""

    def parse(self, msg: str, scopes: Any = None) -> list[Intent]:
        allowed = self.intents if scopes is None else scopes
        word, _, tag = msg.partition(" ")
        names = DOUBLE.get(word, ())
        if names and set(names) <= set(allowed):
            return [Intent(name, text=tag) for name in names]
        return super().parse(msg, scopes)


def make_tagged_interpreter(language: str = "en") -> TaggedInterpreter:
    """Understands all of `counted_skills`, and `nohandler`, which nothing handles."""
    names = [*counted_skills(Gates(), lambda *_: None, lambda *_: None), "nohandler"]
    spoken = [name.rpartition("/")[2].strip("_") for name in names]
    interpreter = TaggedInterpreter(language, names, with_text=[*names, *spoken])
    interpreter.fit_from_skill_data()
    return interpreter


def _slot(request: Any, name: str) -> Any:
    return request.intent.slot(name).first().value


def tag_of(request: Any) -> str:
    """The tag of the message that a skill is called for."""
    # What a skill has queued itself comes with no message.
    return str(request.intent.meta.get("tag") or _slot(request, "text"))


def echo(request: Any) -> None:
    request.agent.answer(f"echo {_slot(request, 'text')}")
    request.agent.done()


def lights(request: Any) -> None:
    """Ask for anything, then for one of two."""
    if not (room := _slot(request, "room")):
        request.agent.ask("room", "Which room?")
    elif not (level := _slot(request, "level")):
        request.agent.ask("level", f"Which level in {room}?", LEVELS)
    else:
        request.agent.answer(f"{room} {level}")
        request.agent.done()


def enter(request: Any) -> None:
    request.agent.context("vault")
    request.agent.done()


def leave(request: Any) -> None:
    request.agent.context(None)
    request.agent.done()


def cancelled(request: Any) -> None:
    request.agent.answer("cancelled")
    request.agent.done()


def boom(request: Any) -> None:
    raise ValueError(tag_of(request))


def silent(request: Any) -> None:
    request.agent.done()


def counted_skills(gates: Gates, called: Called, queued: Queued) -> dict[str, Skill]:
    """The skills by intent; `called` is told of every call, `queued` of every intent."""

    def answering(name: str) -> Skill:
        def skill(request: Any) -> None:
            request.agent.answer(f"{name} {tag_of(request)}")
            request.agent.done()

        return skill

    def slow(request: Any) -> None:
        gates.slow.wait()
        answering("slow")(request)

    def linger(request: Any) -> None:
        answering("linger")(request)
        gates.slow.wait()

    def later(request: Any) -> None:
        gates.keep(lambda: answering("later")(request))

    def ring(request: Any) -> None:
        """Queue an intent from a thread of its own, when the request is long over."""
        tag = tag_of(request)

        def go_on() -> None:
            queued(request.agent.meta["uid"], f"echo ring-{tag}")
            request.agent.queue_intent("echo", text=f"ring-{tag}")

        gates.keep(go_on)
        answering("ring")(request)

    skills = {
        "echo": echo,
        "lights": lights,
        "enter": enter,
        "vault/leave": leave,
        "boom": boom,
        "silent": silent,
        "slow": slow,
        "linger": linger,
        "later": later,
        "ring": ring,
        "__cancel__": cancelled,
        "one": answering("one"),
        "two": answering("two"),
    }
    return {name: _counted(name, skill, called) for name, skill in skills.items()}


def _counted(name: str, skill: Skill, called: Called) -> Skill:
    def counted(request: Any) -> None:
        known = "".join(f" {slot}" for slot in ("room", "level") if _slot(request, slot))
        called(request.agent.meta["uid"], name + known, tag_of(request))
        skill(request)

    return counted
