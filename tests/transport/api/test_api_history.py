"""`/api/me/history`: what was said."""

from __future__ import annotations

import json

import pytest
from api_people import House
from twisted.internet.defer import fail, succeed

from journal_memory import MemoryJournal
from pytlas_wamp.errors import OperatorError
from pytlas_wamp.journal.model import Batch, Entry, Record
from pytlas_wamp.transport.api.history import MAX_SEQ, History
from pytlas_wamp.transport.api.routes import PeopleEndpoints

BOB, CAROL = 2, 3
NOON = 1_795_420_800.75  # 2026-11-23T08:00:00Z and a bit
HISTORY = "/api/me/history"
OFF = "No history is kept: set history = yes in [server] of pytlas.ini."


def entry(user_id, seq, **frame):
    body = json.dumps({"type": "said", "seq": seq, "message": f"number {seq}", **frame})
    return Entry(
        user_id=user_id,
        seq=seq,
        at=NOON + seq,
        kind="said",
        body=body,
        re=None,
        message_id=None,
        digest=None,
    )


def fill(journal, user_id, count):
    entries = tuple(entry(user_id, seq) for seq in range(1, count + 1))
    record = Record(user_id=user_id, seq=count, reserved=count, snapshot="", open_turns=())
    journal.write([Batch(record=record, entries=entries)])


class Library:
    """A house whose people have said something."""

    def __init__(self, *, kept=True, erase=None):
        self.journal = MemoryJournal()
        fill(self.journal, BOB, 230)
        fill(self.journal, CAROL, 3)
        history = History(
            log=self.journal,
            erase=erase or (lambda user_id: succeed(self.journal.erase(user_id))),
            kept=kept,
        )
        self.house = House(options={"people": PeopleEndpoints(history=history)})
        self.bob = self.house.bob

    def page(self, query=""):
        answer = self.bob.get(HISTORY + query)
        assert answer.status == 200, answer
        return answer.json()

    def numbers(self, query=""):
        return [one["frame"]["seq"] for one in self.page(query)["frames"]]


@pytest.fixture
def library():
    return Library()


@pytest.fixture(scope="module")
def still():
    """For what is only read."""
    return Library()


class TestReading:
    def test_shows_the_newest_fifty_in_the_order_of_their_numbers(self, still):
        assert still.numbers() == list(range(181, 231))

    def test_shows_frames_as_they_were_sent(self, still):
        page = still.page("?limit=1")
        assert page == {
            "frames": [
                {
                    "at": "2026-11-23T08:03:50Z",
                    "frame": {"type": "said", "seq": 230, "message": "number 230"},
                }
            ],
            "before": 230,
        }

    def test_leads_to_the_page_before(self, still):
        seen, query = [], "?limit=100"
        while query:
            page = still.page(query)
            seen = [one["frame"]["seq"] for one in page["frames"]] + seen
            query = page["before"] and f"?limit=100&before={page['before']}"
        assert seen == list(range(1, 231))

    def test_has_no_page_before_the_first_frame(self, still):
        assert still.page("?before=51")["before"] is None
        assert still.page("?before=52")["before"] == 2

    def test_is_empty_below_the_first_number(self, still):
        assert still.page("?before=0") == still.page("?before=1") == {"frames": [], "before": None}

    def test_takes_any_number_of_the_contract(self, still):
        assert still.numbers(f"?before={MAX_SEQ}&limit=1") == [230]

    @pytest.mark.parametrize(("limit", "count"), [(1, 1), (200, 200)])
    def test_takes_limits_from_the_least_to_the_most(self, still, limit, count):
        assert len(still.numbers(f"?limit={limit}")) == count

    def test_ignores_what_it_does_not_know(self, still):
        assert still.numbers("?limit=2&user=3") == [229, 230]

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("limit=0", "limit"),
            ("limit=201", "limit"),
            ("limit=", "limit"),
            ("limit=ten", "limit"),
            ("limit=1.0", "limit"),
            ("limit=%2B1", "limit"),
            ("limit=01", "limit"),
            ("limit=%D9%A1", "limit"),
            ("limit=1&limit=1", "limit"),
            ("before=-1", "before"),
            (f"before={MAX_SEQ + 1}", "before"),
            ("before=" + "9" * 5_000, "before"),
            ("before=null", "before"),
            ("before=1&before=2", "before"),
        ],
    )
    def test_refuses_what_is_no_number_of_the_contract(self, still, query, field):
        answer = still.bob.get(f"{HISTORY}?{query}")
        assert (answer.problem(), answer.field()) == ((400, "invalid-request"), field)

    def test_says_what_would_be_right(self, still):
        answer = still.bob.get(f"{HISTORY}?limit=0")
        assert answer.detail() == '"limit" has to be a whole number from 1 to 200.'

    def test_everybody_reads_their_own(self, still):
        carol = still.house.client("carol").get(HISTORY).json()
        assert [one["frame"]["seq"] for one in carol["frames"]] == [1, 2, 3]
        assert still.house.alice.get(HISTORY).json() == {"frames": [], "before": None}

    def test_wants_a_token(self, still):
        assert still.house.client().get(HISTORY).problem() == (401, "token-missing")

    def test_what_a_skill_said_comes_back_exactly(self, library):
        said = {"text": "½ \ud800 \u0000 </script>", "number": 1e300, "big": 10**400}
        odd = entry(BOB, 231, data=said)
        record = Record(user_id=BOB, seq=231, reserved=231, snapshot="", open_turns=())
        library.journal.write([Batch(record=record, entries=(odd,))])
        assert library.page("?limit=1")["frames"][0]["frame"]["data"] == said

    def test_a_database_that_is_gone_is_told(self, library):
        token = library.bob
        library.journal.failing = True
        assert token.get(HISTORY).problem() == (503, "unavailable")


class TestDeleting:
    def test_leaves_nothing(self, library):
        answer = library.bob.delete(HISTORY)
        assert (answer.status, answer.body) == (204, b"")
        assert library.page() == {"frames": [], "before": None}

    def test_leaves_what_others_have_said(self, library):
        library.bob.delete(HISTORY)
        assert len(library.journal.entries(CAROL)) == 3

    def test_twice_is_no_mistake(self, library):
        library.bob.delete(HISTORY)
        assert library.bob.delete(HISTORY).status == 204

    def test_wants_a_token(self, library):
        assert library.house.client().delete(HISTORY).problem() == (401, "token-missing")
        assert len(library.journal.entries(BOB)) == 230

    def test_a_database_that_is_gone_is_told(self):
        library = Library(erase=lambda _: fail(OperatorError("the disk is full")))
        assert library.bob.delete(HISTORY).problem() == (503, "unavailable")

    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
    def test_other_methods_do_nothing(self, library, method):
        assert library.bob.ask(method, HISTORY).problem() == (405, "method-not-allowed")


class TestSwitchedOff:
    def test_neither_shows_nor_deletes(self):
        library = Library(kept=False)
        for answer in (library.bob.get(HISTORY), library.bob.delete(HISTORY)):
            assert (answer.problem(), answer.detail()) == ((403, "not-enabled"), OFF)
        assert len(library.journal.entries(BOB)) == 230

    def test_strangers_learn_nothing_of_it(self):
        library = Library(kept=False)
        assert library.house.client().get(HISTORY).problem() == (401, "token-missing")
