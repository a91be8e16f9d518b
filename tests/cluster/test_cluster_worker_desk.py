"""What a worker answers when gateways ask, and when it refuses."""

from __future__ import annotations

import json

import pytest
from twisted.logger import capturedLogs, formatEvent
from worker_stage import (
    COOK,
    ONE,
    OTHER,
    TWO,
    WorkerStage,
    gates,  # noqa: F401 - a fixture
)

from frames import check_frame, short
from pytlas_wamp.cluster.bus import Refused
from pytlas_wamp.errors import ClientError, OperatorError

pytestmark = pytest.mark.usefixtures("gates")

HELLO = ["said echo hello", "thinking", "answer hello", "done"]
HELLO_M1 = [HELLO[0], *(f"m1: {frame}" for frame in HELLO[1:])]


@pytest.fixture
def stage():
    return WorkerStage()


def shorts(texts):
    return [short(check_frame(text)) for text in texts]


class TestJoining:
    def test_a_new_conversation_begins_here(self, stage):
        assert stage.join() == {
            "epoch": 1,
            "language": "en-US",
            "seq": 0,
            "context": None,
            "ask": None,
            "missed": None,
        }
        assert stage.leases.lease(1).node_id == COOK

    def test_what_was_missed_comes_with_it(self, stage):
        stage.join()
        stage.say("echo hello")
        joined = stage.join(TWO, after=1)
        assert (joined["seq"], shorts(joined["missed"])) == (4, HELLO[1:])
        assert stage.join(TWO, after=4)["missed"] == []
        assert stage.join(TWO, after=99)["missed"] is None

    def test_the_question_that_is_open_comes_with_it(self, stage):
        stage.join()
        stage.say("lights")
        assert json.loads(stage.join(TWO)["ask"])["type"] == "ask"

    def test_so_does_the_context(self, stage):
        stage.join()
        stage.say("enter")
        context = stage.join(TWO)["context"]
        assert shorts([context]) == ["context vault"]

    def test_each_gateway_has_a_seat(self, stage):
        for gateway in (ONE, TWO):
            stage.join(gateway)
        assert stage.host.find(1).device_count == 2
        assert (len(stage.seats), stage.seats.gateways) == (2, 2)

    def test_but_only_one(self, stage):
        for _ in range(3):
            assert stage.join()["epoch"] == 1
        assert stage.host.find(1).device_count == 1
        stage.say("echo hello")
        assert stage.look() == HELLO

    def test_also_when_it_asks_twice_at_once(self, stage):
        outcomes = [stage.put(ONE, "join", user=1, after=None, instead_of=0) for _ in range(2)]
        stage.settle()
        assert [outcome[0]["epoch"] for outcome in outcomes] == [1, 1]
        assert stage.host.find(1).device_count == 1

    def test_conversations_are_apart(self, stage):
        stage.join(user=1)
        stage.join(user=2)
        stage.say("echo hello", user=2)
        assert {user for user, _, _, _ in stage.frames()} == {2}


class TestNotJoining:
    def test_who_is_disabled(self, stage):
        stage.languages[1] = None
        assert stage.join() == "account-disabled"
        assert stage.host.conversations == []

    def test_what_another_has(self, stage):
        stage.leases.claim(1, OTHER)
        assert stage.join() == "held"

    def test_unless_that_one_is_known_to_be_gone(self, stage):
        stage.leases.claim(1, OTHER)
        assert stage.join(instead_of=1)["epoch"] == 2

    @pytest.mark.parametrize("what", ["accounts", "leases", "interpreter"])
    def test_what_cannot_be_read_now(self, stage, what):
        if what == "accounts":
            stage.finding_fails = OperatorError("postgresql://user:secret@host is away")
        elif what == "leases":
            stage.leases.failing = True
        else:
            stage.interpreters.broken = OperatorError("the secret cannot be learnt")
        with capturedLogs() as logs:
            outcome = stage.put(ONE, "join", user=1, after=None, instead_of=0)
            stage.settle()
        assert (outcome[0].code, "secret" in outcome[0].text) == ("unavailable", False)
        assert [formatEvent(log)[:8] for log in logs] == ["user 1: "]
        stage.finding_fails = stage.interpreters.broken = None
        stage.leases.failing = False
        assert stage.join()["seq"] == 0

    @pytest.mark.parametrize("error", [RuntimeError("a bug"), ClientError("else", "a bug")])
    def test_what_fails_is_a_bug(self, stage, error):
        stage.finding_fails = error
        with capturedLogs() as logs:
            assert stage.join() == "failed"
        assert [log["log_failure"].value for log in logs] == [error]

    def test_what_a_gateway_asks_that_is_gone_before_it_is_answered(self, stage):
        stage.finding = []
        stage.put(ONE, "join", user=1, after=None, instead_of=0)
        stage.settle()
        stage.network.kill(ONE)
        stage.settle()
        stage.finding[0].callback(None)
        stage.settle()
        assert (stage.host.find(1).device_count, len(stage.seats)) == (0, 0)

    def test_what_comes_while_it_is_cut_off(self, stage):
        stage.join(TWO)
        stage.finding = []
        stage.put(ONE, "join", user=1, after=None, instead_of=0)
        stage.settle()
        stage.network.break_router()
        stage.settle()
        stage.finding[0].callback(None)
        stage.settle()
        assert (stage.host.find(1).device_count, len(stage.seats)) == (0, 0)
        stage.finding = None
        stage.network.restore_router()
        stage.settle()
        assert stage.join()["epoch"] == 1
        assert len(stage.seats) == 1


