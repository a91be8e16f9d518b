"""Processes that share a database, and have conversations by lease; nothing moves by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock

from frames import Screen
from journal_memory import MemoryJournal
from leases_memory import MemoryLeases
from pytlas_wamp.assistant.host import Host, Person
from pytlas_wamp.assistant.ownership import LeasedOwnership
from pytlas_wamp.assistant.write_behind import WriteBehind
from pytlas_wamp.journal.leases import Node as NodeOfLeases
from pytlas_wamp.limits import Limits
from pytlas_wamp.wire.messages import Message
from skills_for_tests import make_interpreter
from workers_for_tests import Arrivals, ManualWorkers, settle

ANN = Person(id=1, language="en-US", settings={})
IDLE_SECONDS = 900.0
DEADLINE_SECONDS = 60.0


class Database:
    """What all processes share.

    Args:
      make_journal: makes the journal, from the leases.
    """

    def __init__(self, make_journal: Callable[..., MemoryJournal] = MemoryJournal) -> None:
        self.clock = Clock()
        self.leases = MemoryLeases(clock=self.clock.seconds)
        self.journal = make_journal(leases=self.leases.held)

    def kept(self, user_id: int = ANN.id) -> list[str]:
        """The log of a user, as short texts."""
        return [f"{one.seq} {one.kind}" for one in self.journal.entries(user_id)]


class Process:
    """One of them: a host, its threads and its clock.

    Args:
      name: its id.
      database: the one that it shares.
      make: makes the interpreter of a language.
      max_unwritten: entries that may wait.
      limits: those that are not at their default.
    """

    def __init__(
        self,
        name: str,
        database: Database,
        *,
        make: Callable[[str], Any] = make_interpreter,
        max_unwritten: int = 1_000,
        **limits: Any,
    ) -> None:
        self._make = make
        self.name = name
        self.database = database
        self.journal = database.journal.of_node(name)
        self.clock = Clock()
        self.arrivals = Arrivals()
        self.skills, self.urgent, self.disk, self.asking = (
            ManualWorkers(self.arrivals) for _ in range(4)
        )
        self.writer = WriteBehind(
            store=self.journal, workers=self.disk, clock=self.clock, max_unwritten=max_unwritten
        )
        self.broken_interpreter = False
        self.host = Host(
            interpreters=self,
            workers=self.skills,
            urgent=self.urgent,
            clock=self.clock,
            limits=Limits(
                turn_deadline_seconds=DEADLINE_SECONDS,
                conversation_idle_seconds=IDLE_SECONDS,
                **limits,
            ),
            writer=self.writer,
            ownership=LeasedOwnership(store=database.leases, node_id=name, workers=self.asking),
        )
        self.live()

    def live(self, seconds: float = 1e9) -> None:
        """Say that it lives, and for how long."""
        node = NodeOfLeases(
            id=self.name,
            name=self.name.partition("-")[0],
            role="worker",
            host="here",
            address="",
            protocol=1,
            version="0",
        )
        self.database.leases.announce(node, seconds=seconds)

    def get(self, language: str) -> Deferred[Any]:
        """An interpreter at once, as the host asks for it."""
        if self.broken_interpreter:
            raise RuntimeError("cannot be trained")
        return succeed(self._make(language))

    @property
    def pools(self) -> tuple[ManualWorkers, ...]:
        return (self.urgent, self.skills, self.disk, self.asking)

    @property
    def moves(self) -> bool:
        """Whether there is anything to do at this moment."""
        now = self.clock.seconds()
        due = any(call.getTime() <= now for call in self.clock.getDelayedCalls())
        return bool(due or len(self.arrivals) or any(pool.jobs for pool in self.pools))

    def settle(self) -> None:
        """Do all that can be done now; skills at a gate stay there."""
        while self.moves:
            self.clock.advance(0)
            settle(self.arrivals, *self.pools)

    def advance(self, seconds: float) -> None:
        """Let time pass, and do all that can be done then."""
        self.clock.advance(seconds)
        self.settle()

    def ask(self, device: Any, *, person: Person = ANN, **how: Any) -> list[Any]:
        """Have a device join; what comes of it, once something does."""
        found: list[Any] = []
        self.host.join(person, device, **how).addBoth(found.append)
        return found

    def join(self, person: Person = ANN, **how: Any) -> tuple[Any, ...]:
        """Have a device join now: it, the conversation, and what it learnt."""
        screen = Screen()
        found = self.ask(screen, person=person, **how)
        self.settle()
        return screen, *found[0]

    def refused(self, person: Person = ANN, **how: Any) -> Any:
        """Have a device join that cannot: why not."""
        found = self.ask(Screen(), person=person, **how)
        self.settle()
        return found[0].type

    def say(
        self, device: Any, text: str, id_: str | None = None, taken: Any = None, **fields: Any
    ) -> None:
        """Have a device say something in Ann's conversation, and do what can be done."""
        self.put(device, text, id_, taken, **fields)
        self.settle()

    def put(
        self, device: Any, text: str, id_: str | None = None, taken: Any = None, **fields: Any
    ) -> None:
        """Have a device say something in Ann's conversation; nothing runs yet."""
        conversation = self.host.find(ANN.id)
        assert conversation is not None
        conversation.say(device, Message(message=text, id=id_, **fields), taken)

    def hand_over(self) -> list[Any]:
        """Have Ann's conversation handed over: what comes of it, once something does."""
        done: list[Any] = []
        self.host.hand_over(ANN.id).addBoth(done.append)
        return done
