"""Skills that misbehave, one way each, beside those of the transcripts."""

from __future__ import annotations

from typing import Any

from transcript_assistant import PAIR, Gates, Skill, WordInterpreter, transcript_skills


def asknoslot(request: Any) -> None:
    request.agent.ask(None, "For what?")


def asknotext(request: Any) -> None:
    request.agent.ask("thing", None)


def asktwice(request: Any) -> None:
    request.agent.ask("first", "One?")
    request.agent.ask("second", "Two?")


def askraise(request: Any) -> None:
    request.agent.ask("thing", "What?")
    raise ValueError("after the question")


def answerraise(request: Any) -> None:
    request.agent.answer("before")
    raise ValueError("after the answer")


def doneraise(request: Any) -> None:
    request.agent.done()
    raise ValueError("after done")


def quits(request: Any) -> None:
    raise SystemExit(3)


def doneinput(request: Any) -> None:
    request.agent.done(require_input=True)


def donetwice(request: Any) -> None:
    request.agent.done()
    request.agent.done()


def afterdone(request: Any) -> None:
    request.agent.answer("one")
    request.agent.done()
    request.agent.answer("two")


def queue(request: Any) -> None:
    request.agent.queue_intent("echo", text="queued")
    request.agent.answer("queueing")
    request.agent.done()


def tell(request: Any) -> None:
    agent = request.agent
    agent.answer(f"{request.lang} {dict(sorted(agent.meta.items()))} {request.intent.meta}")
    agent.done()


def moveask(request: Any) -> None:
    """Ask for something after leaving the only context the intent can be reached in."""
    request.agent.context(None)
    request.agent.ask("sure", "Sure?")


SINGLE = {
    function.__name__: function
    for function in (
        asknoslot,
        asknotext,
        asktwice,
        askraise,
        answerraise,
        doneraise,
        quits,
        doneinput,
        donetwice,
        afterdone,
        queue,
        tell,
    )
}


def all_skills(gates: Gates) -> dict[str, Skill]:
    """The transcripts' skills and ours, by intent."""

    def linger(request: Any) -> None:
        request.agent.answer("said")
        request.agent.done()
        gates.slow.wait()

    def asklinger(request: Any) -> None:
        if request.intent.slot("thing").first().value:
            request.agent.answer("thanks")
            request.agent.done()
            return
        request.agent.ask("thing", "What?")
        gates.slow.wait()

    def slowboom(request: Any) -> None:
        gates.slow.wait()
        raise ValueError("late boom")

    def ring(request: Any) -> None:
        """Queue an intent later, when the request is long over."""
        gates.keep(lambda: request.agent.queue_intent("echo", text="ring"))
        request.agent.answer("set")
        request.agent.done()

    def laterqueue(request: Any) -> None:
        """Queue an intent later, and only then call done."""

        def go_on() -> None:
            request.agent.queue_intent("echo", text="queued later")
            request.agent.done()

        gates.keep(go_on)

    timers = (linger, asklinger, slowboom, ring, laterqueue)
    return {
        **transcript_skills(gates),
        **SINGLE,
        "vault/moveask": moveask,
        **{function.__name__: function for function in timers},
    }


def make_interpreter(language: str = "en", _cache: str | None = None) -> WordInterpreter:
    """Understands all skills by their name, and `nohandler`, which nothing handles."""
    interpreter = WordInterpreter(
        language,
        [*all_skills(Gates()), "nohandler"],
        sentences={
            **PAIR,
            "pairslow": ("slow", "pair_two"),
            "stop all": ("pair_one", "__cancel__"),
        },
    )
    interpreter.fit_from_skill_data()
    return interpreter
