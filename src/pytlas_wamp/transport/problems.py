"""Refusals as documents of RFC 9457, `application/problem+json`.

The codes, with their statuses, are those under `problems` of spec/errors.json; a
test holds both equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from attrs import evolve
from twisted.logger import Logger
from twisted.python.failure import Failure

from pytlas_wamp.errors import ClientError, OperatorError
from pytlas_wamp.transport.replies import Reply, json_reply

CONTENT_TYPE: Final = "application/problem+json"

# Every code with its status and its title, which never changes; the detail does.
PROBLEMS: Final[Mapping[str, tuple[int, str]]] = MappingProxyType(
    {
        "malformed-json": (400, "Malformed JSON"),
        "invalid-request": (400, "Invalid request"),
        "authentication-failed": (401, "Authentication failed"),
        "token-invalid": (401, "Invalid token"),
        "token-expired": (401, "Expired token"),
        "token-revoked": (401, "Revoked token"),
        "account-disabled": (401, "Disabled account"),
        "not-found": (404, "Not found"),
        "method-not-allowed": (405, "Method not allowed"),
        "payload-too-large": (413, "Payload too large"),
        "unsupported-media-type": (415, "Unsupported media type"),
        "upgrade-required": (426, "Upgrade required"),
        "internal-error": (500, "Internal error"),
        "unavailable": (503, "Unavailable"),
    }
)

# A database that restarts or a full queue of work is usually back by then.
_RETRY_AFTER_SECONDS: Final = 5

_UNAUTHORIZED: Final = 401

# RFC 6750 3: `error` is for requests that came with a token; who signs in has none yet.
_CHALLENGES: Final[Mapping[str, str]] = MappingProxyType(
    {"authentication-failed": 'Bearer realm="pytlas"'}
)
_DOUBT: Final = 'Bearer realm="pytlas", error="invalid_token"'

_log = Logger()


def problem(code: str, detail: str, headers: Mapping[str, str] | None = None) -> Reply:
    """Returns the refusal with this code.

    Args:
      code: a key of `PROBLEMS`.
      detail: a sentence that names what was wrong and what would be right.
      headers: further ones; those that the status calls for come by themselves.
    """
    status, title = PROBLEMS[code]
    document = {
        "type": f"/spec/errors.json#{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
    }
    reply = json_reply(document, content_type=CONTENT_TYPE)
    return evolve(reply, status=status, headers=_called_for(code, status) | dict(headers or {}))


def internal_error() -> Reply:
    """Returns the refusal for a fault of ours; what it was stands in the log only."""
    return problem("internal-error", "The server made a mistake; its log says more.")


def unavailable() -> Reply:
    """Returns the refusal for what works again later."""
    return problem(
        "unavailable", "Something the server needs cannot be reached right now: try again later."
    )


def refusal(failure: Failure) -> Reply:
    """Returns how a request is refused that ended in an error, and logs what is not the peer's."""
    error = failure.value
    if isinstance(error, ClientError) and error.code in PROBLEMS:
        return problem(error.code, error.detail)
    if isinstance(error, OperatorError):
        # Its text is for the operator, and may name paths and databases.
        _log.error("An HTTP request could not be served: {reason}", reason=str(error))
        return unavailable()
    _log.failure("An HTTP request failed.", failure=failure)
    return internal_error()


def _called_for(code: str, status: int) -> dict[str, str]:
    if status == _UNAUTHORIZED:
        return {"WWW-Authenticate": _CHALLENGES.get(code, _DOUBT)}
    if code == "unavailable":
        return {"Retry-After": str(_RETRY_AFTER_SECONDS)}
    return {}
