"""What happens in every turn, piece by piece, ready to be called again and again."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from threading import RLock
from typing import Any

from bench.interpreter import FirstWord
from pytlas_wamp.assistant.agent import HostedAgent
from pytlas_wamp.assistant.bodies import plain
from pytlas_wamp.assistant.turns import Emission, Turn
from pytlas_wamp.limits import Limits
from pytlas_wamp.session import inputs as on
from pytlas_wamp.session.machine import Session
from pytlas_wamp.wire.codec import decode_client, encode
from pytlas_wamp.wire.messages import (
    Answer,
    AnswerData,
    Authenticate,
    Done,
    Message,
    ServerInfo,
    Thinking,
)


def hot_paths(sentence: str) -> dict[str, Callable[[], object]]:
    """The pieces by name.

    Args:
      sentence: what is said and answered.
    """
    frame = json.dumps({"type": "message", "id": "0123456789abcdef", "message": sentence})
    numbers = count()
    return {
        "decode a message": lambda: decode_client(frame, max_depth=32),
        "session, a whole turn": _session_turn(sentence),
        "make an agent": _make_agent(),
        "agent, a whole turn": _agent_turn(sentence),
        "plain text, a sentence": lambda: plain(sentence),
        "plain text, new markup": lambda: plain(f"**{next(numbers)}** degrees in _Paris_"),
        "encode an answer": lambda: encode(_answer(sentence)),
        # A new one each time: the last frame's text is kept.
        "encode a done": lambda: encode(_done()),
    }


def _done() -> Done:
    return Done(seq=3, require_input=False, re="0123456789abcdef")


def _answer(sentence: str) -> Answer:
    data = AnswerData(text=sentence, raw_text=sentence, cards=None)
    return Answer(seq=2, data=data, re="0123456789abcdef")


def _session_turn(sentence: str) -> Callable[[], object]:
    session = Session(limits=Limits(), server=ServerInfo(name="guard", version="1"))
    session.handle(on.Opened())
    session.handle(Authenticate(token=sentence))
    session.handle(on.TokenAccepted(user_id=1, expires_in=60))
    session.handle(on.Joined(language="en", seq=0, context=None, ask=None))
    said = Message(message=sentence, id="0123456789abcdef")
    told = [Thinking(seq=1, re="0123456789abcdef"), _answer(sentence), _done()]

    def turn() -> None:
        session.handle(said)
        for frame in told:
            session.handle(on.from_frame(frame))

    return turn


def _make_agent() -> Callable[..., HostedAgent]:
    sys.path.insert(0, str(Path(__file__).parent / "skills"))
    __import__("echo")
    interpreter = FirstWord("en")
    interpreter.fit_from_skill_data()

    def make(emit: Callable[[Emission], Any] = lambda _: None) -> HostedAgent:
        return HostedAgent(
            interpreter,
            guard=RLock(),
            emit=emit,
            settled=lambda _: None,
            wake=lambda: None,
            meta={},
        )

    return make


def _agent_turn(sentence: str) -> Callable[[], object]:
    told: list[Emission] = []
    agent = _make_agent()(told.append)

    def turn() -> None:
        told.clear()
        agent.take(Turn(id="0123456789abcdef", text=sentence))
        if len(told) != 3:  # noqa: PLR2004 - thinking, answer, done
            raise ValueError(f"a turn gave {told}")

    return turn
