"""What judges a cluster sees what is wrong: each violation is planted once."""

from __future__ import annotations

from collections import Counter

import pytest
from attrs import evolve

from reliability.audit import Writing, writings
from reliability.cluster_verdict import Story, judge_cluster
from reliability.ledger import Ledger, Row
from reliability.notes import Notes, Seen, Sent, Visit

FAULT = 4.5
FRAMES = [
    {"type": "said", "seq": 1, "message": "open a room for ada", "id": "ada/0-0"},
    {"type": "thinking", "seq": 2, "re": "ada/0-0"},
    {"type": "done", "seq": 3, "re": "ada/0-0", "require_input": True},
    {"type": "ask", "seq": 4, "re": "ada/0-0", "data": {"slot": "room", "text": "Where, ada?"}},
    {"type": "said", "seq": 5, "message": "the attic", "id": "ada/1-0"},
    {"type": "thinking", "seq": 6, "re": "ada/1-0"},
    {"type": "answer", "seq": 7, "re": "ada/1-0", "data": {"text": "For ada: the attic"}},
    {"type": "done", "seq": 8, "re": "ada/1-0", "require_input": False},
]


def row(frame):
    """Each frame a second after the one before."""
    return Row(
        1,
        frame["seq"],
        float(frame["seq"]),
        frame["type"],
        frame,
        frame.get("re"),
        frame.get("id"),
    )


def written(frame):
    """The first worker has the conversation up to the question, and then the second one."""
    late = frame["seq"] > FAULT
    writer = "worker2" if late else "worker1"
    owner = f"{writer}-0a0b0c0d"
    return Writing(frame["seq"], float(frame["seq"]), "INSERT", frame, writer, owner, 1 + late)


def device(name, *visits, **sent):
    notes = Notes(name="ada", user_id=1, device=name)
    notes.visits = list(visits)
    for id_, number in sent.items():
        document = {"id": f"ada/{id_[1]}-0"}
        notes.sent[document["id"]] = Sent(
            document=document, at=0.0, outcome="done", visits={number}, told=9.0
        )
    return notes


def visit(number, after, seq, *numbers):
    found = [Seen(FRAMES[one - 1], float(one)) for one in numbers]
    return Visit(number=number, after=after, seq=seq, resumed=after is not None, seen=found)


@pytest.fixture
def story():
    """`ada` asks by one device before a worker dies, and answers by the other after it."""
    first = device("/0", visit(0, None, 0, 2, 3, 4), visit(1, 4, 8, 5, 6, 7, 8), d0=0)
    second = device("/1", visit(0, None, 0, 1, 2, 3, 4, 6, 7, 8), d1=0)
    return Story(
        name="ada",
        devices=[first, second],
        ledger=Ledger([row(frame) for frame in FRAMES]),
        audit=[written(frame) for frame in FRAMES],
        runs=Counter({"ada/0-0": 1, "ada/1-0": 1}),
        faults=[FAULT],
    )


def log(story, frames):
    """Have these frames in the log, written as they stand there."""
    story.ledger = Ledger([row(frame) for frame in frames])
    story.audit = [written(frame) for frame in frames]


def see(story, number, frame):
    """Have the second device see another frame than that with this number."""
    seen = story.devices[1].visits[0].seen
    place = next(n for n, one in enumerate(seen) if one.seq == number)
    seen[place] = Seen(frame, seen[place].at)


def found(story):
    return judge_cluster([story]).violations


def test_nothing_is_wrong(story):
    verdict = judge_cluster([story])
    assert verdict.violations == []
    assert verdict.figures["changes of owner"] == 1
    assert verdict.figures["questions answered after a fault"] == 1


