"""What is kept of a conversation: what can be, and what is refused where it comes from."""

from __future__ import annotations

import pytest

from pytlas_wamp.journal.model import Batch, Entry, OpenTurn, Record

ENTRY = {
    "user_id": 1,
    "seq": 1,
    "at": 1.5,
    "kind": "said",
    "body": '{"message":"a secret"}',
    "re": None,
    "message_id": "m1",
    "digest": "d1",
}
RECORD = {"user_id": 1, "seq": 1, "reserved": 1, "snapshot": '"a secret"', "open_turns": ()}


class TestEntries:
    @pytest.mark.parametrize("seq", [1, 2**63 - 1])
    def test_have_numbers_that_databases_count(self, seq):
        assert Entry(**ENTRY | {"seq": seq}).seq == seq

    @pytest.mark.parametrize("seq", [0, -1, 2**63])
    def test_have_no_other_numbers(self, seq):
        with pytest.raises(ValueError, match="'seq' must be"):
            Entry(**ENTRY | {"seq": seq})

    @pytest.mark.parametrize("at", [float("nan"), float("inf"), -float("inf")])
    def test_were_sent_at_some_time(self, at):
        with pytest.raises(ValueError, match="'at' must be a finite number of seconds, not"):
            Entry(**ENTRY | {"at": at})

    @pytest.mark.parametrize("body", ['"\u00e9"', '"\ud800"', '"\0"'])
    def test_have_bodies_that_every_database_holds(self, body):
        with pytest.raises(ValueError, match="'body' must be JSON that escapes what is not ASCII"):
            Entry(**ENTRY | {"body": body})

    @pytest.mark.parametrize("name", ["re", "message_id"])
    def test_have_ids_that_every_index_takes(self, name):
        longest = "\U0001f600" * 200

        assert getattr(Entry(**ENTRY | {name: longest}), name) == longest
        with pytest.raises(ValueError, match=f"'{name}' may have 200 characters, not 201"):
            Entry(**ENTRY | {name: longest + "x"})

    def test_do_not_show_what_was_said(self):
        assert "secret" not in repr(Entry(**ENTRY))


class TestRecords:
    @pytest.mark.parametrize(("seq", "reserved"), [(0, 0), (7, 7), (7, 9), (2**63 - 1,) * 2])
    def test_reserve_what_was_sent_or_more(self, seq, reserved):
        assert Record(**RECORD | {"seq": seq, "reserved": reserved}).reserved == reserved

    @pytest.mark.parametrize(("seq", "reserved"), [(-1, 0), (2**63, 2**63)])
    def test_have_numbers_that_databases_count(self, seq, reserved):
        with pytest.raises(ValueError, match="'seq' must be"):
            Record(**RECORD | {"seq": seq, "reserved": reserved})

    @pytest.mark.parametrize("reserved", [6, 2**63])
    def test_reserve_nothing_else(self, reserved):
        with pytest.raises(ValueError, match="'reserved' must be"):
            Record(**RECORD | {"seq": 7, "reserved": reserved})

    def test_do_not_show_what_was_said(self):
        assert "secret" not in repr(Record(**RECORD))


class TestOpenTurns:
    @pytest.mark.parametrize("seq", [-(2**63), 2**63])
    def test_have_a_number_that_databases_count_to(self, seq):
        with pytest.raises(ValueError, match="'seq' must be"):
            OpenTurn(seq=seq, id=None)


class TestBatches:
    def test_are_of_one_user(self):
        record = Record(**RECORD)

        assert Batch(record=record, entries=(Entry(**ENTRY),)).record is record
        with pytest.raises(ValueError, match="'entries' must all be of user 1"):
            Batch(record=record, entries=(Entry(**ENTRY | {"user_id": 2}),))
