"""What can happen to a session, and what a frame of the conversation means to it (spec 3.5)."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given

from pytlas_wamp.session import inputs as on
from pytlas_wamp.wire.messages import SERVER_MESSAGES, Ask, Done, Said, Thinking
from strategies import messages, share


class TestFrames:
    @pytest.mark.parametrize("cls", SERVER_MESSAGES)
    def test_a_frame_is_told_by_what_it_does_to_a_pending_question(self, cls):
        kinds = {Ask: on.Asked, Thinking: on.Moved, Done: on.Moved, Said: on.Moved}

        @share(0.1)
        @given(messages(cls))
        def check(frame):
            assert on.from_frame(frame) == kinds.get(cls, on.Delivered)(frame=frame)

        check()


class TestInputs:
    def test_the_list_and_the_type_are_the_same(self):
        assert set(on.INPUTS) == set(get_args(on.Input))

    def test_each_stands_once(self):
        assert len(set(on.INPUTS)) == len(on.INPUTS)
