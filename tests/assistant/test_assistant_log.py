"""Numbers, what is kept, and what comes back of a conversation's log."""

from __future__ import annotations

import json

import pytest
from twisted.internet.task import Clock

from frames import check_frame
from journal_memory import JournalBroken, MemoryJournal
from pytlas_wamp.assistant.log import RESERVE, ConversationLog
from pytlas_wamp.assistant.recollection import digest
from pytlas_wamp.assistant.write_behind import DELAY_SECONDS, WriteBehind
from pytlas_wamp.journal.model import OpenTurn, Record
from pytlas_wamp.wire.codec import to_document
from pytlas_wamp.wire.messages import (
    Answer,
    AnswerData,
    Ask,
    AskData,
    Context,
    Done,
    Language,
    Message,
    Said,
    Thinking,
)
from workers_for_tests import Arrivals, ManualWorkers, settle

ANN = 1
BOUNDS = {"max_frames": 200, "max_bytes": 100_000}
QUESTION = AskData(slot="room", text="Which room?", raw_text="Which room?", choices=None)


def answer_of(text):
    return AnswerData(text=text, raw_text=text, cards=None)


class Shelf:
    """A place for logs that can be closed, in order or not, and opened again."""

    def __init__(self):
        self.store = MemoryJournal()
        self.clock = Clock()
        self.start()

    def start(self):
        self.arrivals = Arrivals()
        self.thread = ManualWorkers(self.arrivals)
        self.writer = WriteBehind(
            store=self.store, workers=self.thread, clock=self.clock, max_unwritten=1000
        )

    def open(self, language="en-US", max_remembered=10):
        log = ConversationLog(
            user_id=ANN,
            language=language,
            now=lambda: 1_000.5,
            writer=self.writer,
            max_remembered=max_remembered,
        )
        self.state = self.outcome(log.open())
        return log

    def outcome(self, promise):
        """What a promise comes to, once all is done that can be."""
        outcomes = []
        promise.addCallbacks(outcomes.append, lambda failure: outcomes.append(failure.type))
        settle(self.arrivals, self.thread)
        return outcomes[0] if outcomes else "nothing yet"

    def write(self):
        self.clock.advance(DELAY_SECONDS)
        settle(self.arrivals, self.thread)

    def kept(self):
        return [(one.seq, one.kind) for one in self.store.entries(ANN)]


class NewJournal(MemoryJournal):
    """One that nobody has reason to ask for messages."""

    def remembered(self, user_id, limit):
        raise AssertionError


def outcomes_of(log):
    """What those are told, as far as they are, who wait for what was said to be kept."""
    outcomes = []
    log.when_written(lambda: outcomes.append("kept"), lambda failure: outcomes.append(failure.type))
    return outcomes


@pytest.fixture
def shelf():
    return Shelf()


def say(log, text, id_=None, **fields):
    return log.add(Said, {"message": text, "id": id_}, Message(message=text, id=id_, **fields))


def seqs(frames):
    return [frame.seq for frame in frames]


class TestNumbers:
    def test_are_gapless_and_written_behind(self, shelf):
        log = shelf.open()
        frames = [say(log, "hi", "m1"), log.add(Thinking, {"re": "m1"})]
        assert (seqs(frames), shelf.kept()) == ([1, 2], [])

        shelf.write()

        assert shelf.kept() == [(1, "said"), (2, "thinking")]
        said = shelf.store.entries(ANN)[0]
        assert check_frame(said.body) == to_document(frames[0])
        assert (said.message_id, said.re, said.at) == ("m1", None, 1_000.5)
        assert shelf.store.entries(ANN)[1].re == "m1"

    def test_go_on_after_an_end_in_order(self, shelf):
        log = shelf.open()
        log.add(Thinking, {})
        assert shelf.outcome(log.put_away()) is None

        again = shelf.open()

        assert (again.seq, again.add(Thinking, {}).seq) == (1, 2)

    def test_are_never_used_twice_after_a_crash(self, shelf):
        log = shelf.open()
        log.add(Thinking, {})
        shelf.write()
        lost = seqs([log.add(Thinking, {}) for _ in range(50)])
        shelf.start()

        again = shelf.open()

        first = again.add(Thinking, {}).seq
        assert first > max(lost)
        assert again.add(Thinking, {}).seq == first + 1

    def test_are_not_given_when_a_crash_might_use_them_again(self, shelf):
        log = shelf.open()
        shelf.store.failing = True
        given = [log.add(Thinking, {}) for _ in range(RESERVE + 1)]

        assert (seqs(given[:-1])[-1], given[-1]) == (RESERVE, None)

    def test_may_be_used_only_when_that_is_written(self, shelf):
        shelf.store.failing = True
        shelf.open()
        assert shelf.state is JournalBroken

    def test_need_no_database_when_nothing_is_kept(self):
        log = ConversationLog(user_id=ANN, language="en-US", now=lambda: 0.0)

        assert (log.add(Thinking, {}).seq, outcomes_of(log), log.is_open) == (1, ["kept"], True)

    def test_that_cannot_be_kept_any_more_are_still_given(self, shelf):
        log = shelf.open()
        shelf.store.failing = True
        for _ in range(1_001):
            log.add(Thinking, {})

        assert (log.seq, shelf.writer.unwritten, log.is_open) == (1_001, 1_000, False)

    def test_of_an_account_that_is_gone_are_not_written(self, shelf):
        log = shelf.open()
        shelf.store.forget(ANN)
        log.add(Thinking, {})
        shelf.write()

        assert (log.add(Thinking, {}).seq, outcomes_of(log), shelf.kept()) == (2, ["kept"], [])


