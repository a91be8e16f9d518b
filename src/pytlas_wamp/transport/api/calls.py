"""What a request brings to the function that answers it, as a value (spec 6.9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeVar

from attrs import field, frozen

from pytlas_wamp.accounts.accounts import Grant, Origin
from pytlas_wamp.accounts.model import Account
from pytlas_wamp.errors import ClientError
from pytlas_wamp.transport.addresses import Proxies, origin_of
from pytlas_wamp.transport.api.objects import invalid, read_object
from pytlas_wamp.transport.api.preconditions import expected_revision
from pytlas_wamp.transport.endpoints import Parameters
from pytlas_wamp.transport.headers import header_value, header_values
from pytlas_wamp.transport.http import HttpRequest

T = TypeVar("T")

_WITHOUT_BODY: Final = frozenset({b"GET", b"HEAD", b"DELETE"})


@frozen(kw_only=True)
class Call:
    """A request, taken out of its connection: may be read in any thread.

    Args:
      parameters: what stands in the address for its parts in braces.
      queries: what stands behind the question mark.
      content: the body; empty for methods that have none.
      content_type: the header, or None.
      if_match: the values of that header.
      origin: where the request comes from.
      max_depth: how deep JSON may be nested.
      grant: what the caller's token allows; None where no token is asked for, or
        where it was the operator's.
    """

    parameters: Parameters
    queries: Mapping[str, list[str]]
    content: bytes = field(repr=False)
    content_type: str | None
    if_match: list[str]
    origin: Origin
    max_depth: int
    grant: Grant | None = None

    @property
    def caller(self) -> Account:
        """Who makes the call."""
        return self.granted.account

    @property
    def granted(self) -> Grant:
        """What the caller's token allows, where one is asked for."""
        assert self.grant is not None  # noqa: S101 - the door let nobody in without
        return self.grant

    def read(self, cls: type[T]) -> T:
        """Returns the JSON of the body as an attrs class; raises ClientError (see `objects`)."""
        return read_object(self.content, self.content_type, cls, max_depth=self.max_depth)

    def query(self, name: str) -> str | None:
        """Returns the value behind the question mark, None when there is none.

        Raises:
          ClientError: `invalid-request` when it is there twice.
        """
        values = self.queries.get(name, [])
        if len(values) > 1:
            raise invalid(name, "is there twice: send it once")
        return values[0] if values else None

    def expected(self, kind: str, present: int) -> int | None:
        """Returns the revision a write has to find (see `preconditions`)."""
        return expected_revision(self.if_match, kind, present)


def call_of(
    request: HttpRequest, parameters: Parameters, *, proxies: Proxies, max_depth: int
) -> Call:
    """Returns what the request brings; raises ClientError when its body is compressed."""
    headers = request.requestHeaders
    return Call(
        parameters=parameters,
        queries={
            name.decode("latin-1"): [value.decode(errors="replace") for value in values]
            for name, values in (request.args or {}).items()
        },
        content=b"" if request.method in _WITHOUT_BODY else request.body(),
        content_type=header_value(headers, "Content-Type"),
        if_match=header_values(headers, "If-Match"),
        origin=origin_of(request, proxies),
        max_depth=max_depth,
    )


def bearer_token(request: HttpRequest) -> str:
    """Returns the token out of the header, and from nowhere else (spec 6.9, RFC 6750 2.1).

    Raises:
      ClientError: `token-missing`, or `token-invalid` when the header is not as it must be.
    """
    values = header_values(request.requestHeaders, "Authorization")
    scheme, _, token = (values[0] if values else "").partition(" ")
    if scheme.lower() != "bearer":
        raise ClientError(
            "token-missing", "Sign in, and send the header Authorization: Bearer and the token."
        )
    token = token.strip()
    if len(values) > 1 or not token or len(token.split()) > 1:
        raise ClientError(
            "token-invalid", "The header Authorization has to be Bearer and one token."
        )
    return token
