"""Signing in, and changing a refresh token for a fresh pair, over HTTP (spec 6).

No proxy of the environment is used, as none is for the WebSocket.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any, Final, Protocol

from attrs import field, frozen

from pytlas_wamp.chat.addresses import Address
from pytlas_wamp.chat.problems import ChatProblem, Refused, Unreachable

TIMEOUT_SECONDS: Final = 10.0

# Two tokens or a problem; whoever sends more is another kind of server.
_MAX_ANSWER_BYTES: Final = 65536

_OK: Final = 200
_REDIRECTS: Final = range(300, 400)
_UNAUTHORIZED: Final = 401
_SERVER_ERRORS: Final = range(500, 600)


@frozen(kw_only=True)
class Tokens:
    """What signing in yields.

    Args:
      access: opens connections.
      refresh: buys the next pair, once.
      expires_in: seconds the access token has left, None when the server did not tell.
    """

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_in: float | None = None


class TokenSource(Protocol):
    """Where tokens come from.

    Both methods raise Refused when these credentials are no good, and another
    ChatProblem when the server cannot be asked.
    """

    async def sign_in(self, name: str, password: str, /) -> Tokens:
        """Returns a pair for a name and a password (spec 6.1)."""

    async def refresh(self, refresh: str, /) -> Tokens:
        """Returns a fresh pair; the old refresh token is spent (spec 6.2)."""


@frozen(kw_only=True)
class HttpReply:
    """An HTTP answer, whatever its status."""

    status: int
    body: bytes
    location: str = ""


Post = Callable[[str, dict[str, str]], HttpReply]


@frozen(kw_only=True)
class HttpTokens:
    """A TokenSource that asks the server.

    Args:
      address: of the server.
      post: sends a JSON object to an address; blocks, so it is called in a thread.
      client: by which the person knows this login among their others (spec 6.1).
    """

    address: Address
    post: Post
    client: str = "pytlas-wamp chat"

    async def sign_in(self, name: str, password: str) -> Tokens:
        """Returns a pair for a name and a password (spec 6.1)."""
        fields = {"username": name, "password": password, "client": self.client}
        return await self._pair("/api/token", fields, refusal=_refused_person)

    async def refresh(self, refresh: str) -> Tokens:
        """Returns a fresh pair; the old refresh token is spent (spec 6.2)."""
        return await self._pair("/api/token/refresh", {"refresh": refresh}, refusal=_refused_token)

    async def _pair(
        self, path: str, fields: dict[str, str], *, refusal: Callable[[str, str], Refused]
    ) -> Tokens:
        reply = await asyncio.to_thread(self.post, self.address.http + path, fields)
        document = _document(reply)
        if reply.status != _OK:
            raise self._problem(reply, document, refusal)
        access, refresh = document.get("access"), document.get("refresh")
        if not isinstance(access, str) or not isinstance(refresh, str):
            raise ChatProblem("not-ours", url=self.address.http, detail="HTTP 200")
        return Tokens(access=access, refresh=refresh, expires_in=await self._lifetime(access))

    async def _lifetime(self, access: str) -> float | None:
        """Asks, because what is in a token is the server's own matter (spec 6.1)."""
        url = self.address.http + "/api/token/verify"
        try:
            reply = await asyncio.to_thread(self.post, url, {"token": access})
        except ChatProblem:
            return None
        seconds = _document(reply).get("expires_in")
        return float(seconds) if isinstance(seconds, int | float) else None

    def _problem(
        self,
        reply: HttpReply,
        document: dict[str, Any],
        refusal: Callable[[str, str], Refused],
    ) -> ChatProblem:
        url, status = self.address.http, f"HTTP {reply.status}"
        code, detail = document.get("code"), document.get("detail")
        if reply.status in _REDIRECTS:
            return ChatProblem("moved", url=url, target=reply.location or "?")
        if reply.status in _SERVER_ERRORS:
            return Unreachable("server-trouble", url=url, detail=detail or status)
        if not isinstance(code, str):
            return ChatProblem("not-ours", url=url, detail=status)
        if reply.status == _UNAUTHORIZED:
            return refusal(code, str(detail))
        return ChatProblem("refused", detail=detail or code)


def _refused_person(code: str, detail: str) -> Refused:
    if code == "authentication-failed":
        return Refused("wrong-password")
    return Refused("refused", detail=detail)


def _refused_token(_code: str, detail: str) -> Refused:
    return Refused("token-refused", detail=detail)


def _document(reply: HttpReply) -> dict[str, Any]:
    try:
        document = json.loads(reply.body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A password goes where it was meant to go, and nowhere else."""

    def redirect_request(self, *_: object) -> None:
        return None


def make_opener() -> urllib.request.OpenerDirector:
    """Returns what opens addresses: no proxy, no redirects, certificates checked."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects())


@frozen(kw_only=True)
class UrllibPost:
    """A Post by the standard library.

    Args:
      opener: opens a request, as `make_opener` returns it.
      timeout: in seconds, for each step of the exchange.
    """

    opener: urllib.request.OpenerDirector
    timeout: float = TIMEOUT_SECONDS

    def __call__(self, url: str, fields: dict[str, str]) -> HttpReply:
        """Returns the server's answer, whatever its status.

        Raises:
          ChatProblem: there was none.
        """
        request = urllib.request.Request(  # noqa: S310 - an Address is http or https
            url,
            data=json.dumps(fields).encode("ascii"),
            headers={"Content-Type": "application/json", "Accept": "application/json"},
        )
        try:
            return self._exchange(request)
        except urllib.error.URLError as error:
            reason = error.reason
            raise self._explain(url, reason if isinstance(reason, Exception) else error) from None
        except (OSError, http.client.HTTPException) as error:
            raise self._explain(url, error) from None

    def _exchange(self, request: urllib.request.Request) -> HttpReply:
        try:
            answer = self.opener.open(request, timeout=self.timeout)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return HttpReply(
                status=answer.status,
                body=answer.read(_MAX_ANSWER_BYTES),
                location=answer.headers.get("Location", ""),
            )

    def _explain(self, url: str, error: Exception) -> ChatProblem:
        # A person typed the server's address, and would not know the rest.
        server = url.partition("/api/token")[0]
        if isinstance(error, TimeoutError):
            return Unreachable("timeout", url=server, seconds=int(self.timeout))
        return explain(server, error)


def explain(url: str, error: Exception) -> ChatProblem:
    """Returns the sentence for a connection that failed below HTTP and WebSocket."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return ChatProblem("tls", url=url, detail=error.verify_message)
    if isinstance(error, ssl.SSLError):
        return Unreachable("tls-expected", url=url, detail=getattr(error, "reason", "") or error)
    if isinstance(error, http.client.HTTPException):
        return ChatProblem("not-ours", url=url, detail=type(error).__name__)
    detail = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return Unreachable("unreachable", url=url, detail=detail)
