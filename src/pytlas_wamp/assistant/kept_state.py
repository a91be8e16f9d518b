"""What a record says about the present of a conversation, so that another process can go on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from pytlas_wamp.assistant.snapshots import BadSnapshot, dumps, loads
from pytlas_wamp.assistant.turns import Frame
from pytlas_wamp.errors import ClientError
from pytlas_wamp.wire.codec import decode_server, to_document
from pytlas_wamp.wire.messages import Ask, Context


@frozen(kw_only=True)
class KeptState:
    """The present of a conversation.

    Args:
      language: the user's, as stored.
      agent: what its agent needs to go on.
      question: the frame of the question that waits for a reply, if any.
      context: the frame that told of the context it is in; None at the root.
    """

    language: str
    agent: Mapping[str, Any] = field(factory=dict, repr=False)
    question: Ask | None = None
    context: Context | None = None

    def text(self) -> str:
        """All of it as JSON; "" when there is nothing to go on with."""
        if not self.agent and self.question is None and self.context is None:
            return ""
        frames = {"question": self.question, "context": self.context}
        kept = {name: to_document(frame) for name, frame in frames.items() if frame is not None}
        return dumps({"language": self.language, "agent": self.agent, **kept})

    @classmethod
    def of(cls, text: str, language: str) -> KeptState:
        """Read what `text` wrote.

        Args:
          text: what it wrote.
          language: if that says none.

        Raises:
          BadSnapshot: it did not write this.
        """
        state = loads(text) if text else {}
        question = _frame_in(state, "question")
        context = _frame_in(state, "context")
        return cls(
            language=state.get("language", language),
            agent=state.get("agent", {}),
            question=question if isinstance(question, Ask) else None,
            context=context if isinstance(context, Context) else None,
        )


def _frame_in(state: Mapping[str, Any], name: str) -> Frame | None:
    return frame_of(json.dumps(state[name])) if name in state else None


def frame_of(body: str) -> Frame:
    """The frame of a conversation that this JSON text is; raises BadSnapshot when it is none."""
    try:
        frame = decode_server(body)
    except ClientError as error:
        raise BadSnapshot from error
    if not isinstance(frame, Frame):
        raise BadSnapshot
    return frame
