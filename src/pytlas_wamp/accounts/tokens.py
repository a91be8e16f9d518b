"""Signs and reads tokens: JWT, HS256, with the claims of the original server (spec 6.1).

A token of the original, signed with the same secret or with one that was imported, is
accepted (spec 6.18). Ours say also which login they belong to (`sid`), and in their header
which key signed them (`kid`), once there is another one than the configured secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

import jwt
from attrs import field, frozen

from pytlas_wamp.accounts.keyring import Keyring
from pytlas_wamp.accounts.model import SigningKey
from pytlas_wamp.errors import ClientError, OperatorError

if TYPE_CHECKING:
    from jwt.types import Options

TokenKind = Literal["access", "refresh", "operator"]

ALGORITHM: Final = "HS256"

MAX_TOKEN_CHARACTERS = 4096  # ours have about 330; room for claims of later versions

DEVICE_LIFETIME_SECONDS = 315_360_000  # ten years: nobody signs in at a box on the shelf
OPERATOR_LIFETIME_SECONDS = 60  # the command line asks at once

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
      refresh_id: the id of the refresh token.
      expires_at: seconds since the epoch, when the one that is good for longer ends.
    """

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    refresh_id: str
    expires_at: int


@frozen(kw_only=True)
class Claims:
    """What a token says that was signed with a key of ours.

    Args:
      kind: "access", "refresh" or "operator".
      user_id: whose it is, 0 for an operator's; in an imported one, the original's id.
      token_id: by which it can be revoked.
      expires_at: its own end, in seconds since the epoch; it is accepted for a bit longer.
      login_id: the login it belongs to, None for those of earlier versions.
      imported: whether it was signed with a key of the original server.
    """

    kind: TokenKind
    user_id: int
    token_id: str
    expires_at: int
    login_id: str | None = None
    imported: bool = False


