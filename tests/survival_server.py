"""A server in memory that can be killed: all of it but HTTP and accounts.

Sessions, performers, conversations and the write-behind are those of the real server,
behind real WebSockets of Autobahn. What blocks runs when the test says so.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import txaio
from attrs import define
from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import ConnectionLost
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.test.iosim import FakeTransport

from journal_memory import MemoryJournal
from pytlas_wamp.accounts.logins import Grant
from pytlas_wamp.accounts.model import Account
from pytlas_wamp.assistant.host import Host, Person
from pytlas_wamp.assistant.turns import Outcome, Turn
from pytlas_wamp.assistant.write_behind import WriteBehind
from pytlas_wamp.limits import Limits
from pytlas_wamp.session.machine import Session
from pytlas_wamp.transport.connections import Connections
from pytlas_wamp.transport.people import Admission
from pytlas_wamp.transport.performer import Performer, Surroundings
from pytlas_wamp.transport.seats import Seats
from pytlas_wamp.transport.websocket import AssistantFactory
from pytlas_wamp.wire.messages import ServerInfo
from survival_skills import make_tagged_interpreter
from survival_story import DEADLINE_SECONDS, QUEUE, Story
from workers_for_tests import Arrivals, ManualWorkers, settle

SKILL_THREADS = 3
IDLE_SECONDS = 900.0
LIMITS = Limits(
    turn_deadline_seconds=DEADLINE_SECONDS,
    max_queued_messages=QUEUE,
    max_skill_threads_per_user=SKILL_THREADS,
    conversation_idle_seconds=IDLE_SECONDS,
    # Time stands still while a client talks.
    message_burst=10_000,
    ping_interval_seconds=10_000_000.0,
)
_INTERPRETER = make_tagged_interpreter()


@contextmanager
def noted(faults: list[str]) -> Iterator[None]:
    """Note what fails in here, and go on."""
    try:
        yield
    except AssertionError as error:
        faults.append(str(error))


class Interpreters:
    def get(self, language: str) -> Deferred[Any]:
        return succeed(_INTERPRETER)


@define(eq=False)
class JournalWorkers:
    """Notes what a batch has kept when it is made, and tells it when it is written."""

    jobs: ManualWorkers
    journal: MemoryJournal
    stories: Mapping[int, Story]

    def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Deferred[Any]:
        if function != self.journal.write:
            return self.jobs.run(function, *args, **kwargs)
        made = {
            batch.record.user_id: self.stories[batch.record.user_id].batch() for batch in args[0]
        }

        def write(batches: Any) -> Any:
            result = function(batches)
            for user_id, durable in made.items():
                self.stories[user_id].durable = durable
            for story in self.stories.values():
                story.troubled = False
            return result

        return self.jobs.run(write, *args)

    def call_from_thread(self, function: Callable[..., object], *args: Any, **kwargs: Any) -> None:
        self.jobs.call_from_thread(function, *args, **kwargs)


@define(eq=False)
class WatchedWriter:
    """A `WriteBehind` that shows every frame to its user's story."""

    _writer: WriteBehind
    _stories: Mapping[int, Story]
    _faults: list[str]

    def add(self, source: Any, *entries: Any) -> None:
        for entry in entries:
            with noted(self._faults):
                self._stories[entry.user_id].frame(json.loads(entry.body))
        self._writer.add(source, *entries)

    def __getattr__(self, name: str) -> Any:
        """All else is the writer's."""
        return getattr(self._writer, name)


class Pipe(FakeTransport):
    """The server's end of a connection."""

    take: Callable[[bytes], None]

    def write(self, data: bytes) -> None:
        if not self.disconnecting:
            self.take(data)


