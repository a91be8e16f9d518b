"""How the processes of a cluster reach each other (docs/reference/cluster-protocol.md).

A gateway asks workers and gets answers; a worker tells gateways, without an answer. What is
beneath, a WAMP router or sockets between two processes, is for others to know.
"""

from __future__ import annotations

from typing import Any, Final, Protocol
from zlib import crc32

from twisted.internet.defer import Deferred

from pytlas_wamp.errors import OperatorError

# What is sent at once. A replay of everything that somebody missed has about one MiB.
MAX_BODY_BYTES: Final = 8 * 1024 * 1024

# A worker that answers takes milliseconds, one that has to learn what conversation it is some
# more; whoever takes longer is stuck.
ANSWER_SECONDS: Final = 10.0


class BusError(OperatorError):
    """Something did not get through; see those below."""


class Unreachable(BusError):
    """Nobody is there by this name, or we are cut off: nothing was done."""


class Unanswered(BusError):
    """It was sent, and no answer came: it may have been done."""


class Refused(BusError):
    """The other side understood, and says no.

    Args:
      code: one of the words in the reference, such as "moved".
      text: a sentence for a log. Never that of an exception: it may name what is secret.
    """

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class TooBig(BusError):
    """What was to be sent has more than `MAX_BODY_BYTES`; nothing was sent."""


class Inbox(Protocol):
    """What a node does with what comes; all of it in the reactor's thread."""

    def asked(self, sender: str, what: str, body: Any) -> Any:
        """Answer a question, now or by a Deferred.

        Args:
          sender: the node that asks, by its id.
          what: the name of the question.
          body: see `Bus.ask`.

        Raises:
          Refused: reaches who asked as it is. Anything else reaches them as
            `Refused("failed", ...)` without its text, and the log with it.
        """

    def told(self, sender: str, body: Any) -> None:
        """Take something that wants no answer; must not raise."""

    def connected(self) -> None:
        """Others can be reached, for the first time or again: what was told before may be lost."""

    def disconnected(self) -> None:
        """Nobody can be reached, for now."""

    def left(self, node: str) -> None:
        """A node that was asked, or has asked, is certainly not to be reached any more."""


class Bus(Protocol):
    """A place among the nodes of a cluster.

    Bodies are made of None, booleans, numbers, texts, bytes, lists and dictionaries with
    texts as keys.
    """

    def start(self, inbox: Inbox) -> Deferred[None]:
        """Take one's place; fires when connected, fails when that can never be.

        A router that is away is not such a failure: it is tried again for ever.
        """

    def stop(self) -> Deferred[None]:
        """Leave in order."""

    @property
    def is_connected(self) -> bool:
        """Whether others can be reached."""

    def ask(self, node: str, what: str, body: Any, *, key: int = 0) -> Deferred[Any]:
        """Ask a node.

        What one node asks another under the same key is asked in the order in which it was
        sent.

        Args:
          node: by its id.
          what: the name of the question.
          body: see above.
          key: whose it is, as a number: with several routers, one of them has it.

        Returns:
          fires with the answer; fails with Unreachable, Unanswered, Refused or TooBig.
        """

    def tell(self, node: str, body: Any, *, key: int = 0) -> None:
        """Tell a node; in order, and lost when the way breaks.

        Raises:
          TooBig: when it is.
        """


def lane_of(key: int, count: int) -> int:
    """Which of several ways, from 0, what is asked or told under a key takes, if it is open."""
    return crc32(key.to_bytes(8, "big", signed=True)) % count
