"""Nodes on the command line; the store of leases is made up, but for one that is real."""

from __future__ import annotations

import pytest
from attrs import define, evolve, field
from outcomes import refused, said, told

from pytlas_wamp.accounts.sql import SqlAccountStore
from pytlas_wamp.accounts.sql_leases import SqlLeaseStore
from pytlas_wamp.cli import cluster_nodes
from pytlas_wamp.journal.leases import Node, NodeStatus


def node(name, role="worker", **more):
    default = {"host": "atlas", "address": "", "protocol": 1, "version": "0.1.0"}
    return Node(id=f"{name}-1f0c9a2b", name=name, role=role, **(default | more))


def status(name, role="worker", *, state="active", alive=True, leases=0, **more):
    return NodeStatus(
        node=node(name, role, **more),
        state=state,
        alive=alive,
        started_at=1_795_500_000.0,
        seen_at=1_795_503_600.0,
        leases=leases,
    )


GATEWAY = status("door", "gateway")
OLDER = "door speaks protocol 1, and some workers one that it does not know: upgrade workers first"
WORKER = status("kitchen", conversations=3, leases=4)


@define
class Leases:
    """Tells one list of nodes after the other; the last one for ever.

    Args:
      told: what nodes were told to do.
    """

    _lists: list
    told: list = field(init=False, factory=list)
    _looks: int = field(init=False, default=0)

    def nodes(self):
        self._looks += 1
        return tuple(self._lists[min(self._looks, len(self._lists)) - 1])

    def living(self):
        return tuple(one for one in self._lists[0] if one.alive)

    def set_state(self, name, state):
        self.told.append((name, state))
        return tuple(one.node.id for one in self.living() if one.node.name == name)


@pytest.fixture
def leases(monkeypatch):
    """Puts a store where the commands look for it; nothing waits."""

    def put(*lists):
        store = Leases(list(lists))
        monkeypatch.setattr(cluster_nodes, "_open_leases", lambda _: store)
        return store

    now = iter(range(1000))
    monkeypatch.setattr(cluster_nodes.time, "sleep", lambda _: None)
    monkeypatch.setattr(cluster_nodes.time, "monotonic", lambda: float(next(now)))
    return put


class TestStatus:
    def test_is_a_table_for_people(self, call, leases):
        leases([GATEWAY, evolve(WORKER, node=node("kitchen", conversations=3, host="pi"))])

        shown = said(call("cluster", "status"))

        for text in ("door-1f0c9a2b", "gateway", "kitchen-1f0c9a2b", "active", "pi", "0.1.0 (1)"):
            assert text in shown
        assert "alive          1 gateway, 1 worker\n" in shown
        assert shown.splitlines()[-1] == "conversations  3 in memory, 4 leases"

    def test_shows_whatever_nodes_tell(self, call, leases):
        details = {"turns_per_second": 12.5, "lag_seconds": 0.01}
        leases([GATEWAY, status("kitchen", details=details, languages=frozenset({"fr", "en"}))])

        assert "turns per second 12.5, lag seconds 0.01, speaks en, fr" in said(
            call("cluster", "status")
        )

    def test_is_a_document_for_programs(self, call, leases):
        dead = status("attic", alive=False, leases=2, details={"turns": 1.0})
        leases([GATEWAY, WORKER, dead])

        document = told(call("cluster", "status", "--json"))

        assert document["nodes"][2] == {
            "id": "attic-1f0c9a2b",
            "name": "attic",
            "role": "worker",
            "state": "active",
            "alive": False,
            "host": "atlas",
            "address": "",
            "version": "0.1.0",
            "protocol": 1,
            "languages": [],
            "conversations": 0,
            "leases": 2,
            "started_at": "2026-11-24T06:00:00Z",
            "seen_at": "2026-11-24T07:00:00Z",
            "details": {"turns": 1.0},
        }
        assert document["totals"] == {
            "gateways": 1,
            "workers": 1,
            "conversations": 3,
            "leases": 6,
            "leases_of_the_dead": 2,
        }

    @pytest.mark.parametrize(
        ("nodes", "worries"),
        [
            ([GATEWAY, WORKER], []),
            (
                [],
                [
                    "no gateway is alive: nobody can connect",
                    "no worker is alive and active: conversations that nobody has cannot be had",
                ],
            ),
            (
                [GATEWAY, status("kitchen", state="draining")],
                ["no worker is alive and active: conversations that nobody has cannot be had"],
            ),
            (
                [GATEWAY, WORKER, status("attic", alive=False, leases=7)],
                ["dead nodes still have 7 conversations: each moves when its person comes back"],
            ),
            ([status("door", "gateway", protocol=2), WORKER], []),
            (
                [GATEWAY, status("kitchen", protocol=2)],
                [OLDER],
            ),
        ],
    )
    def test_says_what_to_worry_about(self, call, leases, nodes, worries):
        leases(nodes)

        lines = said(call("cluster", "status")).splitlines()

        [last] = [at for at, line in enumerate(lines) if line.startswith("conversations  ")]
        assert lines[last + 1 :] == worries

    def test_tells_since_when_a_node_is_dead(self, call, leases):
        leases([GATEWAY, WORKER, status("attic", alive=False)])

        assert "dead since 2026-11-24T07:00:00Z" in said(call("cluster", "status"))

    def test_leaves_out_those_that_were_started_again(self, call, leases):
        old = evolve(WORKER, alive=False, leases=0, node=node("kitchen", host="oldpi"))
        leases([GATEWAY, WORKER, old])

        assert "oldpi" not in said(call("cluster", "status"))
        assert len(told(call("cluster", "status", "--json"))["nodes"]) == 3

    def test_keeps_those_that_still_have_something(self, call, leases):
        old = evolve(WORKER, alive=False, leases=1, node=node("kitchen", host="oldpi"))
        leases([GATEWAY, WORKER, old])

        assert "oldpi" in said(call("cluster", "status"))

    def test_is_that_of_the_database(self, call, tmp_path):
        said(call("user", "list"))
        store = SqlAccountStore(tmp_path / "data" / "pytlas.sqlite3")
        SqlLeaseStore(store.database).announce(node("kitchen"), seconds=60)
        store.close()

        [one] = told(call("cluster", "status", "--json"))["nodes"]

        assert (one["id"], one["alive"], one["leases"]) == ("kitchen-1f0c9a2b", True, 0)