class TestLanguages:
    @pytest.fixture
    def stage(self):
        return WorkerStage(languages={"fr"})

    def test_only_those_that_it_serves(self, stage):
        stage.languages = {1: "FR-ca", 2: "en-US"}
        assert stage.join(user=1)["language"] == "FR-ca"
        assert stage.join(user=2) == "language"
        assert stage.leases.lease(2) is None

    def test_who_changes_theirs_does_not_stay(self, stage):
        stage.languages[1] = "fr-FR"
        stage.join()
        stage.languages[1] = "en-US"
        assert stage.join(TWO) == "language"
        assert (stage.moved(), stage.host.conversations) == ([(1, 1)], [])
        assert stage.leases.lease(1).node_id is None

    def test_what_cannot_be_given_back_is_refused_all_the_same(self, stage):
        stage.languages[1] = "fr-FR"
        stage.join()
        stage.languages[1] = "en-US"
        stage.journal.failing = stage.leases.failing = True
        assert stage.join(TWO) == "language"


class TestDraining:
    def test_new_ones_are_refused(self, stage):
        stage.draining.begin()
        stage.finding = []
        assert (stage.join(), stage.finding) == ("draining", [])

    def test_also_those_that_have_asked_before(self, stage):
        stage.finding = []
        outcome = stage.put(ONE, "join", user=1, after=None, instead_of=0)
        stage.settle()
        stage.draining.begin()
        stage.finding[0].callback(None)
        stage.settle()
        assert outcome[0].code == "draining"

    def test_what_is_at_work_here_is_nowhere_else(self, stage):
        stage.join()
        stage.say("slow")
        stage.draining.begin()
        stage.settle()
        assert stage.join(TWO)["epoch"] == 1


class TestSaying:
    def test_it_is_answered_when_it_is_written(self, stage):
        stage.join()
        outcome = stage.put_say("echo hello", id="m1")
        stage.settle(disk=False)
        assert (outcome, stage.look(), stage.journal.entries(1)) == ([], [], ())
        stage.settle()
        assert outcome == [{"frames": []}]
        assert stage.look() == HELLO_M1

    def test_only_the_device_that_spoke_does_not_hear_it(self, stage):
        for gateway in (ONE, TWO):
            stage.join(gateway)
        stage.say("echo hello", device=7)
        assert stage.frames(ONE) == [
            (1, 1, text, 7 if text == HELLO[0] else None) for text in HELLO
        ]
        assert stage.frames(TWO) == [(1, 1, text, None) for text in HELLO]

    def test_a_complaint_is_for_who_spoke(self, stage):
        stage.join()
        stage.join(TWO)
        answer = stage.say("yes", answers=99, id="m1")
        (text, is_past), *more = answer["frames"]
        assert (shorts([text]), is_past, more) == (["m1: error question-gone"], False, [])
        assert (stage.look(ONE), stage.look(TWO)) == ([], [])

    def test_what_comes_a_second_time_is_repeated(self, stage):
        stage.join()
        stage.say("echo hello", id="m1")
        stage.look()
        frames = stage.say("echo hello", device=8, id="m1")["frames"]
        assert shorts(text for text, _ in frames) == [
            HELLO[0],
            *(f"m1: {frame}" for frame in HELLO[1:]),
        ]
        assert {is_past for _, is_past in frames} == {True}
        assert stage.look() == []

    def test_under_another_epoch_it_is_elsewhere(self, stage):
        stage.join()
        assert stage.say("echo hello", epoch=2) == "moved"
        assert stage.journal.entries(1) == ()

    def test_one_who_has_not_joined_has_to(self, stage):
        assert stage.say("echo hello") == "moved"
        stage.join()
        assert stage.say("echo hello", gateway=TWO) == "moved"
        assert stage.say("echo hello", user=2) == "moved"

    def test_what_was_fenced_is_elsewhere(self, stage):
        stage.join()
        stage.leases.claim(1, OTHER, instead_of=1)
        assert stage.say("echo hello") == "moved"
        assert (stage.moved(), stage.journal.entries(1)) == ([(1, 1)], ())
        assert stage.say("echo hello") == "moved"
        assert len(stage.seats) == 0

    def test_a_conversation_that_was_forgotten_is_gone(self, stage):
        stage.join()
        stage.host.forget(1)
        assert stage.say("echo hello") == "moved"
        assert stage.leave() == {}

    def test_one_that_has_begun_anew_has_other_seats(self, stage):
        stage.join()
        stage.host.forget(1)
        epoch = stage.join()["epoch"]
        assert stage.say("echo hello", epoch=epoch) == {"frames": []}
        assert stage.look() == HELLO


