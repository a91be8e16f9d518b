"""Numbers about the server for Prometheus, and who may read them (spec 6.22)."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Iterator, Mapping
from ipaddress import ip_address
from typing import Final, Protocol

from attrs import define, field, frozen
from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from twisted.internet.address import UNIXAddress

from pytlas_wamp import __version__
from pytlas_wamp.assistant.turns import Outcome, Turn
from pytlas_wamp.session import inputs as on
from pytlas_wamp.session.actions import State
from pytlas_wamp.transport.addresses import Proxies, client_address
from pytlas_wamp.transport.headers import header_value, header_values
from pytlas_wamp.transport.http import HttpRequest
from pytlas_wamp.transport.problems import problem
from pytlas_wamp.transport.replies import Reply
from pytlas_wamp.wire.codes import Ending, ErrorCode

# From what is looked up in memory to what waits for a web service until it is given up.
BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)

# A label has few values, or every one of them would cost memory for ever.
NO_SKILL: Final = "none"
OTHER_SKILL: Final = "other"

DONE: Final = "done"

# What became of a turn, in the words of the protocol: an error is its code.
_OUTCOMES: Final[Mapping[str, str]] = {
    Outcome.ANSWERED: DONE,
    Outcome.UNHANDLED: DONE,
    Outcome.ASKED: "asked",
    Outcome.CANCELLED: "cancelled",
    Outcome.FAILED: ErrorCode.SKILL_FAILED.value,
    Outcome.TIMEOUT: ErrorCode.SKILL_TIMEOUT.value,
    Outcome.UNAVAILABLE: ErrorCode.UNAVAILABLE.value,
    Outcome.BUSY: ErrorCode.BUSY.value,
}

CREDENTIAL_CODES: Final = frozenset(
    {
        "authentication-failed",
        "token-invalid",
        "token-expired",
        "token-revoked",
        "account-disabled",
        "wrong-password",
        "wrong-code",
    }
)
# What happens to a connection that reached a limit, in the words of the protocol.
_LIMITS: Final[Mapping[type[on.Input], str]] = {
    on.RateExceeded: ErrorCode.RATE_LIMITED.value,
    on.Flooding: Ending.FLOODING.reason,
    on.SlowReader: Ending.SLOW_READER.reason,
    on.TooManyConnections: Ending.TOO_MANY_CONNECTIONS.reason,
}

_OPEN_METRICS: Final = "application/openmetrics-text"

NO_ROOM: Final = "unavailable"  # how a handshake is refused

# Each of them says that somebody passed the request on.
_FORWARDING: Final = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Forwarded-Host", "Via")


@frozen(kw_only=True)
class ConnectionReadings:
    """What a server with connections reads at the moment of asking.

    Args:
      connections: how many there are, by the state of their session.
    """

    connections: Callable[[], Mapping[str, int]]

    def collect(self) -> Iterator[Metric]:
        """Yields what they are now, as the registry asks for it."""
        family = GaugeMetricFamily("pytlas_connections", "Open connections.", labels=["state"])
        found = self.connections()
        for state in State:
            family.add_metric([state.value], found.get(state.value, 0))
        yield family


@frozen(kw_only=True)
class Readings:
    """What a server with conversations reads, in the reactor's thread, and quickly.

    Args:
      conversations: how many are in memory.
      queued: messages that wait for their turn.
      threads: at work on turns, those given up included.
      abandoned: those of them whose turn was given up.
      unwritten: frames that are not in the database yet.
      lag_seconds: age of the oldest of them.
      write_failures: how often writing failed, all in all.
      open_breakers: skills that are switched off.
      skills: all that are loaded.
    """

    conversations: Callable[[], int]
    queued: Callable[[], int]
    threads: Callable[[], int]
    abandoned: Callable[[], int]
    unwritten: Callable[[], int]
    lag_seconds: Callable[[], float]
    write_failures: Callable[[], int]
    open_breakers: Callable[[], Iterable[str]]
    skills: Callable[[], Iterable[str]]

    def collect(self) -> Iterator[Metric]:
        """Yields what they are now, as the registry asks for it."""
        for name, text, read in (
            ("conversations", "Conversations that are not put away.", self.conversations),
            ("queued_messages", "Messages that wait for their turn.", self.queued),
            ("skill_threads", "Threads in which skills are at work.", self.threads),
            ("abandoned_threads", "Skills given up that have not returned.", self.abandoned),
            ("log_unwritten_frames", "Frames that are not written yet.", self.unwritten),
            ("log_lag_seconds", "Age of the oldest unwritten frame.", self.lag_seconds),
        ):
            yield GaugeMetricFamily(f"pytlas_{name}", text, value=read())
        yield CounterMetricFamily(
            "pytlas_log_write_failures", "Failures to write the log.", value=self.write_failures()
        )
        yield self._breakers()

    def _breakers(self) -> Metric:
        text = "1 while a skill is switched off because it failed, else 0."
        family = GaugeMetricFamily("pytlas_breaker_open", text, labels=["skill"])
        switched_off = set(self.open_breakers())
        for skill in sorted(set(self.skills()) | switched_off):
            family.add_metric([skill], float(skill in switched_off))
        return family


class Collector(Protocol):
    """What tells numbers when it is asked; see `Metrics.watch`."""

    def collect(self) -> Iterable[Metric]:
        """Yields them, in the reactor's thread."""


