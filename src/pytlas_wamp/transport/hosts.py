"""What connections and the change feed need of those who have conversations.

That is a host in this process, or what reaches those of others.
"""

from __future__ import annotations

from collections.abc import Sized
from typing import Any, Protocol

from twisted.internet.defer import Deferred

from pytlas_wamp.assistant.audience import Device
from pytlas_wamp.assistant.host import Person
from pytlas_wamp.wire.messages import Message


class Conversation(Protocol):
    """What somebody takes part in who has joined."""

    def detach(self, device: Device) -> None:
        """Forget a device."""

    def say(self, device: Device, message: Message) -> None:
        """Take what was said on a device."""

    def cancel(self, id_: str | None) -> None:
        """Cancel what runs, or a message that waits."""


class Host(Protocol):
    """Where conversations are had, or found."""

    def join(
        self, person: Person, device: Device, after: int | None = None
    ) -> Deferred[tuple[Any, Any]]:
        """Count a device among those of a person; fires with a `Conversation` and a `Presence`."""

    def update(self, person: Person) -> Deferred[None]:
        """Bring a conversation up to date with what is stored about its user."""

    def forget(self, user_id: int) -> None:
        """Drop the conversation of a user who is no more."""

    @property
    def conversations(self) -> Sized:
        """Those that have begun."""
