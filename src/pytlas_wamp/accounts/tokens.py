"""Signs and reads tokens: JWT, HS256, with the claims of the original server.

A token of the original, signed with the same secret, is accepted (spec 5).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Literal

import jwt
from attrs import field, frozen

from pytlas_wamp.errors import ClientError, OperatorError

if TYPE_CHECKING:
    from jwt.types import Options

TokenKind = Literal["access", "refresh"]

ALGORITHM: Final = "HS256"

MAX_TOKEN_CHARACTERS = 4096  # ours have about 230; room for claims of later versions

# An HMAC key is filled up with zeros to 64 bytes anyway (RFC 2104), so doing a part of that
# here gives the same signatures, and PyJWT does not warn about short ones. Whether a secret
# is long enough is told the operator where the configuration is read.
_UNWARNED_KEY_BYTES = 32

# Each is checked below, by our clock and to our rules.
_OPTIONS: Final[Options] = {
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}

_NOT_A_KEY = (
    "The secret for tokens is empty or a key of another kind: "
    "use a random text of at least 32 characters."
)

_LAST_SECOND = 253_402_300_799  # the end of the year 9999: a later `exp` is a mistake
_LAST_ID = 2**63 - 1  # what a database holds

_ID = re.compile(r"[0-9]{1,19}")
_TOKEN_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")


@frozen(kw_only=True)
class TokenPair:
    """What a person gets who signs in; kept out of every log.

    Args:
      access: opens connections and the API.
      refresh: buys the next pair, once.
    """

    access: str = field(repr=False)
    refresh: str = field(repr=False)


@frozen(kw_only=True)
class Claims:
    """What a token says that was signed with our secret.

    Args:
      kind: "access" or "refresh".
      user_id: whose it is.
      token_id: by which it can be revoked.
      expires_at: seconds since the epoch.
    """

    kind: TokenKind
    user_id: int
    token_id: str
    expires_at: int


@frozen
class Tokens:
    """Issues and reads tokens; safe to use from any thread.

    Args:
      secret: signs every token; who knows it can be anybody.
      now: returns seconds since the epoch.
      make_id: returns a new id, 32 hexadecimal digits that nobody can guess.
      access_lifetime_seconds: how long an access token is good.
      refresh_lifetime_seconds: how long a refresh token is good.
      leeway_seconds: for how long after its end a token is still accepted.

    Raises:
      OperatorError: when nothing can be signed with the secret.
    """

    _secret: str = field(repr=False)
    _now: Callable[[], float]
    _make_id: Callable[[], str]
    _access_lifetime_seconds: int
    _refresh_lifetime_seconds: int
    _leeway_seconds: int = 0
    _key: bytes = field(init=False, repr=False)

    @_key.default
    def _padded(self) -> bytes:
        try:
            key = self._secret.encode().ljust(_UNWARNED_KEY_BYTES, b"\0")
            jwt.encode({}, key, algorithm=ALGORITHM)
        except (jwt.InvalidKeyError, UnicodeEncodeError) as error:
            raise OperatorError(_NOT_A_KEY) from error
        if not self._secret:
            raise OperatorError(_NOT_A_KEY)
        return key

    def issue(self, user_id: int) -> TokenPair:
        """Returns a new pair for this person."""
        return TokenPair(
            access=self._signed("access", user_id, self._access_lifetime_seconds),
            refresh=self._signed("refresh", user_id, self._refresh_lifetime_seconds),
        )

    def read(self, token: object, kind: TokenKind | None, *, expired_too: bool = False) -> Claims:
        """Returns what the token says.

        Args:
          token: as the peer sent it, of whatever type.
          kind: what it has to be; None accepts both.
          expired_too: accept it also when its time is over.

        Raises:
          ClientError: `token-invalid` or `token-expired`; the detail says what is wrong.
        """
        claims = _claims(self._payload(token))
        if kind is not None and claims.kind != kind:
            raise _invalid(f"This is a token of type {claims.kind}, but {kind} is needed.")
        if not expired_too and claims.expires_at <= self.accepted_after():
            raise ClientError("token-expired", "The token has expired: sign in again.")
        return claims

    def accepted_after(self) -> int:
        """Returns the second since the epoch after which a token has to end to be accepted now."""
        return int(self._now() // 1) - self._leeway_seconds

    def _signed(self, kind: TokenKind, user_id: int, lifetime_seconds: int) -> str:
        claims = {
            "token_type": kind,
            "exp": int(self._now()) + lifetime_seconds,
            "jti": self._make_id(),
            "user_id": user_id,
        }
        return jwt.encode(claims, self._key, algorithm=ALGORITHM)

    def _payload(self, token: object) -> dict[str, Any]:
        if not isinstance(token, str) or not token:
            raise _invalid("The token has to be a text that is not empty.")
        if len(token) > MAX_TOKEN_CHARACTERS:
            raise _invalid(f"The token is longer than {MAX_TOKEN_CHARACTERS} characters.")
        try:
            return jwt.decode(token, self._key, algorithms=[ALGORITHM], options=_OPTIONS)
        except jwt.InvalidSignatureError as error:
            raise _invalid("The token's signature is not ours.") from error
        except jwt.InvalidAlgorithmError as error:
            raise _invalid(f"The token is not signed with {ALGORITHM}.") from error
        except (jwt.PyJWTError, ValueError, RecursionError) as error:
            raise _invalid("This is not a token: three parts with dots between.") from error


def _claims(payload: dict[str, Any]) -> Claims:
    return Claims(
        kind=_kind(payload.get("token_type")),
        user_id=_user_id(payload.get("user_id")),
        token_id=_token_id(payload.get("jti")),
        expires_at=_expires_at(payload.get("exp")),
    )


def _kind(claim: object) -> TokenKind:
    if claim == "access":
        return "access"
    if claim == "refresh":
        return "refresh"
    raise _invalid("The token has no token_type: it has to be access or refresh.")


def _user_id(claim: object) -> int:
    # The original accepts digits in a text, so somebody may have made such tokens.
    if isinstance(claim, str) and _ID.fullmatch(claim):
        claim = int(claim)
    if isinstance(claim, int) and not isinstance(claim, bool) and 0 < claim <= _LAST_ID:
        return claim
    raise _invalid("The token has no user_id: it has to be a positive integer.")


def _token_id(claim: object) -> str:
    if isinstance(claim, str) and _TOKEN_ID.fullmatch(claim):
        return claim
    raise _invalid("The token has no jti: it has to be a text of letters and digits.")


def _expires_at(claim: object) -> int:
    if isinstance(claim, int) and not isinstance(claim, bool) and 0 <= claim <= _LAST_SECOND:
        return claim
    raise _invalid("The token has no exp: it has to be in whole seconds since the epoch.")


def _invalid(detail: str) -> ClientError:
    return ClientError("token-invalid", detail)
