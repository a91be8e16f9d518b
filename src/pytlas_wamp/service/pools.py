"""The threads of the server, by what they must not wait for."""

from __future__ import annotations

from typing import Any

from attrs import define

from pytlas_wamp.assistant.worker import Arrivals, ThreadWorkers
from pytlas_wamp.limits import Limits

# Checking a token takes about a millisecond.
_ACCOUNT_THREADS = 4
# argon2 takes about 50 ms of a core each time, and 64 MiB.
_HASHING_THREADS = 2
# Anybody can ask to sign in, so not many may wait: some seconds' worth.
_MAX_WAITING_TO_HASH = 50
# Finding out whether a sentence means cancel takes about a millisecond.
_URGENT_THREADS = 4
# A beat each second, whom a conversation belongs to, and taking what a dead node had.
_LEASE_THREADS = 4
# One: batches of frames have to be written in their order.
_JOURNAL_THREADS = 1
# One: pychatl has a single parser for all, which keeps its state in itself.
_TRAINING_THREADS = 1
# Calls that may wait for one of the threads above, before clients are told to come back.
_MAX_WAITING = 2_000


@define(kw_only=True)
class Pools:
    """All pools.

    Args:
      skills: runs turns, and whatever else is code of skills.
      urgent: runs quick calls that must not wait for skills.
      accounts: asks the database.
      hashing: signs in. Apart, so that strangers who try to make nobody else wait.
      training: learns what skills understand.
      journal: writes the log of conversations.
      leases: tells the other nodes of a cluster that this one lives, and looks who has what.
        Apart, since whoever is late with it is taken for dead.
    """

    skills: ThreadWorkers
    urgent: ThreadWorkers
    accounts: ThreadWorkers
    hashing: ThreadWorkers
    training: ThreadWorkers
    journal: ThreadWorkers
    leases: ThreadWorkers

    @classmethod
    def make(cls, reactor: Any, limits: Limits) -> Pools:
        """Pools that are not started yet."""
        arrivals = Arrivals(reactor)

        def waiting(name: str, max_threads: int, max_waiting: int = _MAX_WAITING) -> ThreadWorkers:
            return ThreadWorkers(
                arrivals=arrivals, name=name, max_threads=max_threads, max_waiting=max_waiting
            )

        return cls(
            skills=ThreadWorkers(
                arrivals=arrivals,
                name="skill",
                max_threads=limits.max_skill_threads,
                max_waiting=limits.max_waiting_turns,
                patience_seconds=limits.thread_wait_seconds,
            ),
            urgent=waiting("urgent", _URGENT_THREADS),
            accounts=waiting("accounts", _ACCOUNT_THREADS),
            hashing=waiting("hashing", _HASHING_THREADS, _MAX_WAITING_TO_HASH),
            training=waiting("training", _TRAINING_THREADS),
            journal=waiting("journal", _JOURNAL_THREADS),
            leases=waiting("leases", _LEASE_THREADS),
        )

    @property
    def all(self) -> tuple[ThreadWorkers, ...]:
        """Every pool."""
        return (
            *(self.skills, self.urgent, self.accounts),
            *(self.hashing, self.training, self.journal, self.leases),
        )

    @property
    def asking_the_database(self) -> tuple[ThreadWorkers, ...]:
        """Those that have to be idle before the database is closed."""
        return (self.journal, self.accounts, self.hashing, self.leases)
