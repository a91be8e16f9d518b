"""What people have said, on the command line."""

from __future__ import annotations

import json

import pytest
from outcomes import refused, said, told

from pytlas_wamp.accounts.sql import SqlAccountStore
from pytlas_wamp.accounts.sql_journal import SqlJournalStore
from pytlas_wamp.journal.model import Batch, Entry, Record

ANN = 1
NOON = 1_795_420_800.0  # 2026-11-23T08:00:00Z
FRAMES = (
    {"type": "said", "seq": 1, "message": "what time is it", "id": "m1"},
    {"type": "thinking", "seq": 2, "re": "m1"},
    {
        "type": "answer",
        "seq": 3,
        "data": {"text": "*Noon*", "raw_text": "Noon \ud800", "cards": None},
    },
    {"type": "done", "seq": 4, "require_input": False},
    {"type": "context", "seq": 5, "name": None},
    {"type": "language", "seq": 6, "language": "fr-FR"},
    {"type": "error", "seq": 7, "code": "busy", "message": "[bold]too much[/]"},
    {"type": "context", "seq": 8, "name": "list/add"},
)


@pytest.fixture
def talk(ann, tmp_path):
    """What ann and the assistant have said."""
    store = SqlAccountStore(f"sqlite:///{tmp_path}/data/pytlas.sqlite3")
    entries = tuple(
        Entry(
            user_id=ANN,
            seq=frame["seq"],
            at=NOON,
            kind=frame["type"],
            body=json.dumps(frame),
            re=None,
            message_id=None,
            digest=None,
        )
        for frame in FRAMES
    )
    record = Record(user_id=ANN, seq=8, reserved=8, snapshot="", open_turns=())
    SqlJournalStore(store.database).write([Batch(record=record, entries=entries)])
    store.close()


class TestShow:
    def test_has_the_newest_last(self, call, talk):
        shown = said(call("history", "show", "ann"))
        words = ["what time is it", "Noon", "fr-FR", "[bold]too much[/]", "list/add"]
        places = [shown.index(word) for word in words]
        assert places == sorted(places)
        assert "*Noon*" not in shown

    def test_has_as_many_as_it_is_told(self, call, talk):
        document = told(call("history", "show", "ann", "--limit", "2", "--json"))
        assert [one["frame"]["seq"] for one in document["frames"]] == [7, 8]

    def test_programs_get_the_frames(self, call, talk):
        document = told(call("history", "show", "ann", "--json"))
        assert document["frames"][0] == {"at": "2026-11-23T08:00:00Z", "frame": FRAMES[0]}
        assert len(document["frames"]) == len(FRAMES)

    def test_of_somebody_who_never_spoke_is_empty(self, call, ann):
        assert told(call("history", "show", "ann", "--json")) == {"frames": []}

    def test_needs_a_person(self, call, ann):
        assert "nobody" in refused(call("history", "show", "nobody"))

    def test_is_refused_when_it_is_switched_off(self, call, talk, monkeypatch):
        monkeypatch.setenv("SERVER_HISTORY", "no")
        assert "set history = yes" in refused(call("history", "show", "ann"))

    @pytest.mark.parametrize("limit", ["0", "10001", "many"])
    def test_wants_a_sensible_number(self, call, ann, limit):
        assert call("history", "show", "ann", "--limit", limit).exit_code == 2


class TestDelete:
    def test_leaves_nothing(self, call, talk):
        shown = said(call("history", "delete", "ann", "--yes"))
        assert shown == "the history of ann is deleted: 8 frames\n"
        assert told(call("history", "show", "ann", "--json")) == {"frames": []}

    def test_asks_before(self, call, talk):
        result = call("history", "delete", "ann", typed="n\n")
        assert (result.exit_code, "Delete the history of ann?" in result.stdout) == (1, True)
        assert len(told(call("history", "show", "ann", "--json"))["frames"]) == len(FRAMES)
        said(call("history", "delete", "ann", typed="y\n"))
        assert told(call("history", "show", "ann", "--json")) == {"frames": []}

    def test_programs_learn_how_much(self, call, talk):
        assert told(call("history", "delete", "ann", "--yes", "--json")) == {"deleted": 8}

    def test_can_be_done_when_it_is_switched_off(self, call, talk, monkeypatch):
        monkeypatch.setenv("SERVER_HISTORY", "no")
        assert told(call("history", "delete", "ann", "--yes", "--json")) == {"deleted": 8}

    def test_needs_a_person(self, call, ann):
        assert "nobody" in refused(call("history", "delete", "nobody", "--yes"))
