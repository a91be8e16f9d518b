"""The server's addresses, put together: what is where, and nothing else (spec 2.1, 6)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from attrs import frozen
from twisted.internet.interfaces import IReactorTime

from pytlas_wamp.accounts.accounts import Accounts
from pytlas_wamp.limits import Limits
from pytlas_wamp.transport.addresses import Proxies
from pytlas_wamp.transport.api.doors import Doors, Routes, Run
from pytlas_wamp.transport.api.routes import PeopleEndpoints
from pytlas_wamp.transport.documents import Documents
from pytlas_wamp.transport.endpoints import Addresses, Endpoint, Methods
from pytlas_wamp.transport.headers import Origins
from pytlas_wamp.transport.http import HttpSite
from pytlas_wamp.transport.metrics import Metrics, MetricsDoor
from pytlas_wamp.transport.problems import unavailable
from pytlas_wamp.transport.readiness import Readiness
from pytlas_wamp.transport.replies import Reply, json_reply
from pytlas_wamp.transport.tokens import TokenEndpoints
from pytlas_wamp.transport.upgrade import Takeover, WebSocketDoor
from pytlas_wamp.transport.web_client import UNBUILT

_TIMEOUT_SECONDS: Final = 60.0


@frozen(kw_only=True)
class Watching:
    """What is there for those who look after the server (spec 6.7, 6.22).

    Args:
      readiness: answers at `/readyz`; None when nothing is there.
      metrics: told at `/metrics`; None when nothing is there.
      metrics_for_all: whether any address may read them, not only this machine.
    """

    readiness: Readiness | None = None
    metrics: Metrics | None = None
    metrics_for_all: bool = False

    def endpoints(self, proxies: Proxies) -> Mapping[str, Endpoint]:
        """Returns what is there, by path."""
        found: dict[str, Endpoint] = {}
        if self.readiness is not None:
            found["/readyz"] = Methods({"GET": self.readiness.answer})
        if self.metrics is not None:
            door = MetricsDoor(
                metrics=self.metrics, proxies=proxies, open_to_all=self.metrics_for_all
            )
            found["/metrics"] = Methods({"GET": door.answer})
        return found

    def credentials_refused(self, code: str) -> None:
        """Count a refusal over HTTP, if it is one of a token or a password."""
        if self.metrics is not None:
            self.metrics.credentials_refused(code)

    def handshake_refused(self) -> None:
        """Count a handshake for which there was no room."""
        if self.metrics is not None:
            self.metrics.handshake_refused()


def make_site(
    *,
    accounts: Accounts,
    run: Run,
    run_hashing: Run | None = None,
    websocket: Takeover,
    spec: Documents,
    reactor: IReactorTime,
    now: Callable[[], float],
    limits: Limits,
    healthy: Callable[[], bool],
    web: Mapping[str, Endpoint] = UNBUILT,
    allowed_origins: Iterable[str] = ("*",),
    trusted_proxies: Iterable[str] = (),
    changed: Callable[[], object] = lambda: None,
    people: PeopleEndpoints = PeopleEndpoints(),  # noqa: B008 - a value that never changes
    watching: Watching = Watching(),
    further: Callable[[Doors], Routes] = lambda _: {},
    timeout_seconds: float = _TIMEOUT_SECONDS,
    access_log: bool = False,
) -> HttpSite:
    """Returns the factory for all connections, HTTP and WebSocket.

    Args:
      accounts: people and their tokens; blocks.
      run: calls a function with arguments in another thread; fires with what it returns.
      run_hashing: the same for what hashes passwords; None for the same threads.
      websocket: takes over the connections to /ws/assistant/, as Autobahn's
        WebSocketResource does.
      spec: the contract, served at /spec/ (see `load_documents`).
      reactor: for the timeouts.
      now: returns seconds since the epoch.
      limits: the size of bodies, and how deep JSON may be nested.
      healthy: whether the server is fit to serve; asked by /healthz, must not block.
      web: the web client, by path (see `load_web_client`); the server's own paths go before.
      allowed_origins: the web pages that may read answers, each as browsers send it
        ("https://example.org"), or "*" for all.
      trusted_proxies: whose X-Forwarded-For is believed: addresses, networks, "unix".
      changed: called after everything that may have written to the accounts.
      people: what is known about people beside their accounts.
      watching: what those are told, and shown, who look after the server.
      further: more of the API, for the doors of this site.
      timeout_seconds: for a request to come in whole, and for a connection to be idle.
      access_log: whether every request is logged with its address. Off, since people
        put secrets into addresses.
    """
    proxies = Proxies.of(trusted_proxies)
    doors = Doors(
        accounts=accounts,
        run=run,
        run_hashing=run_hashing,
        proxies=proxies,
        changed=changed,
        max_depth=limits.max_depth,
        refused=watching.credentials_refused,
    )
    addresses = Addresses(
        single={
            **web,
            "/healthz": Methods({"GET": lambda _: _health(healthy=healthy())}),
            "/ws/assistant": WebSocketDoor(websocket, watching.handshake_refused),
            **watching.endpoints(proxies),
        },
        folders={"spec": spec.endpoint},
        patterns={
            **TokenEndpoints(doors=doors, accounts=accounts, now=now).routes(),
            **people.routes(doors, accounts),
            **further(doors),
        },
    )
    return HttpSite(
        addresses,
        reactor=reactor,
        max_body_bytes=limits.max_http_body_bytes,
        origins=Origins(frozenset(allowed_origins)),
        timeout_seconds=timeout_seconds,
        access_log=access_log,
    )


def make_watch_site(
    *,
    reactor: IReactorTime,
    limits: Limits,
    healthy: Callable[[], bool],
    trusted_proxies: Iterable[str],
    watching: Watching,
) -> HttpSite:
    """Returns the factory for the connections of a server that only tells how it is.

    Args:
      reactor: for the timeouts.
      limits: the size of bodies.
      healthy: whether the server is fit to serve; asked by /healthz, must not block.
      trusted_proxies: whose X-Forwarded-For is believed: addresses, networks, "unix".
      watching: what those are told who look after the server.
    """
    addresses = Addresses(
        single={
            "/healthz": Methods({"GET": lambda _: _health(healthy=healthy())}),
            **watching.endpoints(Proxies.of(trusted_proxies)),
        },
        folders={},
        patterns={},
    )
    return HttpSite(
        addresses,
        reactor=reactor,
        max_body_bytes=limits.max_http_body_bytes,
        origins=Origins(frozenset()),
        timeout_seconds=_TIMEOUT_SECONDS,
        access_log=False,
    )


def _health(*, healthy: bool) -> Reply:
    return json_reply({"status": "ok"}) if healthy else unavailable()