class TestMessages:
    def test_are_known_by_their_id_and_body(self, shelf):
        log = shelf.open()
        message = Message(message="hi", id="m1", meta={"a": 1, "b": 2})
        log.add(Said, {"message": "hi", "id": "m1"}, message)

        known = log.known("m1")
        same = Message(message="hi", id="m1", meta={"b": 2, "a": 1})
        assert (known.seq, known.digest == digest(same)) == (1, True)
        for other in ({"message": "ho"}, {"answers": 3}, {"meta": {"a": 1}}):
            assert known.digest != digest(Message(**{"message": "hi", "id": "m1", **other}))
        assert (log.known("m2"), log.known(None)) == (None, None)

    def test_are_known_after_a_crash(self, shelf):
        log = shelf.open()
        say(log, "hi", "m1")
        before = log.known("m1")
        shelf.write()
        shelf.start()

        assert shelf.open().known("m1") == before

    def test_are_not_looked_for_where_there_never_was_a_conversation(self, shelf):
        shelf.store = NewJournal()
        shelf.start()

        shelf.open()

        assert shelf.state == {}

    def test_of_long_ago_are_forgotten(self, shelf):
        log = shelf.open(max_remembered=2)
        for number in range(3):
            say(log, "hi", f"m{number}")

        assert [log.known(f"m{number}") is not None for number in range(3)] == [False, True, True]

    def test_need_an_outcome_until_their_turn_ends(self, shelf):
        log = shelf.open()
        say(log, "hi", "m1")
        wake = log.begin_turn()
        say(log, "ho")
        expected = (OpenTurn(seq=1, id="m1"), OpenTurn(seq=wake, id=None), OpenTurn(seq=2, id=None))
        assert (log.open_turns, wake < 0) == (expected, True)
        shelf.write()
        assert shelf.store.load(ANN).open_turns == expected

        log.end_turns((1, wake))
        log.end_turns(())
        shelf.write()

        assert shelf.store.load(ANN).open_turns == (OpenTurn(seq=2, id=None),)
        shelf.start()
        assert shelf.open().open_turns == (OpenTurn(seq=2, id=None),)

    def test_need_one_again_when_they_go_on(self, shelf):
        log = shelf.open()
        say(log, "hi", "m1")
        log.end_turns((1,))
        assert not log.needs_outcome((1, 2))

        log.reopen_turn(1, "m1")
        log.reopen_turn(1, "m1")
        assert (log.needs_outcome((1, 2)), len(log.open_turns)) == (True, 1)

    @pytest.mark.parametrize("since", [0, 100])
    def test_come_again_with_all_that_they_caused(self, shelf, since):
        log = shelf.open()
        log.add(Thinking, {})
        say(log, "hi", "m1")
        log.add(Thinking, {"re": "m1"})
        say(log, "other", "m2")
        log.add(Answer, {"data": answer_of("Hi!"), "re": "m1"})
        log.add(Done, {"require_input": False, "re": "m1"})
        for _ in range(since):
            log.add(Thinking, {})

        frames = shelf.outcome(log.about(log.known("m1")))

        assert seqs(frames) == [2, 3, 5, 6]
        assert [type(frame) for frame in frames] == [Said, Thinking, Answer, Done]

    def test_without_a_database_come_again_while_they_are_at_hand(self):
        log = ConversationLog(user_id=ANN, language="en-US", now=lambda: 0.0)
        say(log, "hi", "m1")
        found = []
        log.about(log.known("m1")).addCallback(found.append)
        for _ in range(100):
            log.add(Thinking, {})
        log.about(log.known("m1")).addCallback(found.append)

        assert list(map(seqs, found)) == [[1], []]


