"""Daemons that end with their test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from assembled import build, log, reactor, run  # noqa: F401 - fixtures
from assembled_cluster import stage  # noqa: F401 - a fixture
from daemon import Daemon, twistd

from cheap_hashing import cheap_hashing  # noqa: F401 - a fixture


@pytest.fixture
def start(tmp_path, learnt) -> Iterator:
    """`start("--option", "x")`: a daemon with the data directory tmp_path/data on port 0.

    It understands by patterns: to learn something else takes longer than most tests.
    """
    running = []

    def begin(*options, command=twistd, listen="tcp:0:interface=127.0.0.1"):
        arguments = ("--data-dir", tmp_path / "data", "--listen", listen)
        options = ("--interpreter", "patterns", *options)
        has_own = (tmp_path / "data" / "skills").exists()
        # Skills of its own are not in there: until they are learnt, it would not know them.
        shared = {} if has_own else {"PYTLAS_CACHE_DIR": str(learnt)}
        running.append(Daemon.start(command(*arguments, *options), tmp_path, **shared))
        return running[-1]

    yield begin
    for daemon in running:
        daemon.end()
