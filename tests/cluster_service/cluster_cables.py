"""Cables that can be cut: what a node sends and gets goes through a process that may keep it.

A cut cable is silent. Nothing comes through, not even that the other end is gone, and new
connections are taken by nobody who answers; so it is where a switch has no power.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from attrs import define, field

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]

_PIECE_BYTES = 65_536


@define(eq=False)
class Cable:
    """Joins whoever connects to it with what is at its other end.

    Args:
      reach: connects to what is there.
    """

    reach: Callable[[], Awaitable[Streams]]
    # Whether what a node says gets through, and what it is told.
    _says: asyncio.Event = field(init=False, factory=asyncio.Event)
    _hears: asyncio.Event = field(init=False, factory=asyncio.Event)
    _ends: set[asyncio.StreamWriter] = field(init=False, factory=set)
    _server: asyncio.Server = field(init=False)

    async def lay_tcp(self, port: int) -> None:
        """Listen on this machine."""
        self.mend()
        self._server = await asyncio.start_server(self._join, "127.0.0.1", port)

    async def lay_unix(self, path: Path) -> None:
        """Listen at a path."""
        self.mend()
        self._server = await asyncio.start_unix_server(self._join, path)

    def cut(self, *, says: bool = False, hears: bool = False) -> None:
        """Let nothing through, but what the node `says`, or `hears`."""
        if not says:
            self._says.clear()
        if not hears:
            self._hears.clear()

    def mend(self, *, forgotten: bool = False) -> None:
        """Let everything through again.

        Args:
          forgotten: whether those who were connected have to connect anew, as when what is
            between them has forgotten them.
        """
        self._says.set()
        self._hears.set()
        if forgotten:
            for end in self._ends:
                end.transport.abort()

    def remove(self) -> None:
        """Be gone."""
        self._server.close()
        self.mend(forgotten=True)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._ends.add(writer)
        try:
            await self._says.wait()
            far_reader, far_writer = await self.reach()
            self._ends.add(far_writer)
            try:
                await asyncio.gather(
                    self._carry(reader, far_writer, self._says),
                    self._carry(far_reader, writer, self._hears),
                )
            finally:
                self._end(far_writer)
        except (OSError, asyncio.CancelledError):
            # Nobody is there; or this program ends.
            pass
        finally:
            self._end(writer)

    def _end(self, writer: asyncio.StreamWriter) -> None:
        self._ends.discard(writer)
        writer.transport.abort()

    @staticmethod
    async def _carry(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, whole: asyncio.Event
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(_PIECE_BYTES):
                await whole.wait()
                writer.write(data)
                await writer.drain()
        await whole.wait()
        # Who has said all may still be told something, but none of ours does that.
        writer.close()
