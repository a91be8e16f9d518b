"""Making a cluster, and adding to it, on the command line."""

from __future__ import annotations

import json
import shutil

import pytest
import yaml
from outcomes import refused, said, told

from pytlas_wamp.cli.cluster_folder import Folder
from pytlas_wamp.cli.cluster_routers import RouterConfig
from pytlas_wamp.cluster.identity import read_key


@pytest.fixture
def place(tmp_path):
    return tmp_path / "cluster"


@pytest.fixture
def made(call, place):
    said(call("cluster", "init", place))
    return Folder(place)


def principals(folder):
    [transport] = RouterConfig.read(folder).document["workers"][0]["transports"]
    return transport["auth"]["cryptosign"]["principals"]


def services(folder):
    return yaml.safe_load((folder.path / "compose.yaml").read_text())["services"]


class TestInit:
    def test_says_what_to_do_next(self, call, place):
        shown = said(call("cluster", "init", place))

        assert str(place / "README.md") in shown or "README.md" in shown
        assert shown.splitlines()[-1] == f"to try it on this machine: {place / 'start'}"

    def test_has_two_of_each_unless_told_otherwise(self, call, place):
        assert told(call("cluster", "init", place, "--json")) == {
            "folder": str(place),
            "gateways": ["gateway1", "gateway2"],
            "workers": ["worker1", "worker2"],
            "routers": ["router1"],
        }

    def test_takes_numbers_and_places(self, call, place):
        words = ("--gateways", "1", "--workers", "3", "--routers", "2", "--port", "9000")
        words += ("--router-port", "9100", "--database", "postgresql://me@db/x")

        said(call("cluster", "init", place, *words, "--crossbar", "/x/bin/crossbar"))

        folder = Folder(place)
        assert [len(folder.of(kind)) for kind in ("gateway", "worker", "router")] == [1, 3, 2]
        assert folder.shared().database == "postgresql://me@db/x"
        assert (folder.next_gateway_port(), folder.next_router_port()) == (9001, 9102)
        assert "/x/bin/crossbar" in (place / "start").read_text()

    def test_takes_the_database_from_the_environment(self, call, place, monkeypatch):
        monkeypatch.setenv("SERVER_DATABASE", "postgresql://me@elsewhere/x")

        said(call("cluster", "init", place))

        assert Folder(place).shared().database == "postgresql://me@elsewhere/x"

    def test_finds_crossbar_on_the_path(self, call, place, monkeypatch):
        monkeypatch.setattr(shutil, "which", lambda name: f"/here/bin/{name}")

        said(call("cluster", "init", place))

        assert "/here/bin/crossbar" in (place / "start").read_text()

    def test_asks_for_certificates_where_there_are_several_machines(self, call, place):
        shown = said(call("cluster", "init", place, "--host", "r.example", "--routers", "2"))

        assert "the certificate for r.example as router.crt" in shown
        assert "router1, router2" in shown

    def test_is_refused_where_there_is_something(self, call, made, place):
        before = sorted(place.rglob("*"))

        assert "is there already, and is not overwritten" in refused(call("cluster", "init", place))
        assert sorted(place.rglob("*")) == before

    def test_shows_no_password_when_it_is_refused(self, call, place):
        shown = refused(call("cluster", "init", place, "--database", "mysql://me:secret@x/y"))

        assert "secret" not in shown


