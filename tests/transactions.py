"""How many transactions something takes, whatever database it asks."""

from __future__ import annotations

from contextlib import contextmanager

from sqlalchemy import Engine, event


@contextmanager
def begun_transactions():
    """Fills a list with the connections that begin one in the body."""
    begun = []

    def note(connection):
        begun.append(connection)

    event.listen(Engine, "begin", note)
    try:
        yield begun
    finally:
        event.remove(Engine, "begin", note)
