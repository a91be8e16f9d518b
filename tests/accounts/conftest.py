"""Stores for the tests in this folder."""

from __future__ import annotations

import pytest
from account_stores import ONE_BY_ONE

from postgres import shared_server, stop_shared_server


@pytest.fixture(scope="session", autouse=True)
def _postgres_ends():
    """The server of this process, if a test started one, does not outlive the tests."""
    yield
    stop_shared_server()


@pytest.fixture
def postgres():
    """A running PostgreSQL, which tests may pause."""
    server = shared_server()
    yield server
    server.resume()


@pytest.fixture(params=ONE_BY_ONE)
def store(request, tmp_path):
    """An empty store, of each kind in turn."""
    made = ONE_BY_ONE[request.param](tmp_path)
    yield made
    made.close()


@pytest.fixture
def ana(store):
    """The first account of the store."""
    return store.add("Ana", "hash-1", language="fr-FR", admin=False)


@pytest.fixture
def bob(store, ana):
    """The second one, an administrator."""
    return store.add("Bob", "hash-2", language="en", admin=True)
