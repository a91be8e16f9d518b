"""The states of agents, and the ways between them: one table for all that know the same intents.

pytlas has the library `transitions` make all this anew for every agent, and a method of the
agent for every name. The ways are the same here, in the same order; they hold no agent, so
all agents share them. A table never changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from attrs import define, field, frozen

from pytlas_wamp import compat

compat.import_pytlas()

from pytlas.conversing.agent import (  # noqa: E402 - after compat
    STATE_ASK,
    STATE_ASLEEP,
    STATE_CANCEL,
    STATE_FALLBACK,
    build_scopes,
    is_builtin,
)

Scopes = dict[str | None, list[str]]
# More than the languages of a server, in the versions that conversations still use.
_MAX_TABLES = 32
# The attribute of an agent that has its state, which is therefore no name for an intent.
_STATE = "state"


@frozen(kw_only=True, eq=False)
class Way:
    """A way from some states to another one.

    Args:
      sources: where it begins.
      dest: where it ends.
      condition: the name of the agent's method that opens it; None: it is always open.
      after: the name of the agent's method that is called at its end, if any.
    """

    sources: frozenset[str] = field(repr=False)
    dest: str
    condition: str | None = None
    after: str | None = None


@frozen(eq=False)
class StateTable:
    """Where agents with certain intents can be, and how they get from one state to another.

    Args:
      states: their names.
      names: the same as pytlas lists them, an intent that is there twice included.
      scopes: the intents that may be answered in each context; None is outside of all.
      events: the ways that each name opens; the first one whose condition holds is gone.
      contexts: by the names of the conditions that ask for them.
      fault: why pytlas makes no agent with these intents; None: it does.
    """

    states: frozenset[str] = field(repr=False)
    names: tuple[str, ...] = field(repr=False)
    scopes: Scopes = field(repr=False)
    events: Mapping[str, Sequence[Way]] = field(repr=False)
    contexts: Mapping[str, str] = field(repr=False)
    fault: str | None = None


@define(eq=False)
class Step:
    """One attempt to go a way, with the names by which pytlas' callbacks ask about it.

    Args:
      model: the agent.
      name: of the event.
      source: the state it began in.
      args: what the event came with.
      kwargs: the same, by name.
      dest: the state it leads to.
    """

    model: Any = field(repr=False)
    name: str
    source: str
    args: tuple[Any, ...] = field(repr=False)
    kwargs: Mapping[str, Any] = field(repr=False)
    dest: str = ""

    @property
    def event(self) -> Step:
        """What has the `name`."""
        return self

    @property
    def transition(self) -> Step:
        """What has the `source` and the `dest`."""
        return self


def scopes_of(intents: Sequence[str]) -> Scopes:
    """The intents that may be answered in each context; None is outside of all contexts."""
    scopes: Scopes = build_scopes(_own(intents), include_cancel_state=STATE_CANCEL in intents)
    return scopes


@lru_cache(maxsize=_MAX_TABLES)
def table_of(intents: tuple[str, ...]) -> StateTable:
    """The table of an interpreter's intents, the same one for the same intents."""
    own = _own(intents)
    scopes = scopes_of(intents)
    names = (STATE_ASLEEP, STATE_ASK, STATE_FALLBACK, STATE_CANCEL, *own)
    states = frozenset(names)
    events: dict[str, list[Way]] = {}
    fault = None
    for name, way in _ways(states, own, scopes):
        if name == _STATE:
            fault = "Trigger name cannot be same as model attribute name."
            break
        events.setdefault(name, []).append(way)
    # A fault is outside of all contexts, and those come last.
    contexts = {} if fault else {_condition(context): context for context in scopes if context}
    return StateTable(states, names, scopes, events, contexts, fault)


def grown(table: StateTable, intents: Sequence[str]) -> StateTable:
    """A table with more intents; those it has stay, so that what is there can end.

    One that pytlas would not take is left out.
    """
    own = (name for name in intents if name != _STATE)
    return table_of(tuple(dict.fromkeys((*table.names, *own))))


def _own(intents: Sequence[str]) -> list[str]:
    return [name for name in intents if not is_builtin(name)]


def _condition(context: str) -> str:
    return f"is_in_{context}_context"


def _ways(states: frozenset[str], own: list[str], scopes: Scopes) -> Iterator[tuple[str, Way]]:
    """All ways, each with the name that opens it, in the order in which pytlas adds them."""
    for name in states:
        yield f"to_{name}", Way(sources=states, dest=name)
    intents = frozenset(own)
    yield (
        STATE_ASLEEP,
        Way(
            sources=intents | {STATE_FALLBACK, STATE_CANCEL},
            dest=STATE_ASLEEP,
            after="end_conversation",
        ),
    )
    yield (
        STATE_CANCEL,
        Way(
            sources=states - {STATE_CANCEL},
            dest=STATE_CANCEL,
            condition="_has_current_request_or_context",
            after="_on_cancel",
        ),
    )
    yield (
        STATE_ASK,
        Way(sources=intents | {STATE_FALLBACK}, dest=STATE_ASK, after="_on_asked"),
    )
    rest = frozenset((STATE_ASLEEP, STATE_ASK))
    yield STATE_FALLBACK, Way(sources=rest, dest=STATE_FALLBACK, after="_on_intent")
    for context, names in scopes.items():
        condition = _condition(context) if context else None
        # A name twice is a second way where the first one is just as open or closed.
        for name in dict.fromkeys(names):
            if name != STATE_CANCEL:
                yield name, Way(sources=rest, dest=name, condition=condition, after="_on_intent")
