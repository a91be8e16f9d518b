"""A router that speaks as much WAMP as the bus needs, in Autobahn's own messages, without bytes.

The sessions are Autobahn's; what is beneath them is not: a transport here is a list of messages,
and each of them arrives when the clock advances.
"""

from __future__ import annotations

from itertools import count

from attrs import Factory, define, field
from autobahn.wamp import message as wamp
from autobahn.wamp.role import RoleBrokerFeatures, RoleDealerFeatures
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.error import ConnectionRefusedError as Refusal

ROLES = {"broker": RoleBrokerFeatures(), "dealer": RoleDealerFeatures()}
CHALLENGE = "ab" * 32


@define(eq=False)
class Line:
    """A connection of a session with the router; Autobahn's ITransport."""

    router: RouterInMemory
    factory: object
    session: object = None
    is_open: bool = True
    authid: str | None = None
    transport_details = None

    class _serializer:  # noqa: N801 - as Autobahn looks for it
        SERIALIZER_ID = "cbor"

    @property
    def transport(self):
        return self

    @property
    def is_closed(self):
        return succeed(None)

    def isOpen(self):  # noqa: N802 - Autobahn's name
        return self.is_open

    def send(self, message):
        assert self.is_open
        if not self.router.is_deaf:
            self.router.clock.callLater(0, self.router.handle, self, message)

    def deliver(self, message):
        self.router.clock.callLater(0, self._deliver, message)

    def _deliver(self, message):
        if self.is_open:
            self.session.onMessage(message)

    def close(self):
        self.router.clock.callLater(0, self.abortConnection)

    def abortConnection(self):  # noqa: N802 - Twisted's name
        if self.is_open:
            self.is_open = False
            self.router.forget(self)
            if self.session is not None:
                self.session.onClose(wasClean=False)
            self.factory.attempt.on_end("wamp.close.transport_lost")


@define(eq=False)
class RouterInMemory:
    """A router, and what connects to it.

    Args:
      clock: a twisted `Clock`.
      keys: the public keys of nodes, by name.
      anybody: whether one gets in without a key.
      forbidden: what begins like one of these may not be used.
      is_up: whether it can be connected to.
      is_deaf: whether it answers nothing any more.
    """

    clock: object
    keys: dict
    anybody: bool = False
    without_auth: bool = False
    forbidden: tuple = ()
    is_up: bool = True
    is_deaf: bool = False
    hangs: bool = False
    dialled: int = 0
    lines: list = Factory(list)
    messages: list = Factory(list)
    _registered: dict = Factory(dict)
    _subscribed: dict = Factory(dict)
    _calls: dict = Factory(dict)
    _numbers: object = field(factory=lambda: count(1000))

    def connect(self, factory):
        """What an endpoint does."""
        self.dialled += 1
        if self.hangs:
            return Deferred()
        if not self.is_up:
            return fail(Refusal())
        line = Line(self, factory)
        self.lines.append(line)
        self.clock.callLater(0, self._open, line)
        return succeed(line)

    def _open(self, line):
        if line.is_open:
            line.session = line.factory._factory()
            line.session.onOpen(line)

    def of(self, name):
        """Returns the line of a node."""
        return next(line for line in self.lines if line.authid == name)

    def go_down(self):
        self.is_up = False
        for line in tuple(self.lines):
            line.abortConnection()

    def forget(self, line):
        """What a router does when a client is gone."""
        self.lines.remove(line)
        for table in (self._registered, self._subscribed):
            for uri in [uri for uri, (whose, _) in table.items() if whose is line]:
                del table[uri]
        for number, (caller, request, callee) in tuple(self._calls.items()):
            if callee is line:
                del self._calls[number]
                self._error(caller, wamp.Call, request, "wamp.error.canceled")
            elif caller is line:
                del self._calls[number]
                callee.deliver(wamp.Interrupt(number))

    def handle(self, line, message):
        if line in self.lines:
            self.messages.append(message)
            getattr(self, f"_on_{type(message).__name__.lower()}")(line, message)

    def _on_hello(self, line, hello):
        if "cryptosign" in hello.authmethods and not self.without_auth:
            if hello.authid not in self.keys:
                line.deliver(wamp.Abort("wamp.error.not_authorized"))
                return
            line.authid = hello.authid
            line.deliver(wamp.Challenge("cryptosign", {"challenge": CHALLENGE}))
        elif "anonymous" in hello.authmethods and not self.anybody:
            line.deliver(wamp.Abort("wamp.error.no_auth_method"))
        else:
            self._welcome(line, "anonymous")

    def _on_authenticate(self, line, authenticate):
        signature = bytes.fromhex(authenticate.signature[:128])
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.keys[line.authid]))
        try:
            public.verify(signature, bytes.fromhex(CHALLENGE))
        except InvalidSignature:
            line.deliver(wamp.Abort("wamp.error.not_authorized"))
        else:
            self._welcome(line, "cryptosign")

    def _welcome(self, line, method):
        line.deliver(
            wamp.Welcome(
                next(self._numbers),
                ROLES,
                realm="pytlas",
                authid=line.authid,
                authrole=line.authid,
                authmethod=method,
            )
        )

    def _on_abort(self, line, _):
        line.abortConnection()

    def _on_goodbye(self, line, _):
        line.deliver(wamp.Goodbye())

    def _is_forbidden(self, line, message, uri):
        forbidden = uri.startswith(self.forbidden) if self.forbidden else False
        if forbidden:
            self._error(line, type(message), message.request, "wamp.error.not_authorized")
        return forbidden

    def _error(self, line, kind, request, error):
        line.deliver(wamp.Error(kind.MESSAGE_TYPE, request, error))

    def _on_register(self, line, register):
        if not self._is_forbidden(line, register, register.procedure):
            number = next(self._numbers)
            self._registered[register.procedure] = (line, number)
            line.deliver(wamp.Registered(register.request, number))

    def _on_subscribe(self, line, subscribe):
        if not self._is_forbidden(line, subscribe, subscribe.topic):
            number = next(self._numbers)
            self._subscribed[subscribe.topic] = (line, number)
            line.deliver(wamp.Subscribed(subscribe.request, number))

    def _on_publish(self, line, publish):
        if publish.topic in self._subscribed:
            to, number = self._subscribed[publish.topic]
            to.deliver(
                wamp.Event(
                    number,
                    next(self._numbers),
                    args=publish.args,
                    publisher=1,
                    publisher_authid=line.authid,
                )
            )

    def _on_call(self, line, call):
        if self._is_forbidden(line, call, call.procedure):
            return
        if call.procedure not in self._registered:
            self._error(line, wamp.Call, call.request, "wamp.error.no_such_procedure")
            return
        to, registration = self._registered[call.procedure]
        number = next(self._numbers)
        self._calls[number] = (line, call.request, to)
        to.deliver(
            wamp.Invocation(
                number,
                registration,
                args=call.args,
                receive_progress=call.receive_progress,
                caller=1,
                caller_authid=line.authid,
            )
        )

    def _on_yield(self, _, result):
        if result.request in self._calls:
            caller, request, _ = self._calls[result.request]
            if not result.progress:
                del self._calls[result.request]
            caller.deliver(wamp.Result(request, args=result.args, progress=result.progress))

    def _on_error(self, _, error):
        if error.request in self._calls:
            caller, request, _ = self._calls.pop(error.request)
            self._error(caller, wamp.Call, request, error.error)