class TestNumbers:
    def test_a_gap(self, story):
        log(story, [one | {"seq": one["seq"] + (one["seq"] > 4)} for one in FRAMES])
        assert "ada: a gap between 4 and 6" in found(story)

    def test_a_log_that_begins_late(self, story):
        log(story, FRAMES[1:])
        assert "ada: a gap between 0 and 2" in found(story)

    def test_a_frame_with_another_number_in_it(self, story):
        story.ledger.rows[1] = evolve(story.ledger.rows[1], frame=FRAMES[1] | {"seq": 20})
        assert "ada: frame 2 says it is 20" in found(story)

    def test_a_number_with_two_contents_for_two_devices(self, story):
        see(story, 4, FRAMES[3] | {"data": {"slot": "room", "text": "What, ada?"}})
        assert any("two have told it" in one for one in found(story))

    def test_a_number_with_another_content_in_the_log(self, story):
        for notes in story.devices:
            for one in notes.visits:
                one.seen = [
                    evolve(seen, document=seen.document | {"require_input": False})
                    if seen.seq == 3
                    else seen
                    for seen in one.seen
                ]
        assert any("for a device and" in one for one in found(story))

    def test_a_frame_that_is_not_in_the_log(self, story):
        thinking = {"type": "thinking", "seq": 9, "re": "ada/1-0"}
        story.devices[1].visits[0].seen.append(Seen(thinking, 9.0))
        assert any("was seen, and is not in the log" in one for one in found(story))


class TestOutcomes:
    def test_none(self, story):
        log(story, FRAMES[:-1])
        assert "ada: ada/1-0 was accepted and has 0 done and the errors []" in found(story)

    def test_two(self, story):
        log(story, [*FRAMES, FRAMES[-1] | {"seq": 9}])
        assert "ada: ada/1-0 was accepted and has 2 done and the errors []" in found(story)

    def test_one_that_nobody_allowed(self, story):
        log(story, [*FRAMES[:6], {"type": "error", "seq": 7, "re": "ada/1-0", "code": "busy"}])
        assert "ada: ada/1-0 ended with ['busy']" in found(story)

    def test_frames_after_it(self, story):
        log(story, [*FRAMES, FRAMES[6] | {"seq": 9}])
        assert "ada: ada/1-0 caused frames after its done" in found(story)

    def test_another_one_for_the_device(self, story):
        story.devices[1].sent["ada/1-0"].outcome = "interrupted"
        assert "ada: ada/1-0 is interrupted for its device and done in the log" in found(story)

    def test_a_message_that_was_accepted_twice(self, story):
        log(story, [*FRAMES, FRAMES[4] | {"seq": 9}])
        assert "ada: ada/1-0 was accepted 2 times" in found(story)

    def test_a_message_that_is_lost(self, story):
        log(story, FRAMES[:4])
        assert "ada: ada/1-0 is done for its device, and not in the log" in found(story)

    def test_a_message_of_which_the_device_heard_no_more(self, story):
        log(story, FRAMES[:4])
        story.devices[1].sent["ada/1-0"].outcome = None
        assert any("never learnt what became of ada/1-0" in one for one in found(story))

    def test_a_message_that_nobody_sent(self, story):
        del story.devices[1].sent["ada/1-0"]
        assert "ada: ada/1-0 was never sent" in found(story)

    def test_frames_about_what_was_not_accepted(self, story):
        log(story, [*FRAMES, {"type": "thinking", "seq": 9, "re": "ada/1-9"}])
        assert "ada: ada/1-9 was not accepted, but caused frames" in found(story)


class TestRuns:
    def test_twice(self, story):
        story.runs["ada/0-0"] = 2
        assert found(story) == ["ada: ada/0-0 ran 2 times"]

    def test_before_it_was_accepted(self, story):
        story.runs["ada/1-7"] = 1
        assert found(story) == ["ada: ada/1-7 ran, but was not accepted"]

    def test_though_it_was_not_kept(self, story):
        error = {"type": "error", "seq": 7, "re": "ada/1-0", "code": "unavailable"}
        log(story, [*FRAMES[:6], error, FRAMES[7]])
        assert "ada: ada/1-0 was not kept, but ran" in found(story)

    def test_never(self, story):
        del story.runs["ada/0-0"]
        assert found(story) == ["ada: ada/0-0 is done, but never ran"]


