"""Logs of conversations in a database: nothing lost, nothing twice, nothing of others."""

from __future__ import annotations

import math
from typing import ClassVar

import pytest
from attrs import evolve
from sqlalchemy import event

from pytlas_wamp.accounts.model import StoreBroken
from pytlas_wamp.accounts.sql_journal import (
    REST_SECONDS,
    TRIMMED_AT_ONCE,
    SqlJournalStore,
    entry_of,
    escaped,
    record_of,
    unescaped,
)
from pytlas_wamp.accounts.sql_leases import SqlLeaseStore
from pytlas_wamp.journal.model import Batch, Entry, OpenTurn, Record, Remembered, Written
from pytlas_wamp.journal.store import MAX_BEHIND

# What clients may call a message, and what must not become the same in a database.
ODD_TEXTS = [
    "",
    "m1",
    "\0",
    "\\",
    "\\0",
    "\\x00",
    "\ud800",
    "\\ud800",
    "\U0001f600",
    "\0\U0001f600",
    "\0\ud83d\ude00",
    "\ud83d\ude00",
    "\\U0001f600",
    "\u00e9 \u4e2d\n'\"",
    "\ud800" * 200,
    "\U0001f600" * 200,
]
ODD_NUMBERS = [0, -1, -(2**63) - 1, 2**63 - 1, 2**63, 2**70]
ALL = {"max_frames": 1000, "max_bytes": 2**20}


def entry(user_id, seq, **others):
    """Returns an answer, but for what is said otherwise."""
    values = {"at": float(seq), "kind": "answer", "body": f'{{"seq":{seq}}}'}
    nothing = dict.fromkeys(("re", "message_id", "digest"))
    return Entry(user_id=user_id, seq=seq, **nothing | values | others)


def said(user_id, seq, message_id, **others):
    return entry(user_id, seq, kind="said", message_id=message_id, digest=f"d{seq}", **others)


def batch(*entries, **others):
    """Returns entries of a user, with the record that belongs to them."""
    last = entries[-1]
    values = {"user_id": last.user_id, "seq": last.seq, "reserved": last.seq + 100}
    record = Record(**values | {"snapshot": "{}", "open_turns": ()} | others)
    return Batch(record=record, entries=entries)


def numbers(entries):
    return None if entries is None else [one.seq for one in entries]


@pytest.fixture
def rests():
    return []


@pytest.fixture
def journal(store, ana, bob, rests):
    """An empty journal of two people."""
    return SqlJournalStore(store.database, rest=rests.append)


class TestRecords:
    def test_come_back_as_they_were(self, journal):
        turns = (OpenTurn(seq=3, id="m1"), OpenTurn(seq=5, id=None), OpenTurn(seq=6, id=""))
        written = batch(entry(1, 7), snapshot='{"a": "\u00e9\\u0000"}', open_turns=turns)

        journal.write([written])

        assert journal.load(1) == written.record
        assert journal.load(2) is None

    def test_hold_every_text(self, journal):
        for text in ODD_TEXTS:
            written = batch(entry(1, 7), snapshot=text, open_turns=(OpenTurn(seq=1, id=text),))

            journal.write([written])

            assert journal.load(1) == written.record

    def test_are_replaced_by_the_same_number_and_higher_ones(self, journal):
        for seq, snapshot in [(7, "first"), (7, "put away"), (8, "later")]:
            replacing = batch(entry(1, seq), reserved=seq, snapshot=snapshot)
            journal.write([replacing])

            assert journal.load(1) == replacing.record

    def test_are_not_replaced_by_lower_ones(self, journal):
        newer = batch(entry(1, 8), snapshot="newer")
        journal.write([newer])

        journal.write([batch(entry(1, 7), snapshot="older")])

        assert journal.load(1) == newer.record
        assert numbers(journal.page(1, before=None, limit=9)) == [7, 8]

    def test_several_in_one_write_leave_the_last_one(self, journal):
        same = [batch(entry(1, 3), snapshot=text) for text in ("a", "b")]

        journal.write([batch(entry(1, 2)), *same, batch(entry(1, 1))])

        assert journal.load(1) == same[1].record
        assert numbers(journal.page(1, before=None, limit=9)) == [1, 2, 3]

    def test_may_have_no_entries(self, journal):
        alone = Batch(record=evolve(batch(entry(1, 1)).record, seq=0), entries=())

        journal.write([alone])

        assert (journal.load(1), journal.size()) == (alone.record, 0)

    def test_of_nobody_are_none(self, journal):
        assert {journal.load(user_id) for user_id in ODD_NUMBERS} == {None}


