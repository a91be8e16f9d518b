"""The work on uvicorn and Starlette: `python -m bench.peers.uvicorn_peer PORT bare|agent`."""

from __future__ import annotations

import asyncio
import sys

import jwt
import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from bench.peers import work


async def _bare(socket: WebSocket) -> None:
    if await _greet(socket):
        try:
            while True:
                for frame in work.plain_answer(await socket.receive_text()):
                    await socket.send_text(frame.decode())
        except WebSocketDisconnect:
            return


async def _agent(socket: WebSocket) -> None:
    if not await _greet(socket):
        return
    mailbox = work.Mailbox(asyncio.get_running_loop())
    talk = socket.app.state.new_talk(mailbox.put)
    try:
        while True:
            async for frame in mailbox.turn(talk, await socket.receive_text()):
                await socket.send_text(frame.decode())
    except WebSocketDisconnect:
        return


async def _greet(socket: WebSocket) -> bool:
    await socket.accept()
    try:
        work.user_of(await socket.receive_text())
    except jwt.InvalidTokenError:
        await socket.close(1000)
        return False
    except WebSocketDisconnect:
        return False
    await socket.send_text(work.READY.decode())
    return True


def main() -> None:
    """Serve."""
    port, kind = int(sys.argv[1]), sys.argv[2]
    app = Starlette(routes=[WebSocketRoute("/ws/assistant/", _bare if kind == "bare" else _agent)])
    if kind == "agent":
        app.state.new_talk = work.prepare(kind)
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=port,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        access_log=False,
        log_level="warning",
    )


if __name__ == "__main__":
    main()
