"""Daemons that end with their test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from assembled import build, log, reactor, run  # noqa: F401 - fixtures
from daemon import Daemon, twistd


@pytest.fixture(scope="session")
def cache_dir(tmp_path_factory):
    """What one daemon has learnt of the bundled skills, the next one need not learn again."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def start(tmp_path, cache_dir) -> Iterator:
    """`start("--interpreter", "x")`: a daemon with the data directory tmp_path/data on port 0."""
    running = []

    def begin(*options, command=twistd, listen="tcp:0:interface=127.0.0.1"):
        arguments = ("--data-dir", tmp_path / "data", "--listen", listen, *options)
        has_own = (tmp_path / "data" / "skills").exists()
        # Skills of its own are not in there: until they are learnt, it would not know them.
        shared = {} if has_own else {"PYTLAS_CACHE_DIR": str(cache_dir)}
        running.append(Daemon.start(command(*arguments), tmp_path, **shared))
        return running[-1]

    yield begin
    for daemon in running:
        daemon.end()