@frozen
class Tokens:
    """Issues and reads tokens; safe to use from any thread.

    Args:
      secret: signs until there is another key; who knows it can be anybody.
      now: returns seconds since the epoch.
      make_id: returns a new id, 32 hexadecimal digits that nobody can guess.
      access_lifetime_seconds: how long an access token is good.
      refresh_lifetime_seconds: how long a refresh token is good.
      leeway_seconds: for how long after its end a token is still accepted.
      keys: returns the keys beside the secret, newest first; asked at each use, so that
        every process sees a new one at once.
      device_lifetime_seconds: how long the token of a device is good.

    Raises:
      OperatorError: when nothing can be signed with the secret.
    """

    _secret: str = field(repr=False)
    _now: Callable[[], float]
    _make_id: Callable[[], str]
    _access_lifetime_seconds: int
    _refresh_lifetime_seconds: int
    _leeway_seconds: int = 0
    _keys: Callable[[], Sequence[SigningKey]] = tuple
    _device_lifetime_seconds: int = DEVICE_LIFETIME_SECONDS

    def __attrs_post_init__(self) -> None:
        """Finds out now whether the secret is of any use."""
        check_secret(self._secret)

    def issue(self, user_id: int, login_id: str | None = None) -> TokenPair:
        """Returns a new pair for this person, and this login if there is one."""
        ends = (
            self.now() + self._access_lifetime_seconds,
            self.now() + self._refresh_lifetime_seconds,
        )
        access_id, refresh_id = self.new_id(), self.new_id()
        owner: dict[str, object] = {"user_id": user_id}
        if login_id is not None:
            owner["sid"] = login_id
        return TokenPair(
            access=self._signed("access", ends[0], access_id, owner),
            refresh=self._signed("refresh", ends[1], refresh_id, owner),
            refresh_id=refresh_id,
            expires_at=max(ends),
        )

    def issue_device(self, user_id: int, login_id: str) -> tuple[str, int]:
        """Returns an access token for a device, and when it ends."""
        end = self.now() + self._device_lifetime_seconds
        owner = {"user_id": user_id, "sid": login_id}
        return self._signed("access", end, self.new_id(), owner), end

    def issue_operator(self) -> str:
        """Returns a token that proves, for a minute, that its bearer can read the keys."""
        return self._signed("operator", self.now() + OPERATOR_LIFETIME_SECONDS, self.new_id(), {})

    def read(self, token: object, kind: TokenKind | None, *, expired_too: bool = False) -> Claims:
        """Returns what the token says.

        Args:
          token: as the peer sent it, of whatever type.
          kind: what it has to be; None accepts those that persons have.
          expired_too: accept it also when its time is over.

        Raises:
          ClientError: `token-invalid` or `token-expired`; the detail says what is wrong.
        """
        claims = _claims(*self._payload(token))
        if claims.kind != kind and (kind is not None or claims.kind == "operator"):
            raise _invalid(
                f"This is a token of type {claims.kind}, "
                f"but {kind or 'access or refresh'} is needed."
            )
        if not expired_too and self.accepted_until(claims) <= self.now():
            raise ClientError("token-expired", "The token has expired: sign in again.")
        return claims

    def now(self) -> int:
        """Returns the present second since the epoch."""
        return int(self._now() // 1)

    def new_id(self) -> str:
        """Returns an id that nobody can guess, for a token, a login or a key."""
        return self._make_id()

    def accepted_after(self) -> int:
        """Returns the second since the epoch after which a token has to end to be accepted now."""
        return self.now() - self._leeway_seconds

    def accepted_until(self, claims: Claims) -> int:
        """Returns the second since the epoch from which on a token is refused (spec 6.18)."""
        return claims.expires_at + self._leeway_seconds

    def last_end(self) -> int:
        """Returns when a pair ends that is issued now, in seconds since the epoch."""
        return self.now() + max(self._access_lifetime_seconds, self._refresh_lifetime_seconds)

    def _keyring(self) -> Keyring:
        return Keyring(self._secret, self._keys(), self.accepted_after())

    def _signed(
        self, kind: TokenKind, expires_at: int, token_id: str, owner: Mapping[str, object]
    ) -> str:
        kid, secret = self._keyring().signing()
        claims = {"token_type": kind, "exp": expires_at, "jti": token_id, **owner}
        headers = None if kid is None else {"kid": kid}
        return jwt.encode(claims, _padded(secret), algorithm=ALGORITHM, headers=headers)

    def _payload(self, token: object) -> tuple[dict[str, Any], bool]:
        """What a token says, and whether it was signed with an imported key."""
        if not isinstance(token, str) or not token:
            raise _invalid("The token has to be a text that is not empty.")
        if len(token) > MAX_TOKEN_CHARACTERS:
            raise _invalid(f"The token is longer than {MAX_TOKEN_CHARACTERS} characters.")
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            for secret, imported in self._candidates(kid):
                payload = _verified(token, secret)
                # The original knew no logins: this cannot be one of its tokens.
                if payload is not None and not (imported and payload.get("sid") is not None):
                    return payload, imported
        except jwt.InvalidAlgorithmError as error:
            raise _invalid(f"The token is not signed with {ALGORITHM}.") from error
        except (jwt.PyJWTError, ValueError, RecursionError) as error:
            raise _invalid("This is not a token: three parts with dots between.") from error
        raise _invalid("The token's signature is not ours.")

    def _candidates(self, kid: str | None) -> Iterable[tuple[str, bool]]:
        if kid is None:
            return self._keyring().unnamed()
        secret = self._keyring().named(kid)
        return [] if secret is None else [(secret, False)]


def check_secret(secret: str) -> None:
    """Refuses what cannot sign; raises OperatorError."""
    try:
        jwt.encode({}, _padded(secret), algorithm=ALGORITHM)
    except (jwt.InvalidKeyError, UnicodeEncodeError) as error:
        raise OperatorError(_NOT_A_KEY) from error
    if not secret:
        raise OperatorError(_NOT_A_KEY)


def _padded(secret: str) -> bytes:
    return secret.encode().ljust(_UNWARNED_KEY_BYTES, b"\0")


def _verified(token: str, secret: str) -> dict[str, Any] | None:
    try:
        return jwt.decode(token, _padded(secret), algorithms=[ALGORITHM], options=_OPTIONS)
    except (jwt.InvalidSignatureError, jwt.InvalidKeyError, UnicodeEncodeError):
        return None


def _claims(payload: dict[str, Any], imported: bool) -> Claims:  # noqa: FBT001 - as it comes
    kind = _kind(payload.get("token_type"))
    if kind == "operator" and imported:
        raise _invalid("The original server had no operators' tokens.")
    return Claims(
        kind=kind,
        user_id=0 if kind == "operator" else _user_id(payload.get("user_id")),
        token_id=_token_id(payload.get("jti"), "jti"),
        expires_at=_expires_at(payload.get("exp")),
        login_id=None if payload.get("sid") is None else _token_id(payload["sid"], "sid"),
        imported=imported,
    )


def _kind(claim: object) -> TokenKind:
    if claim == "access":
        return "access"
    if claim == "refresh":
        return "refresh"
    if claim == "operator":
        return "operator"
    raise _invalid("The token has no token_type: it has to be access or refresh.")


def _user_id(claim: object) -> int:
    # The original accepts digits in a text, so somebody may have made such tokens.
    if isinstance(claim, str) and _ID.fullmatch(claim):
        claim = int(claim)
    if isinstance(claim, int) and not isinstance(claim, bool) and 0 < claim <= _LAST_ID:
        return claim
    raise _invalid("The token has no user_id: it has to be a positive integer.")


def _token_id(claim: object, name: str) -> str:
    if isinstance(claim, str) and _TOKEN_ID.fullmatch(claim):
        return claim
    raise _invalid(f"The token has no {name}: it has to be a text of letters and digits.")


def _expires_at(claim: object) -> int:
    if isinstance(claim, int) and not isinstance(claim, bool) and 0 <= claim <= _LAST_SECOND:
        return claim
    raise _invalid("The token has no exp: it has to be in whole seconds since the epoch.")


def _invalid(detail: str) -> ClientError:
    return ClientError("token-invalid", detail)
