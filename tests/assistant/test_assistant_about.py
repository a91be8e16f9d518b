"""What is logged in a turn is about it."""

from __future__ import annotations

import pytest

from pytlas_wamp.assistant.about import about_now, about_turn, run_turn
from pytlas_wamp.assistant.turns import Turn


def test_in_a_turn_it_names_the_user_and_the_message():
    seen = []
    run_turn(7, lambda _: seen.append(about_now()), Turn(id="m1", seq=12))

    assert (seen, about_now()) == ([{"user": 7, "turn": 12}], {})


def test_what_nobody_knows_is_left_out():
    assert about_turn(7, Turn()) == {"user": 7}


def test_it_ends_with_the_turn_also_when_that_raises():
    def fail(_):
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        run_turn(7, fail, Turn())
    assert about_now() == {}
