"""All conversations of the process, one per user (spec 5.1).

One that nobody has used for a while is put away: what it needs to go on is in the
database, and it comes back from there with the next device, or with the next word of
a skill that still has a thread of its own.

Where several processes share the database, a conversation is claimed before it begins, and given
back when it is put away. One that another process took meanwhile is dropped as soon as the
database says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol

from attrs import define, field, frozen
from twisted.internet.defer import Deferred, DeferredList, fail, succeed
from twisted.python.failure import Failure

from pytlas_wamp.assistant.agent import HostedAgent
from pytlas_wamp.assistant.audience import Audience, Device, Presence, log_unless_expected
from pytlas_wamp.assistant.breakers import Breakers
from pytlas_wamp.assistant.conversation import Conversation
from pytlas_wamp.assistant.holdings import Holdings
from pytlas_wamp.assistant.log import ConversationLog
from pytlas_wamp.assistant.one_at_a_time import OneAtATime
from pytlas_wamp.assistant.output import OutputBounds
from pytlas_wamp.assistant.ownership import HeldElsewhere, Ownership
from pytlas_wamp.assistant.skill_slots import SkillSlots
from pytlas_wamp.assistant.turns import Turn
from pytlas_wamp.assistant.worker import Workers, make_guard
from pytlas_wamp.assistant.write_behind import WriteBehind
from pytlas_wamp.errors import OperatorError
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
      now: seconds since the epoch, for the log.
      writer: brings logs into the database; None when nothing outlives the process.
      breakers: of the skills that fail too often; None when they are never switched off.
      skill_deadlines: seconds for the turns of certain skills.
      observe: told of every turn that is over: the turn, and how many seconds it took.
      ownership: has conversations for this process; None when there is no other one.
    """

    _interpreters: InterpreterSource
    _workers: Workers
    _urgent: Workers
    _clock: Any
    _limits: Limits
    _now: Callable[[], float] = field(default=lambda: 0.0)
    _writer: WriteBehind | None = None
    _breakers: Breakers | None = None
    _skill_deadlines: Mapping[str, float] = field(factory=dict)
    _observe: Callable[[Turn, float], None] = field(default=lambda _turn, _seconds: None)
    _ownership: Ownership | None = None
    slots: SkillSlots = field(init=False)
    _conversations: dict[int, Conversation] = field(init=False, factory=dict)
    _people: dict[int, Person] = field(init=False, factory=dict)
    _beginning: OneAtATime = field(init=False, factory=OneAtATime)
    _unused_since: dict[int, float] = field(init=False, factory=dict)
    _holdings: Holdings = field(init=False)
    _closed: bool = field(init=False, default=False)

    @slots.default
    def _make_slots(self) -> SkillSlots:
        return SkillSlots(
            workers=self._workers,
            max_per_user=self._limits.max_skill_threads_per_user,
            max_abandoned=self._limits.max_abandoned_threads,
        )

    @_holdings.default
    def _make_holdings(self) -> Holdings:
        if self._ownership is not None and self._writer is not None:
            # Only who can write knows whether a conversation is still ours.
            self._writer.write_ahead()
        return Holdings(self._ownership)

    def join(
        self, person: Person, device: Device, after: int | None = None, *, instead_of: int = 0
    ) -> Deferred[tuple[Conversation, Presence]]:
        """Make a connection a device of the user's conversation.

        Args:
          person: the user.
          device: gets every frame from then on.
          after: the last frame it has seen, if it says so (spec 5.9).
          instead_of: the epoch of an owner that is known to be gone; 0 when none is.

        Returns:
          the conversation, and what a new device learns; fails with HeldElsewhere when another
          process has it.
        """

        def attach(_: object) -> Deferred[tuple[Conversation, Presence]]:
            conversation = self._conversations.get(person.id)
            if conversation is None:
                return fail(HeldElsewhere())
            return conversation.join(device, after).addCallback(
                lambda presence: (conversation, presence)
            )

        def begin() -> Deferred[tuple[Conversation, Presence]]:
            present = self._conversations.get(person.id)
            if present is not None and present.epoch < instead_of:
                self._lost(present)
            return self._begin_or_refresh(person, instead_of).addCallback(attach)

        return self._beginning.run(person.id, begin)

    def find(self, user_id: int) -> Conversation | None:
        """The conversation of a user, if it has begun here."""
        return self._conversations.get(user_id)

    def hand_over(self, user_id: int) -> Deferred[bool]:
        """Let another process go on with a conversation; its devices are told to join anew.

        Returns:
          whether that is so. It is not while something runs or waits, or the database cannot
          be written.
        """
        return self._beginning.run(user_id, partial(self._hand_over, user_id))

    def update(self, person: Person) -> Deferred[None]:
        """Bring a running conversation up to date with what is stored about its user."""
        if person.id in self._conversations or person.id in self._beginning:
            return self._beginning.run(person.id, lambda: self._begin_or_refresh(person))
        return succeed(None)

    def forget(self, user_id: int) -> None:
        """Drop the conversation of a user who is no more."""
        conversation = self._conversations.pop(user_id, None)
        self._people.pop(user_id, None)
        if conversation is not None:
            conversation.log.gone()

    def forget_history(self, user_id: int) -> None:
        """Have a conversation forget what was said, once that is deleted (spec 6.21)."""
        conversation = self._conversations.get(user_id)
        if conversation is not None:
            conversation.forget_history()

    def put_away_unused(self) -> Deferred[Any]:
        """Put those away that nobody has used for long; to be called now and then."""
        now = self._clock.seconds()
        unused = {
            user_id: self._unused_since.get(user_id, now)
            for user_id, conversation in self._conversations.items()
            if conversation.is_unused
        }
        self._unused_since = unused
        due = now - self._limits.conversation_idle_seconds
        return DeferredList(
            [
                self._beginning.run(user_id, partial(self._put_away, user_id))
                for user_id, since in unused.items()
                if since <= due
            ],
            consumeErrors=True,
        ).addCallback(self._give_put_away_back)

    # The end of the process (spec 3.7)

    def close(self) -> None:
        """Take no messages any more; what waits is told so, what runs goes on."""
        self._closed = True
        for conversation in self.conversations:
            conversation.close()

    def interrupt(self) -> None:
        """Tell of what still runs that it will not end."""
        for conversation in self.conversations:
            conversation.interrupt()

    def put_all_away(self) -> Deferred[Any]:
        """Write everything; numbers then go on without a gap."""

        def put_away(user_id: int) -> Deferred[None]:
            conversation = self._conversations.get(user_id)
            return succeed(None) if conversation is None else conversation.log.put_away()

        # Also those that are just beginning: they have reserved numbers already.
        users = {*self._conversations, *self._beginning}
        put = DeferredList(
            [self._beginning.run(user_id, partial(put_away, user_id)) for user_id in users],
            consumeErrors=True,
        )
        return put.addCallback(self._release_all) if self._holdings.are_shared else put

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

    def _begin_or_refresh(self, person: Person, instead_of: int = 0) -> Deferred[None]:
        conversation = self._conversations.get(person.id)
        if conversation is None:
            return self._begin(person, instead_of)
        if conversation.coming_language != person.language:
            return self._make_agent(conversation, person).addCallback(
                self._change_language, conversation, person
            )
        self._refresh_settings(conversation, person)
        return succeed(None)

    def _begin(self, person: Person, instead_of: int = 0) -> Deferred[None]:
        if self._closed:
            # It would reserve numbers, and nobody would give them back.
            return fail(OperatorError("the server is about to stop"))
        return self._holdings.begin(person.id, instead_of, partial(self._begin_under, person))

    def _begin_under(self, person: Person, epoch: int | None) -> Deferred[None]:
        log = ConversationLog(
            user_id=person.id,
            language=person.language,
            now=self._now,
            writer=self._writer,
            max_remembered=self._limits.max_remembered_ids,
            epoch=epoch,
        )
        conversation = Conversation(
            audience=Audience(
                log=log,
                max_resumed_frames=self._limits.max_resumed_frames,
                max_resumed_bytes=self._limits.max_resumed_bytes,
            ),
            workers=self._workers,
            slots=self.slots,
            urgent=self._urgent,
            clock=self._clock,
            limits=self._limits,
            skill_deadlines=self._skill_deadlines,
            observe=self._observe,
        )

        def begin(made: HostedAgent, state: Mapping[str, Any]) -> None:
            log.on_fenced = partial(self._lost, conversation)
            self._people[person.id] = person
            self._conversations[person.id] = conversation
            conversation.begin(made, state, person.language)

        return log.open().addCallback(
            lambda state: self._make_agent(conversation, person).addCallback(begin, state)
        )

    def _put_away(self, user_id: int) -> Deferred[None]:
        conversation = self._conversations.get(user_id)
        if conversation is None or not conversation.is_unused:
            return succeed(None)
        person = self._people[user_id]

        def gone(_: None) -> None:
            if not conversation.log.is_over:
                self._forget(conversation)
                self._holdings.put_away(user_id, conversation.epoch)

        def stay(failure: Failure) -> None:
            conversation.come_back()
            log_unless_expected(failure, "a conversation could not be put away")

        # From now on: what a skill's own thread says waits until it is back.
        conversation.retire(lambda: self._find_or_begin(person))
        return conversation.log.put_away().addCallbacks(gone, stay)

    # Where another process may have a conversation

    def _hand_over(self, user_id: int) -> Deferred[bool]:
        conversation = self._conversations.get(user_id)
        if conversation is None or not (conversation.epoch and conversation.is_at_rest):
            return succeed(False)  # noqa: FBT003 - a result

        def give_back(_: None) -> Deferred[bool] | bool:
            if not (conversation.is_at_rest and conversation.log.is_written):
                return False
            conversation.depart()
            return self._holdings.give_back([(user_id, conversation.epoch)]).addCallback(left)

        def left(_: None) -> bool:
            self._lost(conversation)
            return True

        def stay(failure: Failure) -> bool:
            log_unless_expected(failure, "a conversation could not be handed over")
            conversation.stay()
            return False

        given: Deferred[bool] = conversation.log.secured().addCallback(give_back)
        return given.addErrback(stay)

    def _lost(self, conversation: Conversation) -> None:
        """Drop a conversation that another process has, or may have."""
        self._forget(conversation)
        conversation.end()

    def _forget(self, conversation: Conversation) -> None:
        if self._conversations.get(conversation.user_id) is conversation:
            del self._conversations[conversation.user_id], self._people[conversation.user_id]

    def _give_put_away_back(self, result: Any) -> Any:
        self._holdings.release_put_away()
        return result

    def _release_all(self, result: Any) -> Deferred[Any]:
        """Give everything back at the end of the process; then devices look elsewhere."""
        conversations = self.conversations
        given = self._holdings.release([(one.user_id, one.epoch) for one in conversations])

        def tell(_: None) -> Any:
            for conversation in conversations:
                self._lost(conversation)
            return result

        return given.addCallback(tell)

    def _find_or_begin(self, person: Person) -> Deferred[Conversation]:
        def find() -> Deferred[Conversation]:
            if person.id in self._conversations:
                return succeed(self._conversations[person.id])
            return self._begin(person).addCallback(lambda _: self._conversations[person.id])

        return self._beginning.run(person.id, find)

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
                    breakers=self._breakers,
                    bounds=OutputBounds(
                        max_frames_per_turn=self._limits.max_frames_per_turn,
                        max_frame_bytes=self._limits.max_frame_bytes,
                    ),
                )
            )

        return self._interpreters.get(person.language[:2].lower()).addCallback(
            lambda interpreter: self._urgent.run(make, interpreter)
        )

    def _change_language(
        self, agent: HostedAgent, conversation: Conversation, person: Person
    ) -> None:
        conversation.change_language(agent, person.language)
        if not conversation.log.is_over:
            self._people[person.id] = person

    def _refresh_settings(self, conversation: Conversation, person: Person) -> None:
        known = frozenset(self._people[person.id].settings)
        conversation.replace_settings(person.settings, known=known)
        self._people[person.id] = person
