"""A way to other nodes that counts what became of questions."""

from __future__ import annotations

from typing import Any, Final

from attrs import define, field
from prometheus_client import CollectorRegistry, Counter
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.python.failure import Failure

from pytlas_wamp.cluster.bus import Bus, Inbox, Refused, TooBig, Unanswered, Unreachable

ANSWERED: Final = "answered"
FAILED: Final = "failed"
# A label has few values, whatever others ask.
_QUESTIONS: Final = frozenset({"join", "say", "cancel", "leave", "forget"})
_UNKNOWN: Final = "unknown"
_OUTCOMES: Final = {
    Refused: "refused",
    Unreachable: "unreachable",
    Unanswered: "unanswered",
    TooBig: "too-big",
}


@define(eq=False)
class CountedBus:
    """A `Bus` like another one.

    Args:
      inner: the other one.
      registry: where the numbers are kept.
    """

    _inner: Bus
    _registry: CollectorRegistry
    _asked: Counter = field(init=False)
    _answered: Counter = field(init=False)
    _takeovers: Counter = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Make the counters."""
        self._asked = Counter(
            "pytlas_cluster_questions",
            "Questions to other nodes, by what became of them.",
            ("question", "outcome"),
            registry=self._registry,
        )
        self._answered = Counter(
            "pytlas_cluster_answers",
            "Questions of other nodes, by what was answered.",
            ("question", "outcome"),
            registry=self._registry,
        )
        self._takeovers = Counter(
            "pytlas_cluster_takeovers",
            "Times that a worker was asked to take a conversation from one that is gone.",
            registry=self._registry,
        )

    def start(self, inbox: Inbox) -> Deferred[None]:
        """See `Bus`."""
        return self._inner.start(_CountedInbox(inbox, self._answered))

    def stop(self) -> Deferred[None]:
        """See `Bus`."""
        return self._inner.stop()

    @property
    def is_connected(self) -> bool:
        """See `Bus`."""
        return self._inner.is_connected

    def ask(self, node: str, what: str, body: Any, *, key: int = 0) -> Deferred[Any]:
        """See `Bus`."""
        if what == "join" and body["instead_of"]:
            self._takeovers.inc()
        return _counted(self._inner.ask(node, what, body, key=key), self._asked, what)

    def tell(self, node: str, body: Any, *, key: int = 0) -> None:
        """See `Bus`."""
        self._inner.tell(node, body, key=key)


@define(eq=False)
class _CountedInbox:
    """An `Inbox` like another one."""

    _inner: Inbox
    _answers: Counter

    def asked(self, sender: str, what: str, body: Any) -> Any:
        known = what if what in _QUESTIONS else _UNKNOWN
        answer = maybeDeferred(self._inner.asked, sender, what, body)
        return _counted(answer, self._answers, known)

    def told(self, sender: str, body: Any) -> None:
        self._inner.told(sender, body)

    def connected(self) -> None:
        self._inner.connected()

    def disconnected(self) -> None:
        self._inner.disconnected()

    def left(self, node: str) -> None:
        self._inner.left(node)


def _counted(answer: Deferred[Any], counter: Counter, what: str) -> Deferred[Any]:
    def good(result: Any) -> Any:
        counter.labels(what, ANSWERED).inc()
        return result

    def bad(failure: Failure) -> Failure:
        counter.labels(what, _OUTCOMES.get(type(failure.value), FAILED)).inc()
        return failure

    return answer.addCallbacks(good, bad)
