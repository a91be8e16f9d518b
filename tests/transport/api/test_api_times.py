"""Points in time as clients read them."""

from __future__ import annotations

import pytest

from pytlas_wamp.transport.api.times import written_time


class TestWrittenTimes:
    @pytest.mark.parametrize(
        ("seconds", "text"),
        [
            (0, "1970-01-01T00:00:00Z"),
            (1_800_000_000, "2027-01-15T08:00:00Z"),
            (1_800_000_000.9, "2027-01-15T08:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
            (None, None),
        ],
    )
    def test_are_in_utc_and_whole_seconds(self, seconds, text):
        assert written_time(seconds) == text
