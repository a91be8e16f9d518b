"""The work on Channels and daphne: `python -m bench.peers.channels_peer PORT bare|agent`.

An asynchronous consumer with threads of its own: a synchronous one, as pytlas-server has it, is
half as fast again and has one thread for all skills.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import django
import jwt
from django.conf import settings

settings.configure(ALLOWED_HOSTS=["*"], INSTALLED_APPS=["channels"])
django.setup()

from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402 - after its settings
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from daphne.server import Server  # noqa: E402
from django.urls import path  # noqa: E402

from bench.peers import work  # noqa: E402


class Bare(AsyncWebsocketConsumer):  # type: ignore[misc]
    """One connection, without an assistant."""

    known = False

    async def receive(self, text_data: str | None = None, bytes_data: Any = None) -> None:  # noqa: ARG002
        """A frame came."""
        if self.known:
            await self.take(text_data or "")
            return
        try:
            work.user_of(text_data or "")
        except jwt.InvalidTokenError:
            await self.close(1000)
            return
        self.known = True
        await self.send(work.READY.decode())

    async def take(self, text: str) -> None:
        """The same, once it is known whose."""
        for frame in work.plain_answer(text):
            await self.send(frame.decode())


class WithAgent(Bare):
    """One connection with an agent."""

    new_talk: Any = None
    talk: work.Speaker | None = None
    mailbox: work.Mailbox

    async def take(self, text: str) -> None:
        """Take a turn."""
        if self.talk is None:
            self.mailbox = work.Mailbox(asyncio.get_running_loop())
            self.talk = self.new_talk(self.mailbox.put)
        async for frame in self.mailbox.turn(self.talk, text):
            await self.send(frame.decode())


def main() -> None:
    """Serve."""
    port, kind = int(sys.argv[1]), sys.argv[2]
    if kind != "bare":
        WithAgent.new_talk = staticmethod(work.prepare(kind))
    consumer = Bare if kind == "bare" else WithAgent
    routes = URLRouter([path("ws/assistant/", consumer.as_asgi())])
    Server(
        application=ProtocolTypeRouter({"websocket": routes}),
        endpoints=[f"tcp:port={port}:interface=127.0.0.1"],
        signal_handlers=True,
        verbosity=0,
    ).run()


if __name__ == "__main__":
    main()
