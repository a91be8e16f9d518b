"""A house with people in it, for the tests of their addresses."""

from __future__ import annotations

import pytest
from api_people import House


@pytest.fixture
def house():
    """One of the test's own."""
    return House()


@pytest.fixture(scope="module")
def still():
    """One for many requests that change nothing."""
    return House()