@define(kw_only=True, eq=False)
class Metrics:
    """Counts what happens, and tells it with what `Readings` read.

    Everything is called in the reactor's thread.

    Args:
      registry: where all of it is kept; one of this server's own.
      skills: returns all that are loaded; a turn of any other counts as `other`.
    """

    registry: CollectorRegistry
    _skills: Callable[[], Iterable[str]]
    _turns: Counter = field(init=False)
    _seconds: Histogram = field(init=False)
    _credentials: Counter = field(init=False)
    _refusals: Counter = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Make the counters, and those of the process and of Python."""
        registry = self.registry
        self._turns = Counter(
            "pytlas_turns", "Turns that are over.", ("skill", "outcome"), registry=registry
        )
        self._seconds = Histogram(
            "pytlas_turn_duration_seconds",
            "From the beginning of a turn to its end.",
            ("skill",),
            buckets=BUCKETS,
            registry=registry,
        )
        self._credentials = Counter(
            "pytlas_authentication_failures",
            "Tokens and passwords that were refused.",
            ("reason",),
            registry=registry,
        )
        self._refusals = Counter(
            "pytlas_refusals",
            "Frames and connections refused for a limit.",
            ("code",),
            registry=registry,
        )
        # A rate can only be told of what was 0 before.
        for code in CREDENTIAL_CODES:
            self._credentials.labels(code)
        for code in (*_LIMITS.values(), NO_ROOM):
            self._refusals.labels(code)
        about = Info("pytlas_build", "What runs here.", registry=registry)
        about.info({"version": __version__, "python": platform.python_version()})
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        GCCollector(registry=registry)

    def watch(self, readings: Collector) -> None:
        """Tell these readings, too."""
        self.registry.register(readings)

    def turn_ended(self, turn: Turn, seconds: float) -> None:
        """Count a turn that took so long."""
        skill = self._label(turn.skill)
        self._turns.labels(skill, _outcome(turn)).inc()
        self._seconds.labels(skill).observe(seconds)

    @property
    def turns(self) -> int:
        """How many turns are over."""
        return int(
            sum(
                sample.value
                for family in self._turns.collect()
                for sample in family.samples
                if sample.name.endswith("_total")
            )
        )

    def credentials_refused(self, code: str) -> None:
        """Count a token or a password that was refused; other refusals are passed over."""
        if code in CREDENTIAL_CODES:
            self._credentials.labels(code).inc()

    def happened(self, given: on.Input) -> None:
        """Count what happened to a connection, if it reached a limit."""
        code = _LIMITS.get(type(given))
        if code is not None:
            self._refusals.labels(code).inc()

    def handshake_refused(self) -> None:
        """Count a connection for which there was no room."""
        self._refusals.labels(NO_ROOM).inc()

    def text(self, accept: str) -> tuple[bytes, str]:
        """Returns all numbers, and the media type they are in.

        Args:
          accept: the header of who asks; decides between the formats of Prometheus.
        """
        kinds = {part.partition(";")[0].strip().lower() for part in accept.split(",")}
        # Nothing else of the header is passed on: the library takes it at its word.
        encode, content_type = choose_encoder(_OPEN_METRICS if _OPEN_METRICS in kinds else "")
        return encode(self.registry), content_type

    def _label(self, skill: str | None) -> str:
        if skill is None:
            return NO_SKILL
        return skill if skill in self._skills() else OTHER_SKILL


def _outcome(turn: Turn) -> str:
    if turn.outcome is None:
        return _OUTCOMES[Outcome.CANCELLED]
    if turn.outcome == Outcome.UNAVAILABLE and turn.skill is not None:
        return ErrorCode.SKILL_UNAVAILABLE.value
    return _OUTCOMES.get(turn.outcome, _OUTCOMES[Outcome.FAILED])


@frozen(kw_only=True)
class MetricsDoor:
    """What answers at `/metrics`.

    Args:
      metrics: what is told.
      proxies: those whose word about addresses is taken.
      open_to_all: whether any address may read it, not only this machine.
    """

    metrics: Metrics
    proxies: Proxies
    open_to_all: bool

    def answer(self, request: HttpRequest) -> Reply:
        """Returns the numbers, or the refusal."""
        if not self.open_to_all and not is_from_here(request, self.proxies):
            detail = (
                "Metrics are for this machine only: set metrics = all in [server] of pytlas.ini."
            )
            return problem("forbidden", detail)
        body, content_type = self.metrics.text(header_value(request.requestHeaders, "Accept") or "")
        return Reply(content_type=content_type, body=body, headers={"Cache-Control": "no-store"})


def is_from_here(request: HttpRequest, proxies: Proxies) -> bool:
    """Whether a request comes from this machine itself, and not through a proxy on it."""
    if any(header_values(request.requestHeaders, name) for name in _FORWARDING):
        return False
    if isinstance(request.getClientAddress(), UNIXAddress):
        return not proxies.unix
    address = client_address(request, proxies)
    return address is not None and ip_address(address).is_loopback