class TestNode:
    def test_a_worker_is_known_to_the_router_and_has_what_all_share(self, call, made):
        shown = said(call("cluster", "node", made.path, "kitchen"))

        place = made.place("worker", "kitchen")
        assert "start router1 anew, so that it lets kitchen in" in shown
        key = read_key(place / "cluster.key").public
        assert principals(made.of("router")[0])["kitchen"]["authorized_keys"] == [key]
        assert (place / "secret").read_text() == f"{made.shared().secret}\n"
        assert "kitchen" in services(made)

    def test_a_gateway_gets_the_next_port(self, call, made):
        shown = said(call("cluster", "node", made.path, "door", "--role", "gateway"))

        assert shown.splitlines()[-1] == "it listens at http://127.0.0.1:8002"
        assert made.next_gateway_port() == 8003

    def test_a_gateway_may_have_another_port(self, call, made):
        said(call("cluster", "node", made.path, "door", "--role", "gateway", "--port", "9000"))

        assert made.next_gateway_port() == 9001

    def test_a_worker_has_none(self, call, made):
        result = call("cluster", "node", made.path, "kitchen", "--port", "9000")

        assert (result.exit_code, made.place("worker", "kitchen").exists()) == (2, False)

    def test_is_described_for_programs(self, call, made):
        document = told(call("cluster", "node", made.path, "kitchen", "--json"))

        assert (document["name"], document["role"]) == ("kitchen", "worker")
        assert document["principal"]["role"] == document["rights"]["name"] == "worker_kitchen"
        assert document["key_file"] == str(made.place("worker", "kitchen") / "cluster.key")

    @pytest.mark.parametrize("name", ["worker1", "gateway1", "router1"])
    def test_has_a_name_of_its_own(self, call, made, name):
        assert f"{name} in" in refused(call("cluster", "node", made.path, name))

    def test_is_not_made_when_a_router_knows_the_name(self, call, made):
        shutil.rmtree(made.place("worker", "worker2"))

        assert "knows a node worker2 already" in refused(
            call("cluster", "node", made.path, "worker2")
        )
        assert not made.place("worker", "worker2").exists()

    def test_needs_a_cluster(self, call, tmp_path):
        assert "There is no cluster in" in refused(call("cluster", "node", tmp_path, "kitchen"))


class TestRouter:
    def test_knows_all_nodes_and_is_known_to_them(self, call, made):
        shown = said(call("cluster", "router", made.path, "router2"))

        first, second = made.of("router")
        assert principals(first) == principals(second)
        assert RouterConfig.read(second).ports() == [8101]
        for node in made.nodes():
            assert (
                "routers = ws://127.0.0.1:8100/ws, ws://127.0.0.1:8101/ws"
                in (node / "pytlas.ini").read_text()
            )
        assert "start it, and then anew, one after the other: worker1, worker2, gateway1" in shown
        assert "router2" in services(made)

    def test_on_another_machine_needs_a_certificate(self, call, made):
        shown = said(
            call("cluster", "router", made.path, "far", "--host", "r.example", "--port", "443")
        )

        assert "wss://r.example:443/ws" in shown
        assert "the certificate for r.example" in shown
        assert "wss://r.example:443/ws" in made.shared().routers

    def test_is_described_for_programs(self, call, made):
        assert told(call("cluster", "router", made.path, "b", "--json")) == {
            "name": "b",
            "url": "ws://127.0.0.1:8101/ws",
            "nodes": ["worker1", "worker2", "gateway1", "gateway2"],
        }

    def test_needs_one_to_be_like(self, call, made):
        shutil.rmtree(made.path / "routers")

        assert "has no router" in refused(call("cluster", "router", made.path, "b"))

    def test_is_not_made_when_a_node_cannot_be_told(self, call, made):
        (made.place("worker", "worker2") / "pytlas.ini").write_text("")

        assert "names no routers" in refused(call("cluster", "router", made.path, "b"))
        assert len(made.of("router")) == 1

    def test_has_a_name_of_its_own(self, call, made):
        refused(call("cluster", "router", made.path, "worker1"))


class TestKey:
    def test_is_written_where_a_node_looks_for_it(self, call, tmp_path):
        shown = said(call("cluster", "key", "kitchen"))

        key = read_key(tmp_path / "data" / "cluster.key")
        assert key.public in shown
        assert "worker_kitchen" in shown
        assert key.seed.hex() not in shown

    def test_may_be_written_elsewhere(self, call, tmp_path):
        words = ("--file", tmp_path / "k", "--role", "gateway", "--json")

        document = told(call("cluster", "key", "door", *words))

        assert document["public_key"] == read_key(tmp_path / "k").public
        assert document["principal"] == {
            "realm": "pytlas",
            "role": "gateway_door",
            "authorized_keys": [document["public_key"]],
        }
        assert json.dumps(document["rights"]).count('"uri"') == 2

    def test_is_not_overwritten(self, call):
        said(call("cluster", "key", "kitchen"))

        assert "there is a key in" in refused(call("cluster", "key", "kitchen"))

    def test_is_for_a_name(self, call, tmp_path):
        assert "cannot be a name here" in refused(call("cluster", "key", "Kitchen 1"))
        assert not (tmp_path / "data").exists()

    def test_cannot_be_written_everywhere(self, call, tmp_path):
        (tmp_path / "x").write_text("")

        result = call("cluster", "key", "kitchen", "--file", tmp_path / "x" / "k")

        assert "x/k cannot be written: " in refused(result)
