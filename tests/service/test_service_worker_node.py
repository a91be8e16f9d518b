"""A worker, put together: what it has, what it answers, and its end."""

from __future__ import annotations

from assembled import errors, get

from pytlas_wamp.accounts.sql_leases import SqlLeaseStore


class TestWorker:
    def test_has_the_conversations(self, stage):
        gateway, worker = stage.both()
        line = stage.talk("wait for it")
        assert b'"text":"Enough"' in line.transport.value()
        assert len(worker.hosting.host.conversations) == 1
        assert len(worker.seats) == 1
        assert gateway.host.conversations[0].owner == worker.place.id

    def test_serves_the_languages_it_is_told(self, stage):
        worker = stage.make("worker", "kitchen", languages=("fr", "de"))
        assert worker.hosting.learning.first == "de"

    def test_listens_nowhere_unless_it_is_told(self, stage, reactor):
        stage.start("worker", "kitchen")
        assert reactor.tcpServers == []

    def test_tells_how_it_is_and_nothing_else(self, stage, reactor):
        worker = stage.start("worker", "kitchen", listen=("tcp:9000",))
        assert get(reactor, "/healthz")[0] == 200
        reactor.until(lambda: worker.hosting.learning.has_learnt)
        reactor.until(lambda: worker.place.bus.is_connected)
        assert get(reactor, "/readyz") == (200, '{"status":"ok"}')
        assert "\npytlas_cluster_seats 0.0\n" in get(reactor, "/metrics")[1]
        assert get(reactor, "/api/me")[0] == 404

    def test_is_not_ready_without_a_way_to_gateways(self, stage, reactor):
        worker = stage.start("worker", "kitchen", listen=("tcp:9000",))
        reactor.until(lambda: worker.hosting.learning.has_learnt)
        stage.network.break_router()
        status, document = get(reactor, "/readyz")
        assert status == 503
        assert "the way to the gateways" in document

    def test_can_keep_its_numbers_to_itself(self, stage, reactor):
        stage.start("worker", "kitchen", listen=("tcp:9000",), SERVER_METRICS="off")
        assert get(reactor, "/metrics")[0] == 404

    def test_follows_the_accounts(self, stage, reactor):
        stage.both()
        line = stage.talk()
        stage.accounts.set_language("ada", "fr-FR")
        line.until(b'"language":"fr-FR"')


class TestEnd:
    def test_gives_everything_back(self, stage, log):
        gateway, worker = stage.both()
        stage.talk("wait for it")
        user_id = worker.hosting.host.conversations[0].user_id
        stage.stop(stage.services[0])
        leases = SqlLeaseStore(gateway.base.store.database)
        assert leases.lease(user_id).node_id is None
        assert worker.place.id not in [one.node.id for one in leases.nodes()]
        assert errors(log) == []

    def test_another_one_goes_on(self, stage, reactor):
        gateway, _ = stage.both()
        line = stage.talk("wait for it")
        other = stage.start("worker", "attic")
        reactor.until(lambda: len(gateway.placement.living) == 2)
        stage.stop(stage.services[0])
        reactor.until(lambda: other.hosting.host.conversations)
        assert not line.transport.disconnecting
