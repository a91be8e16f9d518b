"""What has conversations."""

from __future__ import annotations

from pytlas_wamp.assistant.breakers import BreakerState


class TestHosting:
    def test_needs_its_log_and_the_language_of_the_server(self, stage):
        hosting = stage.make("worker", "kitchen").hosting
        needs = hosting.needs()
        assert list(needs) == ["the log", "the interpreter of en"]
        assert needs["the log"]()
        assert not needs["the interpreter of en"]()

    def test_writes_as_the_node_that_it_is(self, stage):
        made = stage.make("worker", "kitchen")
        assert made.hosting.journal.store.node_id == made.place.id

    def test_its_numbers_are_told(self, stage, reactor, monkeypatch):
        _, worker = stage.both()
        stage.talk("wait for it")
        breaker = type("Status", (), {"state": BreakerState.OPEN})
        monkeypatch.setattr(type(worker.hosting.breakers), "status", lambda _: {"x": breaker})
        reactor.until(lambda: worker.hosting.journal.writer.unwritten == 0)
        told = worker.base.metrics.text("")[0].decode()
        for sample in (
            "pytlas_conversations 1.0",
            "pytlas_queued_messages 0.0",
            "pytlas_skill_threads 0.0",
            "pytlas_abandoned_threads 0.0",
            "pytlas_log_unwritten_frames 0.0",
            "pytlas_log_lag_seconds 0.0",
            "pytlas_log_write_failures_total 0.0",
            'pytlas_breaker_open{skill="x"} 1.0',
            'pytlas_turns_total{outcome="done",skill="waiting_skill"} 1.0',
        ):
            assert f"\n{sample}\n" in told, told
