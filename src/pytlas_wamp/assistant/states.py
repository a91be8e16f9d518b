"""The states of an agent, when its interpreter learns new intents while it is in use.

pytlas makes them once; its `build` could make them anew, but would forget a pending
question. What is added here is what `build` adds for an intent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pytlas_wamp import compat

compat.import_pytlas()

from pytlas.conversing.agent import (  # noqa: E402 - after compat
    CONTEXT_SEPARATOR,
    STATE_ASK,
    STATE_ASLEEP,
    STATE_CANCEL,
    build_scopes,
    is_builtin,
)

Scopes = dict[str | None, list[str]]


def scopes_of(intents: Sequence[str]) -> Scopes:
    """The intents that may be answered in each context; None is outside of all contexts."""
    own = [name for name in intents if not is_builtin(name)]
    scopes: Scopes = build_scopes(own, include_cancel_state=STATE_CANCEL in intents)
    return scopes


def add_intents(machine: Any, agent: Any, intents: Sequence[str]) -> None:
    """Make those intents reachable that are not yet; the agent stays in the state it is in.

    Args:
      machine: the agent's.
      agent: one of pytlas.
      intents: all that its interpreter has.
    """
    new = [name for name in intents if not is_builtin(name) and name not in machine.states]
    if not new:
        return
    machine.add_states(new)
    machine.add_transition(STATE_ASLEEP, new, STATE_ASLEEP, after=agent.end_conversation)
    machine.add_transition(
        STATE_CANCEL,
        new,
        STATE_CANCEL,
        conditions=[agent._has_current_request_or_context],  # noqa: SLF001 - as pytlas' build
        after=agent._on_cancel,  # noqa: SLF001 - the same
    )
    machine.add_transition(STATE_ASK, new, STATE_ASK, after=agent._on_asked)  # noqa: SLF001 - the same
    for name in new:
        context = name.rpartition(CONTEXT_SEPARATOR)[0]
        machine.add_transition(
            name,
            [STATE_ASLEEP, STATE_ASK],
            name,
            conditions=[_is_in(agent, context)] if context else None,
            after=agent._on_intent,  # noqa: SLF001 - the same
        )


def _is_in(agent: Any, context: str) -> Callable[[Any], bool]:
    return lambda _event: bool(agent.current_context == context)
