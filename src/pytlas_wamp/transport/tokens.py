"""`/api/token` and below: signing in, and what can be done with a token (spec 6.1 to 6.4)."""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve, frozen

from pytlas_wamp.accounts.accounts import Accounts, Origin
from pytlas_wamp.accounts.tokens import TokenPair
from pytlas_wamp.transport.api.calls import Call
from pytlas_wamp.transport.api.doors import Access, Doors, Routes
from pytlas_wamp.transport.api.logins import MAX_CLIENT_CHARACTERS
from pytlas_wamp.transport.api.objects import invalid
from pytlas_wamp.transport.bodies import read_fields
from pytlas_wamp.transport.replies import Reply, json_reply, no_content


@frozen(kw_only=True)
class TokenEndpoints:
    """The functions behind `/api/token`, for which nobody needs a token of their own.

    Unlike the rest of the API they take forms, too, and ignore fields they do not know,
    as the original does.

    Args:
      doors: lets everybody in here.
      accounts: issues and checks tokens; blocks.
      now: returns seconds since the epoch.
    """

    doors: Doors
    accounts: Accounts
    now: Callable[[], float]

    def routes(self) -> Routes:
        """Returns each path with what it does."""
        answers = {
            "/api/token/refresh": self._refresh,
            "/api/token/verify": self._verify,
            "/api/token/revoke": self._revoke,
        }
        return {
            "/api/token": self.doors.blocking(
                Access.ANYBODY, {"POST": self._sign_in}, hashing=True
            ),
            **{
                path: self.doors.blocking(Access.ANYBODY, {"POST": answer})
                for path, answer in answers.items()
            },
        }

    def _sign_in(self, call: Call) -> Reply:
        name, password, client = _fields(call, "username", "password", optional=("client",))
        return _pair(self.accounts.sign_in(name, password, _named(call.origin, client)))

    def _refresh(self, call: Call) -> Reply:
        (token,) = _fields(call, "refresh")
        return _pair(self.accounts.refresh(token, call.origin))

    def _verify(self, call: Call) -> Reply:
        (token,) = _fields(call, "token")
        claims = self.accounts.verify(token)
        return json_reply(
            {
                "token_type": claims.kind,
                "user_id": claims.user_id,
                "expires_in": max(0, int(claims.expires_at - self.now())),
            }
        )

    def _revoke(self, call: Call) -> Reply:
        (token,) = _fields(call, "token")
        self.accounts.revoke(token)
        return no_content()


def _fields(call: Call, *names: str, optional: tuple[str, ...] = ()) -> tuple[str, ...]:
    return read_fields(
        call.content, call.content_type, names, optional=optional, max_depth=call.max_depth
    )


def _named(origin: Origin, client: str) -> Origin:
    if len(client) > MAX_CLIENT_CHARACTERS:
        raise invalid("client", f"may be {MAX_CLIENT_CHARACTERS} characters long at most")
    return evolve(origin, client=client.strip() or origin.client)


def _pair(tokens: TokenPair) -> Reply:
    return json_reply({"refresh": tokens.refresh, "access": tokens.access})
