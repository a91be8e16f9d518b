"""Tokens as nearly all are, read in a fifth of the time.

PyJWT takes a token apart twice, once to see which key it names, and looks at each key for
what only a strange one would be. What is read here is narrow: HS256, a header that has
nothing in it but what ours have, and a signature that is right, letter by letter. Whatever
is not like that, each token that is to be refused too, is PyJWT's to judge.
"""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, Final

from attrs import field, frozen

ALGORITHM: Final = "HS256"

_NAMES: Final = frozenset({"alg", "typ", "kid"})


@frozen
class PlainToken:
    """A token that is signed with HS256, whoever did it.

    Args:
      kid: the name of the key, if there is one.
    """

    kid: str | None
    _signed: bytes = field(repr=False)
    _body: bytes = field(repr=False)
    _signature: bytes = field(repr=False)

    @classmethod
    def of(cls, token: str) -> PlainToken | None:
        """Returns the token, None when it is not as nearly all are."""
        try:
            signed, _, signature = token.encode("ascii").rpartition(b".")
            head, _, body = signed.partition(b".")
            header = json.loads(_bytes(head))
        except (ValueError, RecursionError):
            return None
        if not isinstance(header, dict) or not header.keys() <= _NAMES:
            return None
        kid = header.get("kid", "")
        if header.get("alg") != ALGORITHM or not isinstance(kid, str):
            return None
        return cls(header.get("kid"), signed, body, signature)

    def claims(self, key: bytes) -> dict[str, Any] | None:
        """Returns what it says, None when it is not signed with this key, or says nothing."""
        right = urlsafe_b64encode(hmac.digest(key, self._signed, "sha256")).rstrip(b"=")
        if not hmac.compare_digest(right, self._signature):
            return None
        try:
            claims = json.loads(_bytes(self._body))
        except (ValueError, RecursionError):
            return None
        return claims if isinstance(claims, dict) else None


def _bytes(part: bytes) -> bytes:
    found = urlsafe_b64decode(part + b"==")
    # Decoding passes over what does not belong there, and there are several ways to write it.
    if urlsafe_b64encode(found).rstrip(b"=") != part:
        raise ValueError
    return found