class TestMissed:
    def missed(self, shelf, log, after, **bounds):
        frames = shelf.outcome(log.missed(after, **{**BOUNDS, **bounds}))
        return frames if frames is None else seqs(frames)

    def test_is_nothing_for_who_has_seen_all(self, shelf):
        log = shelf.open()
        assert self.missed(shelf, log, 0) == []
        log.add(Thinking, {})
        assert self.missed(shelf, log, 1) == []

    @pytest.mark.parametrize("count", [5, 150])
    def test_is_all_that_came_after(self, shelf, count):
        log = shelf.open()
        for _ in range(count):
            log.add(Thinking, {})

        for after in (0, 1, count - 2, count):
            assert self.missed(shelf, log, after) == list(range(after + 1, count + 1))

    @pytest.mark.parametrize("after", [6, 10**9, 2**53 - 1])
    def test_is_unknown_for_numbers_that_were_never_given(self, shelf, after):
        log = shelf.open()
        for _ in range(5):
            log.add(Thinking, {})

        assert self.missed(shelf, log, after) is None

    def test_comes_from_before_a_crash_but_for_numbers_that_were_lost(self, shelf):
        log = shelf.open()
        for _ in range(3):
            log.add(Thinking, {})
        shelf.write()
        log.add(Thinking, {})
        shelf.start()
        log = shelf.open()
        jump = log.seq
        numbers = (1, 3, 4, jump)
        found = [self.missed(shelf, log, after) for after in numbers]
        assert found == [[2, 3], [], None, []]

        log.add(Thinking, {})
        found = [self.missed(shelf, log, after) for after in numbers]
        assert found == [[2, 3, jump + 1], [jump + 1], None, [jump + 1]]

    def test_is_unknown_when_it_is_too_much_or_gone(self, shelf):
        log = shelf.open()
        for _ in range(150):
            log.add(Thinking, {})
        assert self.missed(shelf, log, 50, max_frames=99) is None
        assert self.missed(shelf, log, 50, max_frames=100) is not None
        assert self.missed(shelf, log, 50, max_bytes=1_000) is None

        shelf.store.trim(older_than=0, keep=100)

        assert [self.missed(shelf, log, after) is None for after in (48, 49, 50)] == [
            True,
            True,
            False,
        ]

    def test_includes_what_comes_while_it_is_read(self, shelf):
        log = shelf.open()
        for _ in range(100):
            log.add(Thinking, {})
        found = []
        log.missed(10, **BOUNDS).addCallback(found.append)
        while len(shelf.thread.jobs) + len(shelf.arrivals) and not found:
            log.add(Thinking, {})
            if len(shelf.arrivals):
                shelf.arrivals.next()
            else:
                shelf.thread.start()

        assert seqs(found[0]) == list(range(11, log.seq + 1))

    def test_is_unknown_when_too_much_comes_while_it_is_read(self, shelf):
        log = shelf.open()
        for _ in range(100):
            log.add(Thinking, {})
        shelf.write()
        found = []
        log.missed(10, **BOUNDS).addCallback(found.append)
        for _ in range(65):
            log.add(Thinking, {})
        settle(shelf.arrivals, shelf.thread)

        assert found == [None]

    @pytest.mark.parametrize("bounds", [{"max_frames": 2}, {"max_bytes": 80}])
    def test_is_unknown_when_it_is_too_much_of_what_is_at_hand(self, shelf, bounds):
        log = shelf.open()
        for _ in range(5):
            log.add(Thinking, {})

        assert [self.missed(shelf, log, after, **bounds) for after in (2, 3)] == [None, [4, 5]]

    def test_without_a_database_is_known_while_it_is_at_hand(self):
        log = ConversationLog(user_id=ANN, language="en-US", now=lambda: 0.0)
        for _ in range(100):
            log.add(Thinking, {})
        found = []
        log.missed(90, **BOUNDS).addCallback(found.append)
        log.missed(3, **BOUNDS).addCallback(found.append)

        assert (seqs(found[0]), found[1]) == (list(range(91, 101)), None)

    def test_fails_when_the_database_does(self, shelf):
        log = shelf.open()
        for _ in range(100):
            log.add(Thinking, {})
        shelf.store.failing = True

        assert shelf.outcome(log.missed(1, **BOUNDS)) is JournalBroken


