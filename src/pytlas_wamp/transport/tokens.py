"""`/api/token` and below: signing in, and what can be done with a token.

Everything that asks the accounts blocks (database, hashing), and so it goes through
`run`, which calls it in another thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from attrs import frozen
from twisted.internet.defer import Deferred

from pytlas_wamp.limits import Limits
from pytlas_wamp.transport.bodies import read_fields
from pytlas_wamp.transport.endpoints import Methods
from pytlas_wamp.transport.headers import header_value
from pytlas_wamp.transport.http import HttpRequest
from pytlas_wamp.transport.replies import Reply, json_reply, no_content

Run = Callable[..., Deferred[Any]]


class Pair(Protocol):
    """The two tokens a person gets."""

    @property
    def access(self) -> str:
        """Opens connections."""

    @property
    def refresh(self) -> str:
        """Buys the next pair."""


class Verified(Protocol):
    """What an accepted token says."""

    @property
    def kind(self) -> str:
        """Is "access" or "refresh"."""

    @property
    def user_id(self) -> int:
        """Whose it is."""

    @property
    def expires_at(self) -> int:
        """When it ends, in seconds since the epoch."""


class TokenAuthority(Protocol):
    """Who issues and checks tokens.

    Every method blocks and is called in another thread. What the peer did wrong is
    a ClientError with a code of spec/errors.json, what is out of order an OperatorError.
    """

    def sign_in(self, name: str, password: str, /) -> Pair:
        """Returns a new pair for the person with this name and password."""

    def refresh(self, refresh_token: str, /) -> Pair:
        """Returns a new pair for a refresh token, which ends."""

    def verify(self, token: str, /) -> Verified:
        """Returns what a token of either kind says."""

    def revoke(self, token: str, /) -> None:
        """Ends a token of either kind."""


@frozen(kw_only=True)
class TokenEndpoints:
    """The functions behind `/api/token`.

    Args:
      accounts: does it.
      run: calls a function with arguments in another thread; fires with what it returns.
      now: returns seconds since the epoch.
      limits: how deep JSON may be nested; the size of a body is the site's matter.
    """

    accounts: TokenAuthority
    run: Run
    now: Callable[[], float]
    limits: Limits

    def routes(self) -> Mapping[str, Methods]:
        """Returns each path with what it does."""
        return {
            "/api/token": Methods({"POST": self._sign_in}),
            "/api/token/refresh": Methods({"POST": self._refresh}),
            "/api/token/verify": Methods({"POST": self._verify}),
            "/api/token/revoke": Methods({"POST": self._revoke}),
        }

    def _sign_in(self, request: HttpRequest) -> Deferred[Reply]:
        name, password = self._fields(request, "username", "password")
        return self.run(self.accounts.sign_in, name, password).addCallback(_pair)

    def _refresh(self, request: HttpRequest) -> Deferred[Reply]:
        (token,) = self._fields(request, "refresh")
        return self.run(self.accounts.refresh, token).addCallback(_pair)

    def _verify(self, request: HttpRequest) -> Deferred[Reply]:
        (token,) = self._fields(request, "token")
        return self.run(self.accounts.verify, token).addCallback(self._verified)

    def _revoke(self, request: HttpRequest) -> Deferred[Reply]:
        (token,) = self._fields(request, "token")
        return self.run(self.accounts.revoke, token).addCallback(lambda _: no_content())

    def _fields(self, request: HttpRequest, *names: str) -> tuple[str, ...]:
        return read_fields(
            request.body(),
            header_value(request.requestHeaders, "Content-Type"),
            names,
            max_depth=self.limits.max_depth,
        )

    def _verified(self, claims: Verified) -> Reply:
        return json_reply(
            {
                "token_type": claims.kind,
                "user_id": claims.user_id,
                "expires_in": max(0, int(claims.expires_at - self.now())),
            }
        )


def _pair(tokens: Pair) -> Reply:
    return json_reply({"refresh": tokens.refresh, "access": tokens.access})
