"""What is said to a conversation that leaves."""

from __future__ import annotations

from frames import Screen
from pytlas_wamp.assistant.departure import Departure


class TestDepartures:
    def test_that_do_not_happen_lose_nothing(self):
        departure, said, ann = Departure(), [], Screen()
        departure.hold(lambda: said.append("a"), ann)
        departure.hold(lambda: said.append("b"))
        assert said == []
        departure.stay()
        departure.stay()

        assert (said, ann.moves) == (["a", "b"], 0)

    def test_forget_what_is_to_be_said_elsewhere(self):
        departure, said, ann = Departure(), [], Screen()
        departure.hold(lambda: said.append("a"), ann)
        departure.end()
        departure.hold(lambda: said.append("b"), ann)
        departure.hold(lambda: said.append("c"))
        departure.stay()

        assert (said, ann.moves, departure.is_over) == ([], 1, True)