class Server:
    """One process.

    Args:
      journal: what outlives it.
      stories: learn what happens, by user.
      seconds: the time when it starts.
      faults: what was wrong. The server would take an exception for a bug of its own.
    """

    def __init__(
        self,
        journal: MemoryJournal,
        stories: Mapping[int, Story],
        seconds: float,
        faults: list[str],
    ) -> None:
        self.stories = stories
        self.faults = faults
        self.clock = Clock()
        self.clock.rightNow = seconds
        txaio.config.loop = self.clock
        self.arrivals = Arrivals()
        self.skills = ManualWorkers(self.arrivals)
        self.urgent = ManualWorkers(self.arrivals)
        self.writing = ManualWorkers(self.arrivals)
        self.writer = WriteBehind(
            store=journal,
            workers=JournalWorkers(self.writing, journal, stories),
            clock=self.clock,
            max_unwritten=10_000,
        )
        self.host = Host(
            interpreters=Interpreters(),
            workers=self.skills,
            urgent=self.urgent,
            clock=self.clock,
            limits=LIMITS,
            now=self.clock.seconds,
            writer=WatchedWriter(self.writer, stories, faults),
            observe=self._over,
        )
        self.connections = Connections()
        self.factory = AssistantFactory(
            make_performer=self._performer,
            connections=self.connections,
            limits=LIMITS,
            allowed_origins=("*",),
            reactor=self.clock,
        )

    def _performer(self, link: Any, name: str) -> Performer:
        around = Surroundings(
            admit=self._admit,
            ended_count=lambda: 0,
            has_ended=lambda _grant, _since: False,
            host=self.host,
            clock=self.clock,
            now=self.clock.seconds,
            limits=LIMITS,
            seats=Seats(LIMITS.max_connections_per_user),
        )
        server = ServerInfo(name="pytlas-wamp", version="0.1.0")
        return Performer(
            session=Session(limits=LIMITS, server=server), link=link, around=around, name=name
        )

    def _admit(self, token: str) -> Deferred[Admission]:
        user = int(token.rpartition("-")[2])
        account = Account(id=user, name=token, language="en-US", active=True, admin=False)
        never = int(self.clock.seconds()) + 10**9
        grant = Grant(account=account, token_id=token, expires_at=never, token_expires_at=never)
        person = Person(id=user, language=account.language, settings={})
        return succeed(Admission(grant=grant, person=person))

    def _over(self, turn: Turn, _seconds: float) -> None:
        cut = next((c.user_id for c in self.host.conversations if c._current is turn), None)
        tag = None if turn.text is None else turn.text.partition(" ")[2]
        if tag is not None:
            user = next(iter(self.stories.values())).sents[tag].user
        elif turn.id is not None:
            user = int(turn.id.partition("-")[0])
        else:
            if cut is not None:
                self.stories[cut].current = None
            return
        with noted(self.faults):
            self.stories[user].over(
                turn.id, tag, cut=cut is not None, cancelled=turn.outcome == Outcome.CANCELLED
            )

    # What happens

    def open(self, take: Callable[[bytes], None]) -> tuple[Any, Pipe]:
        """A new connection; `take` gets what the server writes."""
        protocol = self.factory.buildProtocol(None)
        protocol.leave = lambda: None
        pipe = Pipe(protocol, isServer=True)
        pipe.take = take
        protocol.makeConnection(pipe)
        return protocol, pipe

    @staticmethod
    def lose(protocol: Any) -> None:
        """A connection is gone."""
        protocol.connectionLost(Failure(ConnectionLost()))

    @property
    def moves(self) -> bool:
        """Whether there is anything to do."""
        return bool(len(self.arrivals) or any(pool.jobs for pool in self.pools))

    @property
    def pools(self) -> tuple[ManualWorkers, ...]:
        return (self.skills, self.urgent, self.writing)

    def settle(self) -> None:
        """Do all that can be done, but for skills at a gate."""
        settle(self.arrivals, *self.pools)

    def advance(self, seconds: float) -> None:
        self.clock.advance(seconds)
        for story in self.stories.values():
            story.now = self.clock.seconds()
