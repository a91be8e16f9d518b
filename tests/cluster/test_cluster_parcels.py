"""How questions and answers are written down."""

from __future__ import annotations

import cbor2
import pytest
from twisted.internet.defer import Deferred, fail
from twisted.logger import globalLogPublisher

from inboxes import NotedInbox
from pytlas_wamp.cluster import parcels
from pytlas_wamp.cluster.bus import MAX_BODY_BYTES, Refused, TooBig, Unanswered, Unreachable

SECRET = "the key is under the mat"


@pytest.fixture
def logged():
    """What is logged meanwhile."""
    events = []
    globalLogPublisher.addObserver(events.append)
    yield events
    globalLogPublisher.removeObserver(events.append)


class TestDocuments:
    @pytest.mark.parametrize(
        "document",
        [None, True, 0, -1, 2**63 - 1, 0.5, "é", b"\x00", [], [1, [2]], {"a": {"b": [None]}}],
    )
    def test_arrive_as_they_were(self, document):
        assert parcels.opened(parcels.packed(document)) == document

    def test_have_at_most_so_many_bytes(self):
        room = MAX_BODY_BYTES - 5
        assert len(parcels.packed(b"x" * room)) == MAX_BODY_BYTES
        with pytest.raises(TooBig, match=f"at most {MAX_BODY_BYTES} bytes"):
            parcels.packed(b"x" * (room + 1))

    @pytest.mark.parametrize(
        "parcel",
        [
            b"",
            b"\xff",
            b"\x61",
            b"\x62\xff\xff",
            b"\xa1\x81\x01\x01",
            cbor2.dumps(cbor2.CBORTag(4711, 1)),
            b"\x81" * 1000,
        ],
    )
    def test_other_bytes_are_refused_without_being_quoted(self, parcel):
        with pytest.raises(parcels.Unreadable, match=r"what came is no document: \d+ bytes"):
            parcels.opened(parcel)

    @pytest.mark.parametrize("parcel", [None, "text", 1, ["x"]])
    def test_other_things_than_bytes_are_refused(self, parcel):
        with pytest.raises(parcels.Unreadable, match="bytes were expected, not"):
            parcels.opened(parcel)


class TestAnswer:
    @staticmethod
    def given(answer):
        found = []
        parcels.answer(NotedInbox(answer=answer), "g-00000001", "say", {}, found.append)
        return found

    def test_is_what_the_inbox_says(self):
        assert self.given({"frames": []}) == [{"ok": {"frames": []}}]

    def test_may_come_later(self):
        later = Deferred()
        found = self.given(later)
        assert found == []

        later.callback(1)

        assert found == [{"ok": 1}]

    @pytest.mark.parametrize("refusal", [lambda error: error, fail], ids=["raised", "failed"])
    def test_may_be_a_refusal(self, refusal):
        assert self.given(refusal(Refused("moved", "not here"))) == [
            {"refused": ["moved", "not here"]}
        ]

    @pytest.mark.parametrize("failing", [lambda error: error, fail], ids=["raised", "failed"])
    def test_of_a_bug_does_not_say_what_the_exception_does(self, failing, logged):
        found = self.given(failing(KeyError(SECRET)))

        assert found[0]["refused"][0] == "failed"
        assert SECRET not in str(found)
        assert [event["log_failure"].type for event in logged] == [KeyError]

    def test_that_cannot_be_given_is_logged(self, logged):
        later = Deferred()
        parcels.answer(NotedInbox(answer=later), "g-00000001", "say", {}, [].remove)
        later.callback(1)

        assert [event["log_failure"].type for event in logged] == [ValueError]

    @pytest.mark.parametrize("number", [None, 7])
    @pytest.mark.parametrize("body", [b"x" * MAX_BODY_BYTES, object()], ids=["big", "no document"])
    def test_that_cannot_be_sent_becomes_a_failure(self, body, number, logged):
        answer = parcels.opened(parcels.packed_answer({"ok": body}, number))

        document = answer if number is None else answer[1]
        assert document["refused"][0] == "failed"
        assert number in (None, answer if number is None else answer[0])
        assert logged

    @pytest.mark.parametrize("number", [None, 7])
    def test_is_written_down_with_its_number_if_it_has_one(self, number):
        expected = {"ok": 1} if number is None else [number, {"ok": 1}]
        assert parcels.opened(parcels.packed_answer({"ok": 1}, number)) == expected


class TestAnswerIn:
    def test_is_the_body(self):
        assert parcels.answer_in({"ok": [1]}) == [1]

    def test_raises_a_refusal(self):
        with pytest.raises(Refused) as raised:
            parcels.answer_in({"refused": ["held", "by another"]})
        assert (raised.value.code, raised.value.text) == ("held", "by another")

    @pytest.mark.parametrize("document", [None, {}, {"refused": ["held"]}, {"refused": [1, "x"]}])
    def test_anything_else_is_no_answer(self, document):
        with pytest.raises(Unanswered):
            parcels.answer_in(document)


class TestErrorOf:
    @pytest.mark.parametrize(
        "reason",
        ["wamp.error.no_such_procedure", "wamp.error.not_authorized", "wamp.error.invalid_uri"],
    )
    def test_nothing_was_done_where_nobody_was_called(self, reason):
        assert type(parcels.error_of(reason)) is Unreachable

    @pytest.mark.parametrize(
        "reason",
        ["wamp.error.canceled", "wamp.error.runtime_error", "wamp.close.transport_lost", None],
    )
    def test_otherwise_it_may_have_been_done(self, reason):
        assert type(parcels.error_of(reason)) is Unanswered


class TestTell:
    def test_reaches_the_inbox(self):
        inbox = NotedInbox()
        parcels.tell(inbox, "w-00000001", {"frames": []})
        assert inbox.taken() == [("told", "w-00000001", {"frames": []})]

    def test_what_fails_there_goes_no_further(self, logged):
        parcels.tell(NotedInbox(), "w-00000001", ValueError(SECRET))
        assert [event["log_failure"].type for event in logged] == [ValueError]
