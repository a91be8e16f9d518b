"""The two families of errors, told apart by whose fault they are.

PytlasWampError
├── ClientError        the peer did wrong; carries the code the peer is told
└── OperatorError      the person who runs the server can mend it; the text is for them
    └── ConfigError    several problems of the configuration, all at once

Anything else that is raised is a bug of ours: it is logged with its trace, and
the peer learns no more than `internal-error` (spec 7.3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class PytlasWampError(Exception):
    """Root of all errors raised on purpose; never raised itself."""


class ClientError(PytlasWampError):
    """The peer sent something that cannot be accepted.

    Args:
      code: one of the codes in spec/errors.json.
      detail: a sentence that names what was wrong and what would be right.
      field: the field of the request that it is about, if it is about one.
      retry_after: seconds until it may work; None when waiting does not help.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        field: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.field = field
        self.retry_after = retry_after


class OperatorError(PytlasWampError):
    """Something the operator can mend; `str()` is one line to show them."""


class ConfigError(OperatorError):
    """The configuration has problems.

    Args:
      problems: one sentence each, naming section, key, value and what would be valid.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)
