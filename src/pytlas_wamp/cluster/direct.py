"""A bus without a router: the processes of one machine, over unix sockets.

Each worker listens on a socket in a folder that only one account may enter: that is all there is
of authentication. Gateways connect when they first ask, say who they are, and keep
the connection; when it ends, the other one has left. Both sides say something each second, so
that one that stands still is noticed as well.
"""

from __future__ import annotations

import os
import stat
import struct
from pathlib import Path
from typing import Any, Final, Literal

from attrs import define, field
from twisted.internet import error as internet_error
from twisted.internet.defer import Deferred, fail, maybeDeferred, succeed
from twisted.internet.protocol import ClientFactory, Factory, Protocol
from twisted.logger import Logger

from pytlas_wamp.cluster import parcels
from pytlas_wamp.cluster.bus import MAX_BODY_BYTES, Inbox, TooBig, Unreachable
from pytlas_wamp.cluster.identity import split_node_id
from pytlas_wamp.cluster.waiting import Waiting
from pytlas_wamp.errors import OperatorError

_log = Logger()

_LENGTH: Final = struct.Struct(">I")
_SIGN_OF_LIFE: Final = _LENGTH.pack(0)
# What is around a body: a number and the name of the question.
_MAX_FRAME_BYTES: Final = MAX_BODY_BYTES + 1024

# What a kernel takes as the path of a socket, without the zero at its end.
_MAX_PATH_BYTES: Final = 107

_CONNECT_SECONDS: Final = 2
_BEAT_SECONDS: Final = 1.0
# So many beats without a word, and the other side stands still.
_MAX_SILENT_BEATS: Final = 4


class Line(Protocol):
    """A connection: whole messages in both directions.

    Args:
      bus: whose it is.
      node: who is at the other end; "" until they have said so.
    """

    transport: Any

    def __init__(self, bus: DirectBus, node: str = "") -> None:
        self._bus = bus
        self.node = node
        self._silent_beats = 0
        self._has_spoken = False
        self._rest = bytearray()
        self._needed = _LENGTH.size
        self._held_back: list[bytes] | None = []

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's name
        """Send what has waited for the connection."""
        if not self._bus.is_connected:
            self.transport.abortConnection()
            return
        held_back, self._held_back = self._held_back or [], None
        for parcel in held_back:
            self.send(parcel)

    def send(self, parcel: bytes) -> None:
        """Send a message, as soon as that is possible."""
        if self._held_back is not None:
            self._held_back.append(parcel)
            return
        self._has_spoken = True
        self.transport.write(_LENGTH.pack(len(parcel)) + parcel)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """Some bytes came: parts of a message, or several."""
        self._silent_beats = 0
        if self._rest:
            self._rest += data
            if len(self._rest) < self._needed:
                return
            data = bytes(self._rest)
            self._rest.clear()
        start, end = 0, len(data)
        while end - start >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(data, start)
            if length > _MAX_FRAME_BYTES:
                self.give_up(f"a message of {length} bytes was announced")
                return
            begin = start + _LENGTH.size
            if end - begin < length:
                break
            start = begin + length
            if length:
                self._take(data[begin:start])
        self._rest += data[start:]
        # Looked at again when all of it is there: a big message comes in hundreds of pieces.
        self._needed = _LENGTH.size
        if end - start >= _LENGTH.size:
            self._needed += _LENGTH.unpack_from(data, start)[0]

    def _take(self, parcel: bytes) -> None:
        try:
            document = parcels.opened(parcel)
        except parcels.Unreadable as error:
            self.give_up(str(error))
            return
        self._bus.received(self, document)

    def beat(self) -> None:
        """Say something if nothing else was said, and notice when the other side does not."""
        self._silent_beats += 1
        if self._silent_beats > _MAX_SILENT_BEATS:
            self.give_up("nothing comes")
        elif self._held_back is None and not self._has_spoken:
            self.transport.write(_SIGN_OF_LIFE)
        self._has_spoken = False

    def forgive(self) -> None:
        """Count the silence anew: we did not listen ourselves."""
        self._silent_beats = 0

    def give_up(self, why: str) -> None:
        """End the connection at once."""
        _log.warn("the connection with {node} is given up: {why}", node=self.node or "?", why=why)
        if self.transport is not None:
            self.transport.abortConnection()

    def connectionLost(self, reason: Any = None) -> None:  # noqa: ARG002, N802 - Twisted's name
        """The connection is gone."""
        self._bus.lost(self)


