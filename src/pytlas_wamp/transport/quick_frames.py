"""Autobahn without what it does for nobody: the same for a tenth of the time of a message.

Most of what Autobahn does for a message of a hundred bytes is of no use here: arguments of
debug lines that nobody reads are coloured and put together, a fragment is prepared for and
a signal fired to which nobody listens, and octets are counted that nobody asks for. What is
taken instead of it is narrow: whole text frames that are valid in every respect and came in
one piece, and text frames that are sent. Everything else (fragments, control frames, what
is too long, what breaks a rule) goes to Autobahn untouched, which so decides about every
close, code and reason. And of the ten kilobytes that a handshake leaves with a connection,
those go that nobody looks at any more.

That needs to know what Autobahn keeps in which attribute. So `ServerProtocol` is Autobahn's
own where its methods are not, letter by letter, those that this was written against.
"""

# ruff: noqa: N802, N815 - what is Autobahn's has its names

from __future__ import annotations

import hashlib
import inspect
import sys
from collections import deque
from collections.abc import Callable
from pprint import pformat
from typing import Any, Final

from autobahn.twisted import websocket as twisted_side
from autobahn.twisted.websocket import WebSocketServerProtocol
from autobahn.util import hltype, hlval
from autobahn.websocket import USES_NVX
from autobahn.websocket import protocol as common_side
from autobahn.websocket.protocol import WebSocketProtocol

_WHOLE_TEXT: Final = 0x81
_MASKED: Final = 0x80
_SHORT: Final = 126
_LONG: Final = 65_536
# What is longer is unmasked sooner by Autobahn's C, where there is any.
_LONGEST_UNMASKED_HERE: Final = 1_000 if USES_NVX else sys.maxsize
_SHORT_HEADS: Final = tuple(bytes((_WHOLE_TEXT, size)) for size in range(_SHORT))


_NO_SUCH: Final = object()
_NO: Any = False
_NONE: Any = None
_NOUGHT: Any = 0
NO_QUEUE: Any = ()
# What the handshake leaves behind; nothing of it is looked at by anybody once it is done.
_OF_THE_HANDSHAKE: Final = frozenset({
    "_wskey", "http_headers", "http_request_data", "http_request_host", "http_request_params",
    "http_request_path", "http_request_uri", "http_response_data", "http_status_line",
    "websocket_extensions", "websocket_origin", "websocket_protocols",
})  # fmt: skip


class _Nobody:
    """A Deferred for which nobody waits; Autobahn makes two of them for each connection."""

    callbacks = ()

    def callback(self, _: object) -> None:
        """Tell nobody."""


NOBODY: Final = _Nobody()


class QuickServerProtocol(WebSocketServerProtocol):
    """A WebSocket of a server; what it calls and writes is what Autobahn's would."""

    # What a connection begins with has to be kept only where it becomes something else.
    triggered = _NO
    send_queue: Any
    wasMaxFramePayloadSizeExceeded = wasMaxMessagePayloadSizeExceeded = _NO
    closedByMe = failedByMe = droppedByMe = wasClean = _NO
    wasServerConnectionDropTimeout = wasOpenHandshakeTimeout = wasCloseHandshakeTimeout = _NO
    wasServingFlashSocketPolicyFile = inside_message = _NO
    wasNotCleanReason = localCloseCode = localCloseReason = _NONE
    remoteCloseCode = remoteCloseReason = _NONE
    openHandshakeTimeoutCall = closeHandshakeTimeoutCall = _NONE
    autoPingTimeoutCall = autoPingPending = autoPingPendingSent = _NONE
    current_frame = trackedTimings = _perMessageCompress = websocket_protocol_in_use = _NONE
    autoPingPendingSeq = send_state = _NOUGHT
    data: bytes = b""

    # Whether an option is set under which more is to be done than is done here.
    _is_plain = False

    def _onOpen(self) -> None:
        self._see_what_is_plain()
        self._forget_handshake()
        self._opened()

    def _see_what_is_plain(self) -> None:
        self._is_plain = self.applyMask and not (
            self.maskServerFrames or self.logFrames or self.logOctets
        )

    def _opened(self) -> None:
        super()._onOpen()

    def _forget_handshake(self) -> None:
        """Keep a third of the memory: what is as the class has it, or of no more use, goes."""
        self.send_queue = self.send_queue or NO_QUEUE
        for name in ("is_open", "is_closed"):
            if not getattr(self, name).callbacks:
                setattr(self, name, NOBODY)
        # A new one, since a dictionary never gets smaller.
        self.__dict__ = {
            name: value
            for name, value in vars(self).items()
            if name not in _OF_THE_HANDSHAKE and getattr(type(self), name, _NO_SUCH) is not value
        }

    def sendData(self, data: bytes, sync: bool = False, chopsize: int | None = None) -> None:  # noqa: FBT001, FBT002 - Autobahn's
        """Write bytes."""
        if (sync or chopsize) and self.send_queue is NO_QUEUE:
            self.send_queue = deque()
        super().sendData(data, sync, chopsize)

    def dataReceived(self, data: bytes) -> None:
        """Take bytes off the network."""
        self._dataReceived(data)

    def processData(self) -> bool:
        """Take a frame from the front of what has come; says whether there may be another."""
        payload = self._whole_text()
        if payload is None:
            return bool(super().processData())
        if self.autoPingTimeoutCall and self.autoPingRestartOnAnyTraffic:
            self._cancelAutoPingTimeoutCall()
        self.onMessage(payload, False)  # noqa: FBT003 - as Autobahn calls it
        return len(self.data) > 0

    def _whole_text(self) -> bytes | None:
        """Cut a whole and valid text frame off what has come; None if there is none."""
        data = self.data
        if (
            len(data) < 6  # noqa: PLR2004 - two bytes and a mask
            or data[0] != _WHOLE_TEXT
            or self.current_frame is not None
            or self.inside_message
            or self.failedByMe
            or not self._is_plain
            or self._listeners
            or self.trackedTimings
        ):
            return None
        size, start = data[1] ^ _MASKED, 6
        if size == _SHORT:
            size, start = int.from_bytes(data[2:4], "big"), 8
            if size < _SHORT:
                return None
        elif size > _SHORT:
            return None
        end = start + size
        if (
            end > len(data)
            or 0 < self.maxFramePayloadSize < size
            or 0 < self.maxMessagePayloadSize < size
        ):
            return None
        payload = _unmasked(data[start - 4 : start], data[start:end])
        if not _is_utf8(payload):
            return None
        self.data = data[end:]
        return payload

    def sendFrame(self, opcode: int, payload: bytes = b"", **more: Any) -> None:
        """Write a frame."""
        if opcode != 1 or more or self.send_queue or not self._is_plain:
            super().sendFrame(opcode, payload, **more)
        else:
            self.transport.write(_head(len(payload)) + payload)


