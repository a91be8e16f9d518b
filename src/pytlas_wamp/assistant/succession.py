"""The agent that is to go on with a conversation, because the user's language is another now."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import define, field

from pytlas_wamp.assistant.agent import HostedAgent
from pytlas_wamp.assistant.audience import Audience
from pytlas_wamp.wire.messages import Context, Done, Language


@define(eq=False)
class Succession:
    """Who comes after the agent of a conversation, if anybody does (spec 4.12).

    Args:
      audience: is told.

    Attributes:
      is_due: whether another agent is to go on.
    """

    _audience: Audience
    # Looked at whenever a turn ends, so it is no property.
    is_due: bool = field(init=False, default=False)
    _next: tuple[HostedAgent, str] | None = field(init=False, default=None)

    def name(self, agent: HostedAgent, language: str) -> None:
        """Have another agent go on, in this language."""
        self._next, self.is_due = (agent, language), True

    def drop(self) -> None:
        """Have nobody go on."""
        self._next, self.is_due = None, False

    @property
    def language(self) -> str:
        """In which the conversation goes on."""
        return self._audience.log.language if self._next is None else self._next[1]

    def replace_settings(self, settings: Mapping[str, str], *, known: frozenset[str]) -> None:
        """Give the user's settings also to who is to go on."""
        if self._next is not None:
            self._next[0].replace_settings(settings, known=known)

    def pass_to_next(self, present: HostedAgent) -> HostedAgent:
        """Have the present agent hand over, and tell the devices what is no more.

        Returns:
          who goes on; the present one when nobody else is to.
        """
        if self._next is None:
            return present
        agent, language = self._next
        self.drop()
        # Timers that skills have started keep the agent they were started from.
        present.hand_over(agent)
        audience = self._audience
        audience.log.language = language
        audience.publish(Language, language=language)
        if audience.log.context is not None:
            audience.publish(Context, name=None)
        if audience.log.ask is not None:
            audience.publish(Done, require_input=False)
        return agent
