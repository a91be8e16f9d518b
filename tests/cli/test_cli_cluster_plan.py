"""A whole cluster, as `cluster init` writes it."""

from __future__ import annotations

import os
import re
import secrets
import shlex
import stat
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest
import yaml
from attrs import evolve

from pytlas_wamp.cli.cluster_folder import Folder
from pytlas_wamp.cli.cluster_plan import Plan
from pytlas_wamp.cli.cluster_routers import RouterConfig
from pytlas_wamp.cluster.identity import read_key
from pytlas_wamp.config import read_config
from pytlas_wamp.errors import OperatorError

DATABASE = "postgresql+psycopg://pytlas:a%40b@db.example/pytlas"


@pytest.fixture
def plan(tmp_path):
    return Plan(
        place=tmp_path / "a" / "cluster",
        counts={"router": 1, "gateway": 2, "worker": 3},
        port=8000,
        router_port=8100,
        host=None,
        database=DATABASE,
        crossbar=Path("/opt/crossbar/bin/crossbar"),
    )


@pytest.fixture
def written(plan):
    plan.check()
    plan.write()
    return Folder(plan.place)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def files_of(folder):
    return [path for path in folder.path.rglob("*") if path.is_file()]


class TestNodes:
    def test_are_as_many_as_were_wanted(self, written):
        assert {kind: [path.name for path in written.of(kind)] for kind in _KINDS} == {
            "router": ["router1"],
            "gateway": ["gateway1", "gateway2"],
            "worker": ["worker1", "worker2", "worker3"],
        }

    def test_share_database_and_secret_and_nothing_else(self, written):
        configs = [
            read_config(config_file=None, options={"data_dir": node}, environ={})
            for node in written.nodes()
        ]
        signing = {(node / "secret").read_text() for node in written.nodes()}
        keys = {read_key(node / "cluster.key").seed for node in written.nodes()}

        assert {config.database_url for config in configs} == {DATABASE}
        assert (len(signing), len(keys)) == (1, 5)
        assert re.fullmatch(r"[0-9a-f]{64}\n", signing.pop())

    def test_have_other_secrets_in_another_cluster(self, plan, written):
        other = evolve(plan, place=plan.place.parent / "other")
        other.write()

        assert Folder(other.place).shared().secret != written.shared().secret

    def test_listen_one_port_after_the_other(self, written):
        listens = [
            read_config(config_file=None, options={"data_dir": node}, environ={}).listen
            for node in written.of("gateway")
        ]

        assert listens == [(f"tcp:{port}:interface=127.0.0.1",) for port in (8000, 8001)]

    def test_are_known_to_every_router_by_their_keys(self, plan):
        evolve(plan, counts={"router": 2, "gateway": 1, "worker": 1}).write()
        folder = Folder(plan.place)
        nodes = {node.name: read_key(node / "cluster.key").public for node in folder.nodes()}

        for place in folder.of("router"):
            [transport] = RouterConfig.read(place).document["workers"][0]["transports"]
            known = transport["auth"]["cryptosign"]["principals"]
            assert {name: one["authorized_keys"] for name, one in known.items()} == {
                name: [key] for name, key in nodes.items()
            }

    def test_know_every_router(self, plan):
        evolve(plan, counts={"router": 2, "gateway": 1, "worker": 1}).write()

        assert Folder(plan.place).shared().routers == (
            "ws://127.0.0.1:8100/ws",
            "ws://127.0.0.1:8101/ws",
        )

    def test_on_several_machines_use_tls(self, plan):
        evolve(plan, host="r.example").write()
        folder = Folder(plan.place)

        [transport] = RouterConfig.read(folder.of("router")[0]).document["workers"][0]["transports"]
        assert "tls" in transport["endpoint"]
        assert folder.shared().routers == ("wss://r.example:8100/ws",)
        assert "router.crt" in (plan.place / "README.md").read_text()


class TestPermissions:
    def test_everything_is_for_its_owner_only(self, plan, written):
        assert {mode(path) & 0o077 for path in [plan.place, *plan.place.rglob("*")]} == {0}
        assert mode(plan.place) == 0o700

    def test_scripts_can_be_run(self, written):
        can = {path.name for path in files_of(written) if mode(path) & 0o100}

        assert can == {"start", "stop"}


class TestTexts:
    def test_no_gap_is_left(self, written):
        for path in files_of(written):
            assert re.findall(r"@[A-Z]+@", path.read_text()) == [], path

    def test_the_readme_shows_commands_that_exist(self, written):
        text = (written.path / "README.md").read_text()

        for program in ("start", "stop", "systemd/*"):
            assert f"{written.path}/{program}" in text
        assert "pytlas-gateway@gateway2" in text

    def test_no_secret_is_in_a_text_for_people(self, written):
        told = (written.path / "README.md").read_text() + (
            written.path / "compose.yaml"
        ).read_text()

        for secret in (written.shared().secret, "a%40b"):
            assert secret not in told