class TestCancelling:
    def test_it_stops_what_runs(self, stage):
        stage.join()
        stage.say("slow", id="m1")
        stage.look()
        assert stage.cancel(id_="c1") == {}
        assert stage.look()[-1] == "c1: done"

    def test_not_without_a_seat(self, stage):
        stage.join()
        assert stage.cancel(TWO) == "moved"
        assert stage.cancel(epoch=2) == "moved"


class TestLeaving:
    def test_it_hears_no_more(self, stage):
        for gateway in (ONE, TWO):
            stage.join(gateway)
        assert stage.leave(ONE) == {}
        stage.say("echo hello", TWO)
        assert (stage.look(ONE), stage.look(TWO)[-1]) == ([], "done")
        assert stage.say("echo hello", ONE) == "moved"

    def test_what_was_said_is_still_taken(self, stage):
        stage.join()
        outcome = stage.put_say("echo hello", id="m1")
        stage.settle(disk=False)
        stage.put(ONE, "leave", user=1, epoch=1)
        stage.settle()
        assert outcome == [{"frames": []}]
        assert [entry.kind for entry in stage.journal.entries(1)] == [
            "said",
            "thinking",
            "answer",
            "done",
        ]

    def test_an_older_seat_is_no_longer_there(self, stage):
        assert stage.leave() == {}
        stage.join()
        assert stage.leave(epoch=7) == {}
        assert len(stage.seats) == 1

    def test_it_may_come_again(self, stage):
        stage.join()
        stage.leave()
        assert stage.join(after=0)["missed"] == []
        assert stage.host.find(1).device_count == 1

    @pytest.mark.parametrize("how", ["kill", "pause", "cut"])
    def test_a_gateway_that_is_gone_leaves_them_all(self, stage, how):
        for user in (1, 2):
            stage.join(ONE, user)
        stage.join(TWO)
        getattr(stage.network, how)(ONE)
        stage.advance(5)
        assert [conversation.device_count for conversation in stage.host.conversations] == [1, 0]
        assert len(stage.seats) == 1

    def test_so_does_everybody_when_the_worker_is_cut_off(self, stage):
        for gateway in (ONE, TWO):
            stage.join(gateway)
        stage.network.break_router()
        assert (stage.host.find(1).device_count, len(stage.seats)) == (0, 0)


class TestForgetting:
    def test_what_was_said_is_deleted(self, stage):
        stage.join()
        stage.say("echo hello")
        assert stage.ask(TWO, "forget", user=1, epoch=1) == {"deleted": 4}
        assert stage.journal.entries(1) == ()

    def test_not_what_another_worker_has(self, stage):
        assert stage.ask(ONE, "forget", user=1, epoch=1) == "moved"
        stage.join()
        assert stage.ask(ONE, "forget", user=1, epoch=2) == "moved"

    def test_nor_while_the_database_is_away(self, stage):
        stage.join()
        stage.journal.failing = True
        assert stage.ask(ONE, "forget", user=1, epoch=1) == "unavailable"


class TestNonsense:
    @pytest.mark.parametrize(
        ("what", "body"),
        [("dance", {}), ("join", None), ("say", {"user": 1}), ("leave", {"user": "secret"})],
    )
    def test_it_is_refused_and_logged(self, stage, what, body):
        with capturedLogs() as logs, pytest.raises(Refused) as refused:
            stage.desk.asked(ONE, what, body)
        assert refused.value.code == "failed"
        (line,) = map(formatEvent, logs)
        assert line.startswith(f"{ONE} asked {what!r} against the protocol: ")
        assert "secret" not in line

    def test_workers_are_told_nothing(self, stage):
        with capturedLogs() as logs:
            stage.desk.told(ONE, {"secret": 1})
        assert [formatEvent(log) for log in logs] == [
            f"{ONE} told something, and workers are only asked"
        ]