class TestEntries:
    def test_come_back_as_they_were(self, journal):
        written = said(1, 1, "m1", at=1_800_000_000.123456, body='{"a":"\\u0000\\ud800\\""}')

        journal.write([batch(written, entry(1, 2, re="m1"))])

        assert journal.page(1, before=None, limit=9) == (written, entry(1, 2, re="m1"))

    def test_hold_every_text(self, journal):
        odd = [
            entry(1, seq, re=text, kind=text, message_id=text, digest=text)
            for seq, text in enumerate(ODD_TEXTS, 1)
        ]

        journal.write([batch(*odd)])

        assert list(journal.page(1, before=None, limit=99)) == odd

    def test_of_a_quarter_of_a_megabyte_fit(self, journal):
        big = entry(1, 1, body='{"text":"' + "x" * 262_133 + '"}')

        journal.write([batch(big)])

        assert journal.page(1, before=None, limit=1) == (big,)

    def test_stay_as_they_are_when_they_are_written_again(self, journal):
        first = batch(entry(1, 1), entry(1, 2))
        journal.write([first])

        journal.write([batch(entry(1, 1, body="{}"), entry(1, 2), entry(1, 3))])
        journal.write([first])

        assert journal.page(1, before=None, limit=9) == (*first.entries, entry(1, 3))

    def test_are_in_order_in_whichever_order_they_came(self, journal):
        journal.write([batch(entry(1, 9)), batch(entry(1, 2)), batch(entry(1, 10))])

        assert numbers(journal.page(1, before=None, limit=9)) == [2, 9, 10]

    def test_are_counted(self, journal):
        assert journal.size() == 0

        journal.write([batch(entry(1, 1)), batch(entry(2, 1), entry(2, 2))])

        assert journal.size() == 3

    def test_go_with_the_account(self, journal, store):
        journal.write([batch(entry(1, 1)), batch(entry(2, 1))])

        store.delete(1)

        assert (journal.load(1), journal.size()) == (None, 1)


class TestGoneAccounts:
    def test_are_named_and_the_others_written(self, journal, store):
        store.delete(1)

        gone = journal.write([batch(entry(1, 1)), batch(entry(2, 1)), batch(entry(9, 1))])

        assert gone == Written(gone=frozenset({1, 9}))
        assert (journal.size(), journal.load(2).seq) == (1, 1)

    def test_may_have_any_number(self, journal):
        odd = [batch(entry(user_id, 1)) for user_id in ODD_NUMBERS]

        assert journal.write([*odd, batch(entry(1, 1))]).gone == set(ODD_NUMBERS)
        assert journal.size() == 1

    def test_may_be_more_than_a_statement_takes(self, journal):
        many = [batch(entry(user_id, 1)) for user_id in range(1, 3_000)]

        assert journal.write(many).gone == set(range(3, 3_000))
        assert journal.size() == 2

    def test_are_none_when_nothing_is_written(self, journal):
        assert journal.write([]) == Written()


