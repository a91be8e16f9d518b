"""The present moment, where the user is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pytlas_wamp import local_time


def in_zone(zone):
    return local_time.InZone(lambda: zone)


class TestNow:
    def test_is_in_the_zone_of_the_block(self):
        with in_zone(local_time.find_zone("Asia/Kathmandu")):
            assert local_time.now().utcoffset() == timedelta(hours=5, minutes=45)

    def test_is_the_present_moment(self):
        before = datetime.now(UTC)
        assert before <= local_time.now() <= datetime.now(UTC)

    def test_is_in_the_zone_of_the_machine_otherwise(self):
        assert local_time.now().utcoffset() == datetime.now(UTC).astimezone().utcoffset()
        with in_zone(local_time.find_zone("Asia/Kathmandu")), in_zone(None):
            assert local_time.now().utcoffset() == datetime.now(UTC).astimezone().utcoffset()

    def test_asks_for_the_zone_when_it_is_asked_itself(self):
        asked = []

        def find():
            asked.append("zone")
            return UTC

        with local_time.InZone(find):
            assert asked == []
            assert local_time.now().tzinfo is UTC
        assert asked == ["zone"]
        assert local_time.now().tzinfo is not UTC

    def test_forgets_the_zone_when_the_block_fails(self):
        with pytest.raises(RuntimeError), in_zone(UTC):
            raise RuntimeError
        assert local_time.now().tzinfo is not UTC


class TestFindZone:
    @pytest.mark.parametrize("name", ["", "Mars/Olympus", "../etc/passwd", "Europe", "a\0b"])
    def test_knows_no_zone_that_is_none(self, name):
        assert local_time.find_zone(name) is None
