"""All conversations of the process, one per user (spec 5.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from attrs import define, field, frozen
from twisted.internet.defer import Deferred, DeferredList, succeed

from pytlas_wamp.assistant.agent import HostedAgent
from pytlas_wamp.assistant.conversation import Conversation, Device, Presence
from pytlas_wamp.assistant.worker import Workers, make_guard
from pytlas_wamp.limits import Limits


@frozen(kw_only=True)
class Person:
    """What the assistant knows about a user.

    Args:
      id: the user's number.
      language: as stored, such as `fr-FR`; its first two letters choose the interpreter.
      settings: names in the form of environment variables, as pytlas reads them.
    """

    id: int
    language: str
    settings: Mapping[str, str] = field(repr=False)


class InterpreterSource(Protocol):
    """Where interpreters come from."""

    def get(self, language: str) -> Deferred[Any]:
        """The trained interpreter of a two-letter language, the same one for everybody."""


@define(kw_only=True, eq=False)
class Host:
    """Finds a user's conversation, or begins it.

    Args:
      interpreters: one trained interpreter per language.
      workers: where skills run, and where agents are made.
      urgent: where the few quick calls run that must not wait for skills.
      clock: an IReactorTime, for the deadlines of turns.
      limits: bounds on conversations.
    """

    _interpreters: InterpreterSource
    _workers: Workers
    _urgent: Workers
    _clock: Any
    _limits: Limits
    _conversations: dict[int, Conversation] = field(init=False, factory=dict)
    _settings: dict[int, frozenset[str]] = field(init=False, factory=dict)
    _beginning: dict[int, Deferred[None]] = field(init=False, factory=dict)

    def join(self, person: Person, device: Device) -> Deferred[tuple[Conversation, Presence]]:
        """Make a connection a device of the user's conversation.

        Returns:
          the conversation and its present state; the device gets every frame after that.
        """

        def attach(_: object) -> tuple[Conversation, Presence]:
            conversation = self._conversations[person.id]
            return conversation, conversation.attach(device)

        return self._prepare(person).addCallback(attach)

    def update(self, person: Person) -> Deferred[None]:
        """Bring a running conversation up to date with what is stored about its user."""
        if person.id in self._conversations or person.id in self._beginning:
            return self._prepare(person)
        return succeed(None)

    def forget(self, user_id: int) -> None:
        """Drop the conversation of a user who is no more."""
        self._conversations.pop(user_id, None)
        self._settings.pop(user_id, None)

    @property
    def conversations(self) -> list[Conversation]:
        """Those that have begun."""
        return list(self._conversations.values())

    def when_idle(self) -> Deferred[Any]:
        """Fires when no conversation has anything left to do."""
        waiting: list[Deferred[Any]] = []
        for conversation in self._conversations.values():
            idle: Deferred[None] = Deferred()
            conversation.when_idle(lambda idle=idle: idle.callback(None))  # type: ignore[misc]
            waiting.append(idle)
        return DeferredList(waiting, consumeErrors=True)

    def _prepare(self, person: Person) -> Deferred[None]:
        """Begin the conversation or bring it up to date, one such step at a time."""
        done: Deferred[None] = Deferred()
        before = self._beginning.get(person.id, succeed(None))
        self._beginning[person.id] = done
        step: Deferred[None] = Deferred()
        before.addBoth(lambda _: step.callback(None))
        step.addCallback(lambda _: self._begin_or_refresh(person))

        def finish(result: Any) -> Any:
            if self._beginning.get(person.id) is done:
                del self._beginning[person.id]
            done.callback(None)
            return result

        return step.addBoth(finish)

    def _begin_or_refresh(self, person: Person) -> Deferred[None]:
        conversation = self._conversations.get(person.id)
        if conversation is None:
            conversation = Conversation(
                user_id=person.id,
                language=person.language,
                workers=self._workers,
                urgent=self._urgent,
                clock=self._clock,
                limits=self._limits,
            )
            return self._make_agent(conversation, person).addCallback(
                self._begin, conversation, person
            )
        if conversation.coming_language != person.language:
            return self._make_agent(conversation, person).addCallback(
                self._change_language, conversation, person
            )
        self._refresh_settings(conversation, person)
        return succeed(None)

    def _make_agent(self, conversation: Conversation, person: Person) -> Deferred[HostedAgent]:
        def make(interpreter: Any) -> HostedAgent:
            return conversation.make_agent(
                lambda emit, settled, wake: HostedAgent(
                    interpreter,
                    guard=make_guard(),
                    emit=emit,
                    settled=settled,
                    wake=wake,
                    meta={**person.settings, "uid": person.id},
                )
            )

        return self._interpreters.get(person.language[:2].lower()).addCallback(
            lambda interpreter: self._urgent.run(make, interpreter)
        )

    def _begin(self, agent: HostedAgent, conversation: Conversation, person: Person) -> None:
        conversation.begin(agent)
        self._conversations[person.id] = conversation
        self._settings[person.id] = frozenset(person.settings)

    def _change_language(
        self, agent: HostedAgent, conversation: Conversation, person: Person
    ) -> None:
        conversation.change_language(agent, person.language)
        self._settings[person.id] = frozenset(person.settings)

    def _refresh_settings(self, conversation: Conversation, person: Person) -> None:
        conversation.replace_settings(person.settings, known=self._settings[person.id])
        self._settings[person.id] = frozenset(person.settings)