class TestOwners:
    """Where there are several nodes, each writes only what it has."""

    @pytest.fixture
    def leases(self, store, ana, bob):
        """Node a has the conversations of both, under 1 and 2."""
        made = SqlLeaseStore(store.database)
        for user_id in (1, 2, 2):
            made.claim(user_id, "a-1")
        return made

    @pytest.fixture
    def ours(self, store, leases):
        return SqlJournalStore(store.database, node_id="a-1")

    @staticmethod
    def under(epoch, *entries):
        return evolve(batch(*entries), epoch=epoch)

    def test_write_what_they_have(self, ours):
        both = [self.under(2, entry(2, 1)), self.under(1, entry(1, 1), entry(1, 2))]

        assert ours.write(both) == Written()

        assert [ours.load(user_id) for user_id in (2, 1)] == [one.record for one in both]
        assert ours.page(1, before=None, limit=9) == both[1].entries

    @pytest.mark.parametrize("node_id", ["a-2", "b-1", "", None])
    def test_write_nothing_of_others(self, store, leases, node_id):
        theirs = SqlJournalStore(store.database, node_id=node_id)

        written = theirs.write([self.under(1, entry(1, 1)), self.under(2, entry(2, 1))])

        assert written == Written(fenced=frozenset({1, 2}))
        assert (theirs.load(1), theirs.load(2), theirs.size()) == (None, None, 0)

    def test_write_nothing_under_another_epoch(self, ours):
        some = [self.under(epoch, entry(1, 1)) for epoch in (0, 2, 2**70)]

        assert ours.write([*some, self.under(2, entry(2, 1))]) == Written(fenced=frozenset({1}))
        assert (ours.load(1), ours.load(2).seq, ours.size()) == (None, 1, 1)

    def test_write_what_is_under_the_right_one_of_several(self, ours):
        some = [self.under(epoch, entry(1, epoch)) for epoch in (2, 1)]

        assert ours.write(some) == Written(fenced=frozenset({1}))
        assert numbers(ours.page(1, before=None, limit=9)) == [1]

    @pytest.mark.parametrize("node_id", ["a-1", None])
    def test_write_nothing_of_what_they_gave_back(self, store, leases, node_id):
        leases.release("a-1", [(1, 1)])
        theirs = SqlJournalStore(store.database, node_id=node_id)

        assert theirs.write([self.under(1, entry(1, 1))]) == Written(fenced=frozenset({1}))

    def test_write_nothing_of_what_nobody_ever_had(self, store, ours):
        eve = store.add("eve", "hash", language="en", admin=False).id

        assert ours.write([self.under(1, entry(eve, 1))]) == Written(fenced=frozenset({eve}))

    def test_are_told_who_is_gone(self, store, ours):
        store.delete(2)
        odd = [self.under(1, entry(user_id, 1)) for user_id in (2, 9, *ODD_NUMBERS)]

        written = ours.write([*odd, self.under(1, entry(1, 1))])

        assert written == Written(gone=frozenset({2, 9, *ODD_NUMBERS}))
        assert ours.load(1).seq == 1

    def test_write_without_an_epoch_what_anybody_has(self, store, leases):
        theirs = SqlJournalStore(store.database, node_id="b-1")

        written = theirs.write([batch(entry(1, 1)), self.under(1, entry(1, 2)), batch(entry(9, 1))])

        assert written == Written(gone=frozenset({9}), fenced=frozenset({1}))
        assert numbers(theirs.page(1, before=None, limit=9)) == [1]


class TestAloneness:
    """Where there is one process only, leases cost nothing."""

    def test_asks_for_no_leases(self, store, journal):
        asked = []

        def note(_connection, _cursor, statement, *_others):
            asked.append(statement.split()[0])

        for engine in store.database._ways_to_write.values():
            event.listen(engine, "before_cursor_execute", note)
        journal.write([batch(entry(1, 1)), batch(entry(2, 1))])

        turn = [] if store.database.kind == "sqlite" else ["SELECT"]
        assert asked == [*turn, "SELECT", "INSERT", "INSERT", "INSERT", "INSERT"]


class TestAfter:
    @pytest.fixture
    def log(self, journal):
        """Ana's frames 3 to 5 and, after a crash, 9; and one of Bob's."""
        journal.write([batch(*(entry(1, seq) for seq in (3, 4, 5, 9))), batch(entry(2, 4))])
        return journal

    def test_a_frame_in_the_log_come_the_later_ones(self, log):
        found = {seq: numbers(log.after(1, seq, **ALL)) for seq in (2, 3, 4, 5, 8, 9)}

        assert found == {2: [3, 4, 5, 9], 3: [4, 5, 9], 4: [5, 9], 5: [9], 8: [9], 9: []}

    def test_another_number_nothing_is_known(self, log):
        assert {log.after(1, seq, **ALL) for seq in (1, 6, 7, 10, *ODD_NUMBERS)} == {None}

    def test_the_last_number_there_is_nothing_also_when_the_log_was_erased(self, log):
        log.erase(1)

        assert log.after(1, 9, **ALL) == ()
        assert log.after(1, 5, **ALL) is None

    def test_nothing_there_is_nothing_before_the_first(self, log):
        for user_id in (77, *ODD_NUMBERS):
            assert log.after(user_id, 0, **ALL) == ()
            assert log.after(user_id, 4, **ALL) is None

    def test_too_many_frames_are_none(self, log):
        found = {
            frames: numbers(log.after(1, 3, max_frames=frames, max_bytes=1000))
            for frames in (2**70, 3, 2, 0, -1)
        }

        assert found == {2**70: [4, 5, 9], 3: [4, 5, 9], 2: None, 0: None, -1: None}

    def test_too_many_bytes_are_none(self, log):
        # Each body has nine of them.
        found = {
            size: numbers(log.after(1, 3, max_frames=1000, max_bytes=size))
            for size in (2**70, 27, 26, -1)
        }

        assert found == {2**70: [4, 5, 9], 27: [4, 5, 9], 26: None, -1: None}

    def test_nothing_is_nothing_where_nothing_may_be(self, log):
        assert log.after(1, 9, max_frames=0, max_bytes=0) == ()
        assert log.after(1, 9, max_frames=-1, max_bytes=0) is None
        assert log.after(1, 9, max_frames=0, max_bytes=-1) is None


