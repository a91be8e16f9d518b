"""The pools of threads."""

from __future__ import annotations

from assembled import Reactor

from pytlas_wamp.service.pools import Pools


class TestPools:
    def test_logins_do_not_wait_for_skills(self):
        pools = Pools.make(Reactor(), 2)
        assert len({id(pool) for pool in pools.all}) == 6
        assert pools.skills._max_in_flight == 2
        assert pools.accounts._max_in_flight > 1_000

    def test_few_wait_to_sign_in(self):
        pools = Pools.make(Reactor(), 2)
        assert pools.hashing._max_in_flight == 52

    def test_one_thread_writes_the_log(self):
        pools = Pools.make(Reactor(), 2)
        assert pools.journal._pool.max == 1

    def test_those_that_ask_the_database_are_waited_for(self):
        pools = Pools.make(Reactor(), 2)
        assert pools.asking_the_database == (pools.journal, pools.accounts, pools.hashing)
