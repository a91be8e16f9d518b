"""A Crossbar of the tests' own, configured as `docs/reference/cluster-protocol.md` has it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from attrs import Factory, define

PROGRAM = os.environ.get("PYTLAS_WAMP_CROSSBAR", "")
_START_SECONDS = 90  # it takes five, on a machine with nothing else to do


def free_port():
    """Returns a port of this machine that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def configuration(port, nodes, *, auth=None, tls=None):
    """Returns what Crossbar reads.

    Args:
      port: where it listens.
      nodes: (role, public key) by name.
      auth: in place of the nodes' keys; {} for none.
      tls: a folder with `cert.pem` and `key.pem`, or None.
    """
    roles, principals = [], {}
    for name, (role, public) in nodes.items():
        principals[name] = {"realm": "pytlas", "role": name, "authorized_keys": [public]}
        roles.append({"name": name, "permissions": _permissions(name, role)})
    endpoint = {"type": "tcp", "interface": "127.0.0.1", "port": port}
    if tls is not None:
        endpoint["tls"] = {"certificate": f"{tls}/cert.pem", "key": f"{tls}/key.pem"}
    transport = {
        "type": "websocket",
        "endpoint": endpoint,
        "serializers": ["cbor"],
        "options": {
            "auto_ping_interval": 2000,
            "auto_ping_timeout": 2000,
            "max_message_size": 16777216,
            "max_frame_size": 16777216,
        },
    }
    if auth is None:
        auth = {"cryptosign": {"type": "static", "principals": principals}}
    if auth:
        transport["auth"] = auth
    realm = {"name": "pytlas", "roles": roles}
    router = {"type": "router", "id": "router", "realms": [realm], "transports": [transport]}
    return {"version": 2, "controller": {}, "workers": [router]}


def _permissions(name, role):
    if role == "worker":
        mine = f"pytlas.worker.{name}."
        return [_permission(mine, register=True), _permission("pytlas.gateway.", publish=True)]
    mine = f"pytlas.gateway.{name}."
    return [_permission("pytlas.worker.", call=True), _permission(mine, subscribe=True)]


def _permission(prefix, **allowed):
    names = ("call", "register", "publish", "subscribe")
    return {
        "uri": prefix,
        "match": "prefix",
        "allow": {name: allowed.get(name, False) for name in names},
        "disclose": {"caller": True, "publisher": True},
        "cache": True,
    }


@define(eq=False)
class Crossbar:
    """A running router.

    Args:
      configuration: see above.
      port: where it listens.
    """

    configuration: dict
    port: int
    folder: Path = Factory(lambda: Path(tempfile.mkdtemp(prefix="crossbar-")))
    scheme: str = "ws"
    process: object = None

    @property
    def url(self):
        return f"{self.scheme}://127.0.0.1:{self.port}/ws"

    def start(self):
        """Starts it, and waits until it can be connected to."""
        (self.folder / "config.json").write_text(json.dumps(self.configuration))
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - the operator's own crossbar
                [PROGRAM, "start", "--cbdir", str(self.folder), "--loglevel", "info"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={"PATH": os.environ["PATH"], "HOME": str(self.folder)},
                start_new_session=True,
            )
        deadline = time.monotonic() + _START_SECONDS
        while not self._listens():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError((self.folder / "log").read_text())
            time.sleep(0.1)
        return self

    def kill(self):
        """Ends it as a power cut does; its workers with it."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def stop(self):
        """Ends it and deletes everything."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def pids(self):
        """Returns its processes: the controller and its workers."""
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == self.process.pid:  # its session
                found.append(int(stat.parent.name))
        return found

    def _listens(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True
