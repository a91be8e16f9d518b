"""Headers: reading those of requests, and what every answer carries for safety and CORS.

CORS (spec 6.6) lets web pages of other origins read answers. Nothing here goes by cookies, so
it never allows credentials; a page needs a token in any case.
"""

# mypy: untyped-calls-exclude=twisted

from __future__ import annotations

import re
from typing import Final

from attrs import frozen
from twisted.web.http import datetimeToString
from twisted.web.http_headers import Headers

from pytlas_wamp.transport.replies import Reply, no_content

_ANY: Final = "*"

_STANDING: Final = {
    "Server": "pytlas-wamp",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    # Answers hold tokens, or say what is true right now; files say otherwise themselves.
    "Cache-Control": "no-store",
}

# What the original allows, so that web pages written for it go on working.
_METHODS: Final = "DELETE, GET, OPTIONS, PATCH, POST, PUT"
_HEADERS: Final = (
    "accept, accept-encoding, authorization, content-type, dnt, if-match, origin, user-agent, "
    "x-csrftoken, x-requested-with"
)
_MAX_AGE_SECONDS: Final = 86_400

# Readable by pages in addition to the few that always are.
_EXPOSED: Final = "ETag, Location, Retry-After, WWW-Authenticate"

_WEIGHT: Final = re.compile(r"q\s*=\s*([01](?:\.[0-9]{0,3})?)")


@frozen
class Origins:
    """The origins whose web pages may read answers.

    Args:
      allowed: each as browsers send it ("https://example.org"), or "*" for all.
    """

    allowed: frozenset[str]

    def headers(self, request_headers: Headers) -> dict[str, str]:
        """Returns the CORS headers of an answer."""
        origin = header_value(request_headers, "Origin") or ""
        if _ANY in self.allowed:
            return _allow(_ANY) if origin else {}
        # Caches must not give one origin what another got, nor what nobody asked for.
        varying = {"Vary": "Origin"}
        return _allow(origin) | varying if origin in self.allowed else varying


def header_values(headers: Headers, name: str) -> list[str]:
    """Returns all values of a header, whatever bytes a peer put there.

    Asked by a text, twisted.web raises on values that are not UTF-8.
    """
    values = headers.getRawHeaders(name.encode(), [])
    return [value.decode("latin-1").strip() for value in values]


def header_value(headers: Headers, name: str) -> str | None:
    """Returns the last value of a header, or None."""
    values = header_values(headers, name)
    return values[-1] if values else None


def prefers_gzip(headers: Headers) -> bool:
    """Whether a client likes gzip, and no less than the bare bytes (RFC 9110 12.5.3)."""
    weights = {}
    for entry in ",".join(header_values(headers, "Accept-Encoding")).lower().split(","):
        coding, _, weight = entry.partition(";")
        weights[coding.strip()] = _weight(weight.strip()) if weight else 1.0
    liking = weights.get("gzip", weights.get(_ANY, 0.0))
    return liking > 0 and liking >= weights.get("identity", 0.0)


def standing_headers(request_headers: Headers, origins: Origins) -> Headers:
    """Returns what every answer carries, whether good, bad or early."""
    fields = _STANDING | origins.headers(request_headers)
    headers = Headers({name: [value] for name, value in fields.items()})
    headers.setRawHeaders("Date", [datetimeToString()])
    return headers


def is_preflight(method: bytes, request_headers: Headers) -> bool:
    """Whether a browser asks what a page may send."""
    return method == b"OPTIONS" and request_headers.hasHeader("Access-Control-Request-Method")


def preflight() -> Reply:
    """Returns what a page may send; whether its origin may, the standing headers say."""
    return no_content(
        {
            "Access-Control-Allow-Methods": _METHODS,
            "Access-Control-Allow-Headers": _HEADERS,
            "Access-Control-Max-Age": str(_MAX_AGE_SECONDS),
        }
    )


def _weight(text: str) -> float:
    found = _WEIGHT.fullmatch(text)
    return 0.0 if found is None else float(found[1])


def _allow(origin: str) -> dict[str, str]:
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": _EXPOSED,
    }
