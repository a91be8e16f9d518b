"""Listening ports; one that cannot be had ends the start with one line."""

from __future__ import annotations

from typing import Any

from attrs import define, field
from twisted.application.service import Service
from twisted.internet.defer import Deferred, maybeDeferred, succeed
from twisted.internet.endpoints import serverFromString
from twisted.logger import Logger
from twisted.python.failure import Failure

from pytlas_wamp.errors import OperatorError

_log = Logger()


@define(eq=False, slots=False, kw_only=True)
class Listener(Service):
    """Listens while the service runs.

    Args:
      description: a Twisted endpoint, such as `tcp:8000:interface=127.0.0.1`.
      factory: of the protocols.
      reactor: that listens.

    Raises:
      OperatorError: when the description is not one.
    """

    _description: str
    _factory: Any
    _reactor: Any
    _endpoint: Any = field(init=False)
    _port: Any = field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        """Find mistakes before anything is started."""
        try:
            self._endpoint = serverFromString(self._reactor, self._description)
        except Exception as error:
            raise OperatorError(
                f"cannot listen on {self._description!r}: {error!s};"
                " an example of what is possible is 'tcp:8000:interface=127.0.0.1'"
            ) from error

    def privilegedStartService(self) -> None:  # noqa: N802 - Twisted's name
        """Take the port while the process may still be root."""
        super().privilegedStartService()
        self._listen()

    def startService(self) -> None:  # noqa: N802 - Twisted's name
        """Take the port, unless that was done."""
        super().startService()
        self._listen()

    def stopService(self) -> Deferred[Any]:  # noqa: N802 - Twisted's name
        """Give the port back."""
        super().stopService()
        port, self._port = self._port, None
        return succeed(None) if port is None else maybeDeferred(port.stopListening)

    def _listen(self) -> None:
        if self._port is None:
            refused: list[Failure] = []
            self._endpoint.listen(self._factory).addCallbacks(self._listening, refused.append)
            if refused:
                # Not an Exception: it must pass through Twisted's start without a trace.
                raise SystemExit(
                    f"pytlas-wamp: cannot listen on {self._description}:"
                    f" {refused[0].getErrorMessage()}"
                )

    def _listening(self, port: Any) -> None:
        self._port = port
        encrypted = self._description.startswith(("ssl:", "tls:"))
        _log.info("listening on {address}", address=_shown(port.getHost(), encrypted=encrypted))


def _shown(address: Any, *, encrypted: bool) -> str:
    host = getattr(address, "host", None)
    if host is None:
        return str(address)
    scheme = "https" if encrypted else "http"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{address.port}"
