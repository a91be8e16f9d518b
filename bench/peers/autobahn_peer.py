"""Autobahn on Twisted, no assistant: `python -m bench.peers.autobahn_peer PORT`."""

# ruff: noqa: N802, N803 - methods that Autobahn calls have their names

from __future__ import annotations

import sys

import jwt
from autobahn.twisted.websocket import WebSocketServerFactory, WebSocketServerProtocol
from twisted.internet import reactor

from bench.peers import work


class Bare(WebSocketServerProtocol):  # type: ignore[misc]
    """One connection."""

    known = False

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: ARG002, FBT001
        """A frame came."""
        if self.known:
            for frame in work.plain_answer(payload):
                self.sendMessage(frame)
            return
        try:
            work.user_of(payload)
        except jwt.InvalidTokenError:
            self.sendClose(1000)
            return
        self.known = True
        self.sendMessage(work.READY)


def main() -> None:
    """Serve."""
    factory = WebSocketServerFactory()
    factory.protocol = Bare
    factory.setProtocolOptions(tcpNoDelay=True)
    reactor.listenTCP(int(sys.argv[1]), factory, interface="127.0.0.1")  # type: ignore[attr-defined]
    reactor.run()  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
