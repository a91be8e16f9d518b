"""Refusals as documents of RFC 9457, `application/problem+json` (spec 6.5).

The codes, with their statuses, are those under `problems` of spec/errors.json; a
test holds both equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
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
        "token-missing": (401, "Missing token"),
        "token-invalid": (401, "Invalid token"),
        "token-expired": (401, "Expired token"),
        "token-revoked": (401, "Revoked token"),
        "account-disabled": (401, "Disabled account"),
        "forbidden": (403, "Forbidden"),
        "not-enabled": (403, "Not enabled"),
        "wrong-password": (403, "Wrong password"),
        "wrong-code": (403, "Wrong code"),
        "not-found": (404, "Not found"),
        "method-not-allowed": (405, "Method not allowed"),
        "name-taken": (409, "Name taken"),
        "last-admin": (409, "Last administrator"),
        "setup-done": (409, "Setup done"),
        "job-running": (409, "Job running"),
        "precondition-failed": (412, "Precondition failed"),
        "payload-too-large": (413, "Payload too large"),
        "unsupported-media-type": (415, "Unsupported media type"),
        "weak-password": (422, "Weak password"),
        "upgrade-required": (426, "Upgrade required"),
        "rate-limited": (429, "Too many requests"),
        "internal-error": (500, "Internal error"),
        "unavailable": (503, "Unavailable"),
    }
)

# A database that restarts or a full queue of work is usually back by then.
_RETRY_AFTER_SECONDS: Final = 5

_UNAUTHORIZED: Final = 401
_PASSES: Final = frozenset({"rate-limited", "unavailable"})

# RFC 6750 3: `error` is for requests that came with a token.
_CHALLENGES: Final[Mapping[str, str]] = MappingProxyType(
    dict.fromkeys(("authentication-failed", "token-missing"), 'Bearer realm="pytlas"')
)
_DOUBT: Final = 'Bearer realm="pytlas", error="invalid_token"'

_log = Logger()


def problem(
    code: str,
    detail: str,
    headers: Mapping[str, str] | None = None,
    *,
    field: str | None = None,
    retry_after: float | None = None,
) -> Reply:
    """Returns the refusal with this code.

    Args:
      code: a key of `PROBLEMS`.
      detail: a sentence that names what was wrong and what would be right.
      headers: further ones; those that the status calls for come by themselves.
      field: which field of the request it is about, if it is about one.
      retry_after: seconds until it may work.
    """
    status, title = PROBLEMS[code]
    document: dict[str, str | int] = {
        "type": f"/spec/errors.json#{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if field is not None:
        document["field"] = field
    reply = json_reply(document, content_type=CONTENT_TYPE)
    called_for = _called_for(code, status, retry_after)
    return evolve(reply, status=status, headers=called_for | dict(headers or {}))


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
        return problem(error.code, error.detail, field=error.field, retry_after=error.retry_after)
    code = str(getattr(error, "code", None))
    if isinstance(error, OperatorError) and code in PROBLEMS:
        return problem(code, str(error))  # the peer can mend it as well as the operator
    if isinstance(error, OperatorError):
        # Its text is for the operator, and may name paths and databases.
        _log.error("An HTTP request could not be served: {reason}", reason=str(error))
        return unavailable()
    _log.failure("An HTTP request failed.", failure=failure)
    return internal_error()


def _called_for(code: str, status: int, retry_after: float | None) -> dict[str, str]:
    if status == _UNAUTHORIZED:
        return {"WWW-Authenticate": _CHALLENGES.get(code, _DOUBT)}
    if code in _PASSES:
        seconds = _RETRY_AFTER_SECONDS if retry_after is None else retry_after
        return {"Retry-After": str(max(1, ceil(seconds)))}
    return {}
