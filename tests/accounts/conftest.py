"""Stores for the tests in this folder."""

from __future__ import annotations

import pytest
from account_stores import STORES


@pytest.fixture(params=STORES)
def store(request, tmp_path):
    """An empty store, of each kind in turn."""
    made = STORES[request.param](tmp_path)
    yield made
    made.close()
