"""SQLite, PostgreSQL and dicts keep the same journal, in whatever order things happen."""

from __future__ import annotations

import math
from collections import Counter
from typing import ClassVar

from account_stores import STORES
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
from pytlas_wamp.accounts.sql import SqlAccountStore
from pytlas_wamp.accounts.sql_journal import SqlJournalStore
from pytlas_wamp.journal.model import Batch, Entry, OpenTurn, Record

PEOPLE = (1, 2, 3)
NOBODY = (0, -1, 9, 2**63, -(2**70))

USERS = st.sampled_from([*PEOPLE * 3, *NOBODY])
# Half of a pair of surrogates, and what could be mistaken for one; what PostgreSQL minds.
IDS = st.sampled_from(
    [None, "m1", "m2", "", "\0", "\\", "\\x00", "\ud83d", "\ud83d\ude00", "\U0001f600"]
)
NUMBERS = st.integers(-1, 12) | st.sampled_from([2**63 - 1, 2**63, -(2**63) - 1, 2**70])
# Clocks go wrong.
TIMES = st.sampled_from([0.0, 1.5, 2.0, 3.25, 1e12, -5.0])
BOUNDS_OF_TIME = st.sampled_from([-math.inf, 0.0, 2.0, 3.25, 4.0, math.inf, math.nan])

HAPPENINGS = {
    *("write: all", "write: some of the gone", "write: again", "write: an older record"),
    *("load: one", "load: None", "delete: done"),
    *("after: None", "after: none", "after: one", "after: many"),
    *("about: none", "about: one", "about: many"),
    *("remembered: none", "remembered: one", "remembered: many"),
    *("page: none", "page: one", "page: many"),
    *("erase: none", "erase: some", "trim: none", "trim: some"),
}

ENTRIES = st.fixed_dictionaries(
    {
        "gap": st.sampled_from([1, 1, 1, 3]),
        "at": TIMES,
        "kind": st.sampled_from(["said", "answer", "done"]),
        "re": IDS,
        "message_id": IDS,
        "digest": st.sampled_from([None, "d1", "\ud800"]),
    }
)
BATCHES = st.tuples(USERS, st.lists(ENTRIES, max_size=4), IDS, st.integers(0, 3))


