"""How a conversation is taken up again: after a start, a pause, or in another process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytlas_wamp.assistant.agent import HostedAgent
from pytlas_wamp.assistant.audience import Audience
from pytlas_wamp.assistant.turns import Turn
from pytlas_wamp.wire.messages import Context, Done, Language


def take_up(
    audience: Audience, agent: HostedAgent, state: Mapping[str, Any], language: str | None
) -> bool:
    """Have a new agent go on from what was kept, and tell the devices what is no more (spec 5.1).

    Args:
      audience: of the conversation.
      agent: the new one.
      state: that of the agent before; {} when there was none.
      language: of the new one, if that may be another than before.

    Returns:
      whether it waits for the reply to the last question.
    """
    log = audience.log
    changed = language is not None and language != log.language
    question = log.ask
    restored = not changed and bool(state) and agent.restore(state)
    asking = restored and question is not None
    for one in log.open_turns:
        audience.interrupt(Turn(id=one.id, seq=one.seq))
    if changed:
        log.language = str(language)
        audience.publish(Language, language=language)
    known = None if log.context is None else log.context.name
    if known != agent.current_context:
        audience.publish(Context, name=agent.current_context)
    if question is not None and not asking:
        audience.publish(Done, require_input=False)
    elif question is not None and log.ask is None:
        # What was told in between took the question from the devices.
        audience.ask_again(question)
    return asking
