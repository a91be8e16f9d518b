"""The conversations of a gateway: on workers, all of them (docs/reference/cluster-protocol.md)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any, Final

from attrs import define, field
from twisted.internet.defer import Deferred, DeferredList, DeferredSemaphore, fail, succeed
from twisted.internet.task import deferLater
from twisted.logger import Logger
from twisted.python.failure import Failure

from pytlas_wamp.assistant.audience import Device, Presence, log_unless_expected
from pytlas_wamp.assistant.host import Person
from pytlas_wamp.assistant.worker import Workers
from pytlas_wamp.cluster.answers import read_told
from pytlas_wamp.cluster.bus import Bus, BusError, Refused
from pytlas_wamp.cluster.placement import Placement
from pytlas_wamp.cluster.remote_conversation import RemoteConversation, Unavailable
from pytlas_wamp.cluster.search import Surroundings
from pytlas_wamp.journal.leases import Lease

_log = Logger()

# Of a worker with 50,000 conversations that is gone, so many are looked for at once; those in
# which somebody says something are looked for besides.
LOOKING_AT_ONCE: Final = 64
# How often the owner is asked to delete a history before it is deleted without.
_ERASE_ATTEMPTS: Final = 5
_ERASE_RETRY_SECONDS: Final = 1.0


@define(kw_only=True, eq=False)
class RemoteHost:
    """Takes the place of `assistant.host.Host` on a gateway; the `Inbox` of its bus.

    Everything is called in the reactor's thread.

    Args:
      bus: reaches workers.
      placement: knows whom to ask.
      clock: an IReactorTime.
      workers: the threads in which the database is asked.
      erase_frames: deletes all frames of a user from the database, and gives how many those
        were; blocks.
      max_waiting: messages of one conversation that may wait while nobody is there to take them.
    """

    _bus: Bus
    _placement: Placement
    _clock: Any
    _workers: Workers
    _erase_frames: Callable[[int], int]
    _max_waiting: int
    _conversations: dict[int, RemoteConversation] = field(init=False, factory=dict)
    _around: Surroundings = field(init=False)
    _closed: bool = field(init=False, default=False)
    # Whom is being told that nobody is here any more: (worker, user).
    _leaving: set[tuple[str, int]] = field(init=False, factory=set)

    @_around.default
    def _make_around(self) -> Surroundings:
        return Surroundings(
            bus=self._bus,
            placement=self._placement,
            clock=self._clock,
            turnstile=DeferredSemaphore(LOOKING_AT_ONCE),
            # From 1, and never twice: what comes late for one device is for no other.
            next_number=count(1).__next__,
            max_waiting=self._max_waiting,
            ended=self._ended,
            is_closed=lambda: self._closed,
        )

    # What `Host` does, too

    def join(
        self, person: Person, device: Device, after: int | None = None
    ) -> Deferred[tuple[RemoteConversation, Presence]]:
        """Make a connection a device of the user's conversation; see `Host.join`.

        Returns:
          the conversation, and what a new device learns; fails with Unavailable.
        """
        if self._closed:
            return fail(Unavailable("the server is about to stop"))
        conversation = self._conversations.get(person.id)
        if conversation is None:
            conversation = RemoteConversation(
                user_id=person.id, language=person.language, around=self._around
            )
            self._conversations[person.id] = conversation
        joined = conversation
        return conversation.join(device, after).addCallback(lambda presence: (joined, presence))

    def update(self, person: Person) -> Deferred[None]:
        """Nothing to do: workers follow the accounts themselves."""
        conversation = self._conversations.get(person.id)
        if conversation is not None:
            conversation.language = person.language
        return succeed(None)

    def forget(self, user_id: int) -> None:
        """Nothing to do: connections end, and so leave the conversation."""

    def forget_history(self, user_id: int) -> None:
        """Have the owner of a conversation forget what was said."""
        self.erase(user_id).addErrback(log_unless_expected, "a history was not forgotten")

    def put_away_unused(self) -> Deferred[Any]:
        """Nothing to do: what no device uses is on workers only."""
        return succeed(None)

    @property
    def conversations(self) -> list[RemoteConversation]:
        """Those that have a device here."""
        return list(self._conversations.values())

    def close(self) -> None:
        """Take no messages any more; what was said is still brought to workers."""
        self._closed = True

    def interrupt(self) -> None:
        """Nothing to do: what runs on a worker runs on."""

    def when_idle(self) -> Deferred[Any]:
        """Fires when workers have answered all that was said."""
        waiting = [one.when_answered() for one in self.conversations]
        return DeferredList(waiting, consumeErrors=True)

    def put_all_away(self) -> Deferred[Any]:
        """Have workers know that nobody is here any more."""
        leaving = [one.leave() for one in self.conversations if one.epoch]
        return DeferredList(leaving, consumeErrors=True)

    def _ended(self, user_id: int) -> None:
        del self._conversations[user_id]

    # What the bus brings

    def asked(self, sender: str, what: str, body: Any) -> Any:  # noqa: ARG002 - see `Inbox`
        """Nobody asks a gateway."""
        raise Refused("failed", "this is a gateway; only workers are asked")

    def told(self, sender: str, body: Any) -> None:
        """Take what a worker tells all its gateways."""
        frames, moved = read_told(body)
        for told in frames:
            conversation = self._conversations.get(told.user_id)
            if conversation is None:
                self._have_left(sender, told.user_id, told.epoch)
            else:
                self._guarded(conversation.told, sender, told)
        for user_id, epoch in moved:
            conversation = self._conversations.get(user_id)
            if conversation is not None:
                self._guarded(conversation.moved, sender, epoch)

    def connected(self) -> None:
        """See `Inbox`."""
        for conversation in self.conversations:
            self._guarded(conversation.connected)

    def disconnected(self) -> None:
        """See `Inbox`: what is asked fails by itself."""

    def left(self, node: str) -> None:
        """See `Inbox`."""
        self._placement.left(node)
        for conversation in self.conversations:
            self._guarded(conversation.left, node)

    def _guarded(self, step: Callable[..., None], *args: Any) -> None:
        try:
            step(*args)
        except Exception:  # noqa: BLE001 - the next one is somebody else's
            _log.failure("what a worker told was not taken")

    def _have_left(self, node: str, user_id: int, epoch: int) -> None:
        """A worker tells of somebody who is not here: it has not heard that they left."""
        if (node, user_id) in self._leaving:
            return
        self._leaving.add((node, user_id))
        body = {"user": user_id, "epoch": epoch}
        self._bus.ask(node, "leave", body, key=user_id).addBoth(
            lambda _: self._leaving.discard((node, user_id))
        )

    # Histories

    def erase(self, user_id: int) -> Deferred[int]:
        """Delete all that is kept of what a user said (spec 6.21).

        Its owner does it, who has some of it in memory; without one, or when that does not
        answer, it is done here.

        Returns:
          how many frames those were; fails with StoreBroken.
        """
        return self._erase(user_id, 1)

    def _erase(self, user_id: int, attempt: int) -> Deferred[int]:
        return self._placement.owner(user_id).addCallback(self._erase_at, user_id, attempt)

    def _erase_at(self, lease: Lease | None, user_id: int, attempt: int) -> Deferred[int]:
        if lease is None or attempt > _ERASE_ATTEMPTS:
            return self._erase_here(user_id, attempt)
        body = {"user": user_id, "epoch": lease.epoch}
        return self._bus.ask(str(lease.node_id), "forget", body, key=user_id).addCallbacks(
            lambda answer: int(answer["deleted"]),
            self._not_erased,
            errbackArgs=(user_id, attempt),
        )

    def _erase_here(self, user_id: int, attempt: int) -> Deferred[int]:
        def look_again(deleted: int) -> Any:
            # A worker may have taken the conversation meanwhile, with what was still there.
            return (
                deleted
                if attempt > _ERASE_ATTEMPTS
                else self._placement.owner(user_id).addCallback(erase_there, deleted)
            )

        def erase_there(lease: Lease | None, deleted: int) -> Any:
            if lease is None:
                return deleted
            more = self._erase_at(lease, user_id, attempt + 1)
            return more.addCallback(lambda count: deleted + count)

        return self._workers.run(self._erase_frames, user_id).addCallback(look_again)

    def _not_erased(self, failure: Failure, user_id: int, attempt: int) -> Deferred[int]:
        if not isinstance(failure.value, BusError):
            failure.raiseException()
        seconds = 0.0 if attempt == 1 else _ERASE_RETRY_SECONDS
        later: Deferred[Any] = deferLater(self._clock, seconds)
        return later.addCallback(lambda _: self._erase(user_id, attempt + 1))