class TestWriters:
    def plant(self, story, number, **more):
        story.audit[number - 1] = evolve(story.audit[number - 1], **more)
        return found(story)

    def test_one_who_does_not_own_it(self, story):
        assert self.plant(story, 6, writer="worker1") == [
            "ada: frame 6 was written by worker1, and the owner was worker2-0a0b0c0d"
        ]

    def test_one_when_it_is_nobodys(self, story):
        (sentence,) = self.plant(story, 6, owner=None)
        assert "the owner was None" in sentence

    def test_an_epoch_that_was_over(self, story):
        (sentence,) = self.plant(story, 7, epoch=1)
        assert sentence == "ada: frame 7 was written under epoch 1 after 2"

    def test_a_frame_that_was_changed(self, story):
        changed = evolve(story.audit[3], action="UPDATE", frame=FRAMES[3] | {"re": "x"})
        story.audit.append(changed)
        assert found(story) == ["ada: frame 4 was changed: UPDATE by worker1"]

    def test_a_frame_that_was_replaced_behind_its_back(self, story):
        (sentence,) = self.plant(story, 4, frame=FRAMES[3] | {"re": "x"})
        assert "and was written as" in sentence

    def test_a_frame_that_was_deleted(self, story):
        story.audit.append(written({"type": "thinking", "seq": 9, "re": "ada/1-0"}))
        assert found(story) == ["ada: frame 9 was written, and is not in the log any more"]

    def test_a_number_that_came_late(self, story):
        story.audit.append(story.audit.pop(4))
        assert "ada: frame 5 was written after 8" in found(story)


class TestDevices:
    def test_one_that_missed_a_frame(self, story):
        seen = story.devices[1].visits[0].seen
        seen.pop(2)
        assert found(story) == ["ada: connection 0 of ada/1 missed done 3 (ada/0-0)"]

    def test_one_that_missed_what_another_one_said(self, story):
        story.devices[1].visits[0].seen.pop(0)
        assert found(story) == ["ada: connection 0 of ada/1 missed said 1 (None)"]

    def test_one_that_missed_it_while_it_was_away(self, story):
        story.devices[0].visits[1].seen.pop(1)
        assert found(story) == ["ada: connection 1 of ada/0 missed thinking 6 (ada/1-0)"]

    def test_one_that_got_a_frame_twice(self, story):
        seen = story.devices[1].visits[0].seen
        seen.insert(3, seen[2])
        (sentence,) = found(story)
        assert "connection 0 of ada/1 got" in sentence

    def test_one_that_got_a_frame_of_somebody_else(self, story):
        see(story, 6, {"type": "thinking", "seq": 6, "re": "bob/0-1"})
        assert any("saw a frame of somebody else" in one for one in found(story))

    def test_one_that_was_resumed_from_nowhere(self, story):
        story.devices[1].visits[0].resumed = True
        assert "ada: connection 0 of ada/1 was resumed without `after`" in found(story)

    def test_one_that_complains(self, story):
        story.devices[0].complaints.append("done came before ready")
        assert found(story) == ["ada: done came before ready"]


class TestQuestions:
    def test_one_that_was_forgotten(self, story):
        answer = FRAMES[6] | {"data": {"text": "For None: the attic, ada"}}
        log(story, [*FRAMES[:6], answer, FRAMES[7]])
        assert any("question 4 of ada/0-0: ada/1-0 got" in one for one in found(story))

    def test_one_with_another_number(self, story):
        again = FRAMES[3] | {"seq": 5}
        rest = [one | {"seq": one["seq"] + 1} for one in FRAMES[4:]]
        log(story, [*FRAMES[:4], again, *rest])
        assert "ada: question 4 became 5, though nothing was told before" in found(story)

    def test_one_that_was_gone_too_early(self, story):
        story.devices[1].gone = [(4, "ada/1-0")]
        story.devices[1].sent["ada/1-0"].told = 4.5
        assert found(story) == ["ada: question 4 was gone for ada/1-0, but nobody had answered it"]


def test_rows_of_the_audit_are_read():
    rows = [(7, 1, 2.0, "INSERT", '{"seq": 1}', "worker1", "worker1-0a0b0c0d", 3)]
    expected = Writing(1, 2.0, "INSERT", {"seq": 1}, "worker1", "worker1-0a0b0c0d", 3)
    assert writings(rows) == {7: [expected]}