def _unmasked(mask: bytes, payload: bytes) -> bytes:
    size = len(payload)
    if size > _LONGEST_UNMASKED_HERE:
        unmasked: bytes = common_side.create_xor_masker(mask, size).process(payload)
        return unmasked
    key = (mask * (size // 4 + 1))[:size]
    number = int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")
    return number.to_bytes(size, "big")


def _is_utf8(payload: bytes) -> bool:
    if payload.isascii():
        return True
    try:
        payload.decode()
    except UnicodeDecodeError:
        return False
    return True


def _head(size: int) -> bytes:
    """The first bytes of a text frame that is whole and not masked."""
    if size < _SHORT:
        return _SHORT_HEADS[size]
    if size < _LONG:
        return b"\x81\x7e" + size.to_bytes(2, "big")
    return b"\x81\x7f" + size.to_bytes(8, "big")


# The methods whose work is done here, those in which `pformat`, `hltype` and `hlval` are
# called, and the digest of the source of all of them (Autobahn 26.10.2).
_REPLACED: Final = (
    "_dataReceived", "consumeData", "processData",
    "onFrameBegin", "onFrameData", "onFrameEnd",
    "onMessageBegin", "onMessageFrameBegin", "onMessageFrameData", "onMessageFrameEnd",
    "onMessageFrame", "onMessageEnd", "sendFrame", "sendData", "_connectionMade",
    "__init__", "_send", "_trigger", "_connectionLost", "dropConnection",
)  # fmt: skip
_DIGEST: Final = "e6f238ebc55f49c77abc4a6685028012"


_OF_THE_SERVER: Final = (
    "onConnect", "_connectionMade", "_connectionLost", "processHandshake",
    "connectionMade", "connectionLost", "dataReceived",
)  # fmt: skip


def source_digest() -> str:
    """What the methods look like that are replaced; empty when there is no source."""
    try:
        source = "".join(
            inspect.getsource(getattr(owner, one))
            for owner, names in (
                (WebSocketProtocol, _REPLACED),
                (WebSocketServerProtocol, _OF_THE_SERVER),
            )
            for one in names
        )
    except (AttributeError, OSError):
        return ""
    return hashlib.sha256(source.encode()).hexdigest()[:32]


class _Shown:
    """Something as a debug line shows it, if anybody looks."""

    __slots__ = ("_show", "_value")

    def __init__(self, show: Callable[[Any], str], value: Any) -> None:
        self._show = show
        self._value = value

    def __str__(self) -> str:
        return self._show(self._value)


def pformat_lazily(value: Any) -> Any:
    """What Autobahn gets for `pprint.pformat`, whose result it mostly throws away.

    Returns:
      for a list, which only a debug line has, something that becomes the text; else the text.
    """
    return _Shown(pformat, value) if isinstance(value, list) else pformat(value)


def hltype_lazily(value: Any) -> Any:
    """What Autobahn gets for its `hltype`, by which debug lines name a method in colours."""
    return _Shown(hltype, value)


def hlval_lazily(value: Any) -> Any:
    """What Autobahn gets for its `hlval`, by which debug lines show a value in colours."""
    return _Shown(hlval, value)


def choose_protocol(digest: str) -> type[Any]:
    """Returns the protocol for an Autobahn whose methods have this digest."""
    if digest != _DIGEST:
        return WebSocketServerProtocol
    common_side.pformat = pformat_lazily
    for side in (common_side, twisted_side):
        side.hltype = hltype_lazily
        side.hlval = hlval_lazily
    return QuickServerProtocol


ServerProtocol: Final = choose_protocol(source_digest())
