"""A `JournalStore` in memory: for tests that need one, and the model of those in databases."""

from __future__ import annotations

from itertools import dropwhile, islice

from attrs import define, evolve, field

from pytlas_wamp.errors import OperatorError
from pytlas_wamp.journal.model import Remembered, Written

MAX_ABOUT = 1000
MAX_BEHIND = 4000


class JournalBroken(OperatorError):
    """What a `MemoryJournal` raises while it is failing."""


@define
class MemoryJournal:
    """Keeps everything in dicts.

    Args:
      gone: the ids of accounts that were deleted; nothing is written for these.
      failing: whether every call fails.
      writes: how often something was written.
      node_id: the node that writes, as far as batches have an epoch.
      leases: who has which conversation, and under which epoch: by user, a pair of the id
        of a node (or None) and a number; the `held` of a `MemoryLeases`, or a dict of the
        test's.
    """

    gone: set = field(factory=set)
    failing: bool = False
    writes: int = 0
    records: dict = field(factory=dict)
    logs: dict = field(factory=dict)  # entries by their number, by the id of the user
    node_id: str | None = None
    leases: dict = field(factory=dict)

    def of_node(self, node_id):
        """The same journal, as another node has it."""
        return evolve(self, node_id=node_id)

    def load(self, user_id):
        self._work()
        return self.records.get(user_id)

    def write(self, batches):
        self._work()
        self.writes += 1
        gone, fenced = set(), set()
        for batch in batches:
            user_id = batch.record.user_id
            if user_id in self.gone:
                gone.add(user_id)
                continue
            if batch.epoch is not None and not self._has(user_id, batch.epoch):
                fenced.add(user_id)
                continue
            present = self.records.get(user_id)
            if present is None or batch.record.seq >= present.seq:
                self.records[user_id] = batch.record
            for entry in batch.entries:
                self.logs.setdefault(user_id, {}).setdefault(entry.seq, entry)
        return Written(gone=frozenset(gone), fenced=frozenset(fenced))

    def _has(self, user_id, epoch):
        mine = (self.node_id, epoch)
        return self.node_id is not None and self.leases.get(user_id) == mine

    def after(self, user_id, seq, *, max_frames, max_bytes):
        self._work()
        record = self.records.get(user_id)
        last = 0 if record is None else record.seq
        if seq != last and not {seq, seq + 1} & self.logs.get(user_id, {}).keys():
            return None
        missed = tuple(entry for entry in self.entries(user_id) if entry.seq > seq)
        size = sum(len(entry.body) for entry in missed)
        return None if len(missed) > max_frames or size > max_bytes else missed

    def about(self, user_id, seq):
        self._work()
        said = self.logs.get(user_id, {}).get(seq)
        if said is None or said.kind != "said":
            return ()
        if said.message_id is None:
            return (said,)
        behind = islice((entry for entry in self.entries(user_id) if entry.seq > seq), MAX_BEHIND)
        caused = (entry for entry in behind if entry.re == said.message_id)
        return (said, *islice(caused, MAX_ABOUT - 1))

    def remembered(self, user_id, limit):
        self._work()
        found = [
            Remembered(id=entry.message_id, digest=entry.digest, seq=entry.seq)
            for entry in self.entries(user_id)
            if entry.kind == "said" and None not in {entry.message_id, entry.digest}
        ]
        return _newest(found, limit)

    def page(self, user_id, *, before, limit):
        self._work()
        found = [entry for entry in self.entries(user_id) if before is None or entry.seq < before]
        return _newest(found, limit)

    def erase(self, user_id):
        self._work()
        return len(self.logs.pop(user_id, {}))

    def trim(self, *, older_than, keep):
        self._work()
        before = self.size()
        for user_id in self.logs:
            young = list(dropwhile(lambda one: one.at < older_than, self.entries(user_id)))
            kept = _newest(young, max(keep, 1)) or self.entries(user_id)[-1:]
            self.logs[user_id] = {entry.seq: entry for entry in kept}
        return before - self.size()

    def size(self):
        self._work()
        return sum(map(len, self.logs.values()))

    def entries(self, user_id):
        """The whole log of a user, oldest first; also while it is failing."""
        log = self.logs.get(user_id, {})
        return tuple(log[seq] for seq in sorted(log))

    def forget(self, user_id):
        """Does what deleting the account does."""
        self.gone.add(user_id)
        self.leases.pop(user_id, None)
        self.records.pop(user_id, None)
        self.logs.pop(user_id, None)

    def _work(self):
        if self.failing:
            raise JournalBroken("The journal cannot be used: it was told to fail.")


def _newest(found, limit):
    return tuple(found[-limit:]) if limit > 0 else ()
