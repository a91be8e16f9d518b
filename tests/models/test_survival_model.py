"""Whole conversations, and all that may befall them: lost connections, bad skills, a killed server.

Devices talk to a server in memory, frame by frame, until the process is gone and another one
goes on from the same journal. What is expected stands in `survival_story`: it predicts the log.
"""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from strategies import share
from survival_story import DEADLINE_SECONDS, visited
from survival_tour import INTERESTING, tour
from survival_world import CLIENTS, World

WORDS = (
    *("echo", "echo", "lights", "lights", "kitchen", "dim", "full", "askpair", "pair", "slowpair"),
    *("slow", "slow", "linger", "later", "ring", "boom", "silent", "enter", "leave"),
    *("cancel", "nohandler"),
)
TROUBLES = ("kill", "kill", "stop", "journal", "journal", "idle")
WHO = st.integers(0, CLIENTS - 1)
SHARE = st.sampled_from([0.0, 0.3, 0.5, 0.9, 1.0])
FEW = st.integers(0, 5)


class Survival(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.world = World()

    # Connections

    @rule(who=WHO, after=st.sampled_from(["none", "right", "right", "old", "absurd"]), pick=FEW)
    def connect(self, who: int, after: str, pick: int) -> None:
        self.world.connect(who, after, pick)

    @rule(who=WHO, word=st.sampled_from(WORDS))
    def connect_and_say_at_once(self, who: int, word: str) -> None:
        if self.world.clients[who].line is None:
            self.world.connect(who, "right", 0)
            self.world.say(who, word)

    @rule(who=WHO)
    def look_away(self, who: int) -> None:
        self.world.look_away(who)

    @rule(who=WHO, share=SHARE)
    def drop(self, who: int, share: float) -> None:
        self.world.drop(who, share)

    @rule(who=WHO, word=st.sampled_from(WORDS), share=SHARE)
    def drop_in_a_frame(self, who: int, word: str, share: float) -> None:
        self.world.drop_in_a_frame(who, word, share)

    # What people say

    @rule(
        who=WHO,
        word=st.sampled_from(WORDS),
        id_=st.sampled_from(["new", "new", "new", "none"]),
        answers=st.sampled_from(["none", "none", "none", "right", "wrong"]),
    )
    def say(self, who: int, word: str, id_: str, answers: str) -> None:
        self.world.say(who, word, id_=id_, answers=answers)

    @rule(who=WHO, word=st.sampled_from(WORDS))
    def say_and_wait(self, who: int, word: str) -> None:
        self.world.talk(who, word)

    @rule(who=WHO, pick=FEW, changed=st.sampled_from([False, False, True]))
    def say_again(self, who: int, pick: int, changed: bool) -> None:  # noqa: FBT001 - drawn
        self.world.say_again(who, pick, changed=changed)

    @rule(who=WHO)
    def cancel(self, who: int) -> None:
        self.world.cancel(who)

    # What threads and time do

    @precondition(lambda self: self.world.server.moves)
    @rule(pool=st.integers(0, 2), index=st.integers(0, 3))
    def work(self, pool: int, index: int) -> None:
        self.world.work(pool, index)

    @precondition(lambda self: self.world.server.moves)
    @rule(count=st.integers(1, 6))
    def arrive(self, count: int) -> None:
        self.world.arrive(count)

    @rule()
    def settle(self) -> None:
        self.world.settle()

    @precondition(lambda self: self.world.gates.slow.waiting)
    @rule()
    def release_slow(self) -> None:
        self.world.release_slow()

    @precondition(lambda self: self.world.gates.later)
    @rule()
    def release_later(self) -> None:
        self.world.release_later()

    @rule(seconds=st.sampled_from([0.05, 0.05, 0.05, 1.0, DEADLINE_SECONDS]))
    def advance(self, seconds: float) -> None:
        self.world.advance(seconds)

    # What befalls the server

    @rule(what=st.sampled_from(TROUBLES), flag=st.booleans())
    def go_wrong(self, what: str, flag: bool) -> None:  # noqa: FBT001 - drawn
        if what == "kill":
            self.world.kill(written=flag)
        elif what == "stop":
            self.world.stop(grace=flag, late=not flag)
        elif what == "journal":
            self.world.journal_fails(fails=not self.world.journal.failing)
        else:
            self.world.idle(leave=flag)

    # What must be true

    @invariant()
    def holds(self) -> None:
        self.world.check()

    def teardown(self) -> None:
        self.world.end()


class TestSurvival:
    def test_conversations_survive_all_that_may_befall_them(self):
        visited.clear()
        survival = Survival()
        try:
            tour(survival.world)
        finally:
            survival.teardown()
        assert {name for name in INTERESTING if not visited[name]} == set()

    def test_conversations_survive_in_any_order(self):
        profile = settings(share(0.6), stateful_step_count=50)
        run_state_machine_as_test(Survival, settings=profile)
