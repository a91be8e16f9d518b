"""The pools of threads."""

from __future__ import annotations

from assembled import Reactor

from pytlas_wamp.limits import Limits
from pytlas_wamp.service.pools import Pools

LIMITS = Limits(max_skill_threads=2, max_waiting_turns=3)


class TestPools:
    def test_logins_do_not_wait_for_skills(self):
        pools = Pools.make(Reactor(), LIMITS)
        assert len({id(pool) for pool in pools.all}) == 7
        assert (pools.skills._max_threads, pools.skills._max_waiting) == (2, 3)
        assert pools.accounts._max_waiting > 1_000

    def test_few_wait_to_sign_in(self):
        pools = Pools.make(Reactor(), LIMITS)
        assert pools.hashing._max_waiting == 50

    def test_one_thread_writes_the_log(self):
        pools = Pools.make(Reactor(), LIMITS)
        assert pools.journal._max_threads == 1

    def test_those_that_ask_the_database_are_waited_for(self):
        pools = Pools.make(Reactor(), LIMITS)
        assert pools.asking_the_database == (
            *(pools.journal, pools.accounts, pools.hashing),
            pools.leases,
        )
