"""What workers say is read as a whole, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytlas_wamp.cluster.answers import (
    Told,
    Unreadable,
    read_frame,
    read_said,
    read_told,
    read_welcome,
)
from pytlas_wamp.wire.codec import encode
from pytlas_wamp.wire.messages import Ask, AskData, Context, Done, Error, Thinking

DONE = Done(seq=4, require_input=False)
CONTEXT = Context(seq=2, name="kitchen")
ASK = Ask(seq=3, data=AskData(slot="room", text="Which?", raw_text=None, choices=None))
COMPLAINT = Error(code="busy", message="later", retryable=True, re="1")

WELCOME = {"epoch": 5, "language": "en", "seq": 4, "context": None, "ask": None, "missed": None}

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


class TestFrames:
    def test_a_frame_is_what_it_was(self):
        assert read_frame(encode(DONE)) == DONE

    @pytest.mark.parametrize("text", ["", "[]", '{"type":"new"}', None, 5, encode(COMPLAINT)])
    def test_anything_else_is_none(self, text):
        with pytest.raises(Unreadable):
            read_frame(text)

    def test_what_has_no_place_in_a_conversation_is_none(self):
        with pytest.raises(Unreadable, match="'goodbye' without a number"):
            read_frame('{"type":"goodbye","reason":"shutdown","retry_after":1}')


class TestWelcomes:
    def test_it_has_what_a_device_learns(self):
        told = {"context": encode(CONTEXT), "ask": encode(ASK), "missed": [encode(DONE)]}
        welcome = read_welcome({**WELCOME, **told})
        assert welcome.epoch == 5
        presence = welcome.presence
        assert (presence.language, presence.seq) == ("en", 4)
        assert (presence.context, presence.ask, presence.missed) == (CONTEXT, ASK, (DONE,))

    def test_what_is_not_there_is_none(self):
        presence = read_welcome(WELCOME).presence
        assert (presence.context, presence.ask, presence.missed) == (None, None, None)

    def test_what_was_missed_is_known_as_a_whole_or_not(self):
        assert read_welcome({**WELCOME, "missed": [encode(DONE), "?"]}).presence.missed is None
        assert read_welcome({**WELCOME, "missed": []}).presence.missed == ()

    @pytest.mark.parametrize(
        "wrong",
        [
            {"epoch": "5"},
            {"epoch": True},
            {"language": None},
            {"seq": 1.5},
            {"ask": encode(DONE)},
            {"context": "?"},
            {"missed": 7},
        ],
    )
    def test_what_is_wrong_is_refused(self, wrong):
        with pytest.raises(Unreadable):
            read_welcome({**WELCOME, **wrong})

    @given(ANYTHING)
    def test_nothing_else_is_raised(self, answer):
        with pytest.raises(Unreadable):
            read_welcome(answer)


class TestAnswersToSay:
    def test_they_have_frames_and_whether_those_are_old(self):
        frames = [[encode(COMPLAINT), False], [encode(DONE), True]]
        assert read_said({"frames": frames}) == [(COMPLAINT, False), (DONE, True)]

    @given(ANYTHING.filter(lambda answer: answer != {"frames": []}))
    def test_nothing_else_is_raised(self, answer):
        with pytest.raises(Unreadable):
            read_said(answer)


class TestTold:
    def test_it_has_frames_and_what_has_moved(self):
        body = {"frames": [[1, 2, "{}", None], [1, 2, "{}", 7]], "moved": [[3, 4]]}
        first = Told(user_id=1, epoch=2, text="{}", device=None)
        second = Told(user_id=1, epoch=2, text="{}", device=7)
        assert read_told(body) == ([first, second], [(3, 4)])

    def test_what_is_not_there_is_nothing(self):
        assert read_told({}) == ([], [])

    @pytest.mark.parametrize("row", [[1, 2, "{}"], [1, "2", "{}", None], "text", [1, 2, None, 3]])
    def test_what_cannot_be_read_is_left_out(self, row):
        body = {"frames": [row, [1, 2, "{}", None]]}
        assert [told.user_id for told in read_told(body)[0]] == [1]

    @given(ANYTHING)
    def test_nothing_is_raised(self, body):
        assert read_told(body) == ([], [])

    def test_thinking_is_a_frame(self):
        assert read_frame(encode(Thinking(seq=1, re="x"))) == Thinking(seq=1, re="x")
