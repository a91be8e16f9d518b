"""What a server has that has conversations: those, what is written of them, skills at work."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from attrs import define, field

from pytlas_wamp.accounts.sql_journal import SqlJournalStore
from pytlas_wamp.assistant.breakers import Breakers, BreakerState
from pytlas_wamp.assistant.host import Host
from pytlas_wamp.assistant.ownership import Ownership
from pytlas_wamp.assistant.worker import make_guard
from pytlas_wamp.service.foundation import Foundation
from pytlas_wamp.service.journal import Journal
from pytlas_wamp.service.learning import Learning
from pytlas_wamp.transport.metrics import Readings


@define(kw_only=True, eq=False)
class Hosting:
    """Conversations, and what they need beside the foundation.

    Args:
      base: what they are built on.
      node_id: who writes, where several processes share a database; None where one has it.
      ownership: has conversations for this process; None where it has all.
      languages: two-letter codes of those that are learnt; None for all.
    """

    base: Foundation
    node_id: str | None = None
    ownership: Ownership | None = None
    languages: frozenset[str] | None = None
    journal: Journal = field(init=False)
    breakers: Breakers = field(init=False)
    host: Host = field(init=False)
    learning: Learning = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Make each from the ones above it."""
        base = self.base
        limits = base.config.limits
        self.journal = Journal(
            store=SqlJournalStore(base.store.database, node_id=self.node_id),
            workers=base.pools.journal,
            accounts=base.pools.accounts,
            clock=base.reactor,
            now=time.time,
            config=base.config,
        )
        self.breakers = Breakers(
            now=base.reactor.seconds,
            guard=make_guard(),
            failures=limits.breaker_failures,
            seconds=limits.breaker_seconds,
        )
        self.host = Host(
            interpreters=base.interpreters,
            workers=base.pools.skills,
            urgent=base.pools.urgent,
            clock=base.reactor,
            limits=limits,
            now=time.time,
            writer=self.journal.writer,
            breakers=self.breakers,
            skill_deadlines=base.config.skill_deadlines,
            observe=base.metrics.turn_ended,
            ownership=self.ownership,
        )
        self.journal.forget = self.host.forget_history
        self.learning = Learning(
            interpreters=base.interpreters,
            people=base.people,
            language=base.config.language,
            served=self.languages,
        )
        base.metrics.watch(self._readings())

    def needs(self) -> Mapping[str, Callable[[], bool]]:
        """What conversations need beside the database, and whether it is there (spec 6.7)."""
        return {
            "the log": lambda: self.journal.writer.failures == 0,
            f"the interpreter of {self.learning.first}": lambda: self.learning.has_learnt,
        }

    def _readings(self) -> Readings:
        writer, slots = self.journal.writer, self.host.slots
        return Readings(
            conversations=lambda: len(self.host.conversations),
            queued=lambda: sum(one.waiting for one in self.host.conversations),
            threads=lambda: slots.running,
            abandoned=lambda: slots.abandoned,
            unwritten=lambda: writer.unwritten,
            lag_seconds=lambda: writer.lag_seconds,
            write_failures=lambda: self.journal.write_failures,
            open_breakers=lambda: [
                skill
                for skill, status in self.breakers.status().items()
                if status.state is not BreakerState.CLOSED
            ],
            skills=self.base.skill_names,
        )
