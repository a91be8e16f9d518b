"""What `cluster init` tells a real Crossbar: each node may do what it needs, and nothing else.

Set PYTLAS_WAMP_CROSSBAR to its program, such as /opt/crossbar/bin/crossbar.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from attrs import field, frozen

from command_line import called
from pytlas_wamp.cli.cluster_folder import Folder

CROSSBAR = os.environ.get("PYTLAS_WAMP_CROSSBAR")
PATIENCE_SECONDS = 60
REFUSED = "wamp.error.not_authorized"
NO_WAY = "wamp.error.no_auth_method"

pytestmark = [
    pytest.mark.service,
    pytest.mark.skipif(not CROSSBAR, reason="PYTLAS_WAMP_CROSSBAR names no program"),
]


@frozen
class Step:
    """What somebody tries at the router, and what has to come of it.

    Args:
      who: the node that does it, or says to be it.
      action: join, register, subscribe, publish or call.
      outcome: "ok", or an error of WAMP.
      uri: of what; none for `join`.
      more: `match`, for `join` also `key` (whose), `method` and `serializer`.
    """

    who: str | None
    action: str
    outcome: str
    uri: str = ""
    more: dict = field(factory=dict)

    def document(self):
        """Of the step, for wamp_steps.py."""
        place = {"uri": self.uri} if self.uri else {}
        return {"who": self.who, "action": self.action, **place, **self.more}

    def shown(self):
        """For the name of its test."""
        more = ",".join(f"{key}={value}" for key, value in self.more.items())
        return f"{self.who}-{self.action}-{self.uri}{more}-{self.outcome.rpartition('.')[2]}"


MINE = "pytlas.worker.worker1.0a0b0c0d.ask"
FORCED = {"force_reregister": True}
STEPS = [
    # What they need.
    Step("worker1", "register", "ok", MINE),
    Step("worker2", "register", "ok", "pytlas.worker.worker2.0a0b0c0d.ask"),
    Step("gateway1", "call", "ok", MINE),
    Step("gateway1", "subscribe", "ok", "pytlas.gateway.gateway1.0a0b0c0d.told"),
    Step("worker1", "publish", "ok", "pytlas.gateway.gateway1.0a0b0c0d.told"),
    # A worker speaks for itself alone.
    Step("worker2", "register", "wamp.error.procedure_already_exists", MINE),
    Step("worker2", "register", REFUSED, MINE, FORCED),
    Step("worker2", "register", REFUSED, "pytlas.worker.worker1.ffffffff.ask"),
    Step("worker2", "register", REFUSED, "pytlas.worker...ask", {"match": "wildcard"}),
    Step("worker2", "register", REFUSED, "pytlas.worker", {"match": "prefix"}),
    Step("worker2", "register", REFUSED, "pytlas.worker.worker", {"match": "prefix"}),
    Step("worker2", "register", REFUSED, "pytlas.worker.worker22.ffffffff.ask"),
    Step("worker2", "register", REFUSED, "pytlas.gateway.gateway1.x"),
    # It neither asks nor listens.
    Step("worker1", "call", REFUSED, MINE),
    Step("worker1", "subscribe", REFUSED, "pytlas.gateway.gateway1.0a0b0c0d.told"),
    Step("worker1", "subscribe", REFUSED, "pytlas", {"match": "prefix"}),
    Step("worker1", "publish", REFUSED, "pytlas.worker.worker2.told"),
    # A gateway answers nothing, tells nothing, and hears what is for it.
    Step("gateway1", "register", REFUSED, "pytlas.worker.gateway1.0a0b0c0d.ask"),
    Step("gateway1", "register", REFUSED, "pytlas.gateway.gateway1.0a0b0c0d.told"),
    Step("gateway1", "publish", REFUSED, "pytlas.gateway.gateway2.0a0b0c0d.told"),
    Step("gateway1", "subscribe", REFUSED, "pytlas.gateway.gateway2.0a0b0c0d.told"),
    Step("gateway1", "subscribe", REFUSED, "pytlas.gateway", {"match": "prefix"}),
    Step("gateway1", "subscribe", REFUSED, "pytlas.gateway...told", {"match": "wildcard"}),
    # Nobody looks around.
    Step("gateway1", "call", REFUSED, "wamp.session.list"),
    Step("gateway1", "subscribe", REFUSED, "wamp.session.on_join"),
    Step("worker1", "call", REFUSED, "wamp.session.kill"),
    Step("worker1", "call", REFUSED, "wamp.registration.list"),
    # Nobody comes in but by a key, and with its own.
    Step(None, "join", NO_WAY, more={"method": "anonymous"}),
    Step(None, "join", NO_WAY, more={"method": None}),
    Step("worker1", "join", NO_WAY, more={"method": "anonymous"}),
    Step("worker1", "join", NO_WAY, more={"method": "ticket"}),
    Step("worker1", "join", REFUSED, more={"key": "worker2"}),
    Step("stranger", "join", REFUSED, more={"key": "worker1"}),
    Step("worker1", "join", "ok as worker_worker1"),
    Step("gateway1", "join", "no answer", more={"serializer": "json"}),
]


def free_port():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


def wait_for(port, process, log):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(log.read_text())


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """The folder of a cluster, its router running; and the router's port."""
    place = tmp_path_factory.mktemp("rights") / "cluster"
    port = free_port()
    result = called("cluster", "init", place, "--router-port", port, "--crossbar", CROSSBAR)
    assert result.exit_code == 0, result.stderr
    folder = Folder(place)
    [router] = folder.of("router")
    log = place.parent / "router.log"
    with (
        log.open("wb") as out,
        subprocess.Popen(  # noqa: S603 - the program that was named
            [CROSSBAR, "start", "--cbdir", router], stdout=out, stderr=out
        ) as process,
    ):
        try:
            wait_for(port, process, log)
            yield folder, port
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def outcomes(cluster):
    """What came of all steps."""
    folder, port = cluster
    wanted = {
        "port": port,
        "keys": {node.name: str(node / "cluster.key") for node in folder.nodes()},
        "steps": [step.document() for step in STEPS],
    }
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, Path(__file__).with_name("wamp_steps.py")],
        input=json.dumps(wanted),
        capture_output=True,
        check=False,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_crossbar_accepts_the_configuration(cluster):
    folder, _ = cluster
    [router] = folder.of("router")

    done = subprocess.run(  # noqa: S603 - the program that was named
        [CROSSBAR, "check", "--cbdir", router], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("number", range(len(STEPS)), ids=map(Step.shown, STEPS))
def test_each_may_do_what_it_needs_and_nothing_else(outcomes, number):
    assert outcomes[number] == STEPS[number].outcome
