"""Several nodes take, keep, lose and write conversations in any order; each has one writer.

The databases have to agree with dicts, and what stands in the logs at the end is looked at
apart from both.
"""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from typing import ClassVar

from account_stores import STORES, HandClock
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from journal_memory import MemoryJournal
from leases_memory import MemoryLeases
from pytlas_wamp.accounts.sql import SqlAccountStore
from pytlas_wamp.accounts.sql_journal import SqlJournalStore
from pytlas_wamp.accounts.sql_leases import FORGOTTEN_AFTER_SECONDS, SqlLeaseStore
from pytlas_wamp.journal.leases import Node
from pytlas_wamp.journal.model import Batch, Entry, Record

PEOPLE = (1, 2, 3)
NOBODY = (0, 9, 2**63)
NODES = ("a-1", "a-2", "b-1")
PROMISE = 3.0

USERS = st.sampled_from([*PEOPLE * 4, *NOBODY])
OWNERS = st.sampled_from(NODES)
# None: the epoch of who has it. Gateways are wrong about that now and then.
INSTEAD_OF = st.sampled_from([0, 0, 0, None, None, 1, 2, 3])

HAPPENINGS = {
    *("announce: first", "announce: again", "announce: came back", "announce: forgot"),
    *("claim: first", "claim: free", "claim: own", "claim: takeover", "claim: instead of"),
    *("claim: refused", "claim: nobody", "claim: wrong epoch"),
    *("release: had", "release: lost", "withdraw: had", "withdraw: nothing"),
    *("write: kept", "write: fenced", "write: gone", "write: paused"),
    *("state: told", "state: nobody", "delete: done"),
}


