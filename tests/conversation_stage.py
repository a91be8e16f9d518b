"""A conversation on a stage where nothing moves by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.task import Clock

from frames import Screen
from journal_memory import MemoryJournal
from pytlas_wamp.assistant.agent import HostedAgent
from pytlas_wamp.assistant.audience import Audience, Presence
from pytlas_wamp.assistant.conversation import Conversation
from pytlas_wamp.assistant.log import ConversationLog
from pytlas_wamp.assistant.skill_slots import SkillSlots
from pytlas_wamp.assistant.turns import Turn
from pytlas_wamp.assistant.worker import make_guard
from pytlas_wamp.assistant.write_behind import WriteBehind
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
        self.disk = ManualWorkers(self.arrivals)
        self.clock = Clock()
        self._make = make
        self.writer: WriteBehind | None = None
        self.store: MemoryJournal | None = None
        self.limits = Limits(turn_deadline_seconds=DEADLINE_SECONDS, **limits)
        self.skill_deadlines: dict[str, float] = {}
        self.ended: list[tuple[Turn, float]] = []
        self.begin()

    def keep(self) -> Stage:
        """Keep the conversation from now on; it begins anew."""
        self.store = MemoryJournal()
        self.crash()
        return self

    def crash(self) -> None:
        """Lose all that is in memory, and begin anew from what was written."""
        self.arrivals = Arrivals()
        self.skills = ManualWorkers(self.arrivals)
        self.urgent = ManualWorkers(self.arrivals)
        self.disk = ManualWorkers(self.arrivals)
        self.writer = WriteBehind(
            store=self.store, workers=self.disk, clock=self.clock, max_unwritten=100
        )
        self.begin()

    def begin(self) -> None:
        """Begin anew, as after a start of the server."""
        self.slots = SkillSlots(
            workers=self.skills,
            max_per_user=self.limits.max_skill_threads_per_user,
            max_abandoned=self.limits.max_abandoned_threads,
        )
        log = ConversationLog(user_id=1, language="en-US", now=lambda: 1_000.0, writer=self.writer)
        self.conversation = Conversation(
            audience=Audience(
                log=log,
                max_resumed_frames=self.limits.max_resumed_frames,
                max_resumed_bytes=self.limits.max_resumed_bytes,
            ),
            workers=self.skills,
            slots=self.slots,
            urgent=self.urgent,
            clock=self.clock,
            limits=self.limits,
            skill_deadlines=self.skill_deadlines,
            observe=lambda turn, seconds: self.ended.append((turn, seconds)),
        )
        opened = log.open()
        self.settle()
        opened.addCallback(lambda state: self.conversation.begin(self.make_agent(), state))
        self.settle()

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
        self.join(screen)
        return screen

    def join(self, device: Any, after: int | None = None) -> Presence:
        """Have a device join, and everything run that can; what it learns."""
        found: list[Presence] = []
        self.conversation.join(device, after).addCallback(found.append)
        self.settle()
        return found[0]

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
        settle(self.arrivals, self.urgent, self.skills, self.disk)
