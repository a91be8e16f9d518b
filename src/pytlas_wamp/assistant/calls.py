"""The calls of skills by one agent, and what their breakers learn of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import define, field

from pytlas_wamp.assistant.breakers import Breakers

# pytlas hands it to a skill as `__pytlas_package__`; one without is of no package.
NO_SKILL = "?"


def skill_of(handler: Any) -> str:
    """The package of the skill that a handler is from."""
    return getattr(handler, "__pytlas_package__", NO_SKILL)


@define(kw_only=True, eq=False)
class SkillCall:
    """One call of a skill.

    Args:
      handler: what is called.
      request: what it is called with.
      skill: its package.
      ended: whether it has called done, or asked; or was not called at all.
      returned: whether the handler has come back without raising.
      counted: whether its breaker knows how it went.
    """

    handler: Callable[[Any], None]
    request: Any
    skill: str
    ended: bool = False
    returned: bool = False
    counted: bool = False


@define(eq=False)
class Calls:
    """The present call, and the one that is still to be made; under the agent's guard.

    Args:
      breakers: of all skills; None: every skill is always called.
    """

    _breakers: Breakers | None
    _present: SkillCall | None = field(init=False, default=None)
    # Prepared in the middle of the state machine, made outside of the guard.
    _due: SkillCall | None = field(init=False, default=None)

    @property
    def skill(self) -> str | None:
        """The skill that is at work, until it ends its call."""
        call = self._present
        return None if call is None or call.ended else call.skill

    @property
    def is_due(self) -> bool:
        """Whether a call is prepared that nobody has made."""
        return self._due is not None

    def prepare(self, handler: Callable[[Any], None], request: Any) -> float | None:
        """Have a skill called next, unless its breaker is open.

        Returns:
          None, or the seconds until it may be called; it is the present skill either way.
        """
        call = SkillCall(handler=handler, request=request, skill=skill_of(handler))
        self._present = call
        wait = None if self._breakers is None else self._breakers.admits(call.skill)
        if wait is None:
            self._due = call
        else:
            call.counted = True
        return wait

    def take_due(self) -> SkillCall | None:
        """The call to make now, if any."""
        due, self._due = self._due, None
        return due

    def end(self) -> None:
        """The skill has called done, or asked."""
        call = self._present
        if call is not None:
            call.ended = True
            self._count_success(call)

    def returned(self, call: SkillCall) -> None:
        """The handler came back."""
        call.returned = True
        self._count_success(call)

    def raised(self, call: SkillCall) -> bool:
        """The handler raised; whether its turn has to be ended for it."""
        if call is not self._present:
            # Cancelled, given up, or asked and answered meanwhile.
            return False
        self._count_failure(call)
        return not call.ended

    def failed(self) -> None:
        """The present call broke the rules, or never ends."""
        call = self._present
        if call is not None and not (call.ended and call.returned):
            self._count_failure(call)

    def drop(self) -> None:
        """Forget the present call; nothing of what it does counts any more."""
        self._present = self._due = None

    def _count_success(self, call: SkillCall) -> None:
        if not (call.ended and call.returned):
            return
        if not call.counted:
            call.counted = True
            if self._breakers is not None:
                self._breakers.succeeded(call.skill)
        if call is self._present:
            # Nothing of it counts any more; an idle agent need not hold its request.
            self._present = None

    def _count_failure(self, call: SkillCall) -> None:
        if not call.counted:
            call.counted = True
            if self._breakers is not None:
                self._breakers.failed(call.skill)
