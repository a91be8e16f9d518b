"""A server with clients on a line in memory, see wire_pair.py."""

from __future__ import annotations

import pytest

import wire_pair


@pytest.fixture
def make_wire(monkeypatch):
    """`make_wire(limits=...)`: a wire with the users alice (1) and bob (2)."""
    opened = []

    def make(**options):
        context = wire_pair.wire(monkeypatch, **options)
        one = context.__enter__()
        opened.append(context)
        one.add_user("alice")
        one.add_user("bob")
        return one

    yield make
    for context in opened:
        context.__exit__(None, None, None)


@pytest.fixture
def wire(make_wire):
    """The same with the limits at their defaults."""
    return make_wire()
