"""What an agent tells: in the name of which turn, and how much of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from attrs import define, field, frozen
from twisted.logger import Logger

from pytlas_wamp.assistant.turns import Emission, Frame, Outcome, Turn
from pytlas_wamp.wire.messages import Ask, Error, Thinking

_log = Logger()


@frozen(kw_only=True)
class OutputBounds:
    """How much skills may say; None is without bounds.

    Args:
      max_frames_per_turn: answers and contexts in one turn; as many calls of skills; and
        as many frames that no turn caused between two turns.
      max_frame_bytes: of the body of an answer or a question, or the name of a context,
        as JSON.
    """

    max_frames_per_turn: int | None = None
    max_frame_bytes: int | None = None


@define(kw_only=True, eq=False)
class Output:
    """Passes on the frames of one agent; always used under the agent's guard.

    Args:
      emit: takes every frame.
      bounds: on what skills say.
    """

    _emit: Callable[[Emission], None]
    bounds: OutputBounds
    # The one that runs, or ran last and is not reported yet.
    turn: Turn | None = field(init=False, default=None)
    # Whether anything was told since a message was taken.
    told: bool = field(init=False, default=False)
    _silent: bool = field(init=False, default=False)
    _frames: int = field(init=False, default=0)
    _calls: int = field(init=False, default=0)
    _loose: int = field(init=False, default=0)
    _noted: bool = field(init=False, default=False)

    @contextmanager
    def silence(self) -> Iterator[None]:
        """Within this block, nothing goes out."""
        self._silent = True
        try:
            yield
        finally:
            self._silent = False

    def begin(self, turn: Turn) -> None:
        """Tell everything in the name of this turn from now on."""
        if turn is not self.turn:
            self.turn = turn
            self._frames = self._calls = self._loose = 0
            self._noted = False

    def finish(self) -> Turn | None:
        """The turn, which is over; what is told from now on was caused by none."""
        turn, self.turn = self.turn, None
        if turn is not None:
            turn.over = True
            if turn.outcome is None:
                turn.went(Outcome.UNHANDLED)
        return turn

    def takes_frame(self, *, of_turn: bool) -> bool:
        """Count an answer or a context; False when it is one too many."""
        if of_turn:
            self._frames += 1
            return self._is_within(self._frames)
        self._loose += 1
        return self._is_within(self._loose)

    def takes_call(self) -> bool:
        """Count the call of a skill; False when it is one too many."""
        self._calls += 1
        return self._is_within(self._calls)

    def _is_within(self, count: int) -> bool:
        bound = self.bounds.max_frames_per_turn
        return bound is None or count <= bound

    def drop(self, reason: str) -> None:
        """Note, once between the beginnings of two turns, that something is not told."""
        if not self._noted:
            self._noted = True
            _log.warn("{reason}; it is dropped", reason=reason)

    def tell(
        self,
        kind: type[Frame],
        skill: str | None,
        *,
        last: bool = False,
        joined: bool = False,
        **fields: Any,
    ) -> None:
        """Pass on a frame, and note what it says about the turn."""
        self.told = True
        turn = self.turn
        if turn is not None:
            if kind is Thinking:
                turn.went(Outcome.ANSWERED, skill)
            elif kind is Ask:
                turn.went(Outcome.ASKED, skill)
            elif kind is Error:
                turn.went(Outcome.of_error(fields["code"]), skill)
        if not self._silent:
            emission = Emission(
                turn=turn, kind=kind, fields=fields, skill=skill, last=last, joined=joined
            )
            self._emit(emission)
