"""Limits: bounds that cannot be set to nonsense (spec 8)."""

from __future__ import annotations

import attrs
import pytest

from pytlas_wamp.limits import Limits

SMALLEST = {
    "max_message_bytes": 1_024,
    "max_depth": 4,
    "auth_deadline_seconds": 0.1,
    "max_held_frames": 1,
    "max_queued_messages": 1,
    "turn_deadline_seconds": 0.1,
    "ping_interval_seconds": 1,
    "ping_timeout_seconds": 1,
    "max_connections": 1,
    "max_http_body_bytes": 1_024,
    "max_skill_threads": 1,
    "max_waiting_turns": 0,
    "thread_wait_seconds": 0.1,
    "shutdown_grace_seconds": 0,
    "max_connections_per_user": 1,
    "max_connections_per_address": 1,
    "message_burst": 1,
    "message_rate_per_second": 0.1,
    "max_rate_warnings": 1,
    "max_outbound_bytes": 1_024,
    "max_frames_per_turn": 1,
    "max_frame_bytes": 1_024,
    "max_skill_threads_per_user": 1,
    "max_abandoned_threads": 1,
    "breaker_failures": 1,
    "breaker_seconds": 0.1,
    "max_resumed_frames": 1,
    "max_resumed_bytes": 1_024,
    "max_remembered_ids": 1,
    "max_unwritten_frames": 1,
    "conversation_idle_seconds": 1,
    "history_days": 1,
    "history_frames": 1,
}


class TestLimits:
    def test_every_limit_has_a_smallest_value(self):
        assert set(SMALLEST) == {attribute.name for attribute in attrs.fields(Limits)}

    @pytest.mark.parametrize(("name", "smallest"), SMALLEST.items())
    def test_the_smallest_value_is_accepted(self, name, smallest):
        assert getattr(Limits(**{name: smallest}), name) == smallest

    @pytest.mark.parametrize(("name", "smallest"), SMALLEST.items())
    def test_less_is_refused_by_name(self, name, smallest):
        with pytest.raises(ValueError, match=name):
            Limits(**{name: smallest - 0.01})

    @pytest.mark.parametrize("attribute", attrs.fields(Limits), ids=lambda field: field.name)
    def test_a_name_tells_unit_or_what_is_counted(self, attribute):
        units = ("_seconds", "_days", "_per_second", "_frames", "_failures", "_burst")
        assert attribute.name.startswith("max_") or attribute.name.endswith(units)

    def test_a_dead_peer_is_gone_within_a_minute(self):
        limits = Limits()
        assert limits.ping_interval_seconds + limits.ping_timeout_seconds < 60

    def test_limits_cannot_be_changed(self):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            Limits().max_depth = 1_000
