"""The threads and the assistant behind a wire, see wire_pair.py.

Both come from workers_for_tests.py and transcript_assistant.py; what is added here is
what only tests of the whole server need: pools that hold their work back or fail, and
two more skills.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import define, field
from twisted.internet.defer import Deferred, fail, succeed

from transcript_assistant import PAIR, TRANSCRIPT_INTENTS, Gates, WordInterpreter, transcript_skills
from workers_for_tests import Arrivals, ManualWorkers


@define(eq=False)
class Pool:
    """Workers that tests can hold back, or let fail.

    Args:
      jobs: the pool behind it.
      held: while true, nothing is begun.
      trouble: what every call fails with from now on, in its thread.
      dead: whether its process was killed: nothing is begun, and nothing comes back.
    """

    jobs: ManualWorkers
    held: bool = False
    trouble: Exception | None = None
    dead: bool = False

    def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Deferred[Any]:
        if self.dead:
            return Deferred()

        def work() -> Any:
            if self.trouble is not None:
                raise self.trouble
            return function(*args, **kwargs)

        done = self.jobs.run(work)
        # A Deferred that waits for one that never fires never fires itself.
        return done.addBoth(lambda result: Deferred() if self.dead else result)

    def call_from_thread(self, function: Callable[..., object], *args: Any, **kwargs: Any) -> None:
        def unless_dead() -> None:
            if not self.dead:
                function(*args, **kwargs)

        self.jobs.call_from_thread(unless_dead)

    def let_one_go(self) -> bool:
        """Begin what waits longest; says whether there was anything."""
        if self.held or self.dead or not self.jobs.jobs:
            return False
        self.jobs.start()
        return True


@define(eq=False)
class Stage:
    """All pools of a server, its skills, and what threads have sent to the reactor.

    Args:
      gates: lets waiting skills go on.
    """

    gates: Gates = field(factory=Gates)
    _arrivals: Arrivals = field(factory=Arrivals)
    _pools: list[Pool] = field(factory=list)

    def pool(self, room: int = 10_000) -> Pool:
        """One more pool, with room for so many calls."""
        self._pools.append(Pool(ManualWorkers(self._arrivals, room=room)))
        return self._pools[-1]

    def work(self) -> bool:
        """Do all that can be done; says whether there was anything."""
        worked = False
        while len(self._arrivals) or any(pool.let_one_go() for pool in self._pools):
            worked = True
            if len(self._arrivals):
                self._arrivals.next()
        return worked

    def kill(self) -> None:
        """End all pools there are, in the middle of whatever they do."""
        for pool in self._pools:
            pool.dead = True
        self._pools.clear()

    def let_all_go(self) -> None:
        """Hold nothing back any more, and let everything succeed."""
        for pool in self._pools:
            pool.held, pool.trouble = False, None

    def skills(self) -> dict[str, Any]:
        """Those of the transcripts and two more."""
        return {**transcript_skills(self.gates), "who": _who, "big": _big}


@define
class OneInterpreterEach:
    """Where the host finds interpreters; counts how often it looked, and fails when told to."""

    asked: int = 0
    trouble: Exception | None = None

    def get(self, language: str) -> Deferred[Any]:
        self.asked += 1
        if self.trouble is not None:
            return fail(self.trouble)
        known = (*TRANSCRIPT_INTENTS, "who", "big")
        interpreter = WordInterpreter(language, known, sentences=PAIR)
        interpreter.fit_from_skill_data()
        return succeed(interpreter)


def _who(request: Any) -> None:
    name = request.agent.settings.get("name", section="person", default="nobody")
    request.agent.answer(f"{name} in {request.lang}")
    request.agent.done()


def _big(request: Any) -> None:
    request.agent.answer("x" * 100_000)
    request.agent.done()
