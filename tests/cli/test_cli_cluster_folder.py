"""The folder of a cluster."""

from __future__ import annotations

import stat

import pytest

from pytlas_wamp.cli.cluster_folder import (
    Folder,
    Shared,
    check_host,
    check_name,
    checked_port,
    filled,
    replace,
    router_url,
    with_router,
    write,
    write_key,
    write_router,
)
from pytlas_wamp.cli.cluster_routers import RouterConfig, endpoint
from pytlas_wamp.cluster.identity import read_key
from pytlas_wamp.config import read_config
from pytlas_wamp.errors import OperatorError

SHARED = Shared(
    database="postgresql+psycopg://me:a%%40b@/pytlas",
    routers=("ws://127.0.0.1:8100/ws", "ws://127.0.0.1:8101/ws"),
    secret="s" * 64,
)


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


class TestNode:
    def test_is_a_data_directory_that_starts_as_it_is(self, folder):
        folder.write_node("door", "gateway", SHARED, port=8007)

        place = folder.place("gateway", "door")
        config = read_config(config_file=None, options={"data_dir": place}, environ={})
        assert config.database_url == "postgresql+psycopg://me:a%40b@/pytlas"
        assert config.listen == ("tcp:8007:interface=127.0.0.1",)
        assert config.skills_dir == folder.path / "skills"
        assert (place / "secret").read_text() == "s" * 64 + "\n"

    def test_is_for_its_owner_only(self, folder):
        folder.write_node("kitchen", "worker", SHARED)

        place = folder.place("worker", "kitchen")
        assert mode(place) == 0o700
        assert {path.name: mode(path) for path in place.iterdir()} == dict.fromkeys(
            ("cluster.key", "cluster.key.pub", "pytlas.ini", "secret"), 0o600
        )

    def test_says_who_it_is(self, folder):
        (folder.path / "skills").mkdir()
        folder.write_node("kitchen", "worker", SHARED)

        place = folder.place("worker", "kitchen")
        config = read_config(config_file=None, options={"data_dir": place}, environ={})
        assert (config.cluster.role, config.cluster.name) == ("worker", "kitchen")
        assert config.cluster.routers == SHARED.routers
        assert config.cluster.key == place / "cluster.key"
        assert (config.listen, config.warnings) == ((), ())

    def test_has_a_key_of_its_own_that_routers_know(self, folder):
        known = [folder.write_node(name, "worker", SHARED) for name in ("a", "b")]

        keys = [read_key(folder.place("worker", name) / "cluster.key") for name in ("a", "b")]
        assert [one.public_key for one in known] == [key.public for key in keys]
        assert keys[0] != keys[1]
        public = folder.place("worker", "a") / "cluster.key.pub"
        assert public.read_text() == f"{keys[0].public}\n"


class TestShared:
    def test_is_what_a_node_that_is_there_has(self, folder):
        folder.write_node("a", "worker", SHARED)

        assert folder.shared() == SHARED

    def test_is_unknown_where_there_is_no_cluster(self, folder):
        with pytest.raises(OperatorError, match=r"There is no cluster in .*cluster init"):
            folder.shared()

    def test_does_not_show_secrets(self):
        assert ("s" * 64 in repr(SHARED), "me:a" in repr(SHARED)) == (False, False)

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("[server]\ndatabase = x\n", r"pytlas\.ini has no cluster"),
            ("[server]\n[cluster]\nrouters = x\n", r"pytlas\.ini has no database"),
            ("database", r"pytlas\.ini cannot be read: File contains no section"),
        ],
    )
    def test_tells_what_is_missing(self, folder, text, problem):
        folder.write_node("a", "worker", SHARED)
        replace(folder.place("worker", "a") / "pytlas.ini", text)

        with pytest.raises(OperatorError, match=problem):
            folder.shared()

    @pytest.mark.parametrize("name", ["pytlas.ini", "secret"])
    def test_tells_what_cannot_be_read(self, folder, name):
        folder.write_node("a", "worker", SHARED)
        (folder.place("worker", "a") / name).unlink()

        with pytest.raises(OperatorError, match=f"{name} cannot be read: No such file"):
            folder.shared()


