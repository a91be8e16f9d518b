"""The assembled server: what it is made of, and that it serves."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from assembled import Line, add_user, get
from attrs import evolve
from twisted.logger import formatEvent

from cluster.bus_in_memory import Network
from pytlas_wamp.accounts.sql_journal import SqlJournalStore
from pytlas_wamp.config import ClusterConfig, read_config
from pytlas_wamp.errors import OperatorError
from pytlas_wamp.service import assembly, foundation, node
from wire_devices import HANDSHAKE, text


class TestBuild:
    def test_makes_what_is_not_there(self, build, tmp_path):
        built = build()
        data = tmp_path / "data"
        assert set(built.created) == {data / "cache", data / "secret"}
        assert built.setup_code is not None
        assert not built.has_people
        assert [skill.name for skill in built.shelf.skills] == ["waiting_skill"]

    def test_brings_the_skills_that_are_shipped(self, build):
        built = build(SERVER_BUNDLED_SKILLS="home_basics")
        assert [skill.name for skill in built.shelf.skills] == ["home_basics", "waiting_skill"]
        sys.modules.pop("home_basics")

    def test_knows_whether_anybody_has_an_account(self, build, tmp_path):
        build()
        _, store, _ = add_user(tmp_path)
        store.close()
        sys.modules.pop("waiting_skill")
        built = build()
        assert (built.setup_code, built.has_people) == (None, True)

    def test_makes_no_setup_code_any_more_when_the_last_account_was_deleted(self, build, tmp_path):
        build()
        accounts, store, _ = add_user(tmp_path)
        accounts.delete(accounts.people()[0].name)
        store.close()
        sys.modules.pop("waiting_skill")
        built = build()
        assert (built.setup_code, built.has_people) == (None, False)

    def test_refuses_what_it_cannot_use(self, build):
        with pytest.raises(OperatorError, match="there is no interpreter 'crystal-ball'"):
            build(SERVER_INTERPRETER="crystal-ball")


class TestRoles:
    @pytest.fixture
    def built(self, build, tmp_path, reactor, monkeypatch):
        """`built(role="worker", ...)`: what is made for a place in a cluster."""
        monkeypatch.setattr(node, "make_bus", lambda config, id_, *_: Network(reactor).bus(id_))

        def make(**cluster):
            environ = {"SERVER_BUNDLED_SKILLS": "none", "SERVER_INTERPRETER": "patterns"}
            options = {"data_dir": str(tmp_path / "data")}
            config = read_config(config_file=None, options=options, environ=environ)
            config = evolve(config, cluster=ClusterConfig(**cluster))
            return assembly.build(config, reactor=reactor)

        return make

    def test_a_worker_has_no_setup_code(self, built):
        made = built(role="worker", name="kitchen")
        assert made.setup_code is None
        assert [skill.name for skill in made.shelf.skills] == ["waiting_skill"]

    @pytest.mark.parametrize("cluster", [{"role": "gateway", "name": "door"}, {"processes": 2}])
    def test_a_gateway_has(self, built, cluster):
        assert built(**cluster).setup_code is not None

    def test_a_server_that_is_one_process_has_nothing_of_a_cluster_in_memory(self, tmp_path):
        ended = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-c", ALONE, str(tmp_path)], capture_output=True, text=True, check=True
        )
        assert json.loads(ended.stdout) == []


# What a role brings along, and what has to do with nothing else.
ALONE = """
import json, sys
from pathlib import Path
from twisted.internet.testing import MemoryReactorClock
from pytlas_wamp.config import read_config
from pytlas_wamp.service.assembly import build
environ = {"SERVER_INTERPRETER": "patterns"}
config = read_config(config_file=None, options={"data_dir": sys.argv[1]}, environ=environ)
build(config, reactor=MemoryReactorClock())
of_a_cluster = (
    "pytlas_wamp.cluster", "pytlas_wamp.process", "pytlas_wamp.service.node",
    "pytlas_wamp.service.gateway_node", "pytlas_wamp.service.worker_node",
    "pytlas_wamp.service.counted_bus", "pytlas_wamp.service.cluster_numbers",
    "pytlas_wamp.service.handover", "pytlas_wamp.accounts.sql_leases",
    # Autobahn's WebSocket has some of the rest in any case.
    "autobahn.wamp.serializer",
)
print(json.dumps([name for name in sorted(sys.modules) if name.startswith(of_a_cluster)]))
"""


def talk(reactor, token, *messages):
    """Say something on a device of its own."""
    line = Line(reactor)
    line.send(HANDSHAKE, text({"type": "authenticate", "token": token}))
    line.until(b'"type":"ready"')
    sys.modules["waiting_skill"].gate.set()
    for message in messages:
        line.send(text({"message": message}))
        line.until(b'"require_input":false')
    return line


class TestWatching:
    def test_is_ready_as_soon_as_it_has_learnt(self, run, reactor, log):
        run(SERVER_INTERPRETER="patterns")
        # Before that it may be ready or not: it learns meanwhile, in a thread.
        reactor.until(lambda: any("understood" in formatEvent(event) for event in log))
        assert get(reactor, "/readyz")[0] == 200

    def test_is_ready_when_it_learns_later(self, run, reactor, tmp_path, monkeypatch):
        real, tries = foundation.find_interpreter("patterns"), []

        def second_time(*arguments):
            tries.append(arguments)
            if len(tries) == 1:
                raise OperatorError("not now")
            return real(*arguments)

        monkeypatch.setattr(foundation, "find_interpreter", lambda name: second_time)
        run(SERVER_INTERPRETER="patterns")
        reactor.until(lambda: tries)
        assert get(reactor, "/readyz")[0] == 503
        _, store, token = add_user(tmp_path)
        store.close()
        talk(reactor, token)
        assert get(reactor, "/readyz")[0] == 200

    def test_is_not_ready_when_it_stops(self, run, reactor):
        started = run(SERVER_INTERPRETER="patterns")
        reactor.result(started.stopService())
        assert get(reactor, "/readyz")[0] == 503

    def test_counts_what_happens(self, run, reactor, tmp_path):
        run(SERVER_INTERPRETER="patterns")
        _, store, token = add_user(tmp_path)
        store.close()
        line = talk(reactor, token, "wait for it")
        stranger = Line(reactor)
        stranger.send(HANDSHAKE, text({"type": "authenticate", "token": "a.b.c"}))
        stranger.until(b"authentication-failed")
        told = get(reactor, "/metrics")[1]
        for sample in (
            'pytlas_connections{state="ready"} 1.0',
            "pytlas_conversations 1.0",
            "pytlas_queued_messages 0.0",
            'pytlas_turns_total{outcome="done",skill="waiting_skill"} 1.0',
            'pytlas_breaker_open{skill="waiting_skill"} 0.0',
            'pytlas_authentication_failures_total{reason="token-invalid"} 1.0',
            "pytlas_skill_threads 0.0",
            "pytlas_abandoned_threads 0.0",
            "pytlas_log_write_failures_total 0.0",
        ):
            assert f"\n{sample}\n" in told, told
        assert "\npytlas_log_lag_seconds " in told
        assert "\npytlas_log_unwritten_frames " in told
        line.transport.loseConnection()

    def test_shows_its_numbers_to_whom_the_operator_says(self, run, reactor):
        run(SERVER_INTERPRETER="patterns", SERVER_METRICS="off")
        assert get(reactor, "/metrics")[0] == 404


def _until_written(reactor):
    while "\npytlas_log_unwritten_frames 0.0\n" not in get(reactor, "/metrics")[1]:
        reactor.crossing.get(timeout=10)()


class TestHistory:
    def test_is_what_was_said(self, run, reactor, tmp_path):
        run(SERVER_INTERPRETER="patterns")
        _, store, token = add_user(tmp_path)
        store.close()
        talk(reactor, token, "wait for it")
        # What has been said of late is written a moment later.
        reactor.advance(1)
        _until_written(reactor)
        frames = json.loads(get(reactor, "/api/me/history", token)[1])["frames"]
        assert [one["frame"]["type"] for one in frames] == ["said", "thinking", "answer", "done"]
        assert get(reactor, "/api/me/history", token, "DELETE")[0] == 204
        assert json.loads(get(reactor, "/api/me/history", token)[1])["frames"] == []

    def test_ends_with_the_account(self, run, reactor, tmp_path):
        run(SERVER_INTERPRETER="patterns")
        accounts, store, token = add_user(tmp_path)
        talk(reactor, token, "wait for it")
        journal = SqlJournalStore(store.database)
        assert journal.size() > 0
        accounts.delete("ada")
        assert journal.size() == 0
        store.close()

    def test_can_be_switched_off(self, run, reactor, tmp_path):
        run(SERVER_INTERPRETER="patterns", SERVER_HISTORY="no")
        _, store, token = add_user(tmp_path)
        store.close()
        assert get(reactor, "/api/me/history", token)[0] == 403