class JournalMachine(RuleBasedStateMachine):
    """Does the same to all three; `visited` counts what happened."""

    visited: ClassVar = Counter()

    def __init__(self):
        super().__init__()
        self.model = MemoryJournal(gone=set(NOBODY))
        self.stores = [SqlAccountStore("sqlite://"), STORES["postgresql"](None)]
        self.journals = [
            SqlJournalStore(store.database, rest=lambda _: None) for store in self.stores
        ]
        for store in self.stores:
            for user_id in PEOPLE:
                store.add(f"p{user_id}", "hash", language="en", admin=False)
        self.written = []

    def teardown(self):
        for user_id in (*PEOPLE, *NOBODY):
            self.same("load", user_id)
            self.same("page", user_id, before=None, limit=1000)
        for store in self.stores:
            store.close()

    def same(self, method, *args, **how):
        """Calls the method of all three, and returns the answer in which they agree."""
        answer, sqlite, postgresql = (
            getattr(journal, method)(*args, **how) for journal in (self.model, *self.journals)
        )
        assert sqlite == postgresql
        assert sqlite == answer
        return answer

    def saw(self, method, answer):
        if answer is None:
            word = "None"
        elif isinstance(answer, int):
            word = "some" if answer else "none"
        else:
            word = ("none", "one", "many")[min(len(answer), 2)]
        self.visited[f"{method}: {word}"] += 1

    def batch(self, user_id, drafts, text, reserved):
        """The next frames of somebody."""
        record = self.model.records.get(user_id)
        seq = 0 if record is None else record.seq
        entries = []
        for draft in drafts:
            values = dict(draft)
            seq += values.pop("gap")
            body = f'{{"seq":{seq}{"0" * (seq % 3)}}}'
            entries.append(Entry(user_id=user_id, seq=seq, body=body, **values))
        turns = () if text is None else (OpenTurn(seq=1, id=text), OpenTurn(seq=2, id=None))
        record = Record(
            user_id=user_id,
            seq=seq,
            reserved=seq + reserved,
            snapshot=text or "",
            open_turns=turns,
        )
        return Batch(record=record, entries=tuple(entries))

    @initialize()
    def begin(self):
        """What chance alone would bring about too rarely."""
        draft = {"gap": 1, "at": 1.5, "re": None, "message_id": None, "digest": None}
        said = draft | {"kind": "said", "message_id": "m1", "digest": "d1"}
        answer = draft | {"kind": "answer", "re": "m1", "at": 3.25}
        self.about(1, 1)
        self.remembered(1, 9)
        self.page(1, None, 9)
        self.after(1, 0, 9, 99)
        self.write([(1, [said], None, 0)])
        self.after(1, 0, 9, 99)
        self.about(1, 1)
        self.remembered(1, 9)
        self.page(1, None, 9)
        self.write([(1, [answer, answer], "\0", 2), (9, [said], None, 0), (2, [said], None, 1)])
        self.write([(1, [said], "m", 0)])
        self.write_again(0)
        self.write_again(1)
        for seq in (1, 3):
            self.after(1, seq, 9, 99)
        self.about(1, 1)
        self.remembered(1, 9)
        self.page(1, None, 9)
        self.load(1)
        self.load(9)
        self.trim(math.nan, 9)
        self.trim(2.0, 9)
        self.erase(2)
        self.erase(2)
        self.delete(2)
        self.write([(2, [said], None, 0), (1, [said, said], None, 0)])

    @rule(drafts=st.lists(BATCHES, max_size=3))
    def write(self, drafts):
        batches = [self.batch(*draft) for draft in drafts]
        written = self.same("write", batches)
        self.written.append(batches)
        self.visited["write: some of the gone" if written.gone else "write: all"] += 1

    @rule(pick=st.integers(0, 9))
    def write_again(self, pick):
        if not self.written:
            return
        batches = self.written[pick % len(self.written)]
        before = dict(self.model.records)
        self.same("write", batches)
        self.visited["write: again"] += 1
        records = [batch.record for batch in batches if batch.record.user_id in before]
        if any(record.seq < before[record.user_id].seq for record in records):
            self.visited["write: an older record"] += 1

    @rule(user_id=USERS)
    def load(self, user_id):
        found = self.same("load", user_id)
        self.visited[f"load: {'one' if found else None}"] += 1

    @rule(user_id=USERS, seq=NUMBERS, frames=NUMBERS, size=NUMBERS.map(lambda n: n * 12))
    def after(self, user_id, seq, frames, size):
        self.saw("after", self.same("after", user_id, seq, max_frames=frames, max_bytes=size))

    @rule(user_id=USERS, seq=NUMBERS)
    def about(self, user_id, seq):
        self.saw("about", self.same("about", user_id, seq))

    @rule(user_id=USERS, limit=NUMBERS)
    def remembered(self, user_id, limit):
        self.saw("remembered", self.same("remembered", user_id, limit))

    @rule(user_id=USERS, before=st.none() | NUMBERS, limit=NUMBERS)
    def page(self, user_id, before, limit):
        self.saw("page", self.same("page", user_id, before=before, limit=limit))

    @rule(user_id=USERS)
    def erase(self, user_id):
        self.saw("erase", self.same("erase", user_id))

    @rule(older_than=BOUNDS_OF_TIME, keep=NUMBERS)
    def trim(self, older_than, keep):
        self.saw("trim", self.same("trim", older_than=older_than, keep=keep))

    @rule(user_id=st.sampled_from(PEOPLE), really=st.sampled_from([False, False, False, True]))
    def delete_now_and_then(self, user_id, really):
        if really and user_id not in self.model.gone:
            self.delete(user_id)

    def delete(self, user_id):
        self.model.forget(user_id)
        for store in self.stores:
            store.delete(user_id)
        self.visited["delete: done"] += 1

    @invariant()
    def agree(self):
        self.same("size")


def test_databases_agree_with_the_model_and_everything_happened():
    JournalMachine.visited.clear()

    run_state_machine_as_test(
        JournalMachine, settings=settings(max_examples=8, stateful_step_count=40, deadline=None)
    )

    assert set(JournalMachine.visited) == HAPPENINGS
