"""The codes of spec/errors.json as enums; a test holds both equal (spec 7)."""

from __future__ import annotations

from enum import Enum, StrEnum


class ErrorCode(StrEnum):
    """Codes of `error` frames (spec 7.1)."""

    MALFORMED_JSON = "malformed-json"
    NOT_AN_OBJECT = "not-an-object"
    TOO_DEEP = "too-deep"
    UNKNOWN_TYPE = "unknown-type"
    INVALID_MESSAGE = "invalid-message"
    ID_REUSED = "id-reused"
    QUESTION_GONE = "question-gone"
    AUTHENTICATION_FAILED = "authentication-failed"
    WRONG_USER = "wrong-user"
    BUSY = "busy"
    RATE_LIMITED = "rate-limited"
    SKILL_FAILED = "skill-failed"
    SKILL_TIMEOUT = "skill-timeout"
    SKILL_UNAVAILABLE = "skill-unavailable"
    INTERRUPTED = "interrupted"
    UNAVAILABLE = "unavailable"
    INTERNAL_ERROR = "internal-error"

    @property
    def retryable(self) -> bool:
        """Whether the same sentence can succeed if sent again (under which id: spec 5.3)."""
        return self in _RETRYABLE


_RETRYABLE = frozenset(
    {
        ErrorCode.BUSY,
        ErrorCode.RATE_LIMITED,
        ErrorCode.SKILL_FAILED,
        ErrorCode.SKILL_TIMEOUT,
        ErrorCode.SKILL_UNAVAILABLE,
        ErrorCode.INTERRUPTED,
        ErrorCode.UNAVAILABLE,
        ErrorCode.INTERNAL_ERROR,
    }
)


class Ending(Enum):
    """Why the server closes a connection: close code and reason (spec 7.2).

    1000 means "your credentials are no good" and nothing else: the clients of the
    original server reconnect for ever on any other code.
    """

    AUTHENTICATION_EXPECTED = (1000, "authentication-expected")
    AUTHENTICATION_FAILED = (1000, "authentication-failed")
    AUTHENTICATION_TIMEOUT = (1000, "authentication-timeout")
    AUTHENTICATION_EXPIRED = (1000, "authentication-expired")
    AUTHENTICATION_REVOKED = (1000, "authentication-revoked")
    ACCOUNT_DISABLED = (1000, "account-disabled")
    TOO_MANY_FRAMES = (1000, "too-many-frames")
    SHUTDOWN = (1001, "shutdown")
    PROTOCOL_ERROR = (1002, "protocol-error")
    BINARY = (1003, "binary")
    NOT_UTF8 = (1007, "not-utf8")
    FLOODING = (1008, "flooding")
    TOO_BIG = (1009, "too-big")
    INTERNAL_ERROR = (1011, "internal-error")
    SLOW_READER = (1013, "slow-reader")
    TOO_MANY_CONNECTIONS = (1013, "too-many-connections")
    UNAVAILABLE = (1013, "unavailable")

    @property
    def close_code(self) -> int:
        """The WebSocket close code."""
        return self.value[0]

    @property
    def reason(self) -> str:
        """The machine-readable close reason."""
        return self.value[1]
