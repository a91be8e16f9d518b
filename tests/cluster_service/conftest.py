"""Tests with a real Crossbar: `make cluster`, or PYTLAS_WAMP_CROSSBAR=PATH/crossbar pytest.

The nodes share the global reactor, which a thread runs.
"""

from __future__ import annotations

import threading

import pytest
from twisted.internet import threads

from pytlas_wamp.cluster.identity import make_key
from router_for_tests import PROGRAM, Crossbar, configuration, free_port


def pytest_collection_modifyitems(items):
    """Skip what needs a Crossbar where none is named."""
    if not PROGRAM:
        skip = pytest.mark.skip(reason="PYTLAS_WAMP_CROSSBAR names no crossbar program")
        for item in items:
            if "cluster_service" in str(item.path):
                item.add_marker(skip)


@pytest.fixture(scope="session")
def reactor():
    """The global reactor, which runs in a thread for as long as there are tests."""
    # Not before a test wants it: other tests have none.
    from twisted.internet import reactor as global_reactor  # noqa: PLC0415

    thread = threading.Thread(
        target=global_reactor.run, kwargs={"installSignalHandlers": False}, daemon=True
    )
    thread.start()
    yield global_reactor
    global_reactor.callFromThread(global_reactor.stop)
    thread.join(10)


@pytest.fixture(scope="session")
def run(reactor):
    """Calls something in the reactor's thread, waits for its Deferred, returns its value."""

    def run(call, *args, **kwargs):
        return threads.blockingCallFromThread(reactor, call, *args, **kwargs)

    return run


@pytest.fixture(scope="session")
def keys():
    """Keys by the names of nodes."""
    return {name: make_key() for name in ("g1", "g2", "w1", "w2")}


@pytest.fixture(scope="session")
def nodes(keys):
    """What a router knows of them."""
    return {
        name: ("gateway" if name.startswith("g") else "worker", key.public)
        for name, key in keys.items()
    }


@pytest.fixture(scope="session")
def router(nodes):
    """A Crossbar that has come up."""
    port = free_port()
    crossbar = Crossbar(configuration(port, nodes), port)
    yield crossbar.start()
    crossbar.stop()
