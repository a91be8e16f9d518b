"""What becomes of turns that do not end by themselves (spec 5.7)."""

from __future__ import annotations

from collections.abc import Callable

from attrs import define
from twisted.logger import Logger
from twisted.python.failure import Failure

from pytlas_wamp.assistant.about import about_turn
from pytlas_wamp.assistant.audience import log_unless_expected
from pytlas_wamp.assistant.turns import Turn
from pytlas_wamp.assistant.worker import Busy, Workers
from pytlas_wamp.wire.codes import ErrorCode

_log = Logger()

# Gives up a turn in the agent, with what is to be told of it.
Abandon = Callable[[Turn, ErrorCode, str], None]


@define(kw_only=True, eq=False)
class GivingUp:
    """Has the agent of a conversation give up a turn, beside the skills.

    Args:
      user_id: whose conversation.
      urgent: where quick calls run.
      fail: called when even the agent cannot be told: the devices are, at least.
    """

    _user_id: int
    _urgent: Workers
    _fail: Callable[[Turn, ErrorCode, str], None]

    def not_run(
        self, failure: Failure, turn: Turn, abandon: Abandon, unless_failed: Abandon | None = None
    ) -> None:
        """No thread was free, or the agent itself failed: the turn ends with an error.

        Args:
          failure: what happened.
          turn: the one that was to run.
          abandon: of its agent.
          unless_failed: the same for want of a thread, if that is something else.
        """
        if isinstance(failure.value, Busy):
            code, text = ErrorCode.BUSY, "too many skills are at work; try again later"
            abandon = unless_failed or abandon
        else:
            _log.failure("a turn failed", failure=failure, **about_turn(self._user_id, turn))
            code, text = ErrorCode.INTERNAL_ERROR, "the turn failed; the server's log says more"
        self._give_up(turn, code, text, abandon)

    def too_late(self, turn: Turn, seconds: float, abandon: Abandon) -> None:
        """The turn has had all the seconds that it may have."""
        text = f"the skill did not finish within {seconds:g} seconds"
        about = about_turn(self._user_id, turn)
        _log.warn("user {user}: {text}", text=text, skill=turn.skill, **about)
        self._give_up(turn, ErrorCode.SKILL_TIMEOUT, text, abandon)

    def _give_up(self, turn: Turn, code: ErrorCode, text: str, abandon: Abandon) -> None:
        self._urgent.run(abandon, turn, code, text).addErrback(self._not_given_up, turn, code, text)

    def _not_given_up(self, failure: Failure, turn: Turn, code: ErrorCode, text: str) -> None:
        log_unless_expected(failure, "a turn could not be given up")
        self._fail(turn, code, text)
