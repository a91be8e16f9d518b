"""The work on aiohttp and uvloop: `python -m bench.peers.aiohttp_peer PORT bare|agent|light`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable

import jwt
import uvloop
from aiohttp import WSMsgType, web

from bench.peers import work

_NEW_TALK = web.AppKey("new_talk", Callable[[Callable[[bytes], object]], work.Speaker])


async def _greet(socket: web.WebSocketResponse) -> bool:
    first = await socket.receive()
    try:
        work.user_of(first.data)
    except jwt.InvalidTokenError:
        await socket.close(code=1000)
        return False
    await socket.send_str(work.READY.decode())
    return True


async def _bare(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(compress=False)
    await socket.prepare(request)
    if await _greet(socket):
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                for frame in work.plain_answer(message.data):
                    await socket.send_frame(frame, WSMsgType.TEXT)
    return socket


async def _agent(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(compress=False)
    await socket.prepare(request)
    if not await _greet(socket):
        return socket
    mailbox = work.Mailbox(asyncio.get_running_loop())
    talk = request.app[_NEW_TALK](mailbox.put)
    async for message in socket:
        if message.type is WSMsgType.TEXT:
            async for frame in mailbox.turn(talk, message.data):
                await socket.send_frame(frame, WSMsgType.TEXT)
    return socket


def main() -> None:
    """Serve."""
    port, kind = int(sys.argv[1]), sys.argv[2]
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    app = web.Application()
    if kind != "bare":
        app[_NEW_TALK] = work.prepare(kind)
    app.router.add_get("/ws/assistant/", _bare if kind == "bare" else _agent)
    web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None)


if __name__ == "__main__":
    main()
