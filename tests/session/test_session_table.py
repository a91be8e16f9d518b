"""The table as a whole: every cell is decided (spec 3.1)."""

from __future__ import annotations

from itertools import product

import pytest

from pytlas_wamp.session import effects as do
from pytlas_wamp.session import inputs as on
from pytlas_wamp.session.actions import State
from pytlas_wamp.session.table import IMPOSSIBLE, TABLE, describe
from pytlas_wamp.wire.messages import Authenticate, Cancel, Message

CELLS = {(state, kind): cell for state, row in TABLE.items() for kind, cell in row.items()}
PEER_INPUTS = (
    *(Authenticate, Message, Cancel, on.Malformed, on.Binary, on.Unreadable),
    *(on.RateExceeded, on.Flooding, on.SlowReader),
)
CONVERSATION = (do.Join, do.Say, do.CancelTurn)


class TestTable:
    def test_every_state_has_a_row(self):
        assert list(TABLE) == list(State)

    @pytest.mark.parametrize(("state", "kind"), [*product(State, on.INPUTS)])
    def test_a_cell_is_either_decided_or_impossible(self, state, kind):
        assert ((state, kind) in CELLS) != ((state, kind) in IMPOSSIBLE)

    def test_nothing_else_is_in_it(self):
        assert set(CELLS) | set(IMPOSSIBLE) == set(product(State, on.INPUTS))

    def test_impossible_cells_are_argued(self):
        assert all(reason.strip() for reason in IMPOSSIBLE.values())

    @pytest.mark.parametrize(("state", "kind"), [*product(State, PEER_INPUTS)])
    def test_no_byte_of_a_peer_is_an_illegal_step(self, state, kind):
        assert (state, kind) in CELLS

    @pytest.mark.parametrize("kind", [on.Stopped, on.Crashed, on.TransportLost])
    def test_every_state_can_end(self, kind):
        assert all(CELLS[state, kind].leads_to == (State.CLOSED,) for state in State)

    def test_closed_is_for_ever(self):
        assert {CELLS[State.CLOSED, kind].leads_to for kind in on.INPUTS} == {(State.CLOSED,)}

    def test_a_closed_session_asks_for_nothing_but_to_leave(self):
        effects = {kind: CELLS[State.CLOSED, kind].effects for kind in on.INPUTS}
        assert effects == {kind: (do.Leave,) if kind is on.Joined else () for kind in on.INPUTS}

    def test_every_state_is_reachable(self):
        reached = {State.UNAUTHENTICATED}
        for _ in State:
            cells = [cell for state in reached for cell in TABLE[state].values()]
            reached |= {target for cell in cells for target in cell.leads_to}
        assert reached == set(State)

    def test_talking_is_reached_only_by_joining(self):
        talking = {State.READY, State.AWAITING_ANSWER}
        ways_in = {
            (state, kind)
            for (state, kind), cell in CELLS.items()
            if state not in talking and talking & set(cell.leads_to)
        }
        assert ways_in == {(State.VERIFYING, on.Joined)}

    @pytest.mark.parametrize("state", [State.UNAUTHENTICATED, State.VERIFYING, State.CLOSED])
    def test_strangers_never_reach_a_conversation_by_what_they_send(self, state):
        for kind in PEER_INPUTS:
            assert not set(CELLS[state, kind].effects) & set(CONVERSATION)

    def test_every_way_to_close_stops_the_timers_and_leaves(self):
        for (state, kind), cell in CELLS.items():
            if State.CLOSED in cell.leads_to and state is not State.CLOSED:
                assert {do.StopTimers, do.Leave} <= set(cell.effects), (state, kind)

    def test_ready_and_awaiting_answer_differ_in_what_is_pending_only(self):
        def shape(state: State) -> dict[type, tuple[object, ...]]:
            return {kind: (cell.action, cell.effects) for kind, cell in TABLE[state].items()}

        assert shape(State.READY) == shape(State.AWAITING_ANSWER)

    def test_every_effect_is_asked_for_somewhere(self):
        assert {effect for cell in CELLS.values() for effect in cell.effects} == set(do.EFFECTS)


class TestDescription:
    def test_every_cell_is_in_it(self):
        count = {state: len(row) for state, row in describe().items()}
        assert count == {state.value: len(row) for state, row in TABLE.items()}

    def test_messages_go_by_their_type_and_the_rest_by_class(self):
        assert describe()["unauthenticated"]["authenticate"] == {
            "leads_to": ["verifying"],
            "effects": ["StopTimers", "VerifyToken"],
        }
        assert describe()["closed"]["Joined"] == {"leads_to": ["closed"], "effects": ["Leave"]}
