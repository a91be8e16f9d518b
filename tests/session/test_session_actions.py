"""Every action in every cell of the table it stands in: it does what is declared (spec 3.1)."""

from __future__ import annotations

from typing import Any

import pytest

from pytlas_wamp.session import inputs as on
from pytlas_wamp.session.actions import Memory, State
from pytlas_wamp.session.table import TABLE
from pytlas_wamp.wire.codes import Ending
from pytlas_wamp.wire.messages import Cancel, Language, Message, Thinking
from session_steps import (
    ACCEPTED,
    AUTHENTICATE,
    BOB,
    JOINED,
    JOINED_ASKING,
    LIMITS,
    MALFORMED,
    OPENED,
    QUESTION,
    RESUMED,
    RESUMED_ASKING,
    SERVER,
)

HELLO = Message(message="hello")
EXAMPLES: tuple[on.Input, ...] = (
    OPENED,
    AUTHENTICATE,
    HELLO,
    Cancel(),
    MALFORMED,
    on.Binary(),
    on.RateExceeded(retry_after=0.1, re="m61"),
    on.Flooding(),
    on.Unreadable(ending=Ending.TOO_BIG),
    on.SlowReader(),
    ACCEPTED,
    on.TokenAccepted(user_id=BOB, expires_in=60),
    on.TokenRefused(ending=Ending.AUTHENTICATION_FAILED),
    JOINED,
    JOINED_ASKING,
    RESUMED,
    RESUMED_ASKING,
    on.TooManyConnections(),
    on.Asked(frame=QUESTION),
    on.Moved(frame=Thinking(seq=6)),
    on.Delivered(frame=Language(seq=6, language="fr")),
    *(on.DeadlinePassed(timer=timer) for timer in on.Timer),
    on.CredentialsDied(ending=Ending.AUTHENTICATION_REVOKED),
    on.Unavailable(),
    on.ShuttingDown(retry_after=5),
    on.Stopped(),
    on.Crashed(),
    on.TransportLost(),
)
CASES = [
    pytest.param(state, given, held, id=f"{state}-{type(given).__name__}-{number}-{len(held)}")
    for state in State
    for number, given in enumerate(EXAMPLES)
    if type(given) in TABLE[state]
    for held in ([], [HELLO] * LIMITS.max_held_frames)
]


def memory(held: list[Any]) -> Memory:
    """What a session of Alice remembers."""
    return Memory(limits=LIMITS, server=SERVER, user_id=ACCEPTED.user_id, held=list(held))


class TestCells:
    def test_there_is_an_example_of_every_input(self):
        assert {type(given) for given in EXAMPLES} == set(on.INPUTS)

    @pytest.mark.parametrize(("state", "given", "held"), CASES)
    def test_a_step_keeps_to_what_its_cell_declares(self, state, given, held):
        cell = TABLE[state][type(given)]
        step = cell.action(state, memory(held), given)
        assert step.state in cell.leads_to
        assert {type(effect) for effect in step.effects} <= set(cell.effects)

    def test_nothing_is_declared_in_vain(self):
        for state, row in TABLE.items():
            for kind, cell in row.items():
                steps = [
                    cell.action(state, memory(held), given)
                    for given in EXAMPLES
                    if type(given) is kind
                    for held in ([], [HELLO] * LIMITS.max_held_frames)
                ]
                seen = {type(effect) for step in steps for effect in step.effects}
                assert seen == set(cell.effects), (state, kind)
                assert {step.state for step in steps} == set(cell.leads_to), (state, kind)
