"""Gateways and workers in one process, with a bus in memory between them."""

from __future__ import annotations

import sys

import pytest
from assembled import Line, add_user
from attrs import define, evolve, field

from cluster.bus_in_memory import Network
from pytlas_wamp.config import ClusterConfig, read_config
from pytlas_wamp.service import node
from pytlas_wamp.service.foundation import Foundation
from pytlas_wamp.service.gateway_node import GatewayNode
from pytlas_wamp.service.worker_node import WorkerNode
from wire_devices import HANDSHAKE, text

NODES = {"gateway": GatewayNode, "worker": WorkerNode}
SETTINGS = {"SERVER_BUNDLED_SKILLS": "none", "SERVER_INTERPRETER": "patterns"}


@define(eq=False)
class Stage:
    """Nodes that share a data directory.

    Args:
      reactor: of all of them.
      network: between them.
      folder: where the data directory is.
    """

    reactor: object
    network: Network
    folder: object
    services: list = field(factory=list)
    accounts: object = None
    token: str | None = None
    _store: object = None

    def make(self, role, name=None, listen=(), processes=0, routers=(), languages=(), **environ):
        """All parts of a node that is not started yet."""
        config = read_config(
            config_file=None,
            options={"data_dir": str(self.folder / "data")},
            environ={**SETTINGS, **environ},
        )
        cluster = ClusterConfig(
            role="all" if processes else role,
            name=name,
            processes=processes,
            routers=routers,
            languages=languages,
            key=config.cluster.key,
        )
        config = evolve(config, cluster=cluster, listen=listen)
        # Each node loads the skills anew, as a process of its own does.
        sys.modules.pop("waiting_skill", None)
        return NODES[role](base=Foundation(config=config, reactor=self.reactor))

    def start(self, role, name=None, **more):
        """A node that runs."""
        made = self.make(role, name, **more)
        service = made.service()
        service.startService()
        self.services.append(service)
        return made

    def stop(self, service):
        stopped = service.stopService()
        # Time for everything that may take long, if it does.
        self.reactor.advance(10)
        self.reactor.result(stopped)

    def both(self):
        """A gateway that listens and has found a worker."""
        worker = self.start("worker", "kitchen", listen=("tcp:9000",))
        gateway = self.start("gateway", "door", listen=("tcp:8000",))
        # Whoever looks for a server finds the gateway first.
        self.reactor.tcpServers.reverse()
        self.reactor.until(lambda: gateway.placement.living)
        return gateway, worker

    def talk(self, *messages):
        """Ada on a line, after what she said was answered; see `accounts`."""
        self.accounts, self._store, token = add_user(self.folder)
        self.token = token
        line = Line(self.reactor)
        line.send(HANDSHAKE, text({"type": "authenticate", "token": token}))
        line.until(b'"type":"ready"')
        sys.modules["waiting_skill"].gate.set()
        for message in messages:
            line.send(text({"message": message}))
            line.until(b'"require_input":false')
        return line


@pytest.fixture
def stage(build, reactor, tmp_path, monkeypatch):
    """A stage for nodes; whatever runs on it is stopped at the end."""
    stage = Stage(reactor, Network(reactor), tmp_path)
    monkeypatch.setattr(node, "make_bus", lambda config, id_, *_: stage.network.bus(id_))
    yield stage
    for service in reversed(stage.services):
        if service.running:
            stage.stop(service)
    if stage._store is not None:
        stage._store.close()