class TestAbout:
    def test_a_message_is_what_it_caused(self, journal):
        entries = [
            entry(1, 1, re="m1"),
            said(1, 2, "m1"),
            said(1, 3, "m2"),
            entry(1, 4, re="m1"),
            entry(1, 5, re="m2"),
            entry(1, 6),
            entry(1, 7, re="m1"),
        ]
        journal.write([batch(*entries), batch(entry(2, 8, re="m1"))])

        assert numbers(journal.about(1, 2)) == [2, 4, 7]

    def test_a_message_with_an_odd_id_is_of_that_one_only(self, journal):
        messages = [said(1, seq, text) for seq, text in enumerate(ODD_TEXTS, 1)]
        caused = [entry(1, 100 + seq, re=text) for seq, text in enumerate(ODD_TEXTS, 1)]
        journal.write([batch(*messages, *caused)])

        found = [numbers(journal.about(1, one.seq)) for one in messages]
        assert found == [[one.seq, 100 + one.seq] for one in messages]

    def test_a_message_without_an_id_is_that_message(self, journal):
        journal.write([batch(entry(1, 1, kind="said"), entry(1, 2))])

        assert numbers(journal.about(1, 1)) == [1]

    def test_what_is_no_message_is_nothing(self, journal):
        journal.write([batch(said(1, 1, "m1"), entry(1, 2, re="m1", message_id="m1"))])

        for seq in (2, 3, *ODD_NUMBERS):
            assert journal.about(1, seq) == ()
            assert journal.about(seq, 1) == ()

    def test_a_message_has_a_thousand_entries_at_most(self, journal):
        journal.write([batch(said(1, 1, "m"), *(entry(1, n, re="m") for n in range(2, 1_102)))])

        assert numbers(journal.about(1, 1)) == list(range(1, 1_001))


class TestReach:
    def test_is_the_next_entries_and_no_more(self, journal):
        behind = [entry(1, seq) for seq in range(30_000, 30_000 + MAX_BEHIND - 1)]
        found = entry(1, 40_000, re="m")
        journal.write([batch(said(1, 1, "m"), *behind, found, entry(1, 40_001, re="m"))])

        assert numbers(journal.about(1, 1)) == [1, 40_000]


class TestRemembered:
    @pytest.fixture
    def log(self, journal):
        mine = [
            said(1, 1, "a"),
            entry(1, 2, re="a"),
            entry(1, 3, kind="said"),
            said(1, 4, "b"),
            evolve(said(1, 5, "c"), digest=None),
            entry(1, 6, message_id="d", digest="d6"),
            said(1, 7, "a"),
        ]
        journal.write([batch(*mine), batch(said(2, 1, "z"))])
        return journal

    def test_are_the_newest_messages_with_an_id(self, log):
        found = {limit: numbers(log.remembered(1, limit)) for limit in (2**70, 3, 2, 0, -1)}

        assert found == {2**70: [1, 4, 7], 3: [1, 4, 7], 2: [4, 7], 0: [], -1: []}

    def test_are_known_by_id_and_digest(self, journal):
        messages = [
            evolve(said(1, seq, text), digest=text) for seq, text in enumerate(ODD_TEXTS, 1)
        ]
        journal.write([batch(*messages)])

        assert journal.remembered(1, 99) == tuple(
            Remembered(id=one.message_id, digest=one.digest, seq=one.seq) for one in messages
        )

    def test_of_nobody_are_none(self, log):
        assert {log.remembered(user_id, 9) for user_id in ODD_NUMBERS} == {()}


