"""How a gateway can stand to a conversation, as a table."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class State(StrEnum):
    """How a gateway stands to a conversation."""

    LOST = "lost"  # nobody is known who has it; waits a moment
    LOOKING = "looking"  # for its owner, or who could be it
    JOINING = "joining"  # the owner was asked to let devices in
    LIVE = "live"  # what is said goes to the owner, what it tells comes here
    ENDED = "ended"  # no device is here any more


class Event(StrEnum):
    """What makes a difference to that."""

    LOOK = "look"
    FOUND = "found"
    WELCOMED = "welcomed"
    BROKEN = "broken"
    DESERTED = "deserted"


TABLE: Final[Mapping[State, Mapping[Event, State]]] = {
    State.LOST: {Event.LOOK: State.LOOKING, Event.DESERTED: State.ENDED},
    State.LOOKING: {
        Event.FOUND: State.JOINING,
        Event.BROKEN: State.LOST,
        Event.DESERTED: State.ENDED,
    },
    State.JOINING: {Event.WELCOMED: State.LIVE, Event.BROKEN: State.LOST},
    State.LIVE: {Event.BROKEN: State.LOST, Event.DESERTED: State.ENDED},
    State.ENDED: {},
}