class TestPresent:
    def test_follows_the_frames(self, shelf):
        log = shelf.open()
        context = log.add(Context, {"name": "vault"})
        ask = log.add(Ask, {"data": QUESTION})
        assert (log.context, log.ask) == (context, ask)
        log.add(Answer, {"data": answer_of("by the way")})
        assert log.ask == ask

        say(log, "kitchen")
        assert (log.context, log.ask) == (context, None)
        log.add(Context, {"name": None})
        assert log.context is None

    @pytest.mark.parametrize("kind", [Thinking, Done])
    def test_has_no_question_once_something_else_happens(self, shelf, kind):
        log = shelf.open()
        log.add(Ask, {"data": QUESTION})
        log.add(kind, {"require_input": False} if kind is Done else {})

        assert log.ask is None

    def test_is_there_after_a_crash(self, shelf):
        log = shelf.open()
        context = log.add(Context, {"name": "vault"})
        ask = log.add(Ask, {"data": QUESTION, "re": "m1"})
        log.keep({"slots": {"room": 3}}, asking=True)
        shelf.write()
        shelf.start()

        again = shelf.open(language="fr-FR")

        assert (again.context, again.ask) == (context, ask)
        assert (shelf.state, again.language) == ({"slots": {"room": 3}}, "en-US")

    def test_is_that_of_before_a_turn_that_did_not_end(self, shelf):
        log = shelf.open()
        ask = log.add(Ask, {"data": QUESTION})
        log.keep({"at": "the question"}, asking=True)
        say(log, "kitchen", "m1")
        log.add(Thinking, {"re": "m1"})
        shelf.write()
        shelf.start()

        again = shelf.open()

        assert (again.ask, shelf.state) == (ask, {"at": "the question"})
        assert again.open_turns == (OpenTurn(seq=2, id="m1"),)

    def test_forgets_a_question_that_was_answered(self, shelf):
        log = shelf.open()
        log.add(Ask, {"data": QUESTION})
        log.keep({"at": "the question"}, asking=True)
        log.keep({}, asking=False)
        shelf.write()
        assert shelf.store.load(ANN).snapshot == ""
        shelf.start()

        assert (shelf.open().ask, shelf.state) == (None, {})

    def test_is_written_only_when_it_changed(self, shelf):
        log = shelf.open()
        before = shelf.store.writes
        log.keep({}, asking=False)
        shelf.write()
        assert shelf.store.writes == before

        log.keep({"a": 1}, asking=False)
        shelf.write()
        assert shelf.store.writes == before + 1

    @pytest.mark.parametrize("snapshot", ["what?", "[]", json.dumps({"question": {"type": "ask"}})])
    def test_that_is_damaged_is_left_behind(self, shelf, snapshot):
        shelf.store.records[ANN] = Record(
            user_id=ANN, seq=5, reserved=9, snapshot=snapshot, open_turns=()
        )

        log = shelf.open()

        assert (log.seq, log.ask, shelf.state) == (9, None, {})

    def test_goes_on_when_it_was_not_put_away_after_all(self, shelf):
        log = shelf.open()
        shelf.outcome(log.put_away())
        log.take_back()
        shelf.write()

        assert shelf.store.load(ANN).reserved == RESERVE
        assert log.add(Language, {"language": "fr-FR"}).seq == 1


class TestQuestions:
    def test_have_all_the_numbers_that_they_were_asked_under(self, shelf):
        log = shelf.open()
        first = log.add(Ask, {"data": QUESTION})
        for _ in range(2):
            log.add(Done, {"require_input": False})
            assert not log.is_pending(1)
            log.ask_again(log.question)
            log.add(Ask, {"data": QUESTION})
        assert [seq for seq in range(9) if log.is_pending(seq)] == [first.seq, 3, 5]

        log.add(Ask, {"data": QUESTION})
        assert [seq for seq in range(9) if log.is_pending(seq)] == [6]

    def test_have_them_after_a_crash(self, shelf):
        log = shelf.open()
        ask = log.add(Ask, {"data": QUESTION})
        log.keep({"a": 1}, asking=True)
        shelf.write()
        shelf.start()

        assert shelf.open().is_pending(ask.seq)


class TestForgetting:
    def test_knows_no_frames_and_no_messages_but_goes_on(self, shelf):
        log = shelf.open()
        say(log, "hi", "m1")
        ask = log.add(Ask, {"data": QUESTION})
        shelf.write()
        shelf.store.erase(ANN)
        log.forget()

        assert (log.known("m1"), log.ask, log.add(Thinking, {}).seq) == (None, ask, 3)
        assert shelf.outcome(log.missed(1, **BOUNDS)) is None


class TestNothingKept:
    def test_puts_away_at_once(self):
        log = ConversationLog(user_id=ANN, language="en-US", now=lambda: 0.0)
        found = []
        log.open().addCallback(found.append)
        log.put_away().addCallback(found.append)
        log.touch()

        assert found == [{}, None]