class TestPages:
    @pytest.fixture
    def log(self, journal):
        journal.write([batch(*(entry(1, n) for n in (1, 2, 4, 8))), batch(entry(2, 3))])
        return journal

    def test_hold_the_newest_below_a_number(self, log):
        pages = {
            (None, 9): [1, 2, 4, 8],
            (None, 2): [4, 8],
            (8, 2): [2, 4],
            (5, 1): [4],
            (1, 9): [],
            (None, 0): [],
            (None, -1): [],
            (None, 2**70): [1, 2, 4, 8],
            (2**63 - 1, 1): [8],
            (2**63, 1): [8],
            (2**70, 1): [8],
            (0, 1): [],
            (-(2**70), 1): [],
        }

        found = {
            (before, limit): numbers(log.page(1, before=before, limit=limit))
            for before, limit in pages
        }
        assert found == pages

    def test_hold_the_last_number_that_there_can_be(self, log):
        log.write([batch(entry(1, 2**63 - 1), reserved=2**63 - 1)])

        assert numbers(log.page(1, before=None, limit=1)) == [2**63 - 1]
        assert numbers(log.page(1, before=2**63, limit=1)) == [2**63 - 1]
        assert numbers(log.page(1, before=2**63 - 1, limit=1)) == [8]

    def test_of_nobody_are_empty(self, log):
        assert {log.page(user_id, before=None, limit=9) for user_id in ODD_NUMBERS} == {()}


class TestErase:
    def test_leaves_the_record_and_the_logs_of_others(self, journal):
        written = batch(entry(1, 1), entry(1, 2))
        journal.write([written, batch(entry(2, 1))])

        assert journal.erase(1) == 2
        assert journal.erase(1) == 0

        assert (journal.load(1), journal.size()) == (written.record, 1)

    def test_of_nobody_does_nothing(self, journal):
        assert [journal.erase(user_id) for user_id in ODD_NUMBERS] == [0] * len(ODD_NUMBERS)


class TestTrim:
    @pytest.fixture
    def log(self, journal):
        """Ana's frames of the seconds 1 to 6, Bob's of the seconds 1 and 2."""
        mine = batch(*(entry(1, n) for n in range(1, 7)))
        journal.write([mine, batch(entry(2, 1), entry(2, 2))])
        return journal

    def left(self, journal):
        return [numbers(journal.page(user_id, before=None, limit=2000)) for user_id in (1, 2)]

    def test_takes_what_is_too_old_but_the_newest(self, log):
        for older_than, left in [
            (math.nan, [[1, 2, 3, 4, 5, 6], [1, 2]]),
            (-math.inf, [[1, 2, 3, 4, 5, 6], [1, 2]]),
            (1, [[1, 2, 3, 4, 5, 6], [1, 2]]),
            (3.5, [[4, 5, 6], [2]]),
            (math.inf, [[6], [2]]),
        ]:
            before = log.size()
            assert log.trim(older_than=older_than, keep=100) == before - sum(map(len, left))
            assert self.left(log) == left

    def test_takes_what_is_too_much_but_the_newest(self, log):
        for keep, left in [
            (2**70, [[1, 2, 3, 4, 5, 6], [1, 2]]),
            (6, [[1, 2, 3, 4, 5, 6], [1, 2]]),
            (5, [[2, 3, 4, 5, 6], [1, 2]]),
            (2, [[5, 6], [1, 2]]),
            (0, [[6], [2]]),
            (-1, [[6], [2]]),
        ]:
            before = log.size()
            assert log.trim(older_than=0, keep=keep) == before - sum(map(len, left))
            assert self.left(log) == left

    def test_keeps_to_both_bounds(self, log):
        assert log.trim(older_than=5, keep=3) == 5
        assert self.left(log) == [[5, 6], [2]]

    def test_makes_no_holes_when_a_clock_was_wrong(self, journal):
        times = [(1, 1.0), (2, 9.0), (3, 1.0), (4, 9.0)]
        journal.write([batch(*(entry(1, seq, at=at) for seq, at in times))])

        assert journal.trim(older_than=5, keep=100) == 1
        assert self.left(journal) == [[2, 3, 4], []]

    def test_leaves_records_alone(self, log):
        log.trim(older_than=math.inf, keep=1)

        assert [log.load(1).seq, log.load(2).seq] == [6, 2]

    def test_of_empty_logs_does_nothing(self, log, rests):
        log.erase(1)
        log.erase(2)

        assert (log.trim(older_than=math.inf, keep=1), rests) == (0, [])

    def test_finds_everybody(self, journal, store):
        people = [store.add(f"p{n}", "hash", language="en", admin=False).id for n in range(60)]
        journal.write([batch(entry(user_id, 1), entry(user_id, 2)) for user_id in people])

        assert journal.trim(older_than=2, keep=9) == 60

    def test_lets_others_write_between_short_transactions(self, store, ana):
        written = iter(range(5_001, 6_000))
        pauses = []

        def rest(seconds):
            pauses.append(seconds)
            journal.write([batch(entry(1, next(written)))])

        journal = SqlJournalStore(store.database, rest=rest)
        many = 2 * TRIMMED_AT_ONCE + 1
        journal.write([batch(*(entry(1, seq) for seq in range(1, many + 2)))])

        assert journal.trim(older_than=0, keep=1) == many
        assert pauses == [REST_SECONDS] * 3
        assert numbers(journal.page(1, before=None, limit=9)) == [many + 1, 5_001, 5_002, 5_003]


