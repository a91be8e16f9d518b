"""The session of one connection: inputs in, effects out (spec 3)."""

from __future__ import annotations

from attrs import define, field

from pytlas_wamp.limits import Limits
from pytlas_wamp.session.actions import Memory, State
from pytlas_wamp.session.effects import Effect
from pytlas_wamp.session.inputs import Input
from pytlas_wamp.session.table import TABLE
from pytlas_wamp.wire.messages import ServerInfo


class IllegalStep(RuntimeError):
    """A step that the table does not have: a bug of ours, never the peer's fault."""


@define(init=False)
class Session:
    """Knows where a connection is in its life and what has to be done next.

    Args:
      limits: bounds that apply to the connection.
      server: what `ready` tells about the server.
    """

    state: State
    _memory: Memory = field(repr=False)

    def __init__(self, *, limits: Limits, server: ServerInfo) -> None:
        self.state = State.UNAUTHENTICATED
        self._memory = Memory(limits=limits, server=server)

    @property
    def user_id(self) -> int | None:
        """Whose connection it is, once a token was accepted."""
        return self._memory.user_id

    def handle(self, given: Input) -> list[Effect]:
        """Take one step, and then those that frames held back make possible.

        Returns:
          what has to be done, in this order.

        Raises:
          IllegalStep: when the table has no such cell.
        """
        effects = list(self._step(given))
        while self._memory.held and self.state is not State.VERIFYING:
            effects.extend(self._step(self._memory.held.pop(0)))
        return effects

    def _step(self, given: Input) -> tuple[Effect, ...]:
        cell = TABLE[self.state].get(type(given))
        if cell is None:
            raise IllegalStep(f"{type(given).__name__} in state {self.state}")
        step = cell.action(self.state, self._memory, given)
        self.state = step.state
        return step.effects