class LeaseMachine(RuleBasedStateMachine):
    """Does the same to all three; `visited` counts what happened."""

    visited: ClassVar = Counter()

    def __init__(self):
        super().__init__()
        self.clock = HandClock(1_800_000_000.0)
        self.model = MemoryLeases(clock=self.clock, gone=set(NOBODY))
        self.journal = MemoryJournal(gone=set(NOBODY), leases=self.model.held)
        self.accounts = [SqlAccountStore("sqlite://"), STORES["postgresql"](None)]
        self.stores = [SqlLeaseStore(one.database, clock=self.clock) for one in self.accounts]
        for store in self.accounts:
            for user_id in PEOPLE:
                store.add(f"p{user_id}", "hash", language="en", admin=False)
        # What each node believes that it has: epochs, by itself and the user.
        self.believed = {}
        self.highest = dict.fromkeys(PEOPLE, 0)
        self.written = dict.fromkeys(PEOPLE, 0)

    def teardown(self):
        for user_id in (*PEOPLE, *NOBODY):
            self.same("lease", user_id)
            for database in self.accounts:
                self.check_log(SqlJournalStore(database.database), user_id)
        for store in self.accounts:
            store.close()

    def check_log(self, journal, user_id):
        """Each epoch has one writer, and none writes after the next one has begun."""
        said = [json.loads(one.body) for one in journal.page(user_id, before=None, limit=1000)]
        assert len(said) == (self.written[user_id] if user_id in PEOPLE else 0)
        for earlier, later in pairwise(said):
            assert earlier["epoch"] <= later["epoch"]
            if earlier["epoch"] == later["epoch"]:
                assert earlier["by"] == later["by"]

    def same(self, method, *args, **how):
        """Calls the method of all three, and returns the answer in which they agree."""
        answer, sqlite, postgresql = (
            getattr(store, method)(*args, **how) for store in (self.model, *self.stores)
        )
        assert sqlite == postgresql
        assert sqlite == answer
        return answer

    def saw(self, what):
        self.visited[what] += 1

    @initialize()
    def begin(self):
        """What chance alone would bring about too rarely."""
        for node_id in NODES:
            self.announce(node_id)
        for node_id, instead_of in [("a-1", 0), ("b-1", 0), ("b-1", 7), ("b-1", None), ("b-1", 0)]:
            self.claim(1, node_id, instead_of)
        self.claim(2, "a-2", 0)
        self.claim(9, "a-2", 0)
        for node_id in NODES:
            self.write(node_id, [1, 2])
            self.release(node_id, 1)
        self.claim(1, "a-1", 0)
        self.wait(PROMISE)
        self.write("a-2", [2])
        self.claim(2, "b-1", 0)
        self.write("a-2", [2, 9])
        self.set_state("a", "draining")
        self.announce("a-1")
        self.set_state("a", "draining")
        self.withdraw("a-1")
        self.withdraw("a-1")
        self.write("b-1", [2])
        self.wait(FORGOTTEN_AFTER_SECONDS + PROMISE + 1)
        self.announce("a-2")

    @rule(node_id=OWNERS)
    def announce(self, node_id):
        node = Node(
            id=node_id,
            name=node_id[0],
            role="worker",
            host="",
            address=node_id,
            protocol=1,
            version="2",
            conversations=len(self.believed),
        )
        before = {one.node.id: one.alive for one in self.model.nodes()}
        self.same("announce", node, seconds=PROMISE)
        self.same("living")
        words = {None: "first", True: "again", False: "came back"}
        self.saw(f"announce: {words[before.get(node_id)]}")
        if before.keys() - {one.node.id for one in self.model.nodes()}:
            self.saw("announce: forgot")

    @rule(seconds=st.sampled_from([0.5, 1.5, PROMISE]))
    def wait(self, seconds):
        self.clock.time += seconds

    @rule(user_id=USERS, node_id=OWNERS, instead_of=INSTEAD_OF)
    def claim(self, user_id, node_id, instead_of):
        before = self.same("lease", user_id)
        if instead_of is None:
            instead_of = 0 if before is None else before.epoch
        got = self.same("claim", user_id, node_id, instead_of=instead_of)
        if user_id in self.model.gone:
            self.saw("claim: nobody")
            return
        if got.node_id != node_id:
            assert got == before
            self.saw("claim: wrong epoch" if instead_of else "claim: refused")
            return
        assert got.epoch > self.highest[user_id]
        self.highest[user_id] = got.epoch
        self.believed[node_id, user_id] = got.epoch
        self.saw(f"claim: {self.why(before, node_id)}")

    def why(self, before, node_id):
        """The reason for which a node may have what it was given."""
        if before is None:
            return "first"
        if before.node_id is None:
            return "free"
        if before.node_id == node_id:
            return "own"
        return "instead of" if before.alive else "takeover"

    @rule(node_id=OWNERS, user_id=USERS, wrong=st.sampled_from([0, 0, 0, 1]))
    def release(self, node_id, user_id, wrong=0):
        epoch = self.believed.get((node_id, user_id), 1) + wrong
        has_it = self.model.held.get(user_id) == (node_id, epoch)
        self.same("release", node_id, [(user_id, epoch)])
        if has_it:
            self.believed.pop((node_id, user_id))
        self.saw("release: had" if has_it else "release: lost")

    @rule(node_id=OWNERS)
    def withdraw(self, node_id):
        had = any(owner == node_id for owner, _ in self.model.held.values())
        self.same("withdraw", node_id)
        self.saw("withdraw: had" if had else "withdraw: nothing")

    @rule(node_id=OWNERS, user_ids=st.lists(USERS, unique=True, max_size=3))
    def write(self, node_id, user_ids):
        """The node writes what it believes to have; also when it was paused, or is dead."""
        batches = [self.batch(node_id, user_id) for user_id in user_ids]
        journals = [
            self.journal.of_node(node_id),
            *(SqlJournalStore(one.database, node_id=node_id) for one in self.stores),
        ]
        answer, sqlite, postgresql = (journal.write(batches) for journal in journals)
        assert sqlite == postgresql
        assert sqlite == answer
        for user_id in user_ids:
            self.look_at(node_id, user_id, answer)

    def look_at(self, node_id, user_id, written):
        if user_id in written.gone:
            self.saw("write: gone")
        elif user_id in written.fenced:
            self.saw("write: fenced")
        else:
            self.written[user_id] += 1
            alive = self.model.lease(user_id).alive
            self.saw("write: kept" if alive else "write: paused")

    def batch(self, node_id, user_id):
        epoch = self.believed.get((node_id, user_id), 0)
        record = self.journal.records.get(user_id)
        seq = 1 if record is None else record.seq + 1
        entry = Entry(
            user_id=user_id,
            seq=seq,
            at=1.5,
            kind="answer",
            body=json.dumps({"by": node_id, "epoch": epoch}),
            re=None,
            message_id=None,
            digest=None,
        )
        record = Record(user_id=user_id, seq=seq, reserved=seq, snapshot=node_id, open_turns=())
        return Batch(record=record, entries=(entry,), epoch=epoch)

    @rule(name=st.sampled_from("ab"), state=st.sampled_from(["active", "draining", "drained"]))
    def set_state(self, name, state):
        self.saw("state: told" if self.same("set_state", name, state) else "state: nobody")

    @rule(user_id=st.sampled_from(PEOPLE), really=st.sampled_from([False] * 7 + [True]))
    def delete_now_and_then(self, user_id, really):
        if really and user_id not in self.model.gone:
            self.model.forget(user_id)
            self.journal.forget(user_id)
            self.written[user_id] = 0
            for store in self.accounts:
                store.delete(user_id)
            self.saw("delete: done")

    @invariant()
    def agree(self):
        self.same("nodes")


def test_databases_agree_with_the_model_and_everything_happened():
    LeaseMachine.visited.clear()

    run_state_machine_as_test(
        LeaseMachine, settings=settings(max_examples=8, stateful_step_count=40, deadline=None)
    )

    assert set(LeaseMachine.visited) == HAPPENINGS