class TestUnits:
    @pytest.fixture
    def units(self, written):
        found = {}
        for path in (written.path / "systemd").glob("*.service"):
            # Keys of units are told apart by their case.
            parser = ConfigParser(interpolation=None)
            parser.optionxform = str
            parser.read_string(path.read_text())
            found[path.name] = parser
        return found

    def test_are_there_for_each_kind(self, units):
        assert set(units) == {f"pytlas-{kind}@.service" for kind in _KINDS}

    def test_start_what_is_in_their_folder(self, units, plan):
        assert units["pytlas-router@.service"]["Service"]["ExecStart"] == (
            f"/opt/crossbar/bin/crossbar start --cbdir {plan.place}/routers/%i"
        )
        words = shlex.split(units["pytlas-worker@.service"]["Service"]["ExecStart"])
        assert words[1:] == [
            *("--log-format=text", "pytlas", "--data-dir", f"{plan.place}/workers/%i")
        ]

    @pytest.mark.parametrize("kind", ["router", "gateway", "worker"])
    def test_may_write_to_their_folder_only(self, units, plan, kind):
        service = units[f"pytlas-{kind}@.service"]["Service"]

        assert service["ReadWritePaths"] == f"{plan.place}/{kind}s/%i"
        assert (service["ProtectSystem"], service["NoNewPrivileges"]) == ("strict", "yes")


class TestContainers:
    @pytest.fixture
    def services(self, written):
        return yaml.safe_load((written.path / "compose.yaml").read_text())["services"]

    def test_are_all_nodes_and_a_database(self, services):
        assert set(services) == {
            *("network", "database", "router1", "gateway1", "gateway2"),
            *("worker1", "worker2", "worker3"),
        }

    def test_are_reached_from_this_machine_only(self, services):
        assert services["network"]["ports"] == [
            "127.0.0.1:8000:8000",
            "127.0.0.1:8001:8001",
        ]
        assert [name for name in services if "ports" in services[name]] == ["network"]

    def test_share_one_network_so_that_addresses_hold(self, services):
        modes = {name: one.get("network_mode") for name, one in services.items()}

        assert modes.pop("network") is None
        assert set(modes.values()) == {"service:network"}
        assert services["gateway2"]["environment"]["SERVER_LISTEN"] == "tcp:8001"

    def test_see_no_folder_but_their_own(self, services):
        assert services["worker2"]["volumes"] == [
            "./workers/worker2:/cluster/workers/worker2",
            "./skills:/cluster/skills:ro",
        ]
        assert services["router1"]["volumes"] == ["./routers/router1:/cluster/routers/router1"]

    def test_have_a_password_that_nobody_else_knows(self, written, services):
        name, _, value = (written.path / ".env").read_text().strip().partition("=")

        assert (name, len(value)) == ("POSTGRES_PASSWORD", 32)
        assert "${POSTGRES_PASSWORD}" in services["worker1"]["environment"]["SERVER_DATABASE"]


class TestCheck:
    @pytest.mark.parametrize(
        ("changes", "problem"),
        [
            ({"place": Path("/srv/a b")}, "/srv/a b cannot be used: it stands in units"),
            ({"place": Path("/srv/a%n")}, "may only have"),
            ({"crossbar": Path("/opt/my crossbar")}, "/opt/my crossbar cannot be used"),
            ({"host": "a b"}, "is not the name of a machine"),
            ({"port": 8099}, "would both listen at port 8100"),
            ({"port": 65_535}, "There is no port 65536"),
            ({"database": "sqlite:///x"}, "share a database in PostgreSQL"),
            ({"database": "mysql://x/y"}, "of a kind that is not supported"),
            ({"database": "postgresql://x/y z"}, "cannot have white space"),
            ({"database": "postgresql://x"}, "has no name"),
        ],
    )
    def test_finds_what_cannot_work(self, plan, changes, problem):
        with pytest.raises(OperatorError, match=problem):
            evolve(plan, **changes).check()

    def test_what_is_there_is_not_overwritten(self, plan, written):
        with pytest.raises(OperatorError, match="is there already, and is not overwritten"):
            plan.check()

    def test_an_empty_folder_can_be_used(self, plan):
        plan.place.mkdir(parents=True)
        plan.place.chmod(0o755)

        plan.check()
        plan.write()

        assert mode(plan.place) == 0o700

    def test_a_file_cannot(self, plan):
        plan.place.parent.mkdir()
        plan.place.write_text("")

        with pytest.raises(OperatorError, match="cannot be used: Not a directory"):
            plan.check()

    def test_does_not_show_the_password(self, plan):
        assert "a%40b" not in repr(plan)


