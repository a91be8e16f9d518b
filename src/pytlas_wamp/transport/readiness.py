"""`/readyz`: whether conversations can be had, and what is missing when not (spec 6.7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import define, field
from twisted.internet.defer import Deferred, succeed

from pytlas_wamp.transport.http import HttpRequest
from pytlas_wamp.transport.problems import problem
from pytlas_wamp.transport.replies import Reply, json_reply

# Whoever probes gives up soon, and takes silence for the worse answer.
PATIENCE_SECONDS: Final = 2.0


@define(kw_only=True, eq=False)
class Readiness:
    """Asks everything that a conversation needs.

    Args:
      serving: whether the server has started and does not stop.
      ask_database: asks it something small; fires when it has answered, fails when not.
      needs: what else there must be, by what it is called: whether it is there.
      clock: an IReactorTime, for the time the database may take.
    """

    _serving: Callable[[], bool]
    _ask_database: Callable[[], Deferred[Any]]
    _needs: Mapping[str, Callable[[], bool]]
    _clock: Any
    # A question that is out: while a database hangs, each one more would cost a thread.
    _asked: bool = field(init=False, default=False)
    _waiting: list[Deferred[bool]] = field(init=False, factory=list)

    def answer(self, _: HttpRequest) -> Deferred[Reply]:
        """Returns 200, or 503 with what is not ready, within some 2 seconds."""
        if not self._serving():
            return succeed(problem("unavailable", "Not ready: the server is stopping."))
        return self._database_answers().addCallback(self._told)

    def _told(self, answered: bool) -> Reply:  # noqa: FBT001 - a result
        missing = [] if answered else ["the database"]
        missing += [name for name, is_there in self._needs.items() if not is_there()]
        if missing:
            return problem("unavailable", f"Not ready: {', '.join(missing)}.")
        return json_reply({"status": "ok"})

    def _database_answers(self) -> Deferred[bool]:
        answer: Deferred[bool] = Deferred()
        self._waiting.append(answer)
        late = self._clock.callLater(PATIENCE_SECONDS, self._give_up, answer)

        def in_time(result: bool) -> bool:  # noqa: FBT001 - a result
            if late.active():
                late.cancel()
            return result

        answer.addCallback(in_time)
        if not self._asked:
            self._asked = True
            self._ask_database().addCallbacks(lambda _: True, lambda _: False).addCallback(
                self._answered
            )
        return answer

    def _give_up(self, answer: Deferred[bool]) -> None:
        self._waiting.remove(answer)
        answer.callback(False)  # noqa: FBT003 - a result

    def _answered(self, outcome: bool) -> None:  # noqa: FBT001 - a result
        self._asked = False
        waiting, self._waiting = self._waiting, []
        for answer in waiting:
            answer.callback(outcome)
