"""The table: everything leads somewhere, and nothing out of the end."""

from __future__ import annotations

from pytlas_wamp.cluster.states import TABLE, Event, State


class TestTable:
    def test_every_state_has_a_row_and_can_be_reached(self):
        assert set(TABLE) == set(State)
        reached = {state for row in TABLE.values() for state in row.values()}
        assert reached == set(State)

    def test_what_is_over_stays_over(self):
        assert TABLE[State.ENDED] == {}

    def test_every_event_means_something_somewhere(self):
        assert {event for row in TABLE.values() for event in row} == set(Event)

    def test_from_everywhere_it_can_break_but_where_nothing_is_whole(self):
        whole = {state for state, row in TABLE.items() if Event.BROKEN in row}
        assert whole == {State.LOOKING, State.JOINING, State.LIVE}

    def test_nothing_ends_while_a_join_is_under_way(self):
        assert Event.DESERTED not in TABLE[State.JOINING]
