"""A conversation on a stage where nothing moves by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.task import Clock

from frames import Screen
from pytlas_wamp.assistant.agent import HostedAgent
from pytlas_wamp.assistant.conversation import Conversation
from pytlas_wamp.assistant.worker import make_guard
from pytlas_wamp.limits import Limits
from pytlas_wamp.wire.messages import Message
from skills_for_tests import make_interpreter
from workers_for_tests import Arrivals, ManualWorkers, settle

DEADLINE_SECONDS = 60.0


class Stage:
    """One conversation, its workers and its clock.

    Args:
      make: makes the interpreter of a language.
      limits: those that are not at their default.
    """

    def __init__(self, make: Callable[[str], Any] = make_interpreter, **limits: Any) -> None:
        self.arrivals = Arrivals()
        self.skills = ManualWorkers(self.arrivals)
        self.urgent = ManualWorkers(self.arrivals)
        self.clock = Clock()
        self._make = make
        self.conversation = Conversation(
            user_id=1,
            language="en-US",
            workers=self.skills,
            urgent=self.urgent,
            clock=self.clock,
            limits=Limits(turn_deadline_seconds=DEADLINE_SECONDS, **limits),
        )
        self.conversation.begin(self.make_agent())

    def make_agent(self, language: str = "en", **meta: Any) -> HostedAgent:
        """An agent of this conversation."""
        return self.conversation.make_agent(
            lambda emit, settled, wake: HostedAgent(
                self._make(language),
                guard=make_guard(),
                emit=emit,
                settled=settled,
                wake=wake,
                meta=meta,
            )
        )

    def device(self) -> Screen:
        """A new device."""
        screen = Screen()
        self.conversation.attach(screen)
        return screen

    def put(self, device: Screen, text: str, id_: str | None = None, **fields: Any) -> None:
        """Have a device send a message; nothing runs yet."""
        self.conversation.say(device, Message(message=text, id=id_, **fields))

    def say(self, device: Screen, text: str, id_: str | None = None, **fields: Any) -> None:
        """Have a device send a message, and everything run that can."""
        self.put(device, text, id_, **fields)
        self.settle()

    def cancel(self, id_: str | None = None) -> None:
        """Have a device send a cancel, and everything run that can."""
        self.conversation.cancel(id_)
        self.settle()

    def advance(self, seconds: float) -> None:
        """Let time pass, and everything run that can."""
        self.clock.advance(seconds)
        self.settle()

    def settle(self) -> None:
        """Run what can run; skills at a gate stay there."""
        settle(self.arrivals, self.urgent, self.skills)
