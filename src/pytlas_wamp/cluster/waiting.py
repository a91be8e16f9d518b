"""Questions that wait for their answer."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from attrs import define, field
from twisted.internet.defer import Deferred

from pytlas_wamp.cluster.bus import ANSWER_SECONDS, BusError, Unanswered
from pytlas_wamp.cluster.parcels import answer_in

_Question = tuple[float, "Deferred[Any]", str]


@define(eq=False)
class Waiting:
    """Numbers questions, and lets each of them wait for the same time.

    So the oldest is always the next one that is too late, and one timer is enough: thousands
    would cost more than what they guard.

    Args:
      clock: an IReactorTime.
      seconds: how long.
    """

    _clock: Any
    _seconds: float = ANSWER_SECONDS
    _numbers: count[int] = field(factory=lambda: count(1))
    _questions: dict[int, _Question] = field(factory=dict)
    _timer: Any = None

    def __len__(self) -> int:
        """How many wait."""
        return len(self._questions)

    def next_number(self) -> int:
        """A number for a question; it need not be used."""
        return next(self._numbers)

    def add(self, number: int, node: str) -> Deferred[Any]:
        """Lets a question wait that is sent to a node now."""
        answered: Deferred[Any] = Deferred()
        self._questions[number] = (self._clock.seconds() + self._seconds, answered, node)
        if self._timer is None:
            self._timer = self._clock.callLater(self._seconds, self._look)
        return answered

    def answer(self, number: Any, document: Any) -> None:
        """Gives who asked what came; nobody waits for what comes too late."""
        question = self._questions.pop(number, None)
        if question is None:
            return
        try:
            body = answer_in(document)
        except BusError as error:
            question[1].errback(error)
        else:
            question[1].callback(body)

    def fail(self, number: int, error: BusError) -> None:
        """Tells who asked that no answer will come."""
        question = self._questions.pop(number, None)
        if question is not None:
            question[1].errback(error)

    def fail_all(
        self, node: str | None, why: str, kind: Callable[[str], BusError] = Unanswered
    ) -> None:
        """Tells everybody who has asked a node, or any, that the answer will not come.

        Args:
          node: by its id; None for all.
          why: a sentence.
          kind: makes the error.
        """
        for number, (_, _, asked) in tuple(self._questions.items()):
            if node is None or node == asked:
                self.fail(number, kind(why))

    def stop(self) -> None:
        """Forgets everything, without a word."""
        self._questions.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        now = self._clock.seconds()
        late = []
        for number, (deadline, _, node) in self._questions.items():
            if deadline > now:
                self._timer = self._clock.callLater(deadline - now, self._look)
                break
            late.append((number, node))
        for number, node in late:
            self.fail(number, Unanswered(f"{node} did not answer within {self._seconds:g} s"))
