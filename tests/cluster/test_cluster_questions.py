"""Questions that follow the protocol are read, all others are not."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytlas_wamp.cluster.questions import (
    Cancel,
    Forget,
    Join,
    Leave,
    Malformed,
    Say,
    read_question,
)
from pytlas_wamp.wire.messages import Message

TEXT = '{"type": "message", "message": "hello", "id": "m1"}'
GOOD = {
    "join": ({"user": 1, "after": 7, "instead_of": 0}, Join(user=1, after=7, instead_of=0)),
    "say": (
        {"user": 1, "epoch": 2, "device": 3, "message": TEXT},
        Say(user=1, epoch=2, device=3, message=Message(message="hello", id="m1")),
    ),
    "cancel": ({"user": 1, "epoch": 2, "id": "c1"}, Cancel(user=1, epoch=2, id="c1")),
    "leave": ({"user": 1, "epoch": 2}, Leave(user=1, epoch=2)),
    "forget": ({"user": 1, "epoch": 2}, Forget(user=1, epoch=2)),
}
BAD = {
    "user": (None, "1", 1.0, True, -1),
    "epoch": (None, "1", 1.0, False, -1),
    "after": ("1", 1.5, True, -1),
    "instead_of": (None, "1", -1),
    "device": (None, [], -1),
    "message": (None, 1, b"{}", "", "{", '"text"', '{"type": "cancel"}', '{"type": "x"}'),
    "id": (1, b"c1", []),
}


class TestGoodOnes:
    @pytest.mark.parametrize("what", GOOD)
    def test_they_are_read(self, what):
        body, question = GOOD[what]
        assert read_question(what, body) == question

    def test_some_things_may_be_nothing(self):
        assert read_question("join", {"user": 1, "after": None, "instead_of": 0}).after is None
        assert read_question("cancel", {"user": 1, "epoch": 2, "id": None}).id is None


class TestBadOnes:
    @pytest.mark.parametrize("what", ["", "Join", "answer", None, 1, ["join"]])
    def test_there_are_five_questions(self, what):
        with pytest.raises(Malformed, match="no such question"):
            read_question(what, {})

    @pytest.mark.parametrize("body", [None, [], "user", 1, {}, {"user": 1}, {1: 2}])
    @pytest.mark.parametrize("what", GOOD)
    def test_the_body_has_names(self, what, body):
        with pytest.raises(Malformed, match="the body must have user, "):
            read_question(what, body)

    @pytest.mark.parametrize("what", GOOD)
    def test_and_no_others(self, what):
        with pytest.raises(Malformed, match="nothing else"):
            read_question(what, {**GOOD[what][0], "more": 1})

    @pytest.mark.parametrize(
        ("what", "name", "value"),
        [
            (what, name, value)
            for what, (body, _) in GOOD.items()
            for name in body
            for value in BAD[name]
        ],
    )
    def test_each_value_is_of_its_kind(self, what, name, value):
        with pytest.raises(Malformed, match=f'^"{name}" must be '):
            read_question(what, {**GOOD[what][0], name: value})

    def test_what_somebody_said_is_in_no_message(self):
        with pytest.raises(Malformed) as problem:
            read_question("say", {**GOOD["say"][0], "message": '{"message": 1, "secret": 2}'})
        assert "secret" not in str(problem.value)

    def test_nesting_without_end_is_nothing_worse(self):
        deep = '{"message": "a", "meta": {"a": ' + "[" * 100_000 + "]" * 100_000 + "}}"
        with pytest.raises(Malformed):
            read_question("say", {**GOOD["say"][0], "message": deep})

    @given(
        what=st.sampled_from(sorted(GOOD)),
        body=st.dictionaries(
            st.sampled_from(sorted(BAD)),
            st.none() | st.integers() | st.text() | st.binary() | st.lists(st.integers()),
        ),
    )
    def test_nothing_else_is_ever_raised(self, what, body):
        with suppress(Malformed):
            assert read_question(what, body) is not None
