"""A gateway, put together: what it serves, what it asks workers for, and its end."""

from __future__ import annotations

import json

from assembled import errors, get

from pytlas_wamp.accounts.sql_journal import SqlJournalStore
from pytlas_wamp.service.processes import ENDING_SECONDS


class Processes:
    """What stands for worker processes; tells what is asked of it."""

    restarts = 0

    def __init__(self, config, reactor):
        self.calls = []
        self.stopped = None

    def start(self):
        self.calls.append("start")

    def stop(self):
        from twisted.internet.defer import Deferred  # noqa: PLC0415 - no reactor yet

        self.calls.append("stop")
        self.stopped = Deferred()
        return self.stopped


class TestGateway:
    def test_has_what_a_server_has_but_conversations(self, stage, reactor):
        gateway, _ = stage.both()
        assert get(reactor, "/healthz")[0] == 200
        line = stage.talk("wait for it")
        assert b'"text":"Enough"' in line.transport.value()
        assert get(reactor, "/api/me", stage.token)[0] == 200
        assert [one.epoch for one in gateway.host.conversations] == [1]

    def test_learns_nothing_before_it_is_asked(self, stage, reactor):
        gateway, _ = stage.both()
        assert gateway.base.interpreters.status() == []

    def test_is_ready_with_a_worker(self, stage, reactor):
        stage.both()
        assert get(reactor, "/readyz") == (200, '{"status":"ok"}')

    def test_is_not_ready_without_one(self, stage, reactor):
        gateway = stage.start("gateway", "door", listen=("tcp:8000",))
        reactor.until(lambda: gateway.place.bus.is_connected)
        status, document = get(reactor, "/readyz")
        assert (status, json.loads(document)["detail"]) == (503, "Not ready: a worker.")
        stage.network.break_router()
        detail = json.loads(get(reactor, "/readyz")[1])["detail"]
        assert detail == "Not ready: the way to the workers, a worker."

    def test_has_histories_read_and_deleted(self, stage, reactor):
        gateway, _ = stage.both()
        stage.talk("wait for it")
        frames = json.loads(get(reactor, "/api/me/history", stage.token)[1])["frames"]
        assert [one["frame"]["type"] for one in frames] == ["said", "thinking", "answer", "done"]
        assert get(reactor, "/api/me/history", stage.token, "DELETE")[0] == 204
        journal = SqlJournalStore(gateway.base.store.database)
        user_id = stage.accounts.people()[0].id
        assert journal.page(user_id, before=None, limit=9) == ()

    def test_goes_on_with_another_worker_when_one_dies(self, stage, reactor):
        gateway, worker = stage.both()
        line = stage.talk()
        other = stage.start("worker", "attic")
        reactor.until(lambda: len(gateway.placement.living) == 2)
        stage.network.kill(worker.place.id)
        reactor.until(lambda: gateway.host.conversations[0].owner == other.place.id)
        reactor.until(lambda: gateway.host.conversations[0].epoch == 2)
        assert not line.transport.disconnecting
        told = get(reactor, "/metrics")[1]
        assert "\npytlas_cluster_takeovers_total 1.0\n" in told


class TestEnd:
    def test_says_goodbye_and_leaves(self, stage, log):
        gateway, _ = stage.both()
        line = stage.talk("wait for it")
        stage.stop(stage.services[1])
        assert b'"type":"goodbye"' in line.transport.value()
        assert line.transport.value().endswith(b"\x03\xe9shutdown")
        assert gateway.place.id not in [one.node.id for one in gateway.place.leases.living()]
        assert errors(log) == []


class TestProcesses:
    def test_start_and_end_with_it(self, stage, reactor, monkeypatch):
        from pytlas_wamp.service import gateway_node  # noqa: PLC0415 - only here

        monkeypatch.setattr(gateway_node, "WorkerProcesses", Processes)
        gateway = stage.start("gateway", processes=2)
        assert gateway.place.name == "gateway"
        assert gateway.processes.calls == ["start"]
        assert gateway.extra_seconds > ENDING_SECONDS
        stopped = stage.services[0].stopService()
        assert gateway.processes.calls == ["start", "stop"]
        # Nothing is cut while they end what runs.
        reactor.advance(ENDING_SECONDS)
        assert not stopped.called
        gateway.processes.stopped.callback(None)
        reactor.result(stopped)
