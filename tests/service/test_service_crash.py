"""A daemon that is killed under load loses nothing: the short form of `tox -e crash`."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from reliability.crashes import crash
from reliability.household import Household
from reliability.ledger import Ledger, Row
from reliability.notes import Notes, Seen, Sent, Visit
from reliability.verdict import Evidence, judge

pytestmark = pytest.mark.service

SEED = 5
KILL = 15.0


def test_nothing_is_lost_when_the_server_is_killed(tmp_path):
    household = Household(folder=tmp_path)
    try:
        verdict = asyncio.run(crash(household, clients=4, kills=3, seed=SEED, latest_kill=1.0))
    finally:
        household.end()
    assert verdict.violations == []
    assert verdict.figures["kills"] == 3
    assert verdict.figures["outcome done"] > 0


FRAMES = [
    {"type": "said", "seq": 1, "message": "open a room for ada", "id": "ada-0"},
    {"type": "thinking", "seq": 2, "re": "ada-0"},
    {"type": "done", "seq": 3, "re": "ada-0", "require_input": True},
    {"type": "ask", "seq": 4, "re": "ada-0", "data": {"slot": "room", "text": "Where, ada?"}},
    {"type": "said", "seq": 8, "message": "the attic", "id": "ada-1"},
    {"type": "thinking", "seq": 9, "re": "ada-1"},
    {"type": "answer", "seq": 10, "re": "ada-1", "data": {"text": "For ada: the attic"}},
    {"type": "done", "seq": 11, "re": "ada-1", "require_input": False},
]


def row(frame: dict) -> Row:
    """Frame 4 is the last before a kill."""
    at = KILL + (frame["seq"] - 6)
    return Row(1, frame["seq"], at, frame["type"], frame, frame.get("re"), frame.get("id"))


def seen(*numbers: int) -> list[Seen]:
    return [Seen(frame, row(frame).at) for frame in FRAMES if frame["seq"] in numbers]


class TestVerdict:
    """It sees what is wrong; `ada` asks before a kill, and answers after it."""

    @pytest.fixture
    def evidence(self):
        sent = [
            Sent(document={"id": id_}, at=KILL, outcome="done", visits={visit}, told=KILL + 9)
            for visit, id_ in enumerate(("ada-0", "ada-1"))
        ]
        visits = [
            Visit(number=0, after=None, seq=0, resumed=False, seen=seen(2, 3, 4)),
            Visit(number=1, after=4, seq=7, resumed=True, seen=seen(9, 10, 11)),
        ]
        notes = Notes(name="ada", user_id=1, sent={one.document["id"]: one for one in sent})
        notes.visits = visits
        ledger = Ledger([row(frame) for frame in FRAMES])
        runs = Counter({"ada-0": 1, "ada-1": 1})
        return Evidence(notes=notes, ledger=ledger, runs=runs, kills=[KILL])

    def found(self, evidence):
        return judge([evidence]).violations

    def test_nothing_is_wrong(self, evidence):
        verdict = judge([evidence])
        assert verdict.violations == []
        assert verdict.figures["questions answered after a kill"] == 1

    def test_a_message_without_an_outcome(self, evidence):
        del evidence.ledger.rows[-1]
        assert "ada-1 was accepted and has 0 done and the errors []" in self.found(evidence)[0]

    def test_a_message_with_two_outcomes(self, evidence):
        evidence.ledger.rows.append(row(FRAMES[-1] | {"seq": 12}))
        assert "ada-1 was accepted and has 2 done" in self.found(evidence)[0]

    def test_an_outcome_that_nobody_allowed(self, evidence):
        error = {"type": "error", "seq": 7, "re": "ada-1", "code": "busy"}
        evidence.ledger.rows.insert(4, row(error))
        assert "ada: ada-1 ended with ['busy']" in self.found(evidence)

    def test_a_message_that_ran_twice(self, evidence):
        evidence.runs["ada-0"] = 2
        assert self.found(evidence) == ["ada: ada-0 ran 2 times"]

    def test_a_message_that_ran_and_was_not_accepted(self, evidence):
        evidence.runs["ada-2"] = 1
        assert self.found(evidence) == ["ada: ada-2 ran, but was not accepted"]

    def test_a_message_that_never_ran(self, evidence):
        del evidence.runs["ada-0"]
        assert self.found(evidence) == ["ada: ada-0 is done, but never ran"]

    def test_a_message_that_the_client_lost(self, evidence):
        evidence.notes.sent["ada-1"].outcome = None
        assert "never learnt what became of ada-1, which was accepted" in self.found(evidence)[0]

    def test_an_outcome_that_changed(self, evidence):
        evidence.notes.visits[0].seen = seen(2, 4)
        end = FRAMES[2] | {"seq": 5}
        evidence.ledger.rows.insert(4, row(end))
        del evidence.ledger.rows[2]
        evidence.notes.visits[0].seen += [Seen(end, KILL), *seen(3)]
        evidence.kills = []
        assert any("seen inf s before a kill" in one for one in self.found(evidence))

    def test_a_number_with_two_bodies(self, evidence):
        evidence.notes.visits[0].seen[1] = Seen(FRAMES[2] | {"require_input": False}, KILL)
        assert "in the log" in self.found(evidence)[0]

    def test_a_gap_without_a_kill(self, evidence):
        evidence.kills = [KILL + 99]
        assert self.found(evidence) == ["ada: a gap without a kill, between 4 and 8"]

    def test_a_frame_that_was_not_replayed(self, evidence):
        evidence.notes.visits[1].seen = seen(10, 11)
        assert self.found(evidence) == ["ada: connection 1 missed thinking 9 (ada-1)"]

    def test_a_frame_of_somebody_else(self, evidence):
        strange = {"type": "thinking", "seq": 9, "re": "bob-1"}
        evidence.notes.visits[1].seen[0] = Seen(strange, KILL)
        assert any("saw a frame of somebody else" in one for one in self.found(evidence))

    def test_a_question_that_was_forgotten(self, evidence):
        answer = FRAMES[6] | {"data": {"text": "For None: the attic, ada"}}
        evidence.ledger.rows[6] = row(answer)
        evidence.notes.visits[1].seen[1] = Seen(answer, KILL)
        (found,) = self.found(evidence)
        assert "question 4 of ada-0 was replied to by ada-1, after a kill" in found

    def test_a_question_with_another_number(self, evidence):
        evidence.ledger.rows.insert(4, row(FRAMES[3] | {"seq": 7}))
        found = self.found(evidence)
        assert "ada: question 4 became 7, though nothing was told before" in found

    def test_a_question_that_was_gone_too_early(self, evidence):
        evidence.notes.gone = [(4, "ada-0")]
        evidence.notes.sent["ada-0"].told = KILL
        assert "but nobody had answered it" in self.found(evidence)[0]