class TestNames:
    @pytest.mark.parametrize("name", ["a", "kitchen_2", "a" * 32])
    def test_are_short_and_plain(self, name):
        check_name(name)

    @pytest.mark.parametrize("name", ["", "2a", "A", "a-b", "a.b", "a" * 33, "a\n", "../a"])
    def test_others_are_refused(self, name):
        with pytest.raises(OperatorError, match="cannot be a name here"):
            check_name(name)

    @pytest.mark.parametrize("kind", ["router", "gateway", "worker"])
    def test_are_there_once(self, folder, kind):
        folder.check_new("a")
        folder.place(kind, "a").mkdir(parents=True)

        with pytest.raises(OperatorError, match=f"There is a {kind} a in"):
            folder.check_new("a")

    @pytest.mark.parametrize("host", [None, "a", "10.0.0.7", "router-1.example.org"])
    def test_of_machines_may_have_dots(self, host):
        check_host(host)

    @pytest.mark.parametrize("host", ["", "-a", "a-", "a/b", "a:1", "a b", "::1"])
    def test_of_machines_are_no_addresses_with_more(self, host):
        with pytest.raises(OperatorError, match="is not the name of a machine"):
            check_host(host)


class TestPorts:
    def test_begin_somewhere(self, folder):
        assert (folder.next_gateway_port(), folder.next_router_port()) == (8000, 8100)

    def test_go_on_above_those_in_use(self, folder):
        folder.write_node("a", "gateway", SHARED, port=9001)
        folder.write_node("b", "gateway", SHARED, port=9000)
        folder.write_node("c", "worker", SHARED)
        for name, port in (("r", 9100), ("s", 9300)):
            write_router(RouterConfig.at(folder.place("router", name), endpoint(port, tls=False)))

        assert (folder.next_gateway_port(), folder.next_router_port()) == (9002, 9301)

    def test_of_gateways_that_listen_elsewhere_do_not_count(self, folder):
        folder.write_node("a", "gateway", SHARED)
        replace(folder.place("gateway", "a") / "pytlas.ini", "[server]\nlisten = unix:/run/x:9\n")

        assert folder.next_gateway_port() == 8000

    def test_end(self):
        assert checked_port(65_535) == 65_535
        with pytest.raises(OperatorError, match="There is no port 65536"):
            checked_port(65_536)


class TestOneMoreRouter:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("[cluster]\nrouters = a\nname = n\n", "[cluster]\nrouters = a, X\nname = n\n"),
            ("[cluster]\nrouters: a, b,\n", "[cluster]\nrouters: a, b, X\n"),
            ("routers =\n  a\n  b\n\n[x]\n", "routers =\n  a\n  b, X\n\n[x]\n"),
        ],
    )
    def test_is_added_to_those_that_a_node_knows(self, tmp_path, before, after):
        (tmp_path / "pytlas.ini").write_text(before)

        assert with_router(tmp_path, "X") == after

    def test_cannot_be_added_where_there_are_none(self, tmp_path):
        (tmp_path / "pytlas.ini").write_text("; routers = a\n")

        with pytest.raises(OperatorError, match=r"pytlas\.ini names no routers"):
            with_router(tmp_path, "X")

    def test_is_reached_with_tls_from_elsewhere(self):
        assert router_url(None, 8100) == "ws://127.0.0.1:8100/ws"
        assert router_url("r.example", 8100) == "wss://r.example:8100/ws"


class TestFiles:
    def test_are_not_overwritten(self, tmp_path):
        write(tmp_path / "a", "1")

        with pytest.raises(FileExistsError):
            write(tmp_path / "a", "2")
        assert (tmp_path / "a").read_text() == "1"

    def test_are_replaced_in_one_step(self, tmp_path):
        (tmp_path / "a").write_text("1")

        replace(tmp_path / "a", "2")

        assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a", "2")]
        assert mode(tmp_path / "a") == 0o600

    def test_keys_are_not_overwritten(self, tmp_path):
        write_key(tmp_path / "k")

        with pytest.raises(OperatorError, match="there is a key in"):
            write_key(tmp_path / "k")

    def test_templates_are_filled(self):
        text = filled("compose-gateway.yaml", name="door", port=8001)

        assert ("door:\n" in text, "tcp:8001" in text, "@" in text) == (True, True, False)

    def test_a_gap_that_nothing_belongs_to_is_a_mistake(self):
        with pytest.raises(KeyError, match="port"):
            filled("compose-gateway.yaml", name="door")


class TestContainers:
    def test_are_added_at_the_end(self, folder):
        (folder.path / "compose.yaml").write_text("services:\n  a: {}\n\n\n")

        folder.add_container("\n  b: {}\n")

        assert (folder.path / "compose.yaml").read_text() == "services:\n  a: {}\n\n  b: {}\n"

    def test_need_not_be_there(self, folder):
        folder.add_container("x")

        assert list(folder.path.iterdir()) == []
