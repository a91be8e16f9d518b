"""HTTP/1.1 as this server speaks it: bounded, without pages or names of Twisted.

Three classes of twisted.web are extended where it calls us: the channel (bytes of
one TCP connection), the request, and the site (their factory). What a URL means is
not decided here, but by the `Tree` the site is given.
"""

# ruff: noqa: N802 - where Twisted calls us, names are as Twisted writes them
# mypy: allow-untyped-calls

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus
from io import BytesIO
from typing import Any, Final, Protocol
from urllib.parse import unquote_to_bytes

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.http import HTTPChannel
from twisted.web.http_headers import Headers
from twisted.web.server import Request, Site

from pytlas_wamp.errors import ClientError
from pytlas_wamp.transport.headers import (
    Origins,
    header_value,
    is_preflight,
    preflight,
    standing_headers,
)
from pytlas_wamp.transport.problems import internal_error, problem, refusal
from pytlas_wamp.transport.replies import Reply

# How long a refused connection stays open for reading. Closing at once would reset it
# while the peer still sends, and the reset may overtake our answer (RFC 9112 9.6).
LINGER_SECONDS: Final = 2.0

_ABSOLUTE = re.compile(rb"https?://[^/?#]*", re.IGNORECASE)


def reason(status: int) -> bytes:
    """The phrase beside a status; Twisted does not know all that we send."""
    return HTTPStatus(status).phrase.encode("ascii")


class Tree(Protocol):
    """What the URLs mean."""

    def render(self, request: HttpRequest) -> None:
        """Answer the request, now or later, by its `reply` or `respond`."""


class HttpChannel(HTTPChannel):
    """One connection; refuses what it cannot read with a problem document.

    A whole request has to come within the site's timeout after its first byte; as
    long may a connection be idle. (Twisted alone starts anew with every byte.)
    """

    site: HttpSite
    _refused = False
    _request_begun = False

    def refuse(self, reply: Reply, request_headers: Headers | None = None) -> None:
        """Answer outside of the usual order of a request, and read nothing any more."""
        if self._refused:
            return
        self._refused = True
        headers = self.site.standing_headers(request_headers or Headers())
        headers.setRawHeaders("Connection", ["close"])
        for name, value in reply.fields().items():
            headers.setRawHeaders(name, [value])
        self.writeHeaders(b"HTTP/1.1", b"%d" % reply.status, reason(reply.status), headers)
        self.write(reply.body)
        self.setTimeout(LINGER_SECONDS)

    def dataReceived(self, data: bytes) -> None:
        """Take bytes off the network."""
        if not self._refused:
            super().dataReceived(data)

    def resetTimeout(self) -> None:
        """Start the time of a request, once."""
        if not self._request_begun:
            self._request_begun = True
            super().resetTimeout()

    def requestDone(self, request: Request) -> None:
        """Go on with the next request."""
        self._request_begun = False
        super().requestDone(request)

    def lineReceived(self, line: bytes) -> None:
        """Take a line of the head."""
        if not self._refused:
            super().lineReceived(line)

    def lineLengthExceeded(self, line: bytes) -> None:  # noqa: ARG002 - Twisted's signature
        """Refuse a head of one endless line."""
        self._respondToBadRequestAndDisconnect()

    def headerReceived(self, line: bytes) -> bool:
        """Take a header; false when it is none."""
        try:
            return bool(super().headerReceived(line))
        except ValueError:  # Content-Length with more digits than int() takes
            self._respondToBadRequestAndDisconnect()
            return False

    def rawDataReceived(self, data: bytes) -> None:
        """Take a part of the body."""
        if not self._refused:
            super().rawDataReceived(data)

    def allContentReceived(self) -> None:
        """Serve the request that has come in whole."""
        if not self._refused:
            super().allContentReceived()

    # Twisted has no public name for this. Under another one its bare "400 Bad Request"
    # would come back, and the tests would see it.
    def _respondToBadRequestAndDisconnect(self) -> None:
        self.refuse(problem("invalid-request", "This is not a valid HTTP/1.1 request."))