class TestDrain:
    def test_waits_and_tells_how_far_it_is(self, call, leases):
        draining = [status("kitchen", state="draining", leases=left) for left in (9, 9, 1)]
        store = leases(*([GATEWAY, one] for one in draining), [status("kitchen", state="drained")])

        result = call("cluster", "drain", "kitchen")

        assert said(result) == "kitchen has no conversations any more, and can be stopped\n"
        assert result.stderr.splitlines() == [
            "kitchen has 9 conversations left",
            "kitchen has 1 conversation left",
        ]
        assert store.told == [("kitchen", "draining")]

    @pytest.mark.parametrize("last", [[], [status("kitchen", state="draining", alive=False)]])
    def test_is_over_when_the_worker_has_ended(self, call, leases, last):
        leases([status("kitchen", state="draining", leases=9)], last)

        assert "can be stopped" in said(call("cluster", "drain", "kitchen"))

    def test_need_not_wait(self, call, leases):
        store = leases([WORKER])

        assert "kitchen drains" in said(call("cluster", "drain", "kitchen", "--no-wait"))
        assert store.told == [("kitchen", "draining")]

    @pytest.mark.parametrize(("words", "state"), [((), "drained"), (("--no-wait",), "draining")])
    def test_is_described_for_programs(self, call, leases, words, state):
        leases([evolve(WORKER, state="draining")], [])

        result = call("cluster", "drain", "kitchen", "--json", *words)

        assert told(result) == {"name": "kitchen", "nodes": ["kitchen-1f0c9a2b"], "state": state}
        assert result.stderr == ""

    def test_waits_no_longer_than_wanted(self, call, leases):
        leases([status("kitchen", state="draining", leases=2)])

        result = call("cluster", "drain", "kitchen", "--timeout", "5")

        assert result.exit_code == 1
        assert result.stderr.splitlines()[-1] == (
            "pytlas-wamp: kitchen still has 2 conversations after 5 s, and goes on"
        )

    def test_ends_when_somebody_resumes(self, call, leases):
        leases([status("kitchen", state="draining", leases=2)], [WORKER])

        result = call("cluster", "drain", "kitchen")

        assert (result.exit_code, "Somebody has told kitchen to resume" in result.stderr) == (
            1,
            True,
        )

    def test_is_for_workers_that_live(self, call, leases):
        leases([GATEWAY, WORKER, status("attic", alive=False)])

        assert refused(call("cluster", "drain", "attic")) == (
            "pytlas-wamp: There is no worker attic that is alive; alive are kitchen\n"
        )

    def test_tells_when_there_are_none(self, call, leases):
        leases([GATEWAY])

        assert "no worker kitchen that is alive; none is" in refused(
            call("cluster", "drain", "kitchen")
        )

    def test_is_not_for_gateways(self, call, leases):
        store = leases([GATEWAY])

        assert "just stop it" in refused(call("cluster", "drain", "door"))
        assert store.told == []


class TestResume:
    def test_lets_a_worker_take_conversations_again(self, call, leases):
        store = leases([WORKER])

        assert said(call("cluster", "resume", "kitchen")) == "kitchen takes conversations\n"
        assert store.told == [("kitchen", "active")]

    def test_is_described_for_programs(self, call, leases):
        leases([WORKER])

        assert told(call("cluster", "resume", "kitchen", "--json")) == {
            "name": "kitchen",
            "nodes": ["kitchen-1f0c9a2b"],
            "state": "active",
        }

    def test_is_for_workers_that_live(self, call, leases):
        leases([WORKER])

        assert "There is no worker attic" in refused(call("cluster", "resume", "attic"))
