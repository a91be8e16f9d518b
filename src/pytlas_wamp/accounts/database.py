"""Opens a database so that it is sound, ours and up to date."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Literal

from attrs import define, field
from sqlalchemy import Connection, Engine

from pytlas_wamp.accounts.database_faults import worded
from pytlas_wamp.accounts.database_postgresql import check_postgresql, postgresql_engines
from pytlas_wamp.accounts.database_sqlite import check_sqlite, sqlite_engines
from pytlas_wamp.accounts.database_urls import parse_url, place, secrets
from pytlas_wamp.accounts.migrations import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path


BUSY_TIMEOUT_SECONDS = 5.0  # a write takes milliseconds; a backup of a big file a second or two

DatabaseKind = Literal["sqlite", "postgresql"]

_WAYS = {
    "sqlite": (sqlite_engines, check_sqlite),
    "postgresql": (postgresql_engines, check_postgresql),
}


@define(eq=False)
class _Block:
    """What a thread reads together; see `Database.together`."""

    _readers: Engine
    _begun: ExitStack
    _connection: Connection | None = None

    def connection(self) -> Connection:
        """Returns what the block reads by, and begins its transaction if there is none."""
        if self._connection is None:
            self._connection = self._begun.enter_context(self._readers.begin())
        return self._connection

    def end(self) -> None:
        """Ends the transaction, if there is one; whoever reads next begins another."""
        self._connection = None
        self._begun.close()


def _no_block() -> ContextVar[_Block | None]:
    return ContextVar("block", default=None)


@define(eq=False)
class Database:
    """A migrated database, from which to take transactions.

    Safe to use from any thread. A transaction must not be begun inside another one; where
    several reads belong together, `together` has them share one.
    When the server of the database goes away every transaction fails with StoreBroken;
    when it is back they work again.

    Args:
      url: as `parse_url` takes it; an SQLite file is made when missing.
      busy_timeout_seconds: how long to wait for other writers.

    Raises:
      StoreBroken: when the database cannot be used.
    """

    url: str | Path = field(repr=False)  # there may be a password in it
    busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS
    place: str = field(init=False)
    kind: DatabaseKind = field(init=False)
    _secrets: list[str] = field(init=False, repr=False)
    _readers: Engine = field(init=False, repr=False)
    _writers: Engine = field(init=False, repr=False)
    # The same, by whether they wait for a disk, and whether they take their turn.
    _ways_to_write: dict[tuple[bool, bool], Engine] = field(init=False, repr=False)
    # Of this thread. Each block takes itself out again, so that nothing keeps the variable.
    _block: ContextVar[_Block | None] = field(init=False, repr=False, factory=_no_block)

    def __attrs_post_init__(self) -> None:
        """Opens, checks and migrates."""
        url = parse_url(self.url)
        self.place, self._secrets = place(url), secrets(url)
        self.kind = "sqlite" if url.get_backend_name() == "sqlite" else "postgresql"
        engines, check = _WAYS[self.kind]
        with self._worded():
            self._readers, self._writers = engines(url, self.busy_timeout_seconds)
            try:
                check(self._readers)
                migrate(self._writers)
                self._ways_to_write = {
                    (flushed, in_turn): self._writers.execution_options(
                        flushed=flushed, in_turn=in_turn
                    )
                    for flushed in (True, False)
                    for in_turn in (True, False)
                }
            except BaseException:
                self.close()
                raise

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Gives a connection that sees one state of the database throughout."""
        block = self._block.get()
        if block is not None:
            with self._worded():
                yield block.connection()
            return
        with self._worded(), self._readers.begin() as connection:
            yield connection

    @contextmanager
    def together(self) -> Iterator[None]:
        """Lets all that this thread reads in the body see one state, in one transaction.

        To begin and end one costs more than a small read. It begins with the first read;
        inside another such body nothing changes. A write of this thread in the body stays a
        transaction of its own and ends the shared one before, because SQLite in memory has
        one connection only: what is read after it sees what was written.
        """
        if self._block.get() is not None:
            yield
            return
        with self._worded(), ExitStack() as begun:
            token = self._block.set(_Block(self._readers, begun))
            try:
                yield
            finally:
                self._block.reset(token)

    @contextmanager
    def writing(self, *, flushed: bool = True, in_turn: bool = True) -> Iterator[Connection]:
        """Gives the only connection that may write; all is undone when the body raises.

        Args:
          flushed: whether SQLite waits until a disk has it. What is not flushed outlives
            the process, but its last moments may be lost when the power fails. PostgreSQL
            always waits: it may fail while we go on.
          in_turn: whether PostgreSQL lets nobody else write meanwhile who takes a turn too;
            SQLite never does. Who writes out of turn has to lock the rows that it looks at,
            in the order of the users they belong to: see `sql_fence`.
        """
        writers = self._ways_to_write[flushed, in_turn]
        block = self._block.get()
        with self._worded():
            if block is not None:
                block.end()
            with writers.begin() as connection:
                yield connection

    def close(self) -> None:
        """Closes all connections."""
        self._readers.dispose()

    def _worded(self) -> AbstractContextManager[None]:
        return worded(self.place, self._secrets)