class _Caller(ClientFactory):
    """Makes the one connection of a gateway to a worker."""

    noisy = False

    def __init__(self, bus: DirectBus, line: Line) -> None:
        self._bus = bus
        self._line = line

    def buildProtocol(self, addr: Any) -> Line:  # noqa: ARG002, N802 - Twisted's name
        return self._line

    def clientConnectionFailed(self, connector: Any, reason: Any) -> None:  # noqa: ARG002, N802 - Twisted's name
        self._bus.not_connected(self._line)


class _Listener(Factory):
    """Makes the connections of a worker, one for each gateway."""

    noisy = False

    def __init__(self, bus: DirectBus) -> None:
        self._bus = bus

    def buildProtocol(self, addr: Any) -> Line:  # noqa: ARG002, N802 - Twisted's name
        return self._bus.make_line()


@define(eq=False)
class DirectBus:
    """A `Bus` for the processes of one machine.

    Args:
      folder: where the sockets are; it is made, for this account alone, if it is not there.
      node_id: who we are.
      role: a worker listens, a gateway asks.
      reactor: for sockets and time.
    """

    _folder: Path
    _node_id: str
    _role: Literal["gateway", "worker"]
    _reactor: Any
    is_connected: bool = field(default=False, init=False)
    _inbox: Inbox = field(init=False)
    _waiting: Waiting = field(init=False)
    _port: Any = field(default=None, init=False)
    _lines: dict[str, Line] = field(factory=dict, init=False)  # by the node at the other end
    _nameless: set[Line] = field(factory=set, init=False)
    _beat: Any = field(default=None, init=False)
    _beat_due: float = field(default=0.0, init=False)

    def __attrs_post_init__(self) -> None:
        """Have nothing to wait for."""
        self._waiting = Waiting(self._reactor)

    def start(self, inbox: Inbox) -> Deferred[None]:
        """See `Bus`; fails with OperatorError when the folder or the socket cannot be used."""
        self._inbox = inbox
        try:
            self._prepare_folder()
            if self._role == "worker":
                self._listen()
        except OperatorError as error:
            return fail(error)
        self.is_connected = True
        self._schedule_beat()
        inbox.connected()
        return succeed(None)

    def stop(self) -> Deferred[None]:
        """See `Bus`."""
        self.is_connected = False
        if self._beat is not None:
            self._beat.cancel()
            self._beat = None
        self._waiting.fail_all(None, "this process is stopping")
        self._waiting.stop()
        lines = [*self._lines.values(), *self._nameless]
        self._lines.clear()
        self._nameless.clear()
        for line in lines:
            if line.transport is not None:
                line.transport.loseConnection()
        port, self._port = self._port, None
        stopping: Deferred[None] = maybeDeferred(port.stopListening) if port else succeed(None)
        return stopping

    def ask(self, node: str, what: str, body: Any, *, key: int = 0) -> Deferred[Any]:  # noqa: ARG002 - there is one way only
        """See `Bus`."""
        if not self.is_connected:
            return fail(Unreachable("this process is not started, or stopping"))
        number = self._waiting.next_number()
        try:
            parcel = parcels.packed([number, what, body])
        except TooBig as error:
            return fail(error)
        line = self._lines.get(node) or self._call(node)
        answered = self._waiting.add(number, node)
        line.send(parcel)
        return answered

    def tell(self, node: str, body: Any, *, key: int = 0) -> None:  # noqa: ARG002 - there is one way only
        """See `Bus`."""
        parcel = parcels.packed([body])
        line = self._lines.get(node)
        if line is not None:
            line.send(parcel)

    # What lines say.

    def make_line(self) -> Line:
        """Somebody connects, and has still to say who they are."""
        line = Line(self)
        self._nameless.add(line)
        return line

    def received(self, line: Line, document: Any) -> None:
        """A message came."""
        match document:
            case [int(number), str(what), body] if line.node and self._role == "worker":
                self._answer(line, number, what, body)
            case [int(number), dict(answer)] if self._role == "gateway":
                self._waiting.answer(number, answer)
            case [body] if self._role == "gateway":
                parcels.tell(self._inbox, line.node, body)
            case str(node) if line in self._nameless and _is_node_id(node):
                line.node = node
                self._nameless.remove(line)
                self._lines[node] = line
            case _:
                line.give_up("what came is no message")

    def lost(self, line: Line) -> None:
        """A connection has ended."""
        self._nameless.discard(line)
        if line.node and self._lines.get(line.node) is line:
            del self._lines[line.node]
            self._waiting.fail_all(line.node, f"the connection with {line.node} was lost")
            self._inbox.left(line.node)

    def not_connected(self, line: Line) -> None:
        """A worker is not there, so nothing that was to be sent was."""
        if self._lines.get(line.node) is line:
            del self._lines[line.node]
            self._waiting.fail_all(line.node, f"there is no {line.node}", Unreachable)

    def _answer(self, line: Line, number: int, what: str, body: Any) -> None:
        def give(answer: dict[str, Any]) -> None:
            if self._lines.get(line.node) is line:
                line.send(parcels.packed_answer(answer, number))

        parcels.answer(self._inbox, line.node, what, body, give)

    def _call(self, node: str) -> Line:
        line = self._lines[node] = Line(self, node)
        line.send(parcels.packed(self._node_id))
        self._reactor.connectUNIX(
            str(self._path(node)), _Caller(self, line), timeout=_CONNECT_SECONDS
        )
        return line

    def _path(self, node: str) -> Path:
        return self._folder / f"{node}.sock"

    def _prepare_folder(self) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            status = self._folder.lstat()
        except OSError as error:
            raise OperatorError(
                f"the folder {self._folder} cannot be made: {error.strerror}"
            ) from None
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
            raise OperatorError(f"{self._folder} has to be a folder of the account that runs this")
        if stat.S_IMODE(status.st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
            raise OperatorError(
                f"others than its owner may enter {self._folder}; `chmod 700 {self._folder}` "
                "ends that"
            )

    def _listen(self) -> None:
        path = self._path(self._node_id)
        if len(os.fsencode(path)) > _MAX_PATH_BYTES:
            raise OperatorError(
                f"{path} is too long for a socket: it may have {_MAX_PATH_BYTES} bytes"
            )
        name, _ = split_node_id(self._node_id)
        for old in self._folder.glob(f"{name}-*.sock"):
            # Of an earlier start that did not come to its end.
            old.unlink(missing_ok=True)
        try:
            self._port = self._reactor.listenUNIX(str(path), _Listener(self), mode=0o600)
        except internet_error.CannotListenError as error:
            raise OperatorError(f"{path} cannot be made: {error.socketError}") from None

    def _schedule_beat(self) -> None:
        self._beat_due = self._reactor.seconds() + _BEAT_SECONDS
        self._beat = self._reactor.callLater(_BEAT_SECONDS, self._on_beat)

    def _on_beat(self) -> None:
        # Who comes too late to listen has no right to complain of silence: it may be in the
        # sockets, unread.
        was_late = self._reactor.seconds() - self._beat_due > _BEAT_SECONDS
        for line in [*self._lines.values(), *self._nameless]:
            if was_late:
                line.forgive()
            line.beat()
        self._schedule_beat()


def _is_node_id(text: str) -> bool:
    try:
        split_node_id(text)
    except ValueError:
        return False
    return True
