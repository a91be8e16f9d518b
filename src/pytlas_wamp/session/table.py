"""All transitions of a session as data; equals spec/states.json cell by cell.

The rules behind the table:

- A peer can send anything in any state, so every peer input has a cell in every
  state: no byte of a peer can be an illegal step.
- Before `ready`, all the peer's mistakes end in close 1000; after it, only dead
  credentials do (spec 3.2, 3.7). To have too many devices is no mistake of this one.
- `ready` and `awaiting-answer` differ in what is pending, not in what is legal:
  they share one row.
- A closed session stays closed and asks for nothing, except to leave a
  conversation that it joined too late.
- What cannot happen is listed in `IMPOSSIBLE` with its reason; such a step is a
  bug of ours (`IllegalStep`), never the peer's fault.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from pytlas_wamp.session import actions as act
from pytlas_wamp.session import effects as do
from pytlas_wamp.session import inputs as on
from pytlas_wamp.session.actions import Action, State
from pytlas_wamp.wire.messages import Authenticate, Cancel, Message


@frozen
class Cell:
    """One cell: the action, the states it may lead to, the effects it may ask for."""

    action: Action
    leads_to: tuple[State, ...]
    effects: tuple[type[do.Effect], ...] = ()


_UNAUTHENTICATED = State.UNAUTHENTICATED
_VERIFYING = State.VERIFYING
_READY = State.READY
_AWAITING = State.AWAITING_ANSWER
_CLOSED = (State.CLOSED,)
_ENDING = (do.StopTimers, do.Leave, do.Close)

_ENDS: dict[type[Any], Cell] = {
    on.Stopped: Cell(act.stop, _CLOSED, _ENDING),
    on.Crashed: Cell(act.give_up, _CLOSED, _ENDING),
    on.TransportLost: Cell(act.vanish, _CLOSED, (do.StopTimers, do.Leave)),
}
_STRANGER = Cell(act.reject_stranger, _CLOSED, _ENDING)
_HELD = Cell(act.hold, (_VERIFYING, State.CLOSED), _ENDING)
_LATE = Cell(act.close_late, _CLOSED, _ENDING)
_REFUSED = Cell(act.refuse, _CLOSED, _ENDING)
_SENT_AWAY = Cell(act.send_away, _CLOSED, (do.Send, *_ENDING))


def _talking(state: State) -> dict[type[Any], Cell]:
    """The row of `ready` and of `awaiting-answer`."""
    same = (state,)
    return {
        Authenticate: Cell(act.renew, same, (do.VerifyToken,)),
        Message: Cell(act.say, (_READY,), (do.Say,)),
        Cancel: Cell(act.cancel, (_READY,), (do.CancelTurn,)),
        on.Malformed: Cell(act.complain, same, (do.Send,)),
        on.Binary: Cell(act.close_on_binary, _CLOSED, _ENDING),
        on.RateExceeded: Cell(act.slow_down, same, (do.Send,)),
        on.Flooding: Cell(act.close_on_flood, _CLOSED, _ENDING),
        on.Unreadable: Cell(act.close_unreadable, _CLOSED, _ENDING),
        on.SlowReader: Cell(act.close_slow_reader, _CLOSED, _ENDING),
        on.TokenAccepted: Cell(act.extend, same, (do.StartTimer, do.Send)),
        on.TokenRefused: Cell(act.keep_old_token, same, (do.Send,)),
        on.Asked: Cell(act.ask, (_AWAITING,), (do.Send,)),
        on.Moved: Cell(act.move_on, (_READY,), (do.Send,)),
        on.Delivered: Cell(act.deliver, same, (do.Send,)),
        on.DeadlinePassed: _LATE,
        on.CredentialsDied: _REFUSED,
        on.Unavailable: Cell(act.complain_unavailable, same, (do.Send,)),
        on.ShuttingDown: Cell(act.say_goodbye, same, (do.Send,)),
        **_ENDS,
    }


TABLE: Mapping[State, Mapping[type[Any], Cell]] = {
    _UNAUTHENTICATED: {
        on.Opened: Cell(act.await_authentication, (_UNAUTHENTICATED,), (do.StartTimer,)),
        Authenticate: Cell(act.verify, (_VERIFYING,), (do.StopTimers, do.VerifyToken)),
        Message: _STRANGER,
        Cancel: _STRANGER,
        on.Malformed: _STRANGER,
        on.Binary: _STRANGER,
        on.RateExceeded: _STRANGER,
        on.Flooding: _STRANGER,
        on.Unreadable: _STRANGER,
        on.SlowReader: _STRANGER,
        on.DeadlinePassed: _LATE,
        on.ShuttingDown: _SENT_AWAY,
        **_ENDS,
    },
    _VERIFYING: {
        Authenticate: _HELD,
        Message: _HELD,
        Cancel: _HELD,
        on.Malformed: _HELD,
        on.Binary: _HELD,
        on.RateExceeded: _HELD,
        on.Flooding: _HELD,
        on.Unreadable: _STRANGER,
        # Only the answers to its own pings can pile up before `ready`.
        on.SlowReader: _STRANGER,
        on.TokenAccepted: Cell(act.join, (_VERIFYING,), (do.StartTimer, do.Join)),
        on.TokenRefused: _REFUSED,
        on.Joined: Cell(act.welcome, (_READY, _AWAITING), (do.Send,)),
        on.TooManyConnections: Cell(act.turn_away, _CLOSED, _ENDING),
        on.DeadlinePassed: _LATE,
        on.CredentialsDied: _REFUSED,
        on.Unavailable: Cell(act.close_unavailable, _CLOSED, _ENDING),
        on.ShuttingDown: _SENT_AWAY,
        **_ENDS,
    },
    _READY: _talking(_READY),
    _AWAITING: _talking(_AWAITING),
    State.CLOSED: {
        kind: Cell(act.leave_again, _CLOSED, (do.Leave,))
        if kind is on.Joined
        else Cell(act.ignore, _CLOSED)
        for kind in on.INPUTS
    },
}

_NOTHING_ASKED = "no token has been sent for verification"
_NOT_JOINED = "frames come from a conversation only after Joined"
_ONCE = "the transport reports this once, at the start"
_JOINS_ONCE = "joining happens once, from verifying"
_JOINING = (on.Joined, on.TooManyConnections)
IMPOSSIBLE: Mapping[tuple[State, type[Any]], str] = {
    (_UNAUTHENTICATED, on.TokenAccepted): _NOTHING_ASKED,
    (_UNAUTHENTICATED, on.TokenRefused): _NOTHING_ASKED,
    (_UNAUTHENTICATED, on.Unavailable): _NOTHING_ASKED,
    (_UNAUTHENTICATED, on.CredentialsDied): _NOTHING_ASKED,
    **{(_UNAUTHENTICATED, kind): _NOTHING_ASKED for kind in _JOINING},
    **{(_UNAUTHENTICATED, kind): _NOT_JOINED for kind in (on.Asked, on.Moved, on.Delivered)},
    **{(_VERIFYING, kind): _NOT_JOINED for kind in (on.Asked, on.Moved, on.Delivered)},
    **{(state, on.Opened): _ONCE for state in (_VERIFYING, _READY, _AWAITING)},
    **{(state, kind): _JOINS_ONCE for state in (_READY, _AWAITING) for kind in _JOINING},
}


def describe() -> dict[str, Any]:
    """The table as plain data, in the form of spec/states.json."""
    return {
        state.value: {
            _input_name(kind): {
                "leads_to": [target.value for target in row[kind].leads_to],
                "effects": [effect.__name__ for effect in row[kind].effects],
            }
            for kind in on.INPUTS
            if kind in row
        }
        for state, row in TABLE.items()
    }


def _input_name(kind: type[Any]) -> str:
    """A message is named by its type, anything else by its class."""
    return str(getattr(kind, "TYPE", kind.__name__))
