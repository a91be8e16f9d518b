"""One connection with a WAMP router, from dialling to its end: Autobahn's side of `WampBus`.

Autobahn's own runners try again by themselves, log what exceptions say, and want cryptosign by
another library; here is what is left of them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import txaio
from attrs import define, field, frozen
from autobahn.twisted.wamp import ApplicationSession
from autobahn.twisted.websocket import WampWebSocketClientFactory, WampWebSocketClientProtocol
from autobahn.wamp.serializer import CBORSerializer
from autobahn.wamp.types import ComponentConfig
from autobahn.websocket.util import parse_url
from OpenSSL import SSL, crypto
from service_identity import VerificationError
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.ssl import Certificate, optionsForClientTLS, trustRootFromCertificates
from twisted.logger import Logger
from twisted.python.failure import Failure

from pytlas_wamp.cluster.bus import MAX_BODY_BYTES
from pytlas_wamp.cluster.identity import NodeKey
from pytlas_wamp.errors import OperatorError

_log = Logger()

REALM: Final = "pytlas"

_CONNECT_SECONDS: Final = 5.0
_JOIN_SECONDS: Final = 10.0
# A router, or a way to it, that is gone is noticed within their sum.
_PING_SECONDS: Final = 2.0
_PONG_SECONDS: Final = 2.0
# A body and what WAMP has around it.
_MAX_MESSAGE_BYTES: Final = 2 * MAX_BODY_BYTES

# How a connection ends that never was one, or broke.
LOST: Final = "wamp.close.transport_lost"
# And when what answers is not the router that it says it is.
UNTRUSTED: Final = "wamp.close.untrusted_certificate"


@frozen
class Router:
    """Where a router is.

    Args:
      url: such as `ws://10.0.0.1:8080/ws`; with `wss`, its certificate is verified.
      host: of it.
      port: of it.
      is_secure: whether it is `wss`.
      trusted: certificates of who may vouch for it; None for whom the system trusts.
    """

    url: str
    host: str
    port: int
    is_secure: bool
    trusted: Any = None

    @classmethod
    def at(cls, url: str, trusted: Path | None = None) -> Router:
        """Reads where a router is.

        Args:
          url: see above.
          trusted: a file with a certificate as PEM.

        Raises:
          OperatorError: the address or the certificate is none.
        """
        try:
            is_secure, host, port, *_ = parse_url(url)
        except Exception:  # noqa: BLE001 - Autobahn raises that
            raise OperatorError(
                f"{url!r} is not the address of a router; "
                "one would be ws://router.example.org:8080/ws"
            ) from None
        roots = None
        if trusted is not None:
            try:
                roots = trustRootFromCertificates([Certificate.loadPEM(trusted.read_bytes())])
            except OSError as error:
                raise OperatorError(f"{trusted} cannot be read: {error.strerror}") from None
            except crypto.Error:
                raise OperatorError(f"{trusted} has no certificate as PEM") from None
        return cls(url, host, port, is_secure, roots)

    def endpoint(self, reactor: Any) -> Any:
        """What connects to it."""
        endpoint: Any = HostnameEndpoint(reactor, self.host, self.port, timeout=_CONNECT_SECONDS)
        if not self.is_secure:
            return endpoint
        return wrapClientTLS(optionsForClientTLS(self.host, trustRoot=self.trusted), endpoint)


class RouterSession(ApplicationSession):
    """Introduces itself, and reports what becomes of it."""

    def __init__(self, attempt: Attempt) -> None:
        super().__init__(ComponentConfig(realm=REALM))
        self._attempt = attempt

    def onConnect(self) -> None:  # noqa: N802 - Autobahn's name
        """Say who we are."""
        key = self._attempt.key
        if key is None:
            self.join(REALM, authmethods=["anonymous"])
        else:
            self.join(
                REALM,
                authmethods=["cryptosign"],
                authid=self._attempt.name,
                authextra={"pubkey": key.public},
            )

    def onChallenge(self, challenge: Any) -> str:  # noqa: N802 - Autobahn's name
        """Prove it."""
        key = self._attempt.key
        if key is None or challenge.method != "cryptosign":
            raise ValueError("this node answers no such challenge")
        return key.sign((challenge.extra or {}).get("challenge"))

    def onJoin(self, details: Any) -> None:  # noqa: N802 - Autobahn's name
        """The router has let us in."""
        self._attempt.on_join(self, details)

    def onLeave(self, details: Any) -> None:  # noqa: N802 - Autobahn's name
        """The router has not, or no longer."""
        self._attempt.on_end(details.reason)
        if self.is_connected():
            self.disconnect()

    def onUserError(self, fail: Failure, msg: str) -> None:  # noqa: N802 - Autobahn's name
        """Log that something of ours failed; not what it said."""
        if not fail.check(CancelledError):
            _log.failure("at a router: {msg}", failure=fail, msg=msg.partition("\n")[0])


class _Socket(WampWebSocketClientProtocol):
    """Reports its end, also before there is a session."""

    def connectionLost(self, reason: Any) -> None:  # noqa: N802 - Twisted's name
        untrusted = reason.check(VerificationError) or (
            reason.check(SSL.Error) and "certificate verify failed" in str(reason.value)
        )
        if untrusted:
            self.factory.attempt.on_end(UNTRUSTED)
        super().connectionLost(reason)
        self.factory.attempt.on_end(LOST)


@define(eq=False)
class Attempt:
    """Tries to join a router's realm, once.

    Args:
      router: where.
      name: as what; the authid.
      key: proves it; None to try to get in as nobody.
      reactor: for sockets and time.
      joined: called with the session and what the router says of it.
      ended: called once, with the reason as a URI, when there is no such session or it ended.
      endpoint: connects; None for the router's own.
    """

    _router: Router
    name: str
    key: NodeKey | None
    _reactor: Any
    _joined: Callable[[Any, Any], None]
    _ended: Callable[[str], None]
    _endpoint: Any = None
    _session: Any = field(default=None, init=False)
    _socket: Any = field(default=None, init=False)
    _connecting: Deferred[Any] | None = field(default=None, init=False)
    _timer: Any = field(default=None, init=False)
    _is_leaving: bool = field(default=False, init=False)
    is_over: bool = field(default=False, init=False)

    def begin(self) -> None:
        """Dial."""
        # Autobahn has one clock for the whole process.
        txaio.config.loop = self._reactor
        factory = WampWebSocketClientFactory(
            lambda: RouterSession(self),
            url=self._router.url,
            serializers=[CBORSerializer()],
            reactor=self._reactor,
        )
        factory.protocol = _Socket
        factory.attempt = self
        factory.setProtocolOptions(
            maxFramePayloadSize=_MAX_MESSAGE_BYTES,
            maxMessagePayloadSize=_MAX_MESSAGE_BYTES,
            autoPingInterval=_PING_SECONDS,
            autoPingTimeout=_PONG_SECONDS,
            openHandshakeTimeout=_CONNECT_SECONDS,
            closeHandshakeTimeout=1,
            serverConnectionDropTimeout=1,
            tcpNoDelay=True,
        )
        self._timer = self._reactor.callLater(_JOIN_SECONDS, self.abort)
        endpoint = self._endpoint or self._router.endpoint(self._reactor)
        connecting = self._connecting = endpoint.connect(factory)
        connecting.addCallbacks(self._connected, self._not_connected)
        connecting.addErrback(lambda failure: _log.failure("dialling", failure=failure))

    def leave(self) -> None:
        """End it in order; `ended` follows."""
        if self._is_leaving:
            return
        self._is_leaving = True
        if self._session is not None and not self.is_over:
            self._session.leave()
            self._timer = self._reactor.callLater(_PONG_SECONDS, self.abort)
        else:
            self.abort()

    def abort(self) -> None:
        """End it at once, if it has not."""
        if self._connecting is not None:
            self._connecting.cancel()
        if self._socket is not None:
            self._socket.transport.abortConnection()
        self.on_end(LOST)

    def _connected(self, socket: Any) -> None:
        self._connecting = None
        if self.is_over:
            socket.transport.abortConnection()
        else:
            self._socket = socket

    def _not_connected(self, failure: Failure) -> None:
        self._connecting = None
        if not failure.check(CancelledError):
            _log.debug("{url} is not to be reached", url=self._router.url)
        self.on_end(LOST)

    def on_join(self, session: Any, details: Any) -> None:
        """There is a session."""
        if not self.is_over:
            self._stop_timer()
            self._session = session
            self._joined(session, details)

    def on_end(self, reason: str) -> None:
        """There is none, or no more."""
        self._stop_timer()
        if not self.is_over:
            self.is_over = True
            self._ended(reason)

    def _stop_timer(self) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = None
