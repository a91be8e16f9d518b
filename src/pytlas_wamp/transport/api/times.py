"""Points in time as the API writes them (spec 6.9)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import overload


@overload
def written_time(seconds: float) -> str: ...


@overload
def written_time(seconds: None) -> None: ...


def written_time(seconds: float | None) -> str | None:
    """Returns seconds since the epoch as "2026-11-23T04:30:00Z" (RFC 3339, UTC), None as None."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
