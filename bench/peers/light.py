"""Our agent where the stock one was: everything else as in `work`."""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock
from typing import Any

import orjson
from attrs import define

from bench.peers.work import encode
from pytlas_wamp.assistant.agent import HostedAgent
from pytlas_wamp.assistant.turns import Emission, Turn


@define
class LightTalk:
    """The conversation of one connection.

    Args:
      send: takes each frame; called in the thread of the skill.
      interpreter: as all have.
    """

    send: Callable[[bytes], object]
    interpreter: Any
    _agent: Any = None
    _re: str | None = None

    def say(self, text: str | bytes) -> None:
        """Take a turn (blocks as long as the skill does)."""
        message = orjson.loads(text)
        if self._agent is None:
            self._agent = HostedAgent(
                self.interpreter,
                guard=RLock(),
                emit=self._emit,
                settled=lambda _: None,
                wake=lambda: None,
                meta={},
            )
        self._re = message.get("id")
        self._agent.take(Turn(id=self._re, text=message["message"]))

    def _emit(self, emission: Emission) -> None:
        fields = emission.fields
        if "data" in fields:
            data = fields["data"]
            said = {**data.meta, "text": data.text, "raw_text": data.raw_text, "cards": data.cards}
            self.send(encode(emission.kind.TYPE, self._re, data=said))
        else:
            self.send(encode(emission.kind.TYPE, self._re, **fields))
