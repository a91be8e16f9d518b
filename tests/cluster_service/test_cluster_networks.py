"""Each part of a cluster on a host of its own, with bad cables: run_networks.py, short.

In a process of its own, as that one enters the network of the devices.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from cluster_networks import IP, can_have_networks

MISSING = can_have_networks()
HERE = Path(__file__).parent

pytestmark = [
    pytest.mark.service,
    pytest.mark.router,
    pytest.mark.networks,
    pytest.mark.skipif(MISSING is not None, reason=str(MISSING)),
]


def test_nothing_is_lost_between_hosts():
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, HERE / "run_networks.py", "--people", "3", "--seed", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        output, _ = process.communicate()
    assert process.returncode == 0, output
    assert "\n0 violations" in output
    names = subprocess.run([IP, "netns", "list"], capture_output=True, text=True, check=True)  # noqa: S603
    assert f"pytlas-{process.pid}-" not in names.stdout
