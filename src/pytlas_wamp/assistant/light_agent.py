"""pytlas' agent at a hundredth of its price.

It does what pytlas' does, and is made in microseconds and of a few kilobytes: the states
and the ways between them are those of a table that all agents with the same intents share
(`assistant.states`), and what the library `transitions` makes beforehand for each agent and
each intent (`agent.is_lights()`, `agent.to_lights()`, `agent.lights()`) is made when
somebody asks for it.

What differs: that library's own log messages are not written (pytlas silences all but its
warnings of names that the agent has already); it does not look for methods `on_enter_...`
and `on_exit_...` of a subclass; and `agent._machine` is a table, not a machine. What an
event is handed to callbacks as has the attributes of `assistant.states.Step`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from pytlas_wamp import compat
from pytlas_wamp.assistant.states import StateTable, Step, Way, table_of

compat.import_pytlas()

from pytlas.conversing.agent import (  # noqa: E402 - after compat
    STATE_ASK,
    STATE_ASLEEP,
    Agent,
    MachineError,
)
from pytlas.handling.hooks import HooksStore  # noqa: E402


class LightAgent(Agent):
    """An agent of pytlas, made the same way."""

    # pytlas' own, which it does not declare in a way that can be checked.
    state: str
    current_context: str | None
    _machine: StateTable
    _available_scopes: Mapping[str | None, list[str]]
    _current_scopes: list[str]
    _on_context: Callable[[str | None], None] | None
    # Of former calls of `build`, the first one first.
    _former: tuple[StateTable, ...] = ()

    def build(self) -> None:
        """Take over what the interpreter knows now, and be asleep.

        As with pytlas, what has a name already keeps its meaning. So events go on as they
        did after the first call, `trigger` knows no newer ones, and the scopes are in use
        from the next `context` on.

        Raises:
          ValueError: an intent is called `state`.
        """
        former: StateTable | None = self._machine
        if former is not None:
            self.end_conversation()
        table = table_of(tuple(self._interpreter.intents))
        if former is not None:
            if former not in self._former:
                self._former = (*self._former, former)
            for name in table.contexts:
                # Somebody has put another one in its place.
                self.__dict__.pop(name, None)
        self._available_scopes = table.scopes
        self._machine = table
        self.state = STATE_ASLEEP
        if self._transitions_graph_path:
            # Drawn by pytlas itself, or its complaint about what it lacks for that.
            Agent(
                self._interpreter,
                transitions_graph_path=self._transitions_graph_path,
                hooks_store=HooksStore(),
            )
        if self._logger.isEnabledFor(logging.INFO):
            names = ", ".join(f'"{name}"' for name in table.names)
            self._logger.info('Instantiated agent with "%d" states: %s', len(table.names), names)
        if table.fault is not None:
            raise ValueError(table.fault)

    def trigger(self, name: str, /, *args: Any, **kwargs: Any) -> bool:
        """Go the way that this name opens from here.

        Returns:
          Whether it could be gone; its condition may not hold.

        Raises:
          AttributeError: nothing is of that name.
          MachineError: it opens no way from here.
        """
        table = self._former[0] if self._former else self._machine
        ways = table.events.get(name)
        if ways is None:
            raise AttributeError(f"Do not know event named '{name}'.")
        return self._go_one_of(table, name, ways, args, kwargs)

    def context(self, context_name: str | None) -> None:
        """Enter a context, or leave it with None."""
        if self._logger.isEnabledFor(logging.INFO):
            super().context(context_name)
            return
        # The same, without the message that lists all intents.
        self.current_context = context_name
        scopes = self._available_scopes
        self._current_scopes = scopes[context_name if context_name in scopes else None]
        if self._on_context:
            self._on_context(context_name)

    def _log_transition(self, event: Any) -> None:
        # With a question that lacks something, the message cannot be made: pytlas fails.
        if event.dest == STATE_ASK or self._logger.isEnabledFor(logging.INFO):
            super()._log_transition(event)

    def _go_one_of(
        self,
        table: StateTable,
        name: str,
        ways: Sequence[Way],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
    ) -> bool:
        source = self.state
        if source not in table.states:
            raise ValueError(f"State '{source}' is not a registered state.")
        step: Step | None = None
        for way in ways:
            if source not in way.sources:
                continue
            if step is None:
                step = Step(self, name, source, args, kwargs)
            if way.condition is None or getattr(self, way.condition)(step):
                step.dest = way.dest
                self._take_way(way, step)
                return True
        if step is None:
            raise MachineError(f"Can't trigger event {name} from state {source}!")
        return False

    def _take_way(self, way: Way, step: Step) -> None:
        self._log_transition(step)
        if way.dest:
            self.state = way.dest
        if way.after is not None:
            getattr(type(self), way.after)(self, step)

    def __getattr__(self, name: str) -> Any:
        """What `transitions` makes for each state and each event, made now."""
        tables = list(self._tables())
        for table in tables:
            if name in table.contexts:
                return self._build_is_in_context_lambda(table.contexts[name])
        for table in tables:
            if name.startswith("is_") and name[3:] in table.states:
                return partial(self._is_in_state, name[3:])
            if (ways := table.events.get(name)) is not None:
                return partial(self._go_by_name, table, name, ways)
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def _tables(self) -> Iterator[StateTable]:
        yield from self._former
        # Asked for before there is one, too, by whoever makes or copies an agent.
        latest = self.__dict__.get("_machine")
        if latest is not None:
            yield latest

    def _is_in_state(self, name: str) -> bool:
        return self.state == name

    def _go_by_name(
        self, table: StateTable, name: str, ways: Sequence[Way], /, *args: Any, **kwargs: Any
    ) -> bool:
        return self._go_one_of(table, name, ways, args, kwargs)