class TestWrite:
    def test_leaves_nothing_when_it_fails(self, plan, monkeypatch):
        def full(_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(secrets, "token_hex", full)

        with pytest.raises(OperatorError, match="cannot be made: No space left"):
            plan.write()
        monkeypatch.undo()
        assert list(plan.place.parent.iterdir()) == []

    def test_does_not_take_a_place_that_somebody_has_taken_since(self, plan):
        plan.place.mkdir(parents=True)
        (plan.place / "x").write_text("mine")

        with pytest.raises(OperatorError, match="cannot be made: Directory not empty"):
            plan.write()
        assert [path.name for path in plan.place.parent.iterdir()] == ["cluster"]


class TestScripts:
    """With programs that only say what they were told."""

    @pytest.fixture
    def run(self, written, tmp_path):
        programs = tmp_path / "programs"
        programs.mkdir()
        log = tmp_path / "log"
        log.touch()
        for name in ("pytlas-wamp", "twistd", "crossbar"):
            path = programs / name
            path.write_text(f'#!/bin/sh\necho {name} "$@" >>{log}\necho NODE_BOOT_COMPLETE\n')
            path.chmod(0o700)
        environment = {
            "PATH": os.environ["PATH"],
            "PYTLAS_BIN": str(programs),
            "CROSSBAR": str(programs / "crossbar"),
        }

        def run(script, *names, **more):
            log.write_text("")
            done = subprocess.run(  # noqa: S603 - what we have just written
                [written.path / script, *names],
                capture_output=True,
                text=True,
                check=False,
                env=environment | more,
            )
            return done, log.read_text().replace(f"{written.path}/", "")

        return run

    def test_start_everything(self, run):
        done, log = run("start")

        assert (done.returncode, done.stderr) == (0, "")
        for name in ("router1", "worker3", "gateway2"):
            assert f"{name} starts" in done.stdout
        assert "pytlas-wamp --data-dir gateways/gateway1/ cluster status\n" in log
        assert log.count("twistd ") == 5
        assert (
            "twistd --pidfile=workers/worker1/twistd.pid --logfile=workers/worker1/twistd.log "
            "pytlas --data-dir workers/worker1\n"
        ) in log

    def test_start_what_is_named(self, run):
        done, log = run("start", "worker2")

        assert done.stdout == "worker2 starts, its log is workers/worker2/twistd.log\n"
        assert (log.count("twistd "), log.count("crossbar ")) == (1, 0)

    def test_do_not_know_every_name(self, run):
        done, log = run("start", "worker9")

        assert (done.returncode, log) == (1, "")
        assert done.stderr == "start: there is no worker9 here\n"

    def test_do_not_start_what_runs(self, run, written):
        (written.path / "workers/worker1/twistd.pid").write_text(f"{os.getpid()}")
        (written.path / "routers/router1/router.pid").write_text(f"{os.getpid()}")

        done, log = run("start", "worker1", "router1")

        assert done.stdout == "router1 runs already\nworker1 runs already\n"
        assert "twistd" not in log

    def test_tell_that_there_is_no_crossbar(self, run):
        done, _ = run("start", CROSSBAR="/nowhere/crossbar")

        assert done.returncode == 1
        assert "there is no /nowhere/crossbar; install Crossbar" in done.stderr

    def test_do_not_start_without_a_database(self, run, tmp_path):
        (tmp_path / "programs" / "pytlas-wamp").write_text(
            "#!/bin/sh\necho no database >&2\nexit 1\n"
        )

        done, log = run("start")

        assert (done.returncode, done.stderr, log) == (1, "no database\n", "")

    @pytest.mark.parametrize("before", ["", "of yesterday: NODE_BOOT_COMPLETE\n"])
    def test_wait_for_a_router_and_tell_when_it_does_not_start(
        self, run, written, tmp_path, before
    ):
        log = written.path / "routers/router1/router.log"
        if before:
            log.write_text(before)
        (tmp_path / "programs" / "crossbar").write_text("#!/bin/sh\necho no port\n")

        done, _ = run("start", "router1")

        assert done.returncode == 1
        assert done.stderr == ("start: router1 does not start, see routers/router1/router.log\n")
        assert log.read_text() == f"{before}no port\n"

    def test_tell_why_a_node_does_not_start(self, run, tmp_path):
        (tmp_path / "programs" / "twistd").write_text("#!/bin/sh\necho port is taken\nexit 1\n")

        done, _ = run("start", "worker1")

        assert done.returncode == 1
        assert done.stderr == "start: worker1 does not start:\nport is taken\n"

    def test_stop_what_runs_and_forget_what_does_not(self, run, written):
        with subprocess.Popen(["/bin/sleep", "60"]) as process:
            (written.path / "workers/worker1/twistd.pid").write_text(f"{process.pid}")
            (written.path / "workers/worker2/twistd.pid").write_text("999999")
            # Whoever is not waited for by its parent stays a zombie, and looks alive.
            process.terminate()
            process.wait()
            done, _ = run("stop", "worker1", "worker2")

        assert done.stdout == "worker1 did not run\nworker2 did not run\n"
        assert list(written.path.rglob("*.pid")) == []

    def test_wait_for_the_end(self, run, written):
        pid_file = written.path / "gateways/gateway1/twistd.pid"
        subprocess.run(  # noqa: S603 - a child of nobody, which init waits for
            ["/bin/sh", "-c", f"sleep 60 >/dev/null 2>&1 & echo $! >{pid_file}"], check=True
        )

        done, _ = run("stop")

        assert (done.returncode, done.stdout) == (0, "gateway1 has stopped\n")


_KINDS = ("router", "gateway", "worker")
