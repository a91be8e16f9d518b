"""Our server without conversations: `python -m bench.peers.ours_bare OPTIONS OF THE DAEMON`.

What is left is everything of a connection: HTTP, WebSocket, tokens, the session, limits, order
within the connection, validation, back-pressure. It answers what it is told at once, without a
thread or a log.
"""

from __future__ import annotations

import sys
from typing import Any

from attrs import define
from twisted.internet.defer import Deferred, succeed
from twisted.scripts import twistd

from pytlas_wamp.assistant.audience import Device, Presence
from pytlas_wamp.assistant.host import Host
from pytlas_wamp.wire.messages import Answer, AnswerData, Done, Message, Thinking


@define(eq=False)
class Echo:
    """What a connection has joined."""

    _seq: int = 0

    def say(self, device: Device, message: Message) -> None:
        """Answer."""
        seq, re, text = self._seq, message.id, message.message
        self._seq += 3
        data = AnswerData(text=text, raw_text=text, cards=None)
        device.deliver(Thinking(seq=seq + 1, re=re))
        device.deliver(Answer(seq=seq + 2, data=data, re=re))
        device.deliver(Done(seq=seq + 3, require_input=False, re=re))

    def cancel(self, id_: str | None) -> None:
        """There is nothing to cancel."""

    def detach(self, device: Device) -> None:
        """Nothing is kept."""


def _join(_host: Host, person: Any, _device: Device, _after: int | None = None) -> Deferred[Any]:
    presence = Presence(language=person.language, seq=0, context=None, ask=None)
    return succeed((Echo(), presence))


def main() -> None:
    """Serve."""
    Host.join = _join  # type: ignore[assignment, method-assign]
    sys.argv[0] = "twistd"
    twistd.run()


if __name__ == "__main__":
    main()
