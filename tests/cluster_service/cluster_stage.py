"""A cluster as `pytlas-wamp cluster init` writes it, with people who have accounts.

What an operator would do to it is done: there is a skill, and on hosts of their own gateways
listen for others, and the router has a certificate.
"""

from __future__ import annotations

import asyncio
import http.client
import os
import random
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from attrs import define, field, frozen
from cluster_cables import Cable
from cluster_networks import Networks, write_certificate
from cluster_units import Unit
from daemon import BIN, environment

from pytlas_wamp.config import prepare_data_dir, read_config
from pytlas_wamp.service.accounts import make_secret, open_accounts
from reliability import skill_of_the_house
from reliability.audit import AUDIT

if TYPE_CHECKING:
    from postgres import PostgresServer
    from reliability.line import Address

CROSSBAR = os.environ.get("PYTLAS_WAMP_CROSSBAR", "")
_SOCKET = ".s.PGSQL.5432"
# Hosts beside those of the nodes, which have their names.
_ROUTER, _DATABASE = "router1", "database"
_START_SECONDS = 120  # a loaded machine; it takes ten
_LOOK_SECONDS = 0.05
_NEWEST = "SELECT id FROM nodes WHERE name = %(name)s ORDER BY started_at DESC LIMIT 1"


@frozen
class Inhabitant:
    """Somebody with an account.

    Args:
      name: stands in every text.
      user_id: the number.
      tokens: one for each device.
    """

    name: str
    user_id: int
    tokens: tuple[str, ...] = field(repr=False)


def hosts(gateways: int, workers: int) -> list[str]:
    """Of a cluster with networks; `devices` is for those who connect."""
    nodes = [f"gateway{number + 1}" for number in range(gateways)]
    nodes += [f"worker{number + 1}" for number in range(workers)]
    return ["devices", _DATABASE, _ROUTER, *nodes]


def free_ports(count: int) -> int:
    """The first of so many ports in a row that nobody has."""
    for _ in range(1000):
        first = random.randrange(20_000, 31_000)  # noqa: S311 - any will do
        if all(map(_is_free, range(first, first + count))):
            return first
    raise AssertionError("no ports are free")


def _is_free(port: int) -> bool:
    with socket.socket() as probe, suppress(OSError):
        probe.bind(("127.0.0.1", port))
        return True
    return False


