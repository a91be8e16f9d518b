"""Daemons that end with their test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from daemon import Daemon, twistd


@pytest.fixture
def start(tmp_path) -> Iterator:
    """`start("--interpreter", "x")`: a daemon with the data directory tmp_path/data on port 0."""
    running = []

    def begin(*options, command=twistd, listen="tcp:0:interface=127.0.0.1"):
        arguments = ("--data-dir", tmp_path / "data", "--listen", listen, *options)
        running.append(Daemon.start(command(*arguments), tmp_path))
        return running[-1]

    yield begin
    for daemon in running:
        if not daemon.process.stdout.closed:
            daemon.stop()
