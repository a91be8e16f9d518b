"""The server's addresses, put together: what is where, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from twisted.internet.interfaces import IReactorTime

from pytlas_wamp.limits import Limits
from pytlas_wamp.transport.documents import Documents
from pytlas_wamp.transport.endpoints import Addresses, Methods
from pytlas_wamp.transport.headers import Origins
from pytlas_wamp.transport.http import HttpSite
from pytlas_wamp.transport.pages import welcome
from pytlas_wamp.transport.problems import unavailable
from pytlas_wamp.transport.replies import Reply, json_reply
from pytlas_wamp.transport.tokens import Run, TokenAuthority, TokenEndpoints
from pytlas_wamp.transport.upgrade import Takeover, WebSocketDoor


def make_site(
    *,
    accounts: TokenAuthority,
    run: Run,
    websocket: Takeover,
    spec: Documents,
    reactor: IReactorTime,
    now: Callable[[], float],
    limits: Limits,
    healthy: Callable[[], bool],
    allowed_origins: Iterable[str] = ("*",),
    timeout_seconds: float = 60.0,
    access_log: bool = False,
) -> HttpSite:
    """Returns the factory for all connections, HTTP and WebSocket.

    Args:
      accounts: issues and checks tokens; blocks.
      run: calls a function with arguments in another thread; fires with what it returns.
      websocket: takes over the connections to /ws/assistant/, as Autobahn's
        WebSocketResource does.
      spec: the contract, served at /spec/ (see `load_documents`).
      reactor: for the timeouts.
      now: returns seconds since the epoch.
      limits: the size of bodies, and how deep JSON may be nested.
      healthy: whether the server is fit to serve; asked by /healthz, must not block.
      allowed_origins: the web pages that may read answers, each as browsers send it
        ("https://example.org"), or "*" for all.
      timeout_seconds: for a request to come in whole, and for a connection to be idle.
      access_log: whether every request is logged with its address. Off, since people
        put secrets into addresses.
    """
    tokens = TokenEndpoints(accounts=accounts, run=run, now=now, limits=limits)
    addresses = Addresses(
        single={
            "/": Methods({"GET": lambda _: welcome()}),
            "/healthz": Methods({"GET": lambda _: _health(healthy=healthy())}),
            "/ws/assistant": WebSocketDoor(websocket),
            **tokens.routes(),
        },
        folders={"spec": spec.endpoint},
    )
    return HttpSite(
        addresses,
        reactor=reactor,
        max_body_bytes=limits.max_http_body_bytes,
        origins=Origins(frozenset(allowed_origins)),
        timeout_seconds=timeout_seconds,
        access_log=access_log,
    )


def _health(*, healthy: bool) -> Reply:
    return json_reply({"status": "ok"}) if healthy else unavailable()