@define(kw_only=True, eq=False)
class Cluster:
    """All of it.

    Args:
      postgres: has the database.
      gateways: how many.
      workers: how many.
      cables: whether what nodes send to the router and the database can be cut.
      networks: with a host for each node and router, and for the database; None for this
        machine.
      limits: what differs from the defaults, as in `[server]` of pytlas.ini.
    """

    postgres: PostgresServer
    gateways: int = 2
    workers: int = 3
    cables: bool = False
    networks: Networks | None = None
    limits: dict[str, object] = field(factory=dict)
    # Short: sockets are below it.
    folder: Path = field(init=False, factory=lambda: Path(tempfile.mkdtemp(prefix="cl-")))
    units: dict[str, Unit] = field(init=False, factory=dict)
    to_router: dict[str, Cable] = field(init=False, factory=dict)
    to_database: dict[str, Cable] = field(init=False, factory=dict)
    _port: int = field(init=False)
    _router_port: int = field(init=False)
    _database: str = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Make all that its nodes find there."""
        self._port = free_ports(self.gateways + 1 + self.gateways + self.workers)
        self._router_port = self._port + self.gateways
        url = self.postgres.create_migrated()
        self._database = url.rpartition("?")[0].rpartition("/")[2]
        with psycopg.connect(self._conninfo) as connection:
            connection.execute(AUDIT)
        subprocess.run(  # noqa: S603 - our own command
            [
                *(BIN / "pytlas-wamp", "cluster", "init", self.home),
                *("--gateways", str(self.gateways), "--workers", str(self.workers)),
                *("--port", str(self._port), "--router-port", str(self._router_port)),
                *("--database", self._url(), "--crossbar", CROSSBAR),
                *(() if self.networks is None else ("--host", self.networks.address(_ROUTER))),
            ],
            check=True,
            capture_output=True,
            env=environment(),
        )
        skills = self.home / "skills"
        skill_of_the_house.install(skills, runs=self._runs, hanging=self.hanging)
        for kind in ("router", "worker", "gateway"):
            for folder in sorted((self.home / f"{kind}s").iterdir()):
                unit = Unit(name=folder.name, kind=kind, cluster=self.home)
                self.units[unit.name] = unit
                if self.networks is not None:
                    self._move(unit)
                if kind != "router":
                    self._configure(unit)

    def _url(self, host: str | Path | None = None, *, by: str = "pytlas-wamp") -> str:
        """That of the database; `by` is what connections call themselves."""
        if self.networks is not None:
            host = host or self.networks.address(_DATABASE)
        query = f"?host={host or self.postgres.folder}&application_name={by}"
        return f"postgresql+psycopg://pytlas@/{self._database}{query}"

    def _move(self, unit: Unit) -> None:
        """Have it run on a host of its own."""
        unit.inside = partial(self.networks.inside, unit.name)
        router = self.home / "routers" / _ROUTER
        if unit.kind == "router":
            address = self.networks.address(_ROUTER)
            write_certificate(address, router / "router.crt", router / "router.key")
        else:
            unit.variables["SSL_CERT_FILE"] = str(router / "router.crt")
        if unit.kind == "gateway":
            unit.variables["SERVER_LISTEN"] = f"tcp:{self._gateway_port(unit.name)}"

    def _gateway_port(self, name: str) -> int:
        return self._port + int(name.removeprefix("gateway")) - 1

    def _configure(self, unit: Unit) -> None:
        """What an operator would write into its pytlas.ini, and whom it is in the database."""
        settings = {"interpreter": "patterns", "bundled_skills": "none", **self.limits}
        lines = "".join(f"{name} = {value}\n" for name, value in settings.items())
        file = unit.folder / "pytlas.ini"
        text = file.read_text().replace("[server]\n", f"[server]\n{lines}", 1)
        file.write_text(text)
        host = self._wires(unit) if self.cables else None
        unit.variables["SERVER_DATABASE"] = self._url(host, by=unit.name)

    def _wires(self, unit: Unit) -> Path:
        place = self.folder / unit.name
        place.mkdir()
        self.to_database[unit.name] = Cable(
            lambda: asyncio.open_unix_connection(self.postgres.folder / _SOCKET)
        )
        self.to_router[unit.name] = Cable(
            lambda: asyncio.open_connection("127.0.0.1", self._router_port)
        )
        return place

    async def lay_cables(self) -> None:
        """Join nodes with the router and the database, as long as this program runs."""
        first = self._router_port + 1
        for number, (name, cable) in enumerate(sorted(self.to_router.items())):
            await cable.lay_tcp(first + number)
            await self.to_database[name].lay_unix(self.folder / name / _SOCKET)
            unit = self.units[name]
            unit.variables["CLUSTER_ROUTERS"] = f"ws://127.0.0.1:{first + number}/ws"

    @property
    def home(self) -> Path:
        """The folder that `cluster init` has made."""
        return self.folder / "cluster"

    @property
    def hanging(self) -> Path:
        """While this file is there, skills that were told to hang do so."""
        return self.folder / "hanging"

    @property
    def _runs(self) -> Path:
        return self.folder / "runs"

    @property
    def _conninfo(self) -> str:
        return f"host={self.postgres.folder} user=pytlas dbname={self._database}"

    @property
    def addresses(self) -> list[Address]:
        """Where the gateways listen."""
        found = []
        for unit in self.of("gateway"):
            host = "127.0.0.1" if self.networks is None else self.networks.address(unit.name)
            found.append((host, self._gateway_port(unit.name)))
        return found

    def of(self, kind: str) -> list[Unit]:
        """All routers, workers or gateways."""
        return [unit for unit in self.units.values() if unit.kind == kind]

    def settle(self, names: list[str], devices: int) -> list[Inhabitant]:
        """Make accounts with these names, each with so many devices."""
        options = {
            "data_dir": str(self.of("gateway")[0].folder),
            "database": self._url(self.postgres.folder),
        }
        config = read_config(config_file=None, options=options, environ={})
        directory = prepare_data_dir(config, make_secret=make_secret)
        accounts, store = open_accounts(config, directory.secret)
        found = []
        for name in names:
            account = store.add(name, "none", language="en-US", admin=False)
            tokens = tuple(accounts.add_device(account.id, f"d{n}")[1] for n in range(devices))
            found.append(Inhabitant(name, account.id, tokens))
        store.close()
        return found

    # Running

    def start(self) -> None:
        """Start everything, and wait until people can be served."""
        for unit in self.units.values():
            unit.start()
        self.wait_until_ready(restarted=False)

    def wait_until_ready(self, *, restarted: bool = True) -> None:
        """Wait until each gateway says that it is, and all workers are there.

        Args:
          restarted: whether somebody starts again what ends by itself.
        """
        deadline = time.monotonic() + _START_SECONDS
        while not self._is_ready():
            failed = any(unit.has_failed for unit in self.units.values())
            assert restarted or not failed, self._last_words()
            assert time.monotonic() < deadline, self._last_words()
            time.sleep(_LOOK_SECONDS)

    def _is_ready(self) -> bool:
        return all(map(_is_ready, self.addresses)) and len(self.living("worker")) >= self.workers

    def _last_words(self) -> str:
        lines = (line for unit in self.units.values() for line in unit.lines()[-5:])
        return "\n".join(line[:500] for line in lines)

    def restart_failed(self) -> list[str]:
        """Start what has ended by itself, as systemd would after a second; the names."""
        failed = [unit for unit in self.units.values() if unit.has_failed]
        for unit in failed:
            unit.start()
        return [unit.name for unit in failed]

    def wait_until_back(self, unit: Unit) -> None:
        """Wait until one that was killed is there again: under its new id."""
        (old,) = [row[0] for row in self.rows(_NEWEST, name=unit.name)]
        deadline = time.monotonic() + _START_SECONDS
        while self.rows(_NEWEST, name=unit.name) == [(old,)]:
            assert unit.is_running, unit.lines()[-100:]
            assert time.monotonic() < deadline, unit.lines()[-100:]
            time.sleep(_LOOK_SECONDS)

    def stop(self) -> list[str]:
        """End everything in order; what is wrong with how it ended."""
        kinds = ("gateway", "worker", "router")
        return [trouble for kind in kinds for unit in self.of(kind) for trouble in unit.stop()]

    def end(self) -> None:
        """Leave nothing behind, whatever happened."""
        for unit in self.units.values():
            unit.end()
        for cable in (*self.to_router.values(), *self.to_database.values()):
            with suppress(AttributeError):
                cable.remove()

    def remove(self) -> None:
        """Delete everything."""
        shutil.rmtree(self.folder, ignore_errors=True)

    async def tell(self, word: str, name: str) -> int:
        """Do `pytlas-wamp cluster drain` or another one with a node; the exit code."""
        folder = self.of("gateway")[0].folder
        with (self.home / "operator.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *(BIN / "pytlas-wamp", "--data-dir", folder, "cluster", word, name),
                env=environment(SERVER_DATABASE=self._url(self.postgres.folder)),
                stdout=log,
                stderr=log,
            )
            try:
                return await asyncio.wait_for(process.wait(), _START_SECONDS)
            except TimeoutError:
                process.kill()
                return await process.wait()

    # What it did

    def output(self) -> list[str]:
        """What its nodes have printed; the router's is its own affair."""
        return [
            f"{unit.name}: {line}"
            for unit in self.units.values()
            if unit.kind != "router"
            for line in unit.lines()
        ]

    def rows(self, query: str, **values: object) -> list[tuple]:
        """What the database says, asked past all of our own code."""
        with psycopg.connect(self._conninfo) as connection:
            return connection.execute(query, values).fetchall()

    def living(self, role: str) -> list[str]:
        """The ids of nodes that live, as the database has it."""
        query = (
            "SELECT id FROM nodes WHERE role = %(role)s "
            "AND expires_at > extract(epoch FROM clock_timestamp()) ORDER BY id"
        )
        return [row[0] for row in self.rows(query, role=role)]

    def owner(self, user_id: int) -> Unit | None:
        """The worker that has somebody's conversation."""
        query = "SELECT node_id FROM leases WHERE user_id = %(of)s AND node_id IS NOT NULL"
        rows = self.rows(query, of=user_id)
        return self.units[rows[0][0].rpartition("-")[0]] if rows else None

    def runs(self) -> list[tuple[int, str]]:
        """Every call of the skill: the user's number, the id of the message."""
        if not self._runs.exists():
            return []
        lines = self._runs.read_text(encoding="utf-8").splitlines()
        return [(int(user_id), id_) for user_id, id_ in map(str.split, lines)]


def _is_ready(address: Address) -> bool:
    connection = http.client.HTTPConnection(*address, timeout=5)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    else:
        return answer.status == http.HTTPStatus.OK
    finally:
        connection.close()