class HttpRequest(Request):
    """One request, with its body in memory, and its answer."""

    channel: Any
    site: HttpSite
    segments: list[bytes]
    _log = Logger()

    def gotLength(self, length: int | None) -> None:
        """Refuse a body that is announced too large; called before any of it is read."""
        self.content = BytesIO()
        if length is not None and length > self.channel.site.max_body_bytes:
            self._refuse_body()

    def handleContentChunk(self, data: bytes) -> None:
        """Keep a part of the body, unless the whole is getting too large."""
        assert self.content is not None  # noqa: S101 - gotLength came before
        if self.content.tell() + len(data) > self.channel.site.max_body_bytes:
            self._refuse_body()
        else:
            self.content.write(data)

    def _refuse_body(self) -> None:
        # Nobody shall be told to continue after having been refused.
        self.requestHeaders.removeHeader(b"Expect")
        most = self.channel.site.max_body_bytes
        reply = problem("payload-too-large", f"The body may have {most} bytes at most.")
        self.channel.refuse(reply, self.requestHeaders)

    def body(self) -> bytes:
        """Returns the whole body.

        Raises:
          ClientError: `unsupported-media-type` when it is compressed.
        """
        coding = header_value(self.requestHeaders, "Content-Encoding") or "identity"
        if coding.lower() != "identity":
            raise ClientError("unsupported-media-type", "The body has to come uncompressed.")
        assert self.content is not None  # noqa: S101 - gotLength came before
        return self.content.read()

    def process(self) -> None:
        """Answer the request, which has come in whole."""
        self.site = self.channel.site
        self.segments = _segments(self.path)
        try:
            if is_preflight(self.method, self.requestHeaders):
                self.reply(preflight())
            else:
                self.site.tree.render(self)
        except Exception:  # noqa: BLE001 - whatever it is, the peer gets a 500 and the log the rest
            self.processingFailed(Failure())

    def respond(self, work: Callable[[HttpRequest], Reply | Deferred[Reply]]) -> None:
        """Answer with what `work` returns, or with the refusal its error stands for.

        A peer that is gone by then is not an error.
        """
        gone: list[Failure] = []
        self.notifyFinish().addErrback(gone.append)

        def deliver(reply: Reply) -> None:
            if not gone:
                self.reply(reply)

        promise: Callable[[HttpRequest], Any] = work  # maybeDeferred takes either kind
        answer: Deferred[Reply] = maybeDeferred(promise, self)
        answer.addErrback(refusal).addCallback(deliver).addErrback(self.processingFailed)

    def reply(self, reply: Reply) -> None:
        """Write the answer and be done."""
        self.setResponseCode(reply.status, reason(reply.status))
        # Not before: a request that becomes a WebSocket has no use for them.
        self.responseHeaders = self.site.standing_headers(self.requestHeaders)
        for name, value in reply.fields().items():
            if name == "Vary":  # it varies with what every answer varies with, too
                self.responseHeaders.addRawHeader(name, value)
            else:
                self.setHeader(name, value)
        self.write(reply.body)
        self.finish()

    def processingFailed(self, reason: Failure) -> None:
        """Log a fault of ours; the peer gets a 500 that does not say more."""
        self._log.failure("An HTTP request failed.", failure=reason)
        if self.channel is None or self.channel.transport is None:
            return  # the peer is gone, or the connection is a WebSocket by now
        if self.startedWriting:
            self.channel.loseConnection()
        else:
            self.reply(internal_error())


class HttpSite(Site):
    """Makes a channel for each connection.

    Args:
      tree: what the URLs mean.
      reactor: for the timeouts.
      max_body_bytes: of one request.
      origins: the web pages that may read answers.
      timeout_seconds: for a request to come in, and for a connection to be idle.
      access_log: whether requests are written to Twisted's log.
    """

    # The one Twisted has would switch to HTTP/2 where h2 is installed, in which a
    # connection cannot become a WebSocket.
    protocol: Any = HttpChannel

    def __init__(
        self,
        tree: Tree,
        *,
        reactor: IReactorTime,
        max_body_bytes: int,
        origins: Origins,
        timeout_seconds: float,
        access_log: bool,
    ) -> None:
        super().__init__(
            tree,
            requestFactory=HttpRequest,
            reactor=reactor,
            timeout=timeout_seconds,
            parsePOSTFormSubmission=False,
        )
        self.tree = tree
        self.max_body_bytes = max_body_bytes
        self._origins = origins
        self._access_log = access_log

    def standing_headers(self, request_headers: Headers) -> Headers:
        """Returns what every answer carries."""
        return standing_headers(request_headers, self._origins)

    def startFactory(self) -> None:
        """Begin the access log, if there is to be one."""
        if self._access_log:
            super().startFactory()

    def acceptableProtocols(self) -> list[bytes]:
        """Returns what may be agreed on in a TLS handshake."""
        return [b"http/1.1"]


def _segments(path: bytes) -> list[bytes]:
    absolute = _ABSOLUTE.match(path)
    if absolute is not None:  # must be understood (RFC 9112 3.2.2)
        path = path[absolute.end() :] or b"/"
    if not path.startswith(b"/"):
        return [b"", path]  # the `*` of OPTIONS, or nothing we have
    # Decoded after splitting: an encoded slash never makes another segment.
    return [unquote_to_bytes(segment) for segment in path[1:].split(b"/")]