class TestEscapes:
    def test_come_back_and_differ(self):
        assert [unescaped(escaped(text)) for text in ODD_TEXTS] == ODD_TEXTS
        assert len({escaped(text) for text in ODD_TEXTS}) == len(ODD_TEXTS)

    def test_leave_readable_what_can_be(self):
        assert escaped('{"a": "\u00e9"}') == '{"a": "\u00e9"}'

    @pytest.mark.parametrize("text", ["\\\\", "\\\u00e9", "\\\\x1"])
    def test_that_nobody_wrote_are_refused(self, text):
        with pytest.raises(ValueError, match="codec can't"):
            unescaped(text)


class TestRows:
    ROW: ClassVar = {"user_id": 1, "seq": 2, "reserved": 3, "snapshot": "", "open_turns": "[]"}

    @pytest.mark.parametrize(
        "odd",
        [
            {"open_turns": ""},
            {"open_turns": "7"},
            {"open_turns": "[7]"},
            {"open_turns": "[[1, 2, 3]]"},
            {"open_turns": '[["1", null]]'},
            {"open_turns": "[[1, 2]]"},
            {"open_turns": "[" * 100_000},
            {"snapshot": "\\\\"},
            {"reserved": 1},
            {"seq": -1},
        ],
    )
    def test_of_records_that_make_no_sense_are_refused(self, odd):
        assert record_of(self.ROW).reserved == 3
        with pytest.raises(ValueError, match=r"."):
            record_of(self.ROW | odd)

    @pytest.mark.parametrize("odd", [{"seq": 0}, {"re": "\\\\"}, {"body": "\u00e9"}])
    def test_of_entries_that_make_no_sense_are_refused(self, odd):
        row = {"user_id": 1, "seq": 1, "at": 1.0, "kind": "said", "body": "{}"}
        row |= {"re": None, "message_id": None, "digest": None}
        assert entry_of(row).kind == "said"
        with pytest.raises(ValueError, match=r"."):
            entry_of(row | odd)


class TestFaults:
    def test_write_all_or_nothing(self, journal, store):
        with store.database.writing() as connection:
            connection.exec_driver_sql("DROP TABLE entries")

        with pytest.raises(StoreBroken):
            journal.write([batch(entry(1, 1))])
        assert journal.load(1) is None

    def test_are_those_of_the_store(self, journal, store):
        with store.database.writing() as connection:
            for table in ("entries", "conversations"):
                connection.exec_driver_sql(f"DROP TABLE {table}")

        for call in (
            lambda: journal.load(1),
            lambda: journal.write([batch(entry(1, 1))]),
            lambda: journal.after(1, 0, **ALL),
            lambda: journal.about(1, 1),
            lambda: journal.remembered(1, 9),
            lambda: journal.page(1, before=None, limit=9),
            lambda: journal.erase(1),
            lambda: journal.trim(older_than=0, keep=9),
            journal.size,
        ):
            with pytest.raises(StoreBroken, match="cannot be used"):
                call()


class TestQueries:
    @pytest.mark.parametrize("store", ["file"], indirect=True)
    def test_find_what_they_need_by_an_index(self, journal, store):
        journal.write([batch(said(1, 1, "m"), entry(1, 2, re="m"), entry(1, 3))])
        asked = []
        engine = store.database._readers

        @event.listens_for(engine, "before_cursor_execute")
        def _note(connection, cursor, statement, parameters, context, executemany):
            if statement.startswith(("SELECT", "DELETE")):
                asked.append((statement, parameters))

        journal.after(1, 1, **ALL)
        journal.about(1, 1)
        journal.remembered(1, 9)
        journal.page(1, before=3, limit=9)
        journal.trim(older_than=2, keep=9)
        journal.erase(1)
        event.remove(engine, "before_cursor_execute", _note)

        with store.database.reading() as connection:
            plans = [
                row[-1]
                for statement, parameters in asked
                for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            ]
        assert len(asked) >= 12
        assert [plan for plan in plans if "SCAN entries" in plan or "B-TREE" in plan] == []
