"""A bus by way of a WAMP router."""

from __future__ import annotations

from collections.abc import Callable
from random import random as any_number
from typing import Any, Final, Literal

from attrs import define, field
from autobahn.wamp.exception import ApplicationError, TransportLost
from autobahn.wamp.types import CallOptions, RegisterOptions, SubscribeOptions
from twisted.internet.defer import Deferred, fail, succeed
from twisted.logger import Logger
from twisted.python.failure import Failure

from pytlas_wamp.cluster import parcels
from pytlas_wamp.cluster.bus import BusError, Inbox, TooBig, Unanswered, Unreachable
from pytlas_wamp.cluster.identity import NodeKey, split_node_id, uris
from pytlas_wamp.cluster.router import LOST, REALM, UNTRUSTED, Attempt, Router
from pytlas_wamp.cluster.waiting import Waiting
from pytlas_wamp.cluster.watches import Watchers, Watches
from pytlas_wamp.errors import OperatorError

_log = Logger()

_FIRST_RETRY_SECONDS: Final = 0.2
_LAST_RETRY_SECONDS: Final = 2.0
_MAX_DOUBLINGS: Final = 10


@define(eq=False)
class WampBus:
    """A `Bus` whose nodes meet at a router.

    Args:
      url: of the router, see `Router`.
      node_id: who we are; the router knows the key of what is before the hyphen.
      role: a worker is asked, a gateway asks.
      key: our key.
      reactor: for sockets and time.
      router: where the router is; None for what `url` says.
      random: a number from 0 to 1: not all come back at the same moment.
      endpoint: connects to the router; None for its own.
    """

    _url: str
    _node_id: str
    _role: Literal["gateway", "worker"]
    _key: NodeKey
    _reactor: Any
    _router: Router | None = field(default=None, kw_only=True)
    _random: Callable[[], float] = field(default=any_number, kw_only=True)
    _endpoint: Any = field(default=None, kw_only=True)
    is_connected: bool = field(default=False, init=False)
    _inbox: Inbox = field(init=False)
    _name: str = field(init=False)
    _waiting: Waiting = field(init=False)
    _watches: Watches = field(init=False)
    _watchers: Watchers = field(init=False)
    _attempt: Attempt | None = field(default=None, init=False)
    _probe: Attempt | None = field(default=None, init=False)
    _session: Any = field(default=None, init=False)
    _starting: Deferred[None] | None = field(default=None, init=False)
    _stopping: Deferred[None] | None = field(default=None, init=False)
    _is_closed_to_strangers: bool = field(default=False, init=False)
    _retry: Any = field(default=None, init=False)
    _tries: int = field(default=0, init=False)
    _complaint: str = field(default="", init=False)
    _is_given_up: bool = field(default=False, init=False)

    def __attrs_post_init__(self) -> None:
        """Read the address, and know nobody.

        Raises:
          OperatorError: it is none.
        """
        self._router = self._router or Router.at(self._url)
        self._name, _ = split_node_id(self._node_id)
        self._waiting = Waiting(self._reactor)
        self._watches = Watches(self._reactor, self._call_watch, self._worker_left)
        self._watchers = Watchers(self._reactor, self._gateway_left)

    def start(self, inbox: Inbox) -> Deferred[None]:
        """See `Bus`; fails with OperatorError when the router refuses us, or lets anybody in."""
        self._inbox = inbox
        self._starting = Deferred()
        self._dial()
        return self._starting

    def stop(self) -> Deferred[None]:
        """See `Bus`."""
        if self._stopping is not None:
            return succeed(None)
        self._stopping = Deferred()
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
        if self._probe is not None:
            self._probe.abort()
        if self._attempt is not None:
            self._attempt.leave()
        else:
            self._end()
        return self._stopping

    def ask(self, node: str, what: str, body: Any, *, key: int = 0) -> Deferred[Any]:  # noqa: ARG002 - there is one router
        """See `Bus`."""
        if not self.is_connected:
            return fail(Unreachable(f"there is no connection with {self._url}"))
        try:
            procedure = uris(node).ask
            parcel = parcels.packed(body)
            # First, so that the router has it first, too: who is asked knows who watches.
            self._watches.add(node)
            call = self._session.call(procedure, self._node_id, what, parcel)
        except TooBig as error:
            return fail(error)
        except (ValueError, TransportLost):
            return fail(Unreachable(f"{node!r} is not to be reached"))
        number = self._waiting.next_number()
        answered = self._waiting.add(number, node)
        call.addCallbacks(
            self._answered, self._not_answered, callbackArgs=(number,), errbackArgs=(number,)
        )
        return answered

    def tell(self, node: str, body: Any, *, key: int = 0) -> None:  # noqa: ARG002 - there is one router
        """See `Bus`."""
        parcel = parcels.packed(body)
        if self.is_connected:
            try:
                self._session.publish(uris(node).told, self._node_id, parcel)
            except (ValueError, TransportLost):
                _log.debug("{node} could not be told", node=node)

    def watch(self, node: str) -> None:
        """Learn when a worker comes and goes, as after a question to it."""
        self._watches.add(node)

    def reaches(self, node: str) -> bool:
        """Whether it is known that a node is there, at this router."""
        return self._watches.reaches(node) or self._watchers.reaches(node)

    # The connection.

    def _dial(self) -> None:
        self._retry = None
        self._attempt = self._new_attempt(self._key, self._joined, self._ended)
        self._attempt.begin()

    def _new_attempt(
        self,
        key: NodeKey | None,
        joined: Callable[[Any, Any], None],
        ended: Callable[[str], None],
    ) -> Attempt:
        router = self._router or Router.at(self._url)
        return Attempt(router, self._name, key, self._reactor, joined, ended, self._endpoint)

    def _joined(self, session: Any, details: Any) -> None:
        self._session = session
        if details.authmethod != "cryptosign":
            self._refuse(self._open_to_anybody())
            return
        attempt = self._attempt
        ready = self._take_place(session).addCallback(lambda _: self._check_strangers())
        ready.addCallbacks(
            self._placed, self._not_placed, callbackArgs=(attempt,), errbackArgs=(attempt,)
        )
        ready.addErrback(lambda failure: _log.failure("taking one's place", failure=failure))

    def _take_place(self, session: Any) -> Deferred[Any]:
        place = uris(self._node_id)
        if self._role == "gateway":
            options = SubscribeOptions(details_arg="details")
            told: Deferred[Any] = session.subscribe(self._on_told, place.told, options=options)
            return told
        # A router that has not noticed yet that our last connection broke has them still.
        options = RegisterOptions(details_arg="details", force_reregister=True)
        watched: Deferred[Any] = session.register(self._on_watch, place.watch, options=options)
        return watched.addCallback(
            lambda _: session.register(self._on_ask, place.ask, options=options)
        )

    def _check_strangers(self) -> Deferred[None]:
        """Tries to get in as nobody, once; fails with OperatorError if that works."""
        if self._is_closed_to_strangers:
            return succeed(None)
        checked: Deferred[None] = Deferred()

        def joined(*_: Any) -> None:
            checked.errback(self._open_to_anybody())
            if self._probe is not None:
                self._probe.leave()

        def ended(reason: str) -> None:
            self._probe = None
            if checked.called:
                return
            if reason == LOST:
                checked.errback(Unreachable("the connection was lost"))
            else:
                self._is_closed_to_strangers = True
                checked.callback(None)

        self._probe = self._new_attempt(None, joined, ended)
        self._probe.begin()
        return checked

    def _placed(self, _: Any, attempt: Attempt | None) -> None:
        if attempt is None or attempt is not self._attempt or self._stopping is not None:
            return
        self._tries = 0
        self._complaint = ""
        self.is_connected = True
        _log.info("connected with {url} as {name}", url=self._url, name=self._name)
        self._watches.connected()
        self._watchers.connected()
        self._inbox.connected()
        starting, self._starting = self._starting, None
        if starting is not None:
            starting.callback(None)

    def _not_placed(self, failure: Failure, attempt: Attempt | None) -> None:
        if attempt is None or attempt is not self._attempt or self._stopping is not None:
            return
        error = failure.value
        if isinstance(error, BusError):
            attempt.leave()
        elif isinstance(error, OperatorError):
            self._refuse(error)
        elif isinstance(error, ApplicationError):
            self._refuse(self._not_allowed(error.error))
        else:
            _log.failure("no place at {url}", failure=failure, url=self._url)
            attempt.leave()

    def _ended(self, reason: str) -> None:
        self._attempt = self._session = None
        if self._probe is not None:
            self._probe.abort()
        if self.is_connected:
            self.is_connected = False
            self._watches.disconnected()
            self._watchers.disconnected()
            self._waiting.fail_all(None, f"the connection with {self._url} was lost")
            if self._stopping is None:
                self._inbox.disconnected()
        elif self._stopping is None and reason == UNTRUSTED:
            self._refuse(self._not_trusted())
        elif self._stopping is None and reason.startswith("wamp.error."):
            self._refuse(self._not_let_in(reason))
        # Who learns that the start failed may have stopped us on the spot.
        if self._stopping is not None:
            self._end()
        elif not self._is_given_up:
            if self._tries == 0:
                _log.warn("there is no connection with {url}; it is tried again", url=self._url)
            longest = min(_LAST_RETRY_SECONDS, _FIRST_RETRY_SECONDS * 2**self._tries)
            self._tries = min(self._tries + 1, _MAX_DOUBLINGS)
            delay = _FIRST_RETRY_SECONDS + (longest - _FIRST_RETRY_SECONDS) * self._random()
            self._retry = self._reactor.callLater(delay, self._dial)

    def _end(self) -> None:
        self._waiting.stop()
        if self._stopping is not None and not self._stopping.called:
            self._stopping.callback(None)

    def _refuse(self, error: OperatorError) -> None:
        """The router does not do what it has to: the end of a start, and later a complaint."""
        starting, self._starting = self._starting, None
        if starting is not None:
            self._is_given_up = True
            starting.errback(error)
        elif str(error) != self._complaint:
            self._complaint = str(error)
            _log.error("{error}; this is tried again", error=error)
        if self._attempt is not None:
            self._attempt.leave()

    def _not_let_in(self, reason: str) -> OperatorError:
        if reason == "wamp.error.no_auth_method":
            return OperatorError(
                f"the router at {self._url} does not ask for a key: have `cryptosign` as the only "
                "way of `auth` of each of its transports"
            )
        return OperatorError(
            f"the router at {self._url} does not let {self._name!r} in ({reason}); it has to know "
            f"that name with the public key {self._key.public}, in the realm {REALM!r}"
        )

    def _not_trusted(self) -> OperatorError:
        return OperatorError(
            f"the certificate of the router at {self._url} is not trusted: it has to be for that "
            "name, and by somebody whom this system trusts"
        )

    def _not_allowed(self, reason: str) -> OperatorError:
        place = f"pytlas.{self._role}.{self._name}."
        may = "subscribe to" if self._role == "gateway" else "register"
        return OperatorError(
            f"the router at {self._url} does not let {self._name!r} {may} what begins with "
            f"{place!r} ({reason}); its role there has to allow that"
        )

    def _open_to_anybody(self) -> OperatorError:
        return OperatorError(
            f"the router at {self._url} lets anybody in without a key: have `cryptosign` as the "
            "only way of `auth` of each of its transports"
        )

    # What comes.

    def _on_ask(self, sender: Any, what: Any, parcel: Any, details: Any) -> Any:
        answered: Deferred[bytes] = Deferred()

        def give(answer: dict[str, Any]) -> None:
            # Who asked may have gone, or we; what was asked is done all the same.
            if not answered.called:
                answered.callback(parcels.packed_answer(answer))

        try:
            _check_sender(sender, details.caller_authid)
            body = parcels.opened(parcel)
        except BusError as error:
            _log.warn("a question is not taken: {error}", error=error)
            give(parcels.failed())
        else:
            parcels.answer(self._inbox, sender, what, body, give)
        return answered

    def _on_watch(self, sender: Any, details: Any) -> Deferred[None] | None:
        try:
            _check_sender(sender, details.caller_authid)
        except BusError as error:
            _log.warn("nobody may watch so: {error}", error=error)
            return None
        if details.progress is not None:
            details.progress(True)  # noqa: FBT003 - what it says does not matter
        return self._watchers.add(sender)

    def _on_told(self, sender: Any, parcel: Any, details: Any) -> None:
        try:
            _check_sender(sender, details.publisher_authid)
            body = parcels.opened(parcel)
        except BusError as error:
            _log.warn("what was told is not taken: {error}", error=error)
        else:
            parcels.tell(self._inbox, sender, body)

    def _answered(self, parcel: Any, number: int) -> None:
        try:
            self._waiting.answer(number, parcels.opened(parcel))
        except parcels.Unreadable as error:
            self._waiting.fail(number, Unanswered(str(error)))

    def _not_answered(self, failure: Failure, number: int) -> None:
        error = failure.value
        reason = error.error if isinstance(error, ApplicationError) else None
        self._waiting.fail(number, parcels.error_of(reason))

    def _call_watch(self, node: str, here: Callable[[], None]) -> Deferred[Any]:
        options = CallOptions(on_progress=lambda *_: here())
        try:
            watching: Deferred[Any] = self._session.call(
                uris(node).watch, self._node_id, options=options
            )
        except (ValueError, TransportLost) as error:
            return fail(error)
        return watching

    def _worker_left(self, node: str, was_there: bool) -> None:  # noqa: FBT001 - as Watches calls it
        # Where it was not, the router says of each question that nothing was done.
        if was_there:
            self._waiting.fail_all(node, f"{node} has left")
        self._inbox.left(node)

    def _gateway_left(self, node: str) -> None:
        self._inbox.left(node)


def _check_sender(sender: Any, authid: str | None) -> None:
    """Compares who says they sent something with what the router says, if it says so."""
    try:
        name, _ = split_node_id(sender)
    except (ValueError, AttributeError):
        raise parcels.Unreadable("it does not say who sent it") from None
    if authid is not None and authid != name:
        raise parcels.Unreadable(f"{authid!r} sent it in the name of {name!r}")
