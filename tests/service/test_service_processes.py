"""A server of several processes on one machine, of which one is killed."""

from __future__ import annotations

import os
import re
import select
import signal

import pytest
from daemon import IN_ORDER, PATIENCE_SECONDS, accounts_of

from pytlas_wamp.accounts.sql_leases import SqlLeaseStore

pytestmark = pytest.mark.service

PASSWORD = "a long password of hers"


class Household:
    """A daemon with two workers, and somebody to talk to it."""

    def __init__(self, start, tmp_path):
        self.daemon = start("--processes", "2")
        self.daemon.wait_for("listening on")
        self.accounts = accounts_of(tmp_path / "data")
        self.accounts.create("ada", PASSWORD)
        self.leases = SqlLeaseStore(self.accounts._store.database)
        for number in (1, 2):
            self.daemon.wait_for(rf"\[worker{number}\] .* intents understood in 'en'")

    def connect(self):
        return self.daemon.connect(self.daemon.sign_in("ada", PASSWORD))

    @property
    def owner(self):
        """The name of the worker that has the conversation."""
        lease = self.leases.lease(self.accounts.people()[0].id)
        return lease.node_id.partition("-")[0]

    def pids(self, name):
        """The numbers of all processes that a worker has had."""
        lines = "\n".join(self.daemon.lines)
        return [int(one) for one in re.findall(rf"worker {name} is process ([0-9]+)", lines)]


@pytest.fixture
def household(start, tmp_path):
    return Household(start, tmp_path)


def test_a_question_is_answered_although_who_asked_was_killed(household):
    talk = household.connect()
    assert talk.say("turn on the lights")[-1].startswith("ask ")
    owner = household.owner
    (pid,) = household.pids(owner)
    os.kill(pid, signal.SIGKILL)
    heard = talk.say("in the kitchen")
    assert any("kitchen" in one for one in heard), heard
    assert household.owner != owner
    household.daemon.wait_for(rf"worker {owner} was ended by signal 9; it is started again")
    household.daemon.wait_for(rf"worker {owner} is process (?!{pid}$)")
    assert household.daemon.stop() == IN_ORDER


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs Linux to wait for a grandchild")
def test_workers_end_with_the_server_however_that_ends(household):
    pids = [pid for name in ("worker1", "worker2") for pid in household.pids(name)]
    ends = [os.pidfd_open(pid) for pid in pids]
    household.daemon.process.kill()
    for end in ends:
        waiting = select.poll()
        waiting.register(end, select.POLLIN)
        assert waiting.poll(PATIENCE_SECONDS * 1000)
        os.close(end)
